/*
 * Password encodings of IOS: 0 clear, 5 md5-crypt with 4 salt characters,
 * 7 reversible, 8 PBKDF2-SHA256, 9 scrypt.
 */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include "base/err.h"
#include "base/span.h"

#define PASSWORD_MAX        127 /* characters a user may set */
#define PASSWORD_STORED_MAX 300 /* bytes of any stored form, NUL included */

/* The stored text is a well-formed encoding of this type (0, 5, 7, 8, 9). */
bool password_is_valid(unsigned type, const char *stored);

/*
 * Does `given` match? The type is 0, 5, 7, 8 or 9. For anything malformed the
 * answer is false. Takes milliseconds for 8 and 9.
 */
bool password_check(unsigned type, const char *stored, struct span given);

/* Encode `clear` with fresh salt; type 5, 7, 8 or 9. */
MUST_CHECK enum err password_make(unsigned type, const char *clear,
                                  char stored[PASSWORD_STORED_MAX]);

/* Type 7 back to clear text, which the caller wipes. */
MUST_CHECK enum err password_reveal(const char *stored, char *clear,
                                    size_t room);

#endif
