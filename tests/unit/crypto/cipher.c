#include "crypto/cipher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hex.h"

#define PLAIN                                                          \
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" \
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
#define KEY_128 "2b7e151628aed2a6abf7158809cf4f3c"
#define KEY_192 "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
#define KEY_256 \
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define IV_CBC "000102030405060708090a0b0c0d0e0f"
#define IV_CTR "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"

/* NIST SP 800-38A appendix F.2 and F.5; SP 800-67's 3DES by one DES key. */
static const struct {
    const char *name, *key, *iv, *plain, *secret;
} vectors[] = {
    {"aes128-cbc", KEY_128, IV_CBC, PLAIN,
     "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
     "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"},
    {"aes192-cbc", KEY_192, IV_CBC, PLAIN,
     "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"
     "571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd"},
    {"aes256-cbc", KEY_256, IV_CBC, PLAIN,
     "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
     "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"},
    {"aes128-ctr", KEY_128, IV_CTR, PLAIN,
     "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
     "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"},
    {"aes192-ctr", KEY_192, IV_CTR, PLAIN,
     "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94"
     "1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050"},
    {"aes256-ctr", KEY_256, IV_CTR, PLAIN,
     "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
     "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6"},
    /* "The quick brown fox jump" of SP 800-67 appendix B, IV zero: the first
       block is that of ECB. */
    {"3des-cbc", "0123456789abcdef23456789abcdef01456789abcdef0123",
     "0000000000000000", "5468652071756663", "a826fd8ce53b855f"},
};

static void
test_published_ciphertexts_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct cipher_method *method =
            cipher_find(span_text(vectors[i].name));
        uint8_t key[CIPHER_KEY_MAX], iv[CIPHER_IV_MAX];
        uint8_t plain[64], secret[64], out[64];
        size_t len = hex_bytes(vectors[i].plain, plain, sizeof(plain)).len;
        struct cipher *c;

        hex_bytes(vectors[i].secret, secret, sizeof(secret));
        assert_int_equal(hex_bytes(vectors[i].key, key, sizeof(key)).len,
                         method->key_len);
        assert_int_equal(hex_bytes(vectors[i].iv, iv, sizeof(iv)).len,
                         method->iv_len);
        /* Block by block: the state goes on from call to call. */
        assert_int_equal(cipher_new(method, key, iv, true, &c), OK);
        for (size_t at = 0; at < len; at += method->block_len)
            assert_int_equal(
                cipher_crypt(c, out + at, plain + at, method->block_len), OK);
        assert_memory_equal(out, secret, len);
        cipher_free(c);
        /* At once and in place. */
        assert_int_equal(cipher_new(method, key, iv, false, &c), OK);
        assert_int_equal(cipher_crypt(c, out, out, len), OK);
        assert_memory_equal(out, plain, len);
        cipher_free(c);
    }
}

static void
test_single_des_is_triple_des_with_one_key(void **state)
{
    /* FIPS 81's classic: key 0123456789abcdef, "Now is t". */
    uint8_t key[24], iv[8] = {0}, out[8], expected[8];
    struct cipher *c;

    (void)state;
    hex_bytes("0123456789abcdef0123456789abcdef0123456789abcdef", key, 24);
    hex_bytes("3fa40e8a984d4815", expected, 8);
    assert_int_equal(
        cipher_new(cipher_find(span_text("3des-cbc")), key, iv, true, &c), OK);
    assert_int_equal(cipher_crypt(c, out, (const uint8_t *)"Now is t", 8), OK);
    assert_memory_equal(out, expected, 8);
    cipher_free(c);
}

static void
test_a_broken_block_is_refused(void **state)
{
    uint8_t key[CIPHER_KEY_MAX] = {0}, iv[CIPHER_IV_MAX] = {0}, bytes[32] = {0};

    (void)state;
    for (const struct cipher_method *m = cipher_methods; m->name != NULL; m++) {
        struct cipher *c;

        assert_int_equal(cipher_new(m, key, iv, true, &c), OK);
        assert_ptr_equal(cipher_method_of(c), m);
        if (m->tag_len > 0) {
            assert_int_equal(cipher_crypt(c, bytes, bytes, 16), ERR_CRYPTO);
        } else {
            assert_int_equal(cipher_crypt(c, bytes, bytes, 7), ERR_CRYPTO);
            assert_int_equal(cipher_crypt(c, bytes, bytes, 17), ERR_CRYPTO);
            assert_int_equal(cipher_crypt(c, bytes, bytes, 0), OK);
            assert_int_equal(cipher_seal(c, 0, bytes, 16), ERR_CRYPTO);
            assert_int_equal(cipher_open(c, 0, bytes, 16), ERR_CRYPTO);
        }
        cipher_free(c);
    }
    cipher_free(NULL);
}

static void
test_names_are_whole(void **state)
{
    (void)state;
    assert_null(cipher_find(span_text("aes128-ct")));
    assert_null(cipher_find(span_text("aes128-ctr ")));
    assert_null(cipher_find(span_text("")));
    assert_non_null(cipher_find(span_text("aes128-gcm@openssh.com")));
}

static void
test_only_block_ciphers_of_64_bits_are_marked(void **state)
{
    (void)state;
    for (const struct cipher_method *m = cipher_methods; m->name != NULL; m++) {
        assert_int_equal(m->block64, span_is(span_text(m->name), "3des-cbc"));
        assert_int_equal(m->cbc, strstr(m->name, "-cbc") != NULL);
        assert_true(m->key_len <= CIPHER_KEY_MAX);
        assert_true(m->iv_len <= CIPHER_IV_MAX);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_ciphertexts_both_ways),
        cmocka_unit_test(test_single_des_is_triple_des_with_one_key),
        cmocka_unit_test(test_a_broken_block_is_refused),
        cmocka_unit_test(test_names_are_whole),
        cmocka_unit_test(test_only_block_ciphers_of_64_bits_are_marked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
