#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "ssh/v2/auth.h"
#include "ssh/v2/connection.h"
#include "ssh/v2/kex.h"
#include "ssh/v2/session.h"
#include "ssh/v2/ssh2.h"

/* --- sending --------------------------------------------------------- */

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

static void
tell_sent(const struct ssh2 *ssh)
{
    const struct packet_sender *tx = &ssh->tx;

    SSH_TELL(ssh->conn, SSH_TRACE_SENT, .numbers = {tx->length, tx->padding});
    if (packet_mac_bytes(&tx->keys) > 0)
        SSH_TELL(ssh->conn, SSH_TRACE_MAC_MADE, .numbers = {tx->seq - 1});
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
    if (err == OK) {
        if (c->trace != NULL)
            tell_sent(ssh);
        return OK;
    }
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
ssh2_drop(struct ssh2 *ssh)
{
    buf_truncate(ssh->building, ssh->mark);
    ssh->building = NULL;
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

/* --- the end --------------------------------------------------------- */

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

void
ssh2_enter_phase(struct ssh2 *ssh, enum ssh2_state phase)
{
    if (ssh->state == ssh->phase)
        ssh->state = phase;
    ssh->phase = phase;
}

/* --- re-keying ------------------------------------------------------- */

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

/* --- state that others ask for --------------------------------------- */

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
                                 "none", "none", 0,      ssh->kex != NULL};
    return (struct ssh_keys){
        .kex = choice->kex->name,
        .host_key = choice->host_key->name,
        .cipher_in = choice->cipher[in]->name,
        .cipher_out = choice->cipher[1 - in]->name,
        .mac_in = mac_name(choice->mac[in]),
        .mac_out = mac_name(choice->mac[1 - in]),
        .exchanges = ssh->exchanges,
        .exchanging = ssh->kex != NULL,
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

/* --- time ------------------------------------------------------------ */

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

/* --- life ------------------------------------------------------------ */

static void
trim(struct ssh_conn *c)
{
    struct ssh2 *ssh = ssh2_of(c);

    if (buf_len(&ssh->held) == 0)
        buf_clear(&ssh->held);
    if (!ssh->request_held)
        buf_clear(&ssh->request);
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
    buf_clear(&ssh->request);
    free((void *)(uintptr_t)ssh->host_key.ptr);
    free((void *)(uintptr_t)ssh->server_sig_algs.ptr);
    free(ssh);
}

static const struct ssh_protocol ssh2_protocol = {
    .free = free_ssh2,
    .input = ssh2_input,
    .is_blocked = is_blocked,
    .is_open = is_open,
    .may_end = may_end,
    .next_event = connection_next_event,
    .tick = tick,
    .deadline = deadline,
    .put_disconnect = put_disconnect,
    .trim = trim,
    .version = 2,
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
    .reserve = connection_reserve,
    .commit = connection_commit,
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
    buf_init_secret(&ssh->request, SSH_PACKET_MAX);
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
