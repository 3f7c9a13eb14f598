#include "cli/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *
problem(const char *syntax)
{
    struct cli_row row = {.kind = CLI_EXEC, .syntax = syntax};
    struct cli_pattern pattern;
    const char *text = pattern_compile(&pattern, &row);

    pattern_clear(&pattern);
    return text;
}

static void
test_every_notation_of_the_syntax_compiles(void **state)
{
    (void)state;
    assert_null(problem("a <1-2> <1-99,1300-1999>:n WORD A.B.C.D X:X::X LINE"));
    assert_null(problem("a {b|c WORD:x} [d] [e|f <0-1>]... g"));
    assert_null(problem("a [<0-9>]! X:X::X:name [{b|c}|d]"));
    assert_null(problem("a CHOICE..."));
}

static void
test_a_syntax_that_is_wrong_is_named(void **state)
{
    (void)state;
    assert_string_equal(problem("a {b"), "a group is not closed");
    assert_string_equal(problem("a b}"),
                        "a group is closed that was not opened");
    assert_string_equal(problem("a {b|}"), "an empty alternative");
    assert_string_equal(problem("a <2-1>"), "a bad range of numbers");
    assert_string_equal(problem("a <x>"), "a bad range of numbers");
    assert_string_equal(problem("a WORD..."), "only CHOICE can repeat");
    assert_string_equal(problem("WORD"), "a row begins with a keyword");
    assert_string_equal(problem(""), "an empty alternative");
}

static void
test_names_and_ranges_are_taken_apart(void **state)
{
    struct cli_row row = {.kind = CLI_EXEC,
                          .syntax = "a <1-99,1300-1999>:number X:X::X:to b "
                                    "X:X:X:X::X/<0-128>:net"};
    struct cli_pattern pattern;

    (void)state;
    assert_null(pattern_compile(&pattern, &row));
    assert_int_equal(pattern.count, 5);
    assert_string_equal(pattern.tokens[1].name, "number");
    assert_string_equal(pattern.tokens[1].text, "<1-99,1300-1999>");
    assert_int_equal(pattern.tokens[1].range_count, 2);
    assert_int_equal(pattern.tokens[1].ranges[1].high, 1999);
    assert_int_equal(pattern.tokens[2].kind, TOKEN_IPV6);
    assert_string_equal(pattern.tokens[2].name, "to");
    assert_string_equal(pattern.tokens[3].name, "b");
    assert_int_equal(pattern.tokens[4].kind, TOKEN_PREFIX);
    assert_string_equal(pattern.tokens[4].name, "net");
    assert_string_equal(pattern.tokens[4].text, "X:X:X:X::X/<0-128>");
    pattern_clear(&pattern);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_notation_of_the_syntax_compiles),
        cmocka_unit_test(test_a_syntax_that_is_wrong_is_named),
        cmocka_unit_test(test_names_and_ranges_are_taken_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
