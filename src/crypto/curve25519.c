/*
 * sodium_init() is not called. It seeds a generator, of which nothing here
 * draws, and picks among implementations by what the processor can: for X25519
 * that one makes a public value in twice the time, the power of any point in
 * the same (bench/README.md).
 */
#include "crypto/curve25519.h"

#include <assert.h>

#include <sodium/crypto_scalarmult_curve25519.h>
#include <sodium/crypto_sign_ed25519.h>

static_assert(X25519_LEN == crypto_scalarmult_curve25519_BYTES &&
                  X25519_LEN == crypto_scalarmult_curve25519_SCALARBYTES,
              "X25519's own lengths");
static_assert(ED25519_LEN == crypto_sign_ed25519_SEEDBYTES &&
                  ED25519_LEN == crypto_sign_ed25519_PUBLICKEYBYTES &&
                  ED25519_PAIR_LEN == crypto_sign_ed25519_SECRETKEYBYTES &&
                  ED25519_SIGNATURE_LEN == crypto_sign_ed25519_BYTES,
              "Ed25519's own lengths");

void
x25519_public(const uint8_t own[X25519_LEN], uint8_t value[X25519_LEN])
{
    int failed = crypto_scalarmult_curve25519_base(value, own);

    assert(failed == 0); /* it has no reason to */
}

enum err
x25519_shared(const uint8_t own[X25519_LEN], const uint8_t peer[X25519_LEN],
              uint8_t shared[X25519_LEN])
{
    return crypto_scalarmult_curve25519(shared, own, peer) == 0 ? OK
                                                                : ERR_CRYPTO;
}

void
ed25519_pair(const uint8_t seed[ED25519_LEN], uint8_t pair[ED25519_PAIR_LEN])
{
    uint8_t public[ED25519_LEN];
    int failed = crypto_sign_ed25519_seed_keypair(public, pair, seed);

    assert(failed == 0);
}

void
ed25519_sign(const uint8_t pair[ED25519_PAIR_LEN], struct span data,
             uint8_t signature[ED25519_SIGNATURE_LEN])
{
    int failed =
        crypto_sign_ed25519_detached(signature, NULL, data.ptr, data.len, pair);

    assert(failed == 0);
}

bool
ed25519_verify(const uint8_t public[ED25519_LEN], struct span data,
               const uint8_t signature[ED25519_SIGNATURE_LEN])
{
    return crypto_sign_ed25519_verify_detached(signature, data.ptr, data.len,
                                               public) == 0;
}
