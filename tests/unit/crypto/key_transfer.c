/* Laws of private keys under a passphrase. */
#include "crypto/key_transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/crypto.h"

static struct pair {
    struct private_key *key;
    struct buf public_pem, private_pem;
} pair;

static int
begin(void **state)
{
    (void)state;
    buf_init(&pair.public_pem, KEY_PEM_MAX);
    buf_init(&pair.private_pem, KEY_PEM_MAX);
    return crypto_warm_up() != OK ||
           private_key_generate(KEY_RSA, 1024, &pair.key) != OK ||
           key_export(pair.key, span_text("passphrase"), &pair.public_pem,
                      &pair.private_pem) != OK;
}

static int
end(void **state)
{
    (void)state;
    private_key_free(pair.key);
    buf_clear(&pair.public_pem);
    buf_clear(&pair.private_pem);
    return 0;
}

static void
put_blob(const struct private_key *key, struct buf *blob)
{
    buf_init(blob, KEY_BLOB_MAX);
    private_key_put_public(key, blob);
}

static void
test_what_is_exported_is_imported(void **state)
{
    struct private_key *key;
    struct buf a, b;

    (void)state;
    assert_int_equal(
        key_import(buf_span(&pair.private_pem), span_text("passphrase"), &key),
        OK);
    put_blob(key, &a);
    put_blob(pair.key, &b);
    assert_true(span_equal(buf_span(&a), buf_span(&b)));
    assert_true(key_fits_public(key, buf_span(&pair.public_pem)));
    buf_clear(&a);
    buf_clear(&b);
    private_key_free(key);
}

/* Also when the padding happens to be right: once in 256 passphrases. */
static void
test_no_other_passphrase_opens_it(void **state)
{
    struct private_key *key = NULL;
    char wrong[2] = "";

    (void)state;
    for (int i = 0; i < 2048; i++) {
        wrong[0] = (char)(i & 0xff);
        wrong[1] = (char)(i >> 8);
        assert_int_equal(key_import(buf_span(&pair.private_pem),
                                    span_of(wrong, sizeof(wrong)), &key),
                         ERR_REFUSED);
    }
    assert_int_equal(key_import(buf_span(&pair.private_pem), SPAN_EMPTY, &key),
                     ERR_REFUSED);
    assert_null(key);
}

/* Cut anywhere, or with any byte changed, it opens as the same key or not. */
static void
test_a_damaged_text_is_no_other_key(void **state)
{
    struct span whole = buf_span(&pair.private_pem);
    struct span passphrase = span_text("passphrase");
    uint8_t copy[KEY_PEM_MAX];
    struct private_key *key;

    (void)state;
    for (size_t len = 0; len + 2 < whole.len; len++)
        assert_int_not_equal(
            key_import(span_of(whole.ptr, len), passphrase, &key), OK);
    memcpy(copy, whole.ptr, whole.len);
    for (size_t i = 0; i < whole.len; i++) {
        copy[i] ^= 1;
        if (key_import(span_of(copy, whole.len), passphrase, &key) == OK) {
            assert_true(key_fits_public(key, buf_span(&pair.public_pem)));
            private_key_free(key);
        }
        copy[i] ^= 1;
    }
}

static void
test_only_an_rsa_pair_with_a_passphrase_is_exported(void **state)
{
    struct private_key *other;
    struct buf public_pem, private_pem;

    (void)state;
    buf_init(&public_pem, KEY_PEM_MAX);
    buf_init(&private_pem, KEY_PEM_MAX);
    assert_int_equal(private_key_generate(KEY_ED25519, 256, &other), OK);
    assert_int_equal(
        key_export(other, span_text("passphrase"), &public_pem, &private_pem),
        ERR_CRYPTO);
    assert_int_equal(
        key_export(pair.key, SPAN_EMPTY, &public_pem, &private_pem),
        ERR_CRYPTO);
    assert_int_equal(buf_len(&private_pem), 0);
    assert_false(key_fits_public(other, buf_span(&pair.public_pem)));
    assert_false(key_fits_public(other, SPAN_EMPTY));
    assert_false(key_fits_public(pair.key, buf_span(&pair.private_pem)));
    private_key_free(other);
    buf_clear(&public_pem);
    buf_clear(&private_pem);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_exported_is_imported),
        cmocka_unit_test(test_no_other_passphrase_opens_it),
        cmocka_unit_test(test_a_damaged_text_is_no_other_key),
        cmocka_unit_test(test_only_an_rsa_pair_with_a_passphrase_is_exported),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
