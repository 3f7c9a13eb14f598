/*
 * The two uses of one curve: X25519 and Ed25519. By libsodium, which takes
 * less than half of libcrypto's time for them (bench/README.md); no other
 * source of ours includes it.
 */
#ifndef CRYPTO_CURVE25519_H
#define CRYPTO_CURVE25519_H

#include "base/err.h"
#include "base/span.h"

#define X25519_LEN            32
#define ED25519_LEN           32 /* bytes of a seed, and of a public key */
#define ED25519_PAIR_LEN      64 /* the seed, then the public key */
#define ED25519_SIGNATURE_LEN 64

/* The public value of a secret: RFC 7748 section 6.1. */
void x25519_public(const uint8_t own[X25519_LEN], uint8_t value[X25519_LEN]);
/*
 * The common secret. ERR_CRYPTO: it would be zero, since the peer's value is
 * of low order (RFC 7748 section 6.1).
 */
MUST_CHECK enum err x25519_shared(const uint8_t own[X25519_LEN],
                                  const uint8_t peer[X25519_LEN],
                                  uint8_t shared[X25519_LEN]);

/* The pair of a seed: RFC 8032 section 5.1.5. A secret, like the seed. */
void ed25519_pair(const uint8_t seed[ED25519_LEN],
                  uint8_t pair[ED25519_PAIR_LEN]);
/* RFC 8032 section 5.1.6. */
void ed25519_sign(const uint8_t pair[ED25519_PAIR_LEN], struct span data,
                  uint8_t signature[ED25519_SIGNATURE_LEN]);
/*
 * RFC 8032 section 5.1.7, without the cofactor; also false where S is beyond
 * the order, or a point not in its only form or of small order.
 */
MUST_CHECK bool ed25519_verify(const uint8_t public[ED25519_LEN],
                               struct span data,
                               const uint8_t signature[ED25519_SIGNATURE_LEN]);

#endif
