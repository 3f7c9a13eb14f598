/*
 * How interfaces are shown, from what is known about them.
 */
#ifndef COMMANDS_INTERFACE_SHOW_H
#define COMMANDS_INTERFACE_SHOW_H

#include "base/buf.h"
#include "commands/network_view.h"
#include "control/rates.h"
#include "os/ethtool.h"

/* One interface, for `show interfaces`. */
struct interface_facts {
    const struct netlink_link *link;
    const struct netlink_address *address; /* its first; NULL: none */
    const struct netlink_queue *queue;     /* NULL: unknown */
    const char *description;               /* NULL: none */
    const struct rate *rate;               /* NULL: nobody has asked before */
    struct ethtool_answer driver;
};

/* The paragraph of `show interfaces`; what is not known is left out. */
void interface_put(struct buf *to, const struct interface_facts *facts);

#endif
