/*
 * A random_fn that gives prepared bytes, so that published key agreements
 * can be repeated.
 */
#ifndef TESTS_UNIT_CRYPTO_FIXED_RANDOM_H
#define TESTS_UNIT_CRYPTO_FIXED_RANDOM_H

#include <assert.h>

#include "base/span.h"

static inline void
fixed_random(void *state, void *to, size_t len)
{
    struct span *prepared = state;

    assert(len <= prepared->len);
    memcpy(to, prepared->ptr, len);
    prepared->ptr += len;
    prepared->len -= len;
}

#endif
