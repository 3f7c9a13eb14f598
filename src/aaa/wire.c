#include "aaa/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"

#define RECEIVE_MAX 4097 /* bytes at once; a longer datagram is no packet */

struct wire {
    uv_poll_t poll; /* the loop keeps it until its handle is closed */
    int fd;
    bool stream, connected;
    struct buf queue; /* of a stream: not yet sent */
    const struct wire_events *events;
    void *owner;
    bool closed;
};

static void on_ready(uv_poll_t *poll, int status, int events);

static void
watch(struct wire *w)
{
    bool writes = w->stream && (!w->connected || buf_len(&w->queue) > 0);

    uv_poll_start(&w->poll, UV_READABLE | (writes ? UV_WRITABLE : 0), on_ready);
}

/* False: the connection is over. */
static bool
flush(struct wire *w)
{
    while (buf_len(&w->queue) > 0) {
        ssize_t sent = sendto(w->fd, buf_span(&w->queue).ptr,
                              buf_len(&w->queue), MSG_NOSIGNAL, NULL, 0);

        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        buf_consume(&w->queue, (size_t)sent);
    }
    return true;
}

static void
on_writable(struct wire *w)
{
    if (!w->connected) {
        if (net_connect_error(w->fd) != 0) {
            w->events->on_lost(w->owner);
            return;
        }
        w->connected = true;
    }
    if (!flush(w)) {
        w->events->on_lost(w->owner);
        return;
    }
    watch(w);
}

static void
on_ready(uv_poll_t *poll, int status, int events)
{
    struct wire *w = poll->data;

    if (status < 0 && w->stream) {
        w->events->on_lost(w->owner);
        return;
    }
    if (w->stream && (events & UV_WRITABLE))
        on_writable(w);
    if (!w->closed && (w->connected || !w->stream))
        w->events->on_bytes(w->owner);
    /* That nobody listens for datagrams there may be a lie: the watch, which
       this has stopped, goes on. */
    if (status < 0 && !w->closed)
        watch(w);
}

static enum err
open_socket(const struct aaa_server *server, bool stream, int *fd)
{
    bool bound = server->source.len > 0;
    struct net_address to, from;

    if (!net_from_bytes(server->address, server->port, &to) ||
        (bound && !net_from_bytes(server->source, 0, &from)))
        return ERR_FORMAT;
    if (stream)
        return net_connect(&to, bound ? &from : NULL, fd);
    return net_connect_datagrams(&to, bound ? &from : NULL, fd);
}

enum err
wire_open(uv_loop_t *loop, const struct aaa_server *server, bool stream,
          const struct wire_events *events, void *owner,
          struct net_address *local, struct wire **wire)
{
    struct wire *w;
    int fd;

    if (open_socket(server, stream, &fd) != OK)
        return ERR_SYSTEM;
    w = alloc_zero(1, sizeof(*w));
    if (net_local(fd, local) != OK || uv_poll_init(loop, &w->poll, fd) != 0) {
        close(fd);
        free(w);
        return ERR_SYSTEM;
    }
    w->fd = fd;
    w->stream = stream;
    w->events = events;
    w->owner = owner;
    w->poll.data = w;
    buf_init_secret(&w->queue, WIRE_QUEUE_MAX);
    watch(w);
    *wire = w;
    return OK;
}

void
wire_send(struct wire *w, struct span bytes)
{
    ssize_t ignored;

    if (w->stream) {
        buf_put_span(&w->queue, bytes);
        watch(w);
        return;
    }
    ignored = sendto(w->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL, NULL, 0);
    (void)ignored;
}

bool
wire_has_room(const struct wire *w)
{
    return buf_len(&w->queue) <= WIRE_QUEUE_MAX - WIRE_PACKET_MAX;
}

enum err
wire_receive(struct wire *w, struct buf *to)
{
    uint8_t *room = buf_reserve(to, RECEIVE_MAX);
    ssize_t got;

    if (room == NULL)
        return ERR_LIMIT;
    got = recvfrom(w->fd, room, RECEIVE_MAX, 0, NULL, NULL);
    if (got < 0)
        return !w->stream || errno == EAGAIN || errno == EINTR ? ERR_MORE
                                                               : ERR_CLOSED;
    if (got == 0 && w->stream)
        return ERR_CLOSED;
    buf_commit(to, (size_t)got);
    return OK;
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
wire_close(struct wire *w)
{
    bool flushed = true;

    if (w == NULL)
        return;
    w->closed = true;
    /* The last words, if there is room for them. */
    if (w->connected)
        flushed = flush(w);
    (void)flushed;
    buf_clear(&w->queue);
    uv_close((uv_handle_t *)&w->poll, on_closed);
    close(w->fd);
}
