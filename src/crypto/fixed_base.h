/*
 * Powers of 2 modulo the prime of group 14, from a table.
 *
 * A server makes one power of the generator for every key exchange; with the
 * powers of 2 at every 16th hexadecimal digit prepared, it takes 76
 * multiplications instead of 310. Private to crypto.c and kex_dh.c.
 */
#ifndef CRYPTO_FIXED_BASE_H
#define CRYPTO_FIXED_BASE_H

#include <openssl/bn.h>

#include "base/span.h"

#define FIXED_BASE_EXPONENT_LEN 32 /* bytes: group 14's */
#define FIXED_BASE_PRIME_LEN    256
#define FIXED_BASE_ROWS         16
#define FIXED_BASE_DIGITS       16 /* values of a hexadecimal digit */

struct fixed_base {
    /* Row r, entry d: 2 ^ (d * 16 ^ (4 r)), Montgomery form, low word first. */
    uint64_t power[FIXED_BASE_ROWS][FIXED_BASE_DIGITS]
                  [FIXED_BASE_PRIME_LEN / 8];
};

/* Fill the table. */
MUST_CHECK bool fixed_base_build(struct fixed_base *table, BN_MONT_CTX *mont,
                                 BN_CTX *scratch);

/*
 * to = 2 ^ exponent, the exponent big-endian; in constant time. As far as the
 * table goes it is the same as libcrypto's power.
 */
MUST_CHECK bool
fixed_base_power(const struct fixed_base *table,
                 const uint8_t exponent[FIXED_BASE_EXPONENT_LEN],
                 BN_MONT_CTX *mont, BIGNUM *to, BN_CTX *scratch);

#endif
