#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_a_copy_that_does_not_fit_is_cut(void **state)
{
    char to[4];

    (void)state;
    assert_true(text_copy(to, sizeof(to), "abc"));
    assert_string_equal(to, "abc");
    assert_false(text_copy(to, sizeof(to), "wxyz"));
    assert_string_equal(to, "wxy");
    assert_true(text_copy_span(to, sizeof(to), span_of("abc", 2)));
    assert_string_equal(to, "ab");
    assert_true(text_copy_span(to, sizeof(to), SPAN_EMPTY));
    assert_string_equal(to, "");
    assert_false(text_copy(to, 0, ""));
}

static void
test_a_heap_copy_ends_where_the_span_ends(void **state)
{
    char *copy = text_dup_span(span_of("abcdef", 3));

    (void)state;
    assert_string_equal(copy, "abc");
    free(copy);
    copy = text_dup("xyz");
    assert_string_equal(copy, "xyz");
    free(copy);
    copy = text_dup_span(SPAN_EMPTY);
    assert_string_equal(copy, "");
    free(copy);
}

static void
test_numbers_are_read_digit_by_digit(void **state)
{
    uint64_t value = 7;

    (void)state;
    assert_int_equal(text_number(span_text("0"), 0, &value), OK);
    assert_int_equal(value, 0);
    assert_int_equal(text_number(span_text("0042"), 42, &value), OK);
    assert_int_equal(value, 42);
    assert_int_equal(
        text_number(span_text("18446744073709551615"), UINT64_MAX, &value), OK);
    assert_true(value == UINT64_MAX);
}

static void
test_what_is_no_number_leaves_the_value_alone(void **state)
{
    static const char *const bad[] = {"",    "-1",  "+1", " 1",    "1 ",
                                      "0x1", "1.0", "a",  "99999a"};
    uint64_t value = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(text_number(span_text(bad[i]), 1000, &value),
                         ERR_FORMAT);
    assert_int_equal(text_number(span_text("43"), 42, &value), ERR_LIMIT);
    assert_int_equal(
        text_number(span_text("18446744073709551616"), UINT64_MAX, &value),
        ERR_LIMIT);
    assert_int_equal(
        text_number(span_text("99999999999999999999999"), UINT64_MAX, &value),
        ERR_LIMIT);
    assert_int_equal(value, 7);
}

static void
test_case_is_ignored_in_ascii_only(void **state)
{
    (void)state;
    assert_true(text_equal_nocase("Show", "sHOW"));
    assert_false(text_equal_nocase("show", "sho"));
    assert_false(text_equal_nocase("sho", "show"));
    assert_false(text_equal_nocase("[", "{"));
    assert_false(text_equal_nocase("\xc4", "\xe4"));
    assert_true(text_starts_nocase("CONFIGURE", "conf"));
    assert_true(text_starts_nocase("x", ""));
    assert_false(text_starts_nocase("conf", "configure"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_copy_that_does_not_fit_is_cut),
        cmocka_unit_test(test_a_heap_copy_ends_where_the_span_ends),
        cmocka_unit_test(test_numbers_are_read_digit_by_digit),
        cmocka_unit_test(test_what_is_no_number_leaves_the_value_alone),
        cmocka_unit_test(test_case_is_ignored_in_ascii_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
