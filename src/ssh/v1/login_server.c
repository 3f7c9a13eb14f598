#include "ssh/v1/numbers.h"
#include "ssh/v1/ssh1.h"

/* A public key as section 2 of the reference has it; false: none of ours. */
static bool
put_key(struct buf *to, struct span blob)
{
    struct span exponent, modulus;

    if (rsa1_numbers(blob, &exponent, &modulus) != OK)
        return false;
    buf_put_u32(to, numbers_bits(modulus));
    numbers_put(to, exponent);
    numbers_put(to, modulus);
    return true;
}

void
login_server_start(struct ssh1 *ssh)
{
    struct ssh_conn *c = ssh->conn;
    struct buf *to = ssh1_begin(ssh, SSH1_SMSG_PUBLIC_KEY);
    bool ok;

    ssh->state = STATE1_SESSION_KEY;
    c->random(c->random_state, ssh->cookie, sizeof(ssh->cookie));
    buf_put(to, ssh->cookie, sizeof(ssh->cookie));
    ok = put_key(to, c->offer.v1_server_key) &&
         put_key(to, c->offer.v1_host_key);
    buf_put_u32(to, 0); /* nothing of X11 or forwarding */
    buf_put_u32(to, numbers_cipher_mask(c->offer.v1_ciphers));
    buf_put_u32(to, 1U << SSH1_AUTH_PASSWORD);
    (void)ssh1_send(ssh);
    SSH_TELL(c, SSH_TRACE_MESSAGE, .name = "SSH_SMSG_PUBLIC_KEY");
    if (!ok)
        (void)ssh_end(c, SSH_REASON_NONE, ERR_NOT_FOUND,
                      "no keys for version 1");
}

enum err
on_session_key(struct ssh1 *ssh, struct reader *msg)
{
    struct ssh_conn *c = ssh->conn;
    size_t length = 1 + msg->left; /* with its number */
    uint8_t cipher = read_u8(msg);
    struct span cookie = read_bytes(msg, RSA1_COOKIE);
    struct span wrapped = numbers_read(msg);
    struct ssh_event *event;

    read_u32(msg); /* protocol flags: of X11 and forwarding */
    if (!read_done(msg))
        return ERR_FORMAT;
    SSH_TELL(c, SSH_TRACE_SESSION_KEY, .numbers = {(uint32_t)length, cipher});
    if (!span_equal(cookie, span_of(ssh->cookie, RSA1_COOKIE)))
        return ssh1_fail(ssh, ERR_PROTOCOL, "a wrong cookie");
    if (cipher1_name(cipher) == NULL ||
        (numbers_cipher_mask(c->offer.v1_ciphers) >> cipher & 1) == 0)
        return ssh1_fail(ssh, ERR_NO_MATCH, "a cipher that was not offered");
    ssh->cipher = cipher;
    SSH_TELL(c, SSH_TRACE_DECRYPTING);
    event = ssh_event_add(c, SSH_EVENT_NEED_SESSION_KEY);
    event->bytes = wrapped;
    event->cookie = span_of(ssh->cookie, RSA1_COOKIE);
    ssh->awaiting = AWAIT1_KEY;
    return OK;
}

void
login_session_key_reply(struct ssh_conn *c, struct span session_id,
                        struct span key)
{
    struct ssh1 *ssh = ssh1_of(c);
    uint8_t own_id[RSA1_SESSION_ID];

    if (ssh->awaiting != AWAIT1_KEY)
        return;
    ssh->awaiting = AWAIT1_NOTHING;
    if (key.len != RSA1_KEY ||
        rsa1_session_id(c->offer.v1_host_key, c->offer.v1_server_key,
                        ssh->cookie, own_id) != OK ||
        !span_equal(session_id, span_of(own_id, sizeof(own_id)))) {
        (void)ssh1_fail(ssh, ERR_CRYPTO, "no session key");
        return;
    }
    memcpy(ssh->session_id, own_id, sizeof(own_id));
    SSH_TELL(c, SSH_TRACE_DECRYPTED);
    SSH_TELL(c, SSH_TRACE_CONFIRMING);
    if (ssh1_set_keys(ssh, key.ptr) != OK)
        return;
    ssh->state = STATE1_USER;
    ssh_event_add(c, SSH_EVENT_KEYS);
    (void)ssh1_send_empty(ssh, SSH1_SMSG_SUCCESS);
}
