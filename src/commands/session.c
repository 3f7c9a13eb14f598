/*
 * One's own session: privilege, leaving; and other people's: ending them.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/answers.h"
#include "commands/rows.h"
#include "control/judge.h"
#include "control/shell.h"

#define ENABLE_TRIES   3
#define ENABLE_LIMIT_S 30 /* for each */
#define LEVEL_MAX      15

/* --- enable, disable ---------------------------------------------------- */

struct enabling {
    unsigned tries;
};

static void on_secret(struct command *cmd, const char *text);

static void
ask_secret(struct command *cmd)
{
    cmd_ask(cmd, "Password: ", ASK_SECRET, ENABLE_LIMIT_S, on_secret);
}

static void
refuse_secret(struct command *cmd)
{
    out_error(cmd, "Bad secrets");
    out(cmd, "\n");
}

/* The next try, if there is one; else the command has failed. */
static bool
try_again(struct command *cmd)
{
    struct enabling *enabling = cmd->state;

    if (++enabling->tries < ENABLE_TRIES) {
        ask_secret(cmd);
        return true;
    }
    refuse_secret(cmd);
    return false;
}

static void
on_verdict(void *owner, bool accepted)
{
    struct command *cmd = owner;

    if (accepted)
        shell_set_privilege(cmd->shell, LEVEL_MAX);
    else if (try_again(cmd))
        return;
    cmd_done(cmd);
}

static void
on_secret(struct command *cmd, const char *text)
{
    const struct config *config = cmd->config;
    struct msg_judge m = {.kind = JUDGE_PASSWORD};

    if (text == NULL && cmd->timed_out) {
        out(cmd, "%% Password:  timeout expired!\n");
        try_again(cmd);
        return;
    }
    /* Given up; or another session took the secret away meanwhile. */
    if (text == NULL || config->enable_secret.text == NULL) {
        refuse_secret(cmd);
        return;
    }
    m.type = (uint8_t)config->enable_secret_type;
    m.stored = span_text(config->enable_secret.text);
    m.given = span_text(text);
    judge_ask(cmd->router, &m, on_verdict, cmd);
    cmd_wait(cmd);
}

static void
enable(struct command *cmd)
{
    unsigned level = LEVEL_MAX;

    if (cli_given(cmd->match, "level"))
        level = cli_number(cmd->match, "level");
    if (level <= shell_privilege(cmd->shell)) {
        shell_set_privilege(cmd->shell, level);
        return;
    }
    /* No other level has a secret that could be configured. */
    if (level == LEVEL_MAX && cmd->config->enable_secret.text != NULL) {
        cmd->state = alloc_zero(1, sizeof(struct enabling));
        cmd->free_state = free;
        ask_secret(cmd);
    } else if (level == LEVEL_MAX && cmd->session->kind == SESSION_CONSOLE) {
        shell_set_privilege(cmd->shell, LEVEL_MAX);
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

/* --- leaving ------------------------------------------------------------ */

static void
leave(struct command *cmd)
{
    shell_leave(cmd->shell, 0);
}

/* --- other people's sessions -------------------------------------------- */

static void
disconnect_ssh(struct command *cmd)
{
    struct session *s =
        session_on_vty(cmd->router, cli_number(cmd->match, "number"));

    if (s == NULL) {
        out_line(cmd, "%%Invalid SSH session id");
        cmd->failed = true;
        return;
    }
    session_disconnect(s, SSH_REASON_BY_APPLICATION,
                       "disconnected by an administrator");
}

/* The line that was named, if somebody is on it. */
static struct session *
named_session(struct command *cmd)
{
    unsigned line;

    if (cli_given(cmd->match, "vty"))
        return session_on_vty(cmd->router, cli_number(cmd->match, "number"));
    if (cli_given(cmd->match, "console"))
        return session_on_console(cmd->router);
    line = cli_number(cmd->match, "absolute");
    return line == 0 ? session_on_console(cmd->router)
                     : session_on_vty(cmd->router, line - 1);
}

static void
on_clear(struct command *cmd, const char *text)
{
    struct session *s = named_session(cmd);

    if (!answer_confirms(text))
        return;
    out_line(cmd, " [OK]");
    if (s == NULL)
        return;
    if (s->kind == SESSION_CONSOLE && !s->attached)
        shells_clear_console(s);
    else
        session_disconnect(s, SSH_REASON_BY_APPLICATION,
                           "line cleared by an administrator");
}

static void
clear_line(struct command *cmd)
{
    if (named_session(cmd) == cmd->session) {
        out_error(cmd, "Not allowed to clear current line");
        return;
    }
    cmd_ask(cmd, "[confirm]", ASK_KEY, 0, on_clear);
}

const struct cli_row session_rows[] = {
    GROUP("show", "Show running system information"),
    EXEC("enable [<0-15>:level]", 0, enable, "Turn on privileged commands",
         "Enable level"),
    EXEC("disable [<0-15>:level]", 0, disable, "Turn off privileged commands",
         "Privilege level to go to"),
    EXEC("exit", 0, leave, "Exit from the EXEC"),
    EXEC("logout", 0, leave, "Exit from the EXEC"),
    EXEC("quit", 0, leave, "Exit from the EXEC"),
    SHOW("show privilege", 1, show_privilege, "Show current privilege level"),
    EXEC("disconnect ssh [vty] <0-9999>:number", 15, disconnect_ssh,
         "Disconnect an existing network connection",
         "Disconnect an active SSH connection", "Virtual terminal",
         "The number of the active SSH connection"),
    EXEC("clear line {<0-10000>:absolute|console <0-0>|vty <0-9999>:number}",
         15, clear_line, "Reset functions", "Reset a terminal line",
         "Line number", "Primary terminal line", "Line number",
         "Virtual terminal", "Line number"),
    ROWS_END,
};
