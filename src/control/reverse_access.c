#include "control/reverse_access.h"

#include <stdio.h>

#include "base/reader.h"
#include "base/text.h"
#include "control/tty_plans.h"
#include "ipc/aaa.h"

#define ANY "any"

static const struct config_methods *
methods_of(const struct config *config, unsigned tty)
{
    const struct config_tty *settings = tty_number_settings(config, tty);

    if (settings == NULL || !config->aaa.new_model)
        return NULL;
    return config_methods_for(config, &settings->line,
                              CONFIG_AAA_REVERSE_ACCESS, 0);
}

enum reverse_right
reverse_access_of(const struct reverse_access *access,
                  const struct config *config, unsigned tty)
{
    if (methods_of(config, tty) == NULL)
        return REVERSE_BY_NAME;
    for (size_t i = 0; i < access->count; i++)
        if (access->answers[i].tty == tty)
            return access->answers[i].permitted ? REVERSE_PERMITTED
                                                : REVERSE_REFUSED;
    return access->count < REVERSE_ACCESS_MAX ? REVERSE_TO_ASK
                                              : REVERSE_REFUSED;
}

/* --- what servers say --------------------------------------------------- */

/* "router/tty7", "tty7", "any/any": is it this line of this router? */
static bool
is_the_line(const struct session *s, unsigned line, struct span value)
{
    const char *host = s->router->config.hostname;
    char name[16];
    size_t slash = 0;

    snprintf(name, sizeof(name), "tty%u", line);
    while (slash < value.len && value.ptr[slash] != '/')
        slash++;
    if (slash < value.len) {
        struct span of = span_of(value.ptr, slash);

        if (!span_is(of, ANY) && !span_equal(of, span_text(host)))
            return false;
        value = span_of(value.ptr + slash + 1, value.len - slash - 1);
    }
    return span_is(value, ANY) || span_is(value, name);
}

/* "port#1", and what RADIUS says for it: "raccess:port#1". */
static bool
is_a_port(struct span name, bool strict)
{
    static const char service[] = "raccess:", port[] = "port";
    size_t skipped = strict ? 0 : sizeof(service) - 1;

    if (name.len < skipped + sizeof(port) - 1 ||
        memcmp(name.ptr, service, skipped) != 0)
        return false;
    name = span_of(name.ptr + skipped, name.len - skipped);
    return memcmp(name.ptr, port, sizeof(port) - 1) == 0 &&
           (name.len == sizeof(port) - 1 || name.ptr[sizeof(port) - 1] == '#');
}

/*
 * The ports that he may have. TACACS+ has agreed to this line, unless it names
 * others; with RADIUS there is but the login's answer, which has to name it.
 */
static bool
names_the_line(const struct session *s, unsigned line,
               const struct method_result *result)
{
    struct reader attributes = reader_over(result->attributes);
    bool named = false, other = false;

    while (attributes.left > 0) {
        struct span text = read_string(&attributes);
        size_t end = 0;

        if (!read_ok(&attributes))
            return false;
        while (end < text.len && text.ptr[end] != '=' && text.ptr[end] != '*')
            end++;
        if (end == text.len)
            continue;
        if (!is_a_port(span_of(text.ptr, end), result->strict)) {
            /* What must be obeyed and is not known leads nowhere. */
            if (result->strict && text.ptr[end] == '=' &&
                !span_is(span_of(text.ptr, end), "service"))
                return false;
            continue;
        }
        if (is_the_line(s, line,
                        span_of(text.ptr + end + 1, text.len - end - 1)))
            named = true;
        else
            other = true;
    }
    return named || (result->strict && !other);
}

static void
on_done(void *owner, const struct method_result *result)
{
    struct reverse_access *access = owner;
    struct session *s = access->session;
    bool permitted = result->outcome == METHOD_PASS;

    if (permitted && result->method.kind == CONFIG_METHOD_GROUP)
        permitted = names_the_line(s, access->line, result);
    access->answers[access->count].tty = access->tty;
    access->answers[access->count++].permitted = permitted;
    if (!access->asking)
        access->answered(access->owner);
}

/* --- asking ------------------------------------------------------------- */

bool
reverse_access_ask(struct reverse_access *access, struct session *s,
                   unsigned tty, uint32_t line)
{
    static const struct method_events events = {.done = on_done};
    struct method_request request = {
        .session = s,
        .methods = methods_of(&s->router->config, tty)->methods,
        .service = METHOD_REVERSE_ACCESS,
        .user = span_text(s->user)};
    size_t known = access->count;
    struct buf arguments;

    access->session = s;
    access->tty = tty;
    access->line = line;
    buf_init(&arguments, AAA_ARGUMENTS_MAX);
    aaa_argument_put(&arguments, "service", "raccess");
    aaa_argument_put(&arguments, "port#1", "tty%u", line);
    request.arguments = buf_span(&arguments);
    access->asking = true;
    method_authorize(&request, &events, access, &access->walk);
    access->asking = false;
    buf_clear(&arguments);
    return access->count > known;
}

void
reverse_access_end(struct reverse_access *access)
{
    method_stop(&access->walk);
}
