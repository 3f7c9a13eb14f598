#include "commands/passwords.h"

#include <stdio.h>

#include "crypto/password.h"

const char *
passwords_check(struct cli_change *change)
{
    const char *given;

    if (change->match->negated || change->match->defaulted)
        return NULL;
    given = cli_text(change->match, "the-password");
    if (cli_given(change->match, "7")) {
        if (password_is_valid(7, given))
            return NULL;
        snprintf(change->refusal, sizeof(change->refusal),
                 "Invalid encrypted password: %.160s", given);
        return change->refusal;
    }
    if (strlen(given) > PASSWORD_MAX)
        return "% The password is longer than 127 characters";
    /* Of an older line that said 7 nothing may stay. */
    if (!cli_given(change->match, "0"))
        cli_replace_given(change->match, "0", true);
    return NULL;
}
