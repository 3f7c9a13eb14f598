#include "control/grant.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/text.h"
#include "control/judge.h"

#define ATTRIBUTES_MAX   65536
#define LEVEL_MAX        15
#define MINUTES_MAX      35791 /* as of exec-timeout */
#define SERVICE_ADMIN    6     /* RFC 2865 section 5.6 */
#define SERVICE_PROMPT   7
#define PRIVILEGE_PROMPT 1

struct grant {
    struct config_method method;
    char *group; /* the method's; owned */
    struct buf attributes;
    bool refused;
    char *autocommand; /* owned; NULL: none */
    bool nohangup;
    bool has_idle, has_stay;
    uint32_t idle_min, stay_min;
};

/* --- life --------------------------------------------------------------- */

void
grant_end(struct session *s)
{
    struct grant *g = s->grant;

    if (g == NULL)
        return;
    s->grant = NULL;
    buf_clear(&g->attributes);
    free(g->group);
    free(g->autocommand);
    free(g);
}

void
grant_begin(struct session *s, const struct method_result *by)
{
    struct grant *g = alloc_zero(1, sizeof(*g));

    grant_end(s);
    g->method.kind = by->method.kind;
    g->group = text_dup_span(by->method.group);
    g->method.group = span_text(g->group);
    buf_init(&g->attributes, ATTRIBUTES_MAX);
    buf_put_span(&g->attributes, by->attributes);
    s->grant = g;
    s->privilege = session_privilege(s, NULL);
}

struct config_method
grant_method(const struct session *s)
{
    struct config_method none = {.kind = CONFIG_METHOD_NONE};

    return s->grant == NULL ? none : s->grant->method;
}

struct span
grant_attributes(const struct session *s)
{
    return s->grant == NULL ? SPAN_EMPTY : buf_span(&s->grant->attributes);
}

const char *
grant_exec_methods(const struct session *s)
{
    const struct config *config = &s->router->config;
    const struct config_methods *m;

    /* Who goes to a line gets none. */
    if (!config->aaa.new_model || s->target.kind != LINE_TARGET_NONE ||
        (s->kind == SESSION_CONSOLE && !config->aaa.authorize_console))
        return NULL;
    m = config_methods_for(config, session_line(s), CONFIG_AAA_EXEC, 0);
    return m == NULL ? NULL : m->methods;
}

/* --- what is granted ---------------------------------------------------- */

/* What was read of the attributes so far. */
struct reading {
    struct session *session;
    bool strict;  /* what is not known and not optional refuses the login */
    bool leveled; /* priv-lvl was there */
};

/* An attribute: its name without the service, and its value. */
struct attribute {
    struct span name, value;
    bool foreign;   /* of another service than this one */
    bool mandatory; /* `=`, not `*` (RFC 8907 section 6.1) */
};

static bool
split(struct span text, struct attribute *a)
{
    size_t end = 0, begin = 0;

    while (end < text.len && text.ptr[end] != '=' && text.ptr[end] != '*') {
        if (text.ptr[end] == ':')
            begin = end + 1;
        end++;
    }
    if (end == text.len)
        return false;
    a->foreign = begin > 0 && !span_is(span_of(text.ptr, begin), "shell:");
    a->mandatory = text.ptr[end] == '=';
    a->name = span_of(text.ptr + begin, end - begin);
    a->value = span_of(text.ptr + end + 1, text.len - end - 1);
    return true;
}

static bool
take_level(struct reading *r, struct span value)
{
    uint64_t level;

    if (r->leveled || text_number(value, LEVEL_MAX, &level) != OK)
        return false;
    r->leveled = true;
    r->session->privilege = (unsigned)level;
    return true;
}

/* A level that is given outright counts more. */
static bool
take_service_type(struct reading *r, struct span value)
{
    uint64_t type;

    if (text_number(value, UINT32_MAX, &type) != OK)
        return false;
    if (!r->leveled && type == SERVICE_ADMIN)
        r->session->privilege = LEVEL_MAX;
    else if (!r->leveled && type == SERVICE_PROMPT)
        r->session->privilege = PRIVILEGE_PROMPT;
    return true;
}

static bool
take_minutes(struct span value, bool *has, uint32_t *minutes)
{
    uint64_t number;

    if (text_number(value, MINUTES_MAX, &number) != OK)
        return false;
    *has = true;
    *minutes = (uint32_t)number;
    return true;
}

/* A line that could be typed: control characters are in none. */
static bool
take_autocommand(struct grant *g, struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < ' ' || value.ptr[i] == 0x7f)
            return false;
    if (value.len > SESSION_AUTOCOMMAND_MAX)
        return false;
    free(g->autocommand);
    g->autocommand = value.len == 0 ? NULL : text_dup_span(value);
    return true;
}

/* False: the login cannot go on with it. */
static bool
take_attribute(struct reading *r, const struct attribute *a)
{
    struct grant *g = r->session->grant;

    if (a->foreign)
        return true;
    if (span_is(a->name, "priv-lvl"))
        return take_level(r, a->value);
    if (span_is(a->name, "service-type"))
        return take_service_type(r, a->value);
    if (span_is(a->name, "autocmd"))
        return take_autocommand(g, a->value);
    if (span_is(a->name, "timeout"))
        return take_minutes(a->value, &g->has_stay, &g->stay_min);
    if (span_is(a->name, "idletime"))
        return take_minutes(a->value, &g->has_idle, &g->idle_min);
    if (span_is(a->name, "nohangup")) {
        g->nohangup = span_is(a->value, "true");
        return true;
    }
    /* Of what was asked the service comes back. */
    return !r->strict || !a->mandatory || span_is(a->name, "service") ||
           (span_is(a->name, "cmd") && a->value.len == 0);
}

static bool
take_attributes(struct session *s, const struct method_result *result)
{
    struct reading r = {.session = s, .strict = result->strict};
    struct reader attributes = reader_over(result->attributes);

    while (attributes.left > 0) {
        struct span text = read_string(&attributes);
        struct attribute a;

        if (!read_ok(&attributes))
            return false;
        if (split(text, &a) && !take_attribute(&r, &a))
            return false;
    }
    return true;
}

/* What `username` says; he may have been removed meanwhile. */
static bool
take_local(struct session *s)
{
    const struct config_user *user = judge_user(s->router, span_text(s->user));
    struct grant *g = s->grant;

    if (user == NULL)
        return false;
    s->privilege = session_privilege(s, user);
    g->nohangup = user->nohangup;
    if (user->autocommand != NULL)
        g->autocommand = text_dup(user->autocommand);
    return true;
}

bool
grant_take(struct session *s, const struct method_result *result)
{
    if (result->outcome != METHOD_PASS) {
        s->grant->refused = true;
        s->privilege = 0;
        return true;
    }
    if (result->method.kind == CONFIG_METHOD_LOCAL)
        return take_local(s);
    return result->method.kind != CONFIG_METHOD_GROUP ||
           take_attributes(s, result);
}

bool
grant_refuses(const struct session *s)
{
    return s->grant != NULL && s->grant->refused;
}

/* --- what it is --------------------------------------------------------- */

const char *
grant_autocommand(const struct session *s, bool *nohangup)
{
    const struct config_user *user;

    *nohangup = false;
    if (s->grant != NULL) {
        *nohangup = s->grant->nohangup;
        return s->grant->autocommand;
    }
    user = judge_user(s->router, span_text(s->user));
    if (user == NULL || user->autocommand == NULL)
        return NULL;
    *nohangup = user->nohangup;
    return user->autocommand;
}

unsigned
grant_idle_s(const struct session *s)
{
    const struct config_line *line = session_line(s);

    if (s->grant != NULL && s->grant->has_idle)
        return s->grant->idle_min * 60;
    return line->exec_timeout_min * 60 + line->exec_timeout_s;
}

unsigned
grant_stay_min(const struct session *s)
{
    if (s->grant != NULL && s->grant->has_stay)
        return s->grant->stay_min;
    return session_line(s)->absolute_timeout;
}
