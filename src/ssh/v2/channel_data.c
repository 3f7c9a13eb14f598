#include "ssh/v2/connection.h"
#include "ssh/v2/kex.h"

/* Free output that makes a short packet worth sending: below it a write that
   would fill more waits, so that data does not go in crumbs. */
#define OUTPUT_CRUMB 4096
/* A cut write is taken up again when the output has drained to this. */
#define OUTPUT_LOW (OUTPUT_DATA_MAX / 2)

#define DATA_HEADER     9  /* number, channel and length, before the bytes */
#define EXTENDED_HEADER 13 /* and the type */

/* --- receiving: RFC 4254 section 5.2 --------------------------------- */

enum err
on_window_adjust(struct ssh2 *ssh, struct reader *msg)
{
    struct channel *ch = connection_recipient(ssh, msg);
    uint32_t len = read_u32(msg);

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed WINDOW_ADJUST");
    if (ch == NULL)
        return connection_no_channel(ssh);
    if (channel_window_add(ch, len) != OK)
        return ssh2_fail(ssh, ERR_PROTOCOL, "window beyond 2^32 - 1");
    return OK;
}

static void
open_window(struct ssh2 *ssh, struct channel *ch)
{
    uint32_t grant = channel_grant(ch, ssh->conn->now_ms);

    if (grant == 0)
        return;
    buf_put_u32(connection_message(ssh, SSH2_MSG_CHANNEL_WINDOW_ADJUST, ch),
                grant);
    (void)ssh2_send(ssh);
}

/*
 * Data that came for a channel. What nobody shall see (it follows our CLOSE,
 * or is stderr towards a server) counts against the window all the same.
 */
static enum err
receive(struct ssh2 *ssh, struct channel *ch, struct span bytes,
        enum ssh_event_type type, bool is_wanted)
{
    struct ssh_event *event;

    if (channel_received(ch, bytes.len) != OK)
        return ssh2_fail(ssh, ERR_PROTOCOL, "data beyond the window or EOF");
    if (bytes.len == 0)
        return OK;
    ssh->traffic_in += bytes.len;
    if (!is_wanted || ch->close_sent) {
        channel_consumed(ch, bytes.len);
        open_window(ssh, ch);
        return OK;
    }
    event = ssh_event_add(ssh->conn, type);
    event->channel = ch->number;
    event->bytes = bytes;
    return OK;
}

enum err
on_channel_data(struct ssh2 *ssh, struct reader *msg)
{
    struct channel *ch = connection_recipient(ssh, msg);
    struct span bytes = read_string(msg);

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed CHANNEL_DATA");
    if (ch == NULL)
        return connection_no_channel(ssh);
    return receive(ssh, ch, bytes, SSH_EVENT_DATA, true);
}

enum err
on_extended_data(struct ssh2 *ssh, struct reader *msg)
{
    struct channel *ch = connection_recipient(ssh, msg);
    uint32_t type = read_u32(msg);
    struct span bytes = read_string(msg);

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed EXTENDED_DATA");
    if (ch == NULL)
        return connection_no_channel(ssh);
    return receive(ssh, ch, bytes, SSH_EVENT_EXTENDED_DATA,
                   ssh->conn->role == SSH_CLIENT &&
                       type == SSH2_EXTENDED_STDERR);
}

void
connection_consumed(struct ssh_conn *c, uint32_t number, size_t len)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct channel *ch = connection_find(ssh, number);

    /* The peer may have closed it while the owner was at work. */
    if (ch == NULL || len > ch->unconsumed)
        return;
    channel_consumed(ch, len);
    open_window(ssh, ch);
}

/* --- sending --------------------------------------------------------- */

static size_t
output_room(const struct ssh2 *ssh)
{
    size_t used = buf_len(&ssh->conn->out);

    return used < OUTPUT_DATA_MAX ? OUTPUT_DATA_MAX - used : 0;
}

/* Bytes of `len` that fit one packet now. */
static size_t
packet_share(const struct ssh2 *ssh, const struct channel *ch, size_t len)
{
    size_t room = output_room(ssh);
    size_t share = channel_sendable(ch);

    if (share > len)
        share = len;
    if (room < PACKET_OVERHEAD + EXTENDED_HEADER + 1)
        return 0;
    room -= PACKET_OVERHEAD + EXTENDED_HEADER;
    if (share > room && room < OUTPUT_CRUMB)
        return 0;
    return share < room ? share : room;
}

/* Begin a message with `len` bytes of data; what comes next is these. */
static struct buf *
begin_data(struct ssh2 *ssh, struct channel *ch, size_t len, bool to_stderr)
{
    struct buf *to;

    /* One growth for the whole packet. */
    (void)buf_reserve(&ssh->conn->out, len + PACKET_OVERHEAD + EXTENDED_HEADER);
    to = connection_message(
        ssh, to_stderr ? SSH2_MSG_CHANNEL_EXTENDED_DATA : SSH2_MSG_CHANNEL_DATA,
        ch);
    if (to_stderr)
        buf_put_u32(to, SSH2_EXTENDED_STDERR);
    return to;
}

static enum err
send_data(struct ssh2 *ssh, struct channel *ch, struct span bytes,
          bool to_stderr)
{
    buf_put_string(begin_data(ssh, ch, bytes.len, to_stderr), bytes);
    channel_sent(ch, bytes.len);
    ssh->traffic_out += bytes.len;
    return ssh2_send(ssh);
}

size_t
connection_write(struct ssh_conn *c, uint32_t number, struct span bytes,
                 bool to_stderr)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct channel *ch = connection_find(ssh, number);
    size_t taken = 0;

    if (ch == NULL || ch->eof_sent || ch->close_sent)
        return 0;
    while (taken < bytes.len && !kex_holds_output(ssh)) {
        size_t len = packet_share(ssh, ch, bytes.len - taken);

        if (len == 0 || send_data(ssh, ch, span_of(bytes.ptr + taken, len),
                                  to_stderr) != OK)
            break;
        taken += len;
        ssh2_rekey_if_due(ssh);
    }
    ch->wants_writable = taken < bytes.len;
    return taken;
}

size_t
connection_reserve(struct ssh_conn *c, uint32_t number, size_t wanted,
                   uint8_t **place)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct channel *ch = connection_find(ssh, number);
    size_t len = 0;

    if (ch == NULL || ch->eof_sent || ch->close_sent)
        return 0;
    if (!kex_holds_output(ssh))
        len = packet_share(ssh, ch, wanted);
    ch->wants_writable = len == 0;
    if (len == 0)
        return 0;
    (void)begin_data(ssh, ch, len, false);
    ssh->data_mark = buf_begin_string(ssh->building);
    *place = buf_reserve(ssh->building, len);
    return len;
}

void
connection_commit(struct ssh_conn *c, uint32_t number, size_t len)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct channel *ch = connection_find(ssh, number);

    if (len == 0) {
        ssh2_drop(ssh);
        return;
    }
    buf_commit(ssh->building, len);
    buf_end_string(ssh->building, ssh->data_mark);
    channel_sent(ch, len);
    ssh->traffic_out += len;
    if (ssh2_send(ssh) == OK)
        ssh2_rekey_if_due(ssh);
}

bool
connection_next_event(struct ssh_conn *c, struct ssh_event *event)
{
    struct ssh2 *ssh = ssh2_of(c);

    if (kex_holds_output(ssh) || buf_len(&c->out) > OUTPUT_LOW)
        return false;
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        struct channel *ch = &ssh->channels[i];

        if (!ch->wants_writable || channel_sendable(ch) == 0)
            continue;
        ch->wants_writable = false;
        *event = (struct ssh_event){
            .type = SSH_EVENT_WRITABLE,
            .channel = ch->number,
        };
        return true;
    }
    return false;
}
