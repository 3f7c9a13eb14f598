/*
 * Users' private keys as their files hold them: OpenSSH's own format
 * ("openssh-key-v1", OpenSSH's PROTOCOL.key) and PEM, with a passphrase or
 * without. Only the client as a Unix program includes this.
 */
#ifndef CRYPTO_USER_KEY_H
#define CRYPTO_USER_KEY_H

#include "crypto/keyfile.h"

#define USER_KEY_TEXT_MAX       (32 * 1024) /* bytes of a file */
#define USER_KEY_PASSPHRASE_MAX 1023        /* bytes */

/*
 * Append the public key blob that stands unprotected in OpenSSH's format.
 * ERR_NOT_FOUND: the text is in another format. ERR_FORMAT.
 */
MUST_CHECK enum err user_key_public(struct span text, struct buf *blob);

/*
 * Is a passphrase needed to read this key? False for what is no key.
 */
bool user_key_is_protected(struct span text);

/*
 * The private key in `text`; an empty passphrase is none. ERR_REFUSED: it needs
 * a passphrase, or another one. ERR_NO_MATCH: protected by a cipher, or of a
 * type, that we do not have. ERR_FORMAT: no private key is there. ERR_CRYPTO:
 * its halves do not fit, or its size is none of ours.
 */
MUST_CHECK enum err user_key_decode(struct span text, struct span passphrase,
                                    struct private_key **out);

#endif
