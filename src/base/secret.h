/*
 * Fixed memory for keys and passwords, wiped on clear.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/span.h"

#define SECRET_MAX 1100 /* bytes: K of an 8192-bit group and its framing */

struct secret {
    size_t len;
    uint8_t bytes[SECRET_MAX];
};

/* Overwrite memory that held a secret; never optimised away. */
void wipe(void *ptr, size_t len);

/* False, and the secret empty, when `bytes` is longer than SECRET_MAX. */
MUST_CHECK bool secret_set(struct secret *s, struct span bytes);
void secret_clear(struct secret *s);

static inline struct span
secret_span(const struct secret *s)
{
    return span_of(s->bytes, s->len);
}

#endif
