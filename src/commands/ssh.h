/*
 * What all settings that begin with `ip ssh` have in common.
 */
#ifndef COMMANDS_SSH_H
#define COMMANDS_SSH_H

#include "control/command.h"

/*
 * The .run of such a setting: carry it out, and say so if there is no key to
 * serve with.
 */
void ssh_set(struct command *cmd);

#endif
