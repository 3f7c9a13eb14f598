/*
 * The user's side of a connection: what he types into the channel, what the
 * channel brings to his screen. The channel's window opens only when his
 * stream has taken what came: who does not read stops his own peer, and
 * nobody else.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "worker/client_parts.h"

#define TYPED_MAX (16 * 1024) /* bytes on their way to the channel */
#define PIECE     (32 * 1024) /* bytes of the channel that go at once */

#define CTRL_C      0x03
#define CTRL_ESCAPE 0x1e /* ^^ */

void
stream_init(struct client_stream *s, int fd, bool cooked)
{
    *s = (struct client_stream){.fd = fd, .cooked = cooked};
    s->gone = s->ended = fd < 0;
    buf_init_secret(&s->typed, TYPED_MAX);
    buf_init(&s->raw, 2 * SSH_CHANNEL_WINDOW);
    buf_init(&s->shown, 2 * PIECE);
}

static bool
is_busy_error(void)
{
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
}

/* --- to the user -------------------------------------------------------- */

void
stream_take(struct client_stream *s, struct span bytes)
{
    buf_put_span(&s->raw, bytes);
}

/* The next piece, as it is to be seen. */
static void
prepare(struct client_stream *s)
{
    struct span raw = buf_span(&s->raw);

    s->taken = raw.len < PIECE ? raw.len : PIECE;
    if (!s->cooked) {
        buf_put(&s->shown, raw.ptr, s->taken);
        return;
    }
    for (size_t i = 0; i < s->taken; i++) {
        if (raw.ptr[i] == '\n' && !s->after_cr)
            buf_put_u8(&s->shown, '\r');
        buf_put_u8(&s->shown, raw.ptr[i]);
        s->after_cr = raw.ptr[i] == '\r';
    }
}

/* False: the stream takes nothing now. */
static bool
send_shown(struct client_stream *s)
{
    struct span shown = buf_span(&s->shown);
    struct iovec piece = {(void *)(uintptr_t)shown.ptr, shown.len};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t sent = sendmsg(s->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0 && is_busy_error())
        return false;
    s->gone = sent < 0;
    if (sent > 0)
        buf_consume(&s->shown, (size_t)sent);
    return sent > 0;
}

static bool
pump_to_user(struct client *c)
{
    struct client_stream *s = &c->stream;
    bool moved = false;

    while (!s->gone && (buf_len(&s->shown) > 0 || buf_len(&s->raw) > 0)) {
        if (buf_len(&s->shown) == 0)
            prepare(s);
        if (!send_shown(s))
            break;
        moved = true;
        if (buf_len(&s->shown) > 0)
            continue;
        buf_consume(&s->raw, s->taken);
        if (c->channel != CLIENT_CHANNEL_NONE)
            ssh_channel_consumed(c->ssh, c->channel, s->taken);
    }
    return moved;
}

bool
stream_is_empty(const struct client_stream *s)
{
    return s->gone || buf_len(&s->raw) == 0;
}

/* --- from the user ------------------------------------------------------ */

/* A command's input as a terminal would give it. */
static void
cook_typed(struct client_stream *s, uint8_t *typed, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (typed[i] == '\r')
            typed[i] = '\n';
        if (typed[i] == CTRL_C || typed[i] == CTRL_ESCAPE)
            s->interrupted = true;
    }
}

static bool
read_typed(struct client_stream *s)
{
    uint8_t *to = buf_reserve(&s->typed, TYPED_MAX);
    struct iovec piece = {to, TYPED_MAX};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t got = recvmsg(s->fd, &header, MSG_DONTWAIT);

    if (got < 0 && is_busy_error())
        return false;
    if (got <= 0) {
        s->ended = true;
        return true;
    }
    if (s->cooked)
        cook_typed(s, to, (size_t)got);
    buf_commit(&s->typed, (size_t)got);
    return true;
}

static bool
pump_from_user(struct client *c)
{
    struct client_stream *s = &c->stream;
    bool moved = false;

    if (c->channel == CLIENT_CHANNEL_NONE || !c->ready)
        return false;
    for (;;) {
        size_t taken;

        if (buf_len(&s->typed) == 0 && (s->ended || !read_typed(s)))
            break;
        if (buf_len(&s->typed) == 0)
            continue;
        taken = ssh_channel_write(c->ssh, c->channel, buf_span(&s->typed));
        if (taken == 0)
            return moved;
        buf_consume(&s->typed, taken);
        moved = true;
    }
    if (s->ended && !s->end_told) {
        ssh_channel_eof(c->ssh, c->channel);
        s->end_told = moved = true;
    }
    return moved;
}

bool
stream_pump(struct client *c)
{
    bool to = pump_to_user(c);
    bool from = pump_from_user(c);

    if (c->stream.interrupted && !c->end_known) {
        client_set_end(c, CLIENT_INTERRUPTED, "interrupted by the user");
        buf_reset(&c->stream.raw);
        buf_reset(&c->stream.shown);
        ssh_conn_disconnect(c->ssh, SSH_REASON_BY_APPLICATION,
                            "interrupted by the user");
    }
    return to || from;
}

short
stream_events(const struct client *c)
{
    const struct client_stream *s = &c->stream;
    bool reads = c->ready && !s->ended && buf_len(&s->typed) == 0 &&
                 c->channel != CLIENT_CHANNEL_NONE;
    bool writes = !s->gone && buf_len(&s->raw) > 0;

    return (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
}
