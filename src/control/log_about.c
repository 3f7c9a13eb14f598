#include "control/log_about.h"

#include "base/text.h"

void
log_about(const struct session *s)
{
    struct log_about *about = &s->router->log_about;

    about->session = s->connection;
    text_copy(about->user, sizeof(about->user), s->user);
    text_copy(about->source, sizeof(about->source), s->peer_text);
}

static bool
is_address(const char *text)
{
    struct config_address address;

    return config_address_parse_ipv4(span_text(text), &address) == OK ||
           config_address_parse_ipv6(span_text(text), &address) == OK;
}

void
log_about_source(struct router *r, const char *source)
{
    if (is_address(source))
        text_copy(r->log_about.source, sizeof(r->log_about.source), source);
}

struct log_about
log_about_take(struct router *r)
{
    struct log_about about = r->log_about;

    r->log_about = (struct log_about){0};
    return about;
}
