#include "crypto/kex_method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"
#include "fixed_random.h"
#include "hex.h"

/*
 * RFC 7748: section 6.1 seen by Bob, then both vectors of section 5.2. The
 * third value has its top bit set, which must be masked.
 */
static const struct {
    const char *own, *peer, *value, *shared;
} vectors[] = {
    {"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
     "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
     "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
     "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
    {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
     "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", NULL,
     "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
    {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
     "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493", NULL,
     "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
};

static void
frame(struct buf *init, const char *hex)
{
    uint8_t bytes[64];

    buf_init(init, 100);
    buf_put_string(init, hex_bytes(hex, bytes, sizeof(bytes)));
}

static void
test_published_agreements(void **state)
{
    const struct kex_method *method = kex_find(span_text("curve25519-sha256"));

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint8_t own[32], bytes[32];
        struct span random = hex_bytes(vectors[i].own, own, sizeof(own));
        struct secret k;
        struct buf init, reply;
        struct reader r;

        frame(&init, vectors[i].peer);
        buf_init(&reply, 100);
        assert_int_equal(kex_server(method, NULL, buf_span(&init), fixed_random,
                                    &random, &reply, &k),
                         OK);
        r = reader_over(secret_span(&k));
        assert_true(span_equal(read_mpint(&r, 32),
                               hex_bytes(vectors[i].shared, bytes, 32)));
        assert_true(read_done(&r));
        r = reader_over(buf_span(&reply));
        if (vectors[i].value != NULL)
            assert_true(span_equal(read_string(&r),
                                   hex_bytes(vectors[i].value, bytes, 32)));
        buf_clear(&init);
        buf_clear(&reply);
    }
}

static void
refuse(const char *hex, enum err expected)
{
    const struct kex_method *method = kex_find(span_text("curve25519-sha256"));
    struct kex_client *client;
    struct secret k;
    struct buf value, other;

    frame(&value, hex);
    buf_init(&other, 100);
    assert_int_equal(kex_server(method, NULL, buf_span(&value), random_bytes,
                                NULL, &other, &k),
                     expected);
    assert_int_equal(buf_len(&other), 0);
    assert_int_equal(
        kex_client_start(method, NULL, random_bytes, NULL, &other, &client),
        OK);
    assert_int_equal(kex_client_finish(client, buf_span(&value), &k), expected);
    kex_client_free(client);
    buf_clear(&value);
    buf_clear(&other);
}

/* hardening 3.6 */
static void
test_points_of_low_order_are_refused(void **state)
{
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        refuse(points[i], ERR_CRYPTO);
}

static void
test_values_of_another_length_are_malformed(void **state)
{
    (void)state;
    refuse("", ERR_FORMAT);
    refuse("09", ERR_FORMAT);
    refuse("09000000000000000000000000000000000000000000000000000000000000",
           ERR_FORMAT);
    refuse("090000000000000000000000000000000000000000000000000000000000000000",
           ERR_FORMAT);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_agreements),
        cmocka_unit_test(test_points_of_low_order_are_refused),
        cmocka_unit_test(test_values_of_another_length_are_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
