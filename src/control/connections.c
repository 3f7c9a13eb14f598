#include "control/connections.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/judge.h"
#include "control/shell_parts.h"
#include "os/net.h"

#define END_MAX 512 /* bytes of the lines about an end */

/* --- which there are ---------------------------------------------------- */

struct list *
connections_of(struct shell *sh)
{
    return &sh->connections;
}

struct connection *
connection_numbered(struct shell *sh, unsigned number)
{
    LIST_EACH(node, &sh->connections)
    {
        struct connection *c = LIST_ITEM(node, struct connection, node);

        if (c->number == number)
            return c;
    }
    return NULL;
}

struct connection *
connection_named(struct shell *sh, const char *host)
{
    LIST_EACH(node, &sh->connections)
    {
        struct connection *c = LIST_ITEM(node, struct connection, node);

        if (text_equal_nocase(c->host, host))
            return c;
    }
    return NULL;
}

struct connection *
connection_current(struct shell *sh)
{
    return sh->current;
}

const struct connection *
connection_on_line(const struct session *s, size_t n)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        if (s->shells[i] == NULL)
            continue;
        LIST_EACH(node, &s->shells[i]->connections)
        {
            if (n-- == 0)
                return LIST_ITEM(node, struct connection, node);
        }
    }
    return NULL;
}

static unsigned
free_number(struct shell *sh)
{
    unsigned number = 1;

    while (number <= CONNECTIONS_MAX && connection_numbered(sh, number) != NULL)
        number++;
    return number;
}

bool
connections_full(const struct shell *sh)
{
    unsigned count = 0;

    LIST_EACH(node, &sh->connections)
    {
        count++;
    }
    return count >= CONNECTIONS_MAX;
}

size_t
connection_unread(const struct connection *c)
{
    return net_unread(c->stream);
}

unsigned
connection_idle_min(const struct connection *c)
{
    uint64_t now_ms = router_now_ms(c->shell->session->router);

    return c->command != NULL ? 0 : (unsigned)((now_ms - c->left_ms) / 60000);
}

/* --- ends --------------------------------------------------------------- */

bool
connection_is_orderly(const struct outgoing_end *end)
{
    if (end->outcome != OUTGOING_ENDED)
        return false;
    switch (end->said.end) {
    case CLIENT_DONE:
    case CLIENT_CLOSED:
    case CLIENT_NOT_ACCEPTED:
    case CLIENT_NO_CHANNEL:
        return true;
    default:
        return false;
    }
}

void
connection_put_end(struct buf *to, const char *host,
                   const struct outgoing_end *end)
{
    if (connection_is_orderly(end))
        buf_printf(to, "[Connection to %s closed by foreign host]\n", host);
    else
        buf_printf(to, "[Connection to %s aborted: error status 0]\n", host);
}

/* The one with the highest number that is left becomes the current one. */
static void
connection_free(struct connection *c)
{
    struct shell *sh = c->shell;

    accounting_connection_end(sh->session, &c->account, NULL);
    if (c->outgoing != NULL)
        outgoing_abandon(c->outgoing);
    if (c->command != NULL) {
        c->command->state = NULL;
        c->command->free_state = NULL;
        c->command->on_window = NULL;
        c->command->on_break = NULL;
    }
    close(c->stream);
    list_remove(&c->node);
    if (sh->current == c)
        sh->current =
            list_empty(&sh->connections)
                ? NULL
                : LIST_ITEM(sh->connections.prev, struct connection, node);
    free(c);
}

void
connection_close(struct connection *c)
{
    connection_free(c);
}

void
connections_end(struct shell *sh)
{
    LIST_EACH(node, &sh->connections)
    {
        connection_free(LIST_ITEM(node, struct connection, node));
    }
}

/* What has ended unseen, and has nothing more to say. */
static bool
is_over(const struct connection *c)
{
    return c->outgoing == NULL && c->command == NULL &&
           connection_unread(c) == 0;
}

void
connections_tell(struct shell *sh)
{
    struct buf text;

    if (list_empty(&sh->connections))
        return;
    buf_init(&text, CONNECTIONS_MAX * END_MAX);
    LIST_EACH(node, &sh->connections)
    {
        struct connection *c = LIST_ITEM(node, struct connection, node);

        if (!is_over(c))
            continue;
        connection_put_end(&text, c->host, &c->end);
        connection_free(c);
    }
    if (buf_len(&text) > 0)
        shell_print(sh, buf_span(&text));
    buf_clear(&text);
}

/* --- on the screen ------------------------------------------------------ */

/* The command ends before it: it goes on in the background. */
static void
let_go(void *state)
{
    struct connection *c = state;

    c->command = NULL;
    c->attached = false;
    c->left_ms = router_now_ms(c->shell->session->router);
}

/* Its end, at the place on the screen where it has stopped. */
static void
finish(struct connection *c)
{
    struct command *cmd = c->command;
    struct buf text;

    buf_init(&text, END_MAX);
    connection_put_end(&text, c->host, &c->end);
    /* A screen that the far end has left anywhere. */
    out_line(cmd, "%s", "");
    out_span(cmd, buf_span(&text));
    cmd->failed = !connection_is_orderly(&c->end);
    buf_clear(&text);
    connection_free(c);
    cmd_done(cmd);
}

static void
on_end(void *owner, const struct outgoing_end *end)
{
    struct connection *c = owner;
    struct accounting_bytes bytes = {end->said.bytes_in, end->said.bytes_out};

    accounting_connection_end(c->shell->session, &c->account,
                              end->outcome == OUTGOING_ENDED ? &bytes : NULL);
    c->outgoing = NULL;
    c->end = *end;
    c->end.said.text = c->end.said.signal = SPAN_EMPTY;
    /* What came before it is shown first. */
    if (c->command != NULL && !c->attached)
        finish(c);
}

static const struct outgoing_events events = {.on_end = on_end};

static void
on_detached(struct command *cmd, enum detach_reason reason)
{
    struct connection *c = cmd->state;

    c->attached = false;
    if (reason == DETACH_ENDED) {
        if (c->outgoing == NULL)
            finish(c);
        else
            cmd_wait(cmd);
        return;
    }
    if (reason == DETACH_IDLE)
        out_line(cmd, "\n[Connection to %s idle too long; timed out]", c->host);
    else if (reason == DETACH_LEFT)
        out_line(cmd, "\nClosing connection to %s", c->host);
    if (reason != DETACH_SUSPENDED)
        connection_free(c);
    cmd_done(cmd);
}

static void
tell_window(struct connection *c)
{
    struct shell_screen screen;

    shell_screen(c->shell, &screen);
    if (c->outgoing == NULL ||
        (screen.columns == c->columns && screen.rows == c->rows))
        return;
    c->columns = screen.columns;
    c->rows = screen.rows;
    outgoing_window(c->outgoing, c->columns, c->rows);
}

static void
on_window(struct command *cmd)
{
    tell_window(cmd->state);
}

/* The key that leaves it; 0: `username ... noescape`, or none on this line. */
static uint8_t
escape_of(const struct shell *sh)
{
    const struct config_user *user =
        judge_user(sh->session->router, span_text(sh->session->user));

    return user != NULL && user->noescape ? 0 : (uint8_t)sh->escape;
}

static void
on_break(struct command *cmd, unsigned ms)
{
    const struct connection *c = cmd->state;

    if (c->outgoing != NULL)
        outgoing_break(c->outgoing, ms);
}

void
connection_show(struct command *cmd, struct connection *c)
{
    struct shell *sh = c->shell;
    struct cmd_stream stream = {.socket = c->stream, .escape = escape_of(sh)};

    if (cmd->free_state != NULL)
        cmd->free_state(cmd->state);
    cmd->state = c;
    cmd->free_state = let_go;
    cmd->cancel = NULL;
    cmd->on_window = on_window;
    cmd->on_break = on_break;
    c->command = cmd;
    c->attached = true;
    sh->current = c;
    tell_window(c);
    cmd_put_session_timeout(cmd, &stream);
    cmd_attach(cmd, &stream, on_detached);
}

/* --- beginning ---------------------------------------------------------- */

struct connection *
connection_adopt(struct shell *sh, const char *host, struct outgoing *o)
{
    int stream = fcntl(outgoing_stream(o), F_DUPFD_CLOEXEC, 0);
    struct shell_screen screen;
    struct connection *c;
    unsigned number = free_number(sh);

    if (stream < 0)
        return NULL;
    shell_screen(sh, &screen);
    c = alloc_zero(1, sizeof(*c));
    c->shell = sh;
    c->number = number;
    c->outgoing = o;
    c->stream = stream;
    c->columns = screen.columns;
    c->rows = screen.rows;
    text_copy(c->host, sizeof(c->host), host);
    config_address_text(outgoing_address(o), c->address);
    accounting_connection_begin(sh->session, "ssh", c->address, 0, &c->account);
    outgoing_hand_over(o, &events, c);
    LIST_EACH(node, &sh->connections)
    {
        if (LIST_ITEM(node, struct connection, node)->number > number) {
            list_append(node, &c->node);
            return c;
        }
    }
    list_append(&sh->connections, &c->node);
    return c;
}

/* --- what is typed instead of a command --------------------------------- */

static void
resume(struct command *cmd)
{
    struct connection *c = cmd->shell->chosen;

    out_line(cmd, "[Resuming connection %u to %s ... ]", c->number, c->host);
    connection_show(cmd, c);
}

static void
refuse(struct command *cmd)
{
    out_error(cmd, "No such connection");
}

bool
connections_typed(struct shell *sh, const char *line)
{
    size_t from = strspn(line, " "), digits = strspn(line + from, "0123456789");
    const char *end = line + from + digits;
    uint64_t number = 0;

    if (list_empty(&sh->connections) || cli_context_configures(&sh->context) ||
        end[strspn(end, " ")] != '\0')
        return false;
    if (digits == 0) {
        sh->chosen = sh->current;
        /* Its end is told with the prompt. */
        if (is_over(sh->chosen))
            return false;
    } else {
        shell_remember(sh, line, strlen(line));
        sh->chosen = NULL;
        if (text_number(span_of(line + from, digits), CONNECTIONS_MAX,
                        &number) == OK)
            sh->chosen = connection_numbered(sh, (unsigned)number);
    }
    command_dialogue(sh, sh->chosen != NULL ? resume : refuse);
    return true;
}
