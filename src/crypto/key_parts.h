/*
 * Keys as libcrypto holds them. Private to hostkey.c, keyfile.c,
 * key_transfer.c and their parts.
 */
#ifndef CRYPTO_KEY_PARTS_H
#define CRYPTO_KEY_PARTS_H

#include <openssl/param_build.h>

#include "base/buf.h"
#include "base/reader.h"
#include "crypto/curve25519.h"
#include "crypto/hostkey.h"
#include "crypto/library.h"

#define RSA_PUBLIC_BITS_MIN 768 /* below it no key serves SSH */
#define RSA_PUBLIC_BITS_MAX 16384

/* What libcrypto and RFC 5656 call one of the NIST curves. */
struct key_curve {
    enum key_type type;
    enum library_curve curve;
    const char *group_name; /* libcrypto's */
    const char *identifier; /* RFC 5656 section 6.1 */
    size_t field_len;       /* bytes of a coordinate, and of the order */
};

/* NULL for a type that is not ECDSA. */
const struct key_curve *key_curve_of(enum key_type type);

struct public_key {
    enum key_type type;
    unsigned bits;
    EVP_PKEY *pkey; /* NULL: an Ed25519 key without its private half */
    uint8_t ed25519[ED25519_LEN];
};

/*
 * A key of libcrypto's `kind` from `build`, which is freed; NULL: it failed.
 * `parts`: EVP_PKEY_PUBLIC_KEY, or EVP_PKEY_KEYPAIR for one with its secret.
 */
EVP_PKEY *key_from_parameters(const char *kind, int parts,
                              OSSL_PARAM_BLD *build);

/* key_dsa.c: mpints p, q, g, y into a key; its signature for libcrypto. */
MUST_CHECK enum err key_decode_dsa(struct reader *r, struct public_key *key);
MUST_CHECK enum err dsa_to_library(struct span signature, struct buf *to);

/* Append the public blob of any key of ours; false when it cannot be had. */
MUST_CHECK bool key_put_blob(enum key_type type, const EVP_PKEY *pkey,
                             struct buf *to);

/* keyfile.c: a private key between libcrypto and us. */

struct private_key;

/*
 * Take over `pkey`, also on failure. ERR_CRYPTO: of none of our types and
 * sizes, or its halves do not fit.
 */
MUST_CHECK enum err private_key_take(EVP_PKEY *pkey, struct private_key **out);
/* Borrowed. */
EVP_PKEY *private_key_library(const struct private_key *key);

/* key_signature.c: the inner signature, between SSH's form and libcrypto's. */

/*
 * From the blob's signature string to what libcrypto verifies; ERR_FORMAT.
 * `key` says how long an RSA signature is.
 */
MUST_CHECK enum err signature_to_library(const struct public_key *key,
                                         struct span signature, struct buf *to);
/* From libcrypto's signature; appends a string. */
MUST_CHECK enum err signature_from_library(enum key_type type,
                                           struct span signature,
                                           struct buf *to);

#endif
