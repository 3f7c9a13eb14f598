#include "signer/user_proof.h"

#include "signer/exchange.h"

#define USERAUTH_REQUEST 50   /* SSH_MSG_USERAUTH_REQUEST */
#define USER_MAX         255  /* bytes of a name at another host */
#define DATA_MAX         4096 /* the longest user and key, with their frame */

/* As long as a hash of a key exchange method. */
static bool
is_session_id(struct span id)
{
    return id.len == hash_len(HASH_SHA1) || id.len == hash_len(HASH_SHA256) ||
           id.len == hash_len(HASH_SHA384) || id.len == hash_len(HASH_SHA512);
}

static bool
is_user(struct span user)
{
    return user.len > 0 && user.len <= USER_MAX &&
           memchr(user.ptr, '\0', user.len) == NULL;
}

/*
 * Session id and user are control's, made from what a worker said. Whatever
 * they are, this is no proof of another kind: what proves a host is the bare
 * hash of an exchange, HASH_MAX bytes at most, and this is longer; here stands
 * our key, there only a hash. The other way round nobody can make a hash be
 * this text.
 */
static void
put_data(struct buf *to, const struct key *key,
         const struct msg_user_sign *request)
{
    buf_put_string(to, request->session_id);
    buf_put_u8(to, USERAUTH_REQUEST);
    buf_put_string(to, request->user);
    buf_put_text(to, "ssh-connection");
    buf_put_text(to, "publickey");
    buf_put_bool(to, true);
    buf_put_string(to, request->method);
    buf_put_string(to, buf_span(&key->blob));
}

enum err
user_proof_sign(const struct key *key, const struct msg_user_sign *request,
                struct buf *signature)
{
    const struct signature_method *method = signature_find(request->method);
    struct buf data;
    enum err err = ERR_REFUSED;

    if (key == NULL || key->usage == KEY_ENCRYPTION || !key_fits(key, method) ||
        !is_session_id(request->session_id) || !is_user(request->user))
        return ERR_REFUSED;
    buf_init(&data, DATA_MAX);
    put_data(&data, key, request);
    if (buf_ok(&data) && private_key_sign(key->private, method, buf_span(&data),
                                          signature) != OK)
        err = ERR_CRYPTO;
    else if (buf_ok(&data))
        err = OK;
    buf_clear(&data);
    return err;
}
