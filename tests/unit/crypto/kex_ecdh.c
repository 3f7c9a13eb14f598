#include "crypto/kex_method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"
#include "fixed_random.h"
#include "hex.h"

/* RFC 5903 section 8, seen by the responder; points without their 04. */
static const struct {
    const char *name, *own, *peer, *value, *shared;
} vectors[] = {
    {"ecdh-sha2-nistp256",
     "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53",
     "DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
     "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
     "D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
     "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
     "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE"},
    {"ecdh-sha2-nistp384",
     "41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942"
     "E0308312916B8ED2960E4BD55A7448FC",
     "667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6"
     "DE3AC808ACB4BDB4C88732AEE95F41AA9482ED1FC0EEB9CAFC4984625CCFC23F"
     "65032149E0E144ADA024181535A0F38EEB9FCFF3C2C947DAE69B4C634573A81C",
     "E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D"
     "0D1AC43A0336DEF96FDA41D0774A3571DCFBEC7AACF3196472169E838430367F"
     "66EEBE3C6E70C416DD5F0C68759DD1FFF83FA40142209DFF5EAAD96DB9E6386C",
     "11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4"
     "D603135569B9E9D09CF5D4A270F59746"},
    {"ecdh-sha2-nistp521",
     "0145BA99A847AF43793FDD0E872E7CDFA16BE30FDC780F97BCCC3F078380201E"
     "9C677D600B343757A3BDBF2A3163E4C2F869CCA7458AA4A4EFFC311F5CB15168"
     "5EB9",
     "0015417E84DBF28C0AD3C278713349DC7DF153C897A1891BD98BAB4357C9ECBE"
     "E1E3BF42E00B8E380AEAE57C2D107564941885942AF5A7F4601723C4195D176C"
     "ED3E"
     "017CAE20B6641D2EEB695786D8C946146239D099E18E1D5A514C739D7CB4A10A"
     "D8A788015AC405D7799DC75E7B7D5B6CF2261A6A7F1507438BF01BEB6CA3926F"
     "9582",
     "00D0B3975AC4B799F5BEA16D5E13E9AF971D5E9B984C9F39728B5E5739735A21"
     "9B97C356436ADC6E95BB0352F6BE64A6C2912D4EF2D0433CED2B6171640012D9"
     "460F"
     "015C68226383956E3BD066E797B623C27CE0EAC2F551A10C2C724D9852077B87"
     "220B6536C5C408A1D2AEBB8E86D678AE49CB57091F4732296579AB44FCD17F0F"
     "C56A",
     "01144C7D79AE6956BC8EDB8E7C787C4521CB086FA64407F97894E5E6B2D79B04"
     "D1427E73CA4BAA240A34786859810C06B3C715A3A8CC3151F2BEE417996D19F3"
     "DDEA"},
};
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

/* The point of vector `i` as a framed value of form `form`. */
static void
frame(struct buf *framed, size_t i, uint8_t form)
{
    uint8_t bytes[140] = {form};
    struct span point =
        hex_bytes(vectors[i].peer, bytes + 1, sizeof(bytes) - 1);

    buf_init(framed, KEX_VALUE_MAX);
    buf_put_string(framed, span_of(bytes, 1 + point.len));
}

static void
test_published_agreements(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        const struct kex_method *method = kex_find(span_text(vectors[i].name));
        uint8_t own[66], bytes[140];
        struct span random = hex_bytes(vectors[i].own, own, sizeof(own));
        struct span x = {NULL, 0}, value;
        struct secret k;
        struct buf init, reply;
        struct reader r;

        frame(&init, i, 4);
        buf_init(&reply, KEX_VALUE_MAX);
        assert_int_equal(kex_server(method, NULL, buf_span(&init), fixed_random,
                                    &random, &reply, &k),
                         OK);
        r = reader_over(secret_span(&k));
        x = hex_bytes(vectors[i].shared, bytes, sizeof(bytes));
        while (x.ptr[0] == 0)
            x = span_of(x.ptr + 1, x.len - 1);
        assert_true(span_equal(read_mpint(&r, 66), x));
        r = reader_over(buf_span(&reply));
        value = read_string(&r);
        assert_int_equal(value.ptr[0], 4);
        assert_true(
            span_equal(span_of(value.ptr + 1, value.len - 1),
                       hex_bytes(vectors[i].value, bytes, sizeof(bytes))));
        buf_clear(&init);
        buf_clear(&reply);
    }
}

static void
refuse(const char *name, struct span framed)
{
    struct secret k;
    struct buf reply;

    buf_init(&reply, KEX_VALUE_MAX);
    assert_int_equal(kex_server(kex_find(span_text(name)), NULL, framed,
                                random_bytes, NULL, &reply, &k),
                     ERR_CRYPTO);
    assert_int_equal(buf_len(&reply), 0);
    buf_clear(&reply);
}

static void
refuse_point(const char *name, struct span point)
{
    struct buf framed;

    buf_init(&framed, KEX_VALUE_MAX);
    buf_put_string(&framed, point);
    refuse(name, buf_span(&framed));
    buf_clear(&framed);
}

/* hardening 3.7 */
static void
test_a_point_off_the_curve_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        struct buf init;

        frame(&init, i, 4);
        buf_bytes(&init)[buf_len(&init) - 1] ^= 1;
        refuse(vectors[i].name, buf_span(&init));
        buf_clear(&init);
    }
}

static void
test_other_forms_of_a_point_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        size_t field = strlen(vectors[i].shared) / 2;

        for (unsigned form = 0; form < 256; form++) {
            struct buf init;

            if (form == 4)
                continue;
            frame(&init, i, (uint8_t)form);
            refuse(vectors[i].name, buf_span(&init));
            /* The compressed form of the same point has its right size. */
            refuse_point(vectors[i].name,
                         span_of(buf_bytes(&init) + 4, 1 + field));
            buf_clear(&init);
        }
    }
}

static void
test_points_of_another_size_are_refused(void **state)
{
    uint8_t bytes[141] = {4};

    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        size_t len = 1 + strlen(vectors[i].peer) / 2;

        hex_bytes(vectors[i].peer, bytes + 1, sizeof(bytes) - 1);
        refuse_point(vectors[i].name, span_of(bytes, len - 1));
        refuse_point(vectors[i].name, span_of(bytes, len + 1));
        refuse_point(vectors[i].name, span_of(bytes, 1));
        refuse_point(vectors[i].name, SPAN_EMPTY);
        refuse_point(vectors[i].name, span_of("", 1)); /* infinity */
    }
}

static void
test_zero_and_oversized_coordinates_are_refused(void **state)
{
    uint8_t bytes[133];

    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        size_t len = 1 + strlen(vectors[i].peer) / 2;

        memset(bytes, 0, sizeof(bytes));
        bytes[0] = 4;
        refuse_point(vectors[i].name, span_of(bytes, len));
        memset(bytes + 1, 0xff, len - 1);
        refuse_point(vectors[i].name, span_of(bytes, len));
    }
}

/* x + p is the same point to careless arithmetic. */
static void
test_a_coordinate_that_is_not_reduced_is_refused(void **state)
{
    /* On P-256, x = 5 has a point; 5 + p still fits into 32 bytes. */
    uint8_t bytes[65] = {4};

    (void)state;
    hex_bytes(
        "ffffffff00000001000000000000000000000001000000000000000000000004"
        "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc",
        bytes + 1, 64);
    refuse_point("ecdh-sha2-nistp256", span_of(bytes, 65));
}

static void
test_a_generator_that_gives_no_scalar_ends_it(void **state)
{
    static const uint8_t zeros[66 * 64];

    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        struct span random = span_of(zeros, sizeof(zeros));
        struct secret k;
        struct buf init, reply;

        frame(&init, i, 4);
        buf_init(&reply, KEX_VALUE_MAX);
        assert_int_equal(kex_server(kex_find(span_text(vectors[i].name)), NULL,
                                    buf_span(&init), fixed_random, &random,
                                    &reply, &k),
                         ERR_CRYPTO);
        buf_clear(&init);
        buf_clear(&reply);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_agreements),
        cmocka_unit_test(test_a_point_off_the_curve_is_refused),
        cmocka_unit_test(test_other_forms_of_a_point_are_refused),
        cmocka_unit_test(test_points_of_another_size_are_refused),
        cmocka_unit_test(test_zero_and_oversized_coordinates_are_refused),
        cmocka_unit_test(test_a_coordinate_that_is_not_reduced_is_refused),
        cmocka_unit_test(test_a_generator_that_gives_no_scalar_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
