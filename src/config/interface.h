/*
 * Interfaces and routes of the configuration: names, masks, entries.
 */
#ifndef CONFIG_INTERFACE_H
#define CONFIG_INTERFACE_H

#include "config/config.h"

#define CONFIG_INTERFACE_NAME_MAX 15 /* characters; Linux's IFNAMSIZ - 1 */

/* The entry of exactly that name; NULL: none. Borrowed. */
struct config_interface *config_interface_find(const struct config *config,
                                               const char *name);
/* Printable ASCII without `/` and `:`, neither "." nor "..", not too long. */
bool config_interface_name_is_valid(const char *name);
/*
 * "lo5", "LOOPBACK5" (an abbreviation of Loopback and a number): "Loopback5".
 * False: it is no such name, or the number is too long.
 */
bool config_interface_loopback(const char *typed,
                               char name[CONFIG_INTERFACE_NAME_MAX + 1]);

/* Bits of a contiguous IPv4 mask; false: it is none. */
bool config_mask_length(const struct config_address *mask, unsigned *length);

#endif
