/*
 * Who is here: `show users`, `who`.
 */
#include "commands/line_place.h"
#include "commands/rows.h"
#include "control/connections.h"
#include "control/shell.h"

#define HOST_COLUMN     26
#define LOCATION_COLUMN 56
#define LOCATION_MAX    24 /* up to the right edge of a usual screen */

/* Where he comes from; who sits at the console may have been told where. */
static const char *
location_of(const struct config_line *line, const struct session *s)
{
    if (s != NULL && s->peer_text[0] != '\0')
        return s->peer_text;
    return line->location != NULL ? line->location : "";
}

static uint64_t
idle_s(struct command *cmd, const struct session *s)
{
    uint64_t now_ms = router_now_ms(cmd->router);

    return s != NULL && now_ms > s->active_ms ? (now_ms - s->active_ms) / 1000
                                              : 0;
}

/* `s` NULL: nobody is on the line. A long location has a line of its own. */
static void
put_line(struct command *cmd, const struct line_place *place,
         const struct session *s)
{
    const struct config_line *line = line_place_settings(cmd, place);
    const char *location = location_of(line, s);
    bool apart = strlen(location) > LOCATION_MAX;
    uint64_t idle = idle_s(cmd, s);
    const struct connection *c = s != NULL ? connection_on_line(s, 0) : NULL;
    const char *host = c != NULL ? c->host : s != NULL ? "idle" : "";

    out(cmd, "%c%3u %s %-5u %-10s %-21s%02u:%02u:%02u",
        s == cmd->session ? '*' : ' ', place->line,
        config_line_kind_name(place->id.kind), place->id.number,
        s != NULL ? s->user : "", host, (unsigned)(idle / 3600),
        (unsigned)(idle / 60 % 60), (unsigned)(idle % 60));
    if (apart)
        out(cmd, "\n%*s", LOCATION_COLUMN, "");
    else if (location[0] != '\0')
        out(cmd, " ");
    out_line(cmd, "%s", location);
    for (size_t n = 1; c != NULL; n++) {
        c = connection_on_line(s, n);
        if (c != NULL)
            out_line(cmd, "%*s%s", HOST_COLUMN, "", c->host);
    }
}

static void
put_session(struct command *cmd, const struct session *s)
{
    struct line_place place = line_place_of_session(s);

    /* A console that waits for RETURN has nobody on it. */
    if (!s->off_line && (s->kind == SESSION_SSH || shell_is_started(s)))
        put_line(cmd, &place, s);
}

static void
show_users(struct command *cmd)
{
    struct line_place place = line_place_of(
        cmd, (struct config_line_id){.kind = CONFIG_LINE_CONSOLE});

    out_line(cmd, "    Line       User       Host(s)              Idle       "
                  "Location");
    if (!cli_given(cmd->match, "all"))
        LIST_EACH(node, sessions_all(cmd->router))
        {
            put_session(cmd, LIST_ITEM(node, struct session, node));
        }
    else
        do
            put_line(cmd, &place, line_place_session(cmd, &place));
        while (line_place_next(cmd, &place));
    out_line(cmd, "\n  Interface    User               Mode         Idle     "
                  "Peer Address");
}

const struct cli_row users_rows[] = {
    SHOW("show users [all]", 1, show_users,
         "Display information about terminal lines",
         "Include information about inactive ports"),
    SHOW("who [all]", 1, show_users, "Display information about terminal lines",
         "Include information about inactive ports"),
    ROWS_END,
};
