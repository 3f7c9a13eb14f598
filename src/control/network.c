#include "control/network.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "config/interface.h"
#include "control/journal.h"

#define ALIAS        "vtyd" /* marks dummy interfaces that we have made */
#define DUMMY        "dummy"
#define MTU_ETHERNET 1500
#define MTU_LOOPBACK 65536

/* Routes of other programs, of one family. */
struct others {
    struct netlink_route *routes; /* owned */
    size_t count;
    bool known;
};

struct network {
    bool loading;
    struct others ipv4, ipv6;  /* while loading */
    size_t settled;            /* interfaces there were before the last route */
    struct config_list loaded; /* struct config_interface, of startup-config */
};

/* --- life --------------------------------------------------------------- */

struct network *
network_new(void)
{
    struct network *n = alloc_zero(1, sizeof(*n));

    n->loading = true;
    return n;
}

static void
others_clear(struct others *others)
{
    free(others->routes);
    *others = (struct others){0};
}

void
network_free(struct network *n)
{
    if (n == NULL)
        return;
    config_list_clear(&n->loaded, &config_interface_type);
    others_clear(&n->ipv4);
    others_clear(&n->ipv6);
    free(n);
}

bool
network_applies(const struct cli_change *change)
{
    const struct router *r = change->owner;

    return r != NULL && r->network != NULL && change->config == &r->config;
}

bool
network_is_loading(const struct router *r)
{
    return r->network != NULL && r->network->loading;
}

void
network_settle(struct router *r)
{
    const struct config_list *list = &r->config.interfaces.list;
    char refusal[CLI_REFUSAL_MAX];

    for (size_t i = 0; i < list->count; i++) {
        const struct config_interface *entry = list->items[i];
        const char *refused =
            entry->shutdown ? NULL : network_set_up(entry->name, true, refusal);

        if (refused != NULL)
            journal_message(r, "LINK", LOG_ERROR, "UPDOWN",
                            "Interface %s cannot be brought up: %s",
                            entry->name, refused);
    }
}

void
network_before_route(struct router *r)
{
    struct network *n = r->network;

    if (!n->loading || n->settled == r->config.interfaces.list.count)
        return;
    n->settled = r->config.interfaces.list.count;
    network_settle(r);
}

void
network_loaded(struct router *r)
{
    const struct config_list *list = &r->config.interfaces.list;

    for (size_t i = 0; i < list->count; i++) {
        void *entry =
            config_list_append(&r->network->loaded, &config_interface_type);

        config_type_clear(&config_interface_type, entry);
        config_type_copy(&config_interface_type, entry, list->items[i]);
    }
    r->network->loading = false;
    others_clear(&r->network->ipv4);
    others_clear(&r->network->ipv6);
}

static bool
has_address(const struct config_interface *entry,
            const struct config_address *address)
{
    const struct config_list *more = &entry->secondary.list;

    if (config_address_equal(&entry->primary.address, address))
        return true;
    for (size_t i = 0; i < more->count; i++) {
        const struct config_interface_address *a = more->items[i];

        if (config_address_equal(&a->address, address))
            return true;
    }
    return false;
}

bool
network_was_loaded(const struct router *r, const char *interface,
                   const struct config_address *address)
{
    const struct config_list *list =
        r->network == NULL ? NULL : &r->network->loaded;

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct config_interface *entry = list->items[i];

        if (strcmp(entry->name, interface) == 0)
            return has_address(entry, address);
    }
    return false;
}

/* --- words -------------------------------------------------------------- */

const char *
network_refusal(enum err err, const char *what, char refusal[CLI_REFUSAL_MAX])
{
    int error = errno;

    if (err == ERR_LIMIT)
        snprintf(refusal, CLI_REFUSAL_MAX,
                 "%% Error: %s: there is too much of it", what);
    else if (error == EPERM || error == EACCES)
        snprintf(refusal, CLI_REFUSAL_MAX,
                 "%% Error: %s: the router has no right to change the "
                 "machine's network (CAP_NET_ADMIN)",
                 what);
    else
        snprintf(refusal, CLI_REFUSAL_MAX,
                 "%% Error: %s: the kernel refuses it: %s", what,
                 strerror(error));
    return refusal;
}

struct netlink_prefix
network_prefix(const struct config_address *address, unsigned length)
{
    struct netlink_prefix prefix = {.length = length};

    if (address->family == CONFIG_FAMILY_NONE)
        return prefix;
    prefix.family = address->family == CONFIG_FAMILY_IPV4 ? AF_INET : AF_INET6;
    memcpy(prefix.bytes, address->bytes,
           address->family == CONFIG_FAMILY_IPV4 ? 4 : 16);
    return prefix;
}

const char *
network_find(const char *interface, struct netlink_link *link,
             char refusal[CLI_REFUSAL_MAX])
{
    enum err err = netlink_link_named(interface, link);

    if (err == OK)
        return NULL;
    if (err == ERR_SYSTEM && errno == ENODEV)
        return "% Invalid interface type and number";
    return network_refusal(err, interface, refusal);
}

/* --- links -------------------------------------------------------------- */

const char *
network_set_up(const char *interface, bool up, char refusal[CLI_REFUSAL_MAX])
{
    struct netlink_link link;
    const char *refused = network_find(interface, &link, refusal);
    enum err err;

    if (refused != NULL || ((link.flags & IFF_UP) != 0) == up)
        return refused;
    err = netlink_set_up(link.index, up);
    return err == OK ? NULL : network_refusal(err, interface, refusal);
}

const char *
network_make_loopback(const char *interface, char refusal[CLI_REFUSAL_MAX])
{
    struct netlink_link link;
    const char *refused = network_find(interface, &link, refusal);
    enum err err;

    if (refused == NULL)
        return NULL;
    err = netlink_add_dummy(interface, ALIAS);
    if (err != OK && errno != EEXIST)
        return network_refusal(err, interface, refusal);
    refused = network_set_up(interface, true, refusal);
    /* Half made is not made. */
    if (refused != NULL && netlink_link_named(interface, &link) == OK &&
        netlink_remove_link(link.index) != OK)
        log_line(LOG_WARNING, "Interface %s stays behind", interface);
    return refused;
}

const char *
network_remove_loopback(const char *interface, char refusal[CLI_REFUSAL_MAX])
{
    struct netlink_link link;
    enum err err = netlink_link_named(interface, &link);

    if (err != OK)
        return errno == ENODEV ? NULL
                               : network_refusal(err, interface, refusal);
    if (strcmp(link.kind, DUMMY) != 0 || strcmp(link.alias, ALIAS) != 0)
        return "% Removal of interfaces that another program has made is not "
               "permitted";
    err = netlink_remove_link(link.index);
    return err == OK ? NULL : network_refusal(err, interface, refusal);
}

const char *
network_set_mtu(const char *interface, uint32_t mtu,
                char refusal[CLI_REFUSAL_MAX])
{
    struct netlink_link link;
    const char *refused = network_find(interface, &link, refusal);
    enum err err;

    if (refused != NULL)
        return refused;
    if (mtu == 0)
        mtu = link.type == ARPHRD_LOOPBACK ? MTU_LOOPBACK : MTU_ETHERNET;
    if (link.mtu == mtu)
        return NULL;
    err = netlink_set_mtu(link.index, mtu);
    return err == OK ? NULL : network_refusal(err, interface, refusal);
}

/* --- addresses ---------------------------------------------------------- */

static bool
same_prefix(const struct netlink_prefix *a, const struct netlink_prefix *b)
{
    return a->family == b->family && a->length == b->length &&
           memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* That address on that link. ERR_NOT_FOUND: it has none such. */
static enum err
find_address(unsigned link, const struct netlink_prefix *prefix,
             struct netlink_address *found)
{
    struct netlink_address *list;
    size_t count;
    enum err err = netlink_addresses(&list, &count);

    if (err != OK)
        return err;
    err = ERR_NOT_FOUND;
    for (size_t i = 0; i < count && err != OK; i++)
        if (list[i].link == link && same_prefix(&list[i].prefix, prefix)) {
            *found = list[i];
            err = OK;
        }
    free(list);
    return err;
}

const char *
network_add_address(const char *interface,
                    const struct config_interface_address *address,
                    char refusal[CLI_REFUSAL_MAX])
{
    struct netlink_prefix prefix =
        network_prefix(&address->address, address->length);
    struct netlink_address there;
    struct netlink_link link;
    const char *refused = network_find(interface, &link, refusal);
    enum err err;

    if (refused != NULL)
        return refused;
    err = find_address(link.index, &prefix, &there);
    if (err == ERR_NOT_FOUND)
        err = netlink_add_address(link.index, &prefix);
    return err == OK ? NULL : network_refusal(err, interface, refusal);
}

const char *
network_remove_address(const char *interface,
                       const struct config_interface_address *address,
                       char refusal[CLI_REFUSAL_MAX])
{
    struct netlink_prefix prefix =
        network_prefix(&address->address, address->length);
    struct netlink_address there;
    struct netlink_link link;
    enum err err = netlink_link_named(interface, &link);

    if (err != OK)
        return errno == ENODEV ? NULL
                               : network_refusal(err, interface, refusal);
    err = find_address(link.index, &prefix, &there);
    if (err == ERR_NOT_FOUND ||
        (err == OK && !there.ours && netlink_marks_addresses()))
        return NULL;
    if (err == OK)
        err = netlink_remove_address(link.index, &prefix);
    return err == OK ? NULL : network_refusal(err, interface, refusal);
}

/* The first `length` bits are the same. */
static bool
same_bits(const uint8_t *a, const uint8_t *b, unsigned length)
{
    for (unsigned i = 0; i < length; i++)
        if (((a[i / 8] ^ b[i / 8]) & (0x80 >> i % 8)) != 0)
            return false;
    return true;
}

bool
network_overlaps(const char *interface,
                 const struct config_interface_address *address,
                 char other[IFNAMSIZ], struct config_address *network)
{
    struct netlink_prefix prefix =
        network_prefix(&address->address, address->length);
    struct netlink_address *list = NULL;
    size_t count = 0;
    bool found = false;

    if (netlink_addresses(&list, &count) != OK)
        return false;
    for (size_t i = 0; i < count && !found; i++) {
        const struct netlink_prefix *p = &list[i].prefix;
        unsigned shorter =
            p->length < prefix.length ? p->length : prefix.length;

        if (p->family != prefix.family || list[i].link_local ||
            !same_bits(p->bytes, prefix.bytes, shorter) ||
            if_indextoname(list[i].link, other) == NULL ||
            strcmp(other, interface) == 0)
            continue;
        found = true;
        *network = address->address;
        for (unsigned bit = shorter; bit < 8 * sizeof(network->bytes); bit++)
            network->bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
    }
    free(list);
    return found;
}

/* --- whose routes ------------------------------------------------------- */

static enum err
others_read(struct others *others, unsigned family)
{
    enum err err = netlink_routes(family, &others->routes, &others->count);
    size_t kept = 0;

    if (err != OK)
        return err;
    for (size_t i = 0; i < others->count; i++)
        if (others->routes[i].protocol != NETLINK_OURS)
            others->routes[kept++] = others->routes[i];
    others->count = kept;
    others->known = true;
    return OK;
}

enum err
network_is_foreign(struct router *r, const struct netlink_route *route,
                   bool *foreign)
{
    struct network *n = r->network;
    struct others *others = route->to.family == AF_INET ? &n->ipv4 : &n->ipv6;
    enum err err = others->known ? OK : others_read(others, route->to.family);

    *foreign = false;
    for (size_t i = 0; err == OK && i < others->count; i++) {
        const struct netlink_route *other = &others->routes[i];

        if (other->to.length == route->to.length &&
            other->priority == route->priority &&
            memcmp(other->to.bytes, route->to.bytes, sizeof(route->to.bytes)) ==
                0)
            *foreign = true;
    }
    if (!n->loading)
        others_clear(others);
    return err;
}

/* --- giving back -------------------------------------------------------- */

static void
tell_lost(struct router *r, const char *refused)
{
    if (refused != NULL)
        journal_message(r, "LINK", LOG_ERROR, "RESTORE",
                        "Not given back to the machine: %s", refused);
}

static void
restore_addresses(struct router *r, const char *interface,
                  const struct config_list *list)
{
    char refusal[CLI_REFUSAL_MAX];

    for (size_t i = 0; i < list->count; i++)
        tell_lost(r, network_add_address(interface, list->items[i], refusal));
}

static void
restore_routes(struct router *r, const struct config_list *list)
{
    char refusal[CLI_REFUSAL_MAX];

    for (size_t i = 0; i < list->count; i++)
        tell_lost(
            r, network_set_route(r, list->items[i], list->items[i], refusal));
}

void
network_restore(struct router *r, const struct config_interface *i)
{
    char refusal[CLI_REFUSAL_MAX];

    if (i != NULL && i->primary.address.family != CONFIG_FAMILY_NONE)
        tell_lost(r, network_add_address(i->name, &i->primary, refusal));
    if (i != NULL) {
        restore_addresses(r, i->name, &i->secondary.list);
        restore_addresses(r, i->name, &i->ipv6.list);
    }
    restore_routes(r, &r->config.routes.list);
    restore_routes(r, &r->config.routes6.list);
}

/* --- the source of what the router sends -------------------------------- */

/* It may be another's until that is known to be not so. */
static bool
is_usable(const struct netlink_address *a, unsigned link, unsigned family)
{
    return a->link == link && a->prefix.family == family && !a->tentative &&
           !a->double_found && (family != AF_INET6 || !a->link_local);
}

bool
network_source(const struct router *r, const char *interface, uint8_t family,
               struct config_address *address)
{
    const struct config_interface *entry =
        config_interface_find(&r->config, interface);
    unsigned wanted = family == CONFIG_FAMILY_IPV4 ? AF_INET : AF_INET6;
    size_t length = wanted == AF_INET ? 4 : 16, count = 0;
    struct netlink_address *all = NULL;
    struct netlink_link link;
    bool found = false, primary = false;

    if (netlink_link_named(interface, &link) != OK ||
        netlink_addresses(&all, &count) != OK)
        return false;
    for (size_t i = 0; i < count && !primary; i++) {
        if (!is_usable(&all[i], link.index, wanted))
            continue;
        primary = entry != NULL && wanted == AF_INET &&
                  memcmp(entry->primary.address.bytes, all[i].prefix.bytes,
                         length) == 0;
        if (found && !primary)
            continue;
        *address = (struct config_address){.family = family};
        memcpy(address->bytes, all[i].prefix.bytes, length);
        found = true;
    }
    free(all);
    return found;
}
