/*
 * `ip route`, `ipv6 route`: static routes, in the kernel's main table first
 * and stored when the kernel has taken them.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"
#include "commands/rows.h"
#include "config/interface.h"
#include "control/network.h"

/* --- entries ------------------------------------------------------------ */

static bool
same_text(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

/* By the same way. */
static bool
same_way(const struct config_route *a, const struct config_route *b)
{
    return network_same_destination(a, b) &&
           same_text(a->interface, b->interface) &&
           config_address_equal(&a->gateway, &b->gateway);
}

/* No bit is set behind the length. */
static bool
is_network(const struct config_address *address, unsigned length, unsigned bits)
{
    for (unsigned i = length; i < bits; i++)
        if ((address->bytes[i / 8] & (0x80 >> i % 8)) != 0)
            return false;
    return true;
}

/* --- one more, one less ------------------------------------------------- */

static const char *
take_away(struct cli_change *change, struct config_list *list, size_t at)
{
    const char *refused = NULL;

    if (network_applies(change))
        refused = network_set_route(change->owner, NULL, list->items[at],
                                    change->refusal);
    if (refused == NULL)
        config_list_remove(list, &config_route_type, at);
    return refused;
}

/* Those of that destination; with a way, the ones by that way. */
static const char *
remove_routes(struct cli_change *change, struct config_list *list,
              const struct config_route *like)
{
    bool any_way =
        like->interface == NULL && like->gateway.family == CONFIG_FAMILY_NONE;
    const char *refused = NULL;
    bool found = false;

    for (size_t i = list->count; i-- > 0 && refused == NULL;) {
        if (any_way ? !network_same_destination(list->items[i], like)
                    : !same_way(list->items[i], like))
            continue;
        found = true;
        refused = take_away(change, list, i);
    }
    return found || change->match->defaulted ? refused
                                             : "%No matching route to delete";
}

/* A second entry by the same way changes the first one's distance and name. */
static const char *
add_route(struct cli_change *change, struct config_list *list,
          const struct config_route *route)
{
    struct config_route *entry = NULL;
    struct config_route old;
    const char *refused = NULL;

    for (size_t i = 0; i < list->count && entry == NULL; i++)
        if (same_way(list->items[i], route))
            entry = list->items[i];
    if (entry == NULL && list->count == CONFIG_LIST_MAX)
        return "% Too many entries";
    if (network_applies(change) &&
        (entry == NULL || entry->distance != route->distance))
        refused =
            network_set_route(change->owner, route, NULL, change->refusal);
    if (refused != NULL)
        return refused;
    if (entry != NULL && entry->distance != route->distance) {
        old = *entry;
        if (network_applies(change))
            refused =
                network_set_route(change->owner, NULL, &old, change->refusal);
        if (refused != NULL)
            return refused;
    }
    if (entry == NULL)
        entry = config_list_append(list, &config_route_type);
    config_type_clear(&config_route_type, entry);
    config_type_copy(&config_route_type, entry, route);
    return NULL;
}

/*
 * The way's interface under its full name; NULL: fine. `name` is room for it.
 */
static const char *
take_interface(struct cli_change *change, struct config_route *route,
               char name[CONFIG_INTERFACE_NAME_MAX + 1])
{
    const char *typed = cli_text(change->match, "interface");
    struct netlink_link link;

    if (typed == NULL)
        return NULL;
    route->interface = name;
    if (text_equal_nocase(typed, NETWORK_NULL) ||
        text_equal_nocase(typed, "null"))
        text_copy(name, CONFIG_INTERFACE_NAME_MAX + 1, NETWORK_NULL);
    else if (config_interface_name_is_valid(typed) && network_applies(change) &&
             network_find(typed, &link, change->refusal) == NULL)
        text_copy(name, CONFIG_INTERFACE_NAME_MAX + 1, typed);
    else if (config_interface_loopback(typed, name))
        return NULL;
    else if (config_interface_name_is_valid(typed))
        text_copy(name, CONFIG_INTERFACE_NAME_MAX + 1, typed);
    else
        return "% Invalid interface type and number";
    if (strcmp(name, NETWORK_NULL) == 0 &&
        route->gateway.family != CONFIG_FAMILY_NONE)
        return "% Error: there is no gateway behind Null0";
    return NULL;
}

static const char *
set_route(struct cli_change *change, struct config_list *list,
          struct config_route *route)
{
    char name[CONFIG_INTERFACE_NAME_MAX + 1];
    const char *refused;

    route->gateway = cli_address(change->match, "gateway");
    refused = take_interface(change, route, name);
    if (refused != NULL)
        return refused;
    route->distance = cli_number_or(change->match, "distance", 1);
    route->name = (char *)(uintptr_t)cli_text(change->match, "route-name");
    if (cli_restores(change->match))
        return remove_routes(change, list, route);
    /* Interfaces come up before their routes. */
    if (network_applies(change))
        network_before_route(change->owner);
    return add_route(change, list, route);
}

/* --- ip route ----------------------------------------------------------- */

static const char *
set_ip_route(struct cli_change *change)
{
    struct config_address mask = cli_address(change->match, "mask");
    struct config_route route = {.network =
                                     cli_address(change->match, "network")};

    if (route.network.family == CONFIG_FAMILY_NONE)
        return "% Incomplete command.";
    /* `no ip route A.B.C.D` alone does not say which one. */
    if (mask.family == CONFIG_FAMILY_NONE)
        return "% Incomplete command.";
    if (!config_mask_length(&mask, &route.length) ||
        !is_network(&route.network, route.length, 32))
        return "%Inconsistent address and mask";
    return set_route(change, &change->config->routes.list, &route);
}

static void
write_way(struct cli_writer *writer, const char *begin,
          const struct config_route *route)
{
    char gateway[CONFIG_ADDRESS_TEXT], distance[16] = "";
    const char *interface = route->interface == NULL ? "" : route->interface;

    config_address_text(&route->gateway, gateway);
    if (route->distance != 1)
        snprintf(distance, sizeof(distance), " %u", route->distance);
    cli_write_line(writer, "%s %s%s%s%s%s%s", begin, interface,
                   interface[0] == '\0' || gateway[0] == '\0' ? "" : " ",
                   gateway, distance, route->name == NULL ? "" : " name ",
                   route->name == NULL ? "" : route->name);
}

static void
write_ip_routes(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    for (size_t i = 0; i < config->routes.list.count; i++) {
        const struct config_route *route = config->routes.list.items[i];
        struct config_address mask = {.family = CONFIG_FAMILY_IPV4};
        char network[CONFIG_ADDRESS_TEXT], mask_text[CONFIG_ADDRESS_TEXT];
        char begin[128];

        for (unsigned bit = 0; bit < route->length; bit++)
            mask.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
        config_address_text(&route->network, network);
        config_address_text(&mask, mask_text);
        snprintf(begin, sizeof(begin), "ip route %s %s", network, mask_text);
        write_way(writer, begin, route);
    }
}

/* --- ipv6 route --------------------------------------------------------- */

static const char *
set_ipv6_route(struct cli_change *change)
{
    struct config_route route = {.network =
                                     cli_address(change->match, "prefix"),
                                 .length = cli_number(change->match, "prefix")};

    if (route.network.family == CONFIG_FAMILY_NONE)
        return "% Incomplete command.";
    /* As IOS: what is behind the length does not count. */
    for (unsigned bit = route.length; bit < 128; bit++)
        route.network.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
    return set_route(change, &change->config->routes6.list, &route);
}

static void
write_ipv6_routes(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    for (size_t i = 0; i < config->routes6.list.count; i++) {
        const struct config_route *route = config->routes6.list.items[i];
        char prefix[CONFIG_PREFIX_TEXT], begin[128];

        config_prefix_text(&route->network, route->length, prefix);
        snprintf(begin, sizeof(begin), "ipv6 route %s", prefix);
        write_way(writer, begin, route);
    }
}

const struct cli_row route_rows[] = {
    SET_BY("ip route A.B.C.D:network A.B.C.D:mask "
           "{A.B.C.D:gateway|WORD:interface [A.B.C.D:gateway]} "
           "[<1-255>:distance] [name WORD:route-name]",
           set_ip_route, write_ip_routes, "Establish static routes",
           "Destination prefix", "Destination prefix mask",
           "Forwarding router's address", "Interface name, or Null0",
           "Forwarding router's address", "Distance metric for this route",
           "Specify name of the next hop", "Name of the next hop"),
    GROUP("ipv6", "Global IPv6 configuration commands"),
    SET_BY("ipv6 route X:X:X:X::X/<0-128>:prefix "
           "{X:X::X:gateway|WORD:interface [X:X::X:gateway]} "
           "[<1-254>:distance] [name WORD:route-name]",
           set_ipv6_route, write_ipv6_routes, "Configure static routes",
           "IPv6 prefix", "IPv6 address of next-hop",
           "Interface name, or Null0", "IPv6 address of next-hop",
           "Administrative distance", "Specify name of the next hop",
           "Name of the next hop"),
    ROWS_END,
};
