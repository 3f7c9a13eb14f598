/*
 * What the files of a probe share: probe.c (its life), probe_echo.c (ping),
 * probe_trace.c, probe_name.c (c-ares).
 */
#ifndef WORKER_PROBE_PARTS_H
#define WORKER_PROBE_PARTS_H

#include <sys/socket.h>

#include "worker/probe.h"

#define PROBE_PACKET_MAX 65536 /* bytes of what is received at once */

/* Where packets go. */
struct probe_target {
    struct sockaddr_storage storage;
    socklen_t len;
};
/* Of 4 or 16 bytes, in network order. False: another length. */
bool probe_target(struct span address, struct probe_target *to);
/* The address without port; borrowed. Empty when it is none. */
struct span probe_address(const struct sockaddr_storage *storage);

/* What a router said about a packet that we sent; from the error queue. */
struct probe_error {
    uint8_t type, code;             /* of ICMP or ICMPv6 */
    struct sockaddr_storage sender; /* the router; or unset */
    struct sockaddr_storage to;     /* UDP: where the packet went, and port */
    uint8_t packet[64];             /* its beginning, behind the IP header */
    size_t len;
};
/*
 * The next one; false: there is none. What the machine itself found wrong
 * with a packet is no answer and is passed over.
 */
MUST_CHECK bool probe_next_error(int fd, struct probe_error *error);

/* Microseconds of CLOCK_MONOTONIC. */
uint64_t probe_now_us(void);

enum probe_wait {
    PROBE_READY,   /* the socket has something */
    PROBE_EXPIRED, /* the time has come */
    PROBE_OVER,    /* control has gone, or wants no more */
};
/* Wait for `fd` (-1: only for the time) and send what is queued meanwhile. */
enum probe_wait probe_wait(struct uplink *up, int fd, uint64_t deadline_us);

/* Send PROBE_RESULT; false: nobody reads it any more. */
MUST_CHECK bool probe_result(struct uplink *up,
                             const struct msg_probe_result *result);

/* Each does all of it. `fd` stays the caller's. */
void probe_echo(struct uplink *up, int fd, const struct msg_probe_echo *m);
void probe_trace(struct uplink *up, int fd, const struct msg_probe_trace *m);
void probe_name(struct uplink *up, struct probe_resolver *resolver,
                const struct msg_probe_name *m);

#endif
