#include "ssh/v2/kex.h"

#include <stdlib.h>

#include "base/alloc.h"

/*
 * Our wish in a group exchange, in bits. Not below 2048 (RFC 8270), but where
 * the owner says so: old routers have no more than 1024.
 */
#define GEX_MIN       2048
#define GEX_MIN_LEAST 1024
#define GEX_PREFERRED 3072
#define GEX_MAX       KEX_GROUP_BITS_MAX

#define MPINT_MAX 1024 /* bytes of p and g: 8192 bits */

/* And which one answers it: the number behind it, in every method. */
static void
tell_sent(const struct ssh2 *ssh, uint8_t message)
{
    uint8_t answer = message == SSH2_MSG_GEX_REQUEST ? SSH2_MSG_GEX_GROUP
                                                     : (uint8_t)(message + 1);

    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_SENT,
             .name = kex_message_name(ssh, message));
    SSH_TELL(ssh->conn, SSH_TRACE_EXPECTING,
             .name = kex_message_name(ssh, answer));
}

static enum err
send_value(struct ssh2 *ssh, uint8_t message, enum ssh2_state next)
{
    struct ssh_conn *c = ssh->conn;
    struct kex *kex = ssh->kex;
    struct buf value;
    enum err err;

    buf_init(&value, KEX_VALUE_MAX);
    err = kex_client_start(kex->choice.kex, kex->group, c->random,
                           c->random_state, &value, &kex->client);
    if (err == OK) {
        buf_put_span(&kex->after, buf_span(&value));
        buf_put_span(ssh2_begin(ssh, message), buf_span(&value));
        ssh->state = next;
        err = ssh2_send(ssh);
        tell_sent(ssh, message);
    } else {
        err = ssh2_fail(ssh, ERR_CRYPTO, "no key exchange value");
    }
    buf_clear(&value);
    return err;
}

static unsigned
gex_min(const struct ssh2 *ssh)
{
    unsigned min = ssh->conn->group_min;

    if (min == 0)
        return GEX_MIN;
    return min < GEX_MIN_LEAST ? GEX_MIN_LEAST : min;
}

enum err
kex_client_begin(struct ssh2 *ssh)
{
    struct kex *kex = ssh->kex;
    unsigned min = gex_min(ssh);
    struct buf *to;

    if (kex->choice.kex->kind != KEX_GROUP_EXCHANGE)
        return send_value(ssh, SSH2_MSG_KEX_INIT, STATE_KEX_REPLY);
    buf_put_u32(&kex->after, min);
    buf_put_u32(&kex->after, min < GEX_PREFERRED ? GEX_PREFERRED : min);
    buf_put_u32(&kex->after, GEX_MAX);
    to = ssh2_begin(ssh, SSH2_MSG_GEX_REQUEST);
    buf_put_span(to, buf_span(&kex->after));
    ssh->state = STATE_GEX_GROUP;
    if (ssh2_send(ssh) == OK)
        tell_sent(ssh, SSH2_MSG_GEX_REQUEST);
    return OK;
}

enum err
on_gex_group(struct ssh2 *ssh, struct reader *msg)
{
    struct kex *kex = ssh->kex;
    struct span p = read_mpint(msg, MPINT_MAX);
    struct span g = read_mpint(msg, MPINT_MAX);

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed GEX_GROUP");
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_RECEIVED,
             .name = kex_message_name(ssh, SSH2_MSG_GEX_GROUP));
    if (kex_group_take(p, g, gex_min(ssh), &kex->group) != OK)
        return ssh2_fail(ssh, ERR_CRYPTO, "bad group");
    kex_group_put(kex->group, &kex->after);
    return send_value(ssh, SSH2_MSG_GEX_INIT, STATE_GEX_REPLY);
}

/* --- the server's proof ---------------------------------------------- */

/* K_S is of the agreed type and signed the hash. How short an RSA key may be,
   public_key_decode() knows; who is warned of it, the owner. */
static enum err
verify(struct ssh2 *ssh, struct span signature)
{
    struct kex *kex = ssh->kex;
    const struct signature_method *method = kex->choice.host_key;
    struct public_key *key;
    enum err err = public_key_decode(kex->server_key, &key);

    if (err != OK)
        return ERR_CRYPTO;
    if (public_key_type(key) != method->type)
        err = ERR_CRYPTO;
    else
        err = public_key_verify(
            key, method, span_of(kex->hash, hash_len(kex->choice.kex->hash)),
            signature);
    kex->key_bits = public_key_bits(key);
    public_key_free(key);
    return err == OK ? OK : ERR_CRYPTO;
}

/* The first time the owner decides; in a re-key it must be the same key. */
static enum err
judge_host_key(struct ssh2 *ssh)
{
    struct kex *kex = ssh->kex;
    struct ssh_event *event;

    if (ssh->host_key.len > 0) {
        if (!span_equal(ssh->host_key, kex->server_key))
            return ssh2_fail(ssh, ERR_CRYPTO, "the host key has changed");
        return kex_finish(ssh);
    }
    event = ssh_event_add(ssh->conn, SSH_EVENT_HOST_KEY);
    event->bytes = kex->server_key;
    event->number = kex->key_bits;
    event->auth.algorithm = span_text(kex->choice.host_key->name);
    event->sign.hash = kex->choice.kex->hash;
    event->sign.before = buf_span(&kex->before);
    event->sign.after = buf_span(&kex->after);
    ssh->awaiting = AWAIT_HOST_KEY;
    return OK;
}

enum err
on_kex_reply(struct ssh2 *ssh, struct reader *msg)
{
    struct kex *kex = ssh->kex;
    struct span key = read_string(msg);
    struct span value = kex_read_value(msg);
    struct span signature = read_string(msg);
    enum err err;

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed key exchange reply");
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_RECEIVED,
             .name = kex_message_name(ssh, ssh->state == STATE_GEX_REPLY
                                               ? SSH2_MSG_GEX_REPLY
                                               : SSH2_MSG_KEX_REPLY));
    SSH_TELL(ssh->conn, SSH_TRACE_SIGNATURE,
             .numbers = {(uint32_t)signature.len});
    buf_put_span(&kex->key_copy, key);
    if (!buf_ok(&kex->key_copy))
        return ssh2_fail(ssh, ERR_CRYPTO, "the host key is too long");
    kex->server_key = buf_span(&kex->key_copy);
    err = kex_client_finish(kex->client, value, &kex->k);
    if (err != OK)
        return ssh2_fail(ssh, err, "bad key exchange value");
    buf_put_span(&kex->after, value);
    buf_put_span(&kex->after, secret_span(&kex->k));
    err = kex_hash(ssh);
    if (err == OK)
        err = verify(ssh, signature);
    if (err != OK)
        return ssh2_fail(ssh, ERR_CRYPTO, "bad host signature");
    return judge_host_key(ssh);
}

void
kex_host_key_reply(struct ssh_conn *c, bool trusted)
{
    struct ssh2 *ssh = ssh2_of(c);
    struct span key;
    uint8_t *copy;

    if (ssh->awaiting != AWAIT_HOST_KEY)
        return;
    ssh->awaiting = AWAIT_NOTHING;
    if (!trusted) {
        (void)ssh2_end(ssh, SSH_REASON_BY_APPLICATION, ERR_REFUSED,
                       "the host key is not trusted");
        return;
    }
    key = ssh->kex->server_key;
    copy = alloc_zero(key.len, 1);
    memcpy(copy, key.ptr, key.len);
    ssh->host_key = span_of(copy, key.len);
    (void)kex_finish(ssh);
}
