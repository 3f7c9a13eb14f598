/*
 * Who may log in, and by which secret: `username`, `enable secret`.
 */
#include <stdio.h>

#include "base/secret.h"
#include "commands/passwords.h"
#include "commands/rows.h"
#include "control/command.h"
#include "control/judge.h"
#include "control/session.h"
#include "crypto/password.h"

#define SECRET_TYPE 9 /* how clear secrets are kept: scrypt */

static bool
removes(const struct cli_match *match)
{
    return match->negated || match->defaulted;
}

/* --- secrets ------------------------------------------------------------ */

/* The type of encoding that was typed; 0: clear text. */
static unsigned
secret_type(const struct cli_match *match)
{
    if (cli_given(match, "9"))
        return 9;
    if (cli_given(match, "8"))
        return 8;
    return cli_given(match, "5") ? 5 : 0;
}

/* The line as if it had been typed with the stored form. */
static void
use_stored(struct cli_match *match, const char *stored)
{
    if (cli_given(match, "0"))
        cli_replace_given(match, "0", false);
    cli_replace_given(match, "9", true);
    cli_replace_text(match, "the-secret", stored);
}

static const char *
refuse_encoding(struct cli_change *change, unsigned type)
{
    snprintf(change->refusal, sizeof(change->refusal),
             "ERROR: The secret you entered is not a valid encrypted secret.\n"
             "To enter an UNENCRYPTED secret, do not specify type %u "
             "encryption.\n"
             "When you properly enter an UNENCRYPTED secret, it will be "
             "encrypted.",
             type);
    return change->refusal;
}

/*
 * A stored form must be one; clear text, which only files still bring here,
 * becomes one.
 */
static const char *
check_secret(struct cli_change *change)
{
    const char *given = cli_text(change->match, "the-secret");
    unsigned type = secret_type(change->match);
    char stored[PASSWORD_STORED_MAX];
    const char *refusal = NULL;

    if (type != 0)
        return password_is_valid(type, given) ? NULL
                                              : refuse_encoding(change, type);
    if (strlen(given) > PASSWORD_MAX)
        return "% The secret is longer than 127 characters";
    if (password_make(SECRET_TYPE, given, stored) == OK)
        use_stored(change->match, stored);
    else
        refusal = "% The secret could not be encrypted";
    wipe(stored, sizeof(stored));
    return refusal;
}

static void
on_encoded(void *owner, const char *stored)
{
    struct command *cmd = owner;

    if (stored == NULL) {
        out_error(cmd, "The secret could not be encrypted");
    } else {
        use_stored(cmd_match(cmd), stored);
        /* The user was told if it was refused. */
        (void)cmd_apply(cmd);
    }
    cmd_done(cmd);
}

/* Clear text is hashed by aaa, for it takes milliseconds: nobody waits. */
static void
set_secret(struct command *cmd)
{
    const struct cli_match *match = cmd->match;
    const char *given = cli_text(match, "the-secret");

    if (removes(match) || given == NULL || secret_type(match) != 0 ||
        strlen(given) > PASSWORD_MAX) {
        (void)cmd_apply(cmd);
        return;
    }
    judge_encode(cmd->router, SECRET_TYPE, given, on_encoded, cmd);
    cmd_wait(cmd);
}

/* --- username ----------------------------------------------------------- */

static const char *
check_name(const char *name)
{
    if (strlen(name) > SSH_USER_MAX)
        return "% User name is too long";
    for (const char *c = name; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            return "% User name contains one or more illegal characters";
    return NULL;
}

static const char *
check_user(struct cli_change *change)
{
    const struct config_user *user = change->entry;
    unsigned has = user != NULL ? user->credential : CONFIG_CREDENTIAL_NONE;
    bool password = cli_given(change->match, "password");
    bool secret = cli_given(change->match, "secret");
    const char *refusal;

    if (removes(change->match))
        return NULL;
    refusal = check_name(cli_text(change->match, "name"));
    if (refusal != NULL)
        return refusal;
    if ((password && has == CONFIG_CREDENTIAL_SECRET) ||
        (secret && has == CONFIG_CREDENTIAL_PASSWORD))
        return "ERROR: Can not have both a user password and a user secret.\n"
               "Please choose one or the other.";
    if (password)
        return passwords_check(change);
    return secret ? check_secret(change) : NULL;
}

static const char *
check_enable(struct cli_change *change)
{
    return removes(change->match) ? NULL : check_secret(change);
}

/* --- rows --------------------------------------------------------------- */

#define SECRET_HELP                                     \
    "Specifies an UNENCRYPTED secret will follow",      \
        "Specifies a MD5 HASHED secret will follow",    \
        "Specifies a PBKDF2 HASHED secret will follow", \
        "Specifies a SCRYPT HASHED secret will follow"

const struct cli_row enable_secret_rows[] = {
    /* No other level has a secret; said or not, it is the same line. */
    {ROW_SET("enable secret [level <15-15>] [0|5|8|9]! LINE:the-secret",
             BINDS(BIND_NUMBER(struct config, enable_secret_level, 15),
                   BIND_NUMBER(struct config, enable_secret_type, 0),
                   BIND_SECRET(struct config, enable_secret)),
             "Modify enable password parameters",
             "Assign the privileged level secret", "Set exec level password",
             "Level number", SECRET_HELP,
             "The secret, in clear or as the type before it says"),
     .run = set_secret, .check = check_enable},
    ROWS_END,
};

const struct cli_row username_rows[] = {
    {ROW_LIST("username WORD:name [privilege <0-15>] "
              "[password [0|7]! LINE:the-password|"
              "secret [0|5|8|9]! LINE:the-secret]",
              users, config_user, 1,
              BINDS(BIND_TEXT(struct config_user, name, NULL),
                    BIND_NUMBER(struct config_user, privilege, 1),
                    BIND_CHOICE(struct config_user, credential, 0),
                    BIND_NUMBER(struct config_user, password_type, 0),
                    BIND_SECRET(struct config_user, password),
                    BIND_NUMBER(struct config_user, password_type, 0),
                    BIND_SECRET(struct config_user, password)),
              "Establish User Name Authentication", "User name",
              "Set user privilege level", "User privilege level",
              "Specify the password for the user",
              "Specifies an UNENCRYPTED password will follow",
              "Specifies a HIDDEN password will follow", "The user's password",
              "Specify the secret for the user", SECRET_HELP,
              "The user's secret, in clear or as the type before it says"),
     .run = set_secret, .check = check_user},
    ROWS_END,
};
