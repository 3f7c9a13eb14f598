/*
 * Other people's sessions, which are ended, and lines of theirs, taken.
 */
#include "commands/answers.h"
#include "commands/line_place.h"
#include "commands/rows.h"
#include "control/reverse.h"
#include "control/shell.h"
#include "control/tty_plans.h"
#include "control/tty_users.h"

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
    session_disconnect(s, CAUSE_CLEARED, SSH_REASON_BY_APPLICATION,
                       "disconnected by an administrator");
}

static void
on_clear(struct command *cmd, const char *text)
{
    struct line_place place;
    struct session *s;

    if (!answer_confirms(text) || !line_place_named(cmd, &place))
        return;
    out_line(cmd, " [OK]");
    if (place.id.kind == CONFIG_LINE_TTY || place.id.kind == CONFIG_LINE_AUX) {
        reverse_clear(cmd->router, tty_number(place.id));
        return;
    }
    s = line_place_session(cmd, &place);
    if (s == NULL)
        return;
    if (s->kind == SESSION_CONSOLE && !s->attached)
        shells_clear_console(s);
    else
        session_disconnect(s, CAUSE_CLEARED, SSH_REASON_BY_APPLICATION,
                           "line cleared by an administrator");
}

static void
clear_line(struct command *cmd)
{
    struct line_place place;

    if (!line_place_named(cmd, &place))
        return;
    if (line_place_session(cmd, &place) == cmd->session) {
        out_error(cmd, "Not allowed to clear current line");
        return;
    }
    cmd_ask(cmd, "[confirm]", ASK_KEY, 0, on_clear);
}

static void
take_line(struct command *cmd)
{
    struct line_place place;
    const struct tty_guest *from;
    unsigned tty;

    if (!line_place_named(cmd, &place))
        return;
    tty = tty_number(place.id);
    switch (reverse_take(cmd->session, tty)) {
    case REVERSE_WATCHES_NOT:
        out_error(cmd, "You do not watch line %u", place.line);
        break;
    case REVERSE_IN_USE:
        from = tty_users_writer(cmd->router, tty);
        out_error(cmd, "Line %u is in use by %s", place.line, from->user);
        break;
    default:
        break;
    }
}

const struct cli_row session_rows[] = {
    GROUP("show", "Show running system information"),
    GROUP("clear", "Reset functions"),
    EXEC("disconnect ssh [vty] <0-9999>:number", 15, disconnect_ssh,
         "Disconnect an active SSH connection", "Virtual terminal",
         "The number of the active SSH connection"),
    EXEC("clear line {" LINE_PLACE "}", 15, clear_line, "Reset a terminal line",
         LINE_PLACE_HELP),
    GROUP("take", "Take what somebody else has"),
    EXEC("take line {" LINE_PLACE "}", 1, take_line,
         "Write on a line that another session of yours watches",
         LINE_PLACE_HELP),
    ROWS_END,
};
