/*
 * Private keys on their way to or from another router: PEM that a passphrase
 * protects. Only the signer includes this.
 */
#ifndef CRYPTO_KEY_TRANSFER_H
#define CRYPTO_KEY_TRANSFER_H

#include "crypto/keyfile.h"

#define KEY_PEM_MAX        16384 /* bytes of a text; RSA-4096 takes 3,300 */
#define KEY_PASSPHRASE_MAX 255   /* bytes */

/*
 * Append both halves of an RSA pair: "PUBLIC KEY", and "RSA PRIVATE KEY" under
 * three-key 3DES, with the key derivation of OpenSSL's traditional form (MD5,
 * the IV's 8 bytes as salt): what IOS writes and reads. ERR_CRYPTO: another
 * type, or it failed.
 */
MUST_CHECK enum err key_export(const struct private_key *key,
                               struct span passphrase, struct buf *public_pem,
                               struct buf *private_pem);

/*
 * The first private key in `pem`: the traditional form, or PKCS#8 under a
 * password-based scheme. ERR_FORMAT: no protected key is there, or its cipher
 * is unknown. ERR_REFUSED: the passphrase does not open it. ERR_CRYPTO: a key
 * of none of our types, or whose halves do not fit.
 */
MUST_CHECK enum err key_import(struct span pem, struct span passphrase,
                               struct private_key **out);

/* Is the public key or certificate in `pem` that of `key`? */
bool key_fits_public(const struct private_key *key, struct span pem);

#endif
