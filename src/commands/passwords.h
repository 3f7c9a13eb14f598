/*
 * Passwords that are kept so that they can be read again: the value
 * "the-password" behind `[0|7]`, as typed (type 0) or hidden (type 7).
 */
#ifndef COMMANDS_PASSWORDS_H
#define COMMANDS_PASSWORDS_H

#include "control/command.h"

#define PASSWORD_HELP                                \
    "Specifies an UNENCRYPTED password will follow", \
        "Specifies a HIDDEN password will follow"

/*
 * .check of a row whose line is written with its type: a type 7 that is none
 * and a clear text that is too long are refused, in IOS's words. Under
 * `service password-encryption` clear text becomes type 7.
 */
const char *passwords_check(struct cli_change *change);
/*
 * The same for a row whose clear text IOS shows without the 0; the type's
 * field has the default CONFIG_PASSWORD_AS_TYPED.
 */
const char *passwords_check_plain(struct cli_change *change);

/* The same for a key shared with a server, which is never empty. */
const char *passwords_check_key(struct cli_change *change);

/*
 * For .run: the clear text of the value `name`, if there is one, is as long
 * as `security passwords min-length` wants. False: the user was told.
 */
bool passwords_long_enough(struct command *cmd, const char *name);
/* Every password that is clear text becomes type 7. */
void passwords_hide(struct config *config);

#endif
