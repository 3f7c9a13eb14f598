/*
 * Other names for commands: `alias exec`, `show aliases`.
 */
#include "commands/rows.h"
#include "control/command.h"

static void
show_alias(void *owner, const char *name, const char *command)
{
    out_line(owner, "  %-21s %s", name, command);
}

static void
show_aliases(struct command *cmd)
{
    out_line(cmd, "Exec mode aliases:");
    cli_aliases(cmd->router->language, shell_context(cmd->shell), show_alias,
                cmd);
}

static const char *
check_alias(struct cli_change *change)
{
    const char *name = cli_text(change->match, "WORD");

    /* It could never be typed: help takes it, or it is a comment. */
    return name[0] == '!' || strchr(name, '?') != NULL ? "% Invalid alias name"
                                                       : NULL;
}

const struct cli_row alias_show_rows[] = {
    SHOW("show aliases", 1, show_aliases, "Display alias commands"),
    ROWS_END,
};

const struct cli_row alias_rows[] = {
    {ROW_LIST("alias exec WORD LINE", aliases, config_alias, 1,
              BINDS(BIND_TEXT(struct config_alias, name, NULL),
                    BIND_TEXT(struct config_alias, command, NULL)),
              "Create command alias", "Exec mode", "Alias name",
              "Command to be run"),
     .check = check_alias},
    ROWS_END,
};
