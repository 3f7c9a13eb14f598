/*
 * What `show logging` says of collectors.
 */
#ifndef COMMANDS_COLLECTORS_H
#define COMMANDS_COLLECTORS_H

#include "control/command.h"

/* From "Trap logging" on, up to the buffer's heading. */
void collectors_show(struct command *cmd);

#endif
