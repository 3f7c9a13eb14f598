/*
 * What crypto/ keeps of libcrypto: every algorithm fetched once. Private to
 * this folder; filled by crypto_warm_up() and constant from then on, so that
 * threads and forked children may share it.
 */
#ifndef CRYPTO_LIBRARY_H
#define CRYPTO_LIBRARY_H

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "base/span.h"
#include "crypto/fixed_base.h"
#include "crypto/hash.h"

enum library_cipher {
    LIBRARY_CHACHA20,
    LIBRARY_AES256_GCM,
    LIBRARY_AES128_GCM,
    LIBRARY_AES256_CTR,
    LIBRARY_AES192_CTR,
    LIBRARY_AES128_CTR,
    LIBRARY_AES256_CBC,
    LIBRARY_AES192_CBC,
    LIBRARY_AES128_CBC,
    LIBRARY_3DES_CBC,
    LIBRARY_CIPHERS
};

enum library_curve { LIBRARY_P256, LIBRARY_P384, LIBRARY_P521, LIBRARY_CURVES };

enum library_prime {
    LIBRARY_GROUP1,  /* RFC 2409 section 6.2, 1024 bits */
    LIBRARY_GROUP14, /* RFC 3526, 2048 bits */
    LIBRARY_GROUP15, /* 3072 */
    LIBRARY_GROUP16, /* 4096 */
    LIBRARY_GROUP17, /* 6144 */
    LIBRARY_GROUP18, /* 8192 */
    LIBRARY_PRIMES
};

struct library {
    EVP_MD *hash[HASH_COUNT];
    EVP_CIPHER *cipher[LIBRARY_CIPHERS];
    EVP_MAC *poly1305;
    EC_GROUP *curve[LIBRARY_CURVES];
    BIGNUM *two; /* the generator of all our finite-field groups */
    BIGNUM *prime[LIBRARY_PRIMES];
    BIGNUM *prime_minus_one[LIBRARY_PRIMES];
    BN_MONT_CTX *montgomery[LIBRARY_PRIMES];
    struct fixed_base *powers_of_two; /* modulo group 14's prime */
};

/* Never NULL; warms up at the first call, or ends the process. */
const struct library *library(void);

/*
 * The one place where a result of libcrypto becomes a decision: 1 is success,
 * everything else (0, -1, -2) is failure, and its queued reasons are dropped.
 */
MUST_CHECK bool library_ok(int result);

#endif
