/* Laws of the key table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signer/keys.h"

#include "fixture.h"

static void
assert_loads(struct keys *keys, uint32_t number, enum key_type type,
             unsigned bits, const char *name)
{
    struct private_key *pair;
    const struct key *key = NULL;
    struct msg_key_info told;
    struct buf text, blob, spki;

    buf_init_secret(&text, KEYFILE_MAX);
    buf_init(&blob, KEY_BLOB_MAX);
    buf_init(&spki, KEY_BLOB_MAX);
    fixture_key_file(type, bits, name, &text, &pair);
    assert_int_equal(keys_load(keys, number, buf_span(&text), &key), OK);
    assert_ptr_equal(keys_find(keys, number), key);
    key_describe(key, &told);
    private_key_put_public(pair, &blob);
    assert_int_equal(private_key_put_spki(pair, &spki), OK);
    assert_int_equal(told.key, number);
    assert_true(span_is(told.name, name));
    assert_int_equal(told.type, type);
    assert_int_equal(told.bits, private_key_bits(pair));
    assert_int_equal(told.made_at, 1784030400);
    assert_int_equal(told.usage, KEY_GENERAL);
    assert_false(told.exportable);
    assert_true(span_equal(told.blob, buf_span(&blob)));
    assert_true(span_equal(told.spki, buf_span(&spki)));
    private_key_free(pair);
    buf_clear(&text);
    buf_clear(&blob);
    buf_clear(&spki);
}

static void
test_each_type_is_loaded_and_described(void **state)
{
    struct keys keys;

    (void)state;
    keys_init(&keys);
    assert_loads(&keys, 1, KEY_ED25519, 0, "ed");
    assert_loads(&keys, 2, KEY_ECDSA_256, 0, "ec256");
    assert_loads(&keys, 3, KEY_ECDSA_384, 0, "ec384");
    assert_loads(&keys, 4, KEY_ECDSA_521, 0, "ec521");
    assert_loads(&keys, 5, KEY_RSA, 1024, "rsa");
    assert_loads(&keys, 6, KEY_RSA, 512, "too short to serve, but kept");
    assert_int_equal(keys.count, 6);
    keys_clear(&keys);
    assert_int_equal(keys.count, 0);
}

static void
test_a_number_names_the_pair_loaded_last(void **state)
{
    struct keys keys;

    (void)state;
    keys_init(&keys);
    assert_loads(&keys, 1, KEY_ED25519, 0, "first");
    assert_loads(&keys, 1, KEY_ECDSA_256, 0, "second");
    assert_int_equal(keys.count, 1);
    keys_forget(&keys, 1);
    keys_forget(&keys, 1);
    assert_null(keys_find(&keys, 1));
    assert_int_equal(keys.count, 0);
    keys_clear(&keys);
}

static void
test_a_bad_file_changes_nothing(void **state)
{
    struct keys keys;
    const struct key *key;
    struct buf text;

    (void)state;
    keys_init(&keys);
    assert_loads(&keys, 1, KEY_ED25519, 0, "good");
    buf_init(&text, KEYFILE_MAX);
    assert_int_equal(keys_load(&keys, 1, span_text("no key"), &key),
                     ERR_FORMAT);
    buf_put_span(&text, span_text("Name: a\nMade: 1\nUsage: general\n"
                                  "Exportable: no\n\n"
                                  "-----BEGIN PRIVATE KEY-----\nMC4=\n"
                                  "-----END PRIVATE KEY-----\n"));
    assert_int_not_equal(keys_load(&keys, 1, buf_span(&text), &key), OK);
    assert_string_equal(keys_find(&keys, 1)->name, "good");
    buf_clear(&text);
    keys_clear(&keys);
}

static void
test_the_table_has_an_end(void **state)
{
    struct keys keys;
    const struct key *key;
    struct buf text;

    (void)state;
    keys_init(&keys);
    buf_init_secret(&text, KEYFILE_MAX);
    fixture_key_file(KEY_ED25519, 0, "many", &text, NULL);
    for (uint32_t i = 0; i < KEYS_MAX; i++)
        assert_int_equal(keys_load(&keys, i, buf_span(&text), &key), OK);
    assert_int_equal(keys_load(&keys, KEYS_MAX, buf_span(&text), &key),
                     ERR_LIMIT);
    /* Replacing one needs no further place. */
    assert_int_equal(keys_load(&keys, 5, buf_span(&text), &key), OK);
    buf_clear(&text);
    keys_clear(&keys);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_type_is_loaded_and_described),
        cmocka_unit_test(test_a_number_names_the_pair_loaded_last),
        cmocka_unit_test(test_a_bad_file_changes_nothing),
        cmocka_unit_test(test_the_table_has_an_end),
    };

    return cmocka_run_group_tests_name("signer/keys", tests, NULL, NULL);
}
