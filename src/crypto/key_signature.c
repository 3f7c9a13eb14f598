#include "crypto/key_parts.h"

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>

#define DER_MAX 160 /* bytes of a P-521 signature in DER */

/*
 * As long as the modulus. Shorter ones are what clients send that strip
 * leading zeros: they are filled up (RFC 8332 section 3 allows to accept).
 */
static enum err
rsa_to_library(const struct public_key *key, struct span signature,
               struct buf *to)
{
    size_t len = (key->bits + 7) / 8;

    if (signature.len == 0 || signature.len > len)
        return ERR_FORMAT;
    for (size_t i = signature.len; i < len; i++)
        buf_put_u8(to, 0);
    buf_put_span(to, signature);
    return buf_ok(to) ? OK : ERR_FORMAT;
}

/* RFC 5656 section 3.1.2: mpint r, mpint s; libcrypto wants DER. */
static enum err
ecdsa_to_library(const struct public_key *key, struct span signature,
                 struct buf *to)
{
    size_t max = key_curve_of(key->type)->field_len;
    struct reader reader = reader_over(signature);
    struct span r_bytes = read_mpint(&reader, max);
    struct span s_bytes = read_mpint(&reader, max);
    uint8_t der[DER_MAX], *end = der;
    ECDSA_SIG *pair = NULL;
    BIGNUM *r, *s;
    int len = -1;

    if (!read_done(&reader) || r_bytes.len == 0 || s_bytes.len == 0)
        return ERR_FORMAT;
    r = BN_bin2bn(r_bytes.ptr, (int)r_bytes.len, NULL);
    s = BN_bin2bn(s_bytes.ptr, (int)s_bytes.len, NULL);
    if (r != NULL && s != NULL)
        pair = ECDSA_SIG_new();
    if (pair != NULL && library_ok(ECDSA_SIG_set0(pair, r, s))) {
        r = s = NULL; /* the pair's from now on */
        len = i2d_ECDSA_SIG(pair, NULL);
        if (len > 0 && len <= DER_MAX)
            len = i2d_ECDSA_SIG(pair, &end);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    if (len <= 0 || len > DER_MAX)
        return ERR_CRYPTO;
    buf_put(to, der, (size_t)len);
    return OK;
}

enum err
signature_to_library(const struct public_key *key, struct span signature,
                     struct buf *to)
{
    if (key->type == KEY_RSA)
        return rsa_to_library(key, signature, to);
    if (key->type == KEY_DSA)
        return dsa_to_library(signature, to);
    if (key->type != KEY_ED25519)
        return ecdsa_to_library(key, signature, to);
    if (signature.len != ED25519_SIGNATURE_LEN)
        return ERR_FORMAT;
    buf_put_span(to, signature);
    return OK;
}

static bool
put_scalar(const BIGNUM *number, struct buf *to)
{
    uint8_t bytes[66];
    int len = BN_num_bytes(number) <= (int)sizeof(bytes)
                  ? BN_bn2bin(number, bytes)
                  : -1;

    if (len < 0)
        return false;
    buf_put_mpint(to, span_of(bytes, (size_t)len));
    return true;
}

static enum err
ecdsa_from_library(struct span der, struct buf *to)
{
    const uint8_t *at = der.ptr;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
    size_t mark = buf_begin_string(to);
    bool ok = library_ok(pair != NULL) &&
              put_scalar(ECDSA_SIG_get0_r(pair), to) &&
              put_scalar(ECDSA_SIG_get0_s(pair), to);

    buf_end_string(to, mark);
    ECDSA_SIG_free(pair);
    return ok ? OK : ERR_CRYPTO;
}

enum err
signature_from_library(enum key_type type, struct span signature,
                       struct buf *to)
{
    if (type == KEY_RSA || type == KEY_ED25519) {
        buf_put_string(to, signature);
        return OK;
    }
    return ecdsa_from_library(signature, to);
}
