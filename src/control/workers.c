#include "control/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "control/auth.h"
#include "control/children.h"
#include "control/journal.h"
#include "control/listener.h"
#include "control/nursery.h"
#include "control/outgoing.h"
#include "control/requests.h"
#include "control/sessions.h"
#include "control/setup.h"
#include "control/shell.h"
#include "control/tty.h"
#include "ipc/pipe.h"
#include "os/priority.h"

/* A worker that was told to go has so long before it is killed. */
#define LEAVE_MS 5000

/* What is known of the process behind a session. */
enum worker_process {
    PROCESS_ASKED,   /* START is on its way */
    PROCESS_RUNNING, /* as session->pid */
    PROCESS_UNKNOWN, /* none, or one whose number was lost */
    PROCESS_REAPED,
};

struct worker_pipe {
    struct session *session;
    struct pipe *pipe;
    uv_poll_t poll;
    enum worker_process process;
    bool over;           /* the pipe has ended */
    bool killed;         /* by us: no crash */
    struct list leaving; /* in workers, while it may still go by itself */
    uint64_t leave_by_ms;
    uint64_t logs_dropped;
    void (*ended)(void *owner); /* console */
    void *owner;
};

struct workers {
    struct router *router;
    struct nurseries *nurseries;
    struct list leaving; /* of struct worker_pipe, by leave_by_ms */
    uv_timer_t leave;
    struct buf encoded; /* reused for every message; empty between them */
};

/* --- the end of a worker ------------------------------------------------ */

static void
on_poll_closed(uv_handle_t *handle)
{
    free(handle->data);
}

#define LINE_NAME_MAX (32 + NET_TEXT_MAX)

static void
line_name(const struct session *s, char to[LINE_NAME_MAX])
{
    if (s->kind == SESSION_CONSOLE)
        text_copy(to, LINE_NAME_MAX, "con 0");
    else
        snprintf(to, LINE_NAME_MAX, "vty %u (%s)", s->vty, s->peer_text);
}

/* They went to standard error all the same. */
static void
tell_dropped_logs(const struct worker_pipe *w)
{
    char line[LINE_NAME_MAX];

    if (w->logs_dropped == 0)
        return;
    line_name(w->session, line);
    log_line(LOG_NOTICE, "%llu log lines were not shown on %s",
             (unsigned long long)w->logs_dropped, line);
}

/* The worker is gone: so is its session. */
static void
finish(struct worker_pipe *w)
{
    struct session *s = w->session;
    void (*ended)(void *owner) = w->ended;
    void *owner = w->owner;

    nursery_forget(s->router->workers->nurseries, s->connection);
    if (w->process == PROCESS_RUNNING)
        children_forget(s->router, s->pid);
    list_remove(&w->leaving);
    s->pipe = NULL;
    tell_dropped_logs(w);
    uv_close((uv_handle_t *)&w->poll, on_poll_closed);
    pipe_free(w->pipe);
    session_end(s);
    if (ended != NULL)
        ended(owner);
}

static void
signal_worker(struct worker_pipe *w)
{
    if (w->process != PROCESS_RUNNING)
        return;
    w->killed = true;
    kill(w->session->pid, SIGKILL);
}

static void
on_leave(uv_timer_t *timer)
{
    struct workers *workers = timer->data;
    uint64_t now = router_now_ms(workers->router);

    while (!list_empty(&workers->leaving)) {
        struct worker_pipe *w =
            LIST_ITEM(workers->leaving.next, struct worker_pipe, leaving);

        if (w->leave_by_ms > now) {
            uv_timer_start(timer, on_leave, w->leave_by_ms - now, 0);
            return;
        }
        list_remove(&w->leaving);
        /* A process whose number is lost ends when its pipe does. */
        if (w->process == PROCESS_RUNNING)
            signal_worker(w);
        else
            finish(w);
    }
}

static void
must_leave(struct worker_pipe *w)
{
    struct workers *workers = w->session->router->workers;

    if (w->leave_by_ms != 0)
        return;
    w->leave_by_ms = router_now_ms(workers->router) + LEAVE_MS;
    list_append(&workers->leaving, &w->leaving);
    if (!uv_is_active((uv_handle_t *)&workers->leave))
        uv_timer_start(&workers->leave, on_leave, LEAVE_MS, 0);
}

void
session_disconnect(struct session *s, enum ssh_reason reason, const char *text)
{
    struct message m = {.type = MSG_DISCONNECT};

    if (s->state == SESSION_ENDING)
        return;
    s->state = SESSION_ENDING;
    m.disconnect.reason = (uint8_t)reason;
    m.disconnect.text = span_text(text);
    session_send(s, &m);
    if (s->pipe != NULL)
        must_leave(s->pipe);
}

void
worker_yields(struct session *s, bool yields)
{
    /* The number of one that was reaped may be somebody else's. */
    if (s->pipe != NULL && s->pipe->process == PROCESS_RUNNING)
        priority_yield(s->pid, yields);
}

void
worker_leaves(struct session *s)
{
    if (s->pipe != NULL)
        must_leave(s->pipe);
}

void
worker_kill(struct session *s, const char *why)
{
    char line[LINE_NAME_MAX];

    if (s->pipe == NULL || s->pipe->killed)
        return;
    line_name(s, line);
    journal_limited(s->router, s->peer_text, "SYS", LOG_ERROR, "WORKER",
                    "Worker of %s is killed: %s", line, why);
    s->state = SESSION_ENDING;
    s->pipe->killed = true;
    must_leave(s->pipe);
    signal_worker(s->pipe);
}

/* --- messages to a worker ----------------------------------------------- */

static void on_poll(uv_poll_t *poll, int status, int events);

static void
watch_pipe(struct worker_pipe *w)
{
    int events = UV_READABLE;

    if (pipe_wants_write(w->pipe))
        events |= UV_WRITABLE;
    uv_poll_start(&w->poll, events, on_poll);
}

static enum err
send_encoded(struct worker_pipe *w, const struct message *m, int fd)
{
    struct buf *encoded = &w->session->router->workers->encoded;
    enum err err = ERR_LENGTH;

    message_encode(encoded, m);
    if (buf_ok(encoded))
        err = pipe_send(w->pipe, buf_span(encoded), &fd, fd >= 0 ? 1 : 0);
    /* Configurations go through here, and lines with a password in them. */
    buf_reset(encoded);
    return err;
}

size_t
session_send_fd(struct session *s, const struct message *m, int fd)
{
    struct worker_pipe *w = s->pipe;
    bool wanted_write;
    enum err err;

    if (w == NULL || w->over || w->killed)
        return 0;
    wanted_write = pipe_wants_write(w->pipe);
    if (m->type == MSG_LOG && wanted_write) {
        w->logs_dropped++;
        return pipe_queued(w->pipe);
    }
    err = send_encoded(w, m, fd);
    if (err == ERR_LIMIT)
        worker_kill(s, "it does not read what it is sent");
    else if (err == ERR_LENGTH)
        worker_kill(s, "a message to it is too long");
    else if (err == ERR_SYSTEM && fd >= 0)
        worker_kill(s, "a descriptor could not be passed to it");
    /* Any other failure is the end of the pipe, which its poll tells. */
    if (!wanted_write && pipe_wants_write(w->pipe))
        watch_pipe(w);
    return pipe_queued(w->pipe);
}

size_t
session_send(struct session *s, const struct message *m)
{
    return session_send_fd(s, m, -1);
}

/* --- messages from a worker --------------------------------------------- */

/*
 * Passwords, and the secret that an exchange agreed on. A line that is typed
 * may set a password.
 */
static bool
holds_secret(enum message_type type)
{
    switch (type) {
    case MSG_AUTH_TRY:
    case MSG_AUTH_ANSWER:
    case MSG_ANSWER:
    case MSG_SIGN:
    case MSG_EXEC:
    case MSG_LINE:
    case MSG_LINE_HELP:
    case MSG_LINE_COMPLETE:
        return true;
    default:
        return false;
    }
}

/* ERR_MORE: none now. ERR_CLOSED: there will be no more. */
static enum err
receive_one(struct worker_pipe *w)
{
    struct session *s = w->session;
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    struct message m;
    const char *wrong = NULL;
    enum err err = pipe_receive(w->pipe, &bytes, fds);

    if (err == ERR_LENGTH)
        wrong = "a message is too long";
    else if (err != OK)
        return err == ERR_MORE ? ERR_MORE : ERR_CLOSED;
    for (size_t i = 0; i < PIPE_FDS_MAX; i++)
        if (fds[i] >= 0) {
            close(fds[i]);
            wrong = "it sent a descriptor";
        }
    /* What else it said before the signal came counts for nothing. */
    if (w->killed)
        return OK;
    if (wrong == NULL && message_decode(bytes, &m) != OK)
        wrong = "a message cannot be decoded";
    if (wrong == NULL) {
        wrong = request_handle(s, &m);
        if (m.type == MSG_ENDED && w->process == PROCESS_RUNNING)
            children_expect(s->router, s->pid);
        if (holds_secret(m.type))
            pipe_forget(w->pipe);
    }
    if (wrong != NULL) {
        worker_kill(s, wrong);
        listener_fault(s, FAULT_CRASH);
        nursery_renew(s->router->workers->nurseries);
    }
    return OK;
}

/* The pipe has ended; the process is about to, or nobody knows of one. */
static void
pipe_over(struct worker_pipe *w)
{
    w->over = true;
    uv_poll_stop(&w->poll);
    if (w->process == PROCESS_UNKNOWN || w->process == PROCESS_REAPED) {
        finish(w);
        return;
    }
    must_leave(w);
    if (w->process == PROCESS_RUNNING)
        children_expect(w->session->router, w->session->pid);
}

static void
on_writable(struct worker_pipe *w)
{
    /* A failure is the end of the pipe, which reading tells. */
    if (pipe_flush(w->pipe) != OK || pipe_wants_write(w->pipe))
        return;
    watch_pipe(w);
    shells_resume(w->session);
}

/*
 * One message, and all that is answered to it at once: a worker that is woken
 * for the first of four answers makes four packets of them.
 */
static enum err
receive_and_answer(struct worker_pipe *w)
{
    bool waits = pipe_wants_write(w->pipe);
    enum err err;

    if (!waits)
        pipe_hold(w->pipe);
    err = receive_one(w);
    /* A failure is the end of the pipe, which reading tells. */
    if (!waits && pipe_flush(w->pipe) == OK && pipe_wants_write(w->pipe))
        watch_pipe(w);
    return err;
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
    struct worker_pipe *w = poll->data;
    enum err err = OK;

    if (events & UV_WRITABLE)
        on_writable(w);
    if (events & UV_READABLE)
        err = receive_and_answer(w);
    /*
     * Below 0 the worker closed without reading all of ours: the loop has
     * stopped watching, and what it wrote last is still there.
     */
    while (err == OK && status < 0)
        err = receive_one(w);
    if (err == ERR_CLOSED)
        pipe_over(w);
    else if (status < 0)
        watch_pipe(w);
}

/* What it sent before it died counts. */
static void
drain(struct worker_pipe *w)
{
    while (!w->over && receive_one(w) == OK)
        continue;
}

static void
tell_crash(struct worker_pipe *w, int status)
{
    struct session *s = w->session;
    char line[LINE_NAME_MAX], end[64];

    if (!child_crashed(status) || w->killed)
        return;
    line_name(s, line);
    child_status_text(status, end, sizeof(end));
    journal_limited(s->router, s->peer_text, "SYS", LOG_CRITICAL, "WORKER",
                    "Worker of %s ended with %s", line, end);
    listener_fault(s, FAULT_CRASH);
    nursery_renew(s->router->workers->nurseries);
}

static void
on_exit_status(void *owner, pid_t pid, int status)
{
    struct worker_pipe *w = owner;

    (void)pid;
    w->process = PROCESS_REAPED;
    drain(w);
    tell_crash(w, status);
    finish(w);
}

static void
on_started(struct router *r, uint32_t connection, pid_t pid)
{
    struct session *s = session_find(r, connection);
    struct worker_pipe *w;

    if (s == NULL || s->pipe == NULL) {
        /* Its session is long over, or never was: nobody would end it. */
        if (!outgoing_started(r, connection, pid) &&
            !tty_started(r, connection, pid) && pid != 0)
            children_kill(r, pid);
        return;
    }
    w = s->pipe;
    if (pid == 0) {
        w->process = PROCESS_UNKNOWN;
        if (w->over)
            finish(w);
        return;
    }
    s->pid = pid;
    w->process = PROCESS_RUNNING;
    /*
     * It may have been reaped before we heard of it, and its number be
     * somebody else's: then the watch tells so at once, and the session is
     * gone.
     */
    children_watch(r, pid, on_exit_status, w);
    s = session_find(r, connection);
    if (s == NULL || s->pipe == NULL)
        return;
    if (s->pipe->over)
        children_expect(r, pid);
    if (s->pipe->killed)
        signal_worker(s->pipe);
}

/* --- the beginning of a worker ------------------------------------------ */

/* `fd` becomes the nursery's. ERR_SYSTEM: it is still the caller's. */
static enum err
begin(struct session *s, enum worker_role role, int fd)
{
    struct router *r = s->router;
    struct worker_pipe *w = alloc_zero(1, sizeof(*w));
    int ends[2];

    w->session = s;
    w->poll.data = w;
    list_init(&w->leaving);
    if (pipe_pair(ends) != OK) {
        free(w);
        return ERR_SYSTEM;
    }
    if (uv_poll_init(&r->loop, &w->poll, ends[0]) != 0) {
        close(ends[0]);
        close(ends[1]);
        free(w);
        return ERR_SYSTEM;
    }
    w->pipe = pipe_new(ends[0]);
    s->pipe = w;
    watch_pipe(w);
    nursery_ask(r->workers->nurseries, s->connection, role, fd, ends[1]);
    return OK;
}

enum err
worker_start_server(struct router *r, int fd, const struct net_address *peer,
                    unsigned vty, uint64_t accepted_ms, struct session **out)
{
    struct session *s = session_new(r, SESSION_SSH, vty);
    struct net_address local = {.len = sizeof(local.storage)};

    if (s == NULL) {
        close(fd);
        return ERR_LIMIT;
    }
    s->peer = *peer;
    s->accepted_ms = accepted_ms;
    net_host_text(peer, s->peer_text, sizeof(s->peer_text));
    if (getsockname(fd, (struct sockaddr *)&local.storage, &local.len) == 0) {
        net_host_text(&local, s->local_text, sizeof(s->local_text));
        s->local_port = net_port(&local);
    }
    if (begin(s, ROLE_SERVER, fd) != OK) {
        close(fd);
        session_end(s);
        return ERR_SYSTEM;
    }
    setup_send_server(s);
    s->auth = auth_new(s);
    *out = s;
    return OK;
}

enum err
worker_start_console(struct router *r, int fd,
                     const struct worker_terminal *terminal,
                     void (*ended)(void *owner), void *owner,
                     struct session **out)
{
    struct session *s;
    int copy;

    if (session_on_console(r) != NULL)
        return ERR_BUSY;
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return ERR_SYSTEM;
    s = session_new(r, SESSION_CONSOLE, 0);
    s->attached = terminal->attached;
    /* Nobody proves anything here; whether the line asks, shell.c decides. */
    s->state = SESSION_SHELL;
    if (begin(s, ROLE_CONSOLE, copy) != OK) {
        close(copy);
        session_end(s);
        return ERR_SYSTEM;
    }
    s->pipe->ended = ended;
    s->pipe->owner = owner;
    setup_send_console(s, terminal);
    *out = s;
    return OK;
}

void
workers_ask_client(struct router *r, uint32_t number, int fd, int end)
{
    nursery_ask(r->workers->nurseries, number, ROLE_CLIENT, fd, end);
}

void
workers_ask_line(struct router *r, uint32_t number, unsigned line, int end)
{
    nursery_ask_line(r->workers->nurseries, number, line, end);
}

void
workers_forget(struct router *r, uint32_t number)
{
    nursery_forget(r->workers->nurseries, number);
}

void
workers_renew(struct router *r)
{
    nursery_renew(r->workers->nurseries);
}

/* --- life --------------------------------------------------------------- */

enum err
workers_start(struct router *r)
{
    struct workers *workers = alloc_zero(1, sizeof(*workers));

    workers->router = r;
    list_init(&workers->leaving);
    buf_init_secret(&workers->encoded, PIPE_MESSAGE_MAX);
    uv_timer_init(&r->loop, &workers->leave);
    workers->leave.data = workers;
    r->workers = workers;
    workers->nurseries = nurseries_new(r, on_started);
    return workers->nurseries == NULL ? ERR_SYSTEM : OK;
}

static void
on_leave_closed(uv_handle_t *handle)
{
    struct workers *workers = handle->data;

    buf_clear(&workers->encoded);
    free(workers);
}

pid_t
workers_nursery_pid(const struct router *r)
{
    return r->workers == NULL ? 0 : nursery_pid(r->workers->nurseries);
}

void
workers_stop(struct router *r)
{
    if (r->workers == NULL)
        return;
    nurseries_free(r->workers->nurseries);
    uv_close((uv_handle_t *)&r->workers->leave, on_leave_closed);
    r->workers = NULL;
}
