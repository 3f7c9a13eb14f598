#include "crypto/user_key.h"

#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypto/bcrypt_pbkdf.h"
#include "crypto/cipher.h"
#include "crypto/key_parts.h"

#define BEGIN_OPENSSH "-----BEGIN OPENSSH PRIVATE KEY-----"
#define END_OPENSSH   "-----END OPENSSH PRIVATE KEY-----"
#define MAGIC         "openssh-key-v1" /* with its NUL */
#define PADDING_BLOCK 8                /* at least, whatever the cipher */
#define NUMBER_MAX    (RSA_PUBLIC_BITS_MAX / 8)

/* --- OpenSSH's format: the envelope ------------------------------------- */

/* The file as bytes, and what of it stands outside the protection. */
struct envelope {
    uint8_t *bytes; /* owned, wiped */
    size_t len;
    struct span cipher, kdf, options, public, private;
};

/* Where `mark` stands in `text`; SIZE_MAX when it does not. */
static size_t
find_mark(struct span text, const char *mark)
{
    const uint8_t *at = memmem(text.ptr, text.len, mark, strlen(mark));

    return at == NULL ? SIZE_MAX : (size_t)(at - text.ptr);
}

static bool
is_openssh(struct span text)
{
    return find_mark(text, BEGIN_OPENSSH) != SIZE_MAX;
}

/* The base64 between the marks, its line ends left out, as bytes. */
static enum err
read_armour(struct span text, struct envelope *e)
{
    size_t start = find_mark(text, BEGIN_OPENSSH);
    size_t end = find_mark(text, END_OPENSSH);
    struct buf digits;
    enum err err;

    if (text.len > USER_KEY_TEXT_MAX || start == SIZE_MAX || end == SIZE_MAX)
        return ERR_FORMAT;
    start += strlen(BEGIN_OPENSSH);
    buf_init_secret(&digits, USER_KEY_TEXT_MAX);
    (void)buf_reserve(&digits, text.len);
    for (size_t i = start; i < end; i++)
        if (text.ptr[i] != '\n' && text.ptr[i] != '\r')
            buf_put_u8(&digits, text.ptr[i]);
    e->len = buf_len(&digits);
    e->bytes = alloc_zero(e->len + 1, 1);
    err = text_base64_decode(buf_span(&digits), e->bytes, &e->len);
    buf_clear(&digits);
    return err == OK ? OK : ERR_FORMAT;
}

static void
envelope_clear(struct envelope *e)
{
    if (e->bytes != NULL)
        wipe(e->bytes, e->len);
    free(e->bytes);
    *e = (struct envelope){0};
}

/* Also on failure `e` is the caller's to clear. */
static enum err
envelope_read(struct span text, struct envelope *e)
{
    struct reader r;
    struct span magic;
    uint32_t count;

    *e = (struct envelope){0};
    if (read_armour(text, e) != OK)
        return ERR_FORMAT;
    r = reader_over(span_of(e->bytes, e->len));
    magic = read_bytes(&r, sizeof(MAGIC));
    e->cipher = read_string(&r);
    e->kdf = read_string(&r);
    e->options = read_string(&r);
    count = read_u32(&r);
    e->public = read_string(&r);
    e->private = read_string(&r);
    if (!read_ok(&r) || count != 1 ||
        !span_equal(magic, span_of(MAGIC, sizeof(MAGIC))))
        return ERR_FORMAT;
    /* Behind it may stand the tag of a cipher that has one. */
    return r.left == 0 || !span_is(e->cipher, "none") ? OK : ERR_FORMAT;
}

static bool
envelope_is_protected(const struct envelope *e)
{
    return !span_is(e->cipher, "none");
}

/* Decrypt in place. */
static enum err
envelope_open(struct envelope *e, struct span passphrase)
{
    const struct cipher_method *method = cipher_find(e->cipher);
    struct reader options = reader_over(e->options);
    struct span salt = read_string(&options);
    uint32_t rounds = read_u32(&options);
    uint8_t key[CIPHER_KEY_MAX + CIPHER_IV_MAX];
    uint8_t *private = e->bytes + (e->private.ptr - e->bytes);
    struct cipher *cipher = NULL;
    enum err err;

    if (method == NULL || method->tag_len > 0 || !span_is(e->kdf, "bcrypt"))
        return ERR_NO_MATCH;
    if (!read_done(&options) || e->private.len % method->block_len != 0)
        return ERR_FORMAT;
    if (passphrase.len == 0)
        return ERR_REFUSED;
    if (bcrypt_pbkdf(passphrase, salt, rounds, key,
                     method->key_len + method->iv_len) != OK)
        return ERR_FORMAT;
    err = cipher_new(method, key, key + method->key_len, false, &cipher);
    if (err == OK)
        err = cipher_crypt(cipher, private, private, e->private.len);
    cipher_free(cipher);
    wipe(key, sizeof(key));
    return err;
}

/* --- OpenSSH's format: the key ------------------------------------------ */

static EVP_PKEY *
read_ed25519(struct reader *r)
{
    struct span public = read_string(r);
    struct span both = read_string(r); /* seed, public half */

    if (!read_ok(r) || public.len != 32 || both.len != 64)
        return NULL;
    return EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, both.ptr, 32);
}

static EVP_PKEY *
read_ecdsa(struct reader *r, const struct key_curve *curve)
{
    struct span identifier = read_string(r);
    struct span point = read_string(r);
    struct span number = read_mpint(r, curve->field_len);
    OSSL_PARAM_BLD *build;
    EVP_PKEY *pkey = NULL;
    BIGNUM *secret;

    if (!read_ok(r) || !span_is(identifier, curve->identifier) ||
        point.len != 1 + 2 * curve->field_len)
        return NULL;
    build = OSSL_PARAM_BLD_new();
    secret = BN_secure_new();
    if (build != NULL && secret != NULL &&
        BN_bin2bn(number.ptr, (int)number.len, secret) != NULL &&
        library_ok(OSSL_PARAM_BLD_push_utf8_string(
            build, OSSL_PKEY_PARAM_GROUP_NAME, curve->group_name, 0)) &&
        library_ok(OSSL_PARAM_BLD_push_octet_string(
            build, OSSL_PKEY_PARAM_PUB_KEY, point.ptr, point.len)) &&
        library_ok(
            OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, secret)))
        pkey = key_from_parameters("EC", EVP_PKEY_KEYPAIR, build);
    else
        OSSL_PARAM_BLD_free(build);
    BN_clear_free(secret);
    return pkey;
}

enum { RSA_N, RSA_E, RSA_D, RSA_Q_INVERSE, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSAS };

static const char *const rsa_parameters[RSAS] = {
    [RSA_N] = OSSL_PKEY_PARAM_RSA_N,
    [RSA_E] = OSSL_PKEY_PARAM_RSA_E,
    [RSA_D] = OSSL_PKEY_PARAM_RSA_D,
    [RSA_Q_INVERSE] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
    [RSA_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [RSA_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
    [RSA_DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [RSA_DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
};

/* d modulo p - 1 and q - 1, which the file leaves out. */
static bool
find_exponents(BIGNUM *const numbers[RSAS])
{
    BN_CTX *scratch = BN_CTX_secure_new();
    BIGNUM *less = BN_secure_new();
    bool ok = scratch != NULL && less != NULL;

    if (ok)
        BN_set_flags(numbers[RSA_D], BN_FLG_CONSTTIME);
    for (int i = 0; ok && i < 2; i++)
        ok = !BN_is_zero(numbers[RSA_P + i]) &&
             library_ok(BN_copy(less, numbers[RSA_P + i]) != NULL) &&
             library_ok(BN_sub_word(less, 1)) && !BN_is_zero(less) &&
             library_ok(
                 BN_mod(numbers[RSA_DP + i], numbers[RSA_D], less, scratch));
    BN_clear_free(less);
    BN_CTX_free(scratch);
    return ok;
}

static EVP_PKEY *
build_rsa(BIGNUM *const numbers[RSAS])
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    bool ok = build != NULL && find_exponents(numbers);

    for (int i = 0; ok && i < RSAS; i++)
        ok = library_ok(
            OSSL_PARAM_BLD_push_BN(build, rsa_parameters[i], numbers[i]));
    if (ok)
        return key_from_parameters("RSA", EVP_PKEY_KEYPAIR, build);
    OSSL_PARAM_BLD_free(build);
    return NULL;
}

static EVP_PKEY *
read_rsa(struct reader *r)
{
    BIGNUM *numbers[RSAS];
    EVP_PKEY *pkey = NULL;
    bool ok = true;

    for (int i = 0; i < RSAS; i++) {
        struct span bytes = i < RSA_DP ? read_mpint(r, NUMBER_MAX) : SPAN_EMPTY;

        numbers[i] = BN_secure_new();
        ok = ok && numbers[i] != NULL &&
             BN_bin2bn(bytes.ptr, (int)bytes.len, numbers[i]) != NULL;
    }
    if (ok && read_ok(r))
        pkey = build_rsa(numbers);
    for (int i = 0; i < RSAS; i++)
        BN_clear_free(numbers[i]);
    return pkey;
}

/* The rest is 1, 2, 3, ... and shorter than a block. */
static bool
is_padding(struct span rest, size_t block)
{
    if (rest.len >= block)
        return false;
    for (size_t i = 0; i < rest.len; i++)
        if (rest.ptr[i] != i + 1)
            return false;
    return true;
}

/* The type whose keys have this name; false when it is none of ours. */
static bool
find_type(struct span name, enum key_type *type)
{
    for (*type = KEY_RSA; *type <= KEY_ED25519; (*type)++)
        if (span_is(name, key_type_name(*type)))
            return true;
    return false;
}

/* From what is in clear by now; `*pkey` is the caller's also on failure. */
static enum err
read_private(const struct envelope *e, EVP_PKEY **pkey)
{
    const struct cipher_method *method = cipher_find(e->cipher);
    struct reader r = reader_over(e->private);
    uint32_t check = read_u32(&r);
    bool agrees = check == read_u32(&r);
    struct span name = read_string(&r);
    enum key_type type;

    if (!agrees || !read_ok(&r))
        return envelope_is_protected(e) ? ERR_REFUSED : ERR_FORMAT;
    if (!find_type(name, &type))
        return ERR_NO_MATCH;
    if (type == KEY_RSA)
        *pkey = read_rsa(&r);
    else if (type == KEY_ED25519)
        *pkey = read_ed25519(&r);
    else
        *pkey = read_ecdsa(&r, key_curve_of(type));
    read_string(&r); /* comment */
    if (!read_ok(&r) ||
        !is_padding(read_rest(&r),
                    method == NULL ? PADDING_BLOCK : method->block_len))
        return ERR_FORMAT;
    return library_ok(*pkey != NULL) ? OK : ERR_CRYPTO;
}

/* What is announced as public must be this key's; takes it over. */
static enum err
check_public(struct private_key *key, struct span public,
             struct private_key **out)
{
    struct buf blob;
    bool fits;

    buf_init(&blob, KEY_BLOB_MAX);
    private_key_put_public(key, &blob);
    fits = span_equal(buf_span(&blob), public);
    buf_clear(&blob);
    if (fits)
        *out = key;
    else
        private_key_free(key);
    return fits ? OK : ERR_CRYPTO;
}

static enum err
decode_openssh(struct span text, struct span passphrase,
               struct private_key **out)
{
    struct private_key *key;
    EVP_PKEY *pkey = NULL;
    struct envelope e;
    enum err err = envelope_read(text, &e);

    if (err == OK && envelope_is_protected(&e))
        err = envelope_open(&e, passphrase);
    if (err == OK)
        err = read_private(&e, &pkey);
    if (err == OK)
        err = private_key_take(pkey, &key);
    else
        EVP_PKEY_free(pkey);
    if (err == OK)
        err = check_public(key, e.public, out);
    envelope_clear(&e);
    return err;
}

/* --- PEM ---------------------------------------------------------------- */

/* libcrypto asks for it; without this it asks the terminal. */
struct asked {
    struct span passphrase;
    bool is_needed;
};

static int
give_passphrase(char *to, int room, int writing, void *owner)
{
    struct asked *asked = owner;

    (void)writing;
    asked->is_needed = true;
    if (asked->passphrase.len == 0 || asked->passphrase.len > (size_t)room)
        return -1;
    memcpy(to, asked->passphrase.ptr, asked->passphrase.len);
    return (int)asked->passphrase.len;
}

/* PKCS#8 and the traditional forms of RSA and EC, each protected or not. */
static EVP_PKEY *
read_pem(struct span text, struct asked *asked)
{
    BIO *memory = BIO_new_mem_buf(text.ptr, (int)text.len);
    EVP_PKEY *pkey = NULL;

    if (memory != NULL)
        pkey = PEM_read_bio_PrivateKey(memory, NULL, give_passphrase, asked);
    BIO_free(memory);
    return library_ok(pkey != NULL) ? pkey : NULL;
}

/* --- either ------------------------------------------------------------- */

enum err
user_key_public(struct span text, struct buf *blob)
{
    struct envelope e;
    enum err err;

    if (!is_openssh(text))
        return ERR_NOT_FOUND;
    err = envelope_read(text, &e);
    if (err == OK)
        buf_put_span(blob, e.public);
    envelope_clear(&e);
    return err == OK && buf_ok(blob) ? OK : ERR_FORMAT;
}

bool
user_key_is_protected(struct span text)
{
    struct asked asked = {.is_needed = false};
    struct envelope e;
    bool is_protected;

    if (text.len == 0 || text.len > USER_KEY_TEXT_MAX)
        return false;
    (void)library();
    if (!is_openssh(text)) {
        EVP_PKEY_free(read_pem(text, &asked));
        return asked.is_needed;
    }
    is_protected = envelope_read(text, &e) == OK && envelope_is_protected(&e);
    envelope_clear(&e);
    return is_protected;
}

enum err
user_key_decode(struct span text, struct span passphrase,
                struct private_key **out)
{
    struct asked asked = {.passphrase = passphrase};
    EVP_PKEY *pkey;

    if (text.len == 0 || text.len > USER_KEY_TEXT_MAX ||
        passphrase.len > USER_KEY_PASSPHRASE_MAX)
        return ERR_FORMAT;
    (void)library();
    if (is_openssh(text))
        return decode_openssh(text, passphrase, out);
    pkey = read_pem(text, &asked);
    if (pkey == NULL)
        return asked.is_needed ? ERR_REFUSED : ERR_FORMAT;
    return private_key_take(pkey, out);
}
