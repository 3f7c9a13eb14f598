/* Laws of RADIUS packets; the vectors are those of RFC 2865 section 7.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aaa/radius_packet.h"

#define KEY "xyzzy5461"

static const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN] = {
    0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57,
    0xbd, 0x83, 0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a,
};

static const uint8_t accept_packet[] = {
    0x02, 0x00, 0x00, 0x26, 0x86, 0xfe, 0x22, 0x0e, 0x76, 0x24,
    0xba, 0x2a, 0x10, 0x05, 0xf6, 0xbf, 0x9b, 0x55, 0xe0, 0xb2,
    0x06, 0x06, 0x00, 0x00, 0x00, 0x01, 0x0f, 0x06, 0x00, 0x00,
    0x00, 0x00, 0x0e, 0x06, 0xc0, 0xa8, 0x01, 0x03,
};

static void
test_a_password_is_hidden_as_in_the_rfc(void **state)
{
    static const uint8_t hidden[] = {
        0x02, 0x12, 0x0d, 0xbe, 0x70, 0x8d, 0x93, 0xd4, 0x13,
        0xce, 0x31, 0x96, 0xe4, 0x3f, 0x78, 0x2a, 0x0a, 0xee,
    };
    struct buf to;

    (void)state;
    buf_init(&to, RADIUS_PACKET_MAX);
    radius_begin(&to, RADIUS_ACCESS_REQUEST, 0, authenticator);
    assert_int_equal(
        radius_put_password(&to, span_text(KEY), span_text("arctangent")), OK);
    assert_int_equal(buf_len(&to), RADIUS_HEADER_LEN + sizeof(hidden));
    assert_memory_equal(buf_span(&to).ptr + RADIUS_HEADER_LEN, hidden,
                        sizeof(hidden));
    buf_clear(&to);
}

static void
test_a_password_takes_whole_blocks_and_has_an_end(void **state)
{
    static const size_t lengths[][2] = {{0, 16},   {1, 16},    {16, 16},
                                        {17, 32},  {112, 112}, {113, 128},
                                        {128, 128}};
    uint8_t clear[RADIUS_PASSWORD_MAX + 1] = {0};
    struct buf to;

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        buf_init(&to, RADIUS_PACKET_MAX);
        radius_begin(&to, RADIUS_ACCESS_REQUEST, 0, authenticator);
        assert_int_equal(radius_put_password(&to, span_text(KEY),
                                             span_of(clear, lengths[i][0])),
                         OK);
        assert_int_equal(buf_len(&to), RADIUS_HEADER_LEN + 2 + lengths[i][1]);
        assert_int_equal(radius_put_password(&to, span_text(KEY),
                                             span_of(clear, sizeof(clear))),
                         ERR_LENGTH);
        buf_clear(&to);
    }
}

static void
test_the_answer_of_the_rfc_is_one(void **state)
{
    struct span datagram = span_of(accept_packet, sizeof(accept_packet));
    uint8_t other[sizeof(accept_packet)];
    struct radius_packet packet;
    struct span value;

    (void)state;
    assert_int_equal(radius_parse(datagram, &packet), OK);
    assert_int_equal(packet.code, RADIUS_ACCESS_ACCEPT);
    assert_true(radius_is_answer(&packet, span_text(KEY), authenticator));
    assert_false(
        radius_is_answer(&packet, span_text("xyzzy5462"), authenticator));
    assert_int_equal(radius_signature(&packet, span_text(KEY), authenticator),
                     RADIUS_UNSIGNED);
    assert_true(radius_find(&packet, RADIUS_SERVICE_TYPE, &value));
    assert_int_equal(value.len, 4);
    assert_false(radius_find(&packet, RADIUS_STATE, &value));
    /* Not one bit of it may be another. */
    for (size_t bit = 0; bit < 8 * sizeof(other); bit++) {
        memcpy(other, accept_packet, sizeof(other));
        other[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(radius_parse(span_of(other, sizeof(other)), &packet) ==
                         OK &&
                     radius_is_answer(&packet, span_text(KEY), authenticator));
    }
}

static void
test_no_cut_packet_parses(void **state)
{
    struct radius_packet packet;

    (void)state;
    for (size_t len = 0; len < sizeof(accept_packet); len++)
        assert_int_equal(radius_parse(span_of(accept_packet, len), &packet),
                         ERR_FORMAT);
}

static void
test_what_lies_behind_the_packet_does_not_count(void **state)
{
    uint8_t longer[sizeof(accept_packet) + 3] = {0};
    struct radius_packet packet;

    (void)state;
    memcpy(longer, accept_packet, sizeof(accept_packet));
    assert_int_equal(radius_parse(span_of(longer, sizeof(longer)), &packet),
                     OK);
    assert_int_equal(packet.whole.len, sizeof(accept_packet));
    assert_true(radius_is_answer(&packet, span_text(KEY), authenticator));
}

static void
test_a_sealed_request_is_signed(void **state)
{
    struct radius_packet packet;
    struct buf to;

    (void)state;
    buf_init(&to, RADIUS_PACKET_MAX);
    radius_begin(&to, RADIUS_ACCESS_REQUEST, 7, authenticator);
    radius_put_signature(&to);
    radius_put(&to, RADIUS_USER_NAME, span_text("nemo"));
    radius_put(&to, RADIUS_STATE, SPAN_EMPTY);
    assert_int_equal(radius_seal(&to, span_text(KEY)), OK);
    assert_int_equal(radius_parse(buf_span(&to), &packet), OK);
    assert_int_equal(packet.whole.len, RADIUS_HEADER_LEN + 18 + 6);
    assert_int_equal(radius_signature(&packet, span_text(KEY), authenticator),
                     RADIUS_SIGNED);
    assert_int_equal(
        radius_signature(&packet, span_text("another"), authenticator),
        RADIUS_FORGED);
    buf_bytes(&to)[RADIUS_HEADER_LEN + 18 + 2] ^= 1;
    assert_int_equal(radius_signature(&packet, span_text(KEY), authenticator),
                     RADIUS_FORGED);
    buf_clear(&to);
}

static void
test_what_does_not_fit_is_no_packet(void **state)
{
    uint8_t value[RADIUS_VALUE_MAX + 1] = {0};
    struct buf to;

    (void)state;
    buf_init(&to, 2 * RADIUS_PACKET_MAX);
    radius_begin(&to, RADIUS_ACCESS_REQUEST, 0, authenticator);
    radius_put_signature(&to);
    for (unsigned i = 0; i < 17; i++)
        radius_put(&to, RADIUS_CLASS, span_of(value, RADIUS_VALUE_MAX));
    assert_int_equal(radius_seal(&to, span_text(KEY)), ERR_LENGTH);
    buf_reset(&to);
    radius_begin(&to, RADIUS_ACCESS_REQUEST, 0, authenticator);
    radius_put(&to, RADIUS_CLASS, span_of(value, sizeof(value)));
    assert_int_equal(radius_seal(&to, span_text(KEY)), ERR_LENGTH);
    buf_clear(&to);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_password_is_hidden_as_in_the_rfc),
        cmocka_unit_test(test_a_password_takes_whole_blocks_and_has_an_end),
        cmocka_unit_test(test_the_answer_of_the_rfc_is_one),
        cmocka_unit_test(test_no_cut_packet_parses),
        cmocka_unit_test(test_what_lies_behind_the_packet_does_not_count),
        cmocka_unit_test(test_a_sealed_request_is_signed),
        cmocka_unit_test(test_what_does_not_fit_is_no_packet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
