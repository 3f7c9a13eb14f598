/*
 * The sockets of a probe, which makes none itself: for echo requests, for
 * tracing a route, for asking a name server. All are non-blocking and
 * close-on-exec; on failure errno tells.
 */
#ifndef OS_PROBE_SOCKET_H
#define OS_PROBE_SOCKET_H

#include "os/net.h"

/* How echo requests travel. */
enum echo_socket {
    ECHO_RAW = 1, /* every ICMP echo reply of the machine is seen */
    ECHO_OWN = 2, /* the kernel gives it a number, and no others' replies */
};

/*
 * For echo requests to `to`; errors that routers report come by its error
 * queue. `source` NULL: as routed. ERR_REFUSED: neither kind of socket is
 * permitted to us (net.ipv4.ping_group_range, CAP_NET_RAW). ERR_NOT_FOUND:
 * `source` is no address of this machine. ERR_SYSTEM.
 */
MUST_CHECK enum err probe_socket_echo(const struct net_address *to,
                                      const struct net_address *source, int *fd,
                                      enum echo_socket *kind);
/*
 * How the packets to `to` are marked: type of service or traffic class, and
 * whether they must not be divided on the way (of IPv4; those of IPv6 are by
 * nobody). ERR_SYSTEM: `fd` is closed.
 */
MUST_CHECK enum err probe_socket_mark(int fd, const struct net_address *to,
                                      unsigned class, bool whole);
/*
 * For datagrams to `to` with small hop limits, given with each of them; what
 * comes back is in the error queue. ERR_NOT_FOUND as above, ERR_SYSTEM.
 */
MUST_CHECK enum err probe_socket_trace(const struct net_address *to,
                                       const struct net_address *source,
                                       int *fd);
/* Connected to that server and port, or on its way there (tcp). ERR_SYSTEM. */
MUST_CHECK enum err probe_socket_server(const struct net_address *server,
                                        bool tcp, int *fd);

#endif
