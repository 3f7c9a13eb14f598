#include "control/resolver.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/text.h"
#include "control/probe.h"
#include "os/probe_socket.h"

#define NAME_MAX_BYTES 253 /* RFC 1035 section 2.3.4, as text */
#define DNS_PORT       53
#define SOCKETS_MAX    64 /* that one probe gets */
#define SYSTEM_FILE    "/etc/resolv.conf"
#define SYSTEM_MAX     16384 /* bytes of it that are looked at */

struct resolver {
    struct list requests;
};

struct request {
    struct list node;
    struct router *router;
    const struct resolver_events *events;
    void *owner;
    struct probe *probe;
    struct config_address servers[RESOLVER_SERVERS_MAX];
    size_t server_count;
    bool asked[RESOLVER_SERVERS_MAX];
    bool ipv4, ipv6;
    unsigned sockets;
};

/* --- who is asked ------------------------------------------------------- */

static size_t
parse_system_servers(char *text, struct config_address *servers)
{
    size_t count = 0;
    char *rest = text, *line;

    while ((line = strsep(&rest, "\n")) != NULL &&
           count < RESOLVER_SERVERS_MAX) {
        char *word = strsep(&line, " \t");

        if (strcmp(word, "nameserver") != 0 || line == NULL)
            continue;
        line += strspn(line, " \t");
        line[strcspn(line, " \t\r#;")] = '\0';
        if (config_address_parse_ipv4(span_text(line), &servers[count]) == OK ||
            config_address_parse_ipv6(span_text(line), &servers[count]) == OK)
            count++;
    }
    return count;
}

static size_t
system_servers(struct config_address *servers)
{
    /* O_NONBLOCK: nobody is waited for, should it be no file. */
    int fd = open(SYSTEM_FILE, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char text[SYSTEM_MAX];
    struct stat found;
    ssize_t got = -1;

    if (fd < 0)
        return 0;
    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode))
        got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got <= 0)
        return 0;
    text[got] = '\0';
    return parse_system_servers(text, servers);
}

size_t
resolver_servers(const struct router *r,
                 struct config_address servers[RESOLVER_SERVERS_MAX])
{
    const struct config_list *list = &r->config.name_servers.list;
    size_t count = 0;

    for (; count < list->count && count < RESOLVER_SERVERS_MAX; count++)
        servers[count] =
            ((const struct config_server *)list->items[count])->address;
    if (count == 0)
        count = system_servers(servers);
    if (count == 0) {
        servers[0] = (struct config_address){.family = CONFIG_FAMILY_IPV4,
                                             .bytes = {127, 0, 0, 1}};
        count = 1;
    }
    return count;
}

/* --- requests ----------------------------------------------------------- */

static void
request_free(struct request *q)
{
    if (q->probe != NULL)
        probe_stop(q->probe);
    list_remove(&q->node);
    free(q);
}

/* The last that is heard of the request. */
static void
answer(struct request *q, enum resolver_result result,
       const struct config_address *addresses, size_t count)
{
    const struct resolver_events *events = q->events;
    struct resolver_answer given = {result, addresses, count};
    void *owner = q->owner;

    request_free(q);
    events->on_answer(owner, &given);
}

static bool
is_wanted(const struct config_address *address, bool ipv4, bool ipv6)
{
    return address->family == CONFIG_FAMILY_IPV4 ? ipv4 : ipv6;
}

static void
on_found(struct request *q, const struct msg_probe_found *m)
{
    struct config_address found[RESOLVER_ADDRESSES_MAX];
    struct reader r = reader_over(m->addresses);
    size_t count = 0;

    while (read_ok(&r) && !read_done(&r) && count < RESOLVER_ADDRESSES_MAX)
        if (probe_address_take(read_string(&r), &found[count]) &&
            is_wanted(&found[count], q->ipv4, q->ipv6))
            count++;
    if (m->answer == PROBE_NAME_FOUND && count > 0)
        answer(q, RESOLVER_FOUND, found, count);
    else
        answer(q,
               m->answer == PROBE_NAME_UNKNOWN ? RESOLVER_UNKNOWN
                                               : RESOLVER_SILENCE,
               NULL, 0);
}

/* A socket to one of its servers, and to nobody else. */
static void
on_want(struct request *q, const struct msg_probe_want *m)
{
    struct message reply = {.type = MSG_PROBE_SOCKET};
    const struct config_address *server;
    struct net_address net;
    int fd = -1;

    if (m->server >= q->server_count || ++q->sockets > SOCKETS_MAX) {
        probe_send(q->probe, &reply, -1);
        return;
    }
    server = &q->servers[m->server];
    if (!q->asked[m->server] && q->events->on_asked != NULL)
        q->events->on_asked(q->owner, server);
    q->asked[m->server] = true;
    probe_address_net(server, DNS_PORT, &net);
    if (probe_socket_server(&net, m->tcp, &fd) != OK)
        fd = -1;
    reply.probe_socket.server = m->server;
    probe_send(q->probe, &reply, fd);
    if (fd >= 0)
        close(fd);
}

static void
on_message(void *owner, const struct message *m)
{
    if (m->type == MSG_PROBE_WANT)
        on_want(owner, &m->probe_want);
    else if (m->type == MSG_PROBE_FOUND)
        on_found(owner, &m->probe_found);
}

static void
on_end(void *owner, bool failed)
{
    struct request *q = owner;

    (void)failed; /* it said nothing, which it should have */
    q->probe = NULL;
    answer(q, RESOLVER_FAILED, NULL, 0);
}

static const struct probe_events probe_calls = {on_message, on_end};

/* --- asking ------------------------------------------------------------- */

static bool
is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t len = strlen(name);

    return len > 0 && len <= NAME_MAX_BYTES && strspn(name, letters) == len &&
           strstr(name, "..") == NULL && name[0] != '.';
}

/* In `ip host`; false: not, or not with such an address. */
static bool
answer_from_hosts(struct router *r, const char *name, bool ipv4, bool ipv6,
                  const struct resolver_events *events, void *owner)
{
    struct config_address found[RESOLVER_ADDRESSES_MAX];
    const struct config_host *host = config_host_find(&r->config, name);
    struct resolver_answer given = {RESOLVER_FOUND, found, 0};

    if (host == NULL)
        return false;
    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < host->addresses.list.count; i++) {
            const struct config_server *entry = host->addresses.list.items[i];
            bool is_ipv4 = entry->address.family == CONFIG_FAMILY_IPV4;

            if (is_ipv4 == (pass == 0) &&
                is_wanted(&entry->address, ipv4, ipv6) &&
                given.count < RESOLVER_ADDRESSES_MAX)
                found[given.count++] = entry->address;
        }
    if (given.count == 0)
        return false;
    events->on_answer(owner, &given);
    return true;
}

static struct request *
request_new(struct router *r, const struct resolver_events *events, void *owner)
{
    struct request *q = alloc_zero(1, sizeof(*q));

    if (r->resolver == NULL) {
        r->resolver = alloc_zero(1, sizeof(*r->resolver));
        list_init(&r->resolver->requests);
    }
    q->router = r;
    q->events = events;
    q->owner = owner;
    q->server_count = resolver_servers(r, q->servers);
    list_append(&r->resolver->requests, &q->node);
    return q;
}

static void
put_names(const struct router *r, const char *name, struct buf *names)
{
    char full[NAME_MAX_BYTES * 2 + 2];

    if (strchr(name, '.') == NULL && r->config.domain_name != NULL &&
        snprintf(full, sizeof(full), "%s.%s", name, r->config.domain_name) <=
            NAME_MAX_BYTES)
        buf_put_text(names, full);
    buf_put_text(names, name);
}

static void
ask_servers(struct request *q, const char *name)
{
    struct message work = {.type = MSG_PROBE_NAME};
    struct buf names, servers;
    enum err err;

    buf_init(&names, 1024);
    buf_init(&servers, 1024);
    put_names(q->router, name, &names);
    for (size_t i = 0; i < q->server_count; i++)
        buf_put_string(&servers, probe_address_bytes(&q->servers[i]));
    work.probe_name.names = buf_span(&names);
    work.probe_name.servers = buf_span(&servers);
    work.probe_name.ipv4 = q->ipv4;
    work.probe_name.ipv6 = q->ipv6;
    err = probe_start(q->router, &work, -1, &probe_calls, q, &q->probe);
    buf_clear(&names);
    buf_clear(&servers);
    if (err != OK)
        answer(q, RESOLVER_BUSY, NULL, 0);
}

void
resolver_ask(struct router *r, const char *name, bool ipv4, bool ipv6,
             const struct resolver_events *events, void *owner)
{
    struct resolver_answer none = {RESOLVER_UNKNOWN, NULL, 0};
    struct request *q;

    if (answer_from_hosts(r, name, ipv4, ipv6, events, owner))
        return;
    if (!r->config.domain_lookup)
        none.result = RESOLVER_OFF;
    if (!is_name(name) || !r->config.domain_lookup) {
        events->on_answer(owner, &none);
        return;
    }
    q = request_new(r, events, owner);
    q->ipv4 = ipv4;
    q->ipv6 = ipv6;
    ask_servers(q, name);
}

void
resolver_forget(struct router *r, const void *owner)
{
    if (r->resolver == NULL)
        return;
    LIST_EACH(node, &r->resolver->requests)
    {
        struct request *q = LIST_ITEM(node, struct request, node);

        if (q->owner == owner)
            request_free(q);
    }
}

void
resolver_stop(struct router *r)
{
    if (r->resolver == NULL)
        return;
    LIST_EACH(node, &r->resolver->requests)
    {
        request_free(LIST_ITEM(node, struct request, node));
    }
    free(r->resolver);
    r->resolver = NULL;
}
