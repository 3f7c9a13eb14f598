#include "control/aaa_servers.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "control/helpers.h"
#include "control/network.h"
#include "control/probe.h"
#include "crypto/password.h"
#include "ipc/pipe.h"

#define TEXT_MAX   4096 /* bytes of what a server says, escaped */
#define PROMPT_MAX 1024

/* One request that has no result yet. */
struct asked {
    struct list node; /* in the order of asking */
    uint64_t request;
    const struct aaa_events *events; /* NULL: forgotten */
    void *owner;
    enum aaa_kind kind;
    uint32_t deadtime_min;
    size_t count; /* of `targets`, in the order they were sent */
    struct aaa_target targets[AAA_SERVERS_MAX]; /* without their keys */
    bool failed; /* could not be sent: the timer answers */
};

struct aaa_servers {
    struct router *router;
    uv_timer_t failures; /* answers what could not be sent */
    struct list asked;
    struct aaa_states states;
    uint64_t last_request;
};

/* --- answers ------------------------------------------------------------ */

/* Take the request off the list, then tell its owner: he may ask again. */
static void
answer(struct asked *a, enum aaa_outcome outcome, struct span attributes,
       const char *text)
{
    const struct aaa_events *events = a->events;
    void *owner = a->owner;

    list_remove(&a->node);
    free(a);
    if (events != NULL)
        events->result(owner, outcome, attributes, text);
}

static struct asked *
asked_find(struct aaa_servers *s, uint64_t request)
{
    LIST_EACH(node, &s->asked)
    {
        struct asked *a = LIST_ITEM(node, struct asked, node);

        if (a->request == request)
            return a;
    }
    return NULL;
}

/* A server's text, for a screen; without the line ends behind it. */
static void
show_text(struct span text, struct buf *to)
{
    while (text.len > 0 && strchr("\r\n", text.ptr[text.len - 1]) != NULL)
        text.len--;
    text_escape_lines(to, text);
}

static void
note_servers(struct aaa_servers *s, const struct asked *a,
             const struct msg_aaa_result *m)
{
    struct reader r = reader_over(m->notes);

    while (read_ok(&r) && !read_done(&r)) {
        struct aaa_note note;

        aaa_note_read(&r, &note);
        if (!read_ok(&r) || note.server >= a->count)
            return;
        aaa_state_note(
            s->router,
            aaa_state_of(s->router, &s->states, &a->targets[note.server]),
            &note, a->kind, m->outcome, a->deadtime_min);
    }
}

static void
on_result(struct aaa_servers *s, const struct msg_aaa_result *m)
{
    struct asked *a = asked_find(s, m->request);
    enum aaa_outcome outcome = AAA_ERROR;
    struct buf text;

    if (a == NULL)
        return;
    if (m->outcome == AAA_PASS || m->outcome == AAA_FAIL)
        outcome = (enum aaa_outcome)m->outcome;
    note_servers(s, a, m);
    buf_init(&text, TEXT_MAX);
    show_text(m->text, &text);
    answer(a, outcome, m->attributes, buf_text(&text));
    buf_clear(&text);
}

static void
on_asked(struct aaa_servers *s, const struct msg_aaa_asked *m)
{
    struct asked *a = asked_find(s, m->request);
    struct buf text, prompt;

    if (a == NULL || a->events == NULL)
        return;
    buf_init(&text, TEXT_MAX);
    buf_init(&prompt, PROMPT_MAX);
    show_text(m->text, &text);
    show_text(m->prompt, &prompt);
    a->events->asked(a->owner, buf_text(&text), buf_text(&prompt), m->echo);
    buf_clear(&text);
    buf_clear(&prompt);
}

/* Of a server that a message names, as any of the configuration is known. */
static void
on_connection(struct aaa_servers *s, const struct msg_aaa_connection *m)
{
    struct aaa_target target = {
        .protocol = AAA_TACACS,
        .auth_port = m->port,
        .acct_port = m->port,
    };

    if (probe_address_take(m->address, &target.address))
        aaa_states_connection(&s->states, &target, m->open);
}

void
aaa_servers_on_message(struct router *r, const struct message *m)
{
    if (r->aaa_servers == NULL)
        return;
    if (m->type == MSG_AAA_RESULT)
        on_result(r->aaa_servers, &m->aaa_result);
    else if (m->type == MSG_AAA_ASKED)
        on_asked(r->aaa_servers, &m->aaa_asked);
    else if (m->type == MSG_AAA_CONNECTION)
        on_connection(r->aaa_servers, &m->aaa_connection);
}

/* Those that were asked before now: no server has said anything. */
void
aaa_servers_lost(struct router *r)
{
    struct aaa_servers *s = r->aaa_servers;
    uint64_t last = s == NULL ? 0 : s->last_request;

    if (s != NULL)
        aaa_states_close(&s->states);
    while (s != NULL && !list_empty(&s->asked)) {
        struct asked *a = LIST_ITEM(s->asked.next, struct asked, node);

        if (a->request > last)
            return;
        answer(a, AAA_ERROR, SPAN_EMPTY, "");
    }
}

static void
on_failures(uv_timer_t *timer)
{
    struct aaa_servers *s = timer->data;

    LIST_EACH(node, &s->asked)
    {
        struct asked *a = LIST_ITEM(node, struct asked, node);

        if (a->failed) {
            /* The owner may change the list: begin again. */
            uv_timer_start(timer, on_failures, 0, 0);
            answer(a, AAA_ERROR, SPAN_EMPTY, "");
            return;
        }
    }
}

/* --- who is asked ------------------------------------------------------- */

static uint32_t
port_of(const struct aaa_target *target, enum aaa_kind kind)
{
    return kind == AAA_ACCOUNT ? target->acct_port : target->auth_port;
}

static bool
is_usable(const struct aaa_target *target, enum aaa_kind kind)
{
    return target->key != NULL && port_of(target, kind) != 0;
}

/*
 * Dead ones are passed over, unless there are no others: keep those of the
 * plan that are to be asked.
 */
static void
choose(struct aaa_servers *s, struct aaa_plan *plan, enum aaa_kind kind)
{
    bool dead[AAA_SERVERS_MAX] = {false};
    size_t usable = 0, kept = 0, alive = 0;

    for (size_t i = 0; i < plan->count; i++)
        if (is_usable(&plan->targets[i], kind))
            plan->targets[usable++] = plan->targets[i];
    for (size_t i = 0; i < usable; i++) {
        dead[i] = aaa_state_is_dead(
            s->router, aaa_state_of(s->router, &s->states, &plan->targets[i]));
        alive += !dead[i];
    }
    for (size_t i = 0; i < usable; i++)
        if (alive == 0 || !dead[i])
            plan->targets[kept++] = plan->targets[i];
    plan->count = kept;
}

/* False: its key cannot be read. */
static bool
put_server(struct aaa_servers *s, const struct aaa_plan *plan,
           const struct aaa_target *target, enum aaa_kind kind, struct buf *to)
{
    char key[PASSWORD_MAX + 1] = "";
    struct config_address source;
    struct aaa_server server = {
        .address = probe_address_bytes(&target->address),
        .port = (uint16_t)port_of(target, kind),
        .timeout_ms = target->timeout_s * 1000,
        .tries = target->tries,
        .single_connection = target->single_connection,
    };
    bool known = target->key_type == 7
                     ? password_reveal(target->key, key, sizeof(key)) == OK
                     : text_copy(key, sizeof(key), target->key);

    /* As on IOS: from wherever it goes, when the interface has no address. */
    if (plan->source_interface != NULL &&
        network_source(s->router, plan->source_interface,
                       target->address.family, &source))
        server.source = probe_address_bytes(&source);
    server.key = span_text(key);
    known = known && server.key.len > 0;
    if (known)
        aaa_server_put(to, &server);
    wipe(key, sizeof(key));
    return known;
}

/* The records of those that can be asked, which become the request's own. */
static void
put_servers(struct aaa_servers *s, struct asked *a, const struct aaa_plan *plan,
            struct buf *to)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (!put_server(s, plan, &plan->targets[i], a->kind, to))
            continue;
        a->targets[a->count] = plan->targets[i];
        a->targets[a->count++].key = NULL;
    }
}

/* --- questions ---------------------------------------------------------- */

static void
submit(struct aaa_servers *s, struct asked *a, const struct aaa_ask *ask,
       enum aaa_protocol protocol, struct span servers)
{
    struct message m = {.type = MSG_AAA_REQUEST};

    m.aaa_request.request = a->request;
    m.aaa_request.kind = (uint8_t)ask->kind;
    m.aaa_request.protocol = (uint8_t)protocol;
    m.aaa_request.servers = servers;
    m.aaa_request.user = ask->user;
    m.aaa_request.given = ask->given;
    m.aaa_request.has_given = ask->has_given;
    m.aaa_request.service = (uint8_t)ask->service;
    m.aaa_request.privilege = ask->privilege;
    m.aaa_request.port = span_text(ask->port);
    m.aaa_request.remote = span_text(ask->remote);
    m.aaa_request.router = span_text(s->router->config.hostname);
    m.aaa_request.arguments = ask->arguments;
    m.aaa_request.accounting = (uint8_t)ask->accounting;
    m.aaa_request.method = (uint8_t)ask->method;
    m.aaa_request.deadline_ms = ask->limit_ms;
    a->failed = !aaa_servers_send(s->router, &m);
}

uint64_t
aaa_group_ask(struct router *r, const char *group, const struct aaa_ask *ask,
              const struct aaa_events *events, void *owner)
{
    struct aaa_servers *s = r->aaa_servers;
    struct asked *a = alloc_zero(1, sizeof(*a));
    struct aaa_plan plan;
    struct buf servers;

    a->request = ++s->last_request;
    a->events = events;
    a->owner = owner;
    a->kind = ask->kind;
    a->failed = true;
    list_append(&s->asked, &a->node);
    if (aaa_plan_make(&r->config, group, &plan)) {
        a->deadtime_min = plan.deadtime_min;
        choose(s, &plan, ask->kind);
        buf_init_secret(&servers, PIPE_MESSAGE_MAX);
        put_servers(s, a, &plan, &servers);
        if (a->count > 0)
            submit(s, a, ask, plan.protocol, buf_span(&servers));
        buf_clear(&servers);
    }
    if (a->failed)
        uv_timer_start(&s->failures, on_failures, 0, 0);
    return a->request;
}

/* Lost with aaa, if that has died: then the result is on its way. */
static void
send_lossy(struct aaa_servers *s, const struct message *m)
{
    bool ignored = aaa_servers_send(s->router, m);

    (void)ignored;
}

void
aaa_group_answer(struct router *r, uint64_t request, bool given,
                 struct span text)
{
    struct message m = {.type = MSG_AAA_CONTINUE};

    m.aaa_continue.request = request;
    m.aaa_continue.given = given;
    m.aaa_continue.text = text;
    if (r->aaa_servers != NULL)
        send_lossy(r->aaa_servers, &m);
}

void
aaa_forget(struct router *r, void *owner)
{
    if (r->aaa_servers == NULL)
        return;
    LIST_EACH(node, &r->aaa_servers->asked)
    {
        struct asked *a = LIST_ITEM(node, struct asked, node);
        struct message m = {.type = MSG_AAA_CANCEL};

        if (a->owner != owner || a->events == NULL)
            continue;
        /* What became of the servers is still told, and counts. */
        a->events = NULL;
        m.aaa_cancel.request = a->request;
        if (!a->failed)
            send_lossy(r->aaa_servers, &m);
    }
}

/* --- life --------------------------------------------------------------- */

struct aaa_states *
aaa_servers_states(struct router *r)
{
    return &r->aaa_servers->states;
}

void
aaa_servers_changed(struct router *r, const struct config *config)
{
    struct aaa_plan plan;
    bool wanted;

    /* A text that is only looked at changes nothing. */
    if (r == NULL || config != &r->config)
        return;
    wanted = aaa_plan_make(config, AAA_ALL_RADIUS, &plan) && plan.count > 0;
    wanted = wanted ||
             (aaa_plan_make(config, AAA_ALL_TACACS, &plan) && plan.count > 0);
    helpers_want_servers(r, wanted);
}

struct aaa_servers *
aaa_servers_new(struct router *r)
{
    struct aaa_servers *s = alloc_zero(1, sizeof(*s));

    s->router = r;
    list_init(&s->asked);
    aaa_states_init(r, &s->states);
    uv_timer_init(&r->loop, &s->failures);
    s->failures.data = s;
    return s;
}

static void
on_closed(uv_handle_t *handle)
{
    struct aaa_servers *s = handle->data;

    LIST_EACH(node, &s->asked)
    {
        free(LIST_ITEM(node, struct asked, node));
    }
    aaa_states_clear(&s->states);
    free(s);
}

void
aaa_servers_free(struct aaa_servers *s)
{
    if (s != NULL)
        uv_close((uv_handle_t *)&s->failures, on_closed);
}
