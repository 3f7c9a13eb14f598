/*
 * Laws of TACACS+ packets. The hidden packet was made by another hand: Python's
 * hashlib, after RFC 8907 section 4.5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aaa/tacacs_packet.h"

#define KEY "shared"

/* Session 0x01020304, seq 2: GETPASS, no echo, "Password:  ". */
static const uint8_t get_pass[] = {
    0xc0, 0x01, 0x02, 0x00, 0x01, 0x02, 0x03, 0x04, 0x00, 0x00,
    0x00, 0x11, 0xe8, 0x05, 0x0b, 0x73, 0xd4, 0xff, 0xdd, 0x51,
    0x70, 0xfa, 0x45, 0xd6, 0xee, 0x5a, 0x25, 0xa6, 0x9c};

static const struct tacacs_header header = {
    TACACS_VERSION_0, TACACS_AUTHENTICATION, 2, 0, 0x01020304};

static void
test_a_hidden_packet_is_opened(void **state)
{
    uint8_t packet[sizeof(get_pass)];
    struct tacacs_header found;
    struct tacacs_reply reply;
    size_t len;

    (void)state;
    memcpy(packet, get_pass, sizeof(packet));
    assert_int_equal(tacacs_packet_len(span_of(packet, 12), &len), OK);
    assert_int_equal(len, sizeof(packet));
    tacacs_header_read(span_of(packet, len), &found);
    assert_int_equal(found.session, header.session);
    assert_int_equal(found.seq, header.seq);
    assert_int_equal(tacacs_open(packet, len, span_text(KEY)), OK);
    assert_int_equal(tacacs_parse(TACACS_AUTHENTICATION,
                                  span_of(packet + TACACS_HEADER_LEN,
                                          len - TACACS_HEADER_LEN),
                                  &reply),
                     OK);
    assert_int_equal(reply.status, TACACS_AUTHEN_GET_PASS);
    assert_int_equal(reply.flags, TACACS_NO_ECHO);
    assert_true(span_is(reply.message, "Password:  "));
}

static void
test_a_packet_is_hidden_the_same_way(void **state)
{
    static const uint8_t body[] = "\x05\x01\x00\x0b\x00\x00Password:  ";
    struct buf to;

    (void)state;
    buf_init(&to, TACACS_PACKET_MAX);
    tacacs_begin(&to, &header);
    buf_put(&to, body, sizeof(body) - 1);
    assert_int_equal(tacacs_seal(&to, span_text(KEY)), OK);
    assert_int_equal(buf_len(&to), sizeof(get_pass));
    assert_memory_equal(buf_span(&to).ptr, get_pass, sizeof(get_pass));
    buf_clear(&to);
}

static void
test_a_length_has_its_end(void **state)
{
    static const uint8_t most[] = {0xc0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xf4};
    static const uint8_t more[] = {0xc0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xf5};
    static const uint8_t huge[] = {0xc0, 1, 2,    0,    0,    0,
                                   0,    0, 0xff, 0xff, 0xff, 0xff};
    size_t len;

    (void)state;
    assert_int_equal(tacacs_packet_len(span_of(most, 11), &len), ERR_MORE);
    assert_int_equal(tacacs_packet_len(span_of(most, 12), &len), OK);
    assert_int_equal(len, TACACS_PACKET_MAX);
    assert_int_equal(tacacs_packet_len(span_of(more, 12), &len), ERR_LENGTH);
    assert_int_equal(tacacs_packet_len(span_of(huge, 12), &len), ERR_LENGTH);
}

static void
test_lengths_in_a_body_add_up_to_it(void **state)
{
    static const struct {
        enum tacacs_type type;
        const char *body;
        size_t len;
        enum err err;
    } cases[] = {
        {TACACS_AUTHENTICATION, "\1\0\0\0\0\0", 6, OK},
        {TACACS_AUTHENTICATION, "\1\0\0\0\0\0", 5, ERR_FORMAT},
        {TACACS_AUTHENTICATION, "\1\0\0\0\0\0x", 7, ERR_FORMAT},
        {TACACS_AUTHENTICATION, "\1\0\0\1\0\1xy", 8, OK},
        {TACACS_AUTHENTICATION, "\1\0\0\1\0\2xy", 8, ERR_FORMAT},
        {TACACS_AUTHORIZATION, "\1\1\0\0\0\0\3a=b", 10, OK},
        {TACACS_AUTHORIZATION, "\1\1\0\0\0\0\4a=b", 10, ERR_FORMAT},
        {TACACS_AUTHORIZATION, "\1\2\0\0\0\0\3", 7, ERR_FORMAT},
        {TACACS_ACCOUNTING, "\0\0\0\0\1", 5, OK},
        {TACACS_ACCOUNTING, "\0\0\0\0", 4, ERR_FORMAT},
        {TACACS_ACCOUNTING, "", 0, ERR_FORMAT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tacacs_reply reply;

        assert_int_equal(tacacs_parse(cases[i].type,
                                      span_of(cases[i].body, cases[i].len),
                                      &reply),
                         cases[i].err);
    }
}

static void
test_arguments_come_one_by_one(void **state)
{
    struct tacacs_reply reply;
    struct span argument;

    (void)state;
    assert_int_equal(tacacs_parse(TACACS_AUTHORIZATION,
                                  span_of("\1\3\0\1\0\0\3\0\2ma=bc*", 15),
                                  &reply),
                     OK);
    assert_true(span_is(reply.message, "m"));
    assert_true(tacacs_next_argument(&reply, &argument));
    assert_true(span_is(argument, "a=b"));
    assert_true(tacacs_next_argument(&reply, &argument));
    assert_int_equal(argument.len, 0);
    assert_true(tacacs_next_argument(&reply, &argument));
    assert_true(span_is(argument, "c*"));
    assert_false(tacacs_next_argument(&reply, &argument));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hidden_packet_is_opened),
        cmocka_unit_test(test_a_packet_is_hidden_the_same_way),
        cmocka_unit_test(test_a_length_has_its_end),
        cmocka_unit_test(test_lengths_in_a_body_add_up_to_it),
        cmocka_unit_test(test_arguments_come_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
