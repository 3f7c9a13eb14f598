/*
 * `interface NAME` and what can be said about an interface. Whatever a line
 * says is done on the machine first, and stored when that went well.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"
#include "commands/rows.h"
#include "config/interface.h"
#include "control/network.h"

#define NO_INTERFACE    "% Invalid interface type and number"
#define DESCRIPTION_MAX 240
#define MTU_IPV6_MIN    1280 /* RFC 8200 section 5 */

/* --- interface NAME ----------------------------------------------------- */

static bool
is_loopback_name(const char *name)
{
    char made[CONFIG_INTERFACE_NAME_MAX + 1];

    return config_interface_loopback(name, made) && strcmp(made, name) == 0;
}

/* Everything that was set on it goes; the interface stays. */
static const char *
reset(struct cli_change *change, const struct config_interface *i)
{
    const struct config_list *lists[] = {&i->secondary.list, &i->ipv6.list};
    const char *refused = NULL;

    for (size_t l = 0; l < 2; l++)
        for (size_t k = 0; k < lists[l]->count && refused == NULL; k++)
            refused = network_remove_address(i->name, lists[l]->items[k],
                                             change->refusal);
    if (refused == NULL && i->primary.length > 0)
        refused = network_remove_address(i->name, &i->primary, change->refusal);
    if (refused == NULL && i->mtu != 0)
        refused = network_set_mtu(i->name, 0, change->refusal);
    return refused;
}

/* Routes by way of an interface end with it. */
static void
forget_routes(struct config *config, const char *name)
{
    struct config_list *lists[] = {&config->routes.list, &config->routes6.list};

    for (size_t l = 0; l < 2; l++)
        for (size_t i = lists[l]->count; i-- > 0;) {
            const struct config_route *route = lists[l]->items[i];

            if (route->interface != NULL && strcmp(route->interface, name) == 0)
                config_list_remove(lists[l], &config_route_type, i);
        }
}

static const char *
leave_interface(struct cli_change *change, const char *name)
{
    struct netlink_link link;
    const char *refused;

    if (is_loopback_name(name)) {
        refused = network_remove_loopback(name, change->refusal);
        if (refused == NULL)
            forget_routes(change->config, name);
        return refused;
    }
    if (change->match->defaulted)
        return change->entry == NULL ? NULL : reset(change, change->entry);
    /* One that was pulled out may be forgotten. */
    if (network_find(name, &link, change->refusal) == NULL)
        return "% Removal of physical interfaces is not permitted";
    return change->entry == NULL ? NO_INTERFACE : NULL;
}

/*
 * A new entry. An interface that somebody else has left down is shut down,
 * until `no shutdown` is typed; in startup-config a line says so.
 */
static const char *
enter_interface(struct cli_change *change, const char *name)
{
    struct config_list *list = &change->config->interfaces.list;
    struct config_interface *entry;
    struct netlink_link link;
    const char *refused = is_loopback_name(name)
                              ? network_make_loopback(name, change->refusal)
                              : NULL;

    if (refused == NULL)
        refused = network_find(name, &link, change->refusal);
    if (refused != NULL || change->entry != NULL ||
        network_is_loading(change->owner) || list->count == CONFIG_LIST_MAX)
        return refused;
    entry = config_list_append(list, &config_interface_type);
    config_text_set(&entry->name, name);
    entry->shutdown = (link.flags & IFF_UP) == 0;
    return NULL;
}

/* `loopback 5` is loopback5. False: no other name has a number of its own. */
static bool
join_unit(struct cli_match *match)
{
    char joined[CONFIG_INTERFACE_NAME_MAX + 12];
    char name[CONFIG_INTERFACE_NAME_MAX + 1];

    if (!cli_given(match, "unit"))
        return true;
    if (strlen(cli_text(match, "name")) > CONFIG_INTERFACE_NAME_MAX)
        return false;
    snprintf(joined, sizeof(joined), "%s%u", cli_text(match, "name"),
             cli_number(match, "unit"));
    if (strpbrk(cli_text(match, "name"), "0123456789") != NULL ||
        !config_interface_loopback(joined, name))
        return false;
    cli_replace_given(match, "unit", false);
    cli_replace_text(match, "name", name);
    return true;
}

static const char *
check_interface(struct cli_change *change)
{
    const char *typed;
    char name[CONFIG_INTERFACE_NAME_MAX + 1];
    struct netlink_link link;

    if (!join_unit(change->match))
        return NO_INTERFACE;
    typed = cli_text(change->match, "name");
    /* Linux may have an `lo0` of its own. */
    if (config_interface_loopback(typed, name) &&
        !(network_applies(change) &&
          network_find(typed, &link, change->refusal) == NULL))
        cli_replace_text(change->match, "name", name);
    else if (!config_interface_name_is_valid(typed))
        return NO_INTERFACE;
    else
        text_copy(name, sizeof(name), typed);
    change->entry = config_interface_find(change->config, name);
    if (!network_applies(change))
        return NULL;
    return cli_restores(change->match) ? leave_interface(change, name)
                                       : enter_interface(change, name);
}

/* Routes by way of its networks went with it, if there is no other way. */
static void
on_interface(const struct cli_change *change)
{
    if (cli_restores(change->match) && network_applies(change))
        network_restore(change->owner, NULL);
}

const struct cli_row interface_rows[] = {
    {ROW_SECTION_LIST("interface WORD:name [<0-9999999>:unit]", interfaces,
                      config_interface, 1,
                      BINDS(BIND_TEXT(struct config_interface, name, NULL),
                            BIND_NUMBER(struct config_interface, unit, 0)),
                      &interface_mode, "Select an interface to configure",
                      "Interface name, or Loopback and a number",
                      "Number of a loopback interface"),
     .check = check_interface, .changed = on_interface, .separated = true},
    ROWS_END,
};

/* --- its lines ---------------------------------------------------------- */

#undef CLI_BASE
#define CLI_BASE struct config_interface

/*
 * A loopback that somebody else has removed meanwhile comes back with the
 * next line about it, as its entry does.
 */
static const char *
come_back(struct cli_change *change)
{
    const struct config_interface *i = change->section;

    if (!network_applies(change) || !is_loopback_name(i->name))
        return NULL;
    return network_make_loopback(i->name, change->refusal);
}

static const char *
check_description(struct cli_change *change)
{
    const char *text =
        cli_restores(change->match) ? "" : cli_text(change->match, "LINE");

    return strlen(text) <= DESCRIPTION_MAX ? come_back(change)
                                           : "% Error: the text is too long";
}

static const char *
check_load_interval(struct cli_change *change)
{
    return !cli_restores(change->match) &&
                   cli_number(change->match, "seconds") % 30 != 0
               ? "% Load interval must be in increments of 30 seconds"
               : NULL;
}

static const char *
check_mtu(struct cli_change *change)
{
    const struct config_interface *i = change->section;
    uint32_t mtu =
        cli_restores(change->match) ? 0 : cli_number(change->match, "bytes");
    const char *refused;

    if (mtu != 0 && mtu < MTU_IPV6_MIN && i->ipv6.list.count > 0)
        return "% Error: IPv6 needs an MTU of at least 1280 bytes";
    refused = come_back(change);
    if (refused != NULL || !network_applies(change) ||
        (mtu == 0 && i->mtu == 0))
        return refused;
    return network_set_mtu(i->name, mtu, change->refusal);
}

static const char *
check_shutdown(struct cli_change *change)
{
    const struct config_interface *i = change->section;
    const char *refused = come_back(change);

    if (refused != NULL || !network_applies(change))
        return refused;
    return network_set_up(i->name, cli_restores(change->match),
                          change->refusal);
}

/* With the interface went its IPv6 addresses, and all routes by way of it. */
static void
on_shutdown(const struct cli_change *change)
{
    const struct config_interface *i = change->section;

    if (network_applies(change) && !i->shutdown &&
        !network_is_loading(change->owner))
        network_restore(change->owner, i);
}

/* --- ip address --------------------------------------------------------- */

/* Of a host: neither a network, nor all of it, nor a group. */
static const char *
check_host(const struct config_interface_address *a, const char *interface,
           char refusal[CLI_REFUSAL_MAX])
{
    const uint8_t *b = a->address.bytes;
    uint32_t host = ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
                     (uint32_t)b[2] << 8 | b[3]);
    char text[CONFIG_ADDRESS_TEXT];

    config_address_text(&a->address, text);
    if (b[0] == 0 || b[0] >= 224 ||
        (b[0] == 127 && strcmp(interface, "lo") != 0)) {
        snprintf(refusal, CLI_REFUSAL_MAX, "%% Not a valid host address - %s",
                 text);
        return refusal;
    }
    host = a->length >= 31 || a->length == 0 ? 1 : host << a->length;
    if (a->length > 0 && host != 0 && host != UINT32_MAX << a->length)
        return NULL;
    snprintf(refusal, CLI_REFUSAL_MAX, "%% Bad mask /%u for address %s",
             a->length, text);
    return refusal;
}

static const char *
check_overlap(const struct cli_change *change, const char *interface,
              const struct config_interface_address *a,
              char refusal[CLI_REFUSAL_MAX])
{
    struct config_address network;
    char text[CONFIG_ADDRESS_TEXT], other[IFNAMSIZ];

    if (!network_applies(change) ||
        !network_overlaps(interface, a, other, &network))
        return NULL;
    config_address_text(&network, text);
    snprintf(refusal, CLI_REFUSAL_MAX, "%% %s overlaps with %s", text, other);
    return refusal;
}

static size_t
index_of(const struct config_list *list,
         const struct config_interface_address *a)
{
    size_t i = 0;

    while (i < list->count && !config_type_equal(&config_interface_address_type,
                                                 list->items[i], a))
        i++;
    return i;
}

static bool
is_primary(const struct config_interface *i,
           const struct config_interface_address *a)
{
    return config_type_equal(&config_interface_address_type, &i->primary, a);
}

static const char *
remove_all(struct cli_change *change, struct config_interface *i)
{
    struct config_list *list = &i->secondary.list;
    const char *refused = NULL;

    while (list->count > 0 && refused == NULL) {
        if (network_applies(change))
            refused = network_remove_address(i->name, list->items[0],
                                             change->refusal);
        if (refused == NULL)
            config_list_remove(list, &config_interface_address_type, 0);
    }
    if (refused != NULL || i->primary.length == 0)
        return refused;
    if (network_applies(change))
        refused = network_remove_address(i->name, &i->primary, change->refusal);
    if (refused == NULL)
        i->primary = (struct config_interface_address){0};
    return refused;
}

static const char *
remove_one(struct cli_change *change, struct config_interface *i,
           const struct config_interface_address *a)
{
    struct config_list *list = &i->secondary.list;
    size_t at = index_of(list, a);
    const char *refused = NULL;

    if (is_primary(i, a) && list->count > 0)
        return "% Must delete secondary before deleting primary";
    if (is_primary(i, a))
        return remove_all(change, i);
    if (at == list->count)
        return NULL;
    if (network_applies(change))
        refused = network_remove_address(i->name, a, change->refusal);
    if (refused == NULL)
        config_list_remove(list, &config_interface_address_type, at);
    return refused;
}

/* The old primary address; if it cannot go, the new one goes again. */
static const char *
give_up(struct cli_change *change, struct config_interface *i,
        const struct config_interface_address *old,
        const struct config_interface_address *new)
{
    char unheard[CLI_REFUSAL_MAX];
    const char *refused = network_remove_address(i->name, old, change->refusal);

    if (refused != NULL &&
        index_of(&i->secondary.list, new) == i->secondary.list.count &&
        network_remove_address(i->name, new, unheard) != NULL)
        return "% Error: the interface has both addresses now";
    return refused;
}

/* A new primary comes before the old one goes: there is always one. */
static const char *
set_primary(struct cli_change *change, struct config_interface *i,
            const struct config_interface_address *a)
{
    struct config_interface_address old = i->primary;
    size_t at = index_of(&i->secondary.list, a);
    const char *refused = NULL;

    if (is_primary(i, a))
        return NULL;
    if (network_applies(change)) {
        refused = network_add_address(i->name, a, change->refusal);
        if (refused == NULL && old.length > 0)
            refused = give_up(change, i, &old, a);
    }
    if (refused != NULL)
        return refused;
    if (at < i->secondary.list.count)
        config_list_remove(&i->secondary.list, &config_interface_address_type,
                           at);
    i->primary = *a;
    /* With the old one the kernel may have taken others of its network. */
    if (network_applies(change) && old.length > 0)
        network_restore(change->owner, i);
    return NULL;
}

static const char *
add_secondary(struct cli_change *change, struct config_interface *i,
              const struct config_interface_address *a)
{
    struct config_list *list = &i->secondary.list;
    const char *refused = NULL;

    if (i->primary.length == 0)
        return "% Error: a primary address comes first";
    if (is_primary(i, a))
        return "% Error: this is the primary address";
    if (index_of(list, a) < list->count)
        return NULL;
    if (list->count == CONFIG_LIST_MAX)
        return "% Too many entries";
    if (network_applies(change))
        refused = network_add_address(i->name, a, change->refusal);
    if (refused == NULL) {
        struct config_interface_address *entry =
            config_list_append(list, &config_interface_address_type);

        *entry = *a;
    }
    return refused;
}

static const char *
set_ip_address(struct cli_change *change)
{
    struct config_interface *i = change->section;
    struct config_address mask = cli_address(change->match, "mask");
    struct config_interface_address a = {
        .address = cli_address(change->match, "host")};
    const char *refused;

    refused = come_back(change);
    if (refused != NULL)
        return refused;
    if (a.address.family == CONFIG_FAMILY_NONE)
        return remove_all(change, i);
    if (mask.family != CONFIG_FAMILY_NONE &&
        !config_mask_length(&mask, &a.length)) {
        char text[CONFIG_ADDRESS_TEXT];

        config_address_text(&a.address, text);
        snprintf(change->refusal, CLI_REFUSAL_MAX,
                 "%% Bad mask 0x%02X%02X%02X%02X for address %s", mask.bytes[0],
                 mask.bytes[1], mask.bytes[2], mask.bytes[3], text);
        return change->refusal;
    }
    if (cli_restores(change->match))
        return remove_one(change, i, &a);
    refused = check_host(&a, i->name, change->refusal);
    if (refused == NULL)
        refused = check_overlap(change, i->name, &a, change->refusal);
    if (refused != NULL)
        return refused;
    return cli_given(change->match, "secondary") ? add_secondary(change, i, &a)
                                                 : set_primary(change, i, &a);
}

static void
write_one(struct cli_writer *writer, const struct config_interface_address *a,
          const char *behind)
{
    struct config_address mask = {.family = CONFIG_FAMILY_IPV4};
    char address_text[CONFIG_ADDRESS_TEXT], mask_text[CONFIG_ADDRESS_TEXT];

    for (unsigned bit = 0; bit < a->length; bit++)
        mask.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    config_address_text(&a->address, address_text);
    config_address_text(&mask, mask_text);
    cli_write_line(writer, "ip address %s %s%s", address_text, mask_text,
                   behind);
}

/* The primary address first: read again, it comes before what needs it. */
static void
write_ip_address(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_interface *i = section;

    if (i->primary.length > 0)
        write_one(writer, &i->primary, "");
    else
        cli_write_line(writer, "no ip address");
    for (size_t k = 0; k < i->secondary.list.count; k++)
        write_one(writer, i->secondary.list.items[k], " secondary");
    (void)all;
}

/* --- ipv6 address ------------------------------------------------------- */

static const char *
remove_ipv6(struct cli_change *change, struct config_interface *i, size_t at)
{
    const char *refused = NULL;

    if (network_applies(change))
        refused = network_remove_address(i->name, i->ipv6.list.items[at],
                                         change->refusal);
    if (refused == NULL)
        config_list_remove(&i->ipv6.list, &config_interface_address_type, at);
    return refused;
}

static const char *
add_ipv6(struct cli_change *change, struct config_interface *i,
         const struct config_interface_address *a)
{
    const uint8_t *b = a->address.bytes;
    struct config_interface_address *entry;
    const char *refused;

    if (b[0] == 0xff || a->length == 0 ||
        config_address_equal(&a->address, &(struct config_address){
                                              .family = CONFIG_FAMILY_IPV6}))
        return "% Error: this is no IPv6 address of an interface";
    if (i->mtu != 0 && i->mtu < MTU_IPV6_MIN)
        return "% Error: IPv6 needs an MTU of at least 1280 bytes";
    if (i->ipv6.list.count == CONFIG_LIST_MAX)
        return "% Too many entries";
    refused = check_overlap(change, i->name, a, change->refusal);
    if (refused == NULL && network_applies(change))
        refused = network_add_address(i->name, a, change->refusal);
    if (refused != NULL)
        return refused;
    entry = config_list_append(&i->ipv6.list, &config_interface_address_type);
    *entry = *a;
    return NULL;
}

static const char *
set_ipv6_address(struct cli_change *change)
{
    struct config_interface *i = change->section;
    struct config_interface_address a = {
        .address = cli_address(change->match, "prefix"),
        .length = cli_number(change->match, "prefix")};
    struct config_list *list = &i->ipv6.list;
    const char *refused = come_back(change);
    size_t at = index_of(list, &a);

    if (refused != NULL)
        return refused;
    if (a.address.family == CONFIG_FAMILY_NONE) {
        while (list->count > 0 && refused == NULL)
            refused = remove_ipv6(change, i, 0);
        return refused;
    }
    if (cli_restores(change->match))
        return at == list->count ? NULL : remove_ipv6(change, i, at);
    return at < list->count ? NULL : add_ipv6(change, i, &a);
}

static void
write_ipv6_address(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_interface *i = section;

    (void)all;
    for (size_t k = 0; k < i->ipv6.list.count; k++) {
        const struct config_interface_address *a = i->ipv6.list.items[k];
        char text[CONFIG_PREFIX_TEXT];

        config_prefix_text(&a->address, a->length, text);
        cli_write_line(writer, "ipv6 address %s", text);
    }
}

/* `mtu` before the addresses: an IPv6 address needs enough of it. */
const struct cli_row interface_line_rows[] = {
    {ROW_SET_TEXT("description LINE", description, NULL,
                  "Interface specific description",
                  "Up to 240 characters describing this interface"),
     .check = check_description},
    {ROW_SET_NUMBER("mtu <68-65535>:bytes", mtu, 0,
                    "Set the interface Maximum Transmission Unit (MTU)",
                    "MTU size in bytes"),
     .check = check_mtu},
    GROUP("ip", "Interface Internet Protocol config commands"),
    SET_BY("ip address A.B.C.D:host A.B.C.D:mask [secondary]", set_ip_address,
           write_ip_address, "Set the IP address of an interface", "IP address",
           "IP subnet mask", "Make this IP address a secondary address"),
    {ROW_SET_NUMBER("load-interval <30-600>:seconds", load_interval,
                    CONFIG_LOAD_INTERVAL,
                    "Specify interval for load calculation for an interface",
                    "Load interval delay in seconds"),
     .check = check_load_interval},
    {ROW_SET_FLAG("shutdown", shutdown, false,
                  "Shutdown the selected interface"),
     .check = check_shutdown, .changed = on_shutdown},
    GROUP("ipv6", "IPv6 interface subcommands"),
    SET_BY("ipv6 address X:X:X:X::X/<0-128>:prefix", set_ipv6_address,
           write_ipv6_address, "Configure IPv6 address on interface",
           "IPv6 prefix"),
    ROWS_END,
};
