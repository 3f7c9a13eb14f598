/*
 * Streams of users. What the device sends is in the ring, in which each has a
 * place of his own: who is slow holds nobody up. One who falls behind by a
 * whole ring is told how much he has missed. For the writer alone the device
 * waits, if it can, and not for ever.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "worker/line_parts.h"

#define NOTE_MAX 256   /* bytes */
#define HOLD_MS  30000 /* that a writer takes nothing */
#define LEAVE_MS 10000 /* to take the last of it */

/* --- who is here ---------------------------------------------------------- */

static struct line_user *
find(const struct line *l, uint32_t id)
{
    LIST_EACH(node, &l->users)
    {
        struct line_user *u = LIST_ITEM(node, struct line_user, node);

        if (u->id == id)
            return u;
    }
    return NULL;
}

static void
tell_left(struct line *l, uint32_t id)
{
    struct message m = {.type = MSG_LINE_LEFT};

    m.line_left.id = id;
    uplink_send(l->up, &m);
}

static void
user_free(struct line *l, struct line_user *u)
{
    if (l->writer == u)
        l->writer = NULL;
    close(u->fd);
    buf_clear(&u->note);
    list_remove(&u->node);
    free(u);
    if (--l->user_count == 0)
        port_hang_up(l);
}

void
user_add(struct line *l, uint32_t id, int fd, bool writer, struct span name)
{
    struct line_user *u;

    /* Without a device there is nothing to come to. */
    if (fd < 0 || l->port.fd < 0 || l->user_count >= LINE_USERS_MAX) {
        if (fd >= 0)
            close(fd);
        tell_left(l, id);
        return;
    }
    u = alloc_zero(1, sizeof(*u));
    u->id = id;
    u->fd = fd;
    u->at = l->ring.end;
    u->moved_ms = l->now_ms;
    text_copy_span(u->name, sizeof(u->name), name);
    buf_init(&u->note, NOTE_MAX);
    list_append(&l->users, &u->node);
    l->user_count++;
    if (writer)
        user_set_writer(l, id);
}

void
user_drop(struct line *l, uint32_t id)
{
    struct line_user *u = find(l, id);

    if (u != NULL)
        user_free(l, u);
}

void
user_set_writer(struct line *l, uint32_t id)
{
    struct line_user *u = find(l, id);

    if (u == NULL || u == l->writer || u->leaving)
        return;
    if (l->writer != NULL)
        buf_printf(&l->writer->note, "\r\n[%s writes from now on]\r\n",
                   u->name);
    l->writer = u;
    u->moved_ms = l->now_ms;
}

void
users_leave(struct line *l)
{
    LIST_EACH(node, &l->users)
    {
        struct line_user *u = LIST_ITEM(node, struct line_user, node);

        u->leaving = true;
        u->until = l->ring.end;
        u->leave_by_ms = l->now_ms + LEAVE_MS;
    }
    l->writer = NULL;
}

/* Nobody is at the other end. What was typed there before still counts. */
static void
hang_up(struct line *l, struct line_user *u)
{
    if (u->hung_up)
        return;
    u->hung_up = true;
    u->leave_by_ms = l->now_ms + LEAVE_MS;
}

/* --- to a user ------------------------------------------------------------ */

/* More than the ring holds has come since; he is told once for all of it. */
static void
skip_lost(struct line *l, struct line_user *u)
{
    if (u->at < l->ring.first) {
        l->lost += l->ring.first - u->at;
        u->missed += l->ring.first - u->at;
        u->at = l->ring.first;
    }
    if (u->missed == 0 || buf_len(&u->note) > 0)
        return;
    buf_printf(&u->note, "\r\n[%llu bytes lost: read too slowly]\r\n",
               (unsigned long long)u->missed);
    u->missed = 0;
}

static struct span
next_piece(const struct line *l, const struct line_user *u)
{
    struct span piece;

    if (buf_len(&u->note) > 0)
        return buf_span(&u->note);
    piece = ring_read(&l->ring, u->at);
    if (u->leaving && u->at >= u->until)
        return SPAN_EMPTY;
    if (u->leaving && piece.len > u->until - u->at)
        piece.len = (size_t)(u->until - u->at);
    return piece;
}

/* False: the stream takes nothing now. */
static bool
send_piece(struct line *l, struct line_user *u, struct span bytes)
{
    struct iovec piece = {(void *)(uintptr_t)bytes.ptr, bytes.len};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t sent = sendmsg(u->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
            hang_up(l, u);
        return false;
    }
    u->moved_ms = l->now_ms;
    if (buf_len(&u->note) > 0)
        buf_consume(&u->note, (size_t)sent);
    else
        u->at += (uint64_t)sent;
    return (size_t)sent == bytes.len;
}

static void
pump(struct line *l, struct line_user *u)
{
    struct span piece;

    do {
        skip_lost(l, u);
        piece = next_piece(l, u);
    } while (piece.len > 0 && send_piece(l, u, piece));
    if (u->leaving && (piece.len == 0 || l->now_ms >= u->leave_by_ms))
        u->gone = true;
}

/* The next read would overwrite what he has not got. */
static bool
writer_is_full(const struct line *l)
{
    return l->writer != NULL && l->ring.end - l->writer->at > l->ring.size / 2;
}

bool
users_hold(const struct line *l)
{
    return writer_is_full(l) && l->now_ms < l->writer->moved_ms + HOLD_MS;
}

uint64_t
users_deadline(const struct line *l)
{
    uint64_t at = LINE_NEVER;

    if (users_hold(l))
        at = l->writer->moved_ms + HOLD_MS;
    LIST_EACH(node, &l->users)
    {
        const struct line_user *u = LIST_ITEM(node, struct line_user, node);

        if ((u->leaving || u->hung_up) && u->leave_by_ms < at)
            at = u->leave_by_ms;
    }
    return at;
}

/* --- from a user ---------------------------------------------------------- */

/* What is typed by others than the writer goes nowhere, and is taken. */
static size_t
room_for(const struct line *l, const struct line_user *u)
{
    if (u->quiet)
        return 0;
    return u == l->writer ? port_room(l) : LINE_TYPED;
}

short
user_events(const struct line *l, const struct line_user *u)
{
    bool reads = !u->hung_up && room_for(l, u) > 0;
    bool writes = !u->hung_up && next_piece(l, u).len > 0;

    return (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
}

static void
read_typed(struct line *l, struct line_user *u)
{
    uint8_t typed[LINE_TYPED];
    struct iovec piece = {typed, room_for(l, u)};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t got;

    if (piece.iov_len == 0)
        return;
    got = recvmsg(u->fd, &header, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR)
        return;
    if (got < 0 && errno == EAGAIN && !u->hung_up)
        return;
    if (got <= 0)
        u->quiet = true;
    else if (u == l->writer)
        port_put(l, span_of(typed, (size_t)got));
    wipe(typed, sizeof(typed));
}

void
users_type(struct line *l)
{
    if (l->writer != NULL)
        read_typed(l, l->writer);
}

/* Take the last that he typed, as the device takes it. */
static void
finish(struct line *l, struct line_user *u)
{
    while (!u->quiet && room_for(l, u) > 0)
        read_typed(l, u);
    if (u->quiet || l->now_ms >= u->leave_by_ms)
        u->gone = true;
}

void
user_work(struct line *l, struct line_user *u, short revents)
{
    if (revents & (POLLHUP | POLLERR))
        hang_up(l, u);
    if (revents & POLLIN)
        read_typed(l, u);
}

void
users_pump(struct line *l)
{
    LIST_EACH(node, &l->users)
    {
        struct line_user *u = LIST_ITEM(node, struct line_user, node);

        if (u->hung_up)
            finish(l, u);
        else
            pump(l, u);
        if (!u->gone)
            continue;
        tell_left(l, u->id);
        user_free(l, u);
    }
}
