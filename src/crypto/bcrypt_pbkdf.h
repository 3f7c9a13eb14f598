/*
 * The key derivation of OpenSSH's private key files: PBKDF2's frame around
 * bcrypt's expensive key schedule, with SHA-512 in front.
 */
#ifndef CRYPTO_BCRYPT_PBKDF_H
#define CRYPTO_BCRYPT_PBKDF_H

#include "base/err.h"
#include "base/span.h"

#define BCRYPT_PBKDF_KEY_MAX    1024 /* bytes */
#define BCRYPT_PBKDF_SALT_MAX   1024 /* bytes */
#define BCRYPT_PBKDF_ROUNDS_MAX 4096 /* about a minute */

/*
 * Derive `len` bytes. A round takes some 5 ms for each 32 of them.
 * ERR_LENGTH: an empty passphrase or salt, no rounds, or more than the limits
 * say. ERR_CRYPTO.
 */
MUST_CHECK enum err bcrypt_pbkdf(struct span passphrase, struct span salt,
                                 unsigned rounds, uint8_t *key, size_t len);

#endif
