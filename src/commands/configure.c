/*
 * Into configuration mode and out of it.
 */
#include "commands/rows.h"
#include "control/command.h"

static void
configure_terminal(struct command *cmd)
{
    out_line(cmd, "Enter configuration commands, one per line.  "
                  "End with CNTL/Z.");
    shell_set_mode(cmd->shell, &config_mode);
}

const struct cli_row configure_rows[] = {
    EXEC("configure terminal", 15, configure_terminal,
         "Enter configuration mode", "Configure from the terminal"),
    ROWS_END,
};

const struct cli_row leave_rows[] = {
    LEAVE("exit", "Exit from this configuration mode"),
    LEAVE_ALL("end", "Exit from configure mode"),
    ROWS_END,
};
