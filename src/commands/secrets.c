#include "commands/secrets.h"

#include <stdio.h>

#include "base/secret.h"
#include "commands/passwords.h"
#include "control/encoding.h"
#include "control/judge.h"
#include "crypto/password.h"

#define SECRET_TYPE 9 /* how clear secrets are kept: scrypt */

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

/* Of a text that is carried out in turns. */
static const char *
ask_for(struct cli_change *change, struct encoding *encoding, const char *given)
{
    const char *stored = NULL;

    switch (encoding_ask(encoding, SECRET_TYPE, given, &stored)) {
    case ENCODED_LATER:
        return cli_later;
    case ENCODED_FAILED:
        return "% The secret could not be encrypted";
    case ENCODED_MADE:
        break;
    }
    use_stored(change->match, stored);
    return NULL;
}

const char *
secret_check(struct cli_change *change)
{
    const char *given = cli_text(change->match, "the-secret");
    unsigned type = secret_type(change->match);
    const struct router *router = change->owner;
    char stored[PASSWORD_STORED_MAX];
    const char *refusal = NULL;

    if (type != 0)
        return password_is_valid(type, given) ? NULL
                                              : refuse_encoding(change, type);
    if (strlen(given) > PASSWORD_MAX)
        return "% The secret is longer than 127 characters";
    if (router->encoding != NULL)
        return ask_for(change, router->encoding, given);
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
void
secret_run(struct command *cmd)
{
    const struct cli_match *match = cmd->match;
    const char *given = cli_text(match, "the-secret");

    if (cli_restores(match) || given == NULL || secret_type(match) != 0 ||
        strlen(given) > PASSWORD_MAX) {
        (void)cmd_apply(cmd);
        return;
    }
    if (!passwords_long_enough(cmd, "the-secret"))
        return;
    judge_encode(cmd->router, SECRET_TYPE, given, on_encoded, cmd);
    cmd_wait(cmd);
}
