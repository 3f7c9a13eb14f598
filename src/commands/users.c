/*
 * Who is here: `show users`, `who`.
 */
#include <stdio.h>

#include "commands/line_place.h"
#include "commands/rows.h"
#include "control/connections.h"
#include "control/shell.h"
#include "control/tty_plans.h"
#include "control/tty_users.h"

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
put_row(struct command *cmd, const struct line_place *place,
        const struct session *s, const char *host, bool own)
{
    const struct config_line *line = line_place_settings(cmd, place);
    const char *location = location_of(line, s);
    bool apart = strlen(location) > LOCATION_MAX;
    uint64_t idle = idle_s(cmd, s);

    out(cmd, "%c%3u %s %-5u %-10s %-21s%02u:%02u:%02u", own ? '*' : ' ',
        place->line, config_line_kind_name(place->id.kind), place->id.number,
        s != NULL ? s->user : "", host, (unsigned)(idle / 3600),
        (unsigned)(idle / 60 % 60), (unsigned)(idle % 60));
    if (apart)
        out(cmd, "\n%*s", LOCATION_COLUMN, "");
    else if (location[0] != '\0')
        out(cmd, " ");
    out_line(cmd, "%s", location);
}

/* The tty line that a session is on; false: it is an EXEC's. */
static bool
tty_of(struct command *cmd, const struct session *s, char *host, size_t room)
{
    LIST_EACH(node, tty_users_all(cmd->router))
    {
        const struct tty_guest *g = LIST_ITEM(node, struct tty_guest, node);

        if (g->session != s || g->tty == 0)
            continue;
        if (g->tty == TTY_NUMBER_AUX)
            snprintf(host, room, "aux 0");
        else
            snprintf(host, room, "tty %u", g->tty);
        return true;
    }
    return false;
}

/* A console or vty, and where its user has gone from there. */
static void
put_line(struct command *cmd, const struct line_place *place,
         const struct session *s)
{
    const struct connection *c = s != NULL ? connection_on_line(s, 0) : NULL;
    const char *host = c != NULL ? c->host : s != NULL ? "idle" : "";
    char tty[16];

    if (c == NULL && s != NULL && tty_of(cmd, s, tty, sizeof(tty)))
        host = tty;
    put_row(cmd, place, s, host, s == cmd->session);
    for (size_t n = 1; c != NULL; n++) {
        c = connection_on_line(s, n);
        if (c != NULL)
            out_line(cmd, "%*s%s", HOST_COLUMN, "", c->host);
    }
}

/* A tty line: who writes there, who watches. `all`: also if nobody does. */
static void
put_guests(struct command *cmd, const struct line_place *place, bool all)
{
    unsigned tty = tty_number(place->id);
    const struct tty_guest *g = tty_users_next(cmd->router, tty, NULL);

    if (g == NULL && all)
        put_row(cmd, place, NULL, "", false);
    for (; g != NULL; g = tty_users_next(cmd->router, tty, g))
        put_row(cmd, place, g->session,
                g->state == TTY_GUEST_WRITES ? "incoming" : "watching", false);
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
put_sessions(struct command *cmd, enum session_kind kind)
{
    LIST_EACH(node, sessions_all(cmd->router))
    {
        const struct session *s = LIST_ITEM(node, struct session, node);

        if (s->kind == kind)
            put_session(cmd, s);
    }
}

/* Lines in order; `all`: also those that nobody is on. */
static void
put_lines(struct command *cmd, bool all)
{
    struct line_place place = line_place_of(
        cmd, (struct config_line_id){.kind = CONFIG_LINE_CONSOLE});

    do
        if (tty_number(place.id) != 0)
            put_guests(cmd, &place, all);
        else if (all)
            put_line(cmd, &place, line_place_session(cmd, &place));
    while (line_place_next(cmd, &place));
}

static void
show_users(struct command *cmd)
{
    bool all = cli_given(cmd->match, "all");

    out_line(cmd, "    Line       User       Host(s)              Idle       "
                  "Location");
    if (!all)
        put_sessions(cmd, SESSION_CONSOLE);
    if (all || !list_empty(tty_users_all(cmd->router)))
        put_lines(cmd, all);
    if (!all)
        put_sessions(cmd, SESSION_SSH);
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
