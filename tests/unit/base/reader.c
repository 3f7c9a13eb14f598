#include "base/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define OVER(literal) reader_over(span_of(literal, sizeof(literal) - 1))

static void
test_fields_come_out_as_they_went_in(void **state)
{
    struct reader r = OVER("\x07\x02\x01\x02\x01\x02\x03\x04"
                           "\x01\x02\x03\x04\x05\x06\x07\x08"
                           "\0\0\0\x03"
                           "abc"
                           "rest");

    (void)state;
    assert_int_equal(read_u8(&r), 7);
    assert_true(read_bool(&r));
    assert_int_equal(read_u16(&r), 0x0102);
    assert_int_equal(read_u32(&r), 0x01020304);
    assert_true(read_u64(&r) == 0x0102030405060708);
    assert_true(span_is(read_string(&r), "abc"));
    assert_true(read_ok(&r));
    assert_false(read_done(&r));
    assert_true(span_is(read_rest(&r), "rest"));
    assert_true(read_done(&r));
}

static void
test_failure_is_sticky(void **state)
{
    struct reader r = OVER("\x01\x02\x03");

    (void)state;
    assert_int_equal(read_u32(&r), 0);
    assert_false(read_ok(&r));
    assert_int_equal(read_u8(&r), 0);
    assert_int_equal(read_bytes(&r, 0).len, 0);
    assert_int_equal(read_rest(&r).len, 0);
    assert_false(read_done(&r));
}

static void
test_a_string_longer_than_the_input_fails(void **state)
{
    static const char *const inputs[] = {
        "\0\0\0\x04"
        "abc",
        "\xff\xff\xff\xff"
        "abc",
        "\x7f\xff\xff\xff"
        "abc",
        "\0\0\0",
    };
    static const size_t lengths[] = {7, 7, 7, 3};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct reader r = reader_over(span_of(inputs[i], lengths[i]));

        assert_int_equal(read_string(&r).len, 0);
        assert_false(read_ok(&r));
    }
}

static void
test_an_empty_string_is_no_failure(void **state)
{
    struct reader r = OVER("\0\0\0\0");

    (void)state;
    assert_int_equal(read_string(&r).len, 0);
    assert_true(read_done(&r));
}

static void
test_left_over_bytes_are_not_done(void **state)
{
    struct reader r = OVER("\x01\x02");

    (void)state;
    read_u8(&r);
    assert_true(read_ok(&r));
    assert_false(read_done(&r));
}

static void
test_a_canonical_mpint_gives_its_magnitude(void **state)
{
    struct reader r = OVER("\0\0\0\0"
                           "\0\0\0\x01\x7f"
                           "\0\0\0\x02\0\x80");
    struct span number;

    (void)state;
    assert_int_equal(read_mpint(&r, 8).len, 0);
    number = read_mpint(&r, 1);
    assert_true(span_is(number, "\x7f"));
    number = read_mpint(&r, 1);
    assert_true(span_is(number, "\x80"));
    assert_true(read_done(&r));
}

static void
test_a_mpint_of_another_form_fails(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } rows[] = {
        {"\0\0\0\x01\x80", 5},               /* negative */
        {"\0\0\0\x02\xff\xff", 6},           /* negative, needlessly long */
        {"\0\0\0\x01\0", 5},                 /* zero with a byte */
        {"\0\0\0\x02\0\x7f", 6},             /* needless zero */
        {"\0\0\0\x03\0\0\x80", 7},           /* two sign bytes */
        {"\0\0\0\x04\x01\x02\x03\x04", 8},   /* more than max */
        {"\0\0\0\x05\0\x81\x02\x03\x04", 9}, /* likewise with sign byte */
        {"\0\0\0\x09\x01", 5},               /* cut short */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reader r = reader_over(span_of(rows[i].bytes, rows[i].len));

        assert_int_equal(read_mpint(&r, 3).len, 0);
        assert_false(read_ok(&r));
    }
}

static void
test_a_caller_can_fail_the_reader(void **state)
{
    struct reader r = OVER("\x01\x02");

    (void)state;
    read_fail(&r);
    assert_int_equal(read_u8(&r), 0);
    assert_false(read_done(&r));
}

static void
test_any_bool_but_zero_is_true(void **state)
{
    struct reader r = OVER("\0\x01\x02\xff");

    (void)state;
    assert_false(read_bool(&r));
    assert_true(read_bool(&r));
    assert_true(read_bool(&r));
    assert_true(read_bool(&r));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_come_out_as_they_went_in),
        cmocka_unit_test(test_failure_is_sticky),
        cmocka_unit_test(test_a_string_longer_than_the_input_fails),
        cmocka_unit_test(test_an_empty_string_is_no_failure),
        cmocka_unit_test(test_left_over_bytes_are_not_done),
        cmocka_unit_test(test_a_canonical_mpint_gives_its_magnitude),
        cmocka_unit_test(test_a_mpint_of_another_form_fails),
        cmocka_unit_test(test_a_caller_can_fail_the_reader),
        cmocka_unit_test(test_any_bool_but_zero_is_true),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
