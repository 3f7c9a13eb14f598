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
write_some(struct stream *s, struct span bytes, size_t *gone)
{
    struct iovec piece = {(void *)(uintptr_t)bytes.ptr, bytes.len};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t put;

    *gone = 0;
    if (s->kind == STREAM_POLLED) {
        if (!is_writable(s->fd))
            return OK;
        /* What poll(2) promises. */
        if (bytes.len > PIPE_BUF)
            bytes.len = PIPE_BUF;
    }
    do {
        put = s->kind == STREAM_SOCKET
                  ? sendmsg(s->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL)
                  : write(s->fd, bytes.ptr, bytes.len);
    } while (put < 0 && errno == EINTR);
    if (put < 0 && errno == EAGAIN)
        return OK;
    if (put < 0)
        return ERR_CLOSED;
    *gone = (size_t)put;
    return OK;
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
