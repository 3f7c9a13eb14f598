#include "crypto/kex_method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"
#include "crypto/crypto.h"

/* A group for the methods that ask for one. */
static const struct kex_group *
group_for(const struct kex_method *method)
{
    const struct kex_group *group = NULL;

    if (method->kind == KEX_GROUP_EXCHANGE)
        assert_int_equal(kex_group_choose(2048, 2048, 8192, &group), OK);
    return group;
}

static void
test_both_sides_of_every_method_agree(void **state)
{
    (void)state;
    for (const struct kex_method *m = kex_methods; m->name != NULL; m++) {
        struct kex_client *client;
        struct secret ours, theirs;
        struct buf init, reply;

        buf_init(&init, KEX_VALUE_MAX);
        buf_init(&reply, KEX_VALUE_MAX);
        assert_int_equal(kex_client_start(m, group_for(m), random_bytes, NULL,
                                          &init, &client),
                         OK);
        assert_int_equal(kex_server(m, group_for(m), buf_span(&init),
                                    random_bytes, NULL, &reply, &ours),
                         OK);
        assert_int_equal(kex_client_finish(client, buf_span(&reply), &theirs),
                         OK);
        assert_true(crypto_equal(secret_span(&ours), secret_span(&theirs)));
        assert_true(ours.len > 20);
        kex_client_free(client);
        buf_clear(&init);
        buf_clear(&reply);
    }
    kex_client_free(NULL);
}

static void
test_k_is_framed_as_it_is_hashed(void **state)
{
    (void)state;
    for (const struct kex_method *m = kex_methods; m->name != NULL; m++) {
        bool hybrid = strncmp(m->name, "mlkem", 5) == 0;
        struct kex_client *client;
        struct secret k;
        struct buf init, reply;
        struct reader r;

        buf_init(&init, KEX_VALUE_MAX);
        buf_init(&reply, KEX_VALUE_MAX);
        assert_int_equal(kex_client_start(m, group_for(m), random_bytes, NULL,
                                          &init, &client),
                         OK);
        assert_int_equal(kex_server(m, group_for(m), buf_span(&init),
                                    random_bytes, NULL, &reply, &k),
                         OK);
        r = reader_over(secret_span(&k));
        if (hybrid)
            assert_int_equal(read_string(&r).len, 32);
        else
            assert_true(read_mpint(&r, 1024).len > 0);
        assert_true(read_done(&r));
        kex_client_free(client);
        buf_clear(&init);
        buf_clear(&reply);
    }
}

/* `init` is refused with `expected` and leaves the reply alone. */
static void
refuse(const struct kex_method *method, struct span init, enum err expected)
{
    struct secret k = {.len = 77};
    struct buf reply;

    buf_init(&reply, KEX_VALUE_MAX);
    buf_put(&reply, "kept", 4);
    assert_int_equal(kex_server(method, group_for(method), init, random_bytes,
                                NULL, &reply, &k),
                     expected);
    assert_true(span_is(buf_span(&reply), "kept"));
    assert_int_equal(k.len, 77);
    buf_clear(&reply);
}

static void
test_a_value_that_is_cut_or_followed_is_malformed(void **state)
{
    (void)state;
    for (const struct kex_method *m = kex_methods; m->name != NULL; m++) {
        struct kex_client *client;
        struct buf init;
        struct span whole;

        buf_init(&init, KEX_VALUE_MAX + 1);
        assert_int_equal(kex_client_start(m, group_for(m), random_bytes, NULL,
                                          &init, &client),
                         OK);
        buf_put_u8(&init, 0);
        whole = buf_span(&init);
        refuse(m, whole, ERR_FORMAT);
        refuse(m, span_of(whole.ptr, whole.len - 2), ERR_FORMAT);
        refuse(m, span_of(whole.ptr, 3), ERR_FORMAT);
        refuse(m, SPAN_EMPTY, ERR_FORMAT);
        refuse(m, span_of("\xff\xff\xff\xff", 4), ERR_FORMAT);
        kex_client_free(client);
        buf_clear(&init);
    }
}

static void
test_an_empty_value_is_refused(void **state)
{
    (void)state;
    for (const struct kex_method *m = kex_methods; m->name != NULL; m++) {
        struct kex_client *client;
        struct secret k;
        struct buf init;

        buf_init(&init, KEX_VALUE_MAX);
        assert_int_equal(kex_client_start(m, group_for(m), random_bytes, NULL,
                                          &init, &client),
                         OK);
        assert_int_not_equal(
            kex_client_finish(client, span_of("\0\0\0\0", 4), &k), OK);
        kex_client_free(client);
        buf_clear(&init);
    }
}

static void
test_a_reply_that_does_not_fit_is_no_success(void **state)
{
    const struct kex_method *method = kex_find(span_text("curve25519-sha256"));
    struct kex_client *client;
    struct secret k;
    struct buf init, small;

    (void)state;
    buf_init(&init, KEX_VALUE_MAX);
    buf_init(&small, 10);
    assert_int_equal(
        kex_client_start(method, NULL, random_bytes, NULL, &init, &client), OK);
    assert_int_equal(kex_server(method, NULL, buf_span(&init), random_bytes,
                                NULL, &small, &k),
                     ERR_LENGTH);
    assert_int_equal(k.len, 0);
    kex_client_free(client);
    client = NULL;
    assert_int_equal(
        kex_client_start(method, NULL, random_bytes, NULL, &small, &client),
        ERR_LENGTH);
    assert_null(client);
    buf_clear(&init);
    buf_clear(&small);
}

static void
test_group_exchange_without_group_is_refused(void **state)
{
    const struct kex_method *method =
        kex_find(span_text("diffie-hellman-group-exchange-sha256"));
    struct kex_client *client = NULL;
    struct buf init;

    (void)state;
    buf_init(&init, KEX_VALUE_MAX);
    assert_int_equal(
        kex_client_start(method, NULL, random_bytes, NULL, &init, &client),
        ERR_CRYPTO);
    assert_null(client);
    buf_clear(&init);
}

static void
test_names_are_whole(void **state)
{
    (void)state;
    assert_null(kex_find(span_text("curve25519-sha25")));
    assert_null(kex_find(span_text("curve25519-sha2567")));
    assert_null(kex_find(span_text("")));
    assert_null(kex_find(span_text("kex-strict-s-v00@openssh.com")));
    assert_int_equal(kex_find(span_text("ecdh-sha2-nistp384"))->hash,
                     HASH_SHA384);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_sides_of_every_method_agree),
        cmocka_unit_test(test_k_is_framed_as_it_is_hashed),
        cmocka_unit_test(test_a_value_that_is_cut_or_followed_is_malformed),
        cmocka_unit_test(test_an_empty_value_is_refused),
        cmocka_unit_test(test_a_reply_that_does_not_fit_is_no_success),
        cmocka_unit_test(test_group_exchange_without_group_is_refused),
        cmocka_unit_test(test_names_are_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
