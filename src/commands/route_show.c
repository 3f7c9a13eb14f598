/*
 * `show ip route`, `show ipv6 route`.
 */
#include <stdlib.h>

#include "commands/route_table.h"
#include "commands/rows.h"

#define TEXT_MAX ((size_t)32 << 20) /* bytes of a table of 65,536 routes */

/* False: the user was told why there is nothing to show. */
static bool
load(struct command *cmd, unsigned family, struct network_view *view,
     struct route_table *table)
{
    enum err err;

    *table = (struct route_table){.view = view};
    if (!network_view_load(cmd, view))
        return false;
    err = netlink_routes(family, &table->routes, &table->count);
    if (err == OK) {
        route_table_sort(table);
        return true;
    }
    network_view_failed(cmd, "routes", err);
    network_view_clear(view);
    return false;
}

static void
show_table(struct command *cmd, unsigned family,
           void (*put)(struct buf *to, const struct route_table *table))
{
    struct network_view view;
    struct route_table table;
    struct buf text;

    if (!load(cmd, family, &view, &table))
        return;
    buf_init(&text, TEXT_MAX);
    put(&text, &table);
    out_span(cmd, buf_span(&text));
    buf_clear(&text);
    free(table.routes);
    network_view_clear(&view);
}

/* One entry of it, or `nothing`. */
static void
show_entry(struct command *cmd, const struct route_table *table,
           const struct netlink_route *route,
           void (*put)(struct buf *to, const struct route_table *table,
                       const struct netlink_route *route),
           const char *nothing)
{
    struct buf text;

    buf_init(&text, TEXT_MAX);
    if (route == NULL)
        out_line(cmd, "%% %s", nothing);
    else
        put(&text, table, route);
    out_span(cmd, buf_span(&text));
    buf_clear(&text);
}

static void
show_ipv6_route_to(struct command *cmd)
{
    struct config_address address = cli_address(cmd->match, "address");
    const char *prefix = cli_text(cmd->match, "prefix");
    const struct netlink_route *route;
    struct network_view view;
    struct route_table table;
    unsigned length;

    if (!load(cmd, AF_INET6, &view, &table))
        return;
    if (prefix != NULL &&
        config_prefix_parse(span_text(prefix), &address, &length) == OK)
        route = route_table_exact(&table, &address, length);
    else
        route = route_table_find(&table, &address);
    show_entry(cmd, &table, route, route_put_entry_ipv6, "Route not found");
    free(table.routes);
    network_view_clear(&view);
}

static void
show_ipv6_route(struct command *cmd)
{
    if (cli_given(cmd->match, "address") || cli_given(cmd->match, "prefix"))
        show_ipv6_route_to(cmd);
    else
        show_table(cmd, AF_INET6, route_table_put_ipv6);
}

static void
show_ip_route_to(struct command *cmd)
{
    struct config_address address = cli_address(cmd->match, "A.B.C.D");
    struct network_view view;
    struct route_table table;

    if (!load(cmd, AF_INET, &view, &table))
        return;
    show_entry(cmd, &table, route_table_find(&table, &address), route_put_entry,
               "Network not in table");
    free(table.routes);
    network_view_clear(&view);
}

static void
show_ip_route(struct command *cmd)
{
    if (cli_given(cmd->match, "A.B.C.D"))
        show_ip_route_to(cmd);
    else
        show_table(cmd, AF_INET, route_table_put_ipv4);
}

const struct cli_row route_show_rows[] = {
    SHOW("show ip route [A.B.C.D]", 1, show_ip_route, "IP routing table",
         "Network to display information about or hostname"),
    SHOW("show ipv6 route [X:X::X:address|X:X:X:X::X/<0-128>:prefix]", 1,
         show_ipv6_route, "Show IPv6 route table entries", "IPv6 address",
         "IPv6 prefix"),
    ROWS_END,
};
