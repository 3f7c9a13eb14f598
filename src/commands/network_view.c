#include "commands/network_view.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "config/interface.h"
#include "control/network.h"

/* --- reading ------------------------------------------------------------ */

static int
by_index(const void *a, const void *b)
{
    unsigned x = ((const struct netlink_link *)a)->index;
    unsigned y = ((const struct netlink_link *)b)->index;

    return (x > y) - (x < y);
}

/* The kernel allows bytes in names that no screen should see. */
static void
clean_name(char *name)
{
    for (; *name != '\0'; name++)
        if (*name <= ' ' || *name > '~')
            *name = '?';
}

void
network_view_failed(struct command *cmd, const char *what, enum err err)
{
    int error = errno;

    if (err == ERR_LIMIT)
        out_error(cmd, "The machine has more %s than can be shown", what);
    else
        out_error(cmd, "The machine's %s cannot be read: %s", what,
                  strerror(error));
}

/* The kernel lists the youngest network last; the router's own choice of a
   primary address goes first. */
static void
put_primary_first(struct network_view *view, const struct netlink_link *link,
                  const struct config_interface *i)
{
    struct netlink_prefix primary =
        network_prefix(&i->primary.address, i->primary.length);
    size_t first = view->address_count;

    for (size_t k = 0; k < view->address_count; k++) {
        struct netlink_address *a = &view->addresses[k], found = *a;

        if (a->link != link->index || a->prefix.family != AF_INET)
            continue;
        if (first == view->address_count)
            first = k;
        if (a->prefix.length != primary.length ||
            memcmp(a->prefix.bytes, primary.bytes, 4) != 0)
            continue;
        memmove(&view->addresses[first + 1], &view->addresses[first],
                (k - first) * sizeof(*a));
        view->addresses[first] = found;
        return;
    }
}

static void
order_addresses(struct network_view *view, const struct config *config)
{
    for (size_t i = 0; i < view->link_count; i++) {
        const struct config_interface *entry =
            config_interface_find(config, view->links[i].name);

        if (entry != NULL && entry->primary.length > 0)
            put_primary_first(view, &view->links[i], entry);
    }
}

bool
network_view_load(struct command *cmd, struct network_view *view)
{
    enum err err;

    *view = (struct network_view){0};
    err = netlink_links(&view->links, &view->link_count);
    if (err != OK) {
        network_view_failed(cmd, "interfaces", err);
        return false;
    }
    for (size_t i = 0; i < view->link_count; i++)
        clean_name(view->links[i].name);
    if (view->link_count > 0)
        qsort(view->links, view->link_count, sizeof(*view->links), by_index);
    err = netlink_addresses(&view->addresses, &view->address_count);
    if (err == OK) {
        order_addresses(view, cmd->config);
        return true;
    }
    network_view_failed(cmd, "addresses", err);
    network_view_clear(view);
    return false;
}

void
network_view_clear(struct network_view *view)
{
    free(view->links);
    free(view->addresses);
    *view = (struct network_view){0};
}

const struct netlink_link *
network_view_link(const struct network_view *view, unsigned index)
{
    size_t low = 0, high = view->link_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (view->links[middle].index == index)
            return &view->links[middle];
        if (view->links[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *
network_view_name(const struct network_view *view, unsigned index)
{
    const struct netlink_link *link = network_view_link(view, index);

    return link == NULL ? "unknown" : link->name;
}

static const struct netlink_link *
link_named(const struct network_view *view, const char *name, bool any_case)
{
    for (size_t i = 0; i < view->link_count; i++)
        if (any_case ? text_equal_nocase(view->links[i].name, name)
                     : strcmp(view->links[i].name, name) == 0)
            return &view->links[i];
    return NULL;
}

const struct netlink_link *
network_view_find(struct command *cmd, const struct network_view *view,
                  const char *name)
{
    const char *typed = cli_text(cmd->match, name);
    const struct netlink_link *link = link_named(view, typed, false);
    char loopback[CONFIG_INTERFACE_NAME_MAX + 1];

    if (link == NULL && config_interface_loopback(typed, loopback))
        link = link_named(view, loopback, false);
    if (link == NULL)
        link = link_named(view, typed, true);
    if (link == NULL)
        out_error(cmd, "Invalid interface type and number");
    return link;
}

const struct netlink_address *
network_view_next(const struct network_view *view, unsigned link,
                  unsigned family, const struct netlink_address *after)
{
    const struct netlink_address *end = view->addresses + view->address_count;
    const struct netlink_address *a =
        after == NULL ? view->addresses : after + 1;

    for (; a < end; a++)
        if (a->link == link && a->prefix.family == family &&
            (family == AF_INET || !a->link_local))
            return a;
    return NULL;
}

const char *
link_description(const struct config *config, const struct netlink_link *link)
{
    const struct config_interface *i =
        config_interface_find(config, link->name);

    return i == NULL ? NULL : i->description;
}

/* --- words -------------------------------------------------------------- */

const char *
link_status(const struct netlink_link *link)
{
    if ((link->flags & IFF_UP) == 0)
        return "administratively down";
    return (link->flags & NETLINK_LOWER_UP) != 0 ? "up" : "down";
}

const char *
link_protocol(const struct netlink_link *link)
{
    return (link->flags & IFF_UP) != 0 && (link->flags & IFF_RUNNING) != 0
               ? "up"
               : "down";
}

void
hardware_text(const uint8_t *bytes, size_t len, char text[HARDWARE_TEXT_MAX])
{
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < len && i < NETLINK_HARDWARE_MAX; i++) {
        if (i > 0 && i % 2 == 0)
            text[at++] = '.';
        text_hex(text + at, 3, span_of(bytes + i, 1));
        at += 2;
    }
}

void
address_text(const struct netlink_prefix *prefix, char text[PREFIX_TEXT_MAX])
{
    text[0] = '\0';
    if (prefix->family == 0)
        return;
    inet_ntop((int)prefix->family, prefix->bytes, text, PREFIX_TEXT_MAX);
    for (char *c = text; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
}

void
prefix_text(const struct netlink_prefix *prefix, char text[PREFIX_TEXT_MAX])
{
    size_t len;

    address_text(prefix, text);
    len = strlen(text);
    snprintf(text + len, PREFIX_TEXT_MAX - len, "/%u", prefix->length);
}

struct netlink_prefix
prefix_network(const struct netlink_prefix *prefix)
{
    struct netlink_prefix network = *prefix;

    for (unsigned i = 0; i < sizeof(network.bytes); i++) {
        unsigned before = prefix->length > 8 * i ? prefix->length - 8 * i : 0;

        if (before < 8)
            network.bytes[i] &= (uint8_t) ~(0xffu >> before);
    }
    return network;
}
