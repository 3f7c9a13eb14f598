/*
 * The user's screen: `terminal ...`, for this EXEC only.
 */
#include "commands/rows.h"
#include "control/command.h"

#define LENGTH_DEFAULT 24
#define WIDTH_DEFAULT  80

/* Silent: tools take any output for a refusal. */
static void
terminal_length(struct command *cmd)
{
    shell_set_length(cmd->shell, cli_number(cmd->match, "lines"));
}

static void
terminal_no_length(struct command *cmd)
{
    shell_set_length(cmd->shell, LENGTH_DEFAULT);
}

static void
terminal_width(struct command *cmd)
{
    shell_set_width(cmd->shell, cli_number(cmd->match, "columns"));
}

static void
terminal_no_width(struct command *cmd)
{
    shell_set_width(cmd->shell, WIDTH_DEFAULT);
}

const struct cli_row terminal_rows[] = {
    GROUP("terminal", "Set terminal line parameters"),
    GROUP("terminal no", "Negate a command or set its defaults"),
    EXEC("terminal length <0-512>:lines", 0, terminal_length,
         "Set number of lines on a screen",
         "Number of lines on screen (0 for no pausing)"),
    EXEC("terminal width <0-512>:columns", 0, terminal_width,
         "Set width of the display terminal",
         "Number of characters on a screen line"),
    EXEC("terminal no length", 0, terminal_no_length,
         "Set number of lines on a screen"),
    EXEC("terminal no width", 0, terminal_no_width,
         "Set width of the display terminal"),
    ROWS_END,
};
