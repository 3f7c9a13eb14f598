#include "ssh/v2/kex.h"

#include "base/alloc.h"
#include "crypto/crypto.h"

/* What RFC 4419 section 5 lets an old request mean. */
#define GEX_OLD_MIN 1024
#define GEX_OLD_MAX 8192

static void
tell_expected(const struct ssh2 *ssh)
{
    SSH_TELL(ssh->conn, SSH_TRACE_EXPECTING,
             .name = kex_message_name(
                 ssh, ssh->state == STATE_GEX_REQUEST ? SSH2_MSG_GEX_REQUEST
                      : ssh->state == STATE_GEX_INIT  ? SSH2_MSG_GEX_INIT
                                                      : SSH2_MSG_KEX_INIT));
}

static void
tell_received(const struct ssh2 *ssh, uint8_t message)
{
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_RECEIVED,
             .name = kex_message_name(ssh, message));
}

void
kex_server_begin(struct ssh2 *ssh)
{
    struct kex *kex = ssh->kex;
    const struct ssh_offer *offer = &ssh->conn->offer;

    kex->host_key = kexinit_host_key(offer, kex->choice.host_key->type);
    kex->server_key = offer->host_keys[kex->host_key];
    ssh->state = kex->choice.kex->kind == KEX_GROUP_EXCHANGE ? STATE_GEX_REQUEST
                                                             : STATE_KEX_INIT;
    tell_expected(ssh);
}

/* --- group exchange: RFC 4419 section 3 ------------------------------ */

/* What the peer wants, at least as large as we are told to demand. */
static enum err
choose_group(struct ssh2 *ssh, uint32_t min, uint32_t preferred, uint32_t max)
{
    uint32_t least = ssh->conn->group_min;
    struct kex *kex = ssh->kex;

    if (preferred < min || preferred > max ||
        kex_group_choose(min, preferred, max, &kex->group) != OK)
        return ssh2_fail(ssh, ERR_CRYPTO, "no group of the wanted size");
    if (min < least)
        min = least;
    if (preferred < least)
        preferred = least;
    if (kex_group_choose(min, preferred, max, &kex->group) != OK)
        return ssh2_fail(ssh, ERR_NOT_FOUND,
                         "the wanted group is below the minimum");
    return OK;
}

static enum err
send_group(struct ssh2 *ssh, uint32_t min, uint32_t preferred, uint32_t max)
{
    struct kex *kex = ssh->kex;
    enum err err = choose_group(ssh, min, preferred, max);
    struct buf *to;

    if (err != OK)
        return err;
    kex_group_put(kex->group, &kex->after);
    to = ssh2_begin(ssh, SSH2_MSG_GEX_GROUP);
    kex_group_put(kex->group, to);
    ssh->state = STATE_GEX_INIT;
    if (ssh2_send(ssh) != OK)
        return OK; /* the connection has ended */
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_SENT,
             .name = kex_message_name(ssh, SSH2_MSG_GEX_GROUP));
    tell_expected(ssh);
    return OK;
}

enum err
on_gex_request(struct ssh2 *ssh, struct reader *msg)
{
    uint32_t min = read_u32(msg);
    uint32_t preferred = read_u32(msg);
    uint32_t max = read_u32(msg);
    struct buf *hashed = &ssh->kex->after;

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed GEX_REQUEST");
    tell_received(ssh, SSH2_MSG_GEX_REQUEST);
    buf_put_u32(hashed, min);
    buf_put_u32(hashed, preferred);
    buf_put_u32(hashed, max);
    return send_group(ssh, min, preferred, max);
}

enum err
on_gex_request_old(struct ssh2 *ssh, struct reader *msg)
{
    uint32_t preferred = read_u32(msg);

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed GEX_REQUEST_OLD");
    tell_received(ssh, SSH2_MSG_GEX_REQUEST);
    buf_put_u32(&ssh->kex->after, preferred);
    return send_group(ssh, GEX_OLD_MIN, preferred, GEX_OLD_MAX);
}

/* --- the client's value, our value and the signature ----------------- */

static void
ask_for_signature(struct ssh2 *ssh)
{
    struct kex *kex = ssh->kex;
    struct ssh_event *event =
        ssh_event_add(ssh->conn, SSH_EVENT_NEED_SIGNATURE);

    event->sign.method = span_text(kex->choice.host_key->name);
    event->sign.host_key = kex->host_key;
    event->sign.hash = kex->choice.kex->hash;
    event->sign.before = buf_span(&kex->before);
    event->sign.after = buf_span(&kex->after);
    ssh->awaiting = AWAIT_SIGNATURE;
}

enum err
on_kex_init(struct ssh2 *ssh, struct reader *msg)
{
    struct ssh_conn *c = ssh->conn;
    struct kex *kex = ssh->kex;
    struct span init = kex_read_value(msg);
    struct buf *reply = &kex->key_copy;
    enum err err;

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed key exchange value");
    tell_received(ssh, ssh->state == STATE_GEX_INIT ? SSH2_MSG_GEX_INIT
                                                    : SSH2_MSG_KEX_INIT);
    err = kex_server(kex->choice.kex, kex->group, init, c->random,
                     c->random_state, reply, &kex->k);
    if (err != OK)
        return ssh2_fail(ssh, err, "bad key exchange value");
    buf_put_span(&kex->after, init);
    buf_put_span(&kex->after, buf_span(reply));
    buf_put_span(&kex->after, secret_span(&kex->k));
    err = kex_hash(ssh);
    if (err != OK)
        return ssh2_fail(ssh, ERR_CRYPTO, "no exchange hash");
    ask_for_signature(ssh);
    return OK;
}

/* A signature blob that carries exactly the negotiated name (3.11). */
static bool
is_named_right(const struct kex *kex, struct span signature)
{
    struct reader r = reader_over(signature);
    struct span name = read_string(&r);

    return span_is(name, kex->choice.host_key->name);
}

void
kex_sign_reply(struct ssh_conn *c, struct span hash, struct span signature)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct kex *kex = ssh->kex;
    bool group_exchange;
    struct buf *to;

    if (ssh->awaiting != AWAIT_SIGNATURE)
        return;
    ssh->awaiting = AWAIT_NOTHING;
    if (!is_named_right(kex, signature) ||
        !crypto_equal(hash,
                      span_of(kex->hash, hash_len(kex->choice.kex->hash)))) {
        (void)ssh2_fail(ssh, ERR_CRYPTO, "no host signature");
        return;
    }
    SSH_TELL(c, SSH_TRACE_SIGNATURE, .numbers = {(uint32_t)signature.len});
    group_exchange = kex->choice.kex->kind == KEX_GROUP_EXCHANGE;
    to = ssh2_begin(ssh,
                    group_exchange ? SSH2_MSG_GEX_REPLY : SSH2_MSG_KEX_REPLY);
    buf_put_string(to, kex->server_key);
    buf_put_span(to, buf_span(&kex->key_copy));
    buf_put_string(to, signature);
    if (ssh2_send(ssh) == OK)
        (void)kex_finish(ssh);
}
