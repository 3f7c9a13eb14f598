#include "ssh/v2/kex.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ssh/v2/ext_info.h"

#define NO_MATCH_LIST_MAX 320 /* characters of a list in the log, and NUL */

/* --- traces ---------------------------------------------------------- */

const char *
kex_message_name(const struct ssh2 *ssh, uint8_t message)
{
    const struct kex_method *method = ssh->kex->choice.kex;

    if (method->kind != KEX_GROUP_EXCHANGE && method->group_bits != 0)
        return message == SSH2_MSG_KEX_INIT ? "SSH2_MSG_KEXDH_INIT"
                                            : "SSH2_MSG_KEXDH_REPLY";
    if (method->kind != KEX_GROUP_EXCHANGE)
        return message == SSH2_MSG_KEX_INIT ? "SSH2_MSG_KEX_ECDH_INIT"
                                            : "SSH2_MSG_KEX_ECDH_REPLY";
    switch (message) {
    case SSH2_MSG_GEX_GROUP:
        return "SSH2_MSG_KEX_DH_GEX_GROUP";
    case SSH2_MSG_GEX_INIT:
        return "SSH2_MSG_KEX_DH_GEX_INIT";
    case SSH2_MSG_GEX_REPLY:
        return "SSH2_MSG_KEX_DH_GEX_REPLY";
    default:
        return "SSH2_MSG_KEX_DH_GEX_REQUEST";
    }
}

static void
tell_choice(const struct ssh2 *ssh)
{
    const struct kex_choice *choice = &ssh->kex->choice;

    for (uint32_t i = 0; i < 2; i++)
        SSH_TELL(ssh->conn, SSH_TRACE_CHOSEN, .numbers = {i},
                 .name = choice->cipher[i]->name,
                 .other = choice->mac[i] == NULL ? "implicit"
                                                 : choice->mac[i]->name);
    SSH_TELL(ssh->conn, SSH_TRACE_METHOD, .name = choice->kex->name);
}

/* --- life ------------------------------------------------------------ */

void
kex_start(struct ssh2 *ssh)
{
    struct ssh_conn *c = ssh->conn;
    struct kex *kex = alloc_zero(1, sizeof(*kex));
    uint8_t cookie[KEXINIT_COOKIE];
    struct span payload;

    assert(ssh->kex == NULL);
    buf_init(&kex->own_init, SSH_PACKET_MAX_PREAUTH);
    buf_init(&kex->peer_init, SSH_PACKET_MAX_PREAUTH);
    buf_init(&kex->key_copy, KEY_BLOB_MAX);
    buf_init(&kex->before, KEX_BEFORE_MAX);
    buf_init_secret(&kex->after, KEX_AFTER_MAX);
    c->random(c->random_state, cookie, sizeof(cookie));
    kexinit_put(&kex->own_init, &c->offer, c->role, ssh->exchanges == 0,
                cookie);
    payload = buf_span(&kex->own_init);
    buf_put(ssh2_begin(ssh, SSH2_MSG_KEXINIT), payload.ptr + 1,
            payload.len - 1);
    (void)ssh2_send(ssh);
    SSH_TELL(c, SSH_TRACE_MESSAGE_SENT, .name = "SSH2_MSG_KEXINIT");
    ssh->kex = kex;
    ssh->kex_timer = ssh->exchanges == 0 ? TIMER_OFF : TIMER_NEW;
}

/* What only the exchange itself needs; the new input keys stay. */
static void
forget_secrets(struct kex *kex)
{
    secret_clear(&kex->k);
    buf_clear(&kex->after);
    kex_client_free(kex->client);
    kex->client = NULL;
}

void
kex_free(struct kex *kex)
{
    if (kex == NULL)
        return;
    forget_secrets(kex);
    buf_clear(&kex->own_init);
    buf_clear(&kex->peer_init);
    buf_clear(&kex->key_copy);
    buf_clear(&kex->before);
    kex_group_free(kex->group);
    packet_keys_clear(&kex->in);
    wipe(kex, sizeof(*kex));
    free(kex);
}

bool
kex_holds_output(const struct ssh2 *ssh)
{
    return ssh->kex != NULL && !ssh->kex->newkeys_sent;
}

bool
kex_skips(struct ssh2 *ssh, uint8_t message)
{
    if (ssh->kex == NULL || !ssh->kex->skip_guess ||
        message < SSH2_MSG_KEX_FIRST || message >= SSH2_MSG_USERAUTH_FIRST)
        return false;
    ssh->kex->skip_guess = false;
    return true;
}

/* --- KEXINIT --------------------------------------------------------- */

/* A stranger shall not make us exponentiate without end (hardening 3.13). */
static enum err
check_storm(struct ssh2 *ssh)
{
    uint64_t traffic = ssh->traffic_in + ssh->traffic_out;
    uint64_t now_ms = ssh->conn->now_ms;

    if (traffic - ssh->storm_bytes < STORM_BYTES &&
        now_ms - ssh->storm_ms < STORM_MS)
        ssh->storm++;
    else
        ssh->storm = 1;
    ssh->storm_bytes = traffic;
    ssh->storm_ms = now_ms;
    if (ssh->storm > STORM_MAX)
        return ssh2_fail(ssh, ERR_LIMIT, "too many key exchanges");
    return OK;
}

/* Markers count in the first KEXINIT of each side only. */
static enum err
note_markers(struct ssh2 *ssh, const struct kexinit *peer)
{
    if (ssh->exchanges > 0)
        return OK;
    ssh->peer_takes_ext_info = peer->has_ext_info;
    ssh->strict = peer->has_strict;
    if (ssh->strict && (ssh->packet_seq != 0 || ssh->rx.seq_wrapped))
        return ssh2_fail(ssh, ERR_PROTOCOL, "KEXINIT was not the first packet");
    return OK;
}

/* V_C, V_S, I_C, I_S: what is hashed before the host key. */
static void
put_before(struct ssh2 *ssh)
{
    struct ssh_conn *c = ssh->conn;
    struct kex *kex = ssh->kex;
    struct span own = span_text(c->own_ident);
    struct span own_init = buf_span(&kex->own_init);
    struct span peer_init = buf_span(&kex->peer_init);
    bool server = c->role == SSH_SERVER;

    buf_put_string(&kex->before, server ? c->peer_ident : own);
    buf_put_string(&kex->before, server ? own : c->peer_ident);
    buf_put_string(&kex->before, server ? peer_init : own_init);
    buf_put_string(&kex->before, server ? own_init : peer_init);
    buf_clear(&kex->own_init);
    buf_clear(&kex->peer_init);
}

/* The client's list first, whoever tells; the peer's is cut to a line. */
static enum err
fail_without_match(struct ssh2 *ssh, const struct kexinit *peer)
{
    struct ssh_conn *c = ssh->conn;
    char lists[2][NO_MATCH_LIST_MAX];
    int client = c->role == SSH_SERVER ? 0 : 1;
    struct kex_mismatch why;
    struct buf text;

    kexinit_mismatch(peer, &c->offer, c->role, &why);
    text_escape(lists[0], sizeof(lists[0]), why.peer);
    text_escape(lists[1], sizeof(lists[1]), why.own);
    buf_init(&text, 3 * NO_MATCH_LIST_MAX);
    buf_printf(&text, "No matching %s found: client %s server %s", why.what,
               lists[client], lists[1 - client]);
    (void)ssh_fail_saying(c, ERR_NO_MATCH, buf_span(&text));
    buf_clear(&text);
    return ERR_NO_MATCH;
}

enum err
on_kexinit(struct ssh2 *ssh, struct reader *msg)
{
    struct ssh_conn *c = ssh->conn;
    bool server = c->role == SSH_SERVER;
    struct kexinit peer;
    struct kex *kex;
    enum err err;

    (void)msg; /* the message number is parsed and hashed as well */
    SSH_TELL(c, SSH_TRACE_MESSAGE_RECEIVED, .name = "SSH2_MSG_KEXINIT");
    if (ssh->kex == NULL) {
        err = check_storm(ssh);
        if (err != OK)
            return err;
        kex_start(ssh);
    }
    kex = ssh->kex;
    buf_put(&kex->peer_init, ssh->payload, ssh->payload_len);
    if (!buf_ok(&kex->peer_init))
        return ssh2_fail(ssh, ERR_LIMIT, "KEXINIT is too long");
    err = kexinit_parse(buf_span(&kex->peer_init),
                        server ? SSH_CLIENT : SSH_SERVER, &peer);
    if (err != OK)
        return ssh2_fail(ssh, err, "malformed KEXINIT");
    err = note_markers(ssh, &peer);
    if (err != OK)
        return err;
    err = kexinit_choose(&peer, &c->offer, c->role, &kex->choice);
    if (err != OK)
        return fail_without_match(ssh, &peer);
    if (c->trace != NULL)
        tell_choice(ssh);
    kex->skip_guess =
        peer.guess_follows && !kexinit_guess_is_right(&peer, &c->offer);
    put_before(ssh);
    if (server)
        kex_server_begin(ssh);
    else
        return kex_client_begin(ssh);
    return OK;
}

/* --- hash and keys --------------------------------------------------- */

struct span
kex_read_value(struct reader *msg)
{
    const uint8_t *start = msg->ptr;
    struct span value = read_string(msg);

    if (!read_ok(msg))
        return SPAN_EMPTY;
    return span_of(start, 4 + value.len);
}

enum err
kex_hash(struct ssh2 *ssh)
{
    struct kex *kex = ssh->kex;
    uint32_t len = (uint32_t)kex->server_key.len;
    uint8_t length[4] = {(uint8_t)(len >> 24 & 0xff),
                         (uint8_t)(len >> 16 & 0xff),
                         (uint8_t)(len >> 8 & 0xff), (uint8_t)(len & 0xff)};
    const struct span pieces[] = {
        buf_span(&kex->before),
        span_of(length, sizeof(length)),
        kex->server_key,
        buf_span(&kex->after),
    };

    if (!buf_ok(&kex->before) || !buf_ok(&kex->after))
        return ERR_LIMIT;
    return hash_pieces(kex->choice.kex->hash, pieces, 4, kex->hash);
}

/* RFC 4253 section 7.2: as much key as is wanted, for one letter. */
static enum err
derive(struct ssh2 *ssh, char letter, uint8_t *to, size_t wanted)
{
    const struct kex *kex = ssh->kex;
    enum hash_id hash = kex->choice.kex->hash;
    size_t step = hash_len(hash);
    uint8_t key[CIPHER_KEY_MAX + HASH_MAX];
    const struct span first[] = {
        secret_span(&kex->k),
        span_of(kex->hash, step),
        span_of(&letter, 1),
        span_of(ssh->session_id, ssh->session_id_len),
    };
    enum err err;

    if (wanted == 0)
        return OK;
    err = hash_pieces(hash, first, 4, key);
    for (size_t len = step; err == OK && len < wanted; len += step) {
        const struct span next[] = {
            secret_span(&kex->k),
            span_of(kex->hash, step),
            span_of(key, len),
        };

        err = hash_pieces(hash, next, 3, key + len);
    }
    if (err == OK)
        memcpy(to, key, wanted);
    wipe(key, sizeof(key));
    return err;
}

static enum err
make_keys(struct ssh2 *ssh, int direction, bool sending,
          struct packet_keys *out)
{
    const struct cipher_method *cipher = ssh->kex->choice.cipher[direction];
    const struct mac_method *mac = ssh->kex->choice.mac[direction];
    uint8_t iv[CIPHER_IV_MAX], key[CIPHER_KEY_MAX], mac_key[MAC_KEY_MAX];
    enum err err;

    err = derive(ssh, (char)('A' + direction), iv, cipher->iv_len);
    if (err == OK)
        err = derive(ssh, (char)('C' + direction), key, cipher->key_len);
    if (err == OK)
        err = cipher_new(cipher, key, iv, sending, &out->cipher);
    if (err == OK && mac != NULL)
        err = derive(ssh, (char)('E' + direction), mac_key, mac->key_len);
    if (err == OK && mac != NULL)
        err = mac_new(mac, mac_key, &out->mac);
    wipe(iv, sizeof(iv));
    wipe(key, sizeof(key));
    wipe(mac_key, sizeof(mac_key));
    return err;
}

/* The first packets under the first keys. */
static void
begin_session(struct ssh2 *ssh)
{
    if (ssh->conn->role == SSH_SERVER) {
        ext_info_send(ssh);
        return;
    }
    buf_put_text(ssh2_begin(ssh, SSH2_MSG_SERVICE_REQUEST), "ssh-userauth");
    (void)ssh2_send(ssh);
}

enum err
kex_finish(struct ssh2 *ssh)
{
    struct kex *kex = ssh->kex;
    bool server = ssh->conn->role == SSH_SERVER;
    int in = server ? CLIENT_TO_SERVER : SERVER_TO_CLIENT;
    struct packet_keys out = {NULL, NULL};
    enum err err;

    if (ssh->session_id_len == 0) {
        ssh->session_id_len = hash_len(kex->choice.kex->hash);
        memcpy(ssh->session_id, kex->hash, ssh->session_id_len);
    }
    err = make_keys(ssh, in, false, &kex->in);
    if (err == OK)
        err = make_keys(ssh, 1 - in, true, &out);
    if (err == OK) {
        SSH_TELL(ssh->conn, SSH_TRACE_DERIVED);
        err = ssh2_send_empty(ssh, SSH2_MSG_NEWKEYS);
    }
    forget_secrets(kex);
    if (err != OK) {
        packet_keys_clear(&out);
        return ssh2_fail(ssh, ERR_CRYPTO, "no keys could be made");
    }
    packet_sender_rekey(&ssh->tx, &out, ssh->strict);
    SSH_TELL(ssh->conn, SSH_TRACE_NEW_KEYS, .numbers = {1});
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_SENT, .name = "SSH2_MSG_NEWKEYS");
    SSH_TELL(ssh->conn, SSH_TRACE_WAITING, .name = "SSH2_MSG_NEWKEYS");
    kex->newkeys_sent = true;
    ssh->state = STATE_NEWKEYS;
    if (ssh->exchanges == 0)
        begin_session(ssh);
    ssh2_send_held(ssh);
    return OK;
}

enum err
on_newkeys(struct ssh2 *ssh, struct reader *msg)
{
    struct kex *kex = ssh->kex;

    if (!read_done(msg))
        return ssh2_fail(ssh, ERR_FORMAT, "malformed NEWKEYS");
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE_RECEIVED, .name = "SSH2_MSG_NEWKEYS");
    packet_receiver_rekey(&ssh->rx, &kex->in, ssh->strict);
    ssh->choice = kex->choice;
    ssh->exchanges++;
    ssh->kex = NULL;
    kex_free(kex);
    ssh->is_first_packet = ssh->exchanges == 1;
    ssh->state = ssh->phase;
    ssh->kex_timer = TIMER_OFF;
    ssh->rekey_timer = TIMER_NEW;
    ssh_event_add(ssh->conn, SSH_EVENT_KEYS);
    return OK;
}
