/*
 * Names to addresses, by c-ares (its only includer). It opens nothing: each
 * socket that it wants is a number here, behind which stands a descriptor
 * that control has connected to that server.
 */
#include <ares.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/text.h"
#include "worker/probe_parts.h"

#define SERVERS_MAX   8
#define NAMES_MAX     4
#define NAME_ROOM     256
#define ADDRESSES_MAX 16
#define SOCKETS_MAX   ARES_GETSOCK_MAXNUM
#define SERVER_MS     2000     /* until a server is asked again, or the next */
#define TRIES         2        /* of each server */
#define ALL_US        45000000 /* and in all, whatever they answer */
#define SOCKET_MS     5000     /* for control's answer */

/* A socket as c-ares knows it, by its place. */
struct name_socket {
    bool used;
    bool tcp;
    int fd; /* -1: not connected yet */
};

struct probe_resolver {
    ares_channel channel;
    struct uplink *up;
    struct ares_addr_port_node servers[SERVERS_MAX];
    size_t server_count;
    struct name_socket sockets[SOCKETS_MAX];
    uint64_t deadline_us;
    bool done;
    int status;       /* of c-ares, when done */
    struct buf found; /* addresses, each a string */
};

/* --- sockets for c-ares ------------------------------------------------- */

static struct name_socket *
socket_at(struct probe_resolver *n, ares_socket_t number)
{
    if (number < 0 || number >= SOCKETS_MAX || !n->sockets[number].used) {
        errno = EBADF;
        return NULL;
    }
    return &n->sockets[number];
}

static ares_socket_t
on_socket(int family, int type, int protocol, void *owner)
{
    struct probe_resolver *n = owner;

    (void)family;
    (void)protocol;
    for (int i = 0; i < SOCKETS_MAX; i++)
        if (!n->sockets[i].used) {
            n->sockets[i] = (struct name_socket){
                .used = true, .tcp = type == SOCK_STREAM, .fd = -1};
            return i;
        }
    errno = EMFILE;
    return ARES_SOCKET_BAD;
}

static int
on_close(ares_socket_t number, void *owner)
{
    struct name_socket *s = socket_at(owner, number);

    if (s == NULL)
        return -1;
    if (s->fd >= 0)
        close(s->fd);
    *s = (struct name_socket){.fd = -1};
    return 0;
}

/* Which of the servers that is; SERVERS_MAX: none. */
static size_t
server_of(const struct probe_resolver *n, const struct sockaddr *address)
{
    struct sockaddr_storage storage = {0};
    size_t i = 0;

    memcpy(&storage, address,
           address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                          : sizeof(struct sockaddr_in));
    for (; i < n->server_count; i++) {
        const struct ares_addr_port_node *server = &n->servers[i];
        size_t len = server->family == AF_INET6 ? 16 : 4;

        if (span_equal(span_of(&server->addr, len), probe_address(&storage)))
            return i;
    }
    return SERVERS_MAX;
}

static int
on_connect(ares_socket_t number, const struct sockaddr *address,
           ares_socklen_t len, void *owner)
{
    struct probe_resolver *n = owner;
    struct name_socket *s = socket_at(n, number);
    size_t server = server_of(n, address);
    struct message want = {.type = MSG_PROBE_WANT}, m;

    (void)len;
    if (s == NULL || server == SERVERS_MAX) {
        errno = ECONNREFUSED;
        return -1;
    }
    want.probe_want.server = (uint32_t)server;
    want.probe_want.tcp = s->tcp;
    uplink_send(n->up, &want);
    if (!uplink_await(n->up, SOCKET_MS, &m, &s->fd) ||
        m.type != MSG_PROBE_SOCKET || s->fd < 0) {
        errno = ECONNREFUSED;
        return -1;
    }
    if (!s->tcp)
        return 0;
    errno = EINPROGRESS;
    return -1;
}

static ares_ssize_t
on_receive(ares_socket_t number, void *to, size_t room, int flags,
           struct sockaddr *from, ares_socklen_t *from_len, void *owner)
{
    struct name_socket *s = socket_at(owner, number);
    struct iovec part = {to, room};
    struct msghdr message = {.msg_name = from,
                             .msg_namelen = from_len == NULL ? 0 : *from_len,
                             .msg_iov = &part,
                             .msg_iovlen = 1};
    ssize_t got;

    if (s == NULL)
        return -1;
    got = recvmsg(s->fd, &message, flags | MSG_DONTWAIT);
    if (got >= 0 && from_len != NULL)
        *from_len = message.msg_namelen;
    return got;
}

static ares_ssize_t
on_send(ares_socket_t number, const struct iovec *parts, int count, void *owner)
{
    struct name_socket *s = socket_at(owner, number);
    struct msghdr message = {.msg_iov = (struct iovec *)parts,
                             .msg_iovlen = (size_t)count};

    return s == NULL ? -1 : sendmsg(s->fd, &message, MSG_DONTWAIT);
}

static const struct ares_socket_functions socket_functions = {
    on_socket, on_close, on_connect, on_receive, on_send};

/* --- before the sandbox ------------------------------------------------- */

struct probe_resolver *
probe_resolver_new(void)
{
    static char lookups[] = "b", nothing[] = "/dev/null";
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
        .timeout = SERVER_MS,
        .tries = TRIES,
        .lookups = lookups,
        .resolvconf_path = nothing,
    };
    struct probe_resolver *n = alloc_zero(1, sizeof(*n));

    /* Servers come from control, and files are not looked at. */
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
        ares_init_options(&n->channel, &options,
                          ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                              ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS |
                              ARES_OPT_RESOLVCONF) != ARES_SUCCESS) {
        free(n);
        return NULL;
    }
    for (size_t i = 0; i < SOCKETS_MAX; i++)
        n->sockets[i].fd = -1;
    ares_set_socket_functions(n->channel, &socket_functions, n);
    return n;
}

/* --- asking ------------------------------------------------------------- */

static bool
take_servers(struct probe_resolver *n, struct span servers)
{
    struct reader r = reader_over(servers);

    while (!read_done(&r) && n->server_count < SERVERS_MAX) {
        struct ares_addr_port_node *s = &n->servers[n->server_count];
        struct span address = read_string(&r);

        if (address.len != 4 && address.len != 16)
            return false;
        s->family = address.len == 4 ? AF_INET : AF_INET6;
        memcpy(&s->addr, address.ptr, address.len);
        if (n->server_count > 0)
            n->servers[n->server_count - 1].next = s;
        n->server_count++;
    }
    return n->server_count > 0 &&
           ares_set_servers_ports(n->channel, n->servers) == ARES_SUCCESS;
}

/* IPv4 first: so IOS does. */
static void
keep(struct probe_resolver *n, const struct ares_addrinfo *found, int family,
     size_t *count)
{
    const struct ares_addrinfo_node *node = found->nodes;

    for (; node != NULL && *count < ADDRESSES_MAX; node = node->ai_next) {
        struct sockaddr_storage storage = {0};

        if (node->ai_family != family ||
            (size_t)node->ai_addrlen > sizeof(storage))
            continue;
        memcpy(&storage, node->ai_addr, (size_t)node->ai_addrlen);
        buf_put_string(&n->found, probe_address(&storage));
        ++*count;
    }
}

static void
on_answer(void *owner, int status, int timeouts, struct ares_addrinfo *found)
{
    struct probe_resolver *n = owner;
    size_t count = 0;

    (void)timeouts;
    n->done = true;
    n->status = status;
    if (status == ARES_SUCCESS && found != NULL) {
        keep(n, found, AF_INET, &count);
        keep(n, found, AF_INET6, &count);
    }
    ares_freeaddrinfo(found);
}

/* The descriptors behind what c-ares waits for, in places after the pipe's. */
static nfds_t
watch(struct probe_resolver *n, struct pollfd *watched, int *numbers)
{
    ares_socket_t sockets[SOCKETS_MAX];
    /* Its macros shift into the sign of an int. */
    unsigned wanted = (unsigned)ares_getsock(n->channel, sockets, SOCKETS_MAX);
    nfds_t count = 1;

    watched[0] = (struct pollfd){.fd = pipe_fd(n->up->pipe),
                                 .events = uplink_events(n->up, true)};
    for (int i = 0; i < SOCKETS_MAX; i++) {
        short events = 0;

        if ((wanted >> i & 1) != 0)
            events |= POLLIN;
        if ((wanted >> (i + SOCKETS_MAX) & 1) != 0)
            events |= POLLOUT;
        if (events == 0 || socket_at(n, sockets[i]) == NULL)
            continue;
        numbers[count] = sockets[i];
        watched[count++] =
            (struct pollfd){.fd = n->sockets[sockets[i]].fd, .events = events};
    }
    return count;
}

/* One turn of waiting. False: control has gone, or time is over. */
static bool
turn(struct probe_resolver *n)
{
    struct pollfd watched[SOCKETS_MAX + 1];
    int numbers[SOCKETS_MAX + 1];
    struct timeval most = {1, 0}, room;
    const struct timeval *wait = ares_timeout(n->channel, &most, &room);
    nfds_t count = watch(n, watched, numbers);

    if (poll(watched, count,
             (int)(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1)) < 0 &&
        errno != EINTR)
        return false;
    if (watched[0].revents & POLLOUT)
        uplink_flush(n->up);
    if (n->up->failed || (watched[0].revents & (POLLIN | POLLHUP | POLLERR)) ||
        probe_now_us() >= n->deadline_us)
        return false;
    for (nfds_t i = 1; i < count; i++) {
        short ready = watched[i].revents;

        ares_process_fd(
            n->channel,
            ready & (POLLIN | POLLHUP | POLLERR) ? numbers[i] : ARES_SOCKET_BAD,
            ready & (POLLOUT | POLLERR) ? numbers[i] : ARES_SOCKET_BAD);
    }
    ares_process_fd(n->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    return true;
}

static enum probe_answer
ask(struct probe_resolver *n, const char *name, int family)
{
    struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT,
                                        .ai_family = family};

    n->done = false;
    n->status = ARES_ETIMEOUT;
    ares_getaddrinfo(n->channel, name, NULL, &hints, on_answer, n);
    while (!n->done && turn(n))
        continue;
    if (buf_len(&n->found) > 0)
        return PROBE_NAME_FOUND;
    return n->done && (n->status == ARES_ENOTFOUND ||
                       n->status == ARES_ENODATA || n->status == ARES_SUCCESS)
               ? PROBE_NAME_UNKNOWN
               : PROBE_NAME_SILENCE;
}

static int
family_wanted(const struct msg_probe_name *m)
{
    if (m->ipv4 && m->ipv6)
        return AF_UNSPEC;
    return m->ipv6 ? AF_INET6 : AF_INET;
}

void
probe_name(struct uplink *up, struct probe_resolver *n,
           const struct msg_probe_name *m)
{
    struct message answer = {.type = MSG_PROBE_FOUND};
    int family = family_wanted(m);
    char names[NAMES_MAX][NAME_ROOM];
    struct reader r = reader_over(m->names);
    size_t count = 0;

    /* Asking for a socket receives messages: this one is gone then. */
    while (!read_done(&r) && count < NAMES_MAX)
        if (!text_copy_span(names[count++], NAME_ROOM, read_string(&r)))
            return;
    n->up = up;
    n->deadline_us = probe_now_us() + ALL_US;
    buf_init(&n->found, 1024);
    answer.probe_found.answer = PROBE_NAME_SILENCE;
    if (take_servers(n, m->servers))
        for (size_t i = 0; i < count; i++) {
            answer.probe_found.answer = (uint8_t)ask(n, names[i], family);
            if (answer.probe_found.answer != PROBE_NAME_UNKNOWN)
                break;
        }
    answer.probe_found.addresses = buf_span(&n->found);
    uplink_send(up, &answer);
}
