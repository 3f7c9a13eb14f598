/*
 * What stands behind a row of kex_methods: how to make a key pair, and how to
 * agree with the peer's value. Private to the kex_*.c files.
 */
#ifndef CRYPTO_KEX_PARTS_H
#define CRYPTO_KEX_PARTS_H

#include "crypto/curve25519.h"
#include "crypto/kex_method.h"
#include "crypto/library.h"

/* ML-KEM came with OpenSSL 3.5. */
#define KEX_HAVE_MLKEM (OPENSSL_VERSION_NUMBER >= 0x30500000L)

struct foreign_group;

struct kex_group {
    enum library_prime prime; /* LIBRARY_PRIMES: none of them, but `foreign` */
    struct foreign_group *foreign;
    unsigned bits;
    /*
     * Bytes of a secret exponent: twice the security strength of the group
     * (RFC 7919 appendix A gives 225 to 400 bits for 2048 to 8192), rounded up
     * to whole words, since the power takes the time of those anyway.
     */
    size_t exponent_len;
};

/* One side's ephemeral secret; which members are used is the method's. */
struct kex_private {
    uint8_t x25519[X25519_LEN];
    EVP_PKEY *mlkem;
    struct secret scalar;
};

struct kex_agreement {
    int variant; /* enum library_curve or enum library_prime */
    /* Make a key pair and append the framed public value. */
    enum err (*make)(int variant, const struct kex_group *group,
                     random_fn random, void *random_state,
                     struct kex_private *own, struct buf *value);
    /* Check the peer's framed value and give the framed K. */
    enum err (*agree)(int variant, const struct kex_group *group,
                      const struct kex_private *own, struct span peer,
                      struct secret *k);
    /* The server's whole part where it is not make, then agree; else NULL. */
    enum err (*answer)(struct span init, random_fn random, void *random_state,
                       struct buf *reply, struct secret *k);
};

void kex_private_clear(struct kex_private *own);

/* `magnitude` as K: an mpint with its length. */
MUST_CHECK enum err kex_put_mpint(struct secret *k, struct span magnitude);
/* The only string of a framed value; ERR_FORMAT if it is not just that. */
MUST_CHECK enum err kex_framed_string(struct span framed, struct span *string);

const struct kex_group *kex_group_of(enum library_prime prime);
const BIGNUM *kex_group_p(const struct kex_group *group);
const BIGNUM *kex_group_p_minus_one(const struct kex_group *group);
const BIGNUM *kex_group_g(const struct kex_group *group);
BN_MONT_CTX *kex_group_montgomery(const struct kex_group *group);
/* Bytes of p. */
int kex_group_len(const struct kex_group *group);

/* kex_dh.c: `variant` is not used; the group says it all. */
enum err kex_dh_make(int variant, const struct kex_group *group,
                     random_fn random, void *random_state,
                     struct kex_private *own, struct buf *value);
enum err kex_dh_agree(int variant, const struct kex_group *group,
                      const struct kex_private *own, struct span peer,
                      struct secret *k);

/* kex_ecdh.c: `variant` is an enum library_curve. */
enum err kex_ecdh_make(int variant, const struct kex_group *group,
                       random_fn random, void *random_state,
                       struct kex_private *own, struct buf *value);
enum err kex_ecdh_agree(int variant, const struct kex_group *group,
                        const struct kex_private *own, struct span peer,
                        struct secret *k);

/* kex_x25519.c */
enum err kex_x25519_make(int variant, const struct kex_group *group,
                         random_fn random, void *random_state,
                         struct kex_private *own, struct buf *value);
enum err kex_x25519_agree(int variant, const struct kex_group *group,
                          const struct kex_private *own, struct span peer,
                          struct secret *k);

#if KEX_HAVE_MLKEM
/* kex_mlkem.c */
enum err kex_mlkem_make(int variant, const struct kex_group *group,
                        random_fn random, void *random_state,
                        struct kex_private *own, struct buf *value);
enum err kex_mlkem_agree(int variant, const struct kex_group *group,
                         const struct kex_private *own, struct span peer,
                         struct secret *k);
enum err kex_mlkem_answer(struct span init, random_fn random,
                          void *random_state, struct buf *reply,
                          struct secret *k);
#endif

#endif
