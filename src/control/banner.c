#include "control/banner.h"

#include "control/router.h"

/* The value of the token at `text`, and its length; 0: there is no token. */
static size_t
put_token(struct buf *to, const struct session *s, const char *text)
{
    static const char *const names[] = {"$(hostname)", "$(domain)", "$(line)",
                                        "$(line-desc)"};
    const struct config *config = &s->router->config;
    size_t which = 0, len = 0;

    while (which < sizeof(names) / sizeof(names[0])) {
        len = strlen(names[which]);
        if (strncmp(text, names[which], len) == 0)
            break;
        which++;
    }
    switch (which) {
    case 0:
        buf_printf(to, "%s", config->hostname);
        return len;
    case 1:
        if (config->domain_name != NULL)
            buf_printf(to, "%s", config->domain_name);
        return len;
    case 2:
        buf_printf(to, "%u", s->line);
        return len;
    case 3:
        if (session_line(s)->location != NULL)
            buf_printf(to, "%s", session_line(s)->location);
        return len;
    default:
        return 0;
    }
}

void
banner_put(struct buf *to, const struct session *s, const char *text)
{
    if (text == NULL)
        return;
    while (*text != '\0' && buf_ok(to)) {
        size_t plain = strcspn(text, "$");
        size_t token;

        buf_put(to, text, plain);
        text += plain;
        if (*text == '\0')
            break;
        token = put_token(to, s, text);
        if (token == 0) {
            buf_put(to, "$", 1);
            token = 1;
        }
        text += token;
    }
}

bool
banner_shows_motd(const struct config_line *line)
{
    return line->exec_banner && line->motd_banner;
}
