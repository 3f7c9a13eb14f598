#include "commands/line_place.h"

#include "config/vty.h"
#include "control/shell.h"

struct line_place
line_place_of(unsigned line)
{
    return (struct line_place){
        .line = line,
        .console = line == LINE_CONSOLE,
        .vty = line == LINE_CONSOLE ? 0 : line - LINE_OF_VTY(0),
    };
}

bool
line_place_named(struct command *cmd, struct line_place *place)
{
    unsigned line = LINE_CONSOLE;

    if (cli_given(cmd->match, "vty"))
        line = LINE_OF_VTY(cli_number(cmd->match, "number"));
    else if (cli_given(cmd->match, "absolute"))
        line = cli_number(cmd->match, "absolute");
    *place = line_place_of(line);
    /* A vty may have been removed under its user. */
    if (place->console || place->vty < config_vty_count(cmd->config) ||
        session_on_vty(cmd->router, place->vty) != NULL)
        return true;
    cmd_refuse_last_word(cmd);
    return false;
}

struct session *
line_place_session(struct command *cmd, const struct line_place *place)
{
    struct session *s;

    if (!place->console)
        return session_on_vty(cmd->router, place->vty);
    s = session_on_console(cmd->router);
    return s != NULL && shell_is_started(s) ? s : NULL;
}
