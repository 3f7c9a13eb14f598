/* Laws of the keys of SNMPv3's users. */
#include "crypto/snmp_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "hex.h"

/* RFC 3414 appendix A.3. */
static const struct {
    enum hash_id id;
    const char *key;
} vectors[] = {
    {HASH_MD5, "526f5eed9fcce26f8964c2930787d82b"},
    {HASH_SHA1, "6695febc9288e36282235fc7151f128497b38f3f"},
};

static void
test_published_keys(void **state)
{
    uint8_t engine[12] = {[11] = 2}, bytes[HASH_MAX], key[HASH_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct span expected = hex_bytes(vectors[i].key, bytes, sizeof(bytes));

        assert_int_equal(snmp_key_localize(vectors[i].id,
                                           span_text("maplesyrup"),
                                           span_of(engine, 12), key),
                         OK);
        assert_memory_equal(key, expected.ptr, expected.len);
    }
}

static void
test_no_password_gives_no_key(void **state)
{
    uint8_t key[HASH_MAX];

    (void)state;
    assert_int_equal(
        snmp_key_localize(HASH_SHA1, SPAN_EMPTY, span_text("engine"), key),
        ERR_LENGTH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_keys),
        cmocka_unit_test(test_no_password_gives_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
