/*
 * Secrets, which are kept hashed: the value "the-secret" behind `[0|5|8|9]`.
 */
#ifndef COMMANDS_SECRETS_H
#define COMMANDS_SECRETS_H

#include "control/command.h"

#define SECRET_HELP                                     \
    "Specifies an UNENCRYPTED secret will follow",      \
        "Specifies a MD5 HASHED secret will follow",    \
        "Specifies a PBKDF2 HASHED secret will follow", \
        "Specifies a SCRYPT HASHED secret will follow"

/*
 * For .check: a stored form must be one; clear text, which only files still
 * bring here, becomes one. NULL, or the refusal.
 */
const char *secret_check(struct cli_change *change);
/* For .run: hash clear text in aaa, then carry the line out. */
void secret_run(struct command *cmd);

#endif
