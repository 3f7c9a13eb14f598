/*
 * The vocabulary of the router: what main.c hands to the command engine.
 */
#ifndef COMMANDS_ALL_H
#define COMMANDS_ALL_H

#include "cli/row.h"

/* NULL-terminated: EXEC, global configuration, then the modes inside it. */
extern const struct cli_mode *const command_modes[];

#endif
