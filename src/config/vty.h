/*
 * Vty lines, as ranges of equal settings (config/range.h): without gaps from
 * vty 0 on, and never over the border between the permanent lines (vty 0 to 4)
 * and the others, as IOS prints them.
 */
#ifndef CONFIG_VTY_H
#define CONFIG_VTY_H

#include "config/range.h"

/* How many vtys there are: one more than the highest number. */
uint32_t config_vty_count(const struct config *config);
/* The settings of vty `number`; NULL if it does not exist. Borrowed. */
const struct config_line *config_vty_line(const struct config *config,
                                          uint32_t number);
/*
 * The same of whichever line a session is on, never NULL: line con 0 or vty
 * `number`; a vty that was removed under its user has the defaults.
 */
const struct config_line *config_line_of(const struct config *config,
                                         bool console, uint32_t number);

#endif
