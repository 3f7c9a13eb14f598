#include "base/secret.h"
#include "ssh/v2/auth.h"
#include "ssh/v2/kex.h"
#include "ssh/v2/rules.h"
#include "ssh/v2/ssh2.h"

/* --- traces ---------------------------------------------------------- */

/* What is known of the packet that comes; `was_known`: and was told. */
static void
tell_packet(const struct ssh2 *ssh, bool was_known)
{
    const struct packet_receiver *rx = &ssh->rx;
    uint32_t len = 4 + rx->length;
    uint32_t first = (uint32_t)packet_first_bytes(&rx->keys);

    if (!was_known)
        SSH_TELL(ssh->conn, SSH_TRACE_LENGTH, .numbers = {len});
    SSH_TELL(
        ssh->conn, SSH_TRACE_PARTIAL,
        .numbers = {first, len - first, (uint32_t)packet_mac_bytes(&rx->keys)});
}

/* It is whole, and open. */
static void
tell_opened(const struct ssh2 *ssh, uint8_t padding)
{
    if (packet_mac_bytes(&ssh->rx.keys) > 0)
        SSH_TELL(ssh->conn, SSH_TRACE_MAC_OK, .numbers = {ssh->rx.seq - 1});
    SSH_TELL(ssh->conn, SSH_TRACE_PADDING, .numbers = {padding});
}

/* packet_open(), told. */
static enum err
open_packet(struct ssh2 *ssh, uint8_t *bytes, size_t len, size_t *size,
            size_t *payload_len)
{
    bool was_known = ssh->rx.length_known;
    enum err err = packet_open(&ssh->rx, bytes, len, size, payload_len);

    if (ssh->conn->trace == NULL || ssh->rx.corrupted)
        return err;
    if (err == OK || ssh->rx.length_known)
        tell_packet(ssh, was_known);
    if (err == OK)
        tell_opened(ssh, bytes[4]);
    return err;
}

/* The keys that it switches to are in use when its number is told. */
static void
tell_message(const struct ssh2 *ssh, uint8_t message, bool allowed)
{
    if (message == SSH2_MSG_NEWKEYS && allowed)
        SSH_TELL(ssh->conn, SSH_TRACE_NEW_KEYS, .numbers = {0});
    SSH_TELL(ssh->conn, SSH_TRACE_RECEIVED, .numbers = {message});
}

/* --- receiving ------------------------------------------------------- */

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
    handler = rules_find(ssh, message);
    if (ssh->conn->trace != NULL)
        tell_message(ssh, message, handler != NULL);
    if (check_limits(ssh, message) != OK || kex_skips(ssh, message))
        return;
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
    enum err err = open_packet(ssh, in, len, &size, &payload_len);

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
    if (len < missing) {
        if (ssh->conn->trace != NULL && ssh->rx.length_known)
            tell_packet(ssh, true);
        return len;
    }
    err = open_packet(ssh, buf_bytes(pieces), buf_len(pieces), &size,
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

size_t
ssh2_input(struct ssh_conn *c, uint8_t *in, size_t len)
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

/* --- messages of the transport itself -------------------------------- */

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

/* Its text is for people, and for nobody but those who debug it (2.17). */
enum err
on_debug(struct ssh2 *ssh, struct reader *msg)
{
    read_bool(msg);
    if (ssh->conn->trace != NULL)
        rules_tell_text(ssh, SSH2_MSG_DEBUG, SSH_TRACE_PEER_DEBUG,
                        read_string(msg));
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
