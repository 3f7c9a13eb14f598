/*
 * mlkem768x25519-sha256; built where the library has ML-KEM.
 */
#include "crypto/kex_method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"
#include "crypto/crypto.h"

#define KEY_LEN        1184
#define CIPHERTEXT_LEN 1088
#define X25519_LEN     32

/* One exchange; what the server gets may be changed on the way. */
struct exchange {
    const struct kex_method *method;
    struct kex_client *client;
    struct buf init, reply;
    struct secret k;
};

static void
begin(struct exchange *e)
{
    e->method = kex_find(span_text("mlkem768x25519-sha256"));
    assert_non_null(e->method);
    buf_init(&e->init, KEX_VALUE_MAX);
    buf_init(&e->reply, KEX_VALUE_MAX);
    assert_int_equal(kex_client_start(e->method, NULL, random_bytes, NULL,
                                      &e->init, &e->client),
                     OK);
    assert_int_equal(buf_len(&e->init), 4 + KEY_LEN + X25519_LEN);
}

static enum err
serve(struct exchange *e)
{
    return kex_server(e->method, NULL, buf_span(&e->init), random_bytes, NULL,
                      &e->reply, &e->k);
}

static void
end(struct exchange *e)
{
    kex_client_free(e->client);
    buf_clear(&e->init);
    buf_clear(&e->reply);
}

static void
test_it_comes_first(void **state)
{
    (void)state;
    assert_string_equal(kex_methods[0].name, "mlkem768x25519-sha256");
}

static void
test_values_have_the_lengths_of_the_draft(void **state)
{
    struct exchange e;
    struct secret k;
    struct reader r;

    (void)state;
    begin(&e);
    assert_int_equal(serve(&e), OK);
    assert_int_equal(buf_len(&e.reply), 4 + CIPHERTEXT_LEN + X25519_LEN);
    assert_int_equal(kex_client_finish(e.client, buf_span(&e.reply), &k), OK);
    assert_true(crypto_equal(secret_span(&k), secret_span(&e.k)));
    r = reader_over(secret_span(&k));
    assert_int_equal(read_string(&r).len, 32);
    assert_true(read_done(&r));
    end(&e);
}

static void
refuse_length(size_t len)
{
    static const uint8_t zeros[KEY_LEN + X25519_LEN + 1];
    struct exchange e;
    struct secret k;
    struct buf value;

    begin(&e);
    buf_init(&value, KEX_VALUE_MAX);
    buf_put_string(&value, span_of(zeros, len));
    assert_int_equal(kex_server(e.method, NULL, buf_span(&value), random_bytes,
                                NULL, &e.reply, &k),
                     ERR_CRYPTO);
    assert_int_equal(kex_client_finish(e.client, buf_span(&value), &k),
                     ERR_CRYPTO);
    buf_clear(&value);
    end(&e);
}

static void
test_other_lengths_fail_the_exchange(void **state)
{
    static const size_t lengths[] = {
        0,
        X25519_LEN,
        CIPHERTEXT_LEN,
        CIPHERTEXT_LEN + X25519_LEN - 1,
        CIPHERTEXT_LEN + X25519_LEN + 1,
        KEY_LEN,
        KEY_LEN + X25519_LEN - 1,
        KEY_LEN + X25519_LEN + 1,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        refuse_length(lengths[i]);
}

/* FIPS 203 section 7.2: every coefficient below 3329. */
static void
test_an_encapsulation_key_out_of_range_is_refused(void **state)
{
    struct exchange e;

    (void)state;
    begin(&e);
    memset(buf_bytes(&e.init) + 4, 0xff, 3);
    assert_int_equal(serve(&e), ERR_CRYPTO);
    assert_int_equal(buf_len(&e.reply), 0);
    end(&e);
}

static void
test_the_classical_half_is_checked_too(void **state)
{
    struct exchange e;
    struct secret k;

    (void)state;
    begin(&e);
    assert_int_equal(serve(&e), OK);
    memset(buf_bytes(&e.reply) + 4 + CIPHERTEXT_LEN, 0, X25519_LEN);
    assert_int_equal(kex_client_finish(e.client, buf_span(&e.reply), &k),
                     ERR_CRYPTO);
    buf_reset(&e.reply);
    memset(buf_bytes(&e.init) + 4 + KEY_LEN, 0, X25519_LEN);
    assert_int_equal(serve(&e), ERR_CRYPTO);
    end(&e);
}

/* Implicit rejection: no error tells, but nothing is agreed. */
static void
test_a_changed_ciphertext_gives_another_k(void **state)
{
    struct exchange e;
    struct secret k;

    (void)state;
    begin(&e);
    assert_int_equal(serve(&e), OK);
    buf_bytes(&e.reply)[4 + 100] ^= 1;
    assert_int_equal(kex_client_finish(e.client, buf_span(&e.reply), &k), OK);
    assert_false(crypto_equal(secret_span(&k), secret_span(&e.k)));
    end(&e);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_comes_first),
        cmocka_unit_test(test_values_have_the_lengths_of_the_draft),
        cmocka_unit_test(test_other_lengths_fail_the_exchange),
        cmocka_unit_test(test_an_encapsulation_key_out_of_range_is_refused),
        cmocka_unit_test(test_the_classical_half_is_checked_too),
        cmocka_unit_test(test_a_changed_ciphertext_gives_another_k),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
