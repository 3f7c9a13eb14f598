#include "base/alloc.h"
#include "base/secret.h"
#include "crypto/kex_parts.h"

#define PRIME_LEN_MAX     1024 /* bytes of group18's p */
#define EXCHANGE_MIN_BITS 2048 /* RFC 8270 */
#define EXCHANGE_MAX_BITS 8192

/* Ascending; every generator is 2. */
static const struct kex_group groups[LIBRARY_PRIMES] = {
    [LIBRARY_GROUP1] = {LIBRARY_GROUP1, 1024, 32},
    [LIBRARY_GROUP14] = {LIBRARY_GROUP14, 2048, 32},
    [LIBRARY_GROUP15] = {LIBRARY_GROUP15, 3072, 40},
    [LIBRARY_GROUP16] = {LIBRARY_GROUP16, 4096, 48},
    [LIBRARY_GROUP17] = {LIBRARY_GROUP17, 6144, 48},
    [LIBRARY_GROUP18] = {LIBRARY_GROUP18, 8192, 56},
};

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
    if (max > EXCHANGE_MAX_BITS)
        max = EXCHANGE_MAX_BITS;
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

/* Big-endian bytes of the prime, all of them: none has leading zeros. */
static struct span
prime_bytes(const struct kex_group *group, uint8_t bytes[PRIME_LEN_MAX])
{
    int len = BN_bn2binpad(library()->prime[group->prime], bytes,
                           (int)group->bits / 8);

    return len < 0 ? SPAN_EMPTY : span_of(bytes, (size_t)len);
}

enum err
kex_group_find(struct span p, struct span g, const struct kex_group **group)
{
    uint8_t bytes[PRIME_LEN_MAX];

    if (g.len != 1 || g.ptr[0] != 2)
        return ERR_CRYPTO;
    for (size_t i = 0; i < LIBRARY_PRIMES; i++) {
        if (groups[i].bits < EXCHANGE_MIN_BITS)
            continue;
        if (p.len > 0 && span_equal(p, prime_bytes(&groups[i], bytes))) {
            *group = &groups[i];
            return OK;
        }
    }
    return ERR_CRYPTO;
}

void
kex_group_put(const struct kex_group *group, struct buf *to)
{
    static const uint8_t two = 2;
    uint8_t bytes[PRIME_LEN_MAX];

    buf_put_mpint(to, prime_bytes(group, bytes));
    buf_put_mpint(to, span_of(&two, 1));
}
