/*
 * What tty lines and line aux 0 are and do: their part of `show line`.
 */
#ifndef COMMANDS_TTY_SHOW_H
#define COMMANDS_TTY_SHOW_H

#include "commands/line_place.h"
#include "config/config.h"

/* The settings of such a line; NULL: it is one of another kind. Borrowed. */
const struct config_tty *tty_show_settings(struct command *cmd,
                                           const struct line_place *place);
/* One line of a terminal server's: behind its row of the table. */
void tty_show_block(struct command *cmd, const struct line_place *place);
/* `show line N buffer`, `show line summary`. */
void tty_show_buffer(struct command *cmd);
void tty_show_summary(struct command *cmd);

/* "00:10:00"; 0 seconds: `otherwise`. */
#define DURATION_MAX 24
void duration_text(uint64_t seconds, const char *otherwise,
                   char to[DURATION_MAX]);

#endif
