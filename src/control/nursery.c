#include "control/nursery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/list.h"
#include "control/children.h"
#include "control/helpers.h"
#include "control/journal.h"
#include "control/metrics.h"
#include "ipc/pipe.h"
#include "os/spawn.h"

#define PROGRAM "vtyd-worker"

/* A START: waiting for a nursery, or sent and not answered. */
struct start {
    struct list node;
    uint32_t connection;
    enum worker_role role;
    unsigned line;
    int peer, pipe_end; /* closed once sent; a line has no peer */
};

struct nursery {
    struct list node; /* among all that are not gone yet */
    struct nurseries *owner;
    struct pipe *pipe;
    uv_poll_t poll;
    pid_t pid;      /* 0: reaped */
    bool over;      /* its pipe has ended, the handle is closing */
    bool closed;    /* the loop has let go of the handle */
    unsigned asked; /* workers so far */
    unsigned unanswered;
    struct list sent; /* of struct start, in order */
};

struct nurseries {
    struct router *router;
    nursery_started_fn started;
    struct list all;         /* of struct nursery */
    struct nursery *current; /* NULL: one is to be started */
    struct list waiting;     /* of struct start */
    uint64_t last_ms;        /* when the last one was started */
    uv_timer_t pause;        /* until the next one may be started */
    bool pause_open;
    bool stopping;
    struct buf encoded;
};

static void begin_new(struct nurseries *n);
static void send_waiting(struct nurseries *n);
static enum err receive_one(struct nursery *nursery);

/* --- the end of one ----------------------------------------------------- */

static void
free_when_empty(struct nurseries *n)
{
    if (!n->stopping || !list_empty(&n->all) || n->pause_open)
        return;
    buf_clear(&n->encoded);
    free(n);
}

static void
start_free(struct start *start)
{
    list_remove(&start->node);
    if (start->peer >= 0)
        close(start->peer);
    if (start->pipe_end >= 0)
        close(start->pipe_end);
    free(start);
}

/* Gone for good when reaped and when the loop has let go of its pipe. */
static void
free_when_gone(struct nursery *nursery)
{
    struct nurseries *n = nursery->owner;

    if (nursery->pid > 0 || !nursery->closed)
        return;
    list_remove(&nursery->node);
    pipe_free(nursery->pipe);
    free(nursery);
    free_when_empty(n);
}

static void
on_poll_closed(uv_handle_t *handle)
{
    struct nursery *nursery = handle->data;

    nursery->closed = true;
    free_when_gone(nursery);
}

/* The nursery has ended: nobody knows what became of what it was asked. */
static void
nursery_over(struct nursery *nursery)
{
    struct nurseries *n = nursery->owner;

    if (nursery->over)
        return;
    nursery->over = true;
    if (n->current == nursery)
        n->current = NULL;
    uv_close((uv_handle_t *)&nursery->poll, on_poll_closed);
    LIST_EACH(node, &nursery->sent)
    {
        struct start *start = LIST_ITEM(node, struct start, node);
        uint32_t connection = start->connection;

        start_free(start);
        n->started(n->router, connection, 0);
    }
    if (n->current == NULL && !n->stopping)
        begin_new(n);
}

static void
on_exit_status(void *owner, pid_t pid, int status)
{
    struct nursery *nursery = owner;
    struct nurseries *n = nursery->owner;
    char text[64];

    nursery->pid = 0;
    if (child_crashed(status) && !n->stopping) {
        child_status_text(status, text, sizeof(text));
        journal_limited(n->router, "", "SYS", LOG_CRITICAL, "NURSERY",
                        "Nursery %d ended with %s; a new one is started",
                        (int)pid, text);
        metrics_nursery_restarted(n->router);
    }
    /*
     * Whom it forked last is still in its pipe: a worker without a number
     * could be neither killed nor charged for its crash.
     */
    while (!nursery->over && receive_one(nursery) == OK)
        continue;
    nursery_over(nursery);
    free_when_gone(nursery);
}

/*
 * No further STARTs: it reads the end, answers what it has, and exits. Its
 * answers are still taken.
 */
static void
retire(struct nursery *nursery)
{
    struct nurseries *n = nursery->owner;

    if (n->current == nursery)
        n->current = NULL;
    shutdown(pipe_fd(nursery->pipe), SHUT_WR);
}

/* --- answers ------------------------------------------------------------ */

static void
on_started(struct nursery *nursery, const struct msg_started *m)
{
    struct nurseries *n = nursery->owner;
    struct start *start;

    /* They come in the order of the questions. */
    if (list_empty(&nursery->sent))
        return;
    start = LIST_ITEM(nursery->sent.next, struct start, node);
    if (start->connection != m->connection)
        return;
    start_free(start);
    nursery->unanswered--;
    if (m->pid == 0)
        journal_limited(n->router, "", "SYS", LOG_CRITICAL, "FORK",
                        "No worker could be started for a connection");
    n->started(n->router, m->connection, (pid_t)m->pid);
    send_waiting(n);
}

/* ERR_MORE: none now. ERR_CLOSED: there will be no more. */
static enum err
receive_one(struct nursery *nursery)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    struct message m;
    enum err err = pipe_receive(nursery->pipe, &bytes, fds);

    if (err != OK)
        return err == ERR_MORE ? ERR_MORE : ERR_CLOSED;
    pipe_close_fds(fds);
    if (message_decode(bytes, &m) != OK || m.type != MSG_STARTED)
        return ERR_CLOSED;
    on_started(nursery, &m.started);
    return OK;
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
    struct nursery *nursery = poll->data;
    enum err err = OK;

    (void)events;
    /* Below 0: it closed without reading all; its last answers are there. */
    do
        err = receive_one(nursery);
    while (status < 0 && err == OK);
    if (err == ERR_CLOSED)
        nursery_over(nursery);
    else if (status < 0)
        uv_poll_start(poll, UV_READABLE, on_poll);
}

/* --- the beginning of one ----------------------------------------------- */

static enum err
spawn_nursery(struct nurseries *n, int *fd, pid_t *pid)
{
    char path[4096], program[] = PROGRAM, uid_text[16], gid_text[16];
    char *argv[] = {program, uid_text, gid_text, NULL};
    enum err err = program_path(PROGRAM, path, sizeof(path));
    int ends[2];
    uid_t uid;
    gid_t gid;

    /* It gives root away itself, behind its empty root directory. */
    helpers_user(n->router, &uid, &gid);
    snprintf(uid_text, sizeof(uid_text), "%u", (unsigned)uid);
    snprintf(gid_text, sizeof(gid_text), "%u", (unsigned)gid);
    if (err == OK)
        err = pipe_pair(ends);
    if (err != OK)
        return err;
    err = spawn_program(path, argv, ends[1], 0, 0, pid);
    close(ends[1]);
    if (err == OK)
        *fd = ends[0];
    else
        close(ends[0]);
    return err;
}

static enum err
start_nursery(struct nurseries *n)
{
    struct nursery *nursery;
    pid_t pid = 0;
    int fd = -1;
    enum err err;

    n->last_ms = router_now_ms(n->router);
    err = spawn_nursery(n, &fd, &pid);
    if (err != OK)
        return err;
    nursery = alloc_zero(1, sizeof(*nursery));
    nursery->owner = n;
    nursery->pid = pid;
    nursery->pipe = pipe_new(fd);
    nursery->poll.data = nursery;
    list_init(&nursery->sent);
    list_append(&n->all, &nursery->node);
    if (uv_poll_init(&n->router->loop, &nursery->poll, fd) == 0) {
        uv_poll_start(&nursery->poll, UV_READABLE, on_poll);
        n->current = nursery;
    } else {
        err = ERR_SYSTEM;
        nursery->over = nursery->closed = true;
        shutdown(fd, SHUT_RDWR);
    }
    children_watch(n->router, pid, on_exit_status, nursery);
    return err;
}

static void
on_pause_over(uv_timer_t *timer)
{
    struct nurseries *n = timer->data;

    if (n->current == NULL)
        begin_new(n);
}

/* A new one now, or when the last is old enough. */
static void
begin_new(struct nurseries *n)
{
    uint64_t age_ms = router_now_ms(n->router) - n->last_ms;
    uint64_t wait_ms =
        age_ms < NURSERY_PAUSE_MS ? NURSERY_PAUSE_MS - age_ms : 0;

    if (wait_ms == 0) {
        if (start_nursery(n) == OK) {
            send_waiting(n);
            return;
        }
        journal_limited(n->router, "", "SYS", LOG_CRITICAL, "NURSERY",
                        "No nursery can be started: %s", strerror(errno));
        wait_ms = NURSERY_PAUSE_MS;
    }
    uv_timer_start(&n->pause, on_pause_over, wait_ms, 0);
}

pid_t
nursery_pid(const struct nurseries *n)
{
    return n->current == NULL ? 0 : n->current->pid;
}

void
nursery_renew(struct nurseries *n)
{
    if (n->current == NULL || n->stopping)
        return;
    retire(n->current);
    begin_new(n);
}

/* --- questions ---------------------------------------------------------- */

static enum err
send_start(struct nurseries *n, struct start *start)
{
    struct nursery *nursery = n->current;
    struct message m = {.type = MSG_START};
    int fds[2] = {start->peer, start->pipe_end};
    bool alone = start->peer < 0;
    enum err err;

    m.start.connection = start->connection;
    m.start.role = (uint8_t)start->role;
    m.start.line = start->line;
    buf_reset(&n->encoded);
    message_encode(&n->encoded, &m);
    err = pipe_send(nursery->pipe, buf_span(&n->encoded), alone ? fds + 1 : fds,
                    alone ? 1 : 2);
    if (err != OK)
        return err;
    if (!alone)
        close(start->peer);
    close(start->pipe_end);
    start->peer = start->pipe_end = -1;
    list_remove(&start->node);
    list_append(&nursery->sent, &start->node);
    nursery->unanswered++;
    nursery->asked++;
    return OK;
}

static void
send_waiting(struct nurseries *n)
{
    /* Renewal comes back to here: the list is looked at anew each time. */
    while (!list_empty(&n->waiting)) {
        struct start *first = LIST_ITEM(n->waiting.next, struct start, node);
        struct nursery *nursery = n->current;

        if (nursery == NULL || nursery->unanswered >= NURSERY_UNANSWERED_MAX)
            return;
        /* A pipe that is broken is seen by its poll, which starts anew. */
        if (send_start(n, first) != OK)
            return;
        if (nursery->asked >= NURSERY_WORKERS_MAX)
            nursery_renew(n);
    }
}

static void
add(struct nurseries *n, struct start wanted)
{
    struct start *start = alloc_zero(1, sizeof(*start));

    *start = wanted;
    list_append(&n->waiting, &start->node);
    send_waiting(n);
}

void
nursery_ask(struct nurseries *n, uint32_t connection, enum worker_role role,
            int peer, int pipe_end)
{
    add(n, (struct start){.connection = connection,
                          .role = role,
                          .peer = peer,
                          .pipe_end = pipe_end});
}

void
nursery_ask_line(struct nurseries *n, uint32_t connection, unsigned line,
                 int pipe_end)
{
    add(n, (struct start){.connection = connection,
                          .role = ROLE_LINE,
                          .line = line,
                          .peer = -1,
                          .pipe_end = pipe_end});
}

void
nursery_forget(struct nurseries *n, uint32_t connection)
{
    LIST_EACH(node, &n->waiting)
    {
        struct start *start = LIST_ITEM(node, struct start, node);

        if (start->connection == connection) {
            start_free(start);
            return;
        }
    }
}

/* --- life --------------------------------------------------------------- */

struct nurseries *
nurseries_new(struct router *r, nursery_started_fn started)
{
    struct nurseries *n = alloc_zero(1, sizeof(*n));

    n->router = r;
    n->started = started;
    list_init(&n->all);
    list_init(&n->waiting);
    buf_init(&n->encoded, PIPE_MESSAGE_MAX);
    uv_timer_init(&r->loop, &n->pause);
    n->pause.data = n;
    n->pause_open = true;
    if (start_nursery(n) != OK) {
        nurseries_free(n);
        return NULL;
    }
    return n;
}

static void
on_pause_closed(uv_handle_t *handle)
{
    struct nurseries *n = handle->data;

    n->pause_open = false;
    free_when_empty(n);
}

void
nurseries_free(struct nurseries *n)
{
    if (n == NULL)
        return;
    n->stopping = true;
    LIST_EACH(node, &n->waiting)
    {
        start_free(LIST_ITEM(node, struct start, node));
    }
    LIST_EACH(node, &n->all)
    {
        struct nursery *nursery = LIST_ITEM(node, struct nursery, node);

        /* It reads the end of its pipe and exits; nobody waits for that. */
        if (nursery->pid > 0)
            children_forget(n->router, nursery->pid);
        nursery->pid = 0;
        nursery_over(nursery);
        free_when_gone(nursery);
    }
    uv_close((uv_handle_t *)&n->pause, on_pause_closed);
}
