/*
 * DSA keys of hosts (RFC 4253 section 6.6): old routers have no other. They
 * are verified and never made, and no user's.
 */
#include <openssl/core_names.h>
#include <openssl/dsa.h>

#include "crypto/key_parts.h"

/* FIPS 186-2 has 1024 bits; some made longer p with the same q. */
#define P_BITS_MIN    768
#define P_BITS_MAX    2048
#define P_LEN_MAX     (P_BITS_MAX / 8)
#define Q_LEN         20 /* bytes, all of them used */
#define SIGNATURE_LEN (2 * Q_LEN)
#define DER_MAX       64

enum { P, Q, G, Y, NUMBERS };

/* Sizes and ranges, before any arithmetic (hardening 4.14). */
static bool
are_fit(BIGNUM *const n[NUMBERS])
{
    int bits;

    for (size_t i = 0; i < NUMBERS; i++)
        if (n[i] == NULL)
            return false;
    bits = BN_num_bits(n[P]);
    return bits >= P_BITS_MIN && bits <= P_BITS_MAX && BN_is_odd(n[P]) &&
           BN_num_bits(n[Q]) == 8 * Q_LEN && BN_is_odd(n[Q]) &&
           BN_cmp(n[G], BN_value_one()) > 0 && BN_cmp(n[G], n[P]) < 0 &&
           BN_cmp(n[Y], BN_value_one()) > 0 && BN_cmp(n[Y], n[P]) < 0;
}

static EVP_PKEY *
make_key(BIGNUM *const n[NUMBERS])
{
    static const char *const names[NUMBERS] = {
        OSSL_PKEY_PARAM_FFC_P,
        OSSL_PKEY_PARAM_FFC_Q,
        OSSL_PKEY_PARAM_FFC_G,
        OSSL_PKEY_PARAM_PUB_KEY,
    };
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    bool ok = build != NULL;

    for (size_t i = 0; i < NUMBERS; i++)
        ok = ok && library_ok(OSSL_PARAM_BLD_push_BN(build, names[i], n[i]));
    if (ok)
        return key_from_parameters("DSA", EVP_PKEY_PUBLIC_KEY, build);
    OSSL_PARAM_BLD_free(build);
    return NULL;
}

/* y lies in the subgroup of order q. */
static bool
is_in_subgroup(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *check = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool ok = check != NULL && library_ok(EVP_PKEY_public_check(check));

    EVP_PKEY_CTX_free(check);
    return ok;
}

enum err
key_decode_dsa(struct reader *r, struct public_key *key)
{
    struct span bytes[NUMBERS];
    BIGNUM *n[NUMBERS] = {NULL};
    enum err err = ERR_CRYPTO;

    for (size_t i = 0; i < NUMBERS; i++)
        bytes[i] = read_mpint(r, P_LEN_MAX);
    if (!read_done(r))
        return ERR_FORMAT;
    for (size_t i = 0; i < NUMBERS; i++)
        n[i] = BN_bin2bn(bytes[i].ptr, (int)bytes[i].len, NULL);
    if (are_fit(n)) {
        key->bits = (unsigned)BN_num_bits(n[P]);
        key->pkey = make_key(n);
        if (key->pkey != NULL && is_in_subgroup(key->pkey))
            err = OK;
    }
    for (size_t i = 0; i < NUMBERS; i++)
        BN_free(n[i]);
    return err;
}

enum err
dsa_to_library(struct span signature, struct buf *to)
{
    uint8_t der[DER_MAX], *end = der;
    DSA_SIG *pair = NULL;
    BIGNUM *r, *s;
    int len = -1;

    if (signature.len != SIGNATURE_LEN)
        return ERR_FORMAT;
    r = BN_bin2bn(signature.ptr, Q_LEN, NULL);
    s = BN_bin2bn(signature.ptr + Q_LEN, Q_LEN, NULL);
    if (r != NULL && s != NULL)
        pair = DSA_SIG_new();
    if (pair != NULL && library_ok(DSA_SIG_set0(pair, r, s))) {
        r = s = NULL; /* the pair's from now on */
        len = i2d_DSA_SIG(pair, NULL);
        if (len > 0 && len <= DER_MAX)
            len = i2d_DSA_SIG(pair, &end);
    }
    BN_free(r);
    BN_free(s);
    DSA_SIG_free(pair);
    if (len <= 0 || len > DER_MAX)
        return ERR_CRYPTO;
    buf_put(to, der, (size_t)len);
    return OK;
}
