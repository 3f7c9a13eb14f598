#include "ipc/pipe.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/list.h"
#include "base/secret.h"

/* The receive buffer grows in these steps; up to here it is kept when idle. */
#define RECEIVE_STEP 512

/* What pipe_hold() keeps, bytes with bookkeeping: the answer to a command. */
#define HOLD_MAX 4096

/* Room for exactly PIPE_FDS_MAX: the kernel closes what a peer sends beyond. */
union fd_control {
    struct cmsghdr align;
    char room[CMSG_SPACE(PIPE_FDS_MAX * sizeof(int))];
};

/* A message that the socket did not take yet. */
struct waiting {
    struct list node;
    int fds[PIPE_FDS_MAX]; /* ours; -1 behind the last */
    size_t len;
    uint8_t bytes[];
};

struct pipe {
    int fd;
    uint8_t *received; /* the last message; wiped at the next receive */
    size_t received_len;
    size_t received_room;
    struct list queue; /* of struct waiting, oldest first */
    size_t queued;     /* bytes, each message with its bookkeeping */
    bool held;         /* the queue waits for pipe_flush(), not for room */
};

enum err
pipe_pair(int ends[2])
{
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                   fds) != 0)
        return ERR_SYSTEM;
    ends[0] = fds[0];
    ends[1] = fds[1];
    return OK;
}

struct pipe *
pipe_new(int fd)
{
    struct pipe *p = alloc_zero(1, sizeof(*p));

    p->fd = fd;
    list_init(&p->queue);
    return p;
}

bool
pipe_is_end(int fd)
{
    int type = 0;
    socklen_t len = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
           type == SOCK_SEQPACKET;
}

void
pipe_close_fds(int fds[PIPE_FDS_MAX])
{
    for (size_t i = 0; i < PIPE_FDS_MAX; i++)
        if (fds[i] >= 0) {
            close(fds[i]);
            fds[i] = -1;
        }
}

static void
waiting_free(struct pipe *p, struct waiting *w)
{
    p->queued -= sizeof(*w) + w->len;
    list_remove(&w->node);
    pipe_close_fds(w->fds);
    wipe(w->bytes, w->len);
    free(w);
}

/* Forget the last message; keep its memory if it is small. */
static void
forget_received(struct pipe *p, size_t keep)
{
    wipe(p->received, p->received_len);
    p->received_len = 0;
    if (p->received_room > keep) {
        free(p->received);
        p->received = NULL;
        p->received_room = 0;
    }
}

void
pipe_free(struct pipe *p)
{
    if (p == NULL)
        return;
    LIST_EACH(node, &p->queue)
    {
        waiting_free(p, LIST_ITEM(node, struct waiting, node));
    }
    forget_received(p, 0);
    close(p->fd);
    free(p);
}

int
pipe_fd(const struct pipe *p)
{
    return p->fd;
}

/* ERR_MORE: the socket is full. */
static enum err
send_now(int fd, struct span message, const int *fds, size_t fd_count)
{
    union fd_control control = {0};
    struct iovec piece = {(void *)(uintptr_t)message.ptr, message.len};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t sent;

    if (fd_count > 0) {
        struct cmsghdr *rights = &control.align;

        header.msg_control = control.room;
        header.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(rights), fds, fd_count * sizeof(int));
    }
    do
        sent = sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return OK;
    switch (errno) {
    case EAGAIN:
    case ENOBUFS:
        return ERR_MORE;
    case EPIPE:
    case ECONNRESET:
    case ECONNREFUSED:
    case ENOTCONN:
        return ERR_CLOSED;
    default:
        return ERR_SYSTEM;
    }
}

static enum err
enqueue(struct pipe *p, struct span message, const int *fds, size_t fd_count)
{
    struct waiting *w;

    /* The bookkeeping counts: many short messages are no way around it. */
    if (sizeof(*w) + message.len > PIPE_QUEUE_MAX - p->queued)
        return ERR_LIMIT;
    w = alloc_zero(1, sizeof(*w) + message.len);
    for (size_t i = 0; i < PIPE_FDS_MAX; i++)
        w->fds[i] = -1;
    for (size_t i = 0; i < fd_count; i++) {
        w->fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
        if (w->fds[i] < 0) {
            pipe_close_fds(w->fds);
            free(w);
            return ERR_SYSTEM;
        }
    }
    w->len = message.len;
    memcpy(w->bytes, message.ptr, message.len);
    list_append(&p->queue, &w->node);
    p->queued += sizeof(*w) + message.len;
    return OK;
}

enum err
pipe_send(struct pipe *p, struct span message, const int *fds, size_t fd_count)
{
    enum err err = ERR_MORE;

    assert(fd_count <= PIPE_FDS_MAX);
    if (message.len == 0 || message.len > PIPE_MESSAGE_MAX)
        return ERR_LENGTH;
    if (p->held && (fd_count > 0 || p->queued + message.len > HOLD_MAX)) {
        err = pipe_flush(p);
        if (err != OK)
            return err;
        err = ERR_MORE;
    }
    if (list_empty(&p->queue) && !p->held)
        err = send_now(p->fd, message, fds, fd_count);
    if (err == ERR_MORE)
        err = enqueue(p, message, fds, fd_count);
    return err;
}

void
pipe_hold(struct pipe *p)
{
    assert(list_empty(&p->queue));
    p->held = true;
}

static size_t
count_fds(const int fds[PIPE_FDS_MAX])
{
    size_t count = 0;

    while (count < PIPE_FDS_MAX && fds[count] >= 0)
        count++;
    return count;
}

enum err
pipe_flush(struct pipe *p)
{
    p->held = false;
    LIST_EACH(node, &p->queue)
    {
        struct waiting *w = LIST_ITEM(node, struct waiting, node);
        enum err err = send_now(p->fd, span_of(w->bytes, w->len), w->fds,
                                count_fds(w->fds));

        if (err == ERR_MORE)
            return OK;
        if (err != OK)
            return err;
        waiting_free(p, w);
    }
    return OK;
}

bool
pipe_wants_write(const struct pipe *p)
{
    return !p->held && !list_empty(&p->queue);
}

size_t
pipe_queued(const struct pipe *p)
{
    return p->held ? 0 : p->queued;
}

void
pipe_forget(struct pipe *p)
{
    wipe(p->received, p->received_len);
    p->received_len = 0;
}

/*
 * One recvmsg(); its result. A peer that closes with unread messages of ours
 * leaves ECONNRESET in front of its own last messages (reported once, then
 * gone), and those must not be lost: the end is what comes behind them.
 */
static ssize_t
receive_raw(int fd, struct msghdr *header, int flags)
{
    size_t control_room = header->msg_controllen;
    ssize_t got;
    int resets = 0;

    do {
        header->msg_controllen = control_room;
        got = recvmsg(fd, header, flags | MSG_DONTWAIT);
    } while (got < 0 &&
             (errno == EINTR || (errno == ECONNRESET && resets++ == 0)));
    return got;
}

static enum err
receive_error(void)
{
    if (errno == EAGAIN)
        return ERR_MORE;
    return errno == ECONNRESET || errno == ENOTCONN ? ERR_CLOSED : ERR_SYSTEM;
}

/* The length of the next message, which stays where it is. */
static enum err
peek_length(const struct pipe *p, size_t *len)
{
    struct msghdr header = {0};
    ssize_t got = receive_raw(p->fd, &header, MSG_PEEK | MSG_TRUNC);

    if (got < 0)
        return receive_error();
    /* Nobody here sends empty messages: it is the end. */
    if (got == 0)
        return ERR_CLOSED;
    if (got > PIPE_MESSAGE_MAX) {
        /* Taken off, with what came along, or it would be met for ever. */
        header = (struct msghdr){0};
        (void)receive_raw(p->fd, &header, 0);
        return ERR_LENGTH;
    }
    *len = (size_t)got;
    return OK;
}

/* Room for `len` bytes, and not much more. */
static void
make_room(struct pipe *p, size_t len)
{
    size_t room = (len + RECEIVE_STEP - 1) / RECEIVE_STEP * RECEIVE_STEP;

    if (p->received_room >= len && p->received_room <= 4 * room)
        return;
    free(p->received);
    p->received = alloc_zero(1, room);
    p->received_room = room;
}

static void
take_fds(struct msghdr *header, int fds[PIPE_FDS_MAX])
{
    const struct cmsghdr *rights = CMSG_FIRSTHDR(header);
    size_t len;

    if (rights == NULL || rights->cmsg_level != SOL_SOCKET ||
        rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len < CMSG_LEN(0))
        return;
    len = rights->cmsg_len - CMSG_LEN(0);
    if (len > PIPE_FDS_MAX * sizeof(int))
        len = PIPE_FDS_MAX * sizeof(int);
    memcpy(fds, CMSG_DATA(rights), len - len % sizeof(int));
}

enum err
pipe_receive(struct pipe *p, struct span *message, int fds[PIPE_FDS_MAX])
{
    union fd_control control;
    struct msghdr header = {0};
    struct iovec piece;
    size_t len;
    ssize_t got;
    enum err err;

    for (size_t i = 0; i < PIPE_FDS_MAX; i++)
        fds[i] = -1;
    wipe(p->received, p->received_len);
    p->received_len = 0;
    err = peek_length(p, &len);
    if (err != OK) {
        forget_received(p, RECEIVE_STEP);
        return err;
    }
    make_room(p, len);
    piece = (struct iovec){p->received, len};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.room;
    header.msg_controllen = sizeof(control.room);
    got = receive_raw(p->fd, &header, MSG_CMSG_CLOEXEC);
    if (got < 0)
        return receive_error();
    p->received_len = (size_t)got;
    take_fds(&header, fds);
    if ((size_t)got != len || (header.msg_flags & MSG_TRUNC)) {
        pipe_close_fds(fds);
        return ERR_LENGTH;
    }
    *message = span_of(p->received, p->received_len);
    return OK;
}
