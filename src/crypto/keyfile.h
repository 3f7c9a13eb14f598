/*
 * Private keys. Only the signer (and the client as a Unix program) includes
 * this. Keys are kept as PEM, PKCS#8, unencrypted: files of mode 0600.
 */
#ifndef CRYPTO_KEYFILE_H
#define CRYPTO_KEYFILE_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hostkey.h"

struct private_key;

/* `bits`: RSA modulus (360..4096); not used for the other types. Slow. */
MUST_CHECK enum err private_key_generate(enum key_type type, unsigned bits,
                                         struct private_key **out);
/* PKCS#8 PEM; `to` should be a secret buffer. */
MUST_CHECK enum err private_key_encode(const struct private_key *key,
                                       struct buf *to);
MUST_CHECK enum err private_key_decode(struct span pem,
                                       struct private_key **out);
void private_key_free(struct private_key *key);

enum key_type private_key_type(const struct private_key *key);
unsigned private_key_bits(const struct private_key *key);
/* Append the SSH public key blob. */
void private_key_put_public(const struct private_key *key, struct buf *to);
/* Append DER SubjectPublicKeyInfo (for show crypto key mypubkey). */
MUST_CHECK enum err private_key_put_spki(const struct private_key *key,
                                         struct buf *to);

/*
 * Append an SSH signature blob over `data`, verified before it leaves
 * (hardening 3.17). `method->type` must be the key's.
 */
MUST_CHECK enum err private_key_sign(const struct private_key *key,
                                     const struct signature_method *method,
                                     struct span data, struct buf *signature);

#endif
