/*
 * The lines behind which somebody else's console is: tty lines and line aux
 * 0, as ranges of equal settings (config/range.h). There may be gaps among
 * them: a line exists when it was configured.
 */
#ifndef CONFIG_TTY_H
#define CONFIG_TTY_H

#include "config/range.h"

/* The highest number of a tty line, which are counted from 1; 0: none. */
uint32_t config_tty_last(const struct config *config);
/* The settings of tty line `number`; NULL if it does not exist. Borrowed. */
const struct config_tty *config_tty_line(const struct config *config,
                                         uint32_t number);
/* The same of line aux 0. */
const struct config_tty *config_aux_line(const struct config *config);

/* Bits per second that Linux has, in ascending order, closed by 0. */
extern const uint32_t config_tty_speeds[];

#endif
