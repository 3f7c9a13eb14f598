/*
 * `show arp`, `show ip arp`, `show ipv6 neighbors`.
 */
#include <linux/neighbour.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "commands/network_view.h"
#include "commands/rows.h"

/* States in which the hardware address is known. */
#define KNOWN                                                            \
    (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | \
     NUD_NOARP)

/* False: the user was told. */
static bool
load(struct command *cmd, unsigned family, struct network_view *view,
     struct netlink_neighbour **list, size_t *count)
{
    enum err err;

    if (!network_view_load(cmd, view))
        return false;
    err = netlink_neighbours(family, list, count);
    if (err == OK)
        return true;
    network_view_failed(cmd, "neighbours", err);
    network_view_clear(view);
    return false;
}

/* Minutes since it was heard of; "-" for what is set by hand. */
static void
age_text(const struct netlink_neighbour *n, char text[16])
{
    if ((n->state & NUD_PERMANENT) != 0)
        text_copy(text, 16, "-");
    else
        snprintf(text, 16, "%u", n->age_s / 60);
}

/* --- ARP ---------------------------------------------------------------- */

static void
show_arp_line(struct command *cmd, const struct netlink_prefix *address,
              const char *age, const char *hardware, const char *link)
{
    char text[PREFIX_TEXT_MAX];

    address_text(address, text);
    out_line(cmd, "%-8s  %-15s %9s   %-14s  %-6s %s", "Internet", text, age,
             hardware, "ARPA", link);
}

/* The router's own addresses, as IOS has them; they have no age. */
static void
show_own(struct command *cmd, const struct network_view *view)
{
    for (size_t i = 0; i < view->address_count; i++) {
        const struct netlink_address *a = &view->addresses[i];
        const struct netlink_link *link = network_view_link(view, a->link);
        char hardware[HARDWARE_TEXT_MAX];

        if (a->prefix.family != AF_INET || link == NULL ||
            link->type != ARPHRD_ETHER || (link->flags & IFF_NOARP) != 0)
            continue;
        hardware_text(link->hardware, link->hardware_len, hardware);
        show_arp_line(cmd, &a->prefix, "-", hardware, link->name);
    }
}

static void
show_arp(struct command *cmd)
{
    struct netlink_neighbour *list;
    struct network_view view;
    size_t count;

    if (!load(cmd, AF_INET, &view, &list, &count))
        return;
    out_line(cmd, "Protocol  Address          Age (min)  Hardware Addr   Type  "
                  " Interface");
    show_own(cmd, &view);
    for (size_t i = 0; i < count; i++) {
        const struct netlink_neighbour *n = &list[i];
        const struct netlink_link *link = network_view_link(&view, n->link);
        char hardware[HARDWARE_TEXT_MAX], age[16];

        /* The kernel keeps entries for links without ARP as well. */
        if (link == NULL || (link->flags & IFF_NOARP) != 0 ||
            (n->state & NUD_NOARP) != 0)
            continue;
        if ((n->state & KNOWN) == 0 || n->hardware_len == 0) {
            show_arp_line(cmd, &n->address, "0", "Incomplete", "");
            continue;
        }
        hardware_text(n->hardware, n->hardware_len, hardware);
        age_text(n, age);
        show_arp_line(cmd, &n->address, age, hardware, link->name);
    }
    free(list);
    network_view_clear(&view);
}

/* --- IPv6 --------------------------------------------------------------- */

static const char *
state_text(unsigned state)
{
    static const struct {
        unsigned state;
        const char *text;
    } names[] = {
        {NUD_PERMANENT, "REACH"}, {NUD_REACHABLE, "REACH"},
        {NUD_STALE, "STALE"},     {NUD_DELAY, "DELAY"},
        {NUD_PROBE, "PROBE"},     {NUD_INCOMPLETE, "INCMP"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if ((state & names[i].state) != 0)
            return names[i].text;
    return "INCMP";
}

static void
show_ipv6_neighbours(struct command *cmd)
{
    struct netlink_neighbour *list;
    struct network_view view;
    size_t count;

    if (!load(cmd, AF_INET6, &view, &list, &count))
        return;
    out_line(cmd, "IPv6 Address                              Age Link-layer "
                  "Addr State Interface");
    for (size_t i = 0; i < count; i++) {
        const struct netlink_neighbour *n = &list[i];
        char address[PREFIX_TEXT_MAX], hardware[HARDWARE_TEXT_MAX] = "-";
        char age[16];

        if ((n->state & NUD_NOARP) != 0)
            continue;
        address_text(&n->address, address);
        if (n->hardware_len > 0)
            hardware_text(n->hardware, n->hardware_len, hardware);
        age_text(n, age);
        out_line(cmd, "%-39s %5s %-15s %-5s %s", address, age, hardware,
                 state_text(n->state), network_view_name(&view, n->link));
    }
    free(list);
    network_view_clear(&view);
}

const struct cli_row neighbour_show_rows[] = {
    SHOW("show arp", 1, show_arp, "ARP table"),
    SHOW("show ip arp", 1, show_arp, "IP ARP table"),
    SHOW("show ipv6 neighbors", 1, show_ipv6_neighbours,
         "Show IPv6 neighbor cache entries"),
    ROWS_END,
};
