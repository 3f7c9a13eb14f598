#include "vtyssh/link.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "crypto/random.h"
#include "os/clock.h"

/* One read: many packets of the greatest size, for one turn with a sender who
   works at the same socket. */
#define READ_ROOM (512 * 1024)
/* As much as came with the last read is waited for, from so much up to so
   much: the sender may have that on its way at a time. Then for anything. */
#define LOW_WATER_FROM    (128 * 1024)
#define LOW_WATER_MAX     (384 * 1024)
#define LOW_WATER_WAIT_MS 4
/* What comes in small reads is a user's screen: wiped as soon as it is used.
   The rest is wiped by what comes after it, and at the end. */
#define WIPED_MAX (8 * 1024)

void
link_open(struct link *l, int fd, struct ssh_setup *setup)
{
    *l = (struct link){.fd = fd, .low_water = 1, .now_ms = clock_now_ms()};
    l->in = alloc_zero(READ_ROOM, 1);
    setup->now_ms = l->now_ms;
    setup->random = random_bytes;
    l->ssh = ssh_conn_new(setup);
}

void
link_close(struct link *l)
{
    ssh_conn_free(l->ssh);
    if (l->in != NULL)
        wipe(l->in, l->in_most);
    free(l->in);
    if (l->fd >= 0)
        close(l->fd);
    *l = (struct link){.fd = -1};
}

static bool
is_busy_error(void)
{
    return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
}

bool
link_next_event(struct link *l, struct ssh_event *event)
{
    for (;;) {
        size_t taken;

        if (ssh_conn_next_event(l->ssh, event))
            return true;
        taken = ssh_conn_input(l->ssh, l->in + l->in_start,
                               l->in_end - l->in_start);
        l->in_start += taken;
        if (taken > 0)
            continue;
        if (ssh_conn_next_event(l->ssh, event))
            return true;
        if (l->was_told ||
            !(l->output_ended || (l->input_ended && l->in_start == l->in_end)))
            return false;
        l->was_told = true;
        ssh_conn_input_end(l->ssh);
    }
}

bool
link_keeps(const struct link *l, struct span bytes)
{
    return bytes.ptr >= l->in && bytes.ptr + bytes.len <= l->in + l->in_end;
}

void
link_settle(struct link *l)
{
    if (l->in_start < l->in_end)
        return;
    if (l->in_end <= WIPED_MAX)
        wipe(l->in, l->in_end);
    l->in_start = l->in_end = 0;
}

void
link_write(struct link *l)
{
    struct span out = ssh_conn_output(l->ssh);

    while (out.len > 0 && !l->output_ended) {
        struct iovec piece = {(void *)(uintptr_t)out.ptr, out.len};
        struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
        ssize_t sent = sendmsg(l->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            l->output_ended = !is_busy_error();
            return;
        }
        ssh_conn_output_sent(l->ssh, (size_t)sent);
        if ((size_t)sent < out.len)
            return;
        out = ssh_conn_output(l->ssh);
    }
}

/* poll(2) is to tell of the socket when so many bytes can be read. */
static void
set_low_water(struct link *l, size_t bytes)
{
    int value = (int)bytes;

    if (bytes != l->low_water &&
        setsockopt(l->fd, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof(value)) == 0)
        l->low_water = bytes;
}

static void
set_low_water_after(struct link *l, size_t got)
{
    size_t bytes = got < LOW_WATER_MAX ? got : LOW_WATER_MAX;

    set_low_water(l, got < LOW_WATER_FROM ? 1 : bytes);
}

void
link_read(struct link *l)
{
    struct iovec piece = {l->in, READ_ROOM};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t got;

    if (l->in_end > 0 || l->input_ended)
        return;
    got = recvmsg(l->fd, &header, MSG_DONTWAIT);
    if (got < 0 && is_busy_error())
        return;
    if (got <= 0) {
        l->input_ended = true;
        return;
    }
    l->in_end = (size_t)got;
    if (l->in_end > l->in_most)
        l->in_most = l->in_end;
    set_low_water_after(l, (size_t)got);
}

short
link_poll_events(const struct link *l)
{
    bool reads =
        !l->input_ended && l->in_end == 0 && ssh_conn_wants_input(l->ssh);
    bool writes = !l->output_ended && ssh_conn_output(l->ssh).len > 0;

    return (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
}

int
link_poll_timeout(const struct link *l, uint64_t deadline_ms)
{
    uint64_t core = ssh_conn_deadline(l->ssh), now_ms = clock_now_ms();
    uint64_t until_ms = core < deadline_ms ? core : deadline_ms;

    if (l->low_water > 1 && now_ms + LOW_WATER_WAIT_MS < until_ms)
        until_ms = now_ms + LOW_WATER_WAIT_MS;
    return clock_poll_timeout(until_ms, now_ms);
}

void
link_on_poll(struct link *l, short revents)
{
    l->now_ms = clock_now_ms();
    ssh_conn_tick(l->ssh, l->now_ms);
    if (revents & POLLIN)
        link_read(l);
    else if (revents & (POLLHUP | POLLERR | POLLNVAL))
        l->input_ended = l->output_ended = true;
    else
        set_low_water(l, 1);
}
