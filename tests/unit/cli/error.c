#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "typing.h"

static struct typing t;

static int
begin(void **state)
{
    (void)state;
    typing_begin(&t);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    typing_end(&t);
    return 0;
}

/* As an IOS terminal shows it, the line echoed behind the prompt. */
static void
assert_answer(const char *line, size_t indent, const char *expected)
{
    struct cli_match match;
    struct buf out;
    enum cli_result result = cli_parse(t.language, &t.context, line, &match);

    buf_init(&out, 4096);
    cli_error_text(result, &match, line, indent, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
    cli_match_clear(&match);
}

static void
test_a_wrong_word_is_marked_below_the_echo(void **state)
{
    (void)state;
    assert_answer("ip ssh time-out 121", 11,
                  "                           ^\n"
                  "% Invalid input detected at '^' marker.\n"
                  "\n");
    assert_answer("nope", 0,
                  "  ^\n"
                  "% Invalid input detected at '^' marker.\n"
                  "\n");
}

static void
test_an_ambiguous_line_is_quoted_as_typed(void **state)
{
    (void)state;
    assert_answer("e", 11, "% Ambiguous command:  \"e\"\n");
    assert_answer("  ip ssh  s x", 11,
                  "% Ambiguous command:  \"  ip ssh  s x\"\n");
}

static void
test_too_few_words_are_said_with_an_empty_line(void **state)
{
    (void)state;
    assert_answer("ip ssh", 11, "% Incomplete command.\n\n");
}

static void
test_good_and_empty_lines_are_not_answered(void **state)
{
    (void)state;
    assert_answer("hostname R1", 11, "");
    assert_answer("", 11, "");
    assert_answer("! a note", 11, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_wrong_word_is_marked_below_the_echo, begin, end),
        cmocka_unit_test_setup_teardown(
            test_an_ambiguous_line_is_quoted_as_typed, begin, end),
        cmocka_unit_test_setup_teardown(
            test_too_few_words_are_said_with_an_empty_line, begin, end),
        cmocka_unit_test_setup_teardown(
            test_good_and_empty_lines_are_not_answered, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
