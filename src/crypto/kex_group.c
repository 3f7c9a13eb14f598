#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "crypto/kex_parts.h"

#define PRIME_LEN_MAX     (KEX_GROUP_BITS_MAX / 8)
#define EXCHANGE_MIN_BITS 2048 /* RFC 8270 */

/* What library() has for the known ones. */
struct foreign_group {
    BIGNUM *p, *p_minus_one, *g;
    BN_MONT_CTX *montgomery;
};

/* Ascending; every generator is 2. */
static const struct kex_group groups[LIBRARY_PRIMES] = {
    [LIBRARY_GROUP1] = {LIBRARY_GROUP1, NULL, 1024, 32},
    [LIBRARY_GROUP14] = {LIBRARY_GROUP14, NULL, 2048, 32},
    [LIBRARY_GROUP15] = {LIBRARY_GROUP15, NULL, 3072, 40},
    [LIBRARY_GROUP16] = {LIBRARY_GROUP16, NULL, 4096, 48},
    [LIBRARY_GROUP17] = {LIBRARY_GROUP17, NULL, 6144, 48},
    [LIBRARY_GROUP18] = {LIBRARY_GROUP18, NULL, 8192, 56},
};

const BIGNUM *
kex_group_p(const struct kex_group *group)
{
    return group->foreign != NULL ? group->foreign->p
                                  : library()->prime[group->prime];
}

const BIGNUM *
kex_group_p_minus_one(const struct kex_group *group)
{
    return group->foreign != NULL ? group->foreign->p_minus_one
                                  : library()->prime_minus_one[group->prime];
}

const BIGNUM *
kex_group_g(const struct kex_group *group)
{
    return group->foreign != NULL ? group->foreign->g : library()->two;
}

BN_MONT_CTX *
kex_group_montgomery(const struct kex_group *group)
{
    return group->foreign != NULL ? group->foreign->montgomery
                                  : library()->montgomery[group->prime];
}

int
kex_group_len(const struct kex_group *group)
{
    return (int)(group->bits + 7) / 8;
}

const struct kex_group *
kex_group_of(enum library_prime prime)
{
    return &groups[prime];
}

enum err
kex_group_choose(uint32_t min, uint32_t preferred, uint32_t max,
                 const struct kex_group **group)
{
    const struct kex_group *best = NULL;

    if (min > preferred || preferred > max)
        return ERR_CRYPTO;
    if (min < EXCHANGE_MIN_BITS)
        min = EXCHANGE_MIN_BITS;
    if (max > KEX_GROUP_BITS_MAX)
        max = KEX_GROUP_BITS_MAX;
    /* The smallest that is large enough, else the largest that is allowed. */
    for (size_t i = 0; i < LIBRARY_PRIMES; i++) {
        if (groups[i].bits < min || groups[i].bits > max)
            continue;
        best = &groups[i];
        if (best->bits >= preferred)
            break;
    }
    if (best == NULL)
        return ERR_CRYPTO;
    *group = best;
    return OK;
}

/* --- a group that a server sent -------------------------------------- */

/* NULL: not one of ours. */
static const struct kex_group *
known_group(const BIGNUM *p, const BIGNUM *g)
{
    if (!BN_is_word(g, 2))
        return NULL;
    for (size_t i = 0; i < LIBRARY_PRIMES; i++)
        if (BN_cmp(p, library()->prime[groups[i].prime]) == 0)
            return &groups[i];
    return NULL;
}

/* As long as that of the known group that is not smaller. */
static size_t
exponent_len(unsigned bits)
{
    size_t i = 0;

    while (i < LIBRARY_PRIMES - 1 && groups[i].bits < bits)
        i++;
    return groups[i].exponent_len;
}

static bool
is_fit(const BIGNUM *p, const BIGNUM *g, unsigned bits_min)
{
    unsigned bits = (unsigned)BN_num_bits(p);

    return bits >= bits_min && bits <= KEX_GROUP_BITS_MAX && BN_is_odd(p) &&
           BN_cmp(g, BN_value_one()) > 0 && BN_cmp(g, p) < 0;
}

/* Takes over p and g when it succeeds. */
static struct kex_group *
make_foreign(BIGNUM *p, BIGNUM *g)
{
    struct kex_group *group = alloc_zero(1, sizeof(*group));
    struct foreign_group *foreign = alloc_zero(1, sizeof(*foreign));
    BN_CTX *scratch = BN_CTX_new();

    group->prime = LIBRARY_PRIMES;
    group->foreign = foreign;
    group->bits = (unsigned)BN_num_bits(p);
    group->exponent_len = exponent_len(group->bits);
    foreign->p_minus_one = BN_dup(p);
    foreign->montgomery = BN_MONT_CTX_new();
    if (scratch != NULL && foreign->p_minus_one != NULL &&
        foreign->montgomery != NULL &&
        library_ok(BN_sub_word(foreign->p_minus_one, 1)) &&
        BN_cmp(g, foreign->p_minus_one) < 0 &&
        library_ok(BN_MONT_CTX_set(foreign->montgomery, p, scratch))) {
        foreign->p = p;
        foreign->g = g;
    } else {
        kex_group_free(group);
        group = NULL;
    }
    BN_CTX_free(scratch);
    return group;
}

enum err
kex_group_take(struct span p_bytes, struct span g_bytes, unsigned bits_min,
               const struct kex_group **group)
{
    const struct kex_group *taken = NULL;
    BIGNUM *p, *g;

    if (p_bytes.len > PRIME_LEN_MAX || g_bytes.len > PRIME_LEN_MAX)
        return ERR_CRYPTO;
    p = BN_bin2bn(p_bytes.ptr, (int)p_bytes.len, NULL);
    g = BN_bin2bn(g_bytes.ptr, (int)g_bytes.len, NULL);
    if (p != NULL && g != NULL && is_fit(p, g, bits_min)) {
        taken = known_group(p, g);
        if (taken == NULL) {
            taken = make_foreign(p, g);
            if (taken != NULL)
                p = g = NULL;
        }
    }
    BN_free(p);
    BN_free(g);
    if (taken == NULL)
        return ERR_CRYPTO;
    *group = taken;
    return OK;
}

void
kex_group_free(const struct kex_group *group)
{
    struct foreign_group *foreign = group == NULL ? NULL : group->foreign;

    if (foreign == NULL)
        return;
    BN_free(foreign->p);
    BN_free(foreign->p_minus_one);
    BN_free(foreign->g);
    BN_MONT_CTX_free(foreign->montgomery);
    free(foreign);
    free((void *)(uintptr_t)group);
}

static void
put_number(const BIGNUM *number, struct buf *to)
{
    uint8_t bytes[PRIME_LEN_MAX];
    int len = BN_bn2bin(number, bytes);

    buf_put_mpint(to, span_of(bytes, len < 0 ? 0 : (size_t)len));
}

void
kex_group_put(const struct kex_group *group, struct buf *to)
{
    put_number(kex_group_p(group), to);
    put_number(kex_group_g(group), to);
}
