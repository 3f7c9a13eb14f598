#include "commands/passwords.h"

#include <stdio.h>

#include "base/secret.h"
#include "crypto/password.h"

#define HIDDEN_TYPE 7

static void
use_hidden(struct cli_match *match, const char *hidden)
{
    if (cli_given(match, "0"))
        cli_replace_given(match, "0", false);
    cli_replace_given(match, "7", true);
    cli_replace_text(match, "the-password", hidden);
}

/* Clear text as type 7. */
static const char *
hide(struct cli_change *change)
{
    char hidden[PASSWORD_STORED_MAX];
    bool made =
        password_make(HIDDEN_TYPE, cli_text(change->match, "the-password"),
                      hidden) == OK;

    if (made)
        use_hidden(change->match, hidden);
    wipe(hidden, sizeof(hidden));
    return made ? NULL : "% The password could not be encrypted";
}

static const char *
check(struct cli_change *change)
{
    const char *given = cli_text(change->match, "the-password");

    if (cli_given(change->match, "7")) {
        if (password_is_valid(HIDDEN_TYPE, given))
            return NULL;
        snprintf(change->refusal, sizeof(change->refusal),
                 "Invalid encrypted password: %.160s", given);
        return change->refusal;
    }
    if (strlen(given) > PASSWORD_MAX)
        return "% The password is longer than 127 characters";
    return change->config->password_encryption ? hide(change) : NULL;
}

const char *
passwords_check(struct cli_change *change)
{
    const char *refusal;

    if (cli_restores(change->match))
        return NULL;
    refusal = check(change);
    /* Of an older line that said 7 nothing may stay. */
    if (refusal == NULL && !cli_given(change->match, "7") &&
        !cli_given(change->match, "0"))
        cli_replace_given(change->match, "0", true);
    return refusal;
}

/* The words that say a type: clear text that begins so needs one before it. */
static bool
begins_like_a_type(const char *text)
{
    return (text[0] == '0' || text[0] == '7') &&
           (text[1] == ' ' || text[1] == '\0');
}

const char *
passwords_check_plain(struct cli_change *change)
{
    const char *refusal;

    if (cli_restores(change->match))
        return NULL;
    refusal = check(change);
    if (refusal == NULL && cli_given(change->match, "0") &&
        !begins_like_a_type(cli_text(change->match, "the-password")))
        cli_replace_given(change->match, "0", false);
    return refusal;
}

const char *
passwords_check_key(struct cli_change *change)
{
    char clear[PASSWORD_MAX + 1] = "";
    const char *given = cli_text(change->match, "the-password");
    bool empty;

    if (cli_restores(change->match))
        return NULL;
    /* Type 7 can say nothing at all; such a key protects nobody. */
    empty = cli_given(change->match, "7") &&
            password_is_valid(HIDDEN_TYPE, given) &&
            (password_reveal(given, clear, sizeof(clear)) != OK ||
             clear[0] == '\0');
    wipe(clear, sizeof(clear));
    return empty ? "% An empty key is refused" : passwords_check_plain(change);
}

bool
passwords_long_enough(struct command *cmd, const char *name)
{
    const char *given = cli_text(cmd->match, name);
    unsigned least = cmd->config->password_min_length;

    if (cli_restores(cmd->match) || given == NULL || strlen(given) >= least)
        return true;
    out_error(cmd,
              "Password too short - must be at least %u characters. "
              "Password configuration failed",
              least);
    return false;
}

/* --- service password-encryption ---------------------------------------- */

static void
hide_one(struct config_secret *password, uint32_t *type)
{
    char hidden[PASSWORD_STORED_MAX];

    if (password->text == NULL || config_password_type(*type) != 0)
        return;
    if (password_make(HIDDEN_TYPE, password->text, hidden) == OK) {
        config_secret_set(password, hidden);
        *type = HIDDEN_TYPE;
    }
    wipe(hidden, sizeof(hidden));
}

/* Those shared with servers. */
static void
hide_keys(struct config_list *servers)
{
    for (size_t i = 0; i < servers->count; i++) {
        struct config_radius_server *server = servers->items[i];

        hide_one(&server->key, &server->key_type);
    }
}

static void
hide_tacacs_keys(struct config_list *servers)
{
    for (size_t i = 0; i < servers->count; i++) {
        struct config_tacacs_server *server = servers->items[i];

        hide_one(&server->key, &server->key_type);
    }
}

void
passwords_hide(struct config *config)
{
    hide_one(&config->console.password, &config->console.password_type);
    for (size_t i = 0; i < config->vtys.list.count; i++) {
        struct config_vty *range = config->vtys.list.items[i];

        hide_one(&range->line.password, &range->line.password_type);
    }
    for (size_t i = 0; i < config->enable_passwords.list.count; i++) {
        struct config_enable *entry = config->enable_passwords.list.items[i];

        hide_one(&entry->text, &entry->type);
    }
    for (size_t i = 0; i < config->users.list.count; i++) {
        struct config_user *user = config->users.list.items[i];

        if (user->credential == CONFIG_CREDENTIAL_PASSWORD)
            hide_one(&user->password, &user->password_type);
    }
    hide_one(&config->tacacs.key, &config->tacacs.key_type);
    hide_tacacs_keys(&config->tacacs.hosts.list);
    hide_tacacs_keys(&config->tacacs.servers.list);
    hide_one(&config->radius.key, &config->radius.key_type);
    hide_keys(&config->radius.hosts.list);
    hide_keys(&config->radius.servers.list);
}
