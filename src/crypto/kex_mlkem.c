/*
 * mlkem768x25519-sha256: draft-ietf-sshm-mlkem-hybrid-kex. The client sends
 * an ML-KEM-768 encapsulation key and an X25519 value, the server a
 * ciphertext and its X25519 value; K is the hash of both secrets, a string.
 */
#include "crypto/kex_parts.h"

#if KEX_HAVE_MLKEM

#include <openssl/core_names.h>

#define SEED_LEN       64 /* d and z of FIPS 203 algorithm 16 */
#define ENTROPY_LEN    32 /* m of FIPS 203 algorithm 17 */
#define KEY_LEN        1184
#define CIPHERTEXT_LEN 1088
#define SHARED_LEN     32

static EVP_PKEY *
key_from(const char *parameter, int selection, uint8_t *bytes, size_t len)
{
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(parameter, bytes, len),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "ML-KEM-768", NULL);
    EVP_PKEY *key = NULL;

    if (maker == NULL || !library_ok(EVP_PKEY_fromdata_init(maker)) ||
        !library_ok(EVP_PKEY_fromdata(maker, &key, selection, parameters))) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EVP_PKEY_CTX_free(maker);
    return key;
}

/* K = HASH(K_PQ || K_CL), framed as a string. */
static enum err
put_combined(const uint8_t pq[SHARED_LEN], const uint8_t classic[X25519_LEN],
             struct secret *k)
{
    const struct span pieces[] = {
        span_of(pq, SHARED_LEN),
        span_of(classic, X25519_LEN),
    };
    uint8_t framed[4 + HASH_MAX] = {0, 0, 0, 32};
    enum err err = hash_pieces(HASH_SHA256, pieces, 2, framed + 4);

    if (err == OK && !secret_set(k, span_of(framed, 4 + 32)))
        err = ERR_CRYPTO;
    wipe(framed, sizeof(framed));
    return err;
}

enum err
kex_mlkem_make(int variant, const struct kex_group *group, random_fn random,
               void *random_state, struct kex_private *own, struct buf *value)
{
    uint8_t seed[SEED_LEN], both[KEY_LEN + X25519_LEN];
    size_t len = 0;

    (void)variant;
    (void)group;
    random(random_state, seed, sizeof(seed));
    own->mlkem = key_from(OSSL_PKEY_PARAM_ML_KEM_SEED, EVP_PKEY_KEYPAIR, seed,
                          sizeof(seed));
    wipe(seed, sizeof(seed));
    if (own->mlkem == NULL ||
        !library_ok(EVP_PKEY_get_octet_string_param(
            own->mlkem, OSSL_PKEY_PARAM_PUB_KEY, both, KEY_LEN, &len)) ||
        len != KEY_LEN)
        return ERR_CRYPTO;
    random(random_state, own->x25519, X25519_LEN);
    x25519_public(own->x25519, both + KEY_LEN);
    buf_put_string(value, span_of(both, sizeof(both)));
    return OK;
}

static bool
decapsulate(EVP_PKEY *key, const uint8_t *ciphertext,
            uint8_t shared[SHARED_LEN])
{
    EVP_PKEY_CTX *state = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    size_t len = SHARED_LEN;
    bool ok = state != NULL &&
              library_ok(EVP_PKEY_decapsulate_init(state, NULL)) &&
              library_ok(EVP_PKEY_decapsulate(state, shared, &len, ciphertext,
                                              CIPHERTEXT_LEN)) &&
              len == SHARED_LEN;

    EVP_PKEY_CTX_free(state);
    return ok;
}

enum err
kex_mlkem_agree(int variant, const struct kex_group *group,
                const struct kex_private *own, struct span peer,
                struct secret *k)
{
    uint8_t pq[SHARED_LEN], classic[X25519_LEN];
    struct span value;
    enum err err = kex_framed_string(peer, &value);

    (void)variant;
    (void)group;
    if (err != OK)
        return err;
    /* Section 2.1 of the draft: a wrong length fails the key exchange. */
    if (value.len != CIPHERTEXT_LEN + X25519_LEN ||
        !decapsulate(own->mlkem, value.ptr, pq))
        return ERR_CRYPTO;
    err = x25519_shared(own->x25519, value.ptr + CIPHERTEXT_LEN, classic);
    if (err == OK)
        err = put_combined(pq, classic, k);
    wipe(pq, sizeof(pq));
    wipe(classic, sizeof(classic));
    return err;
}

/* libcrypto makes the checks of FIPS 203 section 7.2 when it takes the key. */
static bool
encapsulate(struct span key_bytes, random_fn random, void *random_state,
            uint8_t ciphertext[CIPHERTEXT_LEN], uint8_t shared[SHARED_LEN])
{
    uint8_t bytes[KEY_LEN], entropy[ENTROPY_LEN];
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KEM_PARAM_IKME, entropy,
                                          sizeof(entropy)),
        OSSL_PARAM_construct_end(),
    };
    size_t ciphertext_len = CIPHERTEXT_LEN, len = SHARED_LEN;
    EVP_PKEY_CTX *state = NULL;
    EVP_PKEY *key;
    bool ok;

    memcpy(bytes, key_bytes.ptr, KEY_LEN);
    key = key_from(OSSL_PKEY_PARAM_PUB_KEY, EVP_PKEY_PUBLIC_KEY, bytes,
                   sizeof(bytes));
    if (key != NULL)
        state = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    random(random_state, entropy, sizeof(entropy));
    ok = state != NULL &&
         library_ok(EVP_PKEY_encapsulate_init(state, parameters)) &&
         library_ok(EVP_PKEY_encapsulate(state, ciphertext, &ciphertext_len,
                                         shared, &len)) &&
         ciphertext_len == CIPHERTEXT_LEN && len == SHARED_LEN;
    wipe(entropy, sizeof(entropy));
    EVP_PKEY_CTX_free(state);
    EVP_PKEY_free(key);
    return ok;
}

enum err
kex_mlkem_answer(struct span init, random_fn random, void *random_state,
                 struct buf *reply, struct secret *k)
{
    uint8_t both[CIPHERTEXT_LEN + X25519_LEN];
    uint8_t pq[SHARED_LEN], classic[X25519_LEN], own[X25519_LEN];
    struct span value;
    enum err err = kex_framed_string(init, &value);

    if (err != OK)
        return err;
    if (value.len != KEY_LEN + X25519_LEN ||
        !encapsulate(span_of(value.ptr, KEY_LEN), random, random_state, both,
                     pq))
        return ERR_CRYPTO;
    random(random_state, own, X25519_LEN);
    x25519_public(own, both + CIPHERTEXT_LEN);
    err = x25519_shared(own, value.ptr + KEY_LEN, classic);
    if (err == OK)
        err = put_combined(pq, classic, k);
    if (err == OK)
        buf_put_string(reply, span_of(both, sizeof(both)));
    wipe(pq, sizeof(pq));
    wipe(classic, sizeof(classic));
    wipe(own, sizeof(own));
    return err;
}

#endif
