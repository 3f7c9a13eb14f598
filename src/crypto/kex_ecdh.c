/*
 * Elliptic curve Diffie-Hellman on the NIST curves, RFC 5656 section 4.
 *
 * The curves have cofactor 1: a point that is on the curve and is not the
 * point at infinity is a valid public key (SEC 1, 3.2.2.1).
 */
#include "crypto/kex_parts.h"

#define FIELD_LEN_MAX 66 /* bytes of a P-521 coordinate */
#define POINT_LEN_MAX (1 + 2 * FIELD_LEN_MAX)
#define DRAWS_MAX     64 /* each fails with at most one half's chance */

static size_t
field_len(const EC_GROUP *curve)
{
    return ((size_t)EC_GROUP_get_degree(curve) + 7) / 8;
}

/* A number from 1 to the order - 1, every one as likely (SP 800-56A 5.6.1.2.2).
 */
static BIGNUM *
draw_scalar(const EC_GROUP *curve, random_fn random, void *random_state)
{
    const BIGNUM *order = EC_GROUP_get0_order(curve);
    int bits = BN_num_bits(order);
    size_t len = ((size_t)bits + 7) / 8;
    uint8_t bytes[FIELD_LEN_MAX];
    BIGNUM *scalar = BN_new();
    bool found = false;

    for (int i = 0; scalar != NULL && !found && i < DRAWS_MAX; i++) {
        random(random_state, bytes, len);
        if (bits % 8 != 0)
            bytes[0] &= (uint8_t)((1U << bits % 8) - 1);
        found = BN_bin2bn(bytes, (int)len, scalar) != NULL &&
                !BN_is_zero(scalar) && BN_cmp(scalar, order) < 0;
    }
    wipe(bytes, sizeof(bytes));
    if (!found) {
        BN_clear_free(scalar);
        return NULL;
    }
    BN_set_flags(scalar, BN_FLG_CONSTTIME);
    return scalar;
}

static bool
keep_scalar(const BIGNUM *scalar, size_t len, struct secret *to)
{
    uint8_t bytes[FIELD_LEN_MAX];
    bool ok = BN_bn2binpad(scalar, bytes, (int)len) == (int)len &&
              secret_set(to, span_of(bytes, len));

    wipe(bytes, sizeof(bytes));
    return ok;
}

enum err
kex_ecdh_make(int variant, const struct kex_group *group, random_fn random,
              void *random_state, struct kex_private *own, struct buf *value)
{
    const EC_GROUP *curve = library()->curve[variant];
    size_t point_len = 1 + 2 * field_len(curve);
    uint8_t bytes[POINT_LEN_MAX];
    BN_CTX *scratch = BN_CTX_new();
    EC_POINT *point = EC_POINT_new(curve);
    BIGNUM *scalar = draw_scalar(curve, random, random_state);
    enum err err = ERR_CRYPTO;

    (void)group;
    if (scratch != NULL && point != NULL && scalar != NULL &&
        keep_scalar(scalar, field_len(curve), &own->scalar) &&
        library_ok(EC_POINT_mul(curve, point, scalar, NULL, NULL, scratch)) &&
        EC_POINT_point2oct(curve, point, POINT_CONVERSION_UNCOMPRESSED, bytes,
                           sizeof(bytes), scratch) == point_len) {
        buf_put_string(value, span_of(bytes, point_len));
        err = OK;
    }
    BN_clear_free(scalar);
    EC_POINT_free(point);
    BN_CTX_free(scratch);
    return err;
}

/*
 * The peer's point, of exact uncompressed form and on the curve. libcrypto
 * refuses coordinates that are not below p.
 */
static bool
decode_point(const EC_GROUP *curve, struct span bytes, EC_POINT *point,
             BN_CTX *scratch)
{
    return bytes.len == 1 + 2 * field_len(curve) &&
           bytes.ptr[0] == POINT_CONVERSION_UNCOMPRESSED &&
           library_ok(EC_POINT_oct2point(curve, point, bytes.ptr, bytes.len,
                                         scratch)) &&
           EC_POINT_is_on_curve(curve, point, scratch) == 1 &&
           EC_POINT_is_at_infinity(curve, point) == 0;
}

/* K is the x coordinate of scalar * point. */
static bool
multiply(const EC_GROUP *curve, EC_POINT *point, const struct secret *scalar,
         uint8_t x_bytes[FIELD_LEN_MAX], BN_CTX *scratch)
{
    int len = (int)field_len(curve);
    BIGNUM *d = BN_bin2bn(scalar->bytes, (int)scalar->len, NULL);
    BIGNUM *x = BN_new();
    bool ok = d != NULL && x != NULL;

    if (ok)
        BN_set_flags(d, BN_FLG_CONSTTIME);
    ok = ok &&
         library_ok(EC_POINT_mul(curve, point, NULL, point, d, scratch)) &&
         EC_POINT_is_at_infinity(curve, point) == 0 &&
         library_ok(
             EC_POINT_get_affine_coordinates(curve, point, x, NULL, scratch)) &&
         BN_bn2binpad(x, x_bytes, len) == len;
    BN_clear_free(d);
    BN_clear_free(x);
    return ok;
}

enum err
kex_ecdh_agree(int variant, const struct kex_group *group,
               const struct kex_private *own, struct span peer,
               struct secret *k)
{
    const EC_GROUP *curve = library()->curve[variant];
    uint8_t x[FIELD_LEN_MAX];
    struct span bytes;
    BN_CTX *scratch = NULL;
    EC_POINT *point = NULL;
    enum err err = kex_framed_string(peer, &bytes);

    (void)group;
    if (err != OK)
        return err;
    err = ERR_CRYPTO;
    scratch = BN_CTX_new();
    point = EC_POINT_new(curve);
    if (scratch != NULL && point != NULL &&
        decode_point(curve, bytes, point, scratch) &&
        multiply(curve, point, &own->scalar, x, scratch))
        err = kex_put_mpint(k, span_of(x, field_len(curve)));
    wipe(x, sizeof(x));
    EC_POINT_clear_free(point);
    BN_CTX_free(scratch);
    return err;
}
