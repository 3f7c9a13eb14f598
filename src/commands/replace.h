/*
 * What other commands need of texts of whole configurations.
 */
#ifndef COMMANDS_REPLACE_H
#define COMMANDS_REPLACE_H

#include "control/command.h"

/* Lines of a file, or with something of one: each escaped, and an LF. */
void replace_show_lines(struct command *cmd, struct span text);
/* The last line is `end`: nothing of the text was lost on its way. */
bool replace_is_whole(struct span text);
/*
 * Before the running configuration is read as a whole, or added to. False: it
 * is just being replaced; that is told.
 */
bool replace_is_over(struct command *cmd);

#endif
