/*
 * Routes. Entries with the same destination and distance are one route of the
 * kernel with several hops; the distance is the kernel's metric, so that of
 * several routes the nearest counts, as on IOS.
 */
#include "control/network.h"

#include <errno.h>
#include <stdio.h>

bool
network_same_destination(const struct config_route *a,
                         const struct config_route *b)
{
    return a->length == b->length &&
           config_address_equal(&a->network, &b->network);
}

static bool
same_text(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static bool
same_hop(const struct config_route *a, const struct config_route *b)
{
    return same_text(a->interface, b->interface) &&
           config_address_equal(&a->gateway, &b->gateway);
}

static const char *
add_hop(struct netlink_route *route, const struct config_route *entry,
        char refusal[CLI_REFUSAL_MAX])
{
    struct netlink_hop *hop = &route->hops[route->hop_count];
    struct netlink_link link;
    const char *refused;

    if (route->discards || route->hop_count == NETLINK_HOPS_MAX)
        return "% Error: too many ways to the same destination";
    if (entry->interface != NULL &&
        strcmp(entry->interface, NETWORK_NULL) == 0) {
        route->discards = true;
        return route->hop_count == 0
                   ? NULL
                   : "% Error: too many ways to the same destination";
    }
    if (entry->interface != NULL) {
        refused = network_find(entry->interface, &link, refusal);
        if (refused != NULL)
            return refused;
        hop->link = link.index;
    }
    hop->gateway =
        network_prefix(&entry->gateway,
                       entry->gateway.family == CONFIG_FAMILY_IPV4 ? 32 : 128);
    route->hop_count++;
    return NULL;
}

/* All hops that the configuration has for it, `less` left out. */
static const char *
collect(const struct config_list *list, const struct config_route *like,
        const struct config_route *less, struct netlink_route *route,
        char refusal[CLI_REFUSAL_MAX])
{
    const char *refused = NULL;

    for (size_t i = 0; i < list->count && refused == NULL; i++) {
        const struct config_route *entry = list->items[i];

        if (!network_same_destination(entry, like) ||
            entry->distance != like->distance ||
            (less != NULL && same_hop(entry, less)))
            continue;
        refused = add_hop(route, entry, refusal);
    }
    return refused;
}

/*
 * ERR_BUSY: another program's route stands in the way. `keep`: what is there
 * stays as it is.
 */
static enum err
carry_out(struct router *r, const struct netlink_route *route, bool keep)
{
    bool foreign;
    enum err err;

    if (route->hop_count == 0 && !route->discards) {
        err = netlink_remove_route(route);
        return err != OK && errno == ESRCH ? OK : err;
    }
    err = netlink_add_route(route);
    if (err != OK && errno == EEXIST && keep)
        return OK;
    if (err == OK || errno != EEXIST)
        return err;
    err = network_is_foreign(r, route, &foreign);
    if (err != OK)
        return err;
    return foreign ? ERR_BUSY : netlink_replace_route(route);
}

static void
describe(const struct config_route *entry, char *text, size_t room)
{
    char network[CONFIG_ADDRESS_TEXT], gateway[CONFIG_ADDRESS_TEXT];

    config_address_text(&entry->network, network);
    config_address_text(&entry->gateway, gateway);
    snprintf(text, room, "route %s/%u %s%s%s", network, entry->length,
             entry->interface == NULL ? "" : entry->interface,
             entry->interface == NULL || gateway[0] == '\0' ? "" : " ",
             gateway);
}

const char *
network_set_route(struct router *r, const struct config_route *more,
                  const struct config_route *less,
                  char refusal[CLI_REFUSAL_MAX])
{
    const struct config_route *like = more == NULL ? less : more;
    const struct config_list *list = like->network.family == CONFIG_FAMILY_IPV4
                                         ? &r->config.routes.list
                                         : &r->config.routes6.list;
    struct netlink_route route = {
        .to = network_prefix(&like->network, like->length),
        .protocol = NETLINK_OURS,
        .priority = like->distance,
    };
    char what[128];
    const char *refused = collect(list, like, less, &route, refusal);
    enum err err;

    if (refused == NULL && more != NULL)
        refused = add_hop(&route, more, refusal);
    if (refused != NULL)
        return refused;
    err = carry_out(r, &route, more == less);
    if (err == OK)
        return NULL;
    describe(like, what, sizeof(what));
    if (err != ERR_BUSY)
        return network_refusal(err, what, refusal);
    snprintf(refusal, CLI_REFUSAL_MAX,
             "%% Error: %s: another program has made a route with this metric",
             what);
    return refusal;
}
