/*
 * Into configuration mode, for other commands that lead there.
 */
#ifndef COMMANDS_CONFIGURE_H
#define COMMANDS_CONFIGURE_H

#include "control/command.h"

/* Says how it is left, and enters it. */
void configure_terminal(struct command *cmd);

#endif
