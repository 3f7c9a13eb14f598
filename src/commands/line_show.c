/*
 * What a line is and does: `show line`, `show terminal`.
 */
#include <stdio.h>

#include "commands/line_escape.h"
#include "commands/line_place.h"
#include "commands/rows.h"
#include "config/vty.h"
#include "control/command.h"
#include "control/sessions.h"
#include "control/shell.h"

#define DURATION_MAX 24

/* --- the table ---------------------------------------------------------- */

static void
put_table_head(struct command *cmd)
{
    out_line(cmd, "   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   "
                  "Noise  Overruns   Int");
}

/* Of a name as much as the column holds. */
static void
access_text(const struct config_access_class *access, char *to, size_t room)
{
    if (access->kind == CONFIG_ACCESS_CLASS_NUMBER)
        snprintf(to, room, "%u", access->number);
    else if (access->kind == CONFIG_ACCESS_CLASS_NAME)
        snprintf(to, room, "%.4s", access->name);
    else
        snprintf(to, room, "-");
}

/* Nothing here has a modem or a speed; no byte was noise or overrun. */
static void
put_row(struct command *cmd, const struct line_place *place)
{
    const struct config_line *line =
        config_line_of(cmd->config, place->console, place->vty);
    bool used = line_place_session(cmd, place) != NULL;
    char in[16], outwards[16];

    access_text(&line->access_in, in, sizeof(in));
    access_text(&line->access_out, outwards, sizeof(outwards));
    out_line(cmd, "%c%6u %s%15s%5s%7s%5s%5s%7u%8u%8s%8s", used ? '*' : ' ',
             place->line, place->console ? "CTY" : "VTY", "-", "-", "-",
             outwards, in, sessions_uses(cmd->router, place->line), 0, "0/0",
             "-");
}

/* --- one line ----------------------------------------------------------- */

/* "00:10:00"; 0 seconds: `otherwise`. */
static void
duration_text(uint64_t seconds, const char *otherwise, char to[DURATION_MAX])
{
    if (seconds == 0)
        snprintf(to, DURATION_MAX, "%s", otherwise);
    else
        snprintf(to, DURATION_MAX, "%02u:%02u:%02u", (unsigned)(seconds / 3600),
                 (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

static void
put_status(struct command *cmd, const struct config_line *line,
           const struct session *s, unsigned escape)
{
    char key[LINE_ESCAPE_TEXT];

    line_escape_text(escape, key);
    out_line(cmd, "Status: %sNo Exit Banner",
             s != NULL ? "Ready, Active, " : "");
    out_line(cmd, "Capabilities: %s", line->exec ? "none" : "EXEC Suppressed");
    out_line(cmd, "Modem state: %s", s != NULL ? "Ready" : "Idle");
    out_line(cmd, "Special Chars: Escape  Hold  Stop  Start  Disconnect  "
                  "Activation");
    out_line(cmd, "                %-6s none   -     -       none         ",
             key);
}

static void
put_timeouts(struct command *cmd, const struct line_place *place,
             const struct config_line *line)
{
    char idle[DURATION_MAX], outgoing[DURATION_MAX];
    char session[DURATION_MAX], login[DURATION_MAX];

    duration_text((uint64_t)line->exec_timeout_min * 60 + line->exec_timeout_s,
                  "never", idle);
    duration_text((uint64_t)line->session_timeout_min * 60, "never", outgoing);
    duration_text((uint64_t)line->absolute_timeout * 60, "none", session);
    duration_text(place->console ? line->login_response_s
                                 : cmd->config->ssh.timeout,
                  "never", login);
    out_line(cmd, "Timeouts:      Idle EXEC    Idle Session   Modem Answer  "
                  "Session   Dispatch");
    out_line(cmd,
             "               %-8s        %-8s                     "
             "%-8s not set",
             idle, outgoing, session);
    out_line(cmd,
             "                            Idle Session Disconnect "
             "Warning\n"
             "                              never \n"
             "                            Login-sequence User Response\n"
             "                             %s\n"
             "                            Autoselect Initial Wait\n"
             "                              not set ",
             login);
}

static const char *
transports(bool any)
{
    return any ? "ssh" : "none";
}

static void
put_block(struct command *cmd, const struct line_place *place,
          const struct session *s, const struct shell_screen *screen)
{
    const struct config_line *line =
        config_line_of(cmd->config, place->console, place->vty);
    uint64_t now_ms = router_now_ms(cmd->router);
    char since[DURATION_MAX] = "never";

    if (s != NULL && s->begun_ms != 0)
        snprintf(since, sizeof(since), "%02u:%02u:%02u",
                 (unsigned)((now_ms - s->begun_ms) / 3600000),
                 (unsigned)((now_ms - s->begun_ms) / 60000 % 60),
                 (unsigned)((now_ms - s->begun_ms) / 1000 % 60));
    out_line(cmd, "Line %u, Location: \"%s\", Type: \"%s\"", place->line,
             line->location != NULL ? line->location : "", screen->terminal);
    out_line(cmd, "Length: %u lines, Width: %u columns", screen->length,
             screen->width);
    put_status(cmd, line, s, screen->escape);
    put_timeouts(cmd, place, line);
    out_line(cmd, "Modem type is unknown.");
    out_line(cmd, "Session limit is not set.");
    out_line(cmd, "Time since activation: %s", since);
    out_line(cmd, "Editing is enabled.");
    out_line(cmd, "History is %s, history size is %u.",
             screen->history > 0 ? "enabled" : "disabled",
             screen->history > 0 ? screen->history : line->history_size);
    out_line(cmd, "Full user help is disabled");
    out_line(cmd, "Allowed input transports are %s.",
             transports(!place->console &&
                        line->transport_input != CONFIG_TRANSPORT_NONE));
    out_line(cmd, "Allowed output transports are %s.",
             transports(line->transport_output != CONFIG_TRANSPORT_NONE));
    out_line(cmd, "Preferred transport is none.");
    out_line(cmd, "No output characters are padded");
    out_line(cmd, "No special data dispatching characters");
}

/* --- commands ----------------------------------------------------------- */

static void
show_all_lines(struct command *cmd)
{
    unsigned last = LINE_OF_VTY(config_vty_count(cmd->config));

    put_table_head(cmd);
    for (unsigned line = LINE_CONSOLE; line < last; line++) {
        struct line_place place = line_place_of(line);

        put_row(cmd, &place);
    }
    out(cmd, "\n");
}

static void
show_line(struct command *cmd)
{
    const struct config_line *line;
    struct shell_screen screen;
    struct line_place place;
    struct session *s;

    if (!cli_given(cmd->match, "absolute") &&
        !cli_given(cmd->match, "console") && !cli_given(cmd->match, "vty")) {
        show_all_lines(cmd);
        return;
    }
    if (!line_place_named(cmd, &place))
        return;
    s = line_place_session(cmd, &place);
    line = config_line_of(cmd->config, place.console, place.vty);
    if (s == NULL || !shell_first_screen(s, &screen))
        screen = (struct shell_screen){
            .length = line->length,
            .width = line->width,
            .history = line->history ? line->history_size : 0,
            .terminal = "",
            .escape = line->escape,
        };
    put_table_head(cmd);
    put_row(cmd, &place);
    out(cmd, "\n");
    put_block(cmd, &place, s, &screen);
}

static void
show_terminal(struct command *cmd)
{
    struct line_place place = line_place_of(cmd->session->line);
    struct shell_screen screen;

    shell_screen(cmd->shell, &screen);
    put_block(cmd, &place, cmd->session, &screen);
}

const struct cli_row line_show_rows[] = {
    SHOW("show line [" LINE_PLACE "]", 1, show_line, "TTY line information",
         LINE_PLACE_HELP),
    SHOW("show terminal", 1, show_terminal,
         "Display terminal configuration parameters"),
    ROWS_END,
};
