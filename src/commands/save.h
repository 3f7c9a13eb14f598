/*
 * Saving the running configuration, for `write memory` and its relatives.
 */
#ifndef COMMANDS_SAVE_H
#define COMMANDS_SAVE_H

#include "control/command.h"

/*
 * Say that it is being built, store it, say [OK] or what went wrong; then
 * call `then` once. `then` ends the command or goes on with it. Takes
 * cmd->state for itself until then.
 */
void save_running_config(struct command *cmd,
                         void (*then)(struct command *cmd, bool saved));

#endif
