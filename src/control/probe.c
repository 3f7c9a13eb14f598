#include "control/probe.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/children.h"
#include "control/helpers.h"
#include "control/journal.h"
#include "ipc/pipe.h"
#include "os/spawn.h"

#define MESSAGES_A_TURN 16 /* then others have theirs */

struct probes {
    struct list all;
    unsigned count;
};

struct probe {
    struct list node;
    struct router *router;
    const struct probe_events *events; /* NULL: nobody waits any more */
    void *owner;
    struct pipe *pipe; /* NULL: at its end */
    uv_poll_t poll;
    bool poll_open; /* the loop knows `poll` */
    bool paused;
    bool failed;
    pid_t pid; /* 0: reaped, or forgotten */
};

/* --- the end ------------------------------------------------------------ */

/* Tell the owner, and go, once process, pipe and handle have. */
static void
settle(struct probe *p)
{
    const struct probe_events *events = p->events;

    if (p->pid != 0 || p->pipe != NULL)
        return;
    p->events = NULL;
    if (events != NULL)
        events->on_end(p->owner, p->failed);
    if (p->poll_open)
        return;
    if (p->router->probes != NULL)
        p->router->probes->count--;
    list_remove(&p->node);
    free(p);
}

static void
on_closed(uv_handle_t *handle)
{
    struct probe *p = handle->data;

    p->poll_open = false;
    settle(p);
}

static void
close_pipe(struct probe *p)
{
    if (p->pipe == NULL)
        return;
    uv_close((uv_handle_t *)&p->poll, on_closed);
    pipe_free(p->pipe);
    p->pipe = NULL;
}

/* It says what nobody understands, or does not listen. */
static void
fail(struct probe *p)
{
    p->failed = true;
    if (p->pid > 0)
        kill(p->pid, SIGKILL);
    close_pipe(p);
}

static void
on_exit_status(void *owner, pid_t pid, int status)
{
    struct probe *p = owner;
    char text[64];

    p->pid = 0;
    if (child_crashed(status) && p->events != NULL) {
        child_status_text(status, text, sizeof(text));
        journal_limited(p->router, "", "SYS", LOG_WARNING, "PROBE",
                        "A probe (process %d) ended with %s", (int)pid, text);
        p->failed = true;
    }
    settle(p);
}

/* --- messages ----------------------------------------------------------- */

static void
report(struct probe *p, const struct msg_report *m)
{
    char line[LOG_LINE_MAX / 2];

    text_escape(line, sizeof(line), m->line);
    journal_limited(p->router, "probe", "SYS",
                    m->level <= LOG_DEBUGGING ? m->level : LOG_DEBUGGING,
                    "REPORT", "probe: %s", line);
}

/* False: nothing more is there, now or ever. */
static bool
receive_one(struct probe *p)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    struct message m;
    enum err err = pipe_receive(p->pipe, &bytes, fds);

    if (err == ERR_MORE)
        return false;
    if (err == OK)
        pipe_close_fds(fds);
    if (err == ERR_CLOSED) {
        close_pipe(p);
        settle(p);
        return false;
    }
    if (err != OK || message_decode(bytes, &m) != OK) {
        fail(p);
        settle(p);
        return false;
    }
    if (m.type == MSG_REPORT)
        report(p, &m.report);
    else if (p->events != NULL)
        p->events->on_message(p->owner, &m);
    /* Its owner may have stopped it. */
    return p->pipe != NULL;
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void
watch(struct probe *p)
{
    int events = p->paused ? 0 : UV_READABLE;

    if (pipe_wants_write(p->pipe))
        events |= UV_WRITABLE;
    if (events == 0)
        uv_poll_stop(&p->poll);
    else
        uv_poll_start(&p->poll, events, on_poll);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
    struct probe *p = poll->data;
    unsigned turns = 0;

    if (status < 0 || ((events & UV_WRITABLE) && pipe_flush(p->pipe) != OK)) {
        fail(p);
        settle(p);
        return;
    }
    if (!(events & (UV_READABLE | UV_DISCONNECT))) {
        watch(p);
        return;
    }
    while (turns++ < MESSAGES_A_TURN && !p->paused)
        if (!receive_one(p))
            return;
}

void
probe_send(struct probe *p, const struct message *m, int fd)
{
    struct buf encoded;

    if (p->pipe == NULL)
        return;
    buf_init(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, m);
    if (!buf_ok(&encoded) ||
        pipe_send(p->pipe, buf_span(&encoded), &fd, fd >= 0 ? 1 : 0) != OK) {
        /* Its end is noticed, and told, when it is reaped. */
        p->failed = true;
        if (p->pid > 0)
            kill(p->pid, SIGKILL);
    }
    buf_clear(&encoded);
    watch(p);
}

void
probe_pause(struct probe *p, bool pause)
{
    p->paused = pause;
    if (p->pipe != NULL)
        watch(p);
}

/* --- the beginning ------------------------------------------------------ */

/* The process runs, its pipe is `end`; or nothing of it is there. */
static enum err
start_process(struct probe *p, int *end)
{
    char path[4096], program[32], role[16], uid_text[16], gid_text[16];
    char *argv[] = {program, role, uid_text, gid_text, NULL};
    uid_t uid;
    gid_t gid;
    int ends[2];
    enum err err = program_path("vtyd-worker", path, sizeof(path));

    if (err == OK)
        err = pipe_pair(ends);
    if (err != OK)
        return err;
    text_copy(program, sizeof(program), "vtyd-worker");
    text_copy(role, sizeof(role), "probe");
    /* It gives root away itself, once nobody can trace it. */
    helpers_user(p->router, &uid, &gid);
    snprintf(uid_text, sizeof(uid_text), "%u", (unsigned)uid);
    snprintf(gid_text, sizeof(gid_text), "%u", (unsigned)gid);
    err = spawn_program(path, argv, ends[1], 0, 0, &p->pid);
    close(ends[1]);
    if (err != OK)
        close(ends[0]);
    else
        *end = ends[0];
    return err;
}

static struct probes *
probes_of(struct router *r)
{
    if (r->probes == NULL) {
        r->probes = alloc_zero(1, sizeof(*r->probes));
        list_init(&r->probes->all);
    }
    return r->probes;
}

enum err
probe_start(struct router *r, const struct message *work, int fd,
            const struct probe_events *events, void *owner,
            struct probe **probe)
{
    struct probes *all = probes_of(r);
    struct probe *p;
    int end = -1;
    enum err err;

    if (all->count >= PROBES_MAX)
        return ERR_LIMIT;
    p = alloc_zero(1, sizeof(*p));
    p->router = r;
    p->poll.data = p;
    err = start_process(p, &end);
    if (err == OK && uv_poll_init(&r->loop, &p->poll, end) != 0) {
        kill(p->pid, SIGKILL);
        close(end);
        err = ERR_SYSTEM;
    }
    if (err != OK) {
        free(p);
        return err;
    }
    p->poll_open = true;
    p->pipe = pipe_new(end);
    p->events = events;
    p->owner = owner;
    list_append(&all->all, &p->node);
    all->count++;
    children_watch(r, p->pid, on_exit_status, p);
    probe_send(p, work, fd);
    *probe = p;
    return OK;
}

void
probe_stop(struct probe *p)
{
    p->events = NULL;
    if (p->pid > 0)
        kill(p->pid, SIGKILL);
    close_pipe(p);
}

/* --- addresses ---------------------------------------------------------- */

struct span
probe_address_bytes(const struct config_address *address)
{
    return span_of(address->bytes,
                   address->family == CONFIG_FAMILY_IPV4 ? 4 : 16);
}

bool
probe_address_take(struct span bytes, struct config_address *address)
{
    if (bytes.len != 4 && bytes.len != 16)
        return false;
    *address = (struct config_address){0};
    address->family = bytes.len == 4 ? CONFIG_FAMILY_IPV4 : CONFIG_FAMILY_IPV6;
    memcpy(address->bytes, bytes.ptr, bytes.len);
    return true;
}

void
probe_address_net(const struct config_address *address, uint16_t port,
                  struct net_address *net)
{
    struct sockaddr_in *in = (void *)&net->storage;
    struct sockaddr_in6 *in6 = (void *)&net->storage;

    *net = (struct net_address){0};
    if (address->family == CONFIG_FAMILY_IPV4) {
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        memcpy(&in->sin_addr, address->bytes, sizeof(in->sin_addr));
        net->len = sizeof(*in);
    } else {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        memcpy(&in6->sin6_addr, address->bytes, sizeof(in6->sin6_addr));
        net->len = sizeof(*in6);
    }
}

/* --- the router's end --------------------------------------------------- */

void
probes_stop(struct router *r)
{
    struct probes *all = r->probes;

    if (all == NULL)
        return;
    LIST_EACH(node, &all->all)
    {
        struct probe *p = LIST_ITEM(node, struct probe, node);

        probe_stop(p);
        if (p->pid > 0)
            children_forget(r, p->pid);
        p->pid = 0;
        /* What is left goes when the loop has let go of it, alone. */
        list_remove(&p->node);
    }
    r->probes = NULL;
    free(all);
}
