/*
 * The hash of a key exchange (RFC 4253 section 8), by somebody who knows the
 * host key and has all else from one who is not to be believed.
 */
#ifndef CRYPTO_EXCHANGE_HASH_H
#define CRYPTO_EXCHANGE_HASH_H

#include "base/err.h"
#include "base/span.h"
#include "crypto/hash.h"

/*
 * `before` is V_C, V_S, I_C, I_S and nothing else, each a string that begins
 * as it must: so the host key stands where a host key stands, and what is
 * hashed cannot be taken for anything else.
 */
bool exchange_begins_well(struct span before);

/*
 * Hash before || string(blob) || after with hash number `id`, which need not
 * be one. ERR_REFUSED: it is none that key exchanges use, or `before` does not
 * begin well. ERR_CRYPTO.
 */
MUST_CHECK enum err exchange_hash(unsigned id, struct span before,
                                  struct span blob, struct span after,
                                  uint8_t hash[HASH_MAX], size_t *len);

#endif
