/*
 * `show ipv6 interface`, `show ipv6 interface brief`.
 */
#include <stdio.h>

#include "base/text.h"
#include "commands/ip_interface.h"
#include "commands/rows.h"
#include "os/procfs.h"

#define PROC_TABLE_MAX ((size_t)1 << 20) /* bytes of /proc/net/igmp6 */

static const struct netlink_address *
link_local_of(const struct network_view *view, unsigned link)
{
    for (size_t i = 0; i < view->address_count; i++) {
        const struct netlink_address *a = &view->addresses[i];

        if (a->link == link && a->prefix.family == AF_INET6 && a->link_local)
            return a;
    }
    return NULL;
}

/* --- brief -------------------------------------------------------------- */

static void
show_brief_of(struct command *cmd, const struct network_view *view,
              const struct netlink_link *link)
{
    const struct netlink_address *local = link_local_of(view, link->index);
    const struct netlink_address *a = NULL;
    char text[PREFIX_TEXT_MAX];
    bool any = local != NULL;

    out_line(cmd, "%-27s[%s/%s]", link->name, link_status(link),
             link_protocol(link));
    if (local != NULL) {
        address_text(&local->prefix, text);
        out_line(cmd, "    %s", text);
    }
    while ((a = network_view_next(view, link->index, AF_INET6, a)) != NULL) {
        address_text(&a->prefix, text);
        out_line(cmd, "    %s", text);
        any = true;
    }
    if (!any)
        out_line(cmd, "    unassigned");
}

static void
show_brief(struct command *cmd)
{
    struct network_view view;

    if (!network_view_load(cmd, &view))
        return;
    for (size_t i = 0; i < view.link_count; i++)
        show_brief_of(cmd, &view, &view.links[i]);
    network_view_clear(&view);
}

/* --- multicast groups --------------------------------------------------- */

void
igmp6_groups_put(struct buf *to, struct span table, unsigned link)
{
    struct span line;

    while (span_next_line(&table, &line)) {
        struct netlink_prefix group = {.family = AF_INET6, .length = 128};
        char copy[128], digits[33], text[PREFIX_TEXT_MAX];
        unsigned index;
        bool good;

        text_copy_span(copy, sizeof(copy), line);
        good = sscanf(copy, "%u %*s %32[0-9a-f]", &index, digits) == 2 &&
               index == link && strlen(digits) == 32;
        for (unsigned i = 0; good && i < sizeof(group.bytes); i++) {
            unsigned byte;

            good = sscanf(digits + 2 * i, "%2x", &byte) == 1;
            group.bytes[i] = (uint8_t)byte;
        }
        if (!good)
            continue;
        address_text(&group, text);
        buf_printf(to, "    %s\n", text);
    }
}

/* --- show ipv6 interface ------------------------------------------------ */

static void
show_global(struct command *cmd, const struct network_view *view,
            const struct netlink_link *link)
{
    const struct netlink_address *a = NULL;
    char address[PREFIX_TEXT_MAX], subnet[PREFIX_TEXT_MAX];

    a = network_view_next(view, link->index, AF_INET6, NULL);
    if (a == NULL) {
        out_line(cmd, "  No global unicast address is configured");
        return;
    }
    out_line(cmd, "  Global unicast address(es):");
    for (; a != NULL; a = network_view_next(view, link->index, AF_INET6, a)) {
        struct netlink_prefix network = prefix_network(&a->prefix);

        address_text(&a->prefix, address);
        prefix_text(&network, subnet);
        out_line(cmd, "    %s, subnet is %s %s", address, subnet,
                 a->double_found ? "[DUP]"
                 : a->tentative  ? "[TEN]"
                                 : "");
    }
}

static void
show_groups(struct command *cmd, const struct netlink_link *link)
{
    struct buf table, groups;

    buf_init(&table, PROC_TABLE_MAX);
    buf_init(&groups, PROC_TABLE_MAX);
    if (procfs_text("/proc/net/igmp6", &table) == OK)
        igmp6_groups_put(&groups, buf_span(&table), link->index);
    if (buf_len(&groups) > 0) {
        out_line(cmd, "  Joined group address(es):");
        out_span(cmd, buf_span(&groups));
    }
    buf_clear(&groups);
    buf_clear(&table);
}

static void
show_sysctls(struct command *cmd, const struct netlink_link *link)
{
    uint64_t number;

    if (procfs_number(&number, "sys/net/ipv6/icmp/ratelimit") && number > 0)
        out_line(cmd,
                 "  ICMP error messages limited to one every %llu milliseconds",
                 (unsigned long long)number);
    if (procfs_number(&number, "sys/net/ipv6/conf/%s/dad_transmits",
                      link->name)) {
        if (number == 0)
            out_line(cmd, "  ND DAD is disabled, number of DAD attempts: 0");
        else
            out_line(cmd, "  ND DAD is enabled, number of DAD attempts: %llu",
                     (unsigned long long)number);
    }
    if (procfs_number(&number, "sys/net/ipv6/neigh/%s/base_reachable_time_ms",
                      link->name))
        out_line(cmd, "  ND reachable time is %llu milliseconds",
                 (unsigned long long)number);
}

/* False: the interface does not speak IPv6. */
static bool
show_one(struct command *cmd, const struct network_view *view,
         const struct netlink_link *link)
{
    const struct netlink_address *local = link_local_of(view, link->index);
    char text[PREFIX_TEXT_MAX];

    if (local == NULL &&
        network_view_next(view, link->index, AF_INET6, NULL) == NULL)
        return false;
    out_line(cmd, "%s is %s, line protocol is %s", link->name,
             link_status(link), link_protocol(link));
    if (local == NULL) {
        out_line(cmd, "  IPv6 is enabled, no link-local address");
    } else {
        address_text(&local->prefix, text);
        out_line(cmd, "  IPv6 is enabled, link-local address is %s %s", text,
                 local->double_found ? "[DUP]"
                 : local->tentative  ? "[TEN]"
                                     : "");
    }
    show_global(cmd, view, link);
    show_groups(cmd, link);
    out_line(cmd, "  MTU is %u bytes", link->mtu);
    show_sysctls(cmd, link);
    return true;
}

static void
show_ipv6_interface(struct command *cmd)
{
    struct network_view view;

    if (!network_view_load(cmd, &view))
        return;
    if (cli_given(cmd->match, "name")) {
        const struct netlink_link *one = network_view_find(cmd, &view, "name");

        if (one != NULL && !show_one(cmd, &view, one))
            out_line(cmd, "IPv6 is disabled on this interface");
    } else {
        for (size_t i = 0; i < view.link_count; i++)
            show_one(cmd, &view, &view.links[i]);
    }
    network_view_clear(&view);
}

const struct cli_row ipv6_interface_rows[] = {
    GROUP("show ipv6", "IPv6 information"),
    GROUP("show ipv6 interface", "IPv6 interface status and configuration"),
    SHOW("show ipv6 interface [WORD:name]", 1, show_ipv6_interface,
         "Interface name"),
    SHOW("show ipv6 interface brief", 1, show_brief,
         "Brief summary of IPv6 status and configuration"),
    ROWS_END,
};
