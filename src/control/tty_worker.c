/*
 * The process behind a line: what it is told, what it says, and its end, after
 * which there is another.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/children.h"
#include "control/journal.h"
#include "control/sessions.h"
#include "control/tty_parts.h"
#include "control/tty_plans.h"
#include "control/workers.h"

/* --- the end -------------------------------------------------------------- */

static void
on_handle_closed(uv_handle_t *handle)
{
    free(handle);
}

static void
close_pipe(struct tty *t)
{
    if (t->reading != NULL)
        uv_close((uv_handle_t *)t->reading, on_handle_closed);
    t->reading = NULL;
    pipe_free(t->pipe);
    t->pipe = NULL;
}

static void
kill_worker(struct tty *t)
{
    t->killed = true;
    if (t->pid > 0)
        kill(t->pid, SIGKILL);
}

void
tty_worker_end(struct tty *t)
{
    close_pipe(t);
    /* The end of its pipe is its end; what it has of a log is written. */
    if (t->pid > 0)
        children_forget(t->router, t->pid);
    t->pid = 0;
    if (!t->started)
        workers_forget(t->router, t->number);
    t->started = true;
}

/* There is no process any more: the ring is lost with it. */
static void
worker_is_gone(struct tty *t)
{
    close_pipe(t);
    t->before = tty_counters(t->router, t->line);
    t->counters = (struct tty_counters){.bytes_in = 0};
    tty_device_close(t);
    tty_answers_end(t);
    tty_queue(t);
    tty_end_users(t, TTY_DIED);
}

static bool receive_one(struct tty *t);

static void
on_exit_status(void *owner, pid_t pid, int status)
{
    struct tty *t = owner;
    char text[64];

    (void)pid;
    t->pid = 0;
    /* What it said before it died counts. */
    while (t->pipe != NULL && receive_one(t))
        continue;
    /* By somebody who was told of an end. */
    if (t->removed)
        return;
    if (child_crashed(status) && !t->killed) {
        child_status_text(status, text, sizeof(text));
        journal_limited(t->router, t->source, "SYS", LOG_CRITICAL, "WORKER",
                        "Worker of line %s ended with %s", t->name, text);
        workers_renew(t->router);
    }
    worker_is_gone(t);
}

bool
tty_started(struct router *r, uint32_t number, pid_t pid)
{
    struct tty *t = NULL;

    if (r->ttys == NULL)
        return false;
    LIST_EACH(node, &r->ttys->all)
    {
        struct tty *other = LIST_ITEM(node, struct tty, node);

        if (other->number == number && !other->started)
            t = other;
    }
    if (t == NULL)
        return false;
    t->started = true;
    if (pid == 0) {
        worker_is_gone(t);
        return true;
    }
    t->pid = pid;
    if (t->killed || t->pipe == NULL)
        kill(pid, SIGKILL);
    children_watch(r, pid, on_exit_status, t);
    return true;
}

/* --- what it says --------------------------------------------------------- */

static bool
on_gone(struct tty *t, const struct message *m)
{
    char why[TTY_ABSENCE_MAX];

    /* One that was let go meanwhile is no news. */
    if (t->device.state != DEVICE_OPEN)
        return true;
    text_escape(why, sizeof(why), m->line_gone.text);
    tty_device_lost(t, why);
    tty_end_users(t, TTY_GONE);
    return true;
}

static bool
on_left(struct tty *t, const struct message *m)
{
    tty_user_left(t, m->line_left.id);
    return true;
}

static bool
on_log_full(struct tty *t, const struct message *m)
{
    tty_log_full(t, (int)m->line_log_full.error);
    return true;
}

static bool
on_buffer_done(struct tty *t, const struct message *m)
{
    return tty_buffered(t, m->line_buffer_done.request,
                        m->line_buffer_done.bytes);
}

static bool
on_counted(struct tty *t, const struct message *m)
{
    return tty_counted(t, &m->line_counted);
}

static bool
on_report(struct tty *t, const struct message *m)
{
    char line[LOG_LINE_MAX / 2];

    if (m->report.level > LOG_DEBUGGING)
        return false;
    text_escape(line, sizeof(line), m->report.line);
    journal_limited(t->router, t->source, "SYS", m->report.level, "REPORT",
                    "Worker of line %s: %s", t->name, line);
    return true;
}

/* What is not in the table ends the worker. */
static const struct {
    enum message_type type;
    bool (*handle)(struct tty *t, const struct message *m);
} rules[] = {
    {MSG_LINE_GONE, on_gone},         {MSG_LINE_LEFT, on_left},
    {MSG_LINE_LOG_FULL, on_log_full}, {MSG_LINE_BUFFER_DONE, on_buffer_done},
    {MSG_LINE_COUNTED, on_counted},   {MSG_REPORT, on_report},
};

/* NULL, or what is wrong with it. */
static const char *
judge(struct tty *t, const struct message *m)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].type == m->type)
            return rules[i].handle(t, m)
                       ? NULL
                       : "it sent a message that makes no sense";
    return "it sent a message that it never sends";
}

/* --- the pipe ------------------------------------------------------------- */

static void
break_off(struct tty *t, const char *why)
{
    journal_limited(t->router, t->source, "SYS", LOG_ERROR, "WORKER",
                    "Worker of line %s is killed: %s", t->name, why);
    workers_renew(t->router);
    close_pipe(t);
    kill_worker(t);
}

/* False: nothing more is there now, or ever. */
static bool
receive_one(struct tty *t)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    struct message m;
    const char *wrong = NULL;
    enum err err = pipe_receive(t->pipe, &bytes, fds);

    if (err == ERR_MORE)
        return false;
    if (err != OK && err != ERR_LENGTH) {
        /* It is dying; if it only says so, it dies of this. */
        close_pipe(t);
        if (t->pid > 0)
            kill(t->pid, SIGKILL);
        return false;
    }
    pipe_close_fds(fds);
    if (err == ERR_LENGTH || message_decode(bytes, &m) != OK)
        wrong = "a message cannot be decoded";
    else
        wrong = judge(t, &m);
    if (wrong == NULL)
        return true;
    break_off(t, wrong);
    return false;
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void
watch(struct tty *t)
{
    int events = UV_READABLE;

    if (pipe_wants_write(t->pipe))
        events |= UV_WRITABLE;
    uv_poll_start(t->reading, events, on_poll);
}

/*
 * A handler may have ended the process, or the line with it: then the handle
 * that called is closing, and nothing of the line is looked at.
 */
static void
on_poll(uv_poll_t *poll, int status, int events)
{
    struct tty *t = poll->data;
    bool more;

    /* A failure is the end of the pipe, which reading tells. */
    if ((events & UV_WRITABLE) && pipe_flush(t->pipe) != OK)
        status = -1;
    /* Below 0 the loop has stopped watching: all that is there is read. */
    do
        more = receive_one(t);
    while (!uv_is_closing((uv_handle_t *)poll) && more && status < 0);
    if (!uv_is_closing((uv_handle_t *)poll))
        watch(t);
}

void
tty_send(struct tty *t, const struct message *m, int fd)
{
    struct buf encoded;

    if (t->pipe == NULL)
        return;
    buf_init(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, m);
    /* Its end is noticed when it is reaped. */
    if (!buf_ok(&encoded) ||
        pipe_send(t->pipe, buf_span(&encoded), &fd, fd >= 0 ? 1 : 0) != OK)
        kill_worker(t);
    buf_clear(&encoded);
    watch(t);
}

void
tty_send_setup(struct tty *t)
{
    struct message m = {.type = MSG_LINE_SETUP};
    const struct tty_settings *s = &t->plan.settings;

    m.line_setup.buffer = t->plan.buffer;
    m.line_setup.speed = s->speed;
    m.line_setup.databits = s->databits;
    m.line_setup.parity = s->parity;
    m.line_setup.stopbits = s->stopbits;
    m.line_setup.flow = s->flow;
    m.line_setup.hang_up = s->hang_up;
    m.line_setup.timestamps = t->plan.timestamps;
    tty_send(t, &m, -1);
}

/* --- the beginning -------------------------------------------------------- */

void
tty_worker_start(struct tty *t)
{
    uv_poll_t *poll;
    int ends[2];

    if (pipe_pair(ends) != OK) {
        tty_queue(t);
        return;
    }
    poll = alloc_zero(1, sizeof(*poll));
    if (uv_poll_init(&t->router->loop, poll, ends[0]) != 0) {
        free(poll);
        close(ends[0]);
        close(ends[1]);
        tty_queue(t);
        return;
    }
    poll->data = t;
    t->reading = poll;
    t->pipe = pipe_new(ends[0]);
    t->number = sessions_next_number(t->router);
    t->started = t->killed = false;
    /* It knows nothing of what its forerunner was asked. */
    t->asked = t->counted = t->router->ttys->last_request;
    workers_ask_line(t->router, t->number,
                     t->line == TTY_NUMBER_AUX ? 0 : t->line, ends[1]);
    tty_send_setup(t);
    tty_log_open(t);
    tty_device_open(t);
}
