#include "ssh/v1/ssh1.h"

/* As in version 2: below it data waits rather than go in crumbs. */
#define OUTPUT_CRUMB 4096
#define OUTPUT_LOW   (OUTPUT_DATA_MAX / 2)
#define DATA_HEADER  5 /* message number and length, before the bytes */

/* --- data that came --------------------------------------------------- */

enum err
session1_received(struct ssh1 *ssh, enum ssh_event_type type, struct span bytes)
{
    ssh->pending = bytes;
    ssh->pending_type = type;
    ssh->traffic_in += bytes.len;
    return OK;
}

bool
session1_is_blocked(const struct ssh1 *ssh)
{
    return ssh->pending.len > 0 || ssh->unconsumed >= WINDOW1;
}

static bool
next_piece(struct ssh1 *ssh, struct ssh_event *event)
{
    size_t len = ssh->pending.len;

    if (len > SSH_CHANNEL_PACKET_MAX)
        len = SSH_CHANNEL_PACKET_MAX;
    if (len == 0 || ssh->unconsumed + len > WINDOW1)
        return false;
    *event = (struct ssh_event){
        .type = ssh->pending_type,
        .channel = CHANNEL1,
        .bytes = span_of(ssh->pending.ptr, len),
    };
    ssh->pending = span_of(ssh->pending.ptr + len, ssh->pending.len - len);
    ssh->unconsumed += len;
    return true;
}

void
session1_consumed(struct ssh_conn *c, uint32_t channel, size_t len)
{
    struct ssh1 *ssh = ssh1_of(c);

    (void)channel;
    if (len <= ssh->unconsumed)
        ssh->unconsumed -= len;
}

bool
session1_next_event(struct ssh_conn *c, struct ssh_event *event)
{
    struct ssh1 *ssh = ssh1_of(c);

    if (next_piece(ssh, event))
        return true;
    if (!ssh->wants_writable || buf_len(&c->out) > OUTPUT_LOW)
        return false;
    ssh->wants_writable = false;
    *event = (struct ssh_event){
        .type = SSH_EVENT_WRITABLE,
        .channel = CHANNEL1,
    };
    return true;
}

/* --- data that goes --------------------------------------------------- */

/* Bytes of `len` that fit one packet now. */
static size_t
packet_share(const struct ssh1 *ssh, size_t len)
{
    size_t used = buf_len(&ssh->conn->out);
    size_t room = used < OUTPUT_DATA_MAX ? OUTPUT_DATA_MAX - used : 0;
    size_t share = ssh->packet_max - PACKET1_OVERHEAD - DATA_HEADER;

    if (share > SSH_CHANNEL_PACKET_MAX)
        share = SSH_CHANNEL_PACKET_MAX;
    if (share > len)
        share = len;
    if (room < PACKET1_OVERHEAD + DATA_HEADER + 1)
        return 0;
    room -= PACKET1_OVERHEAD + DATA_HEADER;
    if (share > room && room < OUTPUT_CRUMB)
        return 0;
    return share < room ? share : room;
}

static uint8_t
data_message(const struct ssh1 *ssh, bool to_stderr)
{
    if (ssh->conn->role == SSH_CLIENT)
        return SSH1_CMSG_STDIN_DATA;
    /* A terminal has one stream. */
    return to_stderr && !ssh->has_pty ? SSH1_SMSG_STDERR_DATA
                                      : SSH1_SMSG_STDOUT_DATA;
}

/* Room for up to `wanted` bytes in a message that is under construction. */
static size_t
begin_data(struct ssh1 *ssh, uint8_t message, size_t wanted, uint8_t **place)
{
    size_t len = 0;
    struct buf *to;

    if (ssh->state == STATE1_SESSION && !ssh->eof_sent)
        len = packet_share(ssh, wanted);
    if (len == 0)
        return 0;
    /* One growth for the whole packet. */
    (void)buf_reserve(&ssh->conn->out, len + PACKET1_OVERHEAD + DATA_HEADER);
    to = ssh1_begin(ssh, message);
    ssh->data_mark = buf_begin_string(to);
    *place = buf_reserve(to, len);
    return len;
}

static void
end_data(struct ssh1 *ssh, size_t len)
{
    struct buf *to = &ssh->conn->out;

    if (len == 0) {
        buf_truncate(to, ssh->mark);
        return;
    }
    buf_commit(to, len);
    buf_end_string(to, ssh->data_mark);
    if (ssh1_send(ssh) == OK)
        ssh->traffic_out += len;
}

size_t
session1_reserve(struct ssh_conn *c, uint32_t channel, size_t wanted,
                 uint8_t **place)
{
    struct ssh1 *ssh = ssh1_of(c);
    size_t len = begin_data(ssh, data_message(ssh, false), wanted, place);

    (void)channel;
    ssh->wants_writable = len == 0;
    return len;
}

void
session1_commit(struct ssh_conn *c, uint32_t channel, size_t len)
{
    (void)channel;
    end_data(ssh1_of(c), len);
}

size_t
session1_write(struct ssh_conn *c, uint32_t channel, struct span bytes,
               bool to_stderr)
{
    struct ssh1 *ssh = ssh1_of(c);
    uint8_t message = data_message(ssh, to_stderr);
    size_t taken = 0, len;
    uint8_t *place;

    (void)channel;
    while (taken < bytes.len && !c->ended) {
        len = begin_data(ssh, message, bytes.len - taken, &place);
        if (len == 0)
            break;
        memcpy(place, bytes.ptr + taken, len);
        end_data(ssh, len);
        taken += len;
    }
    ssh->wants_writable = taken < bytes.len;
    return taken;
}

/* --- the end ----------------------------------------------------------- */

void
session1_eof(struct ssh_conn *c, uint32_t channel)
{
    struct ssh1 *ssh = ssh1_of(c);

    (void)channel;
    if (ssh->state != STATE1_SESSION || ssh->eof_sent)
        return;
    ssh->eof_sent = true;
    ssh->wants_writable = false;
    /* A server's end of data is its exit status. */
    if (c->role == SSH_CLIENT)
        (void)ssh1_send_empty(ssh, SSH1_CMSG_EOF);
}

void
session1_finish(struct ssh1 *ssh)
{
    (void)ssh_end(ssh->conn, SSH_REASON_NONE, OK, "the session has ended");
}

void
session1_close(struct ssh_conn *c, uint32_t channel)
{
    struct ssh1 *ssh = ssh1_of(c);

    (void)channel;
    if (ssh->state != STATE1_PREPARE && ssh->state != STATE1_SESSION)
        return;
    ssh->wants_writable = false;
    ssh->pending = SPAN_EMPTY;
    ssh->unconsumed = 0;
    if (c->role == SSH_CLIENT) {
        (void)ssh_end(c, SSH_REASON_BY_APPLICATION, OK, "closed by the user");
        return;
    }
    buf_put_u32(ssh1_begin(ssh, SSH1_SMSG_EXITSTATUS), ssh->status);
    if (ssh1_send(ssh) != OK)
        return;
    ssh->state = STATE1_ENDING;
    ssh->ending_timer = TIMER_NEW;
}
