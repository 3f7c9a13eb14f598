/*
 * The machine's interfaces and addresses as one command sees them, and how
 * IOS writes them.
 */
#ifndef COMMANDS_NETWORK_VIEW_H
#define COMMANDS_NETWORK_VIEW_H

#include "control/command.h"
#include "os/netlink.h"

#define HARDWARE_TEXT_MAX (NETLINK_HARDWARE_MAX * 3 + 1)
#define PREFIX_TEXT_MAX   64

/* In the order of the kernel's numbers. */
struct network_view {
    struct netlink_link *links;
    size_t link_count;
    struct netlink_address *addresses;
    size_t address_count;
};

/* False: the kernel did not say, the user was told. network_view_clear(). */
bool network_view_load(struct command *cmd, struct network_view *view);
void network_view_clear(struct network_view *view);
/* "% Cannot read the machine's routes: ..." and the like. */
void network_view_failed(struct command *cmd, const char *what, enum err err);

/* NULL: there is none. */
const struct netlink_link *network_view_link(const struct network_view *view,
                                             unsigned index);
/* Its name; "unknown" for an interface that has just gone. */
const char *network_view_name(const struct network_view *view, unsigned index);
/*
 * The interface that the command names by its value `name`; exactly, or in
 * another case, or `lo0` for Loopback0. NULL, and the user was told.
 */
const struct netlink_link *network_view_find(struct command *cmd,
                                             const struct network_view *view,
                                             const char *name);
/* The first address of the family that is not of the link alone, behind
   `after` (NULL: the first of all); NULL at the end. */
const struct netlink_address *
network_view_next(const struct network_view *view, unsigned link,
                  unsigned family, const struct netlink_address *after);

/* "up", "down", "administratively down". */
const char *link_status(const struct netlink_link *link);
/* "up", "down". */
const char *link_protocol(const struct netlink_link *link);
/* "000f.352d.2381". */
void hardware_text(const uint8_t *bytes, size_t len,
                   char text[HARDWARE_TEXT_MAX]);
/* Dotted decimal; IPv6 in upper case, as IOS has it. */
void address_text(const struct netlink_prefix *prefix,
                  char text[PREFIX_TEXT_MAX]);
/* The same, "/" and the length. */
void prefix_text(const struct netlink_prefix *prefix,
                 char text[PREFIX_TEXT_MAX]);
/* Without the bits behind the length. */
struct netlink_prefix prefix_network(const struct netlink_prefix *prefix);

/* The description in the configuration; NULL: none. */
const char *link_description(const struct config *config,
                             const struct netlink_link *link);

#endif
