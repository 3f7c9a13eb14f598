#include "cli/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct cli_pattern pattern;

static void
compile(const char *syntax, unsigned keys)
{
    static struct cli_row row;

    row = (struct cli_row){.kind = CLI_EXEC, .syntax = syntax, .keys = keys};
    pattern_clear(&pattern);
    assert_null(pattern_compile(&pattern, &row));
}

static void
test_an_optional_part_may_be_passed_over(void **state)
{
    (void)state;
    compile("a [b] c [d]", 0);
    assert_int_equal(pattern.first, 0x1);
    assert_int_equal(pattern.tokens[0].next, 0x6);
    assert_int_equal(pattern.tokens[1].next, 0x4);
    assert_int_equal(pattern.last, 0xc);
    pattern_clear(&pattern);
}

static void
test_a_row_has_the_initial_of_its_keyword(void **state)
{
    (void)state;
    compile("b [c] d", 0);
    assert_int_equal(pattern.initial, 'b');
    pattern_clear(&pattern);
}

static void
test_only_one_alternative_is_followed(void **state)
{
    (void)state;
    compile("a {b c|d} e", 0);
    assert_int_equal(pattern.tokens[0].next, 0x2 | 0x8);
    assert_int_equal(pattern.tokens[1].next, 0x4);
    assert_int_equal(pattern.tokens[2].next, 0x10);
    assert_int_equal(pattern.tokens[3].next, 0x10);
    pattern_clear(&pattern);
}

static void
test_parts_in_any_order_come_once_each(void **state)
{
    (void)state;
    compile("a [b|c WORD]...", 0);
    assert_int_equal(pattern.tokens[0].next, 0x2 | 0x4);
    assert_int_equal(pattern.tokens[1].next, 0x2 | 0x4);
    assert_int_equal(pattern.tokens[1].gone, 0x2);
    assert_int_equal(pattern.tokens[2].gone, 0x4);
    assert_int_equal(pattern.tokens[3].next, 0x2 | 0x4);
    assert_int_equal(pattern.last, 0x1 | 0x2 | 0x8);
    pattern_clear(&pattern);
}

static void
test_a_repeated_choice_follows_itself(void **state)
{
    (void)state;
    compile("a CHOICE...", 0);
    assert_int_equal(pattern.tokens[1].next, 0x2);
    assert_int_equal(pattern.last, 0x2);
    pattern_clear(&pattern);
}

static void
test_no_may_end_behind_the_words_or_the_keys(void **state)
{
    (void)state;
    compile("ip ssh time-out <1-120>", 0);
    assert_int_equal(pattern.no_last & 0xf, 0x4 | 0x8);
    compile("access-class <1-99> in", 0);
    assert_int_equal(pattern.no_last & 0x7, 0x7);
    compile("username WORD [privilege <0-15>]", 1);
    assert_int_equal(pattern.no_last & 0xf, 0xe);
    compile("key-hash CHOICE WORD [LINE]", 2);
    assert_int_equal(pattern.no_last & 0xf, 0xc);
    compile("line vty <0-9> [<0-9>]", 2);
    assert_int_equal(pattern.no_last & 0xf, 0xc);
    pattern_clear(&pattern);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_optional_part_may_be_passed_over),
        cmocka_unit_test(test_a_row_has_the_initial_of_its_keyword),
        cmocka_unit_test(test_only_one_alternative_is_followed),
        cmocka_unit_test(test_parts_in_any_order_come_once_each),
        cmocka_unit_test(test_a_repeated_choice_follows_itself),
        cmocka_unit_test(test_no_may_end_behind_the_words_or_the_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
