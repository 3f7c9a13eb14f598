#include "control/accounting.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/text.h"
#include "config/aaa.h"
#include "control/aaa_plan.h"
#include "control/aaa_servers.h"
#include "control/accounting_arguments.h"
#include "control/grant.h"
#include "control/journal.h"
#include "control/line_target.h"

#define RECORDS_MAX 4096  /* that have not been taken yet */
#define FINISH_MS   3000  /* for those that are left when the router ends */
#define LOOK_MS     10000 /* from one look at what goes on to the next */
#define MS_PER_MIN  60000
#define CLASS       "class="

/* One that no server has taken yet: a copy of all that it says. */
struct record {
    struct list node;
    struct router *router;
    enum aaa_accounting what;
    enum aaa_method method; /* how the user came in */
    char *groups;           /* as config_methods.methods; owned */
    struct span rest;       /* of them: to be asked if this one is silent */
    unsigned level;
    bool of_command; /* RADIUS has no such records */
    char user[SSH_USER_MAX + 1];
    char port[16], remote[NET_TEXT_MAX];
    struct buf arguments;
    struct buf class; /* what RADIUS wants back */
};

struct accounting {
    uv_timer_t timer; /* when the router ends */
    uv_timer_t look;  /* for records that are due again */
    unsigned handles;
    struct list connections;
    struct list records;
    size_t count;
    /* Numbers of records are not used again when the router is restarted:
       when the first one was made, and how many there are. */
    uint32_t since, last_task;
    void (*then)(struct router *r);
};

/* --- life of a record --------------------------------------------------- */

static void on_look(uv_timer_t *timer);

static struct accounting *
accounting_of(struct router *r)
{
    struct accounting *all = r->accounting;

    if (all != NULL)
        return all;
    all = alloc_zero(1, sizeof(*all));
    list_init(&all->records);
    all->since = (uint32_t)time(NULL);
    uv_timer_init(&r->loop, &all->timer);
    uv_timer_init(&r->loop, &all->look);
    all->timer.data = all->look.data = r;
    all->handles = 2;
    list_init(&all->connections);
    uv_timer_start(&all->look, on_look, LOOK_MS, LOOK_MS);
    r->accounting = all;
    return all;
}

/* The router ends, and nothing is left to be sent. */
static void
finish(struct router *r)
{
    struct accounting *all = r->accounting;
    void (*then)(struct router * r) = all->then;

    all->then = NULL;
    uv_timer_stop(&all->timer);
    if (then != NULL)
        then(r);
}

static void
record_free(struct record *record)
{
    list_remove(&record->node);
    record->router->accounting->count--;
    buf_clear(&record->arguments);
    buf_clear(&record->class);
    free(record->groups);
    free(record);
}

static void
record_end(struct record *record)
{
    struct router *r = record->router;

    record_free(record);
    if (r->accounting->count == 0 && r->accounting->then != NULL)
        finish(r);
}

/* --- servers ------------------------------------------------------------ */

static void record_send(struct record *record);

static void
on_result(void *owner, enum aaa_outcome outcome, struct span attributes,
          const char *text)
{
    (void)attributes;
    (void)text;
    if (outcome == AAA_ERROR)
        record_send(owner);
    else
        record_end(owner);
}

static void
ask(struct record *record, const char *group, bool radius)
{
    static const struct aaa_events events = {NULL, on_result};
    struct buf arguments;
    struct aaa_ask ask = {
        .kind = AAA_ACCOUNT,
        .user = span_text(record->user),
        .service = AAA_LOGIN,
        .privilege = record->level,
        .port = record->port,
        .remote = record->remote,
        .accounting = record->what,
        .method = record->method,
    };

    buf_init(&arguments, AAA_ARGUMENTS_MAX);
    buf_put_span(&arguments, buf_span(&record->arguments));
    if (radius)
        buf_put_span(&arguments, buf_span(&record->class));
    ask.arguments = buf_span(&arguments);
    aaa_group_ask(record->router, group, &ask, &events, record);
    buf_clear(&arguments);
}

/* To the next group that could take it; without one it is lost. */
static void
record_send(struct record *record)
{
    struct config_method method;

    while (config_method_next(&record->rest, &method)) {
        char *group = text_dup_span(method.group);
        struct aaa_plan plan;
        bool usable = aaa_plan_make(&record->router->config, group, &plan) &&
                      plan.count > 0;
        bool radius = usable && plan.protocol == AAA_RADIUS;

        usable = usable && !(radius && record->of_command);
        if (usable)
            ask(record, group, radius);
        free(group);
        if (usable)
            return;
    }
    record_end(record);
}

/* --- what is recorded --------------------------------------------------- */

/* The list of a line for that, if such records are wanted; or NULL. */
static const struct config_methods *
wanted_on(const struct config *config, const struct config_line *line,
          enum config_aaa_use use, unsigned level, enum aaa_accounting what)
{
    const struct config_methods *m;

    if (!config->aaa.new_model)
        return NULL;
    m = config_methods_for(config, line, use, level);
    if (m == NULL || m->record == CONFIG_AAA_NO_RECORD ||
        (what != AAA_STOP && m->record != CONFIG_AAA_START_STOP))
        return NULL;
    return m;
}

static const struct config_methods *
wanted(const struct session *s, enum config_aaa_use use, unsigned level,
       enum aaa_accounting what)
{
    return wanted_on(&s->router->config, session_line(s), use, level, what);
}

static enum aaa_method
method_of(const struct session *s)
{
    struct config_method method = grant_method(s);
    struct aaa_plan plan;
    enum aaa_method by;
    char *group;

    switch (method.kind) {
    case CONFIG_METHOD_LOCAL:
    case CONFIG_METHOD_LOCAL_CASE:
        return AAA_BY_LOCAL;
    case CONFIG_METHOD_LINE:
        return AAA_BY_LINE;
    case CONFIG_METHOD_ENABLE:
        return AAA_BY_ENABLE;
    case CONFIG_METHOD_GROUP:
        group = text_dup_span(method.group);
        by = aaa_plan_make(&s->router->config, group, &plan) &&
                     plan.protocol == AAA_TACACS
                 ? AAA_BY_TACACS
                 : AAA_BY_RADIUS;
        free(group);
        return by;
    default:
        return AAA_BY_NOTHING;
    }
}

static void
put_class(struct buf *to, struct span attributes)
{
    struct reader r = reader_over(attributes);

    while (r.left > 0) {
        struct span text = read_string(&r);

        if (!read_ok(&r))
            return;
        if (text.len > strlen(CLASS) &&
            memcmp(text.ptr, CLASS, strlen(CLASS)) == 0)
            buf_put_string(to, text);
    }
}

/* Its arguments are still to be put; NULL: there are too many already. */
static struct record *
record_new(struct session *s, enum aaa_accounting what, const char *groups)
{
    struct accounting *all = accounting_of(s->router);
    struct record *record;

    if (all->count == RECORDS_MAX) {
        journal_limited(s->router, "", "AAA", LOG_ERROR, "ACCT_LOST",
                        "Too many accounting records wait for their servers");
        return NULL;
    }
    record = alloc_zero(1, sizeof(*record));
    record->router = s->router;
    record->what = what;
    record->method = method_of(s);
    record->groups = text_dup(groups);
    record->rest = span_text(record->groups);
    record->level = s->privilege;
    text_copy(record->user, sizeof(record->user), s->user);
    snprintf(record->port, sizeof(record->port), "tty%u", s->line);
    text_copy(record->remote, sizeof(record->remote),
              s->peer_text[0] != '\0' ? s->peer_text : "async");
    buf_init(&record->arguments, AAA_ARGUMENTS_MAX);
    buf_init(&record->class, AAA_ARGUMENTS_MAX);
    put_class(&record->class, grant_attributes(s));
    list_append(&all->records, &record->node);
    all->count++;
    return record;
}

/*
 * Send a record with these arguments to the first group that takes it, or,
 * with `broadcast`, to each.
 */
static void
put_record(struct session *s, const struct config_methods *m,
           enum aaa_accounting what, bool of_command, struct span arguments)
{
    struct span rest = span_text(m->methods);
    struct span groups = rest;
    struct config_method method;

    do {
        const uint8_t *begin = rest.ptr;
        struct record *record;
        char *text;

        if (m->broadcast && !config_method_next(&rest, &method))
            return;
        if (m->broadcast)
            groups = span_of(begin, (size_t)(rest.ptr - begin));
        text = text_dup_span(groups);
        record = record_new(s, what, text);
        free(text);
        if (record == NULL)
            return;
        record->of_command = of_command;
        buf_put_span(&record->arguments, arguments);
        record_send(record);
    } while (m->broadcast);
}

static void
put_head(struct buf *to, struct session *s, uint32_t task, uint64_t began_ms)
{
    aaa_argument_put(to, "task_id", "%08X%08X", accounting_of(s->router)->since,
                     task);
    accounting_put_start(to, s->router, began_ms);
}

/* --- EXECs -------------------------------------------------------------- */

/* `end` NULL: it begins, or there is nothing more to tell. */
static void
record_exec(struct session *s, enum aaa_accounting what,
            const struct session_end *end)
{
    const struct config_methods *m = wanted(s, CONFIG_AAA_COUNT_EXEC, 0, what);
    struct buf arguments;

    s->told_ms = router_now_ms(s->router);
    if (m == NULL)
        return;
    buf_init(&arguments, AAA_ARGUMENTS_MAX);
    put_head(&arguments, s, s->task, s->begun_ms);
    aaa_argument_put(&arguments, "service", "shell");
    if (what != AAA_START)
        accounting_put_elapsed(&arguments, s->router, s->begun_ms);
    if (what == AAA_UPDATE)
        accounting_put_bytes(&arguments, s);
    if (end != NULL)
        accounting_put_end(&arguments, end);
    put_record(s, m, what, false, buf_span(&arguments));
    buf_clear(&arguments);
}

void
accounting_exec_begin(struct session *s)
{
    if (!s->router->config.aaa.new_model)
        return;
    s->task = ++accounting_of(s->router)->last_task;
    record_exec(s, AAA_START, NULL);
}

void
accounting_exec_end(struct session *s, const struct session_end *end)
{
    if (s->task == 0)
        return;
    record_exec(s, AAA_STOP, end);
    s->task = 0;
}

/* --- commands ----------------------------------------------------------- */

void
accounting_command(struct session *s, unsigned level, struct span text)
{
    const struct config_methods *m =
        wanted(s, CONFIG_AAA_COUNT_COMMANDS, level, AAA_STOP);
    struct router *r = s->router;
    struct buf arguments;

    if (m == NULL)
        return;
    buf_init(&arguments, AAA_ARGUMENTS_MAX);
    put_head(&arguments, s, ++accounting_of(r)->last_task, router_now_ms(r));
    aaa_argument_put(&arguments, "service", "shell");
    aaa_argument_put(&arguments, "priv-lvl", "%u", level);
    aaa_argument_put(&arguments, "cmd", "%.*s <cr>", (int)text.len,
                     (const char *)text.ptr);
    put_record(s, m, AAA_STOP, true, buf_span(&arguments));
    buf_clear(&arguments);
}

/* --- connections -------------------------------------------------------- */

/* The line that it leads to has a say, before the one that it comes from. */
static const struct config_line *
line_of(const struct accounting_connection *c)
{
    const struct config *config = &c->session->router->config;
    const struct config_tty *tty =
        c->line == 0 ? NULL : line_target_tty(config, c->line);

    return tty != NULL &&
                   config_line_methods(&tty->line, CONFIG_AAA_COUNT_CONNECTION,
                                       0) != NULL
               ? &tty->line
               : session_line(c->session);
}

static void
record_connection(struct session *s, enum aaa_accounting what,
                  struct accounting_connection *c,
                  const struct accounting_bytes *bytes)
{
    const struct config_methods *m = wanted_on(
        &s->router->config, line_of(c), CONFIG_AAA_COUNT_CONNECTION, 0, what);
    struct buf arguments;

    c->told_ms = router_now_ms(s->router);
    if (m == NULL)
        return;
    buf_init(&arguments, AAA_ARGUMENTS_MAX);
    put_head(&arguments, s, c->task, c->began_ms);
    aaa_argument_put(&arguments, "service", "connection");
    aaa_argument_put(&arguments, "protocol", "%s", c->protocol);
    aaa_argument_put(&arguments, "addr", "%s", c->to);
    if (what != AAA_START)
        accounting_put_elapsed(&arguments, s->router, c->began_ms);
    if (bytes != NULL)
        accounting_put_counts(&arguments, bytes->in, bytes->out);
    put_record(s, m, what, false, buf_span(&arguments));
    buf_clear(&arguments);
}

void
accounting_connection_begin(struct session *s, const char *protocol,
                            const char *to, uint32_t line,
                            struct accounting_connection *connection)
{
    *connection = (struct accounting_connection){.session = s, .line = line};
    if (!s->router->config.aaa.new_model)
        return;
    connection->task = ++accounting_of(s->router)->last_task;
    connection->began_ms = router_now_ms(s->router);
    text_copy(connection->protocol, sizeof(connection->protocol), protocol);
    text_copy(connection->to, sizeof(connection->to), to);
    list_append(&accounting_of(s->router)->connections, &connection->node);
    record_connection(s, AAA_START, connection, NULL);
}

void
accounting_connection_end(struct session *s,
                          struct accounting_connection *connection,
                          const struct accounting_bytes *bytes)
{
    if (connection->task == 0)
        return;
    list_remove(&connection->node);
    record_connection(s, AAA_STOP, connection, bytes);
    connection->task = 0;
}

/* --- what goes on ------------------------------------------------------- */

static void
on_look(uv_timer_t *timer)
{
    struct router *r = timer->data;
    uint64_t period_ms = (uint64_t)r->config.aaa.update_min * MS_PER_MIN;
    uint64_t now_ms = router_now_ms(r);

    if (period_ms == 0)
        return;
    LIST_EACH(node, sessions_all(r))
    {
        struct session *s = LIST_ITEM(node, struct session, node);

        if (s->task != 0 && now_ms - s->told_ms >= period_ms)
            record_exec(s, AAA_UPDATE, NULL);
    }
    LIST_EACH(node, &r->accounting->connections)
    {
        struct accounting_connection *c =
            LIST_ITEM(node, struct accounting_connection, node);

        if (now_ms - c->told_ms >= period_ms)
            record_connection(c->session, AAA_UPDATE, c, NULL);
    }
}

/* --- the end of the router ---------------------------------------------- */

static void
on_timer(uv_timer_t *timer)
{
    finish(timer->data);
}

void
accounting_finish(struct router *r, void (*then)(struct router *r))
{
    struct accounting *all = r->accounting;

    if (all == NULL || all->count == 0) {
        then(r);
        return;
    }
    all->then = then;
    uv_timer_start(&all->timer, on_timer, FINISH_MS, 0);
}

static void
on_closed(uv_handle_t *handle)
{
    struct accounting *all = handle->data;

    if (--all->handles == 0)
        free(all);
}

void
accounting_stop(struct router *r)
{
    struct accounting *all = r->accounting;

    if (all == NULL)
        return;
    LIST_EACH(node, &all->records)
    {
        struct record *record = LIST_ITEM(node, struct record, node);

        aaa_forget(r, record);
        record_free(record);
    }
    LIST_EACH(node, &all->connections)
    {
        list_remove(node);
    }
    r->accounting = NULL;
    all->timer.data = all->look.data = all;
    uv_close((uv_handle_t *)&all->timer, on_closed);
    uv_close((uv_handle_t *)&all->look, on_closed);
}
