/*
 * The worker behind a connection to another machine: what it is told, what it
 * says, and how it ends.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/children.h"
#include "control/debug.h"
#include "control/journal.h"
#include "control/known_hosts.h"
#include "control/outgoing_parts.h"
#include "control/setup.h"
#include "control/workers.h"
#include "crypto/exchange_hash.h"
#include "crypto/rsa1_key.h"

#define QUESTIONS_MAX 64           /* of one login */
#define SHOWN_MAX     (128 * 1024) /* bytes of the peer's text for one login */
#define STALL_MIN_MS  50 /* half a tenth of the shortest `ip ssh time-out` */

/* --- the end ------------------------------------------------------------ */

static void
on_handle_closed(uv_handle_t *handle)
{
    free(handle);
}

static void
close_pipe(struct outgoing *o)
{
    if (o->reading != NULL)
        uv_close((uv_handle_t *)o->reading, on_handle_closed);
    o->reading = NULL;
    pipe_free(o->pipe);
    o->pipe = NULL;
}

static void
kill_worker(struct outgoing *o)
{
    o->killed = true;
    if (o->pid > 0)
        kill(o->pid, SIGKILL);
}

void
outgoing_end_worker(struct outgoing *o)
{
    close_pipe(o);
    kill_worker(o);
    if (o->pid > 0)
        children_forget(o->router, o->pid);
    o->pid = 0;
    if (!o->started)
        workers_forget(o->router, o->number);
    o->started = true;
}

/* The process is gone, or nobody knows of one. */
static void
worker_is_gone(struct outgoing *o)
{
    outgoing_settle(o, o->offered_only_1           ? OUTGOING_DOWNGRADE
                       : o->state == OUTGOING_OVER ? OUTGOING_ENDED
                                                   : OUTGOING_DIED);
}

static bool receive_one(struct outgoing *o);

static void
on_exit_status(void *owner, pid_t pid, int status)
{
    struct outgoing *o = owner;
    char text[64];

    (void)pid;
    o->pid = 0;
    /* What it said before it died counts. */
    while (o->pipe != NULL && receive_one(o))
        continue;
    if (o->abandoned) {
        outgoing_abandon(o);
        return;
    }
    if (child_crashed(status) && !o->killed) {
        child_status_text(status, text, sizeof(text));
        journal_limited(o->router, o->source, "SYS", LOG_CRITICAL, "WORKER",
                        "Worker of the connection to %s ended with %s",
                        o->plan.host, text);
        workers_renew(o->router);
    }
    worker_is_gone(o);
}

bool
outgoing_started(struct router *r, uint32_t number, pid_t pid)
{
    struct outgoing *o = NULL;

    if (r->outgoings == NULL)
        return false;
    LIST_EACH(node, &r->outgoings->all)
    {
        struct outgoing *other = LIST_ITEM(node, struct outgoing, node);

        if (other->number == number && !other->started)
            o = other;
    }
    if (o == NULL)
        return false;
    o->started = true;
    if (pid == 0) {
        outgoing_settle(o, OUTGOING_NO_MEANS);
        return true;
    }
    o->pid = pid;
    if (o->killed || o->pipe == NULL)
        kill(pid, SIGKILL);
    children_watch(r, pid, on_exit_status, o);
    return true;
}

/* --- what it says ------------------------------------------------------- */

static void send_message(struct outgoing *o, const struct message *m, int fd);

static void
on_judged(void *owner, enum host_key_verdict verdict, const char *text)
{
    struct message reply = {.type = MSG_HOST_KEY_REPLY};
    struct outgoing *o = owner;

    if (o->state != OUTGOING_KEYS)
        return;
    o->handling = true;
    if (text[0] != '\0')
        o->events->on_show(o->owner, span_text(text));
    o->handling = false;
    if (o->abandoned) {
        outgoing_abandon(o);
        return;
    }
    reply.host_key_reply.trusted = verdict == HOST_KEY_TRUSTED;
    if (verdict == HOST_KEY_TRUSTED)
        o->state = OUTGOING_LOGIN;
    send_message(o, &reply, -1);
}

/*
 * From the exchange in which this very host key stands. A worker that lies
 * about the rest gets the id of no session that there is: whoever else has one
 * has it with another host key.
 */
static void
make_session_id(struct outgoing *o, const struct msg_host_key *m)
{
    if (exchange_hash(m->hash, m->before, m->blob, m->after, o->session_id,
                      &o->session_id_len) != OK)
        o->session_id_len = 0;
}

static bool
on_host_key(struct outgoing *o, const struct message *m)
{
    struct host_key_shown shown = {
        .host = o->plan.host,
        .port = o->plan.port,
        .algorithm = m->host_key.algorithm,
        .blob = m->host_key.blob,
    };

    bool old = span_is(m->host_key.algorithm, RSA1_KEY_TYPE);

    if (o->judged || (old && (o->plan.versions & SSH_VERSION_1) == 0))
        return false;
    o->judged = true;
    /* None of our keys logs in by version 1. */
    o->session_id_len = 0;
    if (!old)
        make_session_id(o, &m->host_key);
    known_hosts_judge(o->router, &shown, on_judged, o);
    return true;
}

static bool
on_ask(struct outgoing *o, const struct message *m)
{
    if (o->asked || o->signing || ++o->questions > QUESTIONS_MAX)
        return false;
    o->asked = true;
    o->events->on_ask(o->owner, m->client_ask.prompt, m->client_ask.echo);
    return true;
}

static bool
on_show(struct outgoing *o, const struct message *m)
{
    o->shown += m->client_show.text.len + 1;
    if (o->asked || o->shown > SHOWN_MAX)
        return false;
    o->events->on_show(o->owner, m->client_show.text);
    return true;
}

static void
on_signature(void *owner, struct span signature)
{
    struct message m = {.type = MSG_CLIENT_SIGNED};
    struct outgoing *o = owner;

    o->signing = false;
    m.client_signed.signature = signature;
    send_message(o, &m, -1);
}

/*
 * Which key, which user, which session: all of it is control's word. So what a
 * broken worker can get is good for logging in where this user goes anyway.
 */
static bool
on_sign(struct outgoing *o, const struct message *m)
{
    struct key_login login = {
        .method = m->client_sign.method,
        .session_id = span_of(o->session_id, o->session_id_len),
        .user = span_text(o->plan.user),
    };

    if (o->asked || o->signing || o->session_id_len == 0 ||
        m->client_sign.key >= o->key_count || ++o->signatures > o->key_count)
        return false;
    login.key = o->keys[m->client_sign.key];
    o->signing = true;
    if (!keys_sign_login(o->router, &login, on_signature, o))
        on_signature(o, SPAN_EMPTY);
    return true;
}

static bool
on_ready(struct outgoing *o, const struct message *m)
{
    (void)m;
    if (o->asked || o->signing)
        return false;
    o->state = OUTGOING_RUNNING;
    o->end.ready = true;
    o->events->on_ready(o->owner);
    return true;
}

static bool
on_file(struct outgoing *o, const struct message *m)
{
    if (o->plan.path == NULL || o->file_told)
        return false;
    o->file_told = true;
    o->events->on_file(o->owner, &m->client_file);
    return true;
}

static bool
on_moved(struct outgoing *o, const struct message *m)
{
    if (!o->file_told || m->client_moved.bytes < o->moved ||
        m->client_moved.bytes > o->plan.bytes)
        return false;
    o->moved = m->client_moved.bytes;
    o->events->on_moved(o->owner, o->moved);
    return true;
}

/* Tenths of the time that setup.c has said; told faster, they are not. */
static bool
on_stalled(struct outgoing *o, const struct message *m)
{
    uint64_t now_ms = router_now_ms(o->router);

    if (o->plan.path == NULL || m->client_stalled.parts == 0 ||
        m->client_stalled.parts >= CLIENT_SILENCE_PARTS)
        return false;
    if (now_ms - o->stalled_ms < STALL_MIN_MS)
        return true;
    o->stalled_ms = now_ms;
    o->events->on_stalled(o->owner);
    return true;
}

/* A copy of what a message says, for as long as the connection is known. */
static struct span
keep(struct buf *to, struct span bytes)
{
    buf_put_span(to, bytes);
    return buf_span(to);
}

/* Somebody on the way may have made the host's answer an older one. */
static void
refuse_downgrade(struct outgoing *o)
{
    journal_limited(o->router, o->source, "SSH", LOG_WARNING, "DOWNGRADE",
                    "SSH version 1 refused: %s is known with version 2",
                    o->plan.host);
}

/* What a user is not told in full. */
static bool
is_for_the_log(enum client_end end)
{
    return end == CLIENT_NO_ALGORITHM || end == CLIENT_PROTOCOL ||
           end == CLIENT_SILENT || end == CLIENT_VERSION ||
           end == CLIENT_OLD_VERSION;
}

static bool
on_ended(struct outgoing *o, const struct message *m)
{
    enum client_end end = (enum client_end)m->client_ended.end;
    char text[LOG_LINE_MAX];

    o->state = OUTGOING_OVER;
    /* All that it had for the peer and the stream is out of its hands. */
    kill_worker(o);
    if (o->pid > 0)
        children_expect(o->router, o->pid);
    o->end.said = m->client_ended;
    o->end.said.text = keep(&o->said_text, m->client_ended.text);
    o->end.said.signal = keep(&o->said_signal, m->client_ended.signal);
    if (end == CLIENT_OLD_VERSION && o->known_newer) {
        o->offered_only_1 = true;
        refuse_downgrade(o);
        return true;
    }
    if (!is_for_the_log(end))
        return true;
    text_escape(text, sizeof(text), m->client_ended.text);
    journal_limited(o->router, o->source, "SSH", LOG_ERROR,
                    end == CLIENT_NO_ALGORITHM ? "NO_MATCH" : "CLIENT",
                    "Connection to %s: %s", o->plan.host, text);
    return true;
}

static bool
on_traced(struct outgoing *o, const struct message *m)
{
    return o->debugged && debug_client_traced(o->router, o->slot,
                                              &o->debug_pace, m->traced.lines);
}

static bool
on_report(struct outgoing *o, const struct message *m)
{
    char line[LOG_LINE_MAX / 2];

    if (m->report.level > LOG_DEBUGGING)
        return false;
    text_escape(line, sizeof(line), m->report.line);
    journal_limited(o->router, o->source, "SYS", m->report.level, "REPORT",
                    "Worker of the connection to %s: %s", o->plan.host, line);
    return true;
}

#define IN(state) (1u << (state))
#define IN_ANY    (IN(OUTGOING_KEYS) | IN(OUTGOING_LOGIN) | IN(OUTGOING_RUNNING))

/* What is not in the table ends the worker. */
static const struct {
    enum message_type type;
    unsigned states;
    bool (*handle)(struct outgoing *o, const struct message *m);
} rules[] = {
    {MSG_HOST_KEY, IN(OUTGOING_KEYS), on_host_key},
    {MSG_CLIENT_ASK, IN(OUTGOING_LOGIN), on_ask},
    {MSG_CLIENT_SIGN, IN(OUTGOING_LOGIN), on_sign},
    {MSG_CLIENT_SHOW, IN(OUTGOING_KEYS) | IN(OUTGOING_LOGIN), on_show},
    {MSG_CLIENT_READY, IN(OUTGOING_LOGIN), on_ready},
    {MSG_CLIENT_FILE, IN(OUTGOING_RUNNING), on_file},
    {MSG_CLIENT_MOVED, IN(OUTGOING_RUNNING), on_moved},
    {MSG_CLIENT_STALLED, IN(OUTGOING_RUNNING), on_stalled},
    {MSG_CLIENT_ENDED, IN_ANY, on_ended},
    {MSG_REPORT, IN_ANY, on_report},
    {MSG_TRACED, IN_ANY, on_traced},
};

/* NULL, or what is wrong with it. */
static const char *
judge(struct outgoing *o, const struct message *m)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].type != m->type)
            continue;
        if ((rules[i].states & IN(o->state)) == 0)
            return "it sent a message that it may not send now";
        if (!rules[i].handle(o, m))
            return "it sent a message that makes no sense";
        return NULL;
    }
    return "it sent a message that it never sends";
}

/* --- the pipe ----------------------------------------------------------- */

/* Its process goes; the owner is told when it has. */
static void
break_off(struct outgoing *o, const char *why)
{
    journal_limited(o->router, o->source, "SYS", LOG_ERROR, "WORKER",
                    "Worker of the connection to %s is killed: %s",
                    o->plan.host, why);
    workers_renew(o->router);
    close_pipe(o);
    kill_worker(o);
}

/*
 * False: nothing more is there now, or ever. The owner may abandon the
 * connection from within his functions: it is freed by the caller then.
 */
static bool
receive_one(struct outgoing *o)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    struct message m;
    const char *wrong = NULL;
    enum err err = pipe_receive(o->pipe, &bytes, fds);

    if (err == ERR_MORE)
        return false;
    if (err != OK && err != ERR_LENGTH) {
        /* It is dying; if it only says so, it dies of this. */
        close_pipe(o);
        if (o->pid > 0)
            kill(o->pid, SIGKILL);
        return false;
    }
    pipe_close_fds(fds);
    if (err == ERR_LENGTH || message_decode(bytes, &m) != OK)
        wrong = "a message cannot be decoded";
    o->handling = true;
    if (wrong == NULL && o->state != OUTGOING_OVER)
        wrong = judge(o, &m);
    o->handling = false;
    if (wrong == NULL)
        return !o->abandoned;
    break_off(o, wrong);
    return false;
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void
watch(struct outgoing *o)
{
    int events = UV_READABLE;

    if (pipe_wants_write(o->pipe))
        events |= UV_WRITABLE;
    uv_poll_start(o->reading, events, on_poll);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
    struct outgoing *o = poll->data;
    bool more = true;

    /* A failure is the end of the pipe, which reading tells. */
    if ((events & UV_WRITABLE) && pipe_flush(o->pipe) != OK)
        status = -1;
    /* Below 0 the loop has stopped watching: all that is there is read. */
    do
        more = receive_one(o);
    while (more && status < 0);
    if (o->abandoned)
        outgoing_abandon(o);
    else if (o->pipe != NULL)
        watch(o);
}

static void
send_message(struct outgoing *o, const struct message *m, int fd)
{
    struct buf encoded;

    if (o->pipe == NULL)
        return;
    buf_init_secret(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, m);
    /* Its end is noticed, and told, when it is reaped. */
    if (!buf_ok(&encoded) ||
        pipe_send(o->pipe, buf_span(&encoded), &fd, fd >= 0 ? 1 : 0) != OK)
        kill_worker(o);
    buf_clear(&encoded);
    watch(o);
}

void
outgoing_answer(struct outgoing *o, const char *text)
{
    struct message m = {.type = MSG_CLIENT_ANSWER};

    if (!o->asked)
        return;
    o->asked = false;
    m.client_answer.given = text != NULL;
    m.client_answer.text = text == NULL ? SPAN_EMPTY : span_text(text);
    send_message(o, &m, -1);
}

void
outgoing_window(struct outgoing *o, unsigned columns, unsigned rows)
{
    struct message m = {.type = MSG_CLIENT_WINDOW};

    m.client_window.columns = columns;
    m.client_window.rows = rows;
    send_message(o, &m, -1);
}

void
outgoing_break(struct outgoing *o, unsigned ms)
{
    struct message m = {.type = MSG_CLIENT_BREAK};

    m.client_break.ms = ms;
    send_message(o, &m, -1);
}

/* --- the beginning ------------------------------------------------------ */

/* It becomes the nursery's: `*end` is ours. */
static bool
open_pipe(struct outgoing *o)
{
    uv_poll_t *poll;
    int ends[2];

    if (pipe_pair(ends) != OK)
        return false;
    poll = alloc_zero(1, sizeof(*poll));
    if (uv_poll_init(&o->router->loop, poll, ends[0]) != 0) {
        free(poll);
        close(ends[0]);
        close(ends[1]);
        return false;
    }
    poll->data = o;
    o->reading = poll;
    o->pipe = pipe_new(ends[0]);
    o->started = false;
    workers_ask_client(o->router, o->number, o->socket, ends[1]);
    o->socket = -1;
    return true;
}

/*
 * A host that is known with version 2 is not tried with 1, unless its user says
 * so; false: then there is nothing to try.
 */
static bool
choose_versions(struct outgoing *o, struct span types)
{
    if (types.len == 0 || o->plan.version_named)
        return true;
    o->known_newer = true;
    o->plan.versions &= ~SSH_VERSION_1;
    return o->plan.versions != 0;
}

static void
on_types(void *owner, struct span types)
{
    struct message m = {.type = MSG_CLIENT_SETUP};
    struct outgoing *o = owner;
    struct ssh_host_keys keys;

    if (!choose_versions(o, types)) {
        refuse_downgrade(o);
        outgoing_settle(o, OUTGOING_DOWNGRADE);
        return;
    }
    if (!open_pipe(o)) {
        outgoing_settle(o, OUTGOING_NO_MEANS);
        return;
    }
    o->state = OUTGOING_KEYS;
    keys_for_login(o->router, &keys);
    o->key_count = keys.count;
    for (size_t i = 0; i < keys.count; i++)
        o->keys[i] = keys.keys[i]->number;
    setup_put_client(o->router, &o->plan, &keys, types, &m.client_setup);
    o->debugged = m.client_setup.debug != 0;
    debug_limit(o->router, &o->debug_pace);
    send_message(o, &m, o->worker_end);
    close(o->worker_end);
    o->worker_end = -1;
}

void
outgoings_debug(struct router *r)
{
    struct message m = {.type = MSG_TRACE};

    if (r->outgoings == NULL)
        return;
    m.trace.debug = debug_of_clients(r);
    LIST_EACH(node, &r->outgoings->all)
    {
        struct outgoing *o = LIST_ITEM(node, struct outgoing, node);

        if (o->pipe == NULL || (!o->debugged && m.trace.debug == 0))
            continue;
        o->debugged = true;
        send_message(o, &m, -1);
    }
}

void
outgoing_begin_worker(struct outgoing *o)
{
    known_hosts_ask_types(o->router, o->plan.host, o->plan.port, on_types, o);
}
