/*
 * How `show ip interface` and `show ipv6 interface` show things, from what is
 * known about them.
 */
#ifndef COMMANDS_IP_INTERFACE_H
#define COMMANDS_IP_INTERFACE_H

#include "base/buf.h"
#include "commands/network_view.h"

/*
 * The groups of 224.0.0.0/24 that a link has joined, each behind a blank, from
 * the text of /proc/net/igmp.
 */
void igmp_groups_put(struct buf *to, struct span table, unsigned link);
/* All IPv6 groups, each on a line of its own, from /proc/net/igmp6. */
void igmp6_groups_put(struct buf *to, struct span table, unsigned link);
/* The next line without its end, taken off `rest`; false: none is left. */
bool span_next_line(struct span *rest, struct span *line);

#endif
