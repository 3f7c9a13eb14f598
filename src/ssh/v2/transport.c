#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "ssh/v2/auth.h"
#include "ssh/v2/connection.h"
#include "ssh/v2/kex.h"
#include "ssh/v2/rules.h"
#include "ssh/v2/session.h"
#include "ssh/v2/ssh2.h"

/* --- sending ---------------------------------------------------------------
 */

/* RFC 4253 section 7.1: what may be sent between KEXINIT and NEWKEYS. */
static bool
may_pass_exchange(uint8_t message)
{
    return message < SSH2_MSG_USERAUTH_FIRST &&
           message != SSH2_MSG_SERVICE_REQUEST &&
           message != SSH2_MSG_SERVICE_ACCEPT;
}

struct buf *
ssh2_begin(struct ssh2 *ssh, uint8_t message)
{
    struct ssh_conn *c = ssh->conn;

    assert(ssh->building == NULL);
    if (kex_holds_output(ssh) && !may_pass_exchange(message)) {
        ssh->building = &ssh->held;
        ssh->mark = buf_begin_string(&ssh->held);
    } else {
        ssh->building = &c->out;
        ssh->mark = packet_begin(&c->out);
    }
    buf_put_u8(ssh->building, message);
    return ssh->building;
}

enum err
ssh2_send(struct ssh2 *ssh)
{
    struct ssh_conn *c = ssh->conn;
    struct buf *to = ssh->building;
    enum err err;

    ssh->building = NULL;
    if (to == &ssh->held) {
        buf_end_string(to, ssh->mark);
        if (!buf_ok(to))
            return ssh2_fail(ssh, ERR_LIMIT,
                             "too much waits for a key exchange");
        return OK;
    }
    err = packet_seal(&ssh->tx, to, ssh->mark, c->random, c->random_state);
    if (err == OK)
        return OK;
    /* What is half built must not go out, nor anything behind it. */
    if (buf_len(to) > ssh->mark)
        buf_truncate(to, ssh->mark);
    return ssh_end(c, SSH_REASON_NONE, err, "the output is full");
}

enum err
ssh2_send_empty(struct ssh2 *ssh, uint8_t message)
{
    (void)ssh2_begin(ssh, message);
    return ssh2_send(ssh);
}

void
ssh2_send_held(struct ssh2 *ssh)
{
    struct reader r = reader_over(buf_span(&ssh->held));

    while (r.left > 0) {
        struct span payload = read_string(&r);

        ssh->building = &ssh->conn->out;
        ssh->mark = packet_begin(&ssh->conn->out);
        buf_put_span(ssh->building, payload);
        if (ssh2_send(ssh) != OK)
            break;
    }
    buf_clear(&ssh->held);
}

static void
put_disconnect(struct ssh_conn *c, enum ssh_reason reason, const char *text)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct buf *to;

    /* A message that is under construction is dropped. */
    if (ssh->building != NULL && buf_len(ssh->building) > ssh->mark)
        buf_truncate(ssh->building, ssh->mark);
    ssh->building = NULL;
    to = ssh2_begin(ssh, SSH2_MSG_DISCONNECT);
    buf_put_u32(to, (uint32_t)reason);
    buf_put_text(to, text);
    buf_put_text(to, "");
    (void)ssh2_send(ssh);
}

/* --- the end ----------------------------------------------------------------
 */

enum err
ssh2_fail(struct ssh2 *ssh, enum err err, const char *text)
{
    return ssh_fail(ssh->conn, err, text);
}

enum err
ssh2_end(struct ssh2 *ssh, enum ssh_reason reason, enum err err,
         const char *text)
{
    return ssh_end(ssh->conn, reason, err, text);
}

/* --- messages of the transport itself ----------------------------------------
 */

enum err
on_disconnect(struct ssh2 *ssh, struct reader *msg)
{
    uint32_t reason = read_u32(msg);
    struct span text = read_string(msg);

    /* However it is formed, it is the end (hardening 2.19). */
    ssh_ended_by_peer(ssh->conn, reason, text);
    return OK;
}

enum err
on_ignored(struct ssh2 *ssh, struct reader *msg)
{
    (void)ssh;
    (void)msg;
    return OK;
}

enum err
on_service_request(struct ssh2 *ssh, struct reader *msg)
{
    struct span name = read_string(msg);
    bool open = ssh->phase == STATE_OPEN;

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed SERVICE_REQUEST");
    if (span_is(name, open ? "ssh-userauth" : "ssh-connection"))
        return ssh2_fail(ssh, ERR_PROTOCOL, "service at a wrong time");
    if (!span_is(name, open ? "ssh-connection" : "ssh-userauth"))
        return ssh2_end(ssh, SSH_REASON_SERVICE_NOT_AVAILABLE, ERR_NOT_FOUND,
                        "unknown service");
    buf_put_string(ssh2_begin(ssh, SSH2_MSG_SERVICE_ACCEPT), name);
    (void)ssh2_send(ssh);
    /* Some clients ask again before each method; that changes nothing. */
    if (ssh->phase == STATE_SERVICE) {
        ssh2_enter_phase(ssh, STATE_AUTH);
        auth_server_begin(ssh);
    }
    return OK;
}

enum err
on_service_accept(struct ssh2 *ssh, struct reader *msg)
{
    struct span name = read_string(msg);

    if (!read_done(msg) || !span_is(name, "ssh-userauth"))
        return ssh2_fail(ssh, ERR_PROTOCOL, "unexpected SERVICE_ACCEPT");
    ssh2_enter_phase(ssh, STATE_AUTH);
    ssh_event_add(ssh->conn, SSH_EVENT_READY);
    return OK;
}

void
ssh2_enter_phase(struct ssh2 *ssh, enum ssh2_state phase)
{
    if (ssh->state == ssh->phase)
        ssh->state = phase;
    ssh->phase = phase;
}

/* --- re-keying ---------------------------------------------------------------
 */

static bool
is_worn(const struct packet_keys *keys, uint64_t bytes, uint64_t packets,
        uint64_t bytes_max)
{
    if (keys->cipher == NULL)
        return false;
    if (cipher_method_of(keys->cipher)->block64 && bytes_max > REKEY_BLOCK64)
        bytes_max = REKEY_BLOCK64;
    return bytes >= bytes_max || packets >= REKEY_PACKETS;
}

/* Not before authentication: RFC 8308 section 3.2.1. */
static bool
may_rekey(const struct ssh2 *ssh)
{
    return ssh->phase == STATE_OPEN && ssh->kex == NULL && !ssh->conn->ended;
}

void
ssh2_rekey_if_due(struct ssh2 *ssh)
{
    uint64_t max = ssh->conn->rekey_bytes;

    if (!may_rekey(ssh))
        return;
    if (is_worn(&ssh->rx.keys, ssh->rx.bytes, ssh->rx.packets, max) ||
        is_worn(&ssh->tx.keys, ssh->tx.bytes, ssh->tx.packets, max))
        kex_start(ssh);
}

static void
rekey(struct ssh_conn *c)
{
    struct ssh2 *ssh = ssh2_of(c);

    if (ssh->exchanges > 0 && ssh->kex == NULL)
        kex_start(ssh);
}

/* --- receiving ---------------------------------------------------------------
 */

static enum err
refuse(struct ssh2 *ssh, uint8_t message)
{
    struct buf *to;

    if (rules_refusal(ssh, message) != OK)
        return ssh2_fail(ssh, ERR_PROTOCOL,
                         "a message that is not allowed now");
    if (ssh->kex != NULL && ++ssh->kex->unimplemented > KEX_UNIMPLEMENTED_MAX)
        return ssh2_fail(ssh, ERR_LIMIT,
                         "too many unknown messages in a key exchange");
    to = ssh2_begin(ssh, SSH2_MSG_UNIMPLEMENTED);
    buf_put_u32(to, ssh->packet_seq);
    return ssh2_send(ssh);
}

/* What a whole packet is worth before anybody looks at its message. */
static enum err
check_limits(struct ssh2 *ssh, uint8_t message)
{
    if (ssh->phase != STATE_OPEN &&
        ++ssh->preauth_packets > SSH_PREAUTH_PACKETS_MAX)
        return ssh2_fail(ssh, ERR_LIMIT, "too many packets before login");
    if (ssh->strict && ssh->exchanges == 0 && ssh->rx.seq_wrapped)
        return ssh2_fail(ssh, ERR_PROTOCOL, "the sequence number wrapped");
    if (ssh->success_must_follow && message != SSH2_MSG_USERAUTH_SUCCESS &&
        message != SSH2_MSG_DISCONNECT)
        return ssh2_fail(ssh, ERR_PROTOCOL, "EXT_INFO at a wrong place");
    ssh->success_must_follow = false;
    return OK;
}

/* One opened packet; its payload has at least one byte. */
static void
dispatch(struct ssh2 *ssh, uint8_t *payload, size_t len)
{
    uint8_t message = payload[0];
    bool was_first = ssh->is_first_packet;
    struct reader msg = reader_over(span_of(payload + 1, len - 1));
    handler_fn handler;
    enum err err;

    ssh->packet_seq = ssh->rx.seq - 1;
    ssh->payload = payload;
    ssh->payload_len = len;
    if (check_limits(ssh, message) != OK || kex_skips(ssh, message))
        return;
    handler = rules_find(ssh, message);
    err = handler == NULL ? refuse(ssh, message) : handler(ssh, &msg);
    if (err != OK)
        (void)ssh2_fail(ssh, err, "malformed message");
    if (was_first)
        ssh->is_first_packet = false;
    ssh2_rekey_if_due(ssh);
}

/* Errors of packet_open(): all with the same text for the peer. */
static void
fail_packet(struct ssh2 *ssh, enum err err)
{
    (void)ssh2_fail(ssh, err,
                    err == ERR_LENGTH ? "bad packet length or padding"
                                      : "bad packet MAC");
}

static size_t
discard(struct ssh2 *ssh, size_t len)
{
    enum err err;
    size_t taken = packet_discard(&ssh->rx, len, &err);

    if (err != ERR_MORE)
        fail_packet(ssh, err);
    return taken;
}

/* A packet that begins in `in`: opened there if it is whole. */
static size_t
take_packet(struct ssh2 *ssh, uint8_t *in, size_t len)
{
    struct buf *pieces = &ssh->conn->in;
    size_t size, payload_len;
    enum err err = packet_open(&ssh->rx, in, len, &size, &payload_len);

    if (err == OK) {
        dispatch(ssh, in + PACKET_HEADER, payload_len);
        return size;
    }
    if (err != ERR_MORE) {
        fail_packet(ssh, err);
    } else if (ssh->rx.corrupted) {
        ssh->discard_timer = TIMER_NEW;
    } else {
        ssh->needed = size;
        (void)buf_reserve(pieces, size);
        buf_put(pieces, in, len);
        /* Its first block may have been decrypted. */
        wipe(in, len < CIPHER_IV_MAX ? len : CIPHER_IV_MAX);
    }
    return len;
}

/* More of a packet whose beginning is kept. */
static size_t
take_piece(struct ssh2 *ssh, const uint8_t *in, size_t len)
{
    struct buf *pieces = &ssh->conn->in;
    size_t missing = ssh->needed - buf_len(pieces);
    size_t size, payload_len;
    enum err err;

    if (len > missing)
        len = missing;
    buf_put(pieces, in, len);
    if (len < missing)
        return len;
    err = packet_open(&ssh->rx, buf_bytes(pieces), buf_len(pieces), &size,
                      &payload_len);
    if (err == OK) {
        ssh->conn->in_used = size;
        dispatch(ssh, buf_bytes(pieces) + PACKET_HEADER, payload_len);
    } else if (err != ERR_MORE) {
        fail_packet(ssh, err);
    } else if (ssh->rx.corrupted) {
        ssh->discard_timer = TIMER_NEW;
        buf_clear(pieces);
    } else {
        ssh->needed = size;
        (void)buf_reserve(pieces, size - buf_len(pieces));
    }
    return len;
}

static size_t
input(struct ssh_conn *c, uint8_t *in, size_t len)
{
    struct ssh2 *ssh = ssh2_of(c);
    size_t taken;

    if (ssh->rx.corrupted)
        taken = discard(ssh, len);
    else if (buf_len(&c->in) > 0)
        taken = take_piece(ssh, in, len);
    else
        taken = take_packet(ssh, in, len);
    if (ssh->phase != STATE_OPEN) {
        ssh->preauth_bytes += taken;
        if (ssh->preauth_bytes > SSH_PREAUTH_BYTES_MAX)
            (void)ssh2_fail(ssh, ERR_LIMIT, "too many bytes before login");
    }
    return taken;
}

/* --- state that others ask for
 * ------------------------------------------------ */

static bool
is_blocked(const struct ssh_conn *c)
{
    const struct ssh2 *ssh = ssh2_of(c);

    return ssh->awaiting != AWAIT_NOTHING || connection_is_blocked(ssh);
}

static bool
is_open(const struct ssh_conn *c)
{
    return ssh2_of(c)->phase == STATE_OPEN;
}

static bool
may_end(const struct ssh_conn *c)
{
    const struct ssh2 *ssh = ssh2_of(c);

    return ssh->phase == STATE_OPEN && connection_is_idle(ssh);
}

static const char *
mac_name(const struct mac_method *mac)
{
    return mac == NULL ? "implicit" : mac->name;
}

static struct ssh_keys
keys(const struct ssh_conn *c)
{
    const struct ssh2 *ssh = ssh2_of(c);
    const struct kex_choice *choice = &ssh->choice;
    int in = c->role == SSH_SERVER ? CLIENT_TO_SERVER : SERVER_TO_CLIENT;

    if (ssh->exchanges == 0)
        return (struct ssh_keys){"none", "none", "none", "none",
                                 "none", "none", 0};
    return (struct ssh_keys){
        .kex = choice->kex->name,
        .host_key = choice->host_key->name,
        .cipher_in = choice->cipher[in]->name,
        .cipher_out = choice->cipher[1 - in]->name,
        .mac_in = mac_name(choice->mac[in]),
        .mac_out = mac_name(choice->mac[1 - in]),
        .exchanges = ssh->exchanges,
    };
}

static struct span
session_id(const struct ssh_conn *c)
{
    const struct ssh2 *ssh = ssh2_of(c);

    return span_of(ssh->session_id, ssh->session_id_len);
}

static void
traffic(const struct ssh_conn *c, uint64_t *in, uint64_t *out)
{
    *in = ssh2_of(c)->traffic_in;
    *out = ssh2_of(c)->traffic_out;
}

static struct span
server_sig_algs(const struct ssh_conn *c)
{
    return ssh2_of(c)->server_sig_algs;
}

/* --- time
 * --------------------------------------------------------------------- */

static void
tick(struct ssh_conn *c)
{
    struct ssh2 *ssh = ssh2_of(c);

    if (timer_is_due(&ssh->kex_timer, c->now_ms, KEX_TIME_MS))
        (void)ssh2_end(ssh, SSH_REASON_BY_APPLICATION, ERR_CLOSED,
                       "Key exchange timed out");
    else if (timer_is_due(&ssh->discard_timer, c->now_ms, DISCARD_TIME_MS))
        (void)ssh2_fail(ssh, ERR_MAC, "bad packet MAC");
    else if (timer_is_due(&ssh->idle_timer, c->now_ms, SSH_IDLE_NO_CHANNEL_MS))
        (void)ssh2_end(ssh, SSH_REASON_BY_APPLICATION, OK,
                       "No channel was open for too long");
    else if (timer_is_due(&ssh->rekey_timer, c->now_ms, c->rekey_ms) &&
             may_rekey(ssh))
        kex_start(ssh);
}

static uint64_t
deadline(const struct ssh_conn *c)
{
    const struct ssh2 *ssh = ssh2_of(c);
    const uint64_t timers[] = {
        ssh->kex_timer,
        ssh->discard_timer,
        ssh->idle_timer,
        may_rekey(ssh) ? ssh->rekey_timer : TIMER_OFF,
    };
    uint64_t first = UINT64_MAX;

    for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
        uint64_t at = timer_deadline(timers[i], c->now_ms);

        if (at < first)
            first = at;
    }
    return first;
}

/* --- life
 * ---------------------------------------------------------------------- */

static void
trim(struct ssh_conn *c)
{
    struct ssh2 *ssh = ssh2_of(c);

    if (buf_len(&ssh->held) == 0)
        buf_clear(&ssh->held);
}

static void
free_ssh2(struct ssh_conn *c)
{
    struct ssh2 *ssh = ssh2_of(c);

    kex_free(ssh->kex);
    packet_keys_clear(&ssh->rx.keys);
    packet_keys_clear(&ssh->tx.keys);
    auth_server_free(ssh->auth_server);
    auth_client_free(ssh->auth_client);
    buf_clear(&ssh->held);
    free((void *)(uintptr_t)ssh->host_key.ptr);
    free((void *)(uintptr_t)ssh->server_sig_algs.ptr);
    free(ssh);
}

static const struct ssh_protocol ssh2_protocol = {
    .free = free_ssh2,
    .input = input,
    .is_blocked = is_blocked,
    .is_open = is_open,
    .may_end = may_end,
    .next_event = connection_next_event,
    .tick = tick,
    .deadline = deadline,
    .put_disconnect = put_disconnect,
    .trim = trim,
    .rekey = rekey,
    .keys = keys,
    .session_id = session_id,
    .traffic = traffic,
    .sign_reply = kex_sign_reply,
    .auth_reply = auth_reply,
    .banner = auth_banner,
    .request_reply = session_request_reply,
    .exit_status = session_exit_status,
    .write = connection_write,
    .consumed = connection_consumed,
    .eof = connection_eof,
    .close = connection_close,
    .host_key_reply = kex_host_key_reply,
    .auth_none = auth_none,
    .auth_password = auth_password,
    .auth_interactive = auth_interactive,
    .auth_answer = auth_answer,
    .auth_key = auth_key,
    .auth_key_data = auth_key_data,
    .server_sig_algs = server_sig_algs,
    .open_session = connection_open_session,
    .pty = session_pty,
    .start = session_start,
    .window_size = session_window_size,
    .send_break = session_break,
};

void
ssh2_start(struct ssh_conn *c)
{
    struct ssh2 *ssh = alloc_zero(1, sizeof(*ssh));

    ssh->conn = c;
    ssh->state = STATE_KEXINIT;
    ssh->phase = STATE_SERVICE;
    ssh->rx.max = SSH_PACKET_MAX_PREAUTH;
    buf_init_secret(&ssh->held, HELD_MAX);
    ssh->rekey_timer = ssh->kex_timer = TIMER_OFF;
    ssh->discard_timer = ssh->idle_timer = TIMER_OFF;
    kexinit_filter_offer(&c->offer, c->role);
    if (c->role == SSH_SERVER)
        ssh->auth_server = auth_server_new();
    else
        ssh->auth_client = auth_client_new();
    c->protocol = &ssh2_protocol;
    c->state = ssh;
    kex_start(ssh);
}
