/*
 * Digests.
 */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include "base/err.h"
#include "base/span.h"

#define HASH_MAX 64 /* bytes of the longest digest */

enum hash_id {
    HASH_MD5,
    HASH_SHA1,
    HASH_SHA256,
    HASH_SHA384,
    HASH_SHA512,
    HASH_COUNT
};

size_t hash_len(enum hash_id id);

/* One digest over several pieces, one after the other. */
MUST_CHECK enum err hash_pieces(enum hash_id id, const struct span *pieces,
                                size_t count, uint8_t out[HASH_MAX]);

#endif
