#include "crypto/mac.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "crypto/library.h"

#define HMAC_BLOCK_MAX 128 /* SHA-384 and SHA-512 */

/* RFC 4253 section 6.4, RFC 6668; the -etm names are OpenSSH's. */
const struct mac_method mac_methods[] = {
    {"hmac-sha2-256-etm@openssh.com", HASH_SHA256, 32, 32, true},
    {"hmac-sha2-512-etm@openssh.com", HASH_SHA512, 64, 64, true},
    {"hmac-sha2-256", HASH_SHA256, 32, 32, false},
    {"hmac-sha2-512", HASH_SHA512, 64, 64, false},
    {"hmac-sha1", HASH_SHA1, 20, 20, false},
    {"hmac-sha1-96", HASH_SHA1, 20, 12, false},
    {"hmac-md5", HASH_MD5, 16, 16, false},
    {"hmac-md5-96", HASH_MD5, 16, 12, false},
    {NULL},
};

/*
 * HMAC (RFC 2104) with both keyed states prepared: a packet copies them,
 * which is twice as fast as to initialise libcrypto's HMAC again.
 */
struct mac {
    const struct mac_method *method;
    EVP_MD_CTX *inner, *outer; /* behind the first, keyed block */
    EVP_MD_CTX *work;
};

const struct mac_method *
mac_find(struct span name)
{
    for (const struct mac_method *m = mac_methods; m->name != NULL; m++)
        if (span_is(name, m->name))
            return m;
    return NULL;
}

/* A state that has taken the key, each byte changed by `pad`. */
static EVP_MD_CTX *
keyed_state(const struct mac_method *method, const uint8_t *key, uint8_t pad)
{
    const EVP_MD *hash = library()->hash[method->hash];
    uint8_t block[HMAC_BLOCK_MAX];
    size_t block_len = (size_t)EVP_MD_get_block_size(hash);
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    bool ok;

    /* No key of ours is longer than its hash's block. */
    assert(block_len <= sizeof(block) && method->key_len <= block_len);
    memset(block, pad, sizeof(block));
    for (size_t i = 0; i < method->key_len; i++)
        block[i] ^= key[i];
    ok = state != NULL && library_ok(EVP_DigestInit_ex2(state, hash, NULL)) &&
         library_ok(EVP_DigestUpdate(state, block, block_len));
    wipe(block, sizeof(block));
    if (!ok) {
        EVP_MD_CTX_free(state);
        return NULL;
    }
    return state;
}

enum err
mac_new(const struct mac_method *method, const uint8_t *key, struct mac **out)
{
    struct mac *m = alloc_zero(1, sizeof(*m));

    m->method = method;
    m->inner = keyed_state(method, key, 0x36);
    m->outer = keyed_state(method, key, 0x5c);
    m->work = EVP_MD_CTX_new();
    if (m->inner == NULL || m->outer == NULL || m->work == NULL) {
        mac_free(m);
        return ERR_CRYPTO;
    }
    *out = m;
    return OK;
}

void
mac_free(struct mac *m)
{
    if (m == NULL)
        return;
    EVP_MD_CTX_free(m->inner);
    EVP_MD_CTX_free(m->outer);
    EVP_MD_CTX_free(m->work);
    free(m);
}

const struct mac_method *
mac_method_of(const struct mac *m)
{
    return m->method;
}

/* The whole digest, before any truncation. */
static bool
hmac(struct mac *m, uint32_t seq, struct span bytes, uint8_t out[MAC_MAX])
{
    const uint8_t number[4] = {(uint8_t)(seq >> 24), (uint8_t)(seq >> 16),
                               (uint8_t)(seq >> 8), (uint8_t)seq};
    size_t len = hash_len(m->method->hash);

    return library_ok(EVP_MD_CTX_copy_ex(m->work, m->inner)) &&
           library_ok(EVP_DigestUpdate(m->work, number, sizeof(number))) &&
           (bytes.len == 0 ||
            library_ok(EVP_DigestUpdate(m->work, bytes.ptr, bytes.len))) &&
           library_ok(EVP_DigestFinal_ex(m->work, out, NULL)) &&
           library_ok(EVP_MD_CTX_copy_ex(m->work, m->outer)) &&
           library_ok(EVP_DigestUpdate(m->work, out, len)) &&
           library_ok(EVP_DigestFinal_ex(m->work, out, NULL));
}

enum err
mac_make(struct mac *m, uint32_t seq, struct span bytes, uint8_t out[MAC_MAX])
{
    uint8_t digest[MAC_MAX];

    if (!hmac(m, seq, bytes, digest))
        return ERR_CRYPTO;
    /* Only what goes on the wire: `out` may point into the packet. */
    memcpy(out, digest, m->method->len);
    return OK;
}

enum err
mac_check(struct mac *m, uint32_t seq, struct span bytes,
          const uint8_t *expected)
{
    uint8_t digest[MAC_MAX];

    if (!hmac(m, seq, bytes, digest) ||
        CRYPTO_memcmp(digest, expected, m->method->len) != 0)
        return ERR_MAC;
    return OK;
}
