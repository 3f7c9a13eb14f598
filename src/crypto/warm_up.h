/*
 * Use what libcrypto builds at its first use. Private to crypto.c.
 */
#ifndef CRYPTO_WARM_UP_H
#define CRYPTO_WARM_UP_H

#include "base/err.h"
#include "base/span.h"

/*
 * One key agreement, and one verification for each kind of key: libcrypto
 * then has its method tables for keys, agreements and signatures. Nothing of
 * it is kept. ERR_CRYPTO: the agreement failed.
 */
MUST_CHECK enum err warm_up_keys(void);

#endif
