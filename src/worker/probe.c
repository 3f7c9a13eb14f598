#include "worker/probe_parts.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MESSAGE_MS 10000
#define DRAIN_MS         5000

/* --- addresses ---------------------------------------------------------- */

bool
probe_target(struct span address, struct probe_target *to)
{
    struct sockaddr_in *in = (void *)&to->storage;
    struct sockaddr_in6 *in6 = (void *)&to->storage;

    *to = (struct probe_target){0};
    if (address.len == sizeof(in->sin_addr)) {
        in->sin_family = AF_INET;
        memcpy(&in->sin_addr, address.ptr, address.len);
        to->len = sizeof(*in);
        return true;
    }
    if (address.len == sizeof(in6->sin6_addr)) {
        in6->sin6_family = AF_INET6;
        memcpy(&in6->sin6_addr, address.ptr, address.len);
        to->len = sizeof(*in6);
        return true;
    }
    return false;
}

struct span
probe_address(const struct sockaddr_storage *storage)
{
    const struct sockaddr_in *in = (const void *)storage;
    const struct sockaddr_in6 *in6 = (const void *)storage;

    if (storage->ss_family == AF_INET)
        return span_of(&in->sin_addr, sizeof(in->sin_addr));
    if (storage->ss_family == AF_INET6)
        return span_of(&in6->sin6_addr, sizeof(in6->sin6_addr));
    return SPAN_EMPTY;
}

/* --- the error queue ---------------------------------------------------- */

/* True: some router's word, now in `error`. */
static bool
take_error(const struct msghdr *message, struct probe_error *error)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL;
         c = CMSG_NXTHDR((struct msghdr *)message, c)) {
        struct sock_extended_err e;
        struct sockaddr_in6 sender = {0};
        size_t room = c->cmsg_len - CMSG_LEN(0);
        bool ours =
            (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
            (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);

        if (!ours || room < sizeof(e))
            continue;
        memcpy(&e, CMSG_DATA(c), sizeof(e));
        if (e.ee_origin != SO_EE_ORIGIN_ICMP &&
            e.ee_origin != SO_EE_ORIGIN_ICMP6)
            continue;
        room -= sizeof(e);
        memcpy(&sender, CMSG_DATA(c) + sizeof(e),
               room < sizeof(sender) ? room : sizeof(sender));
        error->type = e.ee_type;
        error->code = e.ee_code;
        memset(&error->sender, 0, sizeof(error->sender));
        memcpy(&error->sender, &sender, sizeof(sender));
        return true;
    }
    return false;
}

bool
probe_next_error(int fd, struct probe_error *error)
{
    for (;;) {
        _Alignas(struct cmsghdr) uint8_t control[512];
        struct iovec part = {error->packet, sizeof(error->packet)};
        struct msghdr message = {.msg_name = &error->to,
                                 .msg_namelen = sizeof(error->to),
                                 .msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof(control)};
        ssize_t got;

        memset(&error->to, 0, sizeof(error->to));
        got = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
        if (got < 0)
            return false;
        error->len = (size_t)got;
        if (take_error(&message, error))
            return true;
    }
}

/* --- waiting and telling ------------------------------------------------ */

uint64_t
probe_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

enum probe_wait
probe_wait(struct uplink *up, int fd, uint64_t deadline_us)
{
    for (;;) {
        uint64_t now = probe_now_us();
        bool expired = now >= deadline_us;
        uint64_t left_ms = expired ? 0 : (deadline_us - now + 999) / 1000;
        struct pollfd watched[2] = {
            {.fd = pipe_fd(up->pipe), .events = uplink_events(up, true)},
            {.fd = fd, .events = POLLIN}};

        if (poll(watched, 2, left_ms < INT32_MAX ? (int)left_ms : INT32_MAX) <
                0 &&
            errno != EINTR)
            return PROBE_OVER;
        if (watched[0].revents & POLLOUT)
            uplink_flush(up);
        /* Nothing more is said to a probe that has its work. */
        if (up->failed || (watched[0].revents & (POLLIN | POLLHUP | POLLERR)))
            return PROBE_OVER;
        /* However much there is that nobody waits for: time counts. */
        if (expired)
            return PROBE_EXPIRED;
        /* POLLERR: its error queue is not empty. */
        if (watched[1].revents & (POLLIN | POLLERR))
            return PROBE_READY;
    }
}

bool
probe_result(struct uplink *up, const struct msg_probe_result *result)
{
    struct message m = {.type = MSG_PROBE_RESULT};

    m.probe_result = *result;
    uplink_send(up, &m);
    /* The user reads slower than the network answers: at his pace. */
    while (!up->failed && uplink_is_busy(up))
        if (probe_wait(up, -1, probe_now_us() + 1000000) == PROBE_OVER)
            return false;
    return !up->failed;
}

/* --- life --------------------------------------------------------------- */

void
probe_run(struct uplink *up, struct probe_resolver *resolver)
{
    struct message m;
    int fd = -1;

    if (!uplink_await(up, FIRST_MESSAGE_MS, &m, &fd))
        return;
    if (m.type == MSG_PROBE_ECHO && fd >= 0)
        probe_echo(up, fd, &m.probe_echo);
    else if (m.type == MSG_PROBE_TRACE && fd >= 0)
        probe_trace(up, fd, &m.probe_trace);
    else if (m.type == MSG_PROBE_NAME)
        probe_name(up, resolver, &m.probe_name);
    uplink_drain(up, DRAIN_MS);
    if (fd >= 0)
        close(fd);
}
