/*
 * md5-crypt, the encoding of type 5. Private to password.c.
 */
#ifndef CRYPTO_MD5_CRYPT_H
#define CRYPTO_MD5_CRYPT_H

#include "base/err.h"
#include "base/span.h"

#define MD5_CRYPT_SALT_MAX  8   /* characters; IOS makes 4 */
#define MD5_CRYPT_HASH_LEN  22  /* characters */
#define MD5_CRYPT_TEXT_MAX  35  /* $1$ salt $ hash, NUL included */
#define MD5_CRYPT_GIVEN_MAX 256 /* bytes of a password */

/* ERR_LENGTH beyond the limits. About 0.1 ms. */
MUST_CHECK enum err md5_crypt(struct span given, struct span salt,
                              char text[MD5_CRYPT_TEXT_MAX]);

#endif
