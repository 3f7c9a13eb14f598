/*
 * Echo requests, one at a time: the next leaves when the answer has come or
 * its time is over. RFC 792, RFC 4443 section 4.
 */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "worker/probe_parts.h"

#define HEADER     8 /* bytes of an echo request before its payload */
#define MARK       8 /* of the payload: by it an answer is known to be ours */
#define GAP_US     2000 /* between two requests, however fast the answers */
#define TAKEN_MAX  256  /* packets at a time; then one looks at the clock */
#define IPV4_SHORT 20   /* bytes of an IPv4 header, at least */

struct echo {
    struct uplink *up;
    int fd;
    struct probe_target to;
    bool ipv6;
    bool raw;
    uint16_t number; /* of this process's requests; the kernel's unless raw */
    uint32_t sequence;
    bool validate;
    size_t size;       /* of the request that is on its way */
    uint8_t *packet;   /* owned, bytes of the longest */
    uint8_t *received; /* owned, PROBE_PACKET_MAX bytes */
};

/* RFC 1071; the kernel does it for IPv6 and for sockets that are not raw. */
static uint16_t
checksum(const uint8_t *bytes, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
    if (len % 2 != 0)
        sum += (uint32_t)bytes[len - 1] << 8;
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void
put_u16(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static unsigned
get_u16(const uint8_t *from)
{
    return (unsigned)(from[0] << 8 | from[1]);
}

/* The pattern, behind a random mark that nobody can guess. */
static bool
make_packet(struct echo *e, const struct msg_probe_echo *m)
{
    for (size_t i = HEADER; i < m->last_size; i++)
        e->packet[i] =
            (uint8_t)(i % 2 == 0 ? m->pattern >> 8 : m->pattern & 0xff);
    e->packet[0] = e->ipv6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
    e->packet[1] = 0;
    if (getrandom(&e->number, sizeof(e->number), 0) != sizeof(e->number))
        return false;
    put_u16(e->packet + 4, e->number);
    return true;
}

static bool
renew(struct echo *e)
{
    size_t payload = e->size - HEADER;
    size_t mark = payload < MARK ? payload : MARK;

    if (mark > 0 && getrandom(e->packet + HEADER, mark, 0) != (ssize_t)mark)
        return false;
    put_u16(e->packet + 2, 0);
    put_u16(e->packet + 6, e->sequence & 0xffff);
    put_u16(e->packet + 2, checksum(e->packet, e->size));
    return true;
}

static bool
send_packet(const struct echo *e)
{
    struct iovec part = {e->packet, e->size};
    struct msghdr message = {.msg_name = (void *)&e->to.storage,
                             .msg_namelen = e->to.len,
                             .msg_iov = &part,
                             .msg_iovlen = 1};

    /* What became of an earlier packet is told first, as an error of ours. */
    for (int i = 0; i < 3; i++)
        if (sendmsg(e->fd, &message, MSG_DONTWAIT) == (ssize_t)e->size)
            return true;
    return false;
}

/* Is this the beginning of the request that is on its way? */
static bool
is_current(const struct echo *e, const uint8_t *icmp, size_t len)
{
    return len >= HEADER && get_u16(icmp + 6) == (e->sequence & 0xffff) &&
           (!e->raw || get_u16(icmp + 4) == e->number);
}

/* A packet as received: the answer to the request that is on its way? */
static bool
is_reply(const struct echo *e, const struct sockaddr_storage *from, size_t len)
{
    const uint8_t *icmp = e->received;
    size_t payload = e->size - HEADER;
    size_t mark = payload < MARK || e->validate ? payload : MARK;

    if (e->raw && !e->ipv6) {
        size_t header = len < IPV4_SHORT ? len : (size_t)(icmp[0] & 0x0f) * 4;

        if (len < header + HEADER)
            return false;
        icmp += header;
        len -= header;
    }
    return is_current(e, icmp, len) &&
           icmp[0] == (e->ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) &&
           icmp[1] == 0 && len == e->size &&
           span_equal(probe_address(from), probe_address(&e->to.storage)) &&
           memcmp(icmp + HEADER, e->packet + HEADER, mark) == 0;
}

/* Take what came; true: the answer was among it. */
static bool
take_reply(struct echo *e, struct msg_probe_result *result)
{
    for (unsigned i = 0; i < TAKEN_MAX; i++) {
        struct sockaddr_storage from = {0};
        struct iovec part = {e->received, PROBE_PACKET_MAX};
        struct msghdr message = {.msg_name = &from,
                                 .msg_namelen = sizeof(from),
                                 .msg_iov = &part,
                                 .msg_iovlen = 1};
        ssize_t got = recvmsg(e->fd, &message, MSG_DONTWAIT);

        if (got < 0 && errno != EAGAIN)
            continue; /* an error of an earlier packet: read, and gone */
        if (got < 0)
            return false;
        if (is_reply(e, &from, (size_t)got)) {
            result->outcome = PROBE_REPLY;
            result->address = probe_address(&e->to.storage);
            return true;
        }
    }
    return false;
}

/* A raw socket gets all answers that come to this machine: what came for others
   meanwhile must not leave ours without room. */
static void
drain(struct echo *e)
{
    struct msg_probe_result nobodys;

    (void)take_reply(e, &nobodys);
}

static bool
take_error(const struct echo *e, struct probe_error *error,
           struct msg_probe_result *result)
{
    while (probe_next_error(e->fd, error)) {
        if (!is_current(e, error->packet, error->len))
            continue;
        result->outcome = PROBE_ERROR;
        result->type = error->type;
        result->code = error->code;
        result->address = probe_address(&error->sender);
        return true;
    }
    return false;
}

/* One request and what becomes of it. False: nobody waits any more. */
static bool
one(struct echo *e, uint64_t timeout_us)
{
    struct msg_probe_result result = {.outcome = PROBE_LOST};
    struct probe_error error = {0};
    uint64_t began = probe_now_us();
    bool sent;

    if (!renew(e))
        return false;
    drain(e);
    sent = send_packet(e);
    for (;;) {
        enum probe_wait waited =
            probe_wait(e->up, sent ? e->fd : -1, began + timeout_us);

        if (waited == PROBE_OVER)
            return false;
        if (waited == PROBE_EXPIRED)
            break;
        if (take_error(e, &error, &result) || take_reply(e, &result))
            break;
    }
    result.time_us = probe_now_us() - began;
    if (!probe_result(e->up, &result))
        return false;
    return probe_wait(e->up, -1, began + GAP_US) != PROBE_OVER;
}

void
probe_echo(struct uplink *up, int fd, const struct msg_probe_echo *m)
{
    struct echo e = {
        .up = up, .fd = fd, .raw = m->raw, .validate = m->validate};
    /* The message's memory is used for others meanwhile. */
    struct msg_probe_echo all = *m;
    uint32_t sizes;

    if (m->size < HEADER || m->last_size < m->size || m->step == 0 ||
        m->last_size > PROBE_PACKET_MAX || !probe_target(m->address, &e.to))
        return;
    sizes = (m->last_size - m->size) / m->step + 1;
    e.ipv6 = e.to.storage.ss_family == AF_INET6;
    e.packet = alloc_zero(1, m->last_size);
    e.received = alloc_zero(1, PROBE_PACKET_MAX);
    for (bool goes_on = make_packet(&e, m); goes_on && e.sequence < all.repeat;
         e.sequence++) {
        e.size = all.size + (size_t)all.step * (e.sequence % sizes);
        goes_on = one(&e, (uint64_t)all.timeout_ms * 1000);
    }
    free(e.packet);
    free(e.received);
}
