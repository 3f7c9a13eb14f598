#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "crypto/hostkey.h"
#include "ssh/v1/ssh1.h"

/* --- sending --------------------------------------------------------- */

struct buf *
ssh1_begin(struct ssh1 *ssh, uint8_t message)
{
    struct buf *to = &ssh->conn->out;

    ssh->mark = packet1_begin(to);
    buf_put_u8(to, message);
    return to;
}

enum err
ssh1_send(struct ssh1 *ssh)
{
    struct ssh_conn *c = ssh->conn;
    enum err err =
        packet1_seal(ssh->tx, &c->out, ssh->mark, c->random, c->random_state);

    if (err == OK)
        return OK;
    if (buf_len(&c->out) > ssh->mark)
        buf_truncate(&c->out, ssh->mark);
    return ssh_end(c, SSH_REASON_NONE, err, "the output is full");
}

enum err
ssh1_send_empty(struct ssh1 *ssh, uint8_t message)
{
    (void)ssh1_begin(ssh, message);
    return ssh1_send(ssh);
}

enum err
ssh1_fail(struct ssh1 *ssh, enum err err, const char *text)
{
    return ssh_fail(ssh->conn, err, text);
}

enum err
ssh1_set_keys(struct ssh1 *ssh, const uint8_t key[RSA1_KEY])
{
    struct ssh_conn *c = ssh->conn;
    uint64_t seed[2];
    enum err err = cipher1_new(ssh->cipher, key, true, &ssh->tx);

    if (err == OK)
        err = cipher1_new(ssh->cipher, key, false, &ssh->rx.cipher);
    if (err != OK)
        return ssh1_fail(ssh, err, "no cipher");
    c->random(c->random_state, seed, sizeof(seed));
    ssh->rx.detector = detector_new(PACKET1_MAX + CIPHER1_BLOCK, seed);
    ssh->keyed = true;
    SSH_TELL(c, SSH_TRACE_ENCRYPTED);
    return OK;
}

/* --- receiving ------------------------------------------------------- */

static uint32_t
length_max(const struct ssh1 *ssh)
{
    return ssh->state < STATE1_PREPARE ? SSH_PACKET_MAX_PREAUTH : PACKET1_MAX;
}

static void
dispatch(struct ssh1 *ssh, struct span message)
{
    struct reader msg = reader_over(message);
    uint8_t number = read_u8(&msg);
    handler1_fn handler;
    enum err err;

    if (ssh->state < STATE1_PREPARE &&
        ++ssh->preauth_packets > SSH_PREAUTH_PACKETS_MAX) {
        (void)ssh1_fail(ssh, ERR_LIMIT, "too many packets before login");
        return;
    }
    ssh->message = number;
    handler = rules1_find(ssh, number);
    err = handler == NULL ? ERR_PROTOCOL : handler(ssh, &msg);
    if (err != OK)
        (void)ssh1_fail(ssh, err,
                        handler == NULL ? "a message that is not allowed now"
                                        : "malformed message");
}

/*
 * A packet is gathered in conn's buffer, whole, before anything of it is used:
 * its data waits there for an owner who takes it at his own pace.
 */
static size_t
input(struct ssh_conn *c, uint8_t *in, size_t len)
{
    struct ssh1 *ssh = ssh1_of(c);
    size_t had = buf_len(&c->in), size = PACKET1_HEADER, taken;
    struct span message;
    enum err err = packet1_size(buf_span(&c->in), length_max(ssh), &size);

    if (err == OK || err == ERR_MORE) {
        taken = size - had < len ? size - had : len;
        buf_put(&c->in, in, taken);
        if (had + taken < size)
            return taken;
        if (err == ERR_MORE) {
            err = packet1_size(buf_span(&c->in), length_max(ssh), &size);
            if (err == OK)
                return taken;
        }
    }
    if (err == OK)
        err = packet1_open(&ssh->rx, buf_bytes(&c->in), size, &message);
    if (err != OK) {
        (void)ssh1_fail(ssh, err, "corrupted packet");
        return len;
    }
    c->in_used = size;
    dispatch(ssh, message);
    return taken;
}

static size_t
count_input(struct ssh_conn *c, uint8_t *in, size_t len)
{
    struct ssh1 *ssh = ssh1_of(c);
    size_t taken = input(c, in, len);

    if (ssh->state < STATE1_PREPARE) {
        ssh->preauth_bytes += taken;
        if (ssh->preauth_bytes > SSH_PREAUTH_BYTES_MAX)
            (void)ssh1_fail(ssh, ERR_LIMIT, "too many bytes before login");
    }
    return taken;
}

enum err
on_disconnect1(struct ssh1 *ssh, struct reader *msg)
{
    /* However it is formed, it is the end. */
    ssh_ended_by_peer(ssh->conn, SSH_REASON_NONE, read_string(msg));
    return OK;
}

enum err
on_ignored1(struct ssh1 *ssh, struct reader *msg)
{
    (void)ssh;
    (void)msg;
    return OK;
}

enum err
on_debug1(struct ssh1 *ssh, struct reader *msg)
{
    if (ssh->conn->trace != NULL)
        rules1_tell_text(ssh, SSH1_MSG_DEBUG, SSH_TRACE_PEER_DEBUG,
                         read_string(msg));
    return OK;
}

/* --- what conn.c asks and does ---------------------------------------- */

static bool
is_blocked(const struct ssh_conn *c)
{
    const struct ssh1 *ssh = ssh1_of(c);

    return ssh->awaiting != AWAIT1_NOTHING || session1_is_blocked(ssh);
}

static bool
is_open(const struct ssh_conn *c)
{
    return ssh1_of(c)->state >= STATE1_PREPARE;
}

/* pscp closes as soon as its copy is complete, others when they have left. */
static bool
may_end(const struct ssh_conn *c)
{
    return ssh1_of(c)->state >= STATE1_SESSION;
}

static void
put_disconnect(struct ssh_conn *c, enum ssh_reason reason, const char *text)
{
    struct ssh1 *ssh = ssh1_of(c);

    (void)reason; /* version 1 has a text only */
    buf_put_text(ssh1_begin(ssh, SSH1_MSG_DISCONNECT), text);
    (void)ssh1_send(ssh);
}

static struct ssh_keys
keys(const struct ssh_conn *c)
{
    const struct ssh1 *ssh = ssh1_of(c);
    const char *cipher = ssh->keyed ? cipher1_name(ssh->cipher) : "none";

    return (struct ssh_keys){
        .kex = "rsa",
        .host_key = "ssh-rsa", /* the form of its blob */
        .cipher_in = cipher,
        .cipher_out = cipher,
        .mac_in = "none",
        .mac_out = "none",
        .exchanges = ssh->keyed ? 1 : 0,
        .exchanging = !ssh->keyed,
    };
}

static struct span
session_id(const struct ssh_conn *c)
{
    const struct ssh1 *ssh = ssh1_of(c);

    return span_of(ssh->session_id, ssh->keyed ? RSA1_SESSION_ID : 0);
}

static void
traffic(const struct ssh_conn *c, uint64_t *in, uint64_t *out)
{
    *in = ssh1_of(c)->traffic_in;
    *out = ssh1_of(c)->traffic_out;
}

static void
tick(struct ssh_conn *c)
{
    struct ssh1 *ssh = ssh1_of(c);

    if (timer_is_due(&ssh->ending_timer, c->now_ms, ENDING_MS))
        session1_finish(ssh);
}

static uint64_t
deadline(const struct ssh_conn *c)
{
    return timer_deadline(ssh1_of(c)->ending_timer, c->now_ms);
}

static void
free_ssh1(struct ssh_conn *c)
{
    struct ssh1 *ssh = ssh1_of(c);

    cipher1_free(ssh->tx);
    cipher1_free(ssh->rx.cipher);
    detector_free(ssh->rx.detector);
    buf_clear(&ssh->host_blob);
    buf_clear(&ssh->server_blob);
    buf_clear(&ssh->shown_blob);
    buf_clear(&ssh->modes);
    buf_clear(&ssh->user);
    buf_clear(&ssh->password);
    wipe(ssh, sizeof(*ssh));
    free(ssh);
}

static const struct ssh_protocol ssh1_protocol = {
    .free = free_ssh1,
    .input = count_input,
    .is_blocked = is_blocked,
    .is_open = is_open,
    .may_end = may_end,
    .next_event = session1_next_event,
    .tick = tick,
    .deadline = deadline,
    .put_disconnect = put_disconnect,
    .version = 1,
    .keys = keys,
    .session_id = session_id,
    .traffic = traffic,
    .session_key_reply = login_session_key_reply,
    .auth_reply = auth1_reply,
    .request_reply = session1_request_reply,
    .exit_status = session1_exit_status,
    .write = session1_write,
    .reserve = session1_reserve,
    .commit = session1_commit,
    .consumed = session1_consumed,
    .eof = session1_eof,
    .close = session1_close,
    .host_key_reply = login_host_key_reply,
    .auth_none = auth1_none,
    .auth_password = auth1_password,
    .open_session = session1_open,
    .pty = session1_pty,
    .start = session1_start,
    .window_size = session1_window_size,
};

void
ssh1_start(struct ssh_conn *c)
{
    struct ssh1 *ssh = alloc_zero(1, sizeof(*ssh));

    ssh->conn = c;
    ssh->packet_max = PACKET1_MAX;
    ssh->ending_timer = TIMER_OFF;
    buf_init(&ssh->host_blob, KEY_BLOB_MAX);
    buf_init(&ssh->server_blob, KEY_BLOB_MAX);
    buf_init(&ssh->shown_blob, KEY_BLOB_MAX);
    buf_init(&ssh->modes, MODES1_MAX);
    buf_init(&ssh->user, SSH_PACKET_MAX_PREAUTH);
    buf_init_secret(&ssh->password, SSH_PASSWORD_MAX);
    c->in.max = PACKET1_MAX + PACKET1_HEADER + CIPHER1_BLOCK;
    c->protocol = &ssh1_protocol;
    c->state = ssh;
    if (c->role == SSH_CLIENT)
        ssh->state = STATE1_PUBLIC_KEY;
    else
        login_server_start(ssh);
}
