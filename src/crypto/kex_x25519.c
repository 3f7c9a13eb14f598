/*
 * curve25519-sha256: RFC 8731, RFC 7748 section 6.1.
 */
#include "crypto/curve25519.h"
#include "crypto/kex_parts.h"

enum err
kex_x25519_make(int variant, const struct kex_group *group, random_fn random,
                void *random_state, struct kex_private *own, struct buf *value)
{
    uint8_t bytes[X25519_LEN];

    (void)variant;
    (void)group;
    random(random_state, own->x25519, X25519_LEN);
    x25519_public(own->x25519, bytes);
    buf_put_string(value, span_of(bytes, sizeof(bytes)));
    return OK;
}

enum err
kex_x25519_agree(int variant, const struct kex_group *group,
                 const struct kex_private *own, struct span peer,
                 struct secret *k)
{
    uint8_t shared[X25519_LEN];
    struct span value;
    enum err err = kex_framed_string(peer, &value);

    (void)variant;
    (void)group;
    if (err != OK)
        return err;
    if (value.len != X25519_LEN)
        return ERR_FORMAT;
    err = x25519_shared(own->x25519, value.ptr, shared);
    /* The bytes as they are, read as a big-endian number: RFC 8731 3.1. */
    if (err == OK)
        err = kex_put_mpint(k, span_of(shared, sizeof(shared)));
    wipe(shared, sizeof(shared));
    return err;
}
