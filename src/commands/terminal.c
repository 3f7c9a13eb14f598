/*
 * The user's screen: `terminal ...`, for this EXEC only; `show history`.
 */
#include "commands/line_escape.h"
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

static void
terminal_history(struct command *cmd)
{
    shell_set_history(cmd->shell, cli_given(cmd->match, "size")
                                      ? cli_number(cmd->match, "lines")
                                      : CONFIG_LINE_HISTORY);
}

static void
terminal_no_history(struct command *cmd)
{
    shell_set_history(cmd->shell,
                      cli_given(cmd->match, "size") ? CONFIG_LINE_HISTORY : 0);
}

static void
terminal_escape(struct command *cmd)
{
    unsigned escape;

    if (!line_escape_typed(cmd->match, &escape))
        out_error(cmd, "That is no ASCII character");
    else
        shell_set_escape(cmd->shell, escape);
}

static void
terminal_no_escape(struct command *cmd)
{
    shell_set_escape(cmd->shell, CONFIG_ESCAPE);
}

static void
show_history(struct command *cmd)
{
    const struct history *history = shell_history(cmd->shell);
    struct span line;

    for (size_t back = history->count; back > 0; back--)
        if (history_get(history, back, &line))
            out_line(cmd, "  %.*s", (int)line.len, (const char *)line.ptr);
}

static void
terminal_monitor(struct command *cmd)
{
    if (!shell_set_monitor(cmd->shell, true))
        out_error(cmd, "Console already monitors");
}

static void
terminal_no_monitor(struct command *cmd)
{
    if (!shell_set_monitor(cmd->shell, false))
        out_error(cmd, "Console always monitors");
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
    EXEC("terminal history [size <0-256>:lines]", 0, terminal_history,
         "Enable and control the command history function",
         "Set history buffer size", "Size of history buffer"),
    EXEC("terminal escape-character " LINE_ESCAPE, 0, terminal_escape,
         "Change the current line's escape character", LINE_ESCAPE_HELP),
    EXEC("terminal no escape-character", 0, terminal_no_escape,
         "Change the current line's escape character"),
    EXEC("terminal monitor", 1, terminal_monitor,
         "Copy debug output to the current terminal line"),
    EXEC("terminal no history [size]", 0, terminal_no_history,
         "Enable and control the command history function",
         "Set history buffer size"),
    EXEC("terminal no monitor", 1, terminal_no_monitor,
         "Copy debug output to the current terminal line"),
    SHOW("show history", 0, show_history,
         "Display the session command history"),
    EXEC("terminal no length", 0, terminal_no_length,
         "Set number of lines on a screen"),
    EXEC("terminal no width", 0, terminal_no_width,
         "Set width of the display terminal"),
    ROWS_END,
};
