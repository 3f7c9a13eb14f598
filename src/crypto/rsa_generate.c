#include "crypto/rsa_generate.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "crypto/library.h"

#define LIBRARY_BITS_MIN 512   /* libcrypto makes none below */
#define PUBLIC_EXPONENT  65537 /* F4 */
#define TRIES_MAX        1000

/* The parts of a two-prime key, RFC 8017 section 3.2. */
enum part { N, E, D, P, Q, DP, DQ, Q_INVERSE, PARTS };

static const char *const part_names[PARTS] = {
    [N] = OSSL_PKEY_PARAM_RSA_N,
    [E] = OSSL_PKEY_PARAM_RSA_E,
    [D] = OSSL_PKEY_PARAM_RSA_D,
    [P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
    [DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
    [Q_INVERSE] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

/*
 * A prime of exactly `bits` bits, the top two set so that a product of two
 * has no bit less, and with no factor e in p - 1.
 */
static bool
draw_prime(BIGNUM *p, int bits)
{
    for (int i = 0; i < TRIES_MAX; i++) {
        if (!library_ok(BN_generate_prime_ex(p, bits, 0, NULL, NULL, NULL)))
            return false;
        if (BN_is_bit_set(p, bits - 2) && BN_mod_word(p, PUBLIC_EXPONENT) != 1)
            return true;
    }
    return false;
}

/* All parts from fresh primes with p > q. */
static bool
draw_parts(BIGNUM *part[PARTS], int bits, BN_CTX *scratch)
{
    BIGNUM *p1 = BN_CTX_get(scratch), *q1 = BN_CTX_get(scratch);
    BIGNUM *phi = BN_CTX_get(scratch);

    if (phi == NULL || !draw_prime(part[P], bits - bits / 2))
        return false;
    do {
        if (!draw_prime(part[Q], bits / 2))
            return false;
    } while (BN_cmp(part[P], part[Q]) == 0);
    if (BN_cmp(part[P], part[Q]) < 0)
        BN_swap(part[P], part[Q]);
    return BN_set_word(part[E], PUBLIC_EXPONENT) == 1 &&
           BN_mul(part[N], part[P], part[Q], scratch) == 1 &&
           BN_sub(p1, part[P], BN_value_one()) == 1 &&
           BN_sub(q1, part[Q], BN_value_one()) == 1 &&
           BN_mul(phi, p1, q1, scratch) == 1 &&
           BN_mod_inverse(part[D], part[E], phi, scratch) != NULL &&
           BN_mod(part[DP], part[D], p1, scratch) == 1 &&
           BN_mod(part[DQ], part[D], q1, scratch) == 1 &&
           BN_mod_inverse(part[Q_INVERSE], part[Q], part[P], scratch) != NULL;
}

static EVP_PKEY *
assemble(BIGNUM *part[PARTS])
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY *pkey = NULL;
    bool ok = build != NULL && maker != NULL;

    for (int i = 0; ok && i < PARTS; i++)
        ok = library_ok(OSSL_PARAM_BLD_push_BN(build, part_names[i], part[i]));
    if (ok)
        parameters = OSSL_PARAM_BLD_to_param(build);
    if (parameters == NULL || !library_ok(EVP_PKEY_fromdata_init(maker)) ||
        !library_ok(
            EVP_PKEY_fromdata(maker, &pkey, EVP_PKEY_KEYPAIR, parameters))) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(maker);
    return pkey;
}

/* 360 to 511 bits, which IOS allows and libcrypto does not make. */
static EVP_PKEY *
generate_short(int bits)
{
    BIGNUM *part[PARTS] = {NULL};
    BN_CTX *scratch = BN_CTX_secure_new();
    EVP_PKEY *pkey = NULL;
    bool ok = scratch != NULL;

    for (int i = 0; i < PARTS; i++) {
        part[i] = BN_new();
        ok = ok && part[i] != NULL;
    }
    if (ok) {
        BN_CTX_start(scratch);
        if (draw_parts(part, bits, scratch))
            pkey = assemble(part);
        BN_CTX_end(scratch);
    }
    for (int i = 0; i < PARTS; i++)
        BN_clear_free(part[i]);
    BN_CTX_free(scratch);
    return pkey;
}

EVP_PKEY *
rsa_generate(unsigned bits)
{
    if (bits < RSA_GENERATE_BITS_MIN || bits > RSA_GENERATE_BITS_MAX)
        return NULL;
    if (bits < LIBRARY_BITS_MIN)
        return generate_short((int)bits);
    return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
}
