#include "crypto/keyfile.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "crypto/key_parts.h"
#include "crypto/rsa_generate.h"

#define PEM_MAX  16384 /* bytes; an RSA-4096 file has 3,272 */
#define PEM_TYPE "PRIVATE KEY"

struct private_key {
    struct public_key *public; /* libcrypto's whole key is its pkey */
    uint8_t *blob;             /* the SSH public key blob */
    size_t blob_len;
    uint8_t ed25519[ED25519_PAIR_LEN]; /* of an Ed25519 key */
};

/* The pair, as its own arithmetic wants it, and the public half by itself. */
static bool
take_ed25519(struct private_key *key)
{
    uint8_t seed[ED25519_LEN];
    size_t len = sizeof(seed), public_len = ED25519_LEN;
    bool ok = library_ok(EVP_PKEY_get_raw_private_key(key->public->pkey, seed,
                                                      &len)) &&
              library_ok(EVP_PKEY_get_raw_public_key(
                  key->public->pkey, key->public->ed25519, &public_len)) &&
              len == ED25519_LEN && public_len == ED25519_LEN;

    if (ok)
        ed25519_pair(seed, key->ed25519);
    wipe(seed, sizeof(seed));
    return ok;
}

/*
 * Take over `pkey`, also on failure. Not public_key_decode(): a key that is
 * too short to serve can still be kept and shown.
 */
static enum err
adopt(enum key_type type, EVP_PKEY *pkey, struct private_key **out)
{
    struct private_key *key = alloc_zero(1, sizeof(*key));
    struct buf blob;
    bool ok;

    key->public = alloc_zero(1, sizeof(*key->public));
    key->public->type = type;
    key->public->pkey = pkey;
    key->public->bits = (unsigned)EVP_PKEY_get_bits(pkey);
    if (type == KEY_ED25519)
        key->public->bits = 256; /* libcrypto counts 253 */
    buf_init(&blob, KEY_BLOB_MAX);
    ok = key_put_blob(type, pkey, &blob) &&
         (type != KEY_ED25519 || take_ed25519(key));
    if (ok) {
        key->blob_len = buf_len(&blob);
        key->blob = alloc_zero(key->blob_len, 1);
        memcpy(key->blob, buf_bytes(&blob), key->blob_len);
    }
    buf_clear(&blob);
    if (!ok) {
        private_key_free(key);
        return ERR_CRYPTO;
    }
    *out = key;
    return OK;
}

enum err
private_key_generate(enum key_type type, unsigned bits,
                     struct private_key **out)
{
    const struct key_curve *curve = key_curve_of(type);
    EVP_PKEY *pkey;

    (void)library();
    if (type == KEY_RSA)
        pkey = rsa_generate(bits);
    else if (curve != NULL)
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve->group_name);
    else
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (!library_ok(pkey != NULL))
        return ERR_CRYPTO;
    return adopt(type, pkey, out);
}

enum err
private_key_encode(const struct private_key *key, struct buf *to)
{
    BIO *memory = BIO_new(BIO_s_mem()); /* wipes what it frees */
    char *text;
    long len = 0;

    if (memory != NULL &&
        library_ok(PEM_write_bio_PKCS8PrivateKey(memory, key->public->pkey,
                                                 NULL, NULL, 0, NULL, NULL)) &&
        (len = BIO_get_mem_data(memory, &text)) > 0)
        buf_put(to, text, (size_t)len);
    BIO_free(memory);
    return len > 0 && buf_ok(to) ? OK : ERR_CRYPTO;
}

/* The one PEM block of type PRIVATE KEY; `*der` is the caller's to free. */
static bool
read_pem(struct span pem, uint8_t **der, long *len)
{
    BIO *memory = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    char *name = NULL, *header = NULL;
    bool ok = memory != NULL &&
              library_ok(PEM_read_bio(memory, &name, &header, der, len)) &&
              strcmp(name, PEM_TYPE) == 0 && header[0] == '\0';

    OPENSSL_free(name);
    OPENSSL_free(header);
    BIO_free(memory);
    return ok;
}

/* Which of our types it is; its size must be one that we make. */
static bool
classify(const EVP_PKEY *pkey, enum key_type *type)
{
    int bits = EVP_PKEY_get_bits(pkey);
    char group[32];

    if (EVP_PKEY_is_a(pkey, "ED25519")) {
        *type = KEY_ED25519;
        return true;
    }
    if (EVP_PKEY_is_a(pkey, "RSA")) {
        *type = KEY_RSA;
        return bits >= RSA_GENERATE_BITS_MIN && bits <= RSA_GENERATE_BITS_MAX;
    }
    if (!EVP_PKEY_is_a(pkey, "EC") ||
        !library_ok(EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL)))
        return false;
    for (*type = KEY_ECDSA_256; *type <= KEY_ECDSA_521; (*type)++)
        if (strcmp(group, key_curve_of(*type)->group_name) == 0)
            return true;
    return false;
}

static EVP_PKEY *
parse_pkcs8(const uint8_t *der, long len)
{
    const uint8_t *at = der;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, len);
    EVP_PKEY *pkey = NULL;

    if (info != NULL && at == der + len)
        pkey = EVP_PKCS82PKEY_ex(info, NULL, NULL);
    PKCS8_PRIV_KEY_INFO_free(info);
    return library_ok(pkey != NULL) ? pkey : NULL;
}

/*
 * A private half that does not fit the public one must be found when the file
 * is read, not at a stranger's login. RSA keys too short for any signature
 * of ours are not tried.
 */
static bool
halves_fit(const struct private_key *key)
{
    const struct signature_method *method = signature_methods;
    struct buf signature;
    bool ok;

    if (key->public->type == KEY_RSA && key->public->bits < RSA_PUBLIC_BITS_MIN)
        return true;
    while (method->type != key->public->type)
        method++;
    if (method->type == KEY_RSA)
        method = signature_find(span_text("rsa-sha2-256"));
    buf_init(&signature, SIGNATURE_MAX);
    ok = private_key_sign(key, method, SPAN_EMPTY, &signature) == OK;
    buf_clear(&signature);
    return ok;
}

enum err
private_key_take(EVP_PKEY *pkey, struct private_key **out)
{
    struct private_key *key = NULL;
    enum key_type type;

    if (!classify(pkey, &type)) {
        EVP_PKEY_free(pkey);
        return ERR_CRYPTO;
    }
    if (adopt(type, pkey, &key) != OK || !halves_fit(key)) {
        private_key_free(key);
        return ERR_CRYPTO;
    }
    *out = key;
    return OK;
}

EVP_PKEY *
private_key_library(const struct private_key *key)
{
    return key->public->pkey;
}

enum err
private_key_decode(struct span pem, struct private_key **out)
{
    EVP_PKEY *pkey = NULL;
    uint8_t *der = NULL;
    long len = 0;

    if (pem.len == 0 || pem.len > PEM_MAX)
        return ERR_FORMAT;
    (void)library();
    if (read_pem(pem, &der, &len))
        pkey = parse_pkcs8(der, len);
    OPENSSL_clear_free(der, (size_t)len);
    if (pkey == NULL)
        return ERR_FORMAT;
    return private_key_take(pkey, out);
}

void
private_key_free(struct private_key *key)
{
    if (key == NULL)
        return;
    public_key_free(key->public);
    free(key->blob);
    wipe(key, sizeof(*key));
    free(key);
}

enum key_type
private_key_type(const struct private_key *key)
{
    return key->public->type;
}

unsigned
private_key_bits(const struct private_key *key)
{
    return key->public->bits;
}

void
private_key_put_public(const struct private_key *key, struct buf *to)
{
    buf_put(to, key->blob, key->blob_len);
}

enum err
private_key_put_spki(const struct private_key *key, struct buf *to)
{
    uint8_t *der = NULL;
    int len = i2d_PUBKEY(key->public->pkey, &der);

    if (!library_ok(len > 0))
        return ERR_CRYPTO;
    buf_put(to, der, (size_t)len);
    OPENSSL_free(der);
    return buf_ok(to) ? OK : ERR_LENGTH;
}

static bool
library_sign(const struct private_key *key,
             const struct signature_method *method, struct span data,
             uint8_t *out, size_t *len)
{
    const char *hash = EVP_MD_get0_name(library()->hash[method->hash]);
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    bool ok = state != NULL &&
              library_ok(EVP_DigestSignInit_ex(state, NULL, hash, NULL, NULL,
                                               key->public->pkey, NULL)) &&
              library_ok(EVP_DigestSign(state, out, len, data.ptr, data.len));

    EVP_MD_CTX_free(state);
    return ok;
}

static bool
sign(const struct private_key *key, const struct signature_method *method,
     struct span data, uint8_t *out, size_t *len)
{
    if (method->type != KEY_ED25519)
        return library_sign(key, method, data, out, len);
    ed25519_sign(key->ed25519, data, out);
    *len = ED25519_SIGNATURE_LEN;
    return true;
}

enum err
private_key_sign(const struct private_key *key,
                 const struct signature_method *method, struct span data,
                 struct buf *signature)
{
    uint8_t inner[SIGNATURE_MAX];
    size_t len = sizeof(inner);
    struct buf blob;
    enum err err;

    if (method->type != key->public->type)
        return ERR_CRYPTO;
    if (!sign(key, method, data, inner, &len))
        return ERR_CRYPTO;
    buf_init(&blob, SIGNATURE_MAX);
    buf_put_text(&blob, method->name);
    err = signature_from_library(method->type, span_of(inner, len), &blob);
    /* A faulty signature can give the key away: it never leaves. */
    if (err == OK)
        err = public_key_verify(key->public, method, data, buf_span(&blob));
    if (err == OK) {
        buf_put_span(signature, buf_span(&blob));
        err = buf_ok(signature) ? OK : ERR_LENGTH;
    }
    buf_clear(&blob);
    return err;
}
