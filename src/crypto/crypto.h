/*
 * The one thing to do before any other use of crypto/: fetch every algorithm
 * once and make libcrypto touch what it touches at first use, so that the
 * children of a prepared process need neither files nor time for it.
 */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include "base/err.h"
#include "base/span.h"

/* ERR_CRYPTO: libcrypto lacks an algorithm we need; the process must end. */
MUST_CHECK enum err crypto_warm_up(void);

/* Constant time for equal lengths; different lengths are unequal. */
bool crypto_equal(struct span a, struct span b);

/* "OpenSSL 3.0.x ..." as linked. */
const char *crypto_library_version(void);

#endif
