#include "cli/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_blanks_and_tabs_separate_words(void **state)
{
    struct words words;
    size_t bad;

    (void)state;
    assert_true(words_split(&words, "  ip\tssh   x ", &bad));
    assert_int_equal(words.count, 3);
    assert_true(span_is(words_at(&words, 0), "ip"));
    assert_true(span_is(words_at(&words, 1), "ssh"));
    assert_true(span_is(words_at(&words, 2), "x"));
}

static void
test_the_rest_of_a_line_keeps_its_blanks(void **state)
{
    struct words words;
    size_t bad;

    (void)state;
    assert_true(words_split(&words, "secret  a  b ", &bad));
    assert_true(span_is(words_rest(&words, 1), "a  b "));
}

static void
test_control_bytes_are_refused_where_they_stand(void **state)
{
    struct words words;
    size_t bad = 0;

    (void)state;
    assert_false(words_split(&words, "host\x1b[2J", &bad));
    assert_int_equal(bad, 4);
    assert_false(words_split(&words, "a\x7f", &bad));
    assert_int_equal(bad, 1);
}

static void
test_a_line_is_bounded(void **state)
{
    char line[CLI_LINE_MAX + 2];
    struct words words;
    size_t bad;

    (void)state;
    for (size_t i = 0; i < sizeof(line) - 1; i++)
        line[i] = i % 2 == 0 ? 'a' : ' ';
    line[CLI_LINE_MAX + 1] = '\0';
    assert_false(words_split(&words, line, &bad));
    assert_int_equal(bad, CLI_LINE_MAX);
    line[CLI_LINE_MAX] = '\0';
    assert_true(words_split(&words, line, &bad));
    assert_int_equal(words.count, WORDS_MAX);
}

static void
test_columns_are_characters_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(words_column("a\303\251b", 3), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blanks_and_tabs_separate_words),
        cmocka_unit_test(test_the_rest_of_a_line_keeps_its_blanks),
        cmocka_unit_test(test_control_bytes_are_refused_where_they_stand),
        cmocka_unit_test(test_a_line_is_bounded),
        cmocka_unit_test(test_columns_are_characters_not_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
