/*
 * Who is here: `show users`.
 */
#include "commands/rows.h"
#include "control/command.h"
#include "control/shell.h"

static void
show_user(struct command *cmd, const struct session *s)
{
    uint64_t now_ms = router_now_ms(cmd->router);
    uint64_t idle_s =
        now_ms > s->active_ms ? (now_ms - s->active_ms) / 1000 : 0;
    const char *kind = s->kind == SESSION_CONSOLE ? "con" : "vty";

    out_line(cmd, "%c%3u %s %-5u %-10s %-21s%02u:%02u:%02u%s%s",
             s == cmd->session ? '*' : ' ', s->line, kind, s->vty, s->user,
             "idle", (unsigned)(idle_s / 3600), (unsigned)(idle_s / 60 % 60),
             (unsigned)(idle_s % 60), s->peer_text[0] != '\0' ? " " : "",
             s->peer_text);
}

static void
show_users(struct command *cmd)
{
    out_line(cmd, "    Line       User       Host(s)              Idle       "
                  "Location");
    LIST_EACH(node, sessions_all(cmd->router))
    {
        const struct session *s = LIST_ITEM(node, struct session, node);

        /* A console that waits for RETURN has nobody on it. */
        if (s->kind == SESSION_SSH || shell_is_started(s))
            show_user(cmd, s);
    }
    out_line(cmd, "\n  Interface    User               Mode         Idle     "
                  "Peer Address");
}

const struct cli_row users_rows[] = {
    SHOW("show users", 1, show_users,
         "Display information about terminal lines"),
    ROWS_END,
};
