/*
 * Datagrams with growing hop limits to ports where nobody listens: each
 * router on the way, and the target, says what became of one.
 */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "worker/probe_parts.h"

#define PAYLOAD   32  /* bytes */
#define TAKEN_MAX 256 /* datagrams at a time; then one looks at the clock */

struct trace {
    struct uplink *up;
    int fd;
    struct probe_target to;
    uint64_t timeout_us;
    unsigned port; /* of the datagram that is on its way */
};

static void
set_port(struct trace *t, unsigned port)
{
    t->port = port;
    if (t->to.storage.ss_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)&t->to.storage)->sin6_port =
            htons((uint16_t)port);
    else
        ((struct sockaddr_in *)(void *)&t->to.storage)->sin_port =
            htons((uint16_t)port);
}

static unsigned
port_of(const struct sockaddr_storage *storage)
{
    if (storage->ss_family == AF_INET6)
        return ntohs(
            ((const struct sockaddr_in6 *)(const void *)storage)->sin6_port);
    return ntohs(((const struct sockaddr_in *)(const void *)storage)->sin_port);
}

/* The hop limit goes with the datagram, since no option may be set here. */
static bool
send_probe(const struct trace *t, int hops)
{
    static const uint8_t payload[PAYLOAD];
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {(void *)payload, sizeof(payload)};
    struct msghdr message = {.msg_name = (void *)&t->to.storage,
                             .msg_namelen = t->to.len,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    bool ipv6 = t->to.storage.ss_family == AF_INET6;

    c->cmsg_len = CMSG_LEN(sizeof(hops));
    c->cmsg_level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    c->cmsg_type = ipv6 ? IPV6_HOPLIMIT : IP_TTL;
    memcpy(CMSG_DATA(c), &hops, sizeof(hops));
    /* What became of an earlier one is told first, as an error of ours. */
    for (int i = 0; i < 3; i++)
        if (sendmsg(t->fd, &message, MSG_DONTWAIT) == sizeof(payload))
            return true;
    return false;
}

static bool
take_error(const struct trace *t, struct probe_error *error,
           struct msg_probe_result *result)
{
    while (probe_next_error(t->fd, error)) {
        if (port_of(&error->to) != t->port ||
            !span_equal(probe_address(&error->to),
                        probe_address(&t->to.storage)))
            continue;
        result->outcome = PROBE_ERROR;
        result->type = error->type;
        result->code = error->code;
        result->address = probe_address(&error->sender);
        return true;
    }
    return false;
}

/* Somebody does listen there, and has answered: the target is reached. */
static bool
take_answer(const struct trace *t, struct msg_probe_result *result)
{
    for (unsigned i = 0; i < TAKEN_MAX; i++) {
        struct sockaddr_storage from = {0};
        uint8_t byte;
        struct iovec part = {&byte, 1};
        struct msghdr message = {.msg_name = &from,
                                 .msg_namelen = sizeof(from),
                                 .msg_iov = &part,
                                 .msg_iovlen = 1};

        if (recvmsg(t->fd, &message, MSG_DONTWAIT) < 0) {
            if (errno != EAGAIN)
                continue;
            return false;
        }
        if (port_of(&from) == t->port &&
            span_equal(probe_address(&from), probe_address(&t->to.storage))) {
            result->outcome = PROBE_REPLY;
            result->address = probe_address(&t->to.storage);
            return true;
        }
    }
    return false;
}

static bool
is_expired_on_the_way(const struct msg_probe_result *result, bool ipv6)
{
    return result->outcome == PROBE_ERROR &&
           result->type == (ipv6 ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED);
}

/* One datagram. False: nobody waits any more. `*last`: no hop comes behind. */
static bool
one(struct trace *t, int hops, bool *last)
{
    struct msg_probe_result result = {.outcome = PROBE_LOST};
    struct probe_error error = {0};
    uint64_t began = probe_now_us();
    uint64_t deadline = began + t->timeout_us;

    if (!send_probe(t, hops))
        deadline = began; /* no route: nothing will come */
    for (;;) {
        enum probe_wait waited = probe_wait(t->up, t->fd, deadline);

        if (waited == PROBE_OVER)
            return false;
        if (waited == PROBE_EXPIRED)
            break;
        if (take_error(t, &error, &result) || take_answer(t, &result))
            break;
    }
    result.time_us = probe_now_us() - began;
    if (result.outcome != PROBE_LOST &&
        !is_expired_on_the_way(&result, t->to.storage.ss_family == AF_INET6))
        *last = true;
    return probe_result(t->up, &result);
}

void
probe_trace(struct uplink *up, int fd, const struct msg_probe_trace *m)
{
    struct trace t = {
        .up = up, .fd = fd, .timeout_us = (uint64_t)m->timeout_ms * 1000};
    uint32_t first = m->first, hops = m->hops, probes = m->probes;
    bool last = false;

    if (!probe_target(m->address, &t.to) || hops > UINT8_MAX || first == 0 ||
        first > hops || probes > UINT16_MAX || m->port == 0 ||
        m->port + (hops - first + 1) * probes > UINT16_MAX + 1u)
        return;
    set_port(&t, m->port - 1);
    for (uint32_t hop = first; hop <= hops && !last; hop++)
        for (uint32_t i = 0; i < probes; i++) {
            set_port(&t, t.port + 1);
            if (!one(&t, (int)hop, &last))
                return;
        }
}
