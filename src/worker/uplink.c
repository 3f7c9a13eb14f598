#include "worker/uplink.h"

#include <poll.h>

#include "ipc/send.h"

void
uplink_init(struct uplink *u, int fd)
{
    *u = (struct uplink){.pipe = pipe_new(fd)};
}

void
uplink_clear(struct uplink *u)
{
    pipe_free(u->pipe);
    u->pipe = NULL;
}

void
uplink_send(struct uplink *u, const struct message *m)
{
    if (!u->failed && message_send(u->pipe, m) != OK)
        u->failed = true;
}

void
uplink_send_channel(struct uplink *u, enum message_type type, uint32_t channel)
{
    struct message m = {.type = type};

    /* Messages of one field begin alike. */
    m.channel_end.channel = channel;
    uplink_send(u, &m);
}

bool
uplink_is_busy(const struct uplink *u)
{
    return u->failed || pipe_queued(u->pipe) > UPLINK_BUSY;
}

short
uplink_events(const struct uplink *u, bool receive)
{
    return (short)((receive ? POLLIN : 0) |
                   (pipe_wants_write(u->pipe) ? POLLOUT : 0));
}

void
uplink_flush(struct uplink *u)
{
    if (!u->failed && pipe_flush(u->pipe) != OK)
        u->failed = true;
}

bool
uplink_receive(struct uplink *u, struct message *m, struct span *encoded,
               int *fd)
{
    int fds[PIPE_FDS_MAX];
    enum err err;

    if (u->failed)
        return false;
    err = pipe_receive(u->pipe, encoded, fds);
    if (err == ERR_MORE)
        return false;
    if (err != OK || message_decode(*encoded, m) != OK) {
        u->failed = true;
        if (err == OK)
            pipe_close_fds(fds);
        return false;
    }
    /* No message to a worker carries two. */
    *fd = fds[0];
    fds[0] = -1;
    pipe_close_fds(fds);
    return true;
}

bool
uplink_await(struct uplink *u, int timeout_ms, struct message *m, int *fd)
{
    struct pollfd pipe = {.fd = pipe_fd(u->pipe), .events = POLLIN};
    struct span encoded;

    /* What is awaited is mostly there before us. */
    if (uplink_receive(u, m, &encoded, fd))
        return true;
    return !u->failed && poll(&pipe, 1, timeout_ms) == 1 &&
           uplink_receive(u, m, &encoded, fd);
}

void
uplink_drain(struct uplink *u, int timeout_ms)
{
    struct pollfd pipe = {.fd = pipe_fd(u->pipe), .events = POLLOUT};

    uplink_flush(u);
    while (!u->failed && pipe_wants_write(u->pipe)) {
        if (poll(&pipe, 1, timeout_ms) != 1)
            return;
        uplink_flush(u);
    }
}
