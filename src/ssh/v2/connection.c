#include "ssh/v2/connection.h"

/* --- the table of channels ------------------------------------------- */

struct channel *
connection_find(struct ssh2 *ssh, uint32_t number)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (ssh->channels[i].state != CHANNEL_FREE &&
            ssh->channels[i].number == number)
            return &ssh->channels[i];
    return NULL;
}

struct channel *
connection_recipient(struct ssh2 *ssh, struct reader *msg)
{
    struct channel *ch = connection_find(ssh, read_u32(msg));

    return ch != NULL && ch->state == CHANNEL_OPEN ? ch : NULL;
}

/* A free place of the table, its number set; NULL when all are taken. */
static struct channel *
take_place(struct ssh2 *ssh)
{
    for (uint32_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        if (ssh->channels[i].state == CHANNEL_FREE) {
            channel_init(&ssh->channels[i], i, ssh->conn->window,
                         ssh->conn->now_ms);
            return &ssh->channels[i];
        }
    }
    return NULL;
}

bool
connection_is_blocked(const struct ssh2 *ssh)
{
    if (ssh->request_held)
        return true;
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (ssh->channels[i].state == CHANNEL_OPEN &&
            channel_answers_full(&ssh->channels[i]))
            return true;
    return false;
}

bool
connection_is_idle(const struct ssh2 *ssh)
{
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++)
        if (ssh->channels[i].state != CHANNEL_FREE &&
            !ssh->channels[i].close_sent)
            return false;
    return true;
}

/* The server's two minutes without a channel begin, or end. */
static void
note_idleness(struct ssh2 *ssh)
{
    bool idle = ssh->conn->role == SSH_SERVER && connection_is_idle(ssh);

    if (!idle)
        ssh->idle_timer = TIMER_OFF;
    else if (ssh->idle_timer == TIMER_OFF)
        ssh->idle_timer = TIMER_NEW;
}

void
connection_begin(struct ssh2 *ssh)
{
    ssh2_enter_phase(ssh, STATE_OPEN);
    ssh->rx.max = SSH_PACKET_MAX;
    note_idleness(ssh);
}

struct buf *
connection_message(struct ssh2 *ssh, uint8_t message, const struct channel *ch)
{
    struct buf *to = ssh2_begin(ssh, message);

    buf_put_u32(to, ch->peer_number);
    return to;
}

enum err
connection_no_channel(struct ssh2 *ssh)
{
    return ssh2_fail(ssh, ERR_PROTOCOL, "message for no open channel");
}

/* --- global requests: RFC 4254 section 4 ----------------------------- */

enum err
on_global_request(struct ssh2 *ssh, struct reader *msg)
{
    struct span name = read_string(msg);
    bool wants_reply = read_bool(msg);
    bool ok = false;

    if (!read_ok(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed GLOBAL_REQUEST");
    if (ssh->conn->role == SSH_SERVER &&
        span_is(name, "no-more-sessions@openssh.com"))
        ok = ssh->no_more_sessions = true;
    if (!wants_reply)
        return OK;
    return ssh2_send_empty(ssh, ok ? SSH2_MSG_REQUEST_SUCCESS
                                   : SSH2_MSG_REQUEST_FAILURE);
}

/* --- opening: RFC 4254 section 5.1 ----------------------------------- */

static const char *
open_failure_text(uint32_t reason)
{
    switch (reason) {
    case SSH2_OPEN_PROHIBITED:
        return "Not permitted";
    case SSH2_OPEN_UNKNOWN_TYPE:
        return "Unknown channel type";
    default:
        return "No more channels";
    }
}

static enum err
refuse_open(struct ssh2 *ssh, uint32_t peer_number, uint32_t reason)
{
    struct buf *to = ssh2_begin(ssh, SSH2_MSG_CHANNEL_OPEN_FAILURE);

    buf_put_u32(to, peer_number);
    buf_put_u32(to, reason);
    buf_put_text(to, open_failure_text(reason));
    buf_put_text(to, "");
    return ssh2_send(ssh);
}

/* Types that exist and that nobody here opens for a peer. */
static bool
is_forwarding(struct span type)
{
    static const char *const types[] = {
        "direct-tcpip",
        "forwarded-tcpip",
        "x11",
        "auth-agent@openssh.com",
        "direct-streamlocal@openssh.com",
        "forwarded-streamlocal@openssh.com",
        "tun@openssh.com",
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (span_is(type, types[i]))
            return true;
    return false;
}

static enum err
confirm_open(struct ssh2 *ssh, const struct channel *ch)
{
    struct buf *to =
        connection_message(ssh, SSH2_MSG_CHANNEL_OPEN_CONFIRMATION, ch);

    buf_put_u32(to, ch->number);
    buf_put_u32(to, ch->left);
    buf_put_u32(to, SSH_CHANNEL_PACKET_MAX);
    return ssh2_send(ssh);
}

enum err
on_channel_open(struct ssh2 *ssh, struct reader *msg)
{
    bool server = ssh->conn->role == SSH_SERVER;
    struct span type = read_string(msg);
    uint32_t peer_number = read_u32(msg);
    uint32_t window = read_u32(msg);
    uint32_t packet_max = read_u32(msg);
    bool session = span_is(type, "session");
    struct channel *ch;

    if (session ? !read_done(msg) : !read_ok(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed CHANNEL_OPEN");
    SSH_TELL(ssh->conn, SSH_TRACE_CHANNEL);
    if (!session && !is_forwarding(type))
        return refuse_open(ssh, peer_number, SSH2_OPEN_UNKNOWN_TYPE);
    if (!session || !server || ssh->no_more_sessions)
        return refuse_open(ssh, peer_number, SSH2_OPEN_PROHIBITED);
    ch = packet_max < CHANNEL_PACKET_MIN ? NULL : take_place(ssh);
    if (ch == NULL)
        return refuse_open(ssh, peer_number, SSH2_OPEN_SHORTAGE);
    ch->state = CHANNEL_OPEN;
    ch->peer_number = peer_number;
    ch->send_window = window;
    ch->send_packet_max = packet_max;
    note_idleness(ssh);
    ssh_event_add(ssh->conn, SSH_EVENT_CHANNEL_OPEN)->channel = ch->number;
    return confirm_open(ssh, ch);
}

uint32_t
connection_open_session(struct ssh_conn *c)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct channel *ch;
    struct buf *to;

    ch = ssh->phase == STATE_OPEN ? take_place(ssh) : NULL;
    if (ch == NULL)
        return UINT32_MAX;
    ch->state = CHANNEL_OPENING;
    SSH_TELL(c, SSH_TRACE_CHANNEL);
    to = ssh2_begin(ssh, SSH2_MSG_CHANNEL_OPEN);
    buf_put_text(to, "session");
    buf_put_u32(to, ch->number);
    buf_put_u32(to, ch->left);
    buf_put_u32(to, SSH_CHANNEL_PACKET_MAX);
    (void)ssh2_send(ssh);
    return ch->number;
}

enum err
on_open_confirmed(struct ssh2 *ssh, struct reader *msg)
{
    struct channel *ch = connection_find(ssh, read_u32(msg));
    uint32_t peer_number = read_u32(msg);
    uint32_t window = read_u32(msg);
    uint32_t packet_max = read_u32(msg);

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed OPEN_CONFIRMATION");
    if (ch == NULL || ch->state != CHANNEL_OPENING)
        return connection_no_channel(ssh);
    /* Through it nothing could go: an end is better than to wait for ever. */
    if (packet_max < CHANNEL_PACKET_MIN)
        return ssh2_fail(ssh, ERR_PROTOCOL, "a channel for packets too small");
    ch->state = CHANNEL_OPEN;
    ch->peer_number = peer_number;
    ch->send_window = window;
    ch->send_packet_max = packet_max;
    ssh_event_add(ssh->conn, SSH_EVENT_OPENED)->channel = ch->number;
    return OK;
}

enum err
on_open_failed(struct ssh2 *ssh, struct reader *msg)
{
    struct channel *ch = connection_find(ssh, read_u32(msg));
    uint32_t reason = read_u32(msg);
    struct ssh_event *event;

    read_string(msg); /* description */
    read_string(msg); /* language */
    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed OPEN_FAILURE");
    if (ch == NULL || ch->state != CHANNEL_OPENING)
        return connection_no_channel(ssh);
    ch->state = CHANNEL_FREE;
    event = ssh_event_add(ssh->conn, SSH_EVENT_OPEN_FAILED);
    event->channel = ch->number;
    event->number = reason;
    return OK;
}

/* --- the end of a channel: RFC 4254 section 5.3 ---------------------- */

enum err
on_channel_eof(struct ssh2 *ssh, struct reader *msg)
{
    struct channel *ch = connection_recipient(ssh, msg);

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed CHANNEL_EOF");
    if (ch == NULL)
        return connection_no_channel(ssh);
    if (ch->eof_received)
        return OK;
    ch->eof_received = true;
    if (!ch->close_sent)
        ssh_event_add(ssh->conn, SSH_EVENT_EOF)->channel = ch->number;
    return OK;
}

static void
send_close(struct ssh2 *ssh, struct channel *ch)
{
    if (ch->close_sent)
        return;
    ch->close_sent = true;
    ch->wants_writable = false;
    (void)connection_message(ssh, SSH2_MSG_CHANNEL_CLOSE, ch);
    (void)ssh2_send(ssh);
    note_idleness(ssh);
}

/* Answered at once, whatever the owner is doing (hardening 5.4). */
enum err
on_channel_close(struct ssh2 *ssh, struct reader *msg)
{
    struct channel *ch = connection_recipient(ssh, msg);

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed CHANNEL_CLOSE");
    if (ch == NULL)
        return connection_no_channel(ssh);
    send_close(ssh, ch);
    ch->state = CHANNEL_FREE;
    ssh_event_add(ssh->conn, SSH_EVENT_CHANNEL_CLOSED)->channel = ch->number;
    return OK;
}

void
connection_eof(struct ssh_conn *c, uint32_t number)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct channel *ch = connection_find(ssh, number);

    if (ch == NULL || ch->state != CHANNEL_OPEN || ch->eof_sent ||
        ch->close_sent)
        return;
    ch->eof_sent = true;
    ch->wants_writable = false;
    (void)connection_message(ssh, SSH2_MSG_CHANNEL_EOF, ch);
    (void)ssh2_send(ssh);
}

void
connection_close(struct ssh_conn *c, uint32_t number)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct channel *ch = connection_find(ssh, number);

    if (ch == NULL || ch->state != CHANNEL_OPEN)
        return;
    connection_eof(c, number);
    send_close(ssh, ch);
}
