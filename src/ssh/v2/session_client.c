#include "ssh/v2/session.h"

#include "ssh/ttymodes.h"
#include "ssh/v2/connection.h"

/* --- requests -------------------------------------------------------- */

/* NULL when the channel is not open. */
static struct buf *
begin_request(struct ssh2 *ssh, uint32_t number, const char *name,
              bool wants_reply)
{
    struct channel *ch = connection_find(ssh, number);
    struct buf *to;

    if (ch == NULL || ch->state != CHANNEL_OPEN || ch->close_sent)
        return NULL;
    if (wants_reply)
        ch->replies_awaited++;
    SSH_TELL(ssh->conn, SSH_TRACE_REQUEST, .name = name);
    to = connection_message(ssh, SSH2_MSG_CHANNEL_REQUEST, ch);
    buf_put_text(to, name);
    buf_put_bool(to, wants_reply);
    return to;
}

static void
put_size(struct buf *to, uint32_t columns, uint32_t rows)
{
    buf_put_u32(to, columns);
    buf_put_u32(to, rows);
    buf_put_u32(to, 0); /* pixels: not known */
    buf_put_u32(to, 0);
}

void
session_pty(struct ssh_conn *c, uint32_t number, const struct ssh_pty *pty)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct buf *to = begin_request(ssh, number, "pty-req", true);

    if (to == NULL)
        return;
    buf_put_string(to, pty->terminal);
    put_size(to, pty->columns, pty->rows);
    if (pty->modes.len > 0)
        buf_put_string(to, pty->modes);
    else
        ttymodes_put_none(to);
    (void)ssh2_send(ssh);
}

void
session_start(struct ssh_conn *c, uint32_t number, const char *request,
              const struct span *argument)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct buf *to = begin_request(ssh, number, request, true);

    if (to == NULL)
        return;
    if (argument != NULL)
        buf_put_string(to, *argument);
    (void)ssh2_send(ssh);
}

void
session_window_size(struct ssh_conn *c, uint32_t number, uint32_t columns,
                    uint32_t rows)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct buf *to = begin_request(ssh, number, "window-change", false);

    if (to == NULL)
        return;
    put_size(to, columns, rows);
    (void)ssh2_send(ssh);
}

void
session_break(struct ssh_conn *c, uint32_t number, uint32_t ms)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct buf *to = begin_request(ssh, number, "break", false);

    if (to == NULL)
        return;
    buf_put_u32(to, ms);
    (void)ssh2_send(ssh);
}

/* --- what the server says -------------------------------------------- */

/* A command ends once: what is said of it after that counts for nothing. */
static bool
is_told_already(struct channel *ch)
{
    bool told = ch->end_told;

    ch->end_told = true;
    return told;
}

static enum err
on_exit_status(struct ssh2 *ssh, struct channel *ch, struct reader *msg)
{
    uint32_t status = read_u32(msg);
    struct ssh_event *event;

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed exit-status");
    if (is_told_already(ch))
        return OK;
    event = ssh_event_add(ssh->conn, SSH_EVENT_EXIT_STATUS);
    event->channel = ch->number;
    event->number = status;
    return OK;
}

static enum err
on_exit_signal(struct ssh2 *ssh, struct channel *ch, struct reader *msg)
{
    struct span name = read_string(msg);
    struct ssh_event *event;

    read_bool(msg);   /* core dumped */
    read_string(msg); /* error message */
    read_string(msg); /* language */
    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed exit-signal");
    if (is_told_already(ch))
        return OK;
    event = ssh_event_add(ssh->conn, SSH_EVENT_EXIT_SIGNAL);
    event->channel = ch->number;
    event->bytes = name;
    return OK;
}

enum err
on_session_notice(struct ssh2 *ssh, struct reader *msg)
{
    struct channel *ch = connection_recipient(ssh, msg);
    struct span name = read_string(msg);
    bool wants_reply = read_bool(msg);

    if (!read_ok(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed CHANNEL_REQUEST");
    if (ch == NULL)
        return ssh2_fail(ssh, ERR_PROTOCOL, "request for no open channel");
    if (ch->close_sent)
        return OK;
    if (!wants_reply && span_is(name, "exit-status"))
        return on_exit_status(ssh, ch, msg);
    if (!wants_reply && span_is(name, "exit-signal"))
        return on_exit_signal(ssh, ch, msg);
    if (!wants_reply)
        return OK;
    (void)connection_message(ssh, SSH2_MSG_CHANNEL_FAILURE, ch);
    return ssh2_send(ssh);
}

/* Replies come in the order of the requests; one nobody asked for ends it. */
static enum err
on_reply(struct ssh2 *ssh, struct reader *msg, uint32_t ok)
{
    struct channel *ch = connection_recipient(ssh, msg);
    struct ssh_event *event;

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed channel reply");
    if (ch == NULL || ch->replies_awaited == 0)
        return ssh2_fail(ssh, ERR_PROTOCOL, "a reply to no request");
    ch->replies_awaited--;
    event = ssh_event_add(ssh->conn, SSH_EVENT_REQUEST_REPLY);
    event->channel = ch->number;
    event->number = ok;
    return OK;
}

enum err
on_channel_success(struct ssh2 *ssh, struct reader *msg)
{
    return on_reply(ssh, msg, 1);
}

enum err
on_channel_failure(struct ssh2 *ssh, struct reader *msg)
{
    return on_reply(ssh, msg, 0);
}
