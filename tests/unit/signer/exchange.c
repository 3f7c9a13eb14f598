/* Laws of what is signed, and of what never is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "crypto/curve25519.h"
#include "crypto/exchange_hash.h"
#include "signer/exchange.h"

#include "fixture.h"

struct signing {
    struct keys keys;
    const struct key *key;
    struct buf before;
};

static void
signing_init(struct signing *s, enum key_type type, unsigned bits)
{
    struct buf text;

    keys_init(&s->keys);
    buf_init_secret(&text, KEYFILE_MAX);
    fixture_key_file(type, bits, "host", &text, NULL);
    assert_int_equal(keys_load(&s->keys, 1, buf_span(&text), &s->key), OK);
    buf_clear(&text);
    buf_init(&s->before, 4096);
    fixture_before(&s->before);
}

static void
signing_clear(struct signing *s)
{
    keys_clear(&s->keys);
    buf_clear(&s->before);
}

static struct msg_hash_sign
request_of(const struct signing *s, const char *method, enum hash_id hash)
{
    return (struct msg_hash_sign){.method = span_text(method),
                                  .hash = (uint8_t)hash,
                                  .before = buf_span(&s->before),
                                  .after = span_text("values and K")};
}

/* The hash is that of RFC 4253 section 8 and the signature is over it. */
static void
assert_signs(enum key_type type, unsigned bits, const char *name,
             enum hash_id hash)
{
    struct signing s;
    struct msg_hash_sign request;
    struct exchange_proof proof;
    struct public_key *public;
    struct buf whole;
    struct span all;
    uint8_t expected[HASH_MAX];

    signing_init(&s, type, bits);
    request = request_of(&s, name, hash);
    assert_int_equal(exchange_sign(s.key, &request, &proof), OK);

    buf_init(&whole, 8192);
    buf_put_span(&whole, request.before);
    buf_put_string(&whole, buf_span(&s.key->blob));
    buf_put_span(&whole, request.after);
    all = buf_span(&whole);
    assert_int_equal(hash_pieces(hash, &all, 1, expected), OK);
    assert_int_equal(proof.hash_len, hash_len(hash));
    assert_memory_equal(proof.hash, expected, proof.hash_len);

    assert_int_equal(public_key_decode(buf_span(&s.key->blob), &public), OK);
    assert_int_equal(public_key_verify(public, signature_find(span_text(name)),
                                       span_of(expected, hash_len(hash)),
                                       buf_span(&proof.signature)),
                     OK);
    public_key_free(public);
    buf_clear(&proof.signature);
    buf_clear(&whole);
    signing_clear(&s);
}

static void
test_each_method_signs_the_exchange_hash(void **state)
{
    (void)state;
    assert_signs(KEY_ED25519, 0, "ssh-ed25519", HASH_SHA256);
    assert_signs(KEY_ECDSA_256, 0, "ecdsa-sha2-nistp256", HASH_SHA1);
    assert_signs(KEY_ECDSA_384, 0, "ecdsa-sha2-nistp384", HASH_SHA384);
    assert_signs(KEY_ECDSA_521, 0, "ecdsa-sha2-nistp521", HASH_SHA512);
    assert_signs(KEY_RSA, 1024, "rsa-sha2-512", HASH_SHA256);
    assert_signs(KEY_RSA, 1024, "rsa-sha2-256", HASH_SHA512);
    assert_signs(KEY_RSA, 1024, "ssh-rsa", HASH_SHA1);
    assert_signs(KEY_RSA, 768, "rsa-sha2-512", HASH_SHA256);
}

static void
assert_refused(const struct key *key, struct msg_hash_sign request)
{
    struct exchange_proof proof = {.hash_len = 99};

    assert_int_equal(exchange_sign(key, &request, &proof), ERR_REFUSED);
    assert_int_equal(proof.hash_len, 99);
}

static void
test_methods_that_do_not_fit_are_refused(void **state)
{
    static const char *const bad[] = {"ssh-rsa", "rsa-sha2-256",
                                      "",        "ecdsa-sha2-nistp256",
                                      "none",    "ssh-ed25519 "};
    struct signing s;

    (void)state;
    signing_init(&s, KEY_ED25519, 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_refused(s.key, request_of(&s, bad[i], HASH_SHA256));
    assert_refused(NULL, request_of(&s, "ssh-ed25519", HASH_SHA256));
    signing_clear(&s);
}

static void
test_only_hashes_of_key_exchanges_are_signed(void **state)
{
    struct signing s;
    struct msg_hash_sign request;

    (void)state;
    signing_init(&s, KEY_ED25519, 0);
    assert_refused(s.key, request_of(&s, "ssh-ed25519", HASH_MD5));
    request = request_of(&s, "ssh-ed25519", HASH_SHA256);
    for (unsigned hash = HASH_COUNT; hash < 256; hash++) {
        request.hash = (uint8_t)hash;
        assert_refused(s.key, request);
    }
    signing_clear(&s);
}

static void
test_a_key_too_short_to_serve_signs_nothing(void **state)
{
    struct signing s;

    (void)state;
    signing_init(&s, KEY_RSA, 767);
    assert_refused(s.key, request_of(&s, "rsa-sha2-256", HASH_SHA256));
    assert_refused(s.key, request_of(&s, "ssh-rsa", HASH_SHA1));
    signing_clear(&s);
}

static void
test_what_does_not_begin_as_an_exchange_is_refused(void **state)
{
    struct signing s;
    struct span whole;

    (void)state;
    signing_init(&s, KEY_ED25519, 0);
    whole = buf_span(&s.before);
    assert_true(exchange_begins_well(whole));
    for (size_t len = 0; len < whole.len; len++)
        assert_false(exchange_begins_well(span_of(whole.ptr, len)));
    buf_put_u8(&s.before, 0);
    assert_refused(s.key, request_of(&s, "ssh-ed25519", HASH_SHA256));
    signing_clear(&s);
}

/* The four strings, one of them replaced. */
static bool
begins_well_with(size_t place, struct span other)
{
    struct buf kexinit, before;
    struct span parts[4] = {span_text("SSH-2.0-c"), span_text("SSH-2.0-s")};
    bool well;

    buf_init(&kexinit, 256);
    fixture_kexinit(&kexinit, 7);
    parts[2] = parts[3] =
        span_of(buf_bytes(&kexinit) + 4, buf_len(&kexinit) - 4);
    parts[place] = other;
    buf_init(&before, 4096);
    for (size_t i = 0; i < 4; i++)
        buf_put_string(&before, parts[i]);
    well = exchange_begins_well(buf_span(&before));
    buf_clear(&before);
    buf_clear(&kexinit);
    return well;
}

static void
test_each_part_must_begin_as_it_must(void **state)
{
    char long_ident[300];
    uint8_t newkeys[80] = {21};
    uint8_t session_id[32] = {20};

    (void)state;
    memset(long_ident, 'x', sizeof(long_ident));
    memcpy(long_ident, "SSH-2.0-", 8);
    for (size_t place = 0; place < 2; place++) {
        assert_true(begins_well_with(place, span_of(long_ident, 255)));
        assert_false(begins_well_with(place, span_of(long_ident, 256)));
        assert_false(begins_well_with(place, span_text("")));
        assert_false(begins_well_with(place, span_text("ssh-2.0-x")));
        assert_false(begins_well_with(place, span_text("SSH-2.0-x\r")));
        assert_false(begins_well_with(place, span_of("SSH-2.0-\0", 9)));
    }
    for (size_t place = 2; place < 4; place++) {
        assert_false(begins_well_with(place, SPAN_EMPTY));
        assert_false(begins_well_with(place, span_of(newkeys, 80)));
        assert_false(begins_well_with(place, span_of(session_id, 32)));
    }
}

/* --- faults -------------------------------------------------------------- */

/* The bit of the next signatures that comes out wrong; -1: none. */
static int faulty_bit = -1;

int __real_EVP_DigestSign(EVP_MD_CTX *state, unsigned char *signature,
                          size_t *len, const unsigned char *data, size_t size);
int __wrap_EVP_DigestSign(EVP_MD_CTX *state, unsigned char *signature,
                          size_t *len, const unsigned char *data, size_t size);
void __real_ed25519_sign(const uint8_t pair[ED25519_PAIR_LEN], struct span data,
                         uint8_t signature[ED25519_SIGNATURE_LEN]);
void __wrap_ed25519_sign(const uint8_t pair[ED25519_PAIR_LEN], struct span data,
                         uint8_t signature[ED25519_SIGNATURE_LEN]);

static void
corrupt(uint8_t *signature, size_t len)
{
    if (faulty_bit >= 0)
        signature[(size_t)faulty_bit / 8 % len] ^=
            (uint8_t)(1 << faulty_bit % 8);
}

int
__wrap_EVP_DigestSign(EVP_MD_CTX *state, unsigned char *signature, size_t *len,
                      const unsigned char *data, size_t size)
{
    int result = __real_EVP_DigestSign(state, signature, len, data, size);

    if (result == 1 && signature != NULL)
        corrupt(signature, *len);
    return result;
}

void
__wrap_ed25519_sign(const uint8_t pair[ED25519_PAIR_LEN], struct span data,
                    uint8_t signature[ED25519_SIGNATURE_LEN])
{
    __real_ed25519_sign(pair, data, signature);
    corrupt(signature, ED25519_SIGNATURE_LEN);
}

/* Hash and signature stay here: half of an RSA-CRT one would be the key. */
static void
assert_faults_stay(enum key_type type, unsigned bits, const char *name,
                   enum hash_id hash)
{
    struct signing s;
    struct msg_hash_sign request;

    signing_init(&s, type, bits);
    request = request_of(&s, name, hash);
    for (int bit = 0; bit < 1000; bit += 37) {
        struct exchange_proof proof = {.hash_len = 0};

        faulty_bit = bit;
        assert_int_equal(exchange_sign(s.key, &request, &proof), ERR_CRYPTO);
        assert_int_equal(proof.hash_len, 0);
        assert_null(proof.signature.bytes);
        faulty_bit = -1;
    }
    signing_clear(&s);
    assert_signs(type, bits, name, hash);
}

static void
test_hardening_3_17_a_faulty_signature_never_leaves(void **state)
{
    (void)state;
    assert_faults_stay(KEY_RSA, 1024, "rsa-sha2-256", HASH_SHA256);
    assert_faults_stay(KEY_RSA, 2048, "rsa-sha2-512", HASH_SHA512);
    assert_faults_stay(KEY_ECDSA_256, 256, "ecdsa-sha2-nistp256", HASH_SHA256);
    assert_faults_stay(KEY_ED25519, 256, "ssh-ed25519", HASH_SHA256);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_method_signs_the_exchange_hash),
        cmocka_unit_test(test_methods_that_do_not_fit_are_refused),
        cmocka_unit_test(test_only_hashes_of_key_exchanges_are_signed),
        cmocka_unit_test(test_a_key_too_short_to_serve_signs_nothing),
        cmocka_unit_test(test_what_does_not_begin_as_an_exchange_is_refused),
        cmocka_unit_test(test_each_part_must_begin_as_it_must),
        cmocka_unit_test(test_hardening_3_17_a_faulty_signature_never_leaves),
    };

    return cmocka_run_group_tests_name("signer/exchange", tests, NULL, NULL);
}
