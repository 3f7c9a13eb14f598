/*
 * Vty lines as ranges of equal settings: ten thousand lines cost as much as
 * there are differences among them. Ranges are sorted, without gaps, and
 * never span the border between the permanent lines (vty 0 to 4) and the
 * others, as IOS prints them.
 */
#ifndef CONFIG_VTY_H
#define CONFIG_VTY_H

#include "config/config.h"

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

/*
 * Make first .. last (first <= last < CONFIG_VTY_MAX) exist and be whole
 * ranges. Missing lines below come to be as well, with default settings.
 */
void config_vty_select(struct config_list *vtys, uint32_t first, uint32_t last);
/* Join neighbours whose settings are equal. */
void config_vty_merge(struct config_list *vtys);
/* Remove `first` and all above; CONFIG_VTY_PERMANENT lines stay. */
void config_vty_remove(struct config_list *vtys, uint32_t first);

#endif
