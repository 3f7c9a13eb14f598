/*
 * curve25519-sha256: RFC 8731, RFC 7748 section 6.1.
 */
#include <openssl/crypto.h>

#include "crypto/kex_parts.h"

enum err
x25519_generate(random_fn random, void *random_state, EVP_PKEY **own,
                uint8_t value[X25519_LEN])
{
    uint8_t bytes[X25519_LEN];
    size_t len = X25519_LEN;
    EVP_PKEY *pair;

    random(random_state, bytes, sizeof(bytes));
    pair = EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, bytes,
                                           sizeof(bytes));
    wipe(bytes, sizeof(bytes));
    if (!library_ok(pair != NULL) ||
        !library_ok(EVP_PKEY_get_raw_public_key(pair, value, &len)) ||
        len != X25519_LEN) {
        EVP_PKEY_free(pair);
        return ERR_CRYPTO;
    }
    *own = pair;
    return OK;
}

enum err
x25519_shared(EVP_PKEY *own, const uint8_t peer[X25519_LEN],
              uint8_t shared[X25519_LEN])
{
    static const uint8_t zero[X25519_LEN];
    size_t len = X25519_LEN;
    EVP_PKEY *other =
        EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, peer, X25519_LEN);
    EVP_PKEY_CTX *state = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    bool ok;

    /* A low order point gives zero; libcrypto fails then, and so do we. */
    ok = library_ok(other != NULL) && library_ok(state != NULL) &&
         library_ok(EVP_PKEY_derive_init(state)) &&
         library_ok(EVP_PKEY_derive_set_peer_ex(state, other, 0)) &&
         library_ok(EVP_PKEY_derive(state, shared, &len)) &&
         len == X25519_LEN && CRYPTO_memcmp(shared, zero, X25519_LEN) != 0;
    EVP_PKEY_CTX_free(state);
    EVP_PKEY_free(other);
    return ok ? OK : ERR_CRYPTO;
}

enum err
kex_x25519_make(int variant, const struct kex_group *group, random_fn random,
                void *random_state, struct kex_private *own, struct buf *value)
{
    uint8_t bytes[X25519_LEN];
    enum err err = x25519_generate(random, random_state, &own->x25519, bytes);

    (void)variant;
    (void)group;
    if (err == OK)
        buf_put_string(value, span_of(bytes, sizeof(bytes)));
    return err;
}

enum err
kex_x25519_agree(int variant, const struct kex_group *group,
                 const struct kex_private *own, struct span peer,
                 struct secret *k)
{
    uint8_t shared[X25519_LEN];
    struct span value;
    enum err err = kex_framed_string(peer, &value);

    (void)variant;
    (void)group;
    if (err != OK)
        return err;
    if (value.len != X25519_LEN)
        return ERR_FORMAT;
    err = x25519_shared(own->x25519, value.ptr, shared);
    /* The bytes as they are, read as a big-endian number: RFC 8731 3.1. */
    if (err == OK)
        err = kex_put_mpint(k, span_of(shared, sizeof(shared)));
    wipe(shared, sizeof(shared));
    return err;
}
