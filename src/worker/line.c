#include "worker/line.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/clock.h"
#include "os/file.h"
#include "worker/heap.h"
#include "worker/line_parts.h"

#define TRIM_MS 1000 /* of silence, before memory is given back */

/* --- what control says ---------------------------------------------------- */

static void
on_setup(struct line *l, const struct msg_line_setup *m)
{
    l->settings = (struct tty_settings){
        .speed = m->speed,
        .databits = m->databits,
        .parity = m->parity,
        .stopbits = m->stopbits,
        .flow = m->flow,
        .hang_up = m->hang_up,
    };
    l->timestamps = m->timestamps;
    ring_resize(&l->ring, m->buffer);
    port_set(l);
}

static void
on_buffer(struct line *l, uint64_t request, int fd)
{
    struct message m = {.type = MSG_LINE_BUFFER_DONE};
    uint64_t at = l->ring.first;

    while (at < l->ring.end) {
        struct span piece = ring_read(&l->ring, at);

        if (file_write_all(fd, piece) != OK)
            break;
        at += piece.len;
    }
    m.line_buffer_done.request = request;
    m.line_buffer_done.bytes = at - l->ring.first;
    uplink_send(l->up, &m);
}

static void
on_count(struct line *l, uint64_t request)
{
    struct message m = {.type = MSG_LINE_COUNTED};

    m.line_counted.request = request;
    m.line_counted.bytes_in = l->bytes_in;
    m.line_counted.bytes_out = l->bytes_out;
    m.line_counted.lost = l->lost;
    m.line_counted.breaks = l->breaks;
    uplink_send(l->up, &m);
}

/* `*fd` is closed behind it, unless it was taken. */
static void
on_message(struct line *l, const struct message *m, int *fd)
{
    switch (m->type) {
    case MSG_LINE_SETUP:
        on_setup(l, &m->line_setup);
        break;
    case MSG_LINE_DEVICE:
        port_open(l, *fd, (enum line_device)m->line_device.kind,
                  m->line_device.held);
        *fd = -1;
        break;
    case MSG_LINE_USER:
        user_add(l, m->line_user.id, *fd, m->line_user.writer,
                 m->line_user.name);
        *fd = -1;
        break;
    case MSG_LINE_DROP:
        user_drop(l, m->line_drop.id);
        break;
    case MSG_LINE_WRITER:
        user_set_writer(l, m->line_writer.id);
        break;
    case MSG_LINE_BREAK:
        port_break(l, m->line_break.ms);
        break;
    case MSG_LINE_LOG:
        log_open(l, *fd, m->line_log.room);
        *fd = -1;
        break;
    case MSG_LINE_BUFFER:
        on_buffer(l, m->line_buffer.request, *fd);
        break;
    case MSG_LINE_COUNT:
        on_count(l, m->line_count.request);
        break;
    default: /* control sends nothing else */
        l->up->failed = true;
        break;
    }
}

static void
on_pipe(struct line *l, short revents)
{
    struct message m;
    struct span encoded;
    int fd;

    if (revents & POLLOUT)
        uplink_flush(l->up);
    while ((revents & POLLIN) && uplink_receive(l->up, &m, &encoded, &fd)) {
        on_message(l, &m, &fd);
        if (fd >= 0)
            close(fd);
    }
    if (revents & (POLLHUP | POLLERR | POLLNVAL))
        l->up->failed = true;
}

/* --- waiting -------------------------------------------------------------- */

enum { WAIT_PIPE, WAIT_PORT, WAIT_USERS };

struct waits {
    struct pollfd fds[WAIT_USERS + LINE_USERS_MAX];
    struct line_user *users[LINE_USERS_MAX];
    unsigned user_count;
};

/* An end that nobody looks for now would be told again and again. */
static struct pollfd
wait_on(int fd, short events)
{
    return (struct pollfd){.fd = events == 0 ? -1 : fd, .events = events};
}

static void
collect_waits(const struct line *l, struct waits *w)
{
    w->user_count = 0;
    w->fds[WAIT_PIPE] = (struct pollfd){.fd = pipe_fd(l->up->pipe),
                                        .events = uplink_events(l->up, true)};
    w->fds[WAIT_PORT] = wait_on(l->port.fd, port_events(l));
    LIST_EACH(node, &l->users)
    {
        struct line_user *u = LIST_ITEM(node, struct line_user, node);
        struct pollfd *wait = &w->fds[WAIT_USERS + w->user_count];

        /* One who types no more may still be there to read. */
        *wait = (struct pollfd){.fd = u->hung_up ? -1 : u->fd,
                                .events = user_events(l, u)};
        w->users[w->user_count++] = u;
    }
}

static uint64_t
next_deadline(const struct line *l)
{
    uint64_t port = port_deadline(l), users = users_deadline(l);
    uint64_t first = port < users ? port : users;

    return log_holds(l) && l->log.next_by_ms < first ? l->log.next_by_ms
                                                     : first;
}

/* Wait for something to do; after a second of silence give memory back. */
static void
wait_for_work(struct line *l, struct waits *w)
{
    uint64_t deadline = next_deadline(l), trim_at = l->now_ms + TRIM_MS;
    int ready;

    collect_waits(l, w);
    ready = poll(
        w->fds, WAIT_USERS + w->user_count,
        clock_poll_timeout(deadline < trim_at ? deadline : trim_at, l->now_ms));
    if (ready == 0 && trim_at < deadline) {
        heap_trim();
        l->now_ms = clock_now_ms();
        ready = poll(w->fds, WAIT_USERS + w->user_count,
                     clock_poll_timeout(deadline, l->now_ms));
    }
    l->now_ms = clock_now_ms();
    if (ready <= 0)
        for (unsigned i = 0; i < WAIT_USERS + w->user_count; i++)
            w->fds[i].revents = 0;
}

/*
 * What users typed and control said goes out in the same turn. Control comes
 * behind the users: what it says may end one.
 */
static void
turn(struct line *l, const struct waits *w)
{
    for (unsigned i = 0; i < w->user_count; i++)
        user_work(l, w->users[i], w->fds[WAIT_USERS + i].revents);
    on_pipe(l, w->fds[WAIT_PIPE].revents);
    port_work(l, w->fds[WAIT_PORT].revents);
    users_pump(l);
    log_pump(l);
}

void
line_run(struct uplink *up)
{
    struct line *l = alloc_zero(1, sizeof(*l));
    struct waits waits;
    struct message m;
    int fd;

    l->up = up;
    l->log.fd = -1;
    list_init(&l->users);
    if (!uplink_await(up, -1, &m, &fd) || m.type != MSG_LINE_SETUP)
        return;
    l->now_ms = clock_now_ms();
    port_init(&l->port);
    ring_init(&l->ring, m.line_setup.buffer);
    on_setup(l, &m.line_setup);
    while (!up->failed) {
        wait_for_work(l, &waits);
        turn(l, &waits);
    }
    log_pump(l);
    ring_clear(&l->ring);
    free(l);
}
