/*
 * The session key of SSH-1 under two RSA keys (reference: protocol 1.5 as
 * deployed, sections 5, 6 and 13). Keys are public blobs of type ssh-rsa, as
 * everywhere here; numbers on the wire are ssh/v1's business.
 */
#ifndef CRYPTO_RSA1_H
#define CRYPTO_RSA1_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "crypto/random.h"

#define RSA1_COOKIE     8
#define RSA1_SESSION_ID 16
#define RSA1_KEY        32 /* bytes of the session key */
/* Bits by which the moduli of host key and server key differ at least. */
#define RSA1_BITS_APART 128
/* Bits of a server key, unless that is too near to the host key's. */
#define RSA1_SERVER_BITS 768

/* How long a server key goes with a host key of `host_bits`. */
unsigned rsa1_server_bits(unsigned host_bits);

/*
 * Exponent and modulus of a blob of type ssh-rsa or rsa1 (crypto/rsa1_key.h),
 * big-endian without leading zeros, borrowed from it. ERR_FORMAT.
 */
MUST_CHECK enum err rsa1_numbers(struct span blob, struct span *exponent,
                                 struct span *modulus);

/* MD5 over host modulus, server modulus and cookie. */
MUST_CHECK enum err rsa1_session_id(struct span host_blob,
                                    struct span server_blob,
                                    const uint8_t cookie[RSA1_COOKIE],
                                    uint8_t session_id[RSA1_SESSION_ID]);

/*
 * ERR_CRYPTO, ERR_FORMAT: one of them is no key (crypto/hostkey.h), or they are
 * too near to each other in size.
 */
MUST_CHECK enum err rsa1_check_pair(struct span host_blob,
                                    struct span server_blob);

/*
 * Append `key`, its first half mixed with the session id, under the smaller
 * and then under the larger key: as many bytes as the larger modulus has.
 * ERR_CRYPTO: keys that are no keys, or too near to each other in size.
 */
MUST_CHECK enum err rsa1_wrap(struct span host_blob, struct span server_blob,
                              const uint8_t session_id[RSA1_SESSION_ID],
                              const uint8_t key[RSA1_KEY], random_fn random,
                              void *random_state, struct buf *to);

struct private_key;

/*
 * The other way round, for the signer. Whatever is wrong with `wrapped`, `key`
 * is filled: with random bytes then, by the same work in the same time, for an
 * answer to it would tell the key to whoever asks often enough. True: it was
 * right; not to be told to anybody.
 */
MUST_CHECK bool rsa1_unwrap(const struct private_key *host,
                            const struct private_key *server,
                            const uint8_t session_id[RSA1_SESSION_ID],
                            struct span wrapped, uint8_t key[RSA1_KEY]);

#endif
