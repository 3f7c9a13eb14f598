/*
 * May a user run the command that he has typed? Servers and other methods are
 * asked as `aaa authorization commands` says, once, and with its canonical
 * text: no abbreviation, alias or `do` leads around it (hardening 10.6).
 */
#ifndef CONTROL_COMMAND_RIGHTS_H
#define CONTROL_COMMAND_RIGHTS_H

#include "control/method_list.h"

/*
 * The methods that have to agree to a command of that level; NULL: nobody is
 * asked. `configures`: it is one of a configuration mode.
 */
const char *command_rights_methods(const struct session *s, unsigned level,
                                   bool configures);

/* `line` is the canonical command; see method_authorize(). */
void command_rights_ask(struct session *s, const char *methods, unsigned level,
                        struct span line, const struct method_events *events,
                        void *owner, struct method_walk **place);

#endif
