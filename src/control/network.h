/*
 * Interfaces and routes of the configuration, carried out on the machine.
 *
 * Lines of the configuration call these before they are stored: the answer is
 * NULL, or the kernel's refusal in words, in `refusal`; then nothing was
 * changed. What was there already is as good as done. Nothing is removed that
 * is not marked as the router's own (os/netlink.h), and nothing needs a right
 * that changes nothing.
 */
#ifndef CONTROL_NETWORK_H
#define CONTROL_NETWORK_H

#include "cli/row.h"
#include "control/router.h"
#include "os/netlink.h"

#define NETWORK_NULL "Null0" /* of routes: what goes there is lost */

/* For the time that startup-config is read; then network_settle(). */
struct network *network_new(void);
void network_free(struct network *n); /* NULL is fine */

/*
 * Whether the change is one of the running configuration of a router that
 * serves, and not of a text that is only looked at.
 */
bool network_applies(const struct cli_change *change);
/* While startup-config is read. */
bool network_is_loading(const struct router *r);
/*
 * Interfaces of the configuration that are not shut down come up: when
 * startup-config was read, and before its first route (at any other time the
 * latter does nothing).
 */
void network_settle(struct router *r);
void network_before_route(struct router *r);
/* That startup-config was read; what it set is known from now on. */
void network_loaded(struct router *r);
/* That IPv4 address was in startup-config. */
bool network_was_loaded(const struct router *r, const char *interface,
                        const struct config_address *address);

/* --- interfaces --------------------------------------------------------- */

/* It exists. `link` is set only when it does. */
const char *network_find(const char *interface, struct netlink_link *link,
                         char refusal[CLI_REFUSAL_MAX]);
/* The dummy interface of that name, up; made if there is none. */
const char *network_make_loopback(const char *interface,
                                  char refusal[CLI_REFUSAL_MAX]);
/* Remove it, if the router made it. */
const char *network_remove_loopback(const char *interface,
                                    char refusal[CLI_REFUSAL_MAX]);
const char *network_set_up(const char *interface, bool up,
                           char refusal[CLI_REFUSAL_MAX]);
/* 0: what is usual for its kind. */
const char *network_set_mtu(const char *interface, uint32_t mtu,
                            char refusal[CLI_REFUSAL_MAX]);
const char *network_add_address(const char *interface,
                                const struct config_interface_address *address,
                                char refusal[CLI_REFUSAL_MAX]);
const char *
network_remove_address(const char *interface,
                       const struct config_interface_address *address,
                       char refusal[CLI_REFUSAL_MAX]);
/* Another interface has an address of the same network: its name in `other`;
   and the first address of the smaller network in `network`. */
bool network_overlaps(const char *interface,
                      const struct config_interface_address *address,
                      char other[IFNAMSIZ], struct config_address *network);
/*
 * Give back what the kernel takes away with another address or while an
 * interface is down: the interface's addresses (NULL: none) and all routes.
 * What cannot be given back is told in the log.
 */
void network_restore(struct router *r, const struct config_interface *i);

/*
 * The address that `ip ssh source-interface` means: of that family, the
 * configured primary one if the machine has it, else its first; for IPv6 none
 * of the link's own. False: it has none.
 */
bool network_source(const struct router *r, const char *interface,
                    uint8_t family, struct config_address *address);

/* --- routes (network_route.c) ------------------------------------------- */

/*
 * Make the kernel's route for that destination and distance what the
 * configuration says, with one entry more or one less (NULL: none). Both the
 * same: only if the kernel has none.
 */
const char *network_set_route(struct router *r, const struct config_route *more,
                              const struct config_route *less,
                              char refusal[CLI_REFUSAL_MAX]);
/*
 * network.c: whether another program has made the kernel's route of that
 * destination and metric, which is there. The whole table is looked at; once
 * only while startup-config is read, since it may name thousands of routes
 * that are all there.
 */
MUST_CHECK enum err network_is_foreign(struct router *r,
                                       const struct netlink_route *route,
                                       bool *foreign);
/* The entries are about the same destination. */
bool network_same_destination(const struct config_route *a,
                              const struct config_route *b);
/* "% Error: WHAT: why", for an error of os/netlink.h. */
const char *network_refusal(enum err err, const char *what,
                            char refusal[CLI_REFUSAL_MAX]);
struct netlink_prefix network_prefix(const struct config_address *address,
                                     unsigned length);

#endif
