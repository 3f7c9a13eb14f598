/*
 * What a line is and does: `show line`, `show terminal`.
 */
#include <stdio.h>

#include "commands/line_escape.h"
#include "commands/line_place.h"
#include "commands/rows.h"
#include "commands/tty_show.h"
#include "config/tty.h"
#include "control/command.h"
#include "control/sessions.h"
#include "control/shell.h"
#include "control/tty.h"
#include "control/tty_plans.h"

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

/* A connection of bytes alone has no speed. */
static bool
has_speed(const struct config_tty *tty)
{
    return tty != NULL &&
           (tty->device != NULL || (tty->host != NULL && tty->telnet));
}

/* Nothing here has a modem; only a port's bytes can be noise or overrun. */
static void
put_row(struct command *cmd, const struct line_place *place)
{
    static const char *const types[] = {
        [CONFIG_LINE_CONSOLE] = "CTY",
        [CONFIG_LINE_TTY] = "TTY",
        [CONFIG_LINE_AUX] = "AUX",
        [CONFIG_LINE_VTY] = "VTY",
    };
    const struct config_line *line = line_place_settings(cmd, place);
    const struct config_tty *tty = tty_show_settings(cmd, place);
    struct tty_errors errors = tty_errors(cmd->router, tty_number(place->id));
    bool used = line_place_session(cmd, place) != NULL;
    char in[16], outwards[16], speed[24] = "", rotary[16] = "-";
    char overruns[32];

    access_text(&line->access_in, in, sizeof(in));
    access_text(&line->access_out, outwards, sizeof(outwards));
    /* The stroke has a column of its own. */
    if (has_speed(tty))
        snprintf(speed, sizeof(speed), "%7u/%-6u", tty->speed, tty->speed);
    if (tty != NULL && tty->rotary != 0)
        snprintf(rotary, sizeof(rotary), "%u", tty->rotary);
    snprintf(overruns, sizeof(overruns), "%u/%u", errors.hardware,
             errors.software);
    out_line(cmd, "%c%6u %s%14s%s%5s%7s%5s%5s%7u%8u%8s%8s", used ? '*' : ' ',
             place->line, types[place->id.kind], speed, "-", "-", rotary,
             outwards, in, sessions_uses(cmd->router, place->id), errors.noise,
             overruns, "-");
}

/* --- one line ----------------------------------------------------------- */

void
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
    duration_text(place->id.kind == CONFIG_LINE_CONSOLE
                      ? line->login_response_s
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
    const struct config_line *line = line_place_settings(cmd, place);
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
             transports(place->id.kind == CONFIG_LINE_VTY &&
                        line->transport_input != CONFIG_TRANSPORT_NONE));
    out_line(cmd, "Allowed output transports are %s.",
             transports(line->transport_output != CONFIG_TRANSPORT_NONE));
    out_line(cmd, "Preferred transport is %s.",
             line->transport_preferred == CONFIG_PREFERRED_SSH ? "ssh"
                                                               : "none");
    out_line(cmd, "No output characters are padded");
    out_line(cmd, "No special data dispatching characters");
}

/* --- commands ----------------------------------------------------------- */

/* Numbers below the highest tty line that no line has: "1-6, 9". */
static void
put_missing(struct command *cmd)
{
    const struct config_list *ttys = &cmd->config->ttys.list;
    uint32_t next = 1;
    bool begun = false;

    for (size_t i = 0; i < ttys->count; i++) {
        uint32_t first = config_range_first(ttys->items[i]);

        if (first > next) {
            out(cmd, "%s%u",
                begun ? ", "
                      : "Line(s) not in async mode -or- with no hardware "
                        "support:\n",
                next);
            if (first - 1 > next)
                out(cmd, "-%u", first - 1);
            begun = true;
        }
        next = config_range_last(ttys->items[i]) + 1;
    }
    if (begun)
        out(cmd, "\n");
}

static void
show_all_lines(struct command *cmd)
{
    struct line_place place = line_place_of(
        cmd, (struct config_line_id){.kind = CONFIG_LINE_CONSOLE});

    put_table_head(cmd);
    do
        put_row(cmd, &place);
    while (line_place_next(cmd, &place));
    out(cmd, "\n");
    put_missing(cmd);
}

static void
put_session_block(struct command *cmd, const struct line_place *place)
{
    const struct config_line *line = line_place_settings(cmd, place);
    struct session *s = line_place_session(cmd, place);
    struct shell_screen screen;

    if (s == NULL || !shell_first_screen(s, &screen))
        screen = (struct shell_screen){
            .length = line->length,
            .width = line->width,
            .history = line->history ? line->history_size : 0,
            .terminal = "",
            .escape = line->escape,
        };
    put_block(cmd, place, s, &screen);
}

static void
put_line(struct command *cmd, const struct line_place *place)
{
    put_table_head(cmd);
    put_row(cmd, place);
    out(cmd, "\n");
    if (tty_show_settings(cmd, place) != NULL)
        tty_show_block(cmd, place);
    else
        put_session_block(cmd, place);
}

/* Lines may have changed meanwhile. */
static void
on_counted(void *owner)
{
    struct command *cmd = owner;
    struct line_place place;

    if (line_place_named(cmd, &place))
        put_line(cmd, &place);
    cmd_done(cmd);
}

static void
show_one_line(struct command *cmd)
{
    struct line_place place;

    if (!line_place_named(cmd, &place))
        return;
    if (tty_show_settings(cmd, &place) == NULL) {
        put_line(cmd, &place);
        return;
    }
    tty_count(cmd->router, tty_number(place.id), on_counted, cmd);
    cmd_wait(cmd);
}

static void
show_line(struct command *cmd)
{
    if (cli_given(cmd->match, "summary"))
        tty_show_summary(cmd);
    else if (line_place_is_absent(cmd))
        show_all_lines(cmd);
    else
        show_one_line(cmd);
}

static void
show_terminal(struct command *cmd)
{
    struct line_place place = line_place_of_session(cmd->session);
    struct shell_screen screen;

    shell_screen(cmd->shell, &screen);
    put_block(cmd, &place, cmd->session, &screen);
}

const struct cli_row line_show_rows[] = {
    GROUP("show line", "TTY line information"),
    SHOW("show line [" LINE_PLACE "|summary]", 1, show_line, LINE_PLACE_HELP,
         "Status of all lines at a glance"),
    /* What a console said may be anybody's secret. */
    SHOW("show line {" LINE_PLACE "} buffer", 15, tty_show_buffer,
         LINE_PLACE_HELP, "What the line has kept of its output"),
    SHOW("show terminal", 1, show_terminal,
         "Display terminal configuration parameters"),
    ROWS_END,
};
