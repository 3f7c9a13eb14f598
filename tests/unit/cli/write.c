#include "cli/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A structure whose fields the rows below are bound to. */
struct thing {
    uint32_t number, other;
    uint8_t choice;
    bool flag;
    char *text;
};

static void
assert_line(const char *syntax, const struct cli_bind *binds,
            const struct thing *thing, const char *expected)
{
    struct cli_row row = {.kind = CLI_SET, .syntax = syntax, .binds = binds};
    struct cli_pattern pattern;
    struct buf out;
    bool written;

    buf_init(&out, 1024);
    assert_null(pattern_compile(&pattern, &row));
    written = write_pattern(&pattern, thing, false, &out);
    assert_true(written == (expected != NULL));
    assert_string_equal(buf_text(&out), expected == NULL ? "" : expected);
    pattern_clear(&pattern);
    buf_clear(&out);
}

static const struct cli_bind number_bind[] = {
    BIND_NUMBER(struct thing, number, 0), {.kind = CONFIG_END}};
static const struct cli_bind two_binds[] = {
    BIND_NUMBER(struct thing, number, 0),
    BIND_NUMBER(struct thing, other, 0),
    {.kind = CONFIG_END}};
static const struct cli_bind choice_binds[] = {
    BIND_CHOICE(struct thing, choice, 0),
    BIND_NUMBER(struct thing, number, 0),
    BIND_TEXT(struct thing, text, NULL),
    {.kind = CONFIG_END}};
static const struct cli_bind flag_bind[] = {BIND_FLAG(struct thing, flag, 0),
                                            {.kind = CONFIG_END}};

static void
test_values_stand_in_the_place_of_their_tokens(void **state)
{
    struct thing thing = {.number = 60};

    (void)state;
    assert_line("ip ssh time-out <1-120>", number_bind, &thing,
                "ip ssh time-out 60");
    assert_line("access-class <1-99> in", number_bind, &thing,
                "access-class 60 in");
    assert_line("short <1-9>", number_bind, &thing, NULL);
}

static void
test_an_optional_default_is_left_out_unless_always(void **state)
{
    struct thing thing = {.number = 5};

    (void)state;
    assert_line("a <0-9> [<0-9>] b", two_binds, &thing, "a 5 b");
    assert_line("a <0-9> [<0-9>]!", two_binds, &thing, "a 5 0");
    thing.other = 7;
    assert_line("a <0-9> [x <0-9>] b", two_binds, &thing, "a 5 x 7 b");
}

static void
test_parts_in_any_order_are_written_in_the_order_of_the_syntax(void **state)
{
    static const struct cli_bind binds[] = {
        BIND_NUMBER(struct thing, number, 0),
        BIND_FLAG(struct thing, flag, false),
        BIND_NUMBER(struct thing, other, 0),
        {.kind = CONFIG_END}};
    struct thing thing = {.number = 5};

    (void)state;
    assert_line("a [x <0-9>|y|z <0-9>]... b", binds, &thing, "a x 5 b");
    thing.flag = true;
    assert_line("a [x <0-9>|y|z <0-9>]... b", binds, &thing, "a x 5 y b");
    thing.other = 2;
    assert_line("a {x <0-9>|y|z <0-9>}...", binds, &thing, "a x 5 y z 2");
    thing = (struct thing){.number = 0};
    assert_line("a [x <0-9>|y|z <0-9>]... b", binds, &thing, "a b");
    assert_line("a {x <0-9>|y|z <0-9>}... b", binds, &thing, NULL);
}

static void
test_a_choice_is_written_by_its_field(void **state)
{
    char word[] = "name";
    struct thing thing = {.choice = 2, .number = 9, .text = word};

    (void)state;
    assert_line("a {b <0-9>|c WORD}", choice_binds, &thing, "a c name");
    thing.choice = 1;
    assert_line("a {b <0-9>|c WORD}", choice_binds, &thing, "a b 9");
    thing.choice = 0;
    assert_line("a {b <0-9>|c WORD}", choice_binds, &thing, NULL);
    assert_line("a [b <0-9>|c WORD]", choice_binds, &thing, "a");
}

static void
test_a_choice_of_digits_is_written_by_its_number(void **state)
{
    struct thing thing = {.number = 7};

    (void)state;
    assert_line("a {0|7}", number_bind, &thing, "a 7");
    assert_line("a [0|7]! x", number_bind, &thing, "a 7 x");
    thing.number = 0;
    assert_line("a [0|7]! x", number_bind, &thing, "a 0 x");
    assert_line("a [0|7] x", number_bind, &thing, "a x");
    thing.number = 3;
    assert_line("a {0|7}", number_bind, &thing, NULL);
}

static void
test_an_optional_keyword_is_a_flag(void **state)
{
    struct thing thing = {.flag = true};

    (void)state;
    assert_line("a [log]", flag_bind, &thing, "a log");
    thing.flag = false;
    assert_line("a [log]", flag_bind, &thing, "a");
}

static void
test_a_number_without_field_is_its_lowest(void **state)
{
    struct thing thing = {.number = 1};

    (void)state;
    assert_line("line con <0-0>", NULL, &thing, "line con 0");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_stand_in_the_place_of_their_tokens),
        cmocka_unit_test(
            test_parts_in_any_order_are_written_in_the_order_of_the_syntax),
        cmocka_unit_test(test_an_optional_default_is_left_out_unless_always),
        cmocka_unit_test(test_a_choice_is_written_by_its_field),
        cmocka_unit_test(test_a_choice_of_digits_is_written_by_its_number),
        cmocka_unit_test(test_an_optional_keyword_is_a_flag),
        cmocka_unit_test(test_a_number_without_field_is_its_lowest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
