#include "base/names.h"
#include "base/secret.h"
#include "crypto/hostkey.h"
#include "crypto/rsa1_key.h"
#include "ssh/v1/numbers.h"
#include "ssh/v1/ssh1.h"

/* A public key of the message, as an ssh-rsa blob. */
static void
read_key(struct reader *msg, struct buf *blob)
{
    struct span exponent, modulus;

    read_u32(msg); /* bits: the modulus tells */
    exponent = numbers_read(msg);
    modulus = numbers_read(msg);
    buf_put_text(blob, "ssh-rsa");
    buf_put_mpint(blob, exponent);
    buf_put_mpint(blob, modulus);
}

/* The first of ours that the server has. */
static bool
choose_cipher(struct ssh1 *ssh, uint32_t mask)
{
    struct span rest = span_text(ssh->conn->offer.v1_ciphers), name;

    while (names_next(&rest, &name))
        if (cipher1_find(name, &ssh->cipher) && (mask >> ssh->cipher & 1) != 0)
            return true;
    return false;
}

/* It is known as a key of this version, whatever else it may sign. */
static void
tell_host_key(struct ssh1 *ssh)
{
    struct ssh_event *event = ssh_event_add(ssh->conn, SSH_EVENT_HOST_KEY);
    struct span exponent = SPAN_EMPTY, modulus = SPAN_EMPTY;

    if (rsa1_numbers(buf_span(&ssh->host_blob), &exponent, &modulus) == OK)
        rsa1_key_put(&ssh->shown_blob, exponent, modulus);
    event->bytes = buf_span(&ssh->shown_blob);
    event->number = numbers_bits(modulus);
    event->auth.algorithm = span_text(RSA1_KEY_TYPE);
}

enum err
on_public_key(struct ssh1 *ssh, struct reader *msg)
{
    struct span cookie = read_bytes(msg, RSA1_COOKIE);
    uint32_t ciphers, methods;

    read_key(msg, &ssh->server_blob);
    read_key(msg, &ssh->host_blob);
    read_u32(msg); /* protocol flags */
    ciphers = read_u32(msg);
    methods = read_u32(msg);
    if (!read_done(msg))
        return ERR_FORMAT;
    SSH_TELL(ssh->conn, SSH_TRACE_MESSAGE, .name = "SSH_SMSG_PUBLIC_KEY");
    memcpy(ssh->cookie, cookie.ptr, RSA1_COOKIE);
    if (!choose_cipher(ssh, ciphers))
        return ssh1_fail(ssh, ERR_NO_MATCH, "no common cipher of version 1");
    if ((methods >> SSH1_AUTH_PASSWORD & 1) == 0)
        return ssh1_fail(ssh, ERR_NO_MATCH,
                         "the server takes no passwords in version 1");
    if (!buf_ok(&ssh->host_blob) || !buf_ok(&ssh->server_blob) ||
        rsa1_check_pair(buf_span(&ssh->host_blob),
                        buf_span(&ssh->server_blob)) != OK ||
        rsa1_session_id(buf_span(&ssh->host_blob), buf_span(&ssh->server_blob),
                        ssh->cookie, ssh->session_id) != OK)
        return ssh1_fail(ssh, ERR_CRYPTO, "keys that are no keys");
    ssh->awaiting = AWAIT1_HOST_KEY;
    tell_host_key(ssh);
    return OK;
}

static enum err
send_session_key(struct ssh1 *ssh)
{
    struct ssh_conn *c = ssh->conn;
    uint8_t key[RSA1_KEY];
    struct buf wrapped, *to;
    enum err err;

    buf_init(&wrapped, KEY_BLOB_MAX);
    c->random(c->random_state, key, sizeof(key));
    err = rsa1_wrap(buf_span(&ssh->host_blob), buf_span(&ssh->server_blob),
                    ssh->session_id, key, c->random, c->random_state, &wrapped);
    if (err != OK) {
        err = ssh1_fail(ssh, err, "keys that are no keys");
    } else {
        to = ssh1_begin(ssh, SSH1_CMSG_SESSION_KEY);
        buf_put_u8(to, (uint8_t)ssh->cipher);
        buf_put(to, ssh->cookie, RSA1_COOKIE);
        numbers_put(to, buf_span(&wrapped));
        buf_put_u32(to, 0);
        SSH_TELL(c, SSH_TRACE_SESSION_KEY,
                 .numbers = {(uint32_t)(1 + 1 + RSA1_COOKIE + 2 +
                                        buf_len(&wrapped) + 4),
                             (uint32_t)ssh->cipher});
        err = ssh1_send(ssh);
    }
    if (err == OK)
        err = ssh1_set_keys(ssh, key);
    wipe(key, sizeof(key));
    buf_clear(&wrapped);
    return err;
}

void
login_host_key_reply(struct ssh_conn *c, bool trusted)
{
    struct ssh1 *ssh = ssh1_of(c);

    if (ssh->awaiting != AWAIT1_HOST_KEY)
        return;
    ssh->awaiting = AWAIT1_NOTHING;
    if (!trusted)
        (void)ssh_end(c, SSH_REASON_BY_APPLICATION, ERR_REFUSED,
                      "Host key not accepted");
    else if (send_session_key(ssh) == OK)
        ssh->state = STATE1_KEYED;
}

enum err
on_keyed(struct ssh1 *ssh, struct reader *msg)
{
    if (!read_done(msg))
        return ERR_FORMAT;
    ssh->state = STATE1_AUTH;
    ssh_event_add(ssh->conn, SSH_EVENT_KEYS);
    ssh_event_add(ssh->conn, SSH_EVENT_READY);
    return OK;
}
