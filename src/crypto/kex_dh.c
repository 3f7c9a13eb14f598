/*
 * Diffie-Hellman over the integers modulo p: RFC 4253 section 8, RFC 4419,
 * RFC 8268.
 *
 * libcrypto's own derivation checks the peer's value with a full-length
 * power, eight times the work of the agreement. All our p are safe primes, so
 * range and weight suffice, and exponents may be short. A p that a server made
 * is taken for one: what it loses if it is not is the server's own.
 */
#include "base/reader.h"
#include "crypto/kex_parts.h"

#define VALUE_LEN_MAX 1024 /* bytes of the largest p */
#define WEIGHT_MIN    4    /* one bits in a sensible value */
#define EXPONENT_MAX  56

/* to = base^exponent mod p, in constant time for a given group. */
static bool
power(const struct kex_group *group, const BIGNUM *base,
      const struct secret *exponent, BIGNUM *to, BN_CTX *scratch)
{
    BIGNUM *x = BN_bin2bn(exponent->bytes, (int)exponent->len, NULL);
    bool ok;

    if (x == NULL)
        return false;
    BN_set_flags(x, BN_FLG_CONSTTIME);
    ok = library_ok(BN_mod_exp_mont_consttime(
        to, base, x, kex_group_p(group), scratch, kex_group_montgomery(group)));
    BN_clear_free(x);
    return ok;
}

/* to = g^exponent mod p: the same, with a table for the group used most. */
static bool
power_of_g(const struct kex_group *group, const struct secret *exponent,
           BIGNUM *to, BN_CTX *scratch)
{
    const struct library *lib = library();

    if (group->prime == LIBRARY_GROUP14 &&
        exponent->len == FIXED_BASE_EXPONENT_LEN)
        return fixed_base_power(lib->powers_of_two, exponent->bytes,
                                lib->montgomery[LIBRARY_GROUP14], to, scratch);
    return power(group, kex_group_g(group), exponent, to, scratch);
}

/* Number of one bits, counted no further than WEIGHT_MIN. */
static unsigned
weight(struct span bytes)
{
    unsigned ones = 0;

    for (size_t i = 0; i < bytes.len && ones < WEIGHT_MIN; i++)
        ones += (unsigned)__builtin_popcount(bytes.ptr[i]);
    return ones;
}

/* 1 < value < p - 1, and not one of the sparse ones that are easily undone. */
static bool
is_fit(const struct kex_group *group, const BIGNUM *value, struct span bytes)
{
    return BN_cmp(value, BN_value_one()) > 0 &&
           BN_cmp(value, kex_group_p_minus_one(group)) < 0 &&
           weight(bytes) >= WEIGHT_MIN;
}

static enum err
put_value(const struct kex_group *group, const BIGNUM *value, struct buf *to)
{
    uint8_t bytes[VALUE_LEN_MAX];
    int len = kex_group_len(group);

    if (BN_bn2binpad(value, bytes, len) != len)
        return ERR_CRYPTO;
    buf_put_mpint(to, span_of(bytes, (size_t)len));
    return OK;
}

enum err
kex_dh_make(int variant, const struct kex_group *group, random_fn random,
            void *random_state, struct kex_private *own, struct buf *value)
{
    uint8_t exponent[EXPONENT_MAX];
    BN_CTX *scratch = BN_CTX_new();
    BIGNUM *e = BN_new();
    enum err err = ERR_CRYPTO;

    (void)variant;
    random(random_state, exponent, group->exponent_len);
    /* Exactly so many bits: neither a small exponent nor a variable time. */
    exponent[0] |= 0x80;
    if (secret_set(&own->scalar, span_of(exponent, group->exponent_len)) &&
        scratch != NULL && e != NULL &&
        power_of_g(group, &own->scalar, e, scratch))
        err = put_value(group, e, value);
    wipe(exponent, sizeof(exponent));
    BN_free(e);
    BN_CTX_free(scratch);
    return err;
}

/* The agreed number, as long as p, to k. */
static enum err
put_shared(const struct kex_group *group, const BIGNUM *shared,
           struct secret *k)
{
    uint8_t bytes[VALUE_LEN_MAX];
    int len = kex_group_len(group);
    enum err err = ERR_CRYPTO;

    if (!BN_is_zero(shared) && !BN_is_one(shared) &&
        BN_bn2binpad(shared, bytes, len) == len)
        err = kex_put_mpint(k, span_of(bytes, (size_t)len));
    wipe(bytes, sizeof(bytes));
    return err;
}

enum err
kex_dh_agree(int variant, const struct kex_group *group,
             const struct kex_private *own, struct span peer, struct secret *k)
{
    struct reader r = reader_over(peer);
    struct span bytes = read_mpint(&r, VALUE_LEN_MAX);
    BN_CTX *scratch = NULL;
    BIGNUM *value = NULL, *shared = NULL;
    enum err err = ERR_CRYPTO;

    (void)variant;
    if (!read_done(&r))
        return ERR_FORMAT;
    scratch = BN_CTX_new();
    value = BN_bin2bn(bytes.ptr, (int)bytes.len, NULL);
    shared = BN_new();
    if (scratch != NULL && value != NULL && shared != NULL &&
        is_fit(group, value, bytes) &&
        power(group, value, &own->scalar, shared, scratch))
        err = put_shared(group, shared, k);
    BN_free(value);
    BN_clear_free(shared);
    BN_CTX_free(scratch);
    return err;
}
