/*
 * The one thing that is signed here: the hash of an SSH-2 key exchange in
 * which this router's host key stands (RFC 4253 section 8).
 */
#ifndef SIGNER_EXCHANGE_H
#define SIGNER_EXCHANGE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "crypto/hash.h"
#include "ipc/messages.h"
#include "signer/keys.h"

struct exchange_proof {
    uint8_t hash[HASH_MAX];
    size_t hash_len;
    struct buf signature; /* clear with buf_clear() */
};

/*
 * Hash before || string(blob of key) || after with the request's hash, sign
 * that hash by the request's method, verify. `key` NULL is refused.
 * ERR_REFUSED: no such key, a method that does not fit it, a key too short to
 * serve, no exchange hash, or `before` is not the beginning of an exchange
 * (crypto/exchange_hash.h).
 * ERR_CRYPTO: it could not be signed, or the signature was faulty.
 * On failure `proof` is not touched.
 */
MUST_CHECK enum err exchange_sign(const struct key *key,
                                  const struct msg_hash_sign *request,
                                  struct exchange_proof *proof);

#endif
