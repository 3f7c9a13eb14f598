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

/*
 * HMAC (RFC 2104) over pieces, under a key of any length; for what comes now
 * and then. Packets of SSH have mac.h.
 */
#define HASH_HMAC_PIECES 8 /* at most */
MUST_CHECK enum err hash_hmac(enum hash_id id, struct span key,
                              const struct span *pieces, size_t count,
                              uint8_t out[HASH_MAX]);

/* A digest over what comes bit by bit. */
struct hash_stream;
struct hash_stream *hash_stream_new(enum hash_id id);
void hash_stream_free(struct hash_stream *stream); /* NULL is fine */
void hash_stream_add(struct hash_stream *stream, struct span bytes);
/* ERR_CRYPTO, also when one of the calls before it failed. */
MUST_CHECK enum err hash_stream_end(struct hash_stream *stream,
                                    uint8_t out[HASH_MAX]);

#endif
