#include "crypto/hostkey.h"

#include <stdlib.h>

#include <openssl/core_names.h>

#include "base/alloc.h"
#include "base/text.h"
#include "crypto/key_parts.h"
#include "crypto/rsa1.h"
#include "crypto/rsa1_key.h"

#define RSA_N_MAX (RSA_PUBLIC_BITS_MAX / 8)
#define RSA_E_MAX 8 /* bytes */
#define POINT_MAX (1 + 2 * 66)

/* RFC 8709, RFC 5656, RFC 8332, RFC 4253 section 6.6. */
const struct signature_method signature_methods[] = {
    {"ssh-ed25519", "ssh-ed25519", KEY_ED25519, HASH_SHA512},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", KEY_ECDSA_256, HASH_SHA256},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", KEY_ECDSA_384, HASH_SHA384},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", KEY_ECDSA_521, HASH_SHA512},
    {"rsa-sha2-512", "ssh-rsa", KEY_RSA, HASH_SHA512},
    {"rsa-sha2-256", "ssh-rsa", KEY_RSA, HASH_SHA256},
    {"ssh-rsa", "ssh-rsa", KEY_RSA, HASH_SHA1},
    {NULL},
};

/* Apart from the others, so that nobody comes to it by going through them. */
static const struct signature_method of_hosts_only = {"ssh-dss", "ssh-dss",
                                                      KEY_DSA, HASH_SHA1};

static const struct key_curve curves[] = {
    {KEY_ECDSA_256, LIBRARY_P256, "prime256v1", "nistp256", 32},
    {KEY_ECDSA_384, LIBRARY_P384, "secp384r1", "nistp384", 48},
    {KEY_ECDSA_521, LIBRARY_P521, "secp521r1", "nistp521", 66},
};

const struct signature_method *
signature_find(struct span name)
{
    const struct signature_method *m = signature_methods;

    for (; m->name != NULL; m++)
        if (span_is(name, m->name))
            return m;
    return span_is(name, of_hosts_only.name) ? &of_hosts_only : NULL;
}

const char *
key_type_name(enum key_type type)
{
    const struct signature_method *m = signature_methods;

    if (type == KEY_DSA)
        return of_hosts_only.key_name;
    while (m->name != NULL && m->type != type)
        m++;
    return m->key_name;
}

const struct key_curve *
key_curve_of(enum key_type type)
{
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
        if (curves[i].type == type)
            return &curves[i];
    return NULL;
}

/* The key type with this name; false for names that are none. */
static bool
type_from_name(struct span name, enum key_type *type)
{
    for (const struct signature_method *m = signature_methods; m->name != NULL;
         m++) {
        if (span_is(name, m->key_name)) {
            *type = m->type;
            return true;
        }
    }
    *type = of_hosts_only.type;
    return span_is(name, of_hosts_only.key_name);
}

EVP_PKEY *
key_from_parameters(const char *kind, int parts, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    EVP_PKEY *pkey = NULL;

    if (parameters == NULL || maker == NULL ||
        !library_ok(EVP_PKEY_fromdata_init(maker)) ||
        !library_ok(EVP_PKEY_fromdata(maker, &pkey, parts, parameters))) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(maker);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    return pkey;
}

/* Size and shape, before any arithmetic (hardening 4.14). */
static bool
rsa_is_fit(const BIGNUM *n, const BIGNUM *e)
{
    int bits = BN_num_bits(n);

    return bits >= RSA_PUBLIC_BITS_MIN && bits <= RSA_PUBLIC_BITS_MAX &&
           BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e);
}

/* RFC 4253 section 6.6: mpint e, mpint n. */
static enum err
decode_rsa(struct reader *r, struct public_key *key)
{
    struct span e_bytes = read_mpint(r, RSA_E_MAX);
    struct span n_bytes = read_mpint(r, RSA_N_MAX);
    OSSL_PARAM_BLD *build = NULL;
    BIGNUM *n, *e;

    if (!read_done(r))
        return ERR_FORMAT;
    n = BN_bin2bn(n_bytes.ptr, (int)n_bytes.len, NULL);
    e = BN_bin2bn(e_bytes.ptr, (int)e_bytes.len, NULL);
    if (n != NULL && e != NULL && rsa_is_fit(n, e))
        build = OSSL_PARAM_BLD_new();
    if (build != NULL &&
        library_ok(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n)) &&
        library_ok(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e)))
        key->pkey = key_from_parameters("RSA", EVP_PKEY_PUBLIC_KEY, build);
    else
        OSSL_PARAM_BLD_free(build);
    if (n != NULL)
        key->bits = (unsigned)BN_num_bits(n);
    BN_free(n);
    BN_free(e);
    return key->pkey == NULL ? ERR_CRYPTO : OK;
}

/* Off the curve, at infinity, coordinates out of range: no key. */
static bool
point_is_fit(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *check = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool ok = check != NULL && library_ok(EVP_PKEY_public_check_quick(check));

    EVP_PKEY_CTX_free(check);
    return ok;
}

/* RFC 5656 section 3.1: string curve identifier, string Q. */
static enum err
decode_ecdsa(struct reader *r, struct public_key *key)
{
    const struct key_curve *curve = key_curve_of(key->type);
    struct span identifier = read_string(r);
    struct span point = read_string(r);
    OSSL_PARAM_BLD *build;

    if (!read_done(r) || !span_is(identifier, curve->identifier))
        return ERR_FORMAT;
    if (point.len != 1 + 2 * curve->field_len ||
        point.ptr[0] != POINT_CONVERSION_UNCOMPRESSED)
        return ERR_CRYPTO;
    build = OSSL_PARAM_BLD_new();
    if (build != NULL &&
        library_ok(OSSL_PARAM_BLD_push_utf8_string(
            build, OSSL_PKEY_PARAM_GROUP_NAME, curve->group_name, 0)) &&
        library_ok(OSSL_PARAM_BLD_push_octet_string(
            build, OSSL_PKEY_PARAM_PUB_KEY, point.ptr, point.len)))
        key->pkey = key_from_parameters("EC", EVP_PKEY_PUBLIC_KEY, build);
    else
        OSSL_PARAM_BLD_free(build);
    if (key->pkey == NULL || !point_is_fit(key->pkey))
        return ERR_CRYPTO;
    key->bits = (unsigned)EC_GROUP_get_degree(library()->curve[curve->curve]);
    return OK;
}

/*
 * The y of points of order 1, 2, 4 and 8, and 0 and 1 as they look beyond p.
 * With such a key R and S can be found that fit every message.
 */
static const uint8_t small_order[][ED25519_LEN] = {
    {1},
    {0},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
};

static bool
has_small_order(struct span value)
{
    uint8_t y[ED25519_LEN];

    memcpy(y, value.ptr, sizeof(y));
    y[ED25519_LEN - 1] &= 0x7f; /* without the sign of x */
    for (size_t i = 0; i < sizeof(small_order) / sizeof(small_order[0]); i++)
        if (span_equal(span_of(y, sizeof(y)),
                       span_of(small_order[i], sizeof(small_order[i]))))
            return true;
    return false;
}

/* RFC 8709 section 4: string of 32 bytes. */
static enum err
decode_ed25519(struct reader *r, struct public_key *key)
{
    struct span value = read_string(r);

    if (!read_done(r) || value.len != ED25519_LEN)
        return ERR_FORMAT;
    if (has_small_order(value))
        return ERR_CRYPTO;
    memcpy(key->ed25519, value.ptr, sizeof(key->ed25519));
    key->bits = 256;
    return OK;
}

enum err
public_key_decode(struct span blob, struct public_key **out)
{
    struct reader r = reader_over(blob);
    struct span name = read_string(&r);
    struct public_key *key;
    enum key_type type;
    enum err err;

    if (blob.len > KEY_BLOB_MAX || !type_from_name(name, &type))
        return ERR_FORMAT;
    (void)library();
    key = alloc_zero(1, sizeof(*key));
    key->type = type;
    if (type == KEY_RSA)
        err = decode_rsa(&r, key);
    else if (type == KEY_ED25519)
        err = decode_ed25519(&r, key);
    else if (type == KEY_DSA)
        err = key_decode_dsa(&r, key);
    else
        err = decode_ecdsa(&r, key);
    if (err != OK) {
        public_key_free(key);
        return err;
    }
    *out = key;
    return OK;
}

void
public_key_free(struct public_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

enum key_type
public_key_type(const struct public_key *key)
{
    return key->type;
}

unsigned
public_key_bits(const struct public_key *key)
{
    return key->bits;
}

static bool
put_number(const EVP_PKEY *pkey, const char *parameter, struct buf *to)
{
    uint8_t bytes[RSA_N_MAX];
    BIGNUM *number = NULL;
    int len = -1;

    if (library_ok(EVP_PKEY_get_bn_param(pkey, parameter, &number)) &&
        BN_num_bytes(number) <= (int)sizeof(bytes))
        len = BN_bn2bin(number, bytes);
    BN_free(number);
    if (len < 0)
        return false;
    buf_put_mpint(to, span_of(bytes, (size_t)len));
    return true;
}

static bool
put_point(const EVP_PKEY *pkey, const struct key_curve *curve, struct buf *to)
{
    uint8_t point[POINT_MAX];
    size_t len = 0;

    if (!library_ok(EVP_PKEY_get_octet_string_param(
            pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len)) ||
        len != 1 + 2 * curve->field_len ||
        point[0] != POINT_CONVERSION_UNCOMPRESSED)
        return false;
    buf_put_text(to, curve->identifier);
    buf_put_string(to, span_of(point, len));
    return true;
}

static bool
put_ed25519(const EVP_PKEY *pkey, struct buf *to)
{
    uint8_t value[ED25519_LEN];
    size_t len = sizeof(value);

    if (!library_ok(EVP_PKEY_get_raw_public_key(pkey, value, &len)) ||
        len != ED25519_LEN)
        return false;
    buf_put_string(to, span_of(value, len));
    return true;
}

bool
key_put_blob(enum key_type type, const EVP_PKEY *pkey, struct buf *to)
{
    buf_put_text(to, key_type_name(type));
    if (type == KEY_RSA)
        return put_number(pkey, OSSL_PKEY_PARAM_RSA_E, to) &&
               put_number(pkey, OSSL_PKEY_PARAM_RSA_N, to) && buf_ok(to);
    if (type == KEY_ED25519)
        return put_ed25519(pkey, to) && buf_ok(to);
    return put_point(pkey, key_curve_of(type), to) && buf_ok(to);
}

static bool
library_verify(const struct public_key *key,
               const struct signature_method *method, struct span data,
               struct span signature)
{
    const char *hash = EVP_MD_get0_name(library()->hash[method->hash]);
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    bool ok = state != NULL &&
              library_ok(EVP_DigestVerifyInit_ex(state, NULL, hash, NULL, NULL,
                                                 key->pkey, NULL)) &&
              library_ok(EVP_DigestVerify(state, signature.ptr, signature.len,
                                          data.ptr, data.len));

    EVP_MD_CTX_free(state);
    return ok;
}

static bool
verify(const struct public_key *key, const struct signature_method *method,
       struct span data, struct span signature)
{
    if (key->type == KEY_ED25519)
        return signature.len == ED25519_SIGNATURE_LEN &&
               ed25519_verify(key->ed25519, data, signature.ptr);
    return library_verify(key, method, data, signature);
}

enum err
public_key_verify(const struct public_key *key,
                  const struct signature_method *method, struct span data,
                  struct span signature)
{
    struct reader r = reader_over(signature);
    struct span name = read_string(&r);
    struct span inner = read_string(&r);
    struct buf form;
    enum err err;

    if (!read_done(&r))
        return ERR_FORMAT;
    /* RFC 8332 section 3.2: the agreed name, not another of the same key. */
    if (method->type != key->type || !span_is(name, method->name))
        return ERR_CRYPTO;
    buf_init(&form, SIGNATURE_MAX);
    err = signature_to_library(key, inner, &form);
    if (err == OK && !verify(key, method, data, buf_span(&form)))
        err = ERR_CRYPTO;
    buf_clear(&form);
    return err;
}

enum err
key_fingerprint(struct span blob, char to[KEY_FINGERPRINT_ROOM])
{
    char encoded[TEXT_BASE64_ROOM(HASH_MAX)];
    struct span pieces[2] = {blob, SPAN_EMPTY};
    uint8_t hash[HASH_MAX];
    struct buf text;

    if (rsa1_key_is(blob) && rsa1_numbers(blob, &pieces[1], &pieces[0]) != OK)
        return ERR_FORMAT;
    if (hash_pieces(HASH_SHA256, pieces, 2, hash) != OK)
        return ERR_CRYPTO;
    text_base64(encoded, sizeof(encoded), span_of(hash, hash_len(HASH_SHA256)));
    buf_init(&text, KEY_FINGERPRINT_ROOM - 1);
    buf_printf(&text, "SHA256:%.43s", encoded);
    (void)text_copy(to, KEY_FINGERPRINT_ROOM, buf_text(&text));
    buf_clear(&text);
    return OK;
}
