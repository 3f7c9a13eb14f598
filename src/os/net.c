#include "os/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

static struct sockaddr_in *
as_ipv4(struct net_address *a)
{
    return (struct sockaddr_in *)(void *)&a->storage;
}

static struct sockaddr_in6 *
as_ipv6(struct net_address *a)
{
    return (struct sockaddr_in6 *)(void *)&a->storage;
}

/* The 4 bytes of an IPv4 address, mapped ones too; NULL when it is none. */
static const uint8_t *
ipv4_bytes(const struct net_address *a)
{
    if (a->storage.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&a->storage;

        return (const uint8_t *)&in->sin_addr;
    }
    if (a->storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)&a->storage;

        if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
            return in6->sin6_addr.s6_addr + 12;
    }
    return NULL;
}

static const uint8_t *
ipv6_bytes(const struct net_address *a)
{
    const struct sockaddr_in6 *in6 = (const void *)&a->storage;

    return a->storage.ss_family == AF_INET6 ? in6->sin6_addr.s6_addr : NULL;
}

static enum err
parse_ipv4(const char *host, in_port_t port, struct net_address *a)
{
    struct sockaddr_in *in = as_ipv4(a);

    if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
        return ERR_FORMAT;
    in->sin_family = AF_INET;
    in->sin_port = port;
    a->len = sizeof(*in);
    return OK;
}

/* Without brackets; "fe80::1%eth0" names the interface (RFC 4007). */
static enum err
parse_ipv6(char *host, in_port_t port, struct net_address *a)
{
    struct sockaddr_in6 *in6 = as_ipv6(a);
    char *zone = strchr(host, '%');

    if (zone != NULL) {
        *zone++ = '\0';
        in6->sin6_scope_id = if_nametoindex(zone);
        if (in6->sin6_scope_id == 0)
            return ERR_FORMAT;
    }
    if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
        return ERR_FORMAT;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = port;
    a->len = sizeof(*in6);
    return OK;
}

enum err
net_parse(const char *text, struct net_address *a)
{
    const char *colon = strrchr(text, ':');
    struct net_address parsed = {0};
    char host[NET_TEXT_MAX];
    uint64_t number;
    in_port_t port;
    size_t len;
    enum err err;

    if (colon == NULL || colon[1] == '\0' ||
        text_number(span_text(colon + 1), UINT16_MAX, &number) != OK)
        return ERR_FORMAT;
    port = htons((uint16_t)number);
    len = (size_t)(colon - text);
    if (!text_copy_span(host, sizeof(host), span_of(text, len)))
        return ERR_FORMAT;
    if (len == 0) {
        char every[] = "::";

        err = parse_ipv6(every, port, &parsed);
    } else if (host[0] == '[' && len > 2 && host[len - 1] == ']') {
        host[len - 1] = '\0';
        err = parse_ipv6(host + 1, port, &parsed);
    } else {
        err = parse_ipv4(host, port, &parsed);
    }
    if (err == OK)
        *a = parsed;
    return err;
}

void
net_host_text(const struct net_address *a, char *to, size_t room)
{
    const uint8_t *ipv4 = ipv4_bytes(a);
    const uint8_t *ipv6 = ipv6_bytes(a);
    char text[INET6_ADDRSTRLEN] = "?";

    if (ipv4 != NULL)
        inet_ntop(AF_INET, ipv4, text, sizeof(text));
    else if (ipv6 != NULL)
        inet_ntop(AF_INET6, ipv6, text, sizeof(text));
    text_copy(to, room, text);
}

unsigned
net_port(const struct net_address *a)
{
    if (a->storage.ss_family == AF_INET)
        return ntohs(
            ((const struct sockaddr_in *)(const void *)&a->storage)->sin_port);
    if (a->storage.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)(const void *)&a->storage)
                         ->sin6_port);
    return 0;
}

void
net_set_port(struct net_address *a, uint16_t port)
{
    if (a->storage.ss_family == AF_INET)
        as_ipv4(a)->sin_port = htons(port);
    else if (a->storage.ss_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)&a->storage)->sin6_port = htons(port);
}

bool
net_is_loopback(const struct net_address *a)
{
    const uint8_t *ipv4 = ipv4_bytes(a);
    const uint8_t *ipv6 = ipv6_bytes(a);

    if (ipv4 != NULL)
        return ipv4[0] == 127;
    return ipv6 != NULL &&
           memcmp(ipv6, &in6addr_loopback, sizeof(in6addr_loopback)) == 0;
}

void
net_source(const struct net_address *a, uint8_t source[16])
{
    const uint8_t *ipv4 = ipv4_bytes(a);
    const uint8_t *ipv6 = ipv6_bytes(a);

    memset(source, 0, 16);
    if (ipv4 != NULL) {
        source[10] = source[11] = 0xff;
        memcpy(source + 12, ipv4, 4);
    } else if (ipv6 != NULL) {
        /* One subscriber commonly holds a whole /64. */
        memcpy(source, ipv6, 8);
    }
}

/* Bound and listening, or -1 with errno. */
static int
listen_on(const struct net_address *a)
{
    int fd = socket(a->storage.ss_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, off = 0;
    int error;

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        (a->storage.ss_family != AF_INET6 ||
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0) &&
        bind(fd, (const struct sockaddr *)&a->storage, a->len) == 0 &&
        listen(fd, NET_BACKLOG) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

enum err
net_listen(const struct net_address *a, int *fd, struct net_address *bound)
{
    const uint8_t *ipv6 = ipv6_bytes(a);
    struct net_address taken = {.len = sizeof(taken.storage)};
    int listener = listen_on(a);

    /* "::" means every address, also on a machine without IPv6. */
    if (listener < 0 && ipv6 != NULL &&
        memcmp(ipv6, &in6addr_any, sizeof(in6addr_any)) == 0 &&
        (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
        struct net_address every = {0};

        as_ipv4(&every)->sin_family = AF_INET;
        as_ipv4(&every)->sin_port = htons((uint16_t)net_port(a));
        every.len = sizeof(struct sockaddr_in);
        listener = listen_on(&every);
    }
    if (listener < 0)
        return ERR_SYSTEM;
    if (getsockname(listener, (struct sockaddr *)&taken.storage, &taken.len) !=
        0) {
        close(listener);
        return ERR_SYSTEM;
    }
    *fd = listener;
    *bound = taken;
    return OK;
}

/* accept(2): the connection is gone before we took it; the next may be well. */
static bool
is_lost_connection(int error)
{
    switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPERM:
    case EPROTO:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
        return true;
    default:
        return false;
    }
}

enum err
net_accept(int listener, int *fd, struct net_address *peer)
{
    struct net_address from;
    int accepted;

    do {
        from = (struct net_address){.len = sizeof(from.storage)};
        accepted = accept4(listener, (struct sockaddr *)&from.storage,
                           &from.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (accepted < 0 && is_lost_connection(errno));
    if (accepted >= 0) {
        *fd = accepted;
        *peer = from;
        return OK;
    }
    switch (errno) {
    case EAGAIN:
        return ERR_MORE;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return ERR_LIMIT;
    default:
        return ERR_SYSTEM;
    }
}

static enum err
connect_socket(int type, const struct net_address *to,
               const struct net_address *from, int *fd)
{
    int made =
        socket(to->storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (made < 0)
        return ERR_SYSTEM;
    if ((from == NULL ||
         bind(made, (const struct sockaddr *)&from->storage, from->len) == 0) &&
        (connect(made, (const struct sockaddr *)&to->storage, to->len) == 0 ||
         errno == EINPROGRESS)) {
        *fd = made;
        return OK;
    }
    error = errno;
    close(made);
    errno = error;
    return ERR_SYSTEM;
}

enum err
net_connect(const struct net_address *to, const struct net_address *from,
            int *fd)
{
    return connect_socket(SOCK_STREAM, to, from, fd);
}

enum err
net_connect_datagrams(const struct net_address *to,
                      const struct net_address *from, int *fd)
{
    return connect_socket(SOCK_DGRAM, to, from, fd);
}

enum err
net_local(int fd, struct net_address *local)
{
    struct net_address taken = {.len = sizeof(taken.storage)};

    if (getsockname(fd, (struct sockaddr *)&taken.storage, &taken.len) != 0)
        return ERR_SYSTEM;
    *local = taken;
    return OK;
}

bool
net_from_bytes(struct span bytes, uint16_t port, struct net_address *a)
{
    struct net_address made = {0};

    if (bytes.len == 4) {
        as_ipv4(&made)->sin_family = AF_INET;
        as_ipv4(&made)->sin_port = htons(port);
        memcpy(&as_ipv4(&made)->sin_addr, bytes.ptr, 4);
        made.len = sizeof(struct sockaddr_in);
    } else if (bytes.len == 16) {
        as_ipv6(&made)->sin6_family = AF_INET6;
        as_ipv6(&made)->sin6_port = htons(port);
        memcpy(&as_ipv6(&made)->sin6_addr, bytes.ptr, 16);
        made.len = sizeof(struct sockaddr_in6);
    } else {
        return false;
    }
    *a = made;
    return true;
}

struct span
net_bytes(const struct net_address *a)
{
    const uint8_t *ipv4 = ipv4_bytes(a), *ipv6 = ipv6_bytes(a);

    if (ipv4 != NULL)
        return span_of(ipv4, 4);
    return ipv6 != NULL ? span_of(ipv6, 16) : SPAN_EMPTY;
}

int
net_connect_error(int fd)
{
    int error = 0;
    socklen_t len = sizeof(error);

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        return errno;
    return error;
}

size_t
net_unread(int fd)
{
    int unread = 0;

    return ioctl(fd, FIONREAD, &unread) == 0 && unread > 0 ? (size_t)unread : 0;
}

void
net_tune(int fd)
{
    int on = 1;

    /* Without it each login waits 40 ms for a delayed acknowledgement. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

void
net_keep_alive(int fd)
{
    int idle_s = 60, interval_s = 60, count = 4;

    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

void
net_limit_silence(int fd, unsigned limit_ms)
{
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof(limit_ms));
}

size_t
net_unacknowledged(int fd)
{
    int waiting = 0;

    return ioctl(fd, TIOCOUTQ, &waiting) == 0 && waiting > 0 ? (size_t)waiting
                                                             : 0;
}

void
net_set_service(int fd, uint8_t byte)
{
    int value = byte;

    /* An IPv6 socket may carry IPv4: each call minds one of them. */
    setsockopt(fd, IPPROTO_IP, IP_TOS, &value, sizeof(value));
    setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof(value));
}

void
net_reset(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
}
