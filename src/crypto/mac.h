/*
 * Packet MACs of SSH-2.
 */
#ifndef CRYPTO_MAC_H
#define CRYPTO_MAC_H

#include "base/err.h"
#include "base/span.h"
#include "crypto/hash.h"

#define MAC_MAX     64
#define MAC_KEY_MAX 64

struct mac_method {
    const char *name;
    enum hash_id hash;
    size_t key_len;
    size_t len; /* bytes on the wire, from this table only */
    bool etm;   /* over the ciphertext (encrypt-then-MAC) */
};

struct mac;

extern const struct mac_method mac_methods[]; /* ended by a NULL name */
const struct mac_method *mac_find(struct span name);

MUST_CHECK enum err mac_new(const struct mac_method *method, const uint8_t *key,
                            struct mac **out);
void mac_free(struct mac *m); /* NULL is fine */
const struct mac_method *mac_method_of(const struct mac *m);

/* MAC over uint32 seq || bytes, `method->len` bytes to `out`. */
MUST_CHECK enum err mac_make(struct mac *m, uint32_t seq, struct span bytes,
                             uint8_t out[MAC_MAX]);
/* ERR_MAC unless `expected` (method->len bytes) is right; constant time. */
MUST_CHECK enum err mac_check(struct mac *m, uint32_t seq, struct span bytes,
                              const uint8_t *expected);

#endif
