#include "aaa/pubkey.h"

#include "base/buf.h"
#include "base/reader.h"
#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "crypto/hostkey.h"

#define USERAUTH_REQUEST 50 /* SSH_MSG_USERAUTH_REQUEST */
#define SERVICE          "ssh-connection"
#define METHOD           "publickey"
#define USER_MAX         1024 /* bytes; more than any user name here */
#define SIGNED_MAX       (KEY_BLOB_MAX + USER_MAX + HASH_MAX + 256)

#define MD5_LEN 16 /* the fingerprint that IOS stores in place of a key */

/*
 * Among the user's keys: strings, each a whole blob or the MD5 of one. A list
 * that does not parse, or is too long, holds no key.
 */
static bool
is_listed(struct span blob, struct span keys)
{
    struct reader r = reader_over(keys);
    uint8_t md5[HASH_MAX];
    size_t count = 0;
    bool found = false;

    if (hash_pieces(HASH_MD5, &blob, 1, md5) != OK)
        return false;
    while (read_ok(&r) && !read_done(&r)) {
        struct span key = read_string(&r);
        /* A blob is never as short as a fingerprint. */
        struct span mine = key.len == MD5_LEN ? span_of(md5, MD5_LEN) : blob;

        if (++count > PUBKEY_KEYS_MAX)
            return false;
        found |= crypto_equal(key, mine);
    }
    return read_ok(&r) && found;
}

/* The user's key, decoded; NULL when it is not one that may be used. */
static struct public_key *
known_key(const struct msg_judge *request,
          const struct signature_method **method)
{
    struct public_key *key = NULL;

    *method = signature_find(request->algorithm);
    if (*method == NULL || (*method)->type == KEY_DSA ||
        request->blob.len <= MD5_LEN || request->blob.len > KEY_BLOB_MAX ||
        !is_listed(request->blob, request->keys) ||
        public_key_decode(request->blob, &key) != OK)
        return NULL;
    if (public_key_type(key) != (*method)->type) {
        public_key_free(key);
        return NULL;
    }
    return key;
}

bool
pubkey_is_known(const struct msg_judge *request)
{
    const struct signature_method *method;
    struct public_key *key = known_key(request, &method);

    public_key_free(key);
    return key != NULL;
}

/* What the client signed: RFC 4252 section 7. */
static void
put_signed_bytes(const struct msg_judge *request, struct buf *to)
{
    buf_put_string(to, request->session_id);
    buf_put_u8(to, USERAUTH_REQUEST);
    buf_put_string(to, request->user);
    buf_put_text(to, SERVICE);
    buf_put_text(to, METHOD);
    buf_put_bool(to, true);
    buf_put_string(to, request->algorithm);
    buf_put_string(to, request->blob);
}

/* A session id is an exchange hash (RFC 4253 section 7.2). */
static bool
is_session_id(struct span id)
{
    for (int hash = HASH_SHA1; hash < HASH_COUNT; hash++)
        if (id.len == hash_len((enum hash_id)hash))
            return true;
    return false;
}

bool
pubkey_judge(const struct msg_judge *request)
{
    const struct signature_method *method;
    struct public_key *key;
    struct buf bytes;
    bool verifies;

    if (!is_session_id(request->session_id) || request->user.len == 0 ||
        request->user.len > USER_MAX || request->signature.len > SIGNATURE_MAX)
        return false;
    key = known_key(request, &method);
    if (key == NULL)
        return false;
    buf_init(&bytes, SIGNED_MAX);
    put_signed_bytes(request, &bytes);
    verifies =
        buf_ok(&bytes) && public_key_verify(key, method, buf_span(&bytes),
                                            request->signature) == OK;
    buf_clear(&bytes);
    public_key_free(key);
    return verifies;
}
