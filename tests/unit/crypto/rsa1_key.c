#include "crypto/rsa1_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/hostkey.h"
#include "crypto/rsa1.h"
#include "vectors/rsa1_keys.h"

/* "bits exponent modulus" in three words. */
static enum err
parse(const char *text, struct buf *blob)
{
    const char *exponent = strchr(text, ' ') + 1;
    const char *modulus = strchr(exponent, ' ') + 1;

    return rsa1_key_parse(span_of(exponent, (size_t)(modulus - exponent - 1)),
                          span_text(modulus), blob);
}

static void
test_numbers_and_blob_are_the_same_key(void **state)
{
    struct span exponent, modulus;
    struct buf blob, text;

    (void)state;
    buf_init(&blob, KEY_BLOB_MAX);
    buf_init(&text, 8192);
    assert_int_equal(parse(rsa1_first, &blob), OK);
    assert_true(rsa1_key_is(buf_span(&blob)));
    assert_int_equal(rsa1_numbers(buf_span(&blob), &exponent, &modulus), OK);
    assert_int_equal(exponent.len, 3);
    assert_int_equal(modulus.len, 128);
    assert_int_equal(rsa1_key_put_numbers(buf_span(&blob), &text), OK);
    assert_string_equal(buf_text(&text), rsa1_first);
    buf_clear(&blob);
    buf_clear(&text);
}

static void
test_the_fingerprint_is_that_of_ssh_keygen(void **state)
{
    char fingerprint[KEY_FINGERPRINT_ROOM];
    struct buf blob;

    (void)state;
    buf_init(&blob, KEY_BLOB_MAX);
    assert_int_equal(parse(rsa1_first, &blob), OK);
    assert_int_equal(key_fingerprint(buf_span(&blob), fingerprint), OK);
    assert_string_equal(fingerprint, rsa1_first_fingerprint);
    buf_truncate(&blob, buf_len(&blob) - 1);
    assert_int_equal(key_fingerprint(buf_span(&blob), fingerprint), ERR_FORMAT);
    buf_clear(&blob);
}

static void
test_both_forms_of_a_key(void **state)
{
    struct buf one, other, rsa;

    (void)state;
    buf_init(&one, KEY_BLOB_MAX);
    buf_init(&other, KEY_BLOB_MAX);
    buf_init(&rsa, KEY_BLOB_MAX);
    assert_int_equal(parse(rsa1_first, &one), OK);
    assert_int_equal(parse(rsa1_other, &other), OK);
    assert_int_equal(rsa1_key_put_ssh_rsa(buf_span(&one), &rsa), OK);
    assert_false(rsa1_key_is(buf_span(&rsa)));
    assert_true(rsa1_key_is_other_form(buf_span(&one), buf_span(&rsa)));
    assert_true(rsa1_key_is_other_form(buf_span(&rsa), buf_span(&one)));
    assert_false(rsa1_key_is_other_form(buf_span(&other), buf_span(&rsa)));
    assert_false(rsa1_key_is_other_form(buf_span(&one), buf_span(&one)));
    assert_false(rsa1_key_is_other_form(buf_span(&one), SPAN_EMPTY));
    /* Only the one form has these numbers as its text. */
    assert_int_equal(rsa1_key_put_numbers(buf_span(&rsa), &other), ERR_FORMAT);
    assert_int_equal(rsa1_key_put_ssh_rsa(SPAN_EMPTY, &rsa), ERR_FORMAT);
    buf_clear(&one);
    buf_clear(&other);
    buf_clear(&rsa);
}

static void
test_what_is_no_number(void **state)
{
    static const struct {
        const char *exponent, *modulus;
        enum err err;
    } cases[] = {
        {"35", "123456789", OK},
        {"0035", "000123456789", OK},
        {"", "1", ERR_FORMAT},
        {"3", "", ERR_FORMAT},
        {"0", "1", ERR_FORMAT},
        {"3", "0", ERR_FORMAT},
        {"-3", "5", ERR_FORMAT},
        {"3", "5x", ERR_FORMAT},
        {"0x3", "5", ERR_FORMAT},
        {"18446744073709551615", "5", OK}, /* 64 bits */
        {"18446744073709551616", "5", ERR_LENGTH},
        {"999999999999999999999999999999", "5", ERR_LENGTH},
    };
    struct buf blob;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_init(&blob, KEY_BLOB_MAX);
        assert_int_equal(rsa1_key_parse(span_text(cases[i].exponent),
                                        span_text(cases[i].modulus), &blob),
                         cases[i].err);
        assert_int_equal(buf_len(&blob) > 0, cases[i].err == OK);
        buf_clear(&blob);
    }
}

static void
test_moduli_of_any_length(void **state)
{
    char digits[6000];
    struct buf blob, text;
    enum err err;

    (void)state;
    memset(digits, '9', sizeof(digits));
    for (size_t len = 1; len <= sizeof(digits); len += len < 4900 ? 97 : 1) {
        buf_init(&blob, KEY_BLOB_MAX);
        buf_init(&text, 8192);
        err = rsa1_key_parse(span_text("3"), span_of(digits, len), &blob);
        /* 10^4932 is just below 2^16384. */
        assert_int_equal(err, len <= 4932 ? OK : ERR_LENGTH);
        if (err == OK) {
            assert_int_equal(rsa1_key_put_numbers(buf_span(&blob), &text), OK);
            assert_memory_equal(buf_text(&text) + buf_len(&text) - len, digits,
                                len);
        }
        buf_clear(&blob);
        buf_clear(&text);
        if (len > 5000)
            break;
    }
}

static void
test_room_that_is_too_small(void **state)
{
    struct buf blob, text;

    (void)state;
    buf_init(&blob, 100);
    assert_int_equal(parse(rsa1_first, &blob), ERR_LENGTH);
    buf_clear(&blob);
    buf_init(&blob, KEY_BLOB_MAX);
    buf_init(&text, 100);
    assert_int_equal(parse(rsa1_first, &blob), OK);
    assert_int_equal(rsa1_key_put_numbers(buf_span(&blob), &text), ERR_LENGTH);
    buf_clear(&blob);
    buf_clear(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_and_blob_are_the_same_key),
        cmocka_unit_test(test_the_fingerprint_is_that_of_ssh_keygen),
        cmocka_unit_test(test_both_forms_of_a_key),
        cmocka_unit_test(test_what_is_no_number),
        cmocka_unit_test(test_moduli_of_any_length),
        cmocka_unit_test(test_room_that_is_too_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
