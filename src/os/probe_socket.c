#include "os/probe_socket.h"

#include <errno.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <unistd.h>

#define FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

static void
close_keeping_errno(int fd)
{
    int error = errno;

    close(fd);
    errno = error;
}

static bool
set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

/* What routers say about a packet comes by the error queue, with who it was. */
static bool
want_errors(int fd, int family)
{
    return family == AF_INET6 ? set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1)
                              : set(fd, IPPROTO_IP, IP_RECVERR, 1);
}

/* Of a raw socket: echo replies and nothing else. */
static bool
want_replies(int fd, int family)
{
    struct icmp_filter four = {.data = ~(1u << ICMP_ECHOREPLY)};
    struct icmp6_filter six;

    if (family != AF_INET6)
        return setsockopt(fd, SOL_RAW, ICMP_FILTER, &four, sizeof(four)) == 0;
    ICMP6_FILTER_SETBLOCKALL(&six);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &six);
    return setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &six, sizeof(six)) == 0;
}

static enum err
bind_source(int fd, const struct net_address *source)
{
    if (source == NULL ||
        bind(fd, (const struct sockaddr *)&source->storage, source->len) == 0)
        return OK;
    return errno == EADDRNOTAVAIL ? ERR_NOT_FOUND : ERR_SYSTEM;
}

/* ERR_SYSTEM also for a kind that is not permitted. */
static enum err
open_echo(int family, enum echo_socket kind, int *fd)
{
    int protocol = family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
    int type = kind == ECHO_RAW ? SOCK_RAW : SOCK_DGRAM;
    int made = socket(family, type | FLAGS, protocol);

    if (made < 0)
        return ERR_SYSTEM;
    if (!want_errors(made, family) ||
        (kind == ECHO_RAW && !want_replies(made, family))) {
        close_keeping_errno(made);
        return ERR_SYSTEM;
    }
    *fd = made;
    return OK;
}

enum err
probe_socket_echo(const struct net_address *to,
                  const struct net_address *source, int *fd,
                  enum echo_socket *kind)
{
    int family = to->storage.ss_family;
    enum echo_socket tried = ECHO_OWN;
    enum err err = open_echo(family, tried, fd);

    if (err != OK && (errno == EACCES || errno == EPERM)) {
        tried = ECHO_RAW;
        err = open_echo(family, tried, fd);
        if (err != OK && (errno == EACCES || errno == EPERM))
            return ERR_REFUSED;
    }
    if (err != OK)
        return err;
    err = bind_source(*fd, source);
    if (err != OK)
        close_keeping_errno(*fd);
    else
        *kind = tried;
    return err;
}

enum err
probe_socket_mark(int fd, const struct net_address *to, unsigned class,
                  bool whole)
{
    bool done;

    if (to->storage.ss_family == AF_INET6)
        done = set(fd, IPPROTO_IPV6, IPV6_TCLASS, (int)class);
    else
        done = set(fd, IPPROTO_IP, IP_TOS, (int)class) &&
               set(fd, IPPROTO_IP, IP_MTU_DISCOVER,
                   whole ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
    if (!done)
        close_keeping_errno(fd);
    return done ? OK : ERR_SYSTEM;
}

enum err
probe_socket_trace(const struct net_address *to,
                   const struct net_address *source, int *fd)
{
    int family = to->storage.ss_family;
    int made = socket(family, SOCK_DGRAM | FLAGS, 0);
    enum err err = ERR_SYSTEM;

    if (made < 0)
        return ERR_SYSTEM;
    if (want_errors(made, family))
        err = bind_source(made, source);
    if (err != OK)
        close_keeping_errno(made);
    else
        *fd = made;
    return err;
}

enum err
probe_socket_server(const struct net_address *server, bool tcp, int *fd)
{
    int made = socket(server->storage.ss_family,
                      (tcp ? SOCK_STREAM : SOCK_DGRAM) | FLAGS, 0);

    if (made < 0)
        return ERR_SYSTEM;
    if (connect(made, (const struct sockaddr *)&server->storage, server->len) !=
            0 &&
        errno != EINPROGRESS) {
        close_keeping_errno(made);
        return ERR_SYSTEM;
    }
    *fd = made;
    return OK;
}
