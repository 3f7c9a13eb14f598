#include "cli/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

static void
test_numbers_lie_in_one_of_the_ranges(void **state)
{
    struct cli_token token = {.kind = TOKEN_NUMBER,
                              .range_count = 2,
                              .ranges = {{1, 99}, {1300, 1999}}};
    uint32_t number = 7;

    (void)state;
    assert_true(value_number(&token, span_text("99"), &number));
    assert_int_equal(number, 99);
    assert_true(value_number(&token, span_text("1300"), &number));
    assert_false(value_number(&token, span_text("100"), &number));
    assert_false(value_number(&token, span_text("0"), &number));
    assert_false(value_number(&token, span_text("-1"), &number));
    assert_false(value_number(&token, span_text("4294967297"), &number));
    assert_false(value_number(&token, span_text("5 "), &number));
    assert_false(value_number(&token, span_text(""), &number));
    assert_int_equal(number, 1300);
}

static void
test_names_are_added_and_taken_away(void **state)
{
    char *names = NULL;
    char *less;

    (void)state;
    value_add_name(&names, "a");
    value_add_name(&names, "bb");
    value_add_name(&names, "c");
    assert_string_equal(names, "a,bb,c");
    less = value_without(names, "bb");
    assert_string_equal(less, "a,c");
    free(less);
    less = value_without(names, "b");
    assert_string_equal(less, "a,bb,c");
    free(less);
    assert_null(value_without(names, "c,a,bb"));
    free(names);
}

static void
test_the_default_names_leave_out_those_to_opt_in(void **state)
{
    static const struct cli_word words[] = {
        {"a", NULL, false},
        {"b", NULL, true},
        {"c", NULL, false},
        {NULL},
    };
    char *names = value_default_names(words);

    (void)state;
    assert_string_equal(names, "a,c");
    free(names);
}

static void
test_a_word_is_bounded(void **state)
{
    static const char text[CLI_WORD_MAX + 1];

    (void)state;
    assert_true(value_is_word(span_of(text, CLI_WORD_MAX)));
    assert_false(value_is_word(span_of(text, CLI_WORD_MAX + 1)));
    assert_false(value_is_word(SPAN_EMPTY));
}

struct fields {
    char *text;
};

static void
assert_written(enum token_kind kind, const char *text, const char *expected)
{
    struct fields fields = {(char *)(uintptr_t)text};
    struct cli_bind bind = {.kind = CONFIG_TEXT};
    struct cli_token token = {.kind = kind, .bind = &bind};
    struct cli_pattern pattern = {.count = 1, .tokens = &token};
    struct buf out;

    buf_init(&out, 1024);
    assert_true(value_write(&pattern, 0, &fields, &out) == (expected != NULL));
    assert_string_equal(buf_text(&out), expected == NULL ? "" : expected);
    buf_clear(&out);
}

static void
test_only_what_can_be_typed_is_written(void **state)
{
    (void)state;
    assert_written(TOKEN_WORD, "word", "word");
    assert_written(TOKEN_WORD, "two words", NULL);
    assert_written(TOKEN_WORD, "", NULL);
    assert_written(TOKEN_WORD, NULL, NULL);
    assert_written(TOKEN_LINE, "two  words ", "two  words ");
    assert_written(TOKEN_LINE, "a\tb", "a\tb");
    assert_written(TOKEN_LINE, "\tblank first", NULL);
    assert_written(TOKEN_LINE, " blank first", NULL);
    assert_written(TOKEN_LINE, "line\nbreak", NULL);
    assert_written(TOKEN_CHOICE, "a,b", "a b");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_lie_in_one_of_the_ranges),
        cmocka_unit_test(test_names_are_added_and_taken_away),
        cmocka_unit_test(test_the_default_names_leave_out_those_to_opt_in),
        cmocka_unit_test(test_a_word_is_bounded),
        cmocka_unit_test(test_only_what_can_be_typed_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
