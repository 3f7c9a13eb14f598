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
 * The longest route to that IPv4 address; the default route only for 0.0.0.0.
 * NULL: "not in table".
 */
const struct netlink_route *route_table_find(const struct route_table *table,
                                             const uint8_t address[4]);
/* `show ip route A.B.C.D`. */
void route_put_entry(struct buf *to, const struct route_table *table,
                     const struct netlink_route *route);

#endif
