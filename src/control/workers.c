#include "control/workers_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "control/alarms.h"
#include "control/auth.h"
#include "control/children.h"
#include "control/journal.h"
#include "control/listener.h"
#include "control/log_about.h"
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
void
worker_finish(struct worker_pipe *w)
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
            worker_finish(w);
    }
}

void
worker_must_leave(struct worker_pipe *w)
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
session_disconnect(struct session *s, enum session_cause cause,
                   enum ssh_reason reason, const char *text)
{
    struct message m = {.type = MSG_DISCONNECT};

    if (s->state == SESSION_ENDING)
        return;
    alarms_cause(s, cause);
    s->state = SESSION_ENDING;
    m.disconnect.reason = (uint8_t)reason;
    m.disconnect.text = span_text(text);
    session_send(s, &m);
    if (s->pipe != NULL)
        worker_must_leave(s->pipe);
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
        worker_must_leave(s->pipe);
}

void
worker_kill(struct session *s, const char *why)
{
    char line[LINE_NAME_MAX];

    if (s->pipe == NULL || s->pipe->killed)
        return;
    line_name(s, line);
    log_about(s);
    journal_limited(s->router, s->peer_text, "SYS", LOG_ERROR, "WORKER",
                    "Worker of %s is killed: %s", line, why);
    alarms_cause(s, CAUSE_WORKER);
    s->state = SESSION_ENDING;
    s->pipe->killed = true;
    worker_must_leave(s->pipe);
    signal_worker(s->pipe);
}

/* --- the process --------------------------------------------------------- */

static void
tell_crash(struct worker_pipe *w, int status)
{
    struct session *s = w->session;
    char line[LINE_NAME_MAX], end[64];

    if (!child_crashed(status) || w->killed)
        return;
    line_name(s, line);
    child_status_text(status, end, sizeof(end));
    log_about(s);
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
    worker_pipe_drain(w);
    tell_crash(w, status);
    worker_finish(w);
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
            worker_finish(w);
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
    worker_pipe_watch(w);
    nursery_ask(r->workers->nurseries, s->connection, role, fd, ends[1]);
    return OK;
}

enum err
worker_start_server(struct router *r, int fd, const struct net_address *peer,
                    unsigned vty, uint64_t accepted_ms, struct session **out)
{
    struct session *s = session_new(r, SESSION_SSH, vty);
    int copy;

    if (s == NULL) {
        close(fd);
        return ERR_LIMIT;
    }
    s->peer = *peer;
    s->accepted_ms = accepted_ms;
    net_host_text(peer, s->peer_text, sizeof(s->peer_text));
    if (net_local(fd, &s->local) == OK) {
        net_host_text(&s->local, s->local_text, sizeof(s->local_text));
        s->local_port = net_port(&s->local);
    }
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0 || begin(s, ROLE_SERVER, fd) != OK) {
        if (copy >= 0)
            close(copy);
        close(fd);
        session_end(s);
        return ERR_SYSTEM;
    }
    s->socket = copy;
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
