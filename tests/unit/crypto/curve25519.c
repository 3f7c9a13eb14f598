#include "crypto/curve25519.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"

/* RFC 7748 section 5.2: what a thousand powers of powers come to. */
static void
test_a_thousand_powers(void **state)
{
    uint8_t k[X25519_LEN] = {9}, u[X25519_LEN] = {9};
    uint8_t result[X25519_LEN], expected[X25519_LEN];

    (void)state;
    for (int i = 1; i <= 1000; i++) {
        assert_int_equal(x25519_shared(k, u, result), OK);
        memcpy(u, k, sizeof(u));
        memcpy(k, result, sizeof(k));
        if (i == 1) {
            hex_bytes("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e803"
                      "11ae3079",
                      expected, sizeof(expected));
            assert_memory_equal(k, expected, sizeof(k));
        }
    }
    hex_bytes(
        "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
        expected, sizeof(expected));
    assert_memory_equal(k, expected, sizeof(k));
}

/* RFC 7748 section 6.1. */
static void
test_both_sides_agree(void **state)
{
    static const uint8_t base[X25519_LEN] = {9};
    uint8_t a[X25519_LEN], b[X25519_LEN], value[X25519_LEN];
    uint8_t one[X25519_LEN], other[X25519_LEN];

    (void)state;
    hex_bytes(
        "77076d0a7318a57d3c16c17251b26645df4c1f26fbb1e3eb3a5f4d7a5e6d5b0d", a,
        sizeof(a));
    hex_bytes(
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", b,
        sizeof(b));
    x25519_public(a, value);
    assert_int_equal(x25519_shared(b, value, one), OK);
    x25519_public(b, value);
    assert_int_equal(x25519_shared(a, value, other), OK);
    assert_memory_equal(one, other, sizeof(one));
    /* A public value is the power of the base point. */
    assert_int_equal(x25519_shared(b, base, other), OK);
    assert_memory_equal(value, other, sizeof(value));
}

static void
test_a_value_of_low_order_gives_no_secret(void **state)
{
    static const uint8_t zero[X25519_LEN], one[X25519_LEN] = {1};
    uint8_t own[X25519_LEN], shared[X25519_LEN];

    (void)state;
    memset(own, 0x55, sizeof(own));
    assert_int_equal(x25519_shared(own, zero, shared), ERR_CRYPTO);
    assert_int_equal(x25519_shared(own, one, shared), ERR_CRYPTO);
}

/* RFC 8032 section 7.1: tests 1, 2 and 3, and "SHA(abc)". */
static const struct {
    const char *seed, *public, *data, *signature;
} signatures[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb882159"
     "0"
     "a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43"
     "e"
     "15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538"
     "d"
     "16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a2"
     "7"
     "4fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9a"
     "c"
     "90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"},
};

static void
test_published_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        uint8_t seed[ED25519_LEN], public[ED25519_LEN], data[64];
        uint8_t expected[ED25519_SIGNATURE_LEN], made[ED25519_SIGNATURE_LEN];
        uint8_t pair[ED25519_PAIR_LEN];
        struct span message = hex_bytes(signatures[i].data, data, sizeof(data));

        hex_bytes(signatures[i].seed, seed, sizeof(seed));
        hex_bytes(signatures[i].public, public, sizeof(public));
        hex_bytes(signatures[i].signature, expected, sizeof(expected));
        ed25519_pair(seed, pair);
        assert_memory_equal(pair, seed, sizeof(seed));
        assert_memory_equal(pair + ED25519_LEN, public, sizeof(public));
        ed25519_sign(pair, message, made);
        assert_memory_equal(made, expected, sizeof(made));
        assert_true(ed25519_verify(public, message, made));
    }
}

/* One bit of anything, and it is no signature. */
static void
test_any_change_is_noticed(void **state)
{
    uint8_t seed[ED25519_LEN] = {1}, data[5] = "data", public[ED25519_LEN];
    uint8_t pair[ED25519_PAIR_LEN], made[ED25519_SIGNATURE_LEN];
    struct span message = span_of(data, sizeof(data));

    (void)state;
    ed25519_pair(seed, pair);
    memcpy(public, pair + ED25519_LEN, sizeof(public));
    ed25519_sign(pair, message, made);
    for (size_t bit = 0; bit < 8 * sizeof(made); bit++) {
        made[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(ed25519_verify(public, message, made));
        made[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof(public); bit++) {
        public[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(ed25519_verify(public, message, made));
        public[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    data[0] ^= 1;
    assert_false(ed25519_verify(public, message, made));
}

/* hardening 3.16: S + L verifies for who does not look, and is another. */
static void
test_a_number_beyond_the_order_is_refused(void **state)
{
    static const uint8_t order[] = {
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
        0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
        0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    uint8_t seed[ED25519_LEN] = {2}, pair[ED25519_PAIR_LEN];
    uint8_t made[ED25519_SIGNATURE_LEN];
    unsigned carry = 0;

    (void)state;
    ed25519_pair(seed, pair);
    ed25519_sign(pair, span_text("data"), made);
    assert_true(ed25519_verify(pair + ED25519_LEN, span_text("data"), made));
    for (size_t i = 0; i < sizeof(order); i++) {
        carry += made[32 + i] + order[i];
        made[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
    assert_false(ed25519_verify(pair + ED25519_LEN, span_text("data"), made));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thousand_powers),
        cmocka_unit_test(test_both_sides_agree),
        cmocka_unit_test(test_a_value_of_low_order_gives_no_secret),
        cmocka_unit_test(test_published_signatures),
        cmocka_unit_test(test_any_change_is_noticed),
        cmocka_unit_test(test_a_number_beyond_the_order_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
