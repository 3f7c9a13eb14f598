/*
 * From the configuration of tty lines to what their processes are to do
 * (control/tty.h), when the router begins and with each change.
 */
#ifndef CONTROL_TTY_PLANS_H
#define CONTROL_TTY_PLANS_H

#include "config/line_number.h"
#include "control/router.h"

/*
 * By what number control/tty.h knows a line, 0: by none. That of aux 0 is not
 * its absolute one, for it must not change with other lines.
 */
#define TTY_NUMBER_AUX (CONFIG_TTY_MAX + 1)
unsigned tty_number(struct config_line_id id);
/* The same of the line that has this absolute number now. */
unsigned tty_number_at(const struct config *config, uint32_t line);
/* The settings of the line that is known by that number; NULL: it is gone. */
const struct config_tty *tty_number_settings(const struct config *config,
                                             unsigned number);

/* All lines, when the configuration is loaded and processes can be started. */
void tty_plans_start(struct router *r);
/* The tty lines first .. last, or line aux 0, are configured anew. */
void tty_plans_update(struct router *r, uint32_t first, uint32_t last);
void tty_plans_update_aux(struct router *r);

#endif
