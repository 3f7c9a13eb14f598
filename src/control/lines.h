/*
 * Which vty a new connection gets, as the lines are configured now.
 */
#ifndef CONTROL_LINES_H
#define CONTROL_LINES_H

#include "control/router.h"
#include "os/net.h"

/* Some vty has `transport input ssh` (or all). */
bool lines_take_ssh(const struct router *r);
/* Some vty that takes SSH has no access-class, or one that permits `peer`. */
bool lines_permit(struct router *r, const struct net_address *peer);
/* The access-class of this one vty permits `peer`. */
bool line_permits(const struct router *r, unsigned vty,
                  const struct net_address *peer);
/* The lowest free vty that takes SSH. ERR_NOT_FOUND: all are held. */
MUST_CHECK enum err lines_free_vty(const struct router *r, unsigned *vty);

#endif
