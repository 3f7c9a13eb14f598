/*
 * `show ip interface`, `show ip interface brief`.
 */
#include "commands/ip_interface.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "commands/rows.h"
#include "config/interface.h"
#include "control/network.h"
#include "os/procfs.h"

#define PROC_TABLE_MAX ((size_t)1 << 20) /* bytes of /proc/net/igmp */

/* --- where an address comes from ---------------------------------------- */

enum origin {
    ORIGIN_UNSET,  /* no address */
    ORIGIN_LOADED, /* startup-config */
    ORIGIN_TYPED,  /* the running configuration */
    ORIGIN_OTHERS, /* another program */
};

static bool
is_address(const struct config_interface_address *a,
           const struct netlink_address *there)
{
    struct netlink_prefix prefix = network_prefix(&a->address, a->length);

    return prefix.family == there->prefix.family &&
           prefix.length == there->prefix.length &&
           memcmp(prefix.bytes, there->prefix.bytes, sizeof(prefix.bytes)) == 0;
}

static enum origin
origin_of(struct command *cmd, const char *interface,
          const struct netlink_address *there)
{
    const struct config_interface *i =
        config_interface_find(cmd->config, interface);
    const struct config_interface_address *found = NULL;

    if (there == NULL)
        return ORIGIN_UNSET;
    if (i == NULL)
        return ORIGIN_OTHERS;
    if (is_address(&i->primary, there))
        found = &i->primary;
    for (size_t k = 0; k < i->secondary.list.count; k++)
        if (is_address(i->secondary.list.items[k], there))
            found = i->secondary.list.items[k];
    if (found == NULL)
        return ORIGIN_OTHERS;
    return network_was_loaded(cmd->router, interface, &found->address)
               ? ORIGIN_LOADED
               : ORIGIN_TYPED;
}

/* --- brief -------------------------------------------------------------- */

static void
show_brief_of(struct command *cmd, const struct network_view *view,
              const struct netlink_link *link)
{
    static const char *const methods[] = {
        [ORIGIN_UNSET] = "unset",
        [ORIGIN_LOADED] = "NVRAM",
        [ORIGIN_TYPED] = "manual",
        [ORIGIN_OTHERS] = "other",
    };
    const struct netlink_address *a =
        network_view_next(view, link->index, AF_INET, NULL);
    char address[PREFIX_TEXT_MAX] = "unassigned";

    if (a != NULL)
        address_text(&a->prefix, address);
    out_line(cmd, "%-23s%-16s%-4s%-7s%-22s%-8s", link->name, address, "YES",
             methods[origin_of(cmd, link->name, a)], link_status(link),
             link_protocol(link));
}

static void
show_brief(struct command *cmd)
{
    struct network_view view;

    if (!network_view_load(cmd, &view))
        return;
    out_line(cmd, "%-23s%-16s%-4s%-7s%-22s%s", "Interface", "IP-Address", "OK?",
             "Method", "Status", "Protocol");
    for (size_t i = 0; i < view.link_count; i++)
        show_brief_of(cmd, &view, &view.links[i]);
    network_view_clear(&view);
}

/* --- multicast groups --------------------------------------------------- */

bool
span_next_line(struct span *rest, struct span *line)
{
    const uint8_t *end;
    size_t len;

    if (rest->len == 0)
        return false;
    end = memchr(rest->ptr, '\n', rest->len);
    len = end == NULL ? rest->len : (size_t)(end - rest->ptr);
    *line = span_of(rest->ptr, len);
    len += end != NULL;
    *rest = span_of(rest->ptr + len, rest->len - len);
    return true;
}

void
igmp_groups_put(struct buf *to, struct span table, unsigned link)
{
    struct span line;
    unsigned now = 0;

    while (span_next_line(&table, &line)) {
        char text[128];
        unsigned index, group;

        text_copy_span(text, sizeof(text), line);
        /* A line of a link begins with its number, one of a group with a
           tabulator; the group is in the byte order of the network. */
        if (sscanf(text, "%u %*s", &index) == 1 && text[0] != '\t')
            now = index;
        else if (now == link && sscanf(text, " %8x", &group) == 1 &&
                 (group & 0xffffff) == 0x0000e0)
            buf_printf(to, " 224.0.0.%u", group >> 24);
    }
}

/* --- show ip interface -------------------------------------------------- */

static void
show_groups(struct command *cmd, const struct netlink_link *link)
{
    struct buf table, groups;

    buf_init(&table, PROC_TABLE_MAX);
    buf_init(&groups, PROC_TABLE_MAX);
    if (procfs_text("/proc/net/igmp", &table) == OK)
        igmp_groups_put(&groups, buf_span(&table), link->index);
    if (buf_len(&groups) > 0)
        out_line(cmd, "  Multicast reserved groups joined:%s",
                 buf_text(&groups));
    buf_clear(&groups);
    buf_clear(&table);
}

static void
show_sysctls(struct command *cmd, const struct netlink_link *link)
{
    uint64_t all, one;

    if (procfs_number(&all, "sys/net/ipv4/conf/all/proxy_arp") &&
        procfs_number(&one, "sys/net/ipv4/conf/%s/proxy_arp", link->name))
        out_line(cmd, "  Proxy ARP is %s",
                 all != 0 || one != 0 ? "enabled" : "disabled");
    /* The kernel sends them when either says so. */
    if (procfs_number(&all, "sys/net/ipv4/conf/all/send_redirects") &&
        procfs_number(&one, "sys/net/ipv4/conf/%s/send_redirects", link->name))
        out_line(cmd, "  ICMP redirects are %s sent",
                 all != 0 || one != 0 ? "always" : "never");
}

static void
show_address(struct command *cmd, const struct network_view *view,
             const struct netlink_link *link, const struct netlink_address *a)
{
    enum origin origin = origin_of(cmd, link->name, a);
    const struct netlink_address *more = a;
    char text[PREFIX_TEXT_MAX];

    prefix_text(&a->prefix, text);
    out_line(cmd, "  Internet address is %s", text);
    if (a->broadcast.family != 0) {
        address_text(&a->broadcast, text);
        out_line(cmd, "  Broadcast address is %s", text);
    }
    if (origin == ORIGIN_LOADED)
        out_line(cmd, "  Address determined by non-volatile memory");
    if (origin == ORIGIN_TYPED)
        out_line(cmd, "  Address determined by setup command");
    out_line(cmd, "  MTU is %u bytes", link->mtu);
    while ((more = network_view_next(view, link->index, AF_INET, more)) !=
           NULL) {
        prefix_text(&more->prefix, text);
        out_line(cmd, "  Secondary address %s", text);
    }
}

static void
show_one(struct command *cmd, const struct network_view *view,
         const struct netlink_link *link)
{
    const struct netlink_address *a =
        network_view_next(view, link->index, AF_INET, NULL);

    out_line(cmd, "%s is %s, line protocol is %s", link->name,
             link_status(link), link_protocol(link));
    if (a == NULL) {
        out_line(cmd, "  Internet protocol processing disabled");
        return;
    }
    show_address(cmd, view, link, a);
    show_groups(cmd, link);
    show_sysctls(cmd, link);
}

static void
show_ip_interface(struct command *cmd)
{
    struct network_view view;

    if (!network_view_load(cmd, &view))
        return;
    if (cli_given(cmd->match, "name")) {
        const struct netlink_link *one = network_view_find(cmd, &view, "name");

        if (one != NULL)
            show_one(cmd, &view, one);
    } else {
        for (size_t i = 0; i < view.link_count; i++)
            show_one(cmd, &view, &view.links[i]);
    }
    network_view_clear(&view);
}

const struct cli_row ip_interface_rows[] = {
    GROUP("show ip interface", "IP interface status and configuration"),
    SHOW("show ip interface [WORD:name]", 1, show_ip_interface,
         "Interface name"),
    SHOW("show ip interface brief", 1, show_brief,
         "Brief summary of IP status and configuration"),
    ROWS_END,
};
