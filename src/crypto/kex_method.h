/*
 * Key agreement methods of SSH-2, all behind one interface.
 *
 * Q_C, Q_S, e, f are called "init" (the client's value) and "reply" (the
 * server's), in the form in which they stand in the exchange hash: an mpint
 * with its length for finite-field groups, a string with its length otherwise.
 * K comes out likewise: length included, as it is hashed (mpint, or string for
 * mlkem768x25519-sha256).
 *
 * Peer values are checked before use: canonical mpint, 1 < e < p-1 and at
 * least 4 one bits; points of exact uncompressed form, on the curve; X25519
 * results that are not zero (hardening 3.6-3.8). ERR_FORMAT: malformed
 * (disconnect code 2); ERR_CRYPTO: well formed but bad (code 3).
 */
#ifndef CRYPTO_KEX_METHOD_H
#define CRYPTO_KEX_METHOD_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/span.h"
#include "crypto/hash.h"
#include "crypto/random.h"

#define KEX_VALUE_MAX 1300 /* bytes of any init or reply, framing included */

enum kex_kind {
    KEX_FIXED,          /* init and reply, messages 30 and 31 */
    KEX_GROUP_EXCHANGE, /* RFC 4419: the group is asked for first */
};

struct kex_method {
    const char *name;
    enum kex_kind kind;
    enum hash_id hash;
    int implementation;  /* private to the kex_*.c files */
    unsigned group_bits; /* of a fixed finite-field group; 0: none such */
};

/* All rows, ended by a NULL name; those the library lacks are absent. */
extern const struct kex_method kex_methods[];
const struct kex_method *kex_find(struct span name);

/* A finite-field group: one of RFC 3526 or RFC 2409, or a server's own. */
struct kex_group;
#define KEX_GROUP_BITS_MAX 8192
/*
 * The group for a client's wish (RFC 4419, RFC 8270): bounds clamped to
 * 2048..8192. ERR_CRYPTO when none fits.
 */
MUST_CHECK enum err kex_group_choose(uint32_t min, uint32_t preferred,
                                     uint32_t max,
                                     const struct kex_group **group);
/*
 * The client's side: the group that a server sent, known or not. ERR_CRYPTO: p
 * is even, shorter than `bits_min` or longer than KEX_GROUP_BITS_MAX, or g not
 * within 2 and p - 2. That p is a safe prime nobody checks: the server signs
 * the group with all else, and a bad one gives away no more than its own
 * session. Free with kex_group_free().
 */
MUST_CHECK enum err kex_group_take(struct span p, struct span g,
                                   unsigned bits_min,
                                   const struct kex_group **group);
/* Known groups stay; NULL is fine. */
void kex_group_free(const struct kex_group *group);
/* Append p and g as mpints. */
void kex_group_put(const struct kex_group *group, struct buf *to);

/*
 * The server's whole part: takes `init` (framed), appends the framed reply,
 * and gives K. `group` only for KEX_GROUP_EXCHANGE, else NULL.
 */
MUST_CHECK enum err kex_server(const struct kex_method *method,
                               const struct kex_group *group, struct span init,
                               random_fn random, void *random_state,
                               struct buf *reply, struct secret *k);

/* The client's part, in two steps with state between. */
struct kex_client;
MUST_CHECK enum err kex_client_start(const struct kex_method *method,
                                     const struct kex_group *group,
                                     random_fn random, void *random_state,
                                     struct buf *init, struct kex_client **out);
MUST_CHECK enum err kex_client_finish(struct kex_client *kc, struct span reply,
                                      struct secret *k);
void kex_client_free(struct kex_client *kc); /* wipes; NULL is fine */

#endif
