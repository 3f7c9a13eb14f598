#include "vtyssh/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ssh/conn.h"

#define PIPE_ROOM (1024 * 1024) /* what a pipe is asked to hold */

/* --- opening ------------------------------------------------------------ */

/* Another description of the same pipe or terminal, in the old one's place. */
static bool
open_again(int fd)
{
    int flags = fd == STDIN_FILENO ? O_RDONLY : O_WRONLY;
    char path[32];
    int again;
    bool ok;

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    again = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (again < 0)
        return false;
    ok = dup3(again, fd, O_CLOEXEC) == fd;
    close(again);
    return ok;
}

/* Some cannot be opened again: another user's pipe, and any without /proc. */
static enum stream_kind
kind_of(int fd, const struct stat *status)
{
    if (S_ISSOCK(status->st_mode))
        return STREAM_SOCKET;
    if (S_ISREG(status->st_mode) || S_ISBLK(status->st_mode))
        return STREAM_FILE;
    if (S_ISFIFO(status->st_mode) || (isatty(fd) && fd != STDIN_FILENO))
        return open_again(fd) ? STREAM_OWN : STREAM_POLLED;
    return STREAM_POLLED;
}

void
stream_open(struct stream *s, int fd)
{
    struct stat status;

    *s = (struct stream){.fd = fd, .kind = STREAM_FILE};
    /* Never more than a peer may send before it must wait for us. */
    buf_init(&s->pending, SSH_CHANNEL_WINDOW + SSH_PACKET_MAX);
    if (fstat(fd, &status) != 0) {
        s->fd = -1;
        return;
    }
    s->kind = kind_of(fd, &status);
    if (S_ISFIFO(status.st_mode))
        (void)fcntl(fd, F_SETPIPE_SZ, PIPE_ROOM);
}

void
stream_close(struct stream *s)
{
    buf_clear(&s->pending);
    if (s->fd >= 0 && s->kind == STREAM_SOCKET)
        (void)shutdown(s->fd, SHUT_WR);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

/* --- reading ------------------------------------------------------------ */

enum err
stream_read(struct stream *s, uint8_t *to, size_t len, size_t *got)
{
    struct iovec piece = {to, len};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t count;

    if (s->fd < 0)
        return ERR_CLOSED;
    do {
        count = s->kind == STREAM_SOCKET ? recvmsg(s->fd, &header, MSG_DONTWAIT)
                                         : read(s->fd, to, len);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN)
        return ERR_MORE;
    if (count <= 0)
        return ERR_CLOSED;
    *got = (size_t)count;
    return OK;
}

bool
stream_may_have_more(const struct stream *s)
{
    return s->kind != STREAM_POLLED;
}

/* --- writing ------------------------------------------------------------ */

static bool
is_writable(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};

    return poll(&wait, 1, 0) > 0;
}

/* As much as it takes now: 0 is "not now". */
static enum err
write_pieces(struct stream *s, struct iovec *pieces, unsigned count,
             size_t *gone)
{
    struct msghdr header = {.msg_iov = pieces, .msg_iovlen = count};
    ssize_t put;

    *gone = 0;
    do {
        put = s->kind == STREAM_SOCKET
                  ? sendmsg(s->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL)
                  : writev(s->fd, pieces, (int)count);
    } while (put < 0 && errno == EINTR);
    if (put < 0 && errno == EAGAIN)
        return OK;
    if (put < 0)
        return ERR_CLOSED;
    *gone = (size_t)put;
    return OK;
}

static struct iovec
piece_of(struct span bytes)
{
    return (struct iovec){(void *)(uintptr_t)bytes.ptr, bytes.len};
}

static enum err
write_some(struct stream *s, struct span bytes, size_t *gone)
{
    struct iovec piece = piece_of(bytes);

    *gone = 0;
    if (s->kind == STREAM_POLLED) {
        if (!is_writable(s->fd))
            return OK;
        /* What poll(2) promises. */
        if (piece.iov_len > PIPE_BUF)
            piece.iov_len = PIPE_BUF;
    }
    return write_pieces(s, &piece, 1, gone);
}

enum err
stream_write(struct stream *s, struct span bytes, size_t *gone)
{
    *gone = 0;
    if (s->fd < 0)
        return ERR_CLOSED;
    if (buf_len(&s->pending) == 0 && write_some(s, bytes, gone) != OK)
        return ERR_CLOSED;
    if (*gone < bytes.len)
        buf_put(&s->pending, bytes.ptr + *gone, bytes.len - *gone);
    return buf_ok(&s->pending) ? OK : ERR_CLOSED;
}

enum err
stream_flush(struct stream *s, size_t *gone)
{
    *gone = 0;
    if (s->fd < 0)
        return ERR_CLOSED;
    if (buf_len(&s->pending) == 0)
        return OK;
    if (write_some(s, buf_span(&s->pending), gone) != OK)
        return ERR_CLOSED;
    buf_consume(&s->pending, *gone);
    /* A burst is over: do not keep its memory. */
    if (buf_len(&s->pending) == 0)
        buf_clear(&s->pending);
    return OK;
}

bool
stream_collect(struct stream *s, struct span bytes)
{
    if (s->fd < 0 || s->kind == STREAM_POLLED || buf_len(&s->pending) > 0 ||
        s->piece_count == STREAM_PIECES)
        return false;
    s->pieces[s->piece_count++] = piece_of(bytes);
    return true;
}

/* What is left of the pieces behind the first `gone` bytes. */
static void
keep_rest(struct stream *s, unsigned count, size_t gone)
{
    for (unsigned i = 0; i < count; i++) {
        struct iovec piece = s->pieces[i];
        size_t written = gone < piece.iov_len ? gone : piece.iov_len;

        buf_put(&s->pending, (uint8_t *)piece.iov_base + written,
                piece.iov_len - written);
        gone -= written;
    }
}

static size_t
length(const struct iovec *pieces, unsigned count)
{
    size_t sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += pieces[i].iov_len;
    return sum;
}

enum err
stream_write_collected(struct stream *s, size_t *gone)
{
    unsigned count = s->piece_count;

    s->piece_count = 0;
    *gone = 0;
    if (count == 0)
        return OK;
    if (write_pieces(s, s->pieces, count, gone) == OK) {
        keep_rest(s, count, *gone);
        if (buf_ok(&s->pending))
            return OK;
    }
    *gone = length(s->pieces, count);
    return ERR_CLOSED;
}
