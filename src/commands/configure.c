/*
 * Into configuration mode and out of it.
 */
#include "base/text.h"
#include "commands/answers.h"
#include "commands/rows.h"
#include "control/command.h"

static void
configure_terminal(struct command *cmd)
{
    out_line(cmd, "Enter configuration commands, one per line.  "
                  "End with CNTL/Z.");
    shell_set_mode(cmd->shell, &config_mode);
}

static void
on_source(struct command *cmd, const char *text)
{
    const char *source = answer_or(text, "terminal");

    if (source == NULL)
        return;
    if (text_starts_nocase("terminal", source))
        configure_terminal(cmd);
    else {
        out_line(cmd, "?Must be \"terminal\"");
        cmd->failed = true;
    }
}

static void
configure(struct command *cmd)
{
    cmd_ask(cmd, "Configuring from terminal, memory, or network [terminal]? ",
            ASK_LINE, 0, on_source);
}

const struct cli_row configure_rows[] = {
    GROUP("configure", "Enter configuration mode"),
    EXEC("configure", 15, configure, "Enter configuration mode"),
    EXEC("configure terminal", 15, configure_terminal,
         "Configure from the terminal"),
    ROWS_END,
};

const struct cli_row leave_rows[] = {
    LEAVE("exit", "Exit from this configuration mode"),
    LEAVE_ALL("end", "Exit from configure mode"),
    ROWS_END,
};
