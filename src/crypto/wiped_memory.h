/*
 * libcrypto's memory, wiped when it is freed: its decoders of private keys
 * leave copies behind. For a program that holds its user's keys for a moment
 * only; it costs each free a little.
 */
#ifndef CRYPTO_WIPED_MEMORY_H
#define CRYPTO_WIPED_MEMORY_H

#include "base/err.h"
#include "base/span.h"

/*
 * From now on, for the whole process. Before any other use of crypto/:
 * ERR_CRYPTO when libcrypto has memory already.
 */
MUST_CHECK enum err wiped_memory_begin(void);

#endif
