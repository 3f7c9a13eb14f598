#include "vtyssh/connect.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "os/clock.h"
#include "vtyssh/say.h"
#include "vtyssh/signals.h"

#define CONNECT_MS 30000 /* for one address, as the router's synwait-time */

/* Wait until the connection is made or not; ERR_SYSTEM: errno tells. */
static enum err
wait_connected(int fd, int signals_fd)
{
    struct pollfd fds[2] = {{.fd = fd, .events = POLLOUT},
                            {.fd = signals_fd, .events = POLLIN}};
    uint64_t end_ms = clock_now_ms() + CONNECT_MS;
    socklen_t len = sizeof(errno);
    int failure = 0;

    while (fds[0].revents == 0) {
        int ready = poll(fds, 2, clock_poll_timeout(end_ms, clock_now_ms()));

        if (ready < 0 && errno != EINTR)
            return ERR_SYSTEM;
        if (ready == 0) {
            errno = ETIMEDOUT;
            return ERR_SYSTEM;
        }
        if (ready > 0 && fds[1].revents != 0) {
            enum signal_wish wish = signals_next(signals_fd);

            if (wish == SIGNAL_END)
                return ERR_CLOSED;
            if (wish == SIGNAL_SUSPEND)
                signals_stop_self();
        }
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) != 0)
        return ERR_SYSTEM;
    errno = failure;
    return failure == 0 ? OK : ERR_SYSTEM;
}

static enum err
connect_address(const struct addrinfo *found, int signals_fd, int *fd)
{
    int made =
        socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    enum err err = OK;

    if (made < 0)
        return ERR_SYSTEM;
    if (connect(made, found->ai_addr, found->ai_addrlen) != 0)
        err = errno == EINPROGRESS ? wait_connected(made, signals_fd)
                                   : ERR_SYSTEM;
    if (err != OK) {
        int failure = errno;

        close(made);
        errno = failure;
        return err;
    }
    *fd = made;
    return OK;
}

enum err
connect_to(const char *host, unsigned port, int signals_fd, int *fd,
           char address[NET_TEXT_MAX])
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_NUMERICSERV};
    struct addrinfo *all = NULL;
    struct net_address peer = {0};
    char service[8];
    enum err err = ERR_SYSTEM;
    int failure;

    (void)snprintf(service, sizeof(service), "%u", port);
    failure = getaddrinfo(host, service, &wanted, &all);
    if (failure != 0) {
        say("%s: %s", host,
            failure == EAI_SYSTEM ? strerror(errno) : gai_strerror(failure));
        return ERR_SYSTEM;
    }
    for (const struct addrinfo *a = all; a != NULL; a = a->ai_next) {
        if (a->ai_addrlen > sizeof(peer.storage))
            continue;
        memcpy(&peer.storage, a->ai_addr, a->ai_addrlen);
        peer.len = a->ai_addrlen;
        net_host_text(&peer, address, NET_TEXT_MAX);
        err = connect_address(a, signals_fd, fd);
        if (err == OK || err == ERR_CLOSED)
            break;
        say("%s, port %u: %s", address, port, strerror(errno));
    }
    freeaddrinfo(all);
    if (err == OK)
        net_tune(*fd);
    return err;
}
