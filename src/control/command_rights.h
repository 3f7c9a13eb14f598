/*
 * May a user run the command that he has typed? Servers and other methods are
 * asked as `aaa authorization commands` says, once, and with its canonical
 * text: no abbreviation, alias or `do` leads around it (hardening 10.6).
 */
#ifndef CONTROL_COMMAND_RIGHTS_H
#define CONTROL_COMMAND_RIGHTS_H

#include "control/command.h"

/*
 * The methods that have to agree; NULL: nobody is asked. `context`: where it
 * was typed.
 */
const char *command_rights_methods(const struct command *cmd,
                                   const struct cli_context *context);

/* The walk becomes cmd->walk; see method_authorize(). */
struct method_events;
void command_rights_ask(struct command *cmd, const char *methods,
                        const struct cli_context *context,
                        const struct method_events *events);

#endif
