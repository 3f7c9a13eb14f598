/*
 * Who may log in: `username`.
 */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "commands/passwords.h"
#include "commands/rows.h"
#include "commands/secrets.h"
#include "control/judge.h"
#include "control/session.h"
#include "crypto/password.h"

#define BOTH_REFUSED                                                \
    "ERROR: Can not have both a user password and a user secret.\n" \
    "Please choose one or the other."

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

    if (cli_restores(change->match))
        return NULL;
    refusal = check_name(cli_text(change->match, "name"));
    if (refusal != NULL)
        return refusal;
    if ((password && has == CONFIG_CREDENTIAL_SECRET) ||
        (secret && has == CONFIG_CREDENTIAL_PASSWORD))
        return BOTH_REFUSED;
    if (password)
        return passwords_check(change);
    return secret ? secret_check(change) : NULL;
}

static const char *
check_autocommand(struct cli_change *change)
{
    return cli_restores(change->match)
               ? NULL
               : check_name(cli_text(change->match, "name"));
}

static void
set_user(struct command *cmd)
{
    if (cli_given(cmd->match, "password") && !cli_given(cmd->match, "7") &&
        !passwords_long_enough(cmd, "the-password"))
        return;
    secret_run(cmd);
}

/* --- algorithm-type ----------------------------------------------------- */

static unsigned
algorithm(const struct cli_match *match)
{
    if (cli_given(match, "md5"))
        return 5;
    return cli_given(match, "sha256") ? 8 : 9;
}

/* Carry `line` out as if it had been typed in global configuration. */
static void
apply_line(struct command *cmd, const char *line)
{
    const struct cli_language *language = cmd->router->language;
    struct cli_context context;
    struct cli_match match;
    char refusal[CLI_REFUSAL_MAX];
    const char *text = "% The secret could not be stored";

    cli_context_init(&context, &config_mode, shell_privilege(cmd->shell));
    if (cli_parse(language, &context, line, &match) == CLI_OK)
        text = cli_apply(language, cmd->config, &match, cmd->router, refusal);
    if (text != NULL) {
        out_line(cmd, "%s", text);
        cmd->failed = true;
    }
    cli_match_clear(&match);
}

static void
on_encoded(void *owner, const char *stored)
{
    struct command *cmd = owner;
    const struct cli_match *match = cmd->match;
    struct buf line;

    buf_init_secret(&line, CLI_LINE_MAX);
    buf_printf(&line, "username %s", cli_text(match, "name"));
    if (cli_given(match, "privilege"))
        buf_printf(&line, " privilege %u", cli_number(match, "level"));
    if (stored != NULL)
        buf_printf(&line, " secret %u %s", algorithm(match), stored);
    if (stored != NULL && buf_ok(&line))
        apply_line(cmd, buf_text(&line));
    else
        out_error(cmd, "The secret could not be encrypted");
    buf_clear(&line);
    cmd_done(cmd);
}

/* `secret 5|8|9`, the text of which is made here. */
static void
set_algorithm(struct command *cmd)
{
    const char *given = cli_text(cmd->match, "the-secret");

    if (strlen(given) > PASSWORD_MAX) {
        out_error(cmd, "The secret is longer than 127 characters");
        return;
    }
    if (!passwords_long_enough(cmd, "the-secret"))
        return;
    judge_encode(cmd->router, algorithm(cmd->match), given, on_encoded, cmd);
    cmd_wait(cmd);
}

/* --- security ----------------------------------------------------------- */

const struct cli_row security_rows[] = {
    SET_NUMBER("security passwords min-length <0-16>", password_min_length, 0,
               "Infra Security CLIs", "Password security CLIs",
               "Minimum length of passwords", "Minimum password length"),
    ROWS_END,
};

/* --- username rows ------------------------------------------------------ */

#define OPTIONS_LIST                                                 \
    "privilege <0-15>|access-class <1-99,1300-1999>:class|noescape|" \
    "nohangup"
#define OPTIONS "[" OPTIONS_LIST "]"
#define OPTION_BINDS                                      \
    BIND_NUMBER(struct config_user, privilege, 1),        \
        BIND_NUMBER(struct config_user, access_class, 0), \
        BIND_FLAG(struct config_user, noescape, false),   \
        BIND_FLAG(struct config_user, nohangup, false)
#define OPTIONS_HELP                                              \
    "Set user privilege level", "User privilege level",           \
        "Restrict access by access-class", "Access-class number", \
        "Prevent the user from using an escape character",        \
        "Do not disconnect after an automatic command"
#define AUTOCOMMAND_HELP                                    \
    "Automatically issue a command after the user logs in", \
        "Command to be automatically issued after the user logs in"

const struct cli_row username_rows[] = {
    GROUP("username", "Establish User Name Authentication"),
    {ROW_LIST("username WORD:name " OPTIONS "... "
              "[password [0|7]! LINE:the-password|"
              "secret [0|5|8|9]! LINE:the-secret|nopassword]",
              users, config_user, 1,
              BINDS(BIND_TEXT(struct config_user, name, NULL), OPTION_BINDS,
                    BIND_CHOICE(struct config_user, credential, 0),
                    BIND_NUMBER(struct config_user, password_type, 0),
                    BIND_SECRET(struct config_user, password),
                    BIND_NUMBER(struct config_user, password_type, 0),
                    BIND_SECRET(struct config_user, password)),
              "User name", OPTIONS_HELP, "Specify the password for the user",
              PASSWORD_HELP, "The user's password",
              "Specify the secret for the user", SECRET_HELP,
              "The user's secret, in clear or as the type before it says",
              "No password is required for the user to log in on the console"),
     .run = set_user, .check = check_user},
    {ROW_LIST("username WORD:name autocommand LINE:command", users, config_user,
              1,
              BINDS(BIND_TEXT(struct config_user, name, NULL),
                    BIND_TEXT(struct config_user, autocommand, NULL)),
              "User name", AUTOCOMMAND_HELP),
     .check = check_autocommand},
    {ROW_LIST("username WORD:name {" OPTIONS_LIST "}... autocommand "
              "LINE:command",
              users, config_user, 1,
              BINDS(BIND_TEXT(struct config_user, name, NULL), OPTION_BINDS,
                    BIND_TEXT(struct config_user, autocommand, NULL)),
              "User name", OPTIONS_HELP, AUTOCOMMAND_HELP),
     .check = check_autocommand, .alias = true},
    {ROW_EXEC("username WORD:name [privilege <0-15>:level] "
              "algorithm-type {md5|scrypt|sha256} secret LINE:the-secret",
              15, set_algorithm, "User name", "Set user privilege level",
              "User privilege level",
              "Algorithm to use for hashing the "
              "plaintext secret",
              "Encode the password using the MD5 algorithm",
              "Encode the password using the SCRYPT hashing algorithm",
              "Encode the password using the PBKDF2 hashing algorithm",
              "Specify the secret for the user",
              "The UNENCRYPTED (cleartext) user secret"),
     .secret = true},
    ROWS_END,
};
