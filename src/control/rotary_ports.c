#include "control/rotary_ports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "control/journal.h"
#include "control/listener.h"
#include "os/net.h"

struct rotary_port {
    struct list node; /* in router->rotary_ports */
    struct router *router;
    uv_poll_t poll;
    int fd;
    size_t address; /* of options.listen, on which it listens */
    unsigned port;
    uint32_t group;
    bool wanted;
};

static struct list *
ports_of(struct router *r)
{
    if (r->rotary_ports.next == NULL)
        list_init(&r->rotary_ports);
    return &r->rotary_ports;
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
    struct rotary_port *p = poll->data;

    (void)status;
    (void)events;
    listener_accept(p->router, p->fd, p->group);
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void
port_close(struct rotary_port *p)
{
    list_remove(&p->node);
    uv_close((uv_handle_t *)&p->poll, on_closed);
    close(p->fd);
}

static bool
port_open(struct router *r, size_t address, unsigned port, uint32_t group)
{
    struct net_address wish = r->options.listen[address], bound;
    struct rotary_port *p;
    int fd;

    net_set_port(&wish, (uint16_t)port);
    if (net_listen(&wish, &fd, &bound) != OK) {
        journal_limited(r, "", "SYS", LOG_ERROR, "LISTEN",
                        "Cannot listen on port %u: %s", port, strerror(errno));
        return false;
    }
    p = alloc_zero(1, sizeof(*p));
    p->router = r;
    p->fd = fd;
    p->address = address;
    p->port = port;
    p->group = group;
    p->wanted = true;
    if (uv_poll_init(&r->loop, &p->poll, fd) != 0) {
        close(fd);
        free(p);
        return false;
    }
    p->poll.data = p;
    list_append(ports_of(r), &p->node);
    return true;
}

/* It is open already, or can be opened. */
static bool
want(struct router *r, size_t address, unsigned port, uint32_t group)
{
    LIST_EACH(node, ports_of(r))
    {
        struct rotary_port *p = LIST_ITEM(node, struct rotary_port, node);

        if (p->address == address && p->port == port) {
            p->group = group;
            p->wanted = true;
            return true;
        }
    }
    return port_open(r, address, port, group);
}

/* The same address was named before, with another port. */
static bool
is_repeated(const struct options *options, size_t address)
{
    char text[NET_TEXT_MAX], other[NET_TEXT_MAX];

    net_host_text(&options->listen[address], text, sizeof(text));
    for (size_t i = 0; i < address; i++) {
        net_host_text(&options->listen[i], other, sizeof(other));
        if (strcmp(text, other) == 0)
            return true;
    }
    return false;
}

/* One port for each group, from the first to the last, upwards or down. */
static bool
want_groups(struct router *r, size_t address,
            const struct config_ssh_port *entry)
{
    uint32_t last = entry->last == 0 ? entry->first : entry->last;
    uint32_t group = entry->first;
    unsigned port = entry->port;
    bool all = want(r, address, port, group);

    while (group != last) {
        group = group < last ? group + 1 : group - 1;
        all = want(r, address, ++port, group) && all;
    }
    return all;
}

static bool
want_entry(struct router *r, const struct config_ssh_port *entry)
{
    bool all = true;

    for (size_t i = 0; i < r->options.listen_count; i++)
        if (!is_repeated(&r->options, i))
            all = want_groups(r, i, entry) && all;
    return all;
}

static void
close_unwanted(struct router *r)
{
    LIST_EACH(node, ports_of(r))
    {
        struct rotary_port *p = LIST_ITEM(node, struct rotary_port, node);

        if (!p->wanted)
            port_close(p);
        else
            p->wanted = false;
    }
}

bool
rotary_ports_update(struct router *r)
{
    const struct config_list *entries = &r->config.ssh.ports.list;
    bool all = true;

    for (size_t i = 0; i < entries->count; i++)
        all = want_entry(r, entries->items[i]) && all;
    close_unwanted(r);
    return all;
}

void
rotary_ports_watch(struct router *r, bool accepting)
{
    LIST_EACH(node, ports_of(r))
    {
        struct rotary_port *p = LIST_ITEM(node, struct rotary_port, node);

        if (accepting)
            uv_poll_start(&p->poll, UV_READABLE, on_readable);
        else
            uv_poll_stop(&p->poll);
    }
}

void
rotary_ports_close(struct router *r)
{
    LIST_EACH(node, ports_of(r))
    {
        port_close(LIST_ITEM(node, struct rotary_port, node));
    }
}
