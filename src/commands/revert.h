/*
 * What commands say that change the configuration until it is confirmed.
 */
#ifndef COMMANDS_REVERT_H
#define COMMANDS_REVERT_H

#include "control/command.h"
#include "control/rollback.h"

/*
 * Keep the configuration as it is: the archive is there, and nobody else's
 * change waits. False: the user was told why not.
 */
MUST_CHECK bool revert_keep(struct command *cmd);
/* The archive has no path: the user is told so, and the command has failed. */
MUST_CHECK bool revert_is_possible(struct command *cmd);

#endif
