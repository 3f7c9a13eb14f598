/*
 * The pipe between control and a session's worker: messages both ways.
 */
#include <unistd.h>

#include "control/children.h"
#include "control/listener.h"
#include "control/nursery.h"
#include "control/requests.h"
#include "control/shell.h"
#include "control/workers_parts.h"

/* --- to a worker ------------ -----------------------------------------------
 */

static void on_poll(uv_poll_t *poll, int status, int events);

void
worker_pipe_watch(struct worker_pipe *w)
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
    err = send_encoded(w, m, fd);
    if (err == ERR_LIMIT)
        worker_kill(s, "it does not read what it is sent");
    else if (err == ERR_LENGTH)
        worker_kill(s, "a message to it is too long");
    else if (err == ERR_SYSTEM && fd >= 0)
        worker_kill(s, "a descriptor could not be passed to it");
    /* Any other failure is the end of the pipe, which its poll tells. */
    if (!wanted_write && pipe_wants_write(w->pipe))
        worker_pipe_watch(w);
    return pipe_queued(w->pipe);
}

size_t
session_send(struct session *s, const struct message *m)
{
    return session_send_fd(s, m, -1);
}

bool
session_log(struct session *s, const struct message *m)
{
    struct worker_pipe *w = s->pipe;

    if (w == NULL || w->over || w->killed)
        return false;
    if (pipe_wants_write(w->pipe)) {
        w->logs_dropped++;
        return false;
    }
    session_send(s, m);
    return true;
}

/* --- from a worker ------------ ---------------------------------------------
 */

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
        worker_finish(w);
        return;
    }
    worker_must_leave(w);
    if (w->process == PROCESS_RUNNING)
        children_expect(w->session->router, w->session->pid);
}

static void
on_writable(struct worker_pipe *w)
{
    /* A failure is the end of the pipe, which reading tells. */
    if (pipe_flush(w->pipe) != OK || pipe_wants_write(w->pipe))
        return;
    worker_pipe_watch(w);
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
        worker_pipe_watch(w);
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
        worker_pipe_watch(w);
}

/* What it sent before it died counts. */
void
worker_pipe_drain(struct worker_pipe *w)
{
    while (!w->over && receive_one(w) == OK)
        continue;
}
