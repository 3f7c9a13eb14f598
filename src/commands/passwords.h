/*
 * Passwords that are kept so that they can be read again: types 0 and 7.
 */
#ifndef COMMANDS_PASSWORDS_H
#define COMMANDS_PASSWORDS_H

#include "cli/cli.h"

/*
 * .check of a row with `[0|7] LINE:the-password`: a type 7 that is none and a
 * clear text that is too long are refused, in IOS's words.
 */
const char *passwords_check(struct cli_change *change);

#endif
