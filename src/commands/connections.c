/*
 * A user's sessions on other machines: `show sessions`, `where`, `resume`,
 * `disconnect`, and leaving while there are some.
 */
#include "control/connections.h"

#include <stdio.h>

#include "commands/answers.h"
#include "commands/rows.h"

#define CONNECTION "[<1-16>:number|WORD:name]"
#define CONNECTION_HELP                           \
    "The number of an active network connection", \
        "The name of an active network connection"

/* The one that the line means; NULL: none, and the user was told so. */
static struct connection *
named(struct command *cmd)
{
    const struct cli_match *match = cmd->match;
    struct connection *c = connection_current(cmd->shell);

    if (c == NULL) {
        out_error(cmd, "No connections open");
        return NULL;
    }
    if (cli_given(match, "number"))
        c = connection_numbered(cmd->shell, cli_number(match, "number"));
    else if (cli_given(match, "name"))
        c = connection_named(cmd->shell, cli_text(match, "name"));
    if (c == NULL)
        out_error(cmd, "No such connection");
    return c;
}

/* --- show --------------------------------------------------------------- */

static void
show_sessions(struct command *cmd)
{
    const struct connection *current = connection_current(cmd->shell);

    if (current == NULL) {
        out_line(cmd, "%% No connections open");
        return;
    }
    out_line(cmd, "Conn Host                Address             Byte  Idle "
                  "Conn Name");
    LIST_EACH(node, connections_of(cmd->shell))
    {
        const struct connection *c = LIST_ITEM(node, struct connection, node);

        out_line(cmd, "%c%3u %-19s %-19s %4zu %5u %s", c == current ? '*' : ' ',
                 c->number, c->host, c->address, connection_unread(c),
                 connection_idle_min(c), c->host);
    }
}

/* --- resume ------------------------------------------------------------- */

static void
resume(struct command *cmd)
{
    struct connection *c = named(cmd);

    if (c == NULL)
        return;
    out_line(cmd, "[Resuming connection %u to %s ... ]", c->number, c->host);
    connection_show(cmd, c);
}

/* --- disconnect --------------------------------------------------------- */

/* What was asked about; its far end may have ended it meanwhile. */
static void
on_disconnect(struct command *cmd, const char *text)
{
    struct connection *c = NULL;

    if (!answer_confirms(text))
        return;
    c = named(cmd);
    if (c != NULL)
        connection_close(c);
}

static void
disconnect(struct command *cmd)
{
    const struct connection *c = named(cmd);
    char prompt[CONNECTION_HOST_MAX + 64];

    if (c == NULL)
        return;
    snprintf(prompt, sizeof(prompt), "Closing connection to %s [confirm]",
             c->host);
    cmd_ask(cmd, prompt, ASK_KEY, 0, on_disconnect);
}

/* --- leaving ------------------------------------------------------------ */

static void
close_all(struct command *cmd)
{
    LIST_EACH(node, connections_of(cmd->shell))
    {
        struct connection *c = LIST_ITEM(node, struct connection, node);

        out_line(cmd, "Closing: %s !", c->host);
        connection_close(c);
    }
}

static void
on_leave(struct command *cmd, const char *text)
{
    if (!answer_confirms(text))
        return;
    close_all(cmd);
    shell_leave(cmd->shell, 0);
}

static void
leave(struct command *cmd)
{
    if (connection_current(cmd->shell) == NULL)
        shell_leave(cmd->shell, 0);
    else
        cmd_ask(cmd, " (You have open connections) [confirm]", ASK_KEY, 0,
                on_leave);
}

const struct cli_row connection_rows[] = {
    EXEC("exit", 0, leave, "Exit from the EXEC"),
    EXEC("logout", 0, leave, "Exit from the EXEC"),
    EXEC("quit", 0, leave, "Exit from the EXEC"),
    SHOW("show sessions", 1, show_sessions,
         "Information about outgoing connections"),
    SHOW("where", 1, show_sessions, "List active connections"),
    EXEC("resume " CONNECTION, 1, resume, "Resume an active network connection",
         CONNECTION_HELP),
    GROUP("disconnect", "Disconnect an existing network connection"),
    EXEC("disconnect " CONNECTION, 1, disconnect, CONNECTION_HELP),
    ROWS_END,
};
