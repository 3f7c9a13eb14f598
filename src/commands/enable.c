/*
 * The way up and down: `enable`, `disable`, and what is asked on the way up:
 * `enable secret`, `enable password`.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "commands/passwords.h"
#include "commands/rows.h"
#include "commands/secrets.h"
#include "config/aaa.h"
#include "control/journal.h"
#include "control/judge.h"
#include "control/log_about.h"
#include "control/method_list.h"
#include "crypto/password.h"

#define ENABLE_TRIES   3
#define ENABLE_LIMIT_S 30 /* for each */
#define LEVEL_MAX      15

/* --- commands ----------------------------------------------------------- */

struct enabling {
    unsigned level;
    unsigned tries;
};

/* `logging userinfo`; somebody without a name has a line all the same. */
static void
tell(struct command *cmd, unsigned level, bool passed)
{
    const struct session *s = cmd->session;
    char who[SHELL_WHO_MAX];
    const char *nobody = s->user[0] == '\0' ? "unknown on " : "";

    if (!cmd->config->logging.userinfo)
        return;
    shell_who(cmd->shell, who);
    log_about(s);
    if (passed)
        journal_message(cmd->router, "SYS", LOG_NOTICE, "PRIV_AUTH_PASS",
                        "Privilege level set to %u by %s%s", level, nobody,
                        who);
    else
        journal_limited(cmd->router, s->peer_text, "SYS", LOG_NOTICE,
                        "PRIV_AUTH_FAIL",
                        "Authentication to privilege level %u failed by %s%s",
                        level, nobody, who);
}

static void
raise_to(struct command *cmd, unsigned level)
{
    shell_set_privilege(cmd->shell, level);
    tell(cmd, level, true);
}

static void on_answer(struct command *cmd, const char *text);

static void
ask(struct command *cmd)
{
    cmd_ask(cmd, "Password: ", ASK_SECRET, ENABLE_LIMIT_S, on_answer);
}

static void
refuse(struct command *cmd)
{
    const struct enabling *enabling = cmd->state;
    const struct config *config = cmd->config;
    bool password = config_enable_find(&config->enable_secrets.list,
                                       enabling->level) == NULL &&
                    config_enable_wanted(config, enabling->level) != NULL;

    tell(cmd, enabling->level, false);
    out_error(cmd, password ? "Bad passwords" : "Bad secrets");
    out(cmd, "\n");
}

/* The next try, if there is one; else the command has failed. */
static bool
try_again(struct command *cmd)
{
    struct enabling *enabling = cmd->state;

    if (++enabling->tries < ENABLE_TRIES) {
        ask(cmd);
        return true;
    }
    refuse(cmd);
    return false;
}

static void
on_verdict(void *owner, bool accepted)
{
    struct command *cmd = owner;
    const struct enabling *enabling = cmd->state;

    if (accepted)
        raise_to(cmd, enabling->level);
    else if (try_again(cmd))
        return;
    cmd_done(cmd);
}

/* Is `text` what that entry keeps? Asked of aaa. */
static void
judge(struct command *cmd, const struct config_enable *entry, const char *text,
      verdict_fn then)
{
    struct msg_judge m = {.kind = JUDGE_PASSWORD};

    m.type = (uint8_t)config_password_type(entry->type);
    m.stored = span_text(entry->text.text);
    m.given = span_text(text);
    judge_ask(cmd->router, &m, then, cmd);
    cmd_wait(cmd);
}

static void
on_answer(struct command *cmd, const char *text)
{
    const struct enabling *enabling = cmd->state;
    const struct config_enable *entry =
        config_enable_wanted(cmd->config, enabling->level);

    if (text == NULL && cmd->timed_out) {
        out(cmd, "%% Password:  timeout expired!\n");
        try_again(cmd);
        return;
    }
    /* Given up; or another session took the secret away meanwhile. */
    if (text == NULL || entry == NULL)
        refuse(cmd);
    else
        judge(cmd, entry, text, on_verdict);
}

/* --- by methods: aaa new-model, one try --------------------------------- */

static void
on_done(void *owner, const struct method_result *result)
{
    struct command *cmd = owner;
    const struct enabling *enabling = cmd->state;

    if (result->outcome != METHOD_PASS)
        tell(cmd, enabling->level, false);
    if (result->outcome == METHOD_PASS)
        raise_to(cmd, enabling->level);
    else if (result->outcome == METHOD_FAIL &&
             result->method.kind != CONFIG_METHOD_GROUP)
        out_error(cmd, "Access denied\n");
    else
        out_error(cmd, "Error in authentication.\n");
    cmd_done(cmd);
}

static void
on_method_answer(struct command *cmd, const char *text)
{
    if (text != NULL) {
        cmd_wait(cmd);
        method_answer(cmd->walk, span_text(text));
        return;
    }
    method_stop(&cmd->walk);
    if (cmd->timed_out)
        out(cmd, "%% Password:  timeout expired!\n");
    out_error(cmd, "Error in authentication.\n");
}

static void
on_ask(void *owner, const char *text, const char *prompt, bool echo)
{
    if (text[0] != '\0')
        out_line(owner, "%s", text);
    cmd_ask(owner, prompt, echo ? ASK_LINE : ASK_SECRET, ENABLE_LIMIT_S,
            on_method_answer);
}

static void
enable_by_methods(struct command *cmd, unsigned level)
{
    static const struct method_events events = {.ask = on_ask, .done = on_done};
    const struct config_methods *list = config_methods_find(
        cmd->config, CONFIG_AAA_ENABLE, 0, CONFIG_AAA_DEFAULT);
    struct method_request request = {.session = cmd->session,
                                     .methods = "enable",
                                     .service = METHOD_ENABLE,
                                     .level = level,
                                     .user = span_text(cmd->session->user)};
    struct enabling *enabling = alloc_zero(1, sizeof(*enabling));

    enabling->level = level;
    cmd->state = enabling;
    cmd->free_state = free;
    if (list != NULL)
        request.methods = list->methods;
    else if (cmd->session->kind == SESSION_CONSOLE && level == LEVEL_MAX &&
             config_enable_wanted(cmd->config, level) == NULL)
        request.methods = "none";
    cmd_wait(cmd);
    method_authenticate(&request, &events, cmd, &cmd->walk);
}

static void
enable(struct command *cmd)
{
    unsigned level = LEVEL_MAX;
    struct enabling *enabling;

    if (cli_given(cmd->match, "level"))
        level = cli_number(cmd->match, "level");
    if (level <= shell_privilege(cmd->shell)) {
        raise_to(cmd, level);
    } else if (cmd->config->aaa.new_model) {
        enable_by_methods(cmd, level);
    } else if (config_enable_wanted(cmd->config, level) != NULL) {
        enabling = alloc_zero(1, sizeof(*enabling));
        enabling->level = level;
        cmd->state = enabling;
        cmd->free_state = free;
        ask(cmd);
    } else if (level == LEVEL_MAX && cmd->session->kind == SESSION_CONSOLE) {
        raise_to(cmd, LEVEL_MAX);
    } else {
        out_error(cmd, "No password set");
    }
}

static void
disable(struct command *cmd)
{
    unsigned level = 1;

    if (cli_given(cmd->match, "level"))
        level = cli_number(cmd->match, "level");
    if (level > shell_privilege(cmd->shell))
        out_error(cmd, "Privilege level can only be lowered");
    else
        shell_set_privilege(cmd->shell, level);
}

static void
show_privilege(struct command *cmd)
{
    out_line(cmd, "Current privilege level is %u", shell_privilege(cmd->shell));
}

const struct cli_row enable_rows[] = {
    EXEC("enable [<0-15>:level]", 0, enable, "Turn on privileged commands",
         "Enable level"),
    EXEC("disable [<0-15>:level]", 0, disable, "Turn off privileged commands",
         "Privilege level to go to"),
    SHOW("show privilege", 1, show_privilege, "Show current privilege level"),
    ROWS_END,
};

/* --- settings ----------------------------------------------------------- */

static unsigned
level_of(const struct cli_match *match)
{
    return cli_number_or(match, "level", LEVEL_MAX);
}

static const char *
check_secret(struct cli_change *change)
{
    return cli_restores(change->match) ? NULL : secret_check(change);
}

static void
warn_same(struct command *cmd, const char *chosen, const char *other)
{
    out(cmd,
        "The enable %s you have chosen is the same as your enable %s.\n"
        "This is not recommended.  Re-enter the enable %s.\n",
        chosen, other, chosen);
}

/* The new secret in clear against the level's password, which can be read. */
static bool
is_the_password(const struct command *cmd)
{
    const struct config_enable *password = config_enable_find(
        &cmd->config->enable_passwords.list, level_of(cmd->match));
    const char *given = cli_text(cmd->match, "the-secret");
    bool clear = !cli_given(cmd->match, "5") && !cli_given(cmd->match, "8") &&
                 !cli_given(cmd->match, "9");

    return clear && given != NULL && password != NULL &&
           password_check(config_password_type(password->type),
                          password->text.text, span_text(given));
}

static void
set_secret(struct command *cmd)
{
    if (!cli_restores(cmd->match) && is_the_password(cmd))
        warn_same(cmd, "secret", "password");
    secret_run(cmd);
}

static void
on_compared(void *owner, bool same)
{
    struct command *cmd = owner;

    if (same)
        warn_same(cmd, "password", "secret");
    (void)cmd_apply(cmd);
    cmd_done(cmd);
}

/* A password that is the secret as well gives it away. */
static void
set_password(struct command *cmd)
{
    const struct config_enable *secret = config_enable_find(
        &cmd->config->enable_secrets.list, level_of(cmd->match));
    const char *given = cli_text(cmd->match, "the-password");
    bool clear = given != NULL && !cli_given(cmd->match, "7");

    if (clear && !passwords_long_enough(cmd, "the-password"))
        return;
    if (cli_restores(cmd->match) || !clear || secret == NULL)
        (void)cmd_apply(cmd);
    else
        judge(cmd, secret, given, on_compared);
}

#define ENABLE_BINDS                                                         \
    BINDS(BIND_NUMBER(struct config_enable, level, LEVEL_MAX),               \
          BIND_NUMBER(struct config_enable, type, CONFIG_PASSWORD_AS_TYPED), \
          BIND_SECRET(struct config_enable, text))

const struct cli_row enable_setting_rows[] = {
    GROUP("enable", "Modify enable password parameters"),
    {ROW_LIST("enable secret [level <1-15>] [0|5|8|9]! LINE:the-secret",
              enable_secrets, config_enable, 1, ENABLE_BINDS,
              "Assign the privileged level secret", "Set exec level password",
              "Level number", SECRET_HELP,
              "The secret, in clear or as the type before it says"),
     .run = set_secret, .check = check_secret},
    /* In braces: a line without a type leaves none of an older line's. */
    {ROW_LIST("enable password [level <1-15>] {[0|7] LINE:the-password}",
              enable_passwords, config_enable, 1, ENABLE_BINDS,
              "Assign the privileged level password", "Set exec level password",
              "Level number", PASSWORD_HELP,
              "The password, in clear or as the type before it says"),
     .run = set_password, .check = passwords_check_plain},
    ROWS_END,
};
