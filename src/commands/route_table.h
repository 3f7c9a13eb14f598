/*
 * How the kernel's main routing table is shown, in the layouts of IOS 12.4.
 */
#ifndef COMMANDS_ROUTE_TABLE_H
#define COMMANDS_ROUTE_TABLE_H

#include "base/buf.h"
#include "commands/network_view.h"

struct route_table {
    const struct network_view *view;
    struct netlink_route *routes; /* route_table_sort() orders them */
    size_t count;
};

/*
 * By destination; of several routes to one destination only the one that
 * counts stays, as on IOS.
 */
void route_table_sort(struct route_table *table);

/* `show ip route`, the codes first. */
void route_table_put_ipv4(struct buf *to, const struct route_table *table);
/* `show ipv6 route`. */
void route_table_put_ipv6(struct buf *to, const struct route_table *table);
/*
 * The longest route to that address of the table's family; the default route
 * only for 0.0.0.0, or of IPv6 for any. NULL: "not in table".
 */
const struct netlink_route *
route_table_find(const struct route_table *table,
                 const struct config_address *address);
/* The route to exactly that IPv6 network; NULL: none. */
const struct netlink_route *
route_table_exact(const struct route_table *table,
                  const struct config_address *network, unsigned length);
/* `show ip route A.B.C.D`. */
void route_put_entry(struct buf *to, const struct route_table *table,
                     const struct netlink_route *route);
/* `show ipv6 route X:X::X`. */
void route_put_entry_ipv6(struct buf *to, const struct route_table *table,
                          const struct netlink_route *route);

#endif
