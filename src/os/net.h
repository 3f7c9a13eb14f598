/*
 * Sockets: addresses as text, listening, accepting, small per-socket settings.
 */
#ifndef OS_NET_H
#define OS_NET_H

#include <sys/socket.h>

#include "base/err.h"
#include "base/span.h"

#define NET_TEXT_MAX 64 /* an address, or ADDR:PORT, as text */
#define NET_BACKLOG  1024

struct net_address {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* "127.0.0.1:22", "[::1]:22", ":22" (every address, both families). */
MUST_CHECK enum err net_parse(const char *text, struct net_address *a);
/* Without the port; an IPv4-mapped address as IPv4. */
void net_host_text(const struct net_address *a, char *to, size_t room);
unsigned net_port(const struct net_address *a);
void net_set_port(struct net_address *a, uint16_t port);
bool net_is_loopback(const struct net_address *a);
/* The source for limits: an IPv4 address whole, of IPv6 the first 64 bits. */
void net_source(const struct net_address *a, uint8_t source[16]);

/*
 * A listening, non-blocking, close-on-exec socket; `bound` gets the address
 * with the port that was taken. IPv6 any accepts IPv4 as well. ERR_SYSTEM.
 */
MUST_CHECK enum err net_listen(const struct net_address *a, int *fd,
                               struct net_address *bound);
/* ERR_MORE: nobody waits. ERR_LIMIT: no descriptor left (EMFILE, ENFILE). */
MUST_CHECK enum err net_accept(int listener, int *fd, struct net_address *peer);
/*
 * Begin to connect, from address `from` (NULL: as routed), to the port in
 * `to`. The socket, non-blocking and close-on-exec, becomes writable when it
 * is known how that went: net_connect_error(). ERR_SYSTEM: it cannot even
 * begin, errno says why.
 */
MUST_CHECK enum err net_connect(const struct net_address *to,
                                const struct net_address *from, int *fd);
/* The same for datagrams: they come from `to` alone, to a port of the kernel's
   choice. ERR_SYSTEM. */
MUST_CHECK enum err net_connect_datagrams(const struct net_address *to,
                                          const struct net_address *from,
                                          int *fd);
/* Our end's address. ERR_SYSTEM. */
MUST_CHECK enum err net_local(int fd, struct net_address *local);
/* An address of 4 or 16 bytes; false: it is not so long. */
MUST_CHECK bool net_from_bytes(struct span bytes, uint16_t port,
                               struct net_address *a);
/* The 4 or 16 bytes, borrowed; empty: neither IPv4 nor IPv6. */
struct span net_bytes(const struct net_address *a);
/* 0: it is connected; else the errno of the failure. */
int net_connect_error(int fd);
/* Bytes that can be read from a stream socket at once. */
size_t net_unread(int fd);
/* TCP_NODELAY, and keep-alives of the system. */
void net_tune(int fd);
/*
 * Ask a silent peer every minute whether it is still there, behind net_tune();
 * four questions without an answer end the connection.
 */
void net_keep_alive(int fd);
/* The connection ends when what was sent is not acknowledged for so long. */
void net_limit_silence(int fd, unsigned limit_ms);
/* Bytes of a connection that the far end has not acknowledged yet. */
size_t net_unacknowledged(int fd);
/* The byte of the IP header that says how what is sent is to be treated. */
void net_set_service(int fd, uint8_t byte);
/* Close with a reset instead of an orderly end. */
void net_reset(int fd);

#endif
