/*
 * `reload`: the router ends in order; whatever started it starts it again.
 */
#include "commands/answers.h"
#include "commands/rows.h"
#include "commands/save.h"
#include "control/journal.h"

static void
on_proceed(struct command *cmd, const char *text)
{
    char who[SHELL_WHO_MAX];

    if (!answer_confirms(text))
        return;
    shell_who(cmd->shell, who);
    journal_message(cmd->router, "SYS", LOG_NOTICE, "RELOAD",
                    "Reload requested by %s. Reload Reason: Reload Command.",
                    who);
    /* No prompt any more: the session ends with the router. */
    cmd_wait(cmd);
    restart_note(cmd->router, "Reload Command", "Reload Command");
    router_end(cmd->router, 0);
}

static void
ask_proceed(struct command *cmd)
{
    cmd_ask(cmd, "Proceed with reload? [confirm]", ASK_KEY, 0, on_proceed);
}

/* A configuration that could not be saved must not be lost by our doing. */
static void
after_saving(struct command *cmd, bool saved)
{
    if (saved)
        ask_proceed(cmd);
    else
        cmd_done(cmd);
}

static void
on_save(struct command *cmd, const char *text)
{
    if (text == NULL)
        return;
    switch (answer_reply(text)) {
    case REPLY_YES:
        save_running_config(cmd, after_saving);
        break;
    case REPLY_NO:
        ask_proceed(cmd);
        break;
    case REPLY_UNCLEAR:
        answer_explain(cmd);
        cmd_ask(cmd, "System configuration has been modified. Save? [yes/no]: ",
                ASK_LINE, 0, on_save);
        break;
    }
}

static void
reload(struct command *cmd)
{
    if (!cmd->router->config_changed) {
        ask_proceed(cmd);
        return;
    }
    out(cmd, "\n");
    cmd_ask(cmd, "System configuration has been modified. Save? [yes/no]: ",
            ASK_LINE, 0, on_save);
}

const struct cli_row reload_rows[] = {
    EXEC("reload", 15, reload, "Halt and perform a cold restart"),
    ROWS_END,
};
