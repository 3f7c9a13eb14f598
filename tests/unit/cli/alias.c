#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "typing.h"

static struct typing t;

static void
add_alias(const char *name, const char *command)
{
    struct config_alias *alias =
        config_list_append(&t.config.aliases.list, &config_alias_type);

    config_text_set(&alias->name, name);
    config_text_set(&alias->command, command);
}

static int
begin(void **state)
{
    (void)state;
    typing_begin(&t);
    cli_context_init(&t.context, &sample_exec, 15);
    t.context.config = &t.config;
    add_alias("inv", "show inventory");
    add_alias("route", "show ip route");
    add_alias("loop", "loop");
    add_alias("bad", "show ip nothing");
    return 0;
}

static int
end(void **state)
{
    (void)state;
    typing_end(&t);
    return 0;
}

static void
test_an_alias_stands_for_its_words(void **state)
{
    (void)state;
    assert_string_equal(typing_full(&t, "inv"), "show inventory");
    assert_string_equal(typing_full(&t, "  route 192.0.2.1"),
                        "show ip route 192.0.2.1");
    assert_string_equal(typing_full(&t, "s ip ssh"), "show ip ssh");
    assert_string_equal(typing_full(&t, "S ip ssh"), "show ip ssh");
}

static void
test_an_alias_is_no_abbreviation_and_is_not_replaced_again(void **state)
{
    (void)state;
    assert_string_equal(typing_full(&t, "in"), "");
    assert_string_equal(typing_full(&t, "loop"), "");
    /* There is no such command: the letter begins nothing. */
    assert_string_equal(typing_full(&t, "p"), "");
    add_alias("s", "inv");
    assert_string_equal(typing_full(&t, "s ip ssh"), "");
}

static void
test_the_mark_stands_under_what_was_typed(void **state)
{
    (void)state;
    assert_string_equal(typing_line(&t, "inv x"),
                        "    ^\n% Invalid input detected at '^' marker.\n\n");
    assert_string_equal(typing_line(&t, " bad"),
                        " ^\n% Invalid input detected at '^' marker.\n\n");
    assert_string_equal(typing_line(&t, "s i"),
                        "% Ambiguous command:  \"s i\"\n");
}

static void
test_help_and_tab_know_what_it_stands_for(void **state)
{
    (void)state;
    assert_string_equal(typing_help(&t, "route "),
                        "  A.B.C.D  Network to display information about\n"
                        "  |        Output modifiers\n  <cr>\n\n");
    assert_string_equal(typing_help(&t, "s"), "*s=show  show\n\n");
    assert_string_equal(typing_help(&t, "i"), "*inv=\"show inventory\"\n\n");
    assert_string_equal(typing_tab(&t, "s inv"), "s inventory ");
    assert_string_equal(typing_tab(&t, "inv"), "");
}

static void
test_a_command_that_is_too_long_for_a_list_is_left_out(void **state)
{
    (void)state;
    add_alias("xylophone", "show ip route 192.0.2.1 with some more words that "
                           "are many");
    assert_string_equal(typing_help(&t, "xy"), "*xylophone\n\n");
}

static void
test_behind_do_it_counts_too(void **state)
{
    (void)state;
    cli_context_enter(&t.context, &sample_config);
    assert_string_equal(typing_full(&t, "do inv"), "show inventory");
    assert_string_equal(typing_full(&t, "DO  s inv"), "show inventory");
    assert_string_equal(typing_full(&t, "inv"), "");
    assert_string_equal(typing_help(&t, "do i"), "*inv=\"show inventory\"\n\n");
    assert_string_equal(typing_tab(&t, "do s inv"), "do s inventory ");
}

static void
test_an_alias_gives_no_privilege(void **state)
{
    (void)state;
    add_alias("run", "show running-config");
    assert_string_equal(typing_full(&t, "run"), "show running-config");
    t.context.privilege = 1;
    assert_string_equal(typing_full(&t, "run"), "");
}

static void
test_a_line_that_becomes_too_long_is_wrong(void **state)
{
    char line[CLI_LINE_MAX + 1] = "inv ";

    (void)state;
    memset(line + 4, 'x', CLI_LINE_MAX - 4);
    assert_string_equal(typing_full(&t, line), "");
}

static void
count_alias(void *owner, const char *name, const char *command)
{
    unsigned *count = owner;

    assert_true(*name != '\0' && *command != '\0');
    ++*count;
}

static void
test_those_of_commands_that_are_there_are_listed(void **state)
{
    unsigned count = 0;

    (void)state;
    cli_aliases(t.language, &t.context, count_alias, &count);
    assert_int_equal(count, 5);
    add_alias("s", "show ip");
    count = 0;
    cli_aliases(t.language, &t.context, count_alias, &count);
    assert_int_equal(count, 5);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_an_alias_stands_for_its_words),
        TEST(test_an_alias_is_no_abbreviation_and_is_not_replaced_again),
        TEST(test_the_mark_stands_under_what_was_typed),
        TEST(test_help_and_tab_know_what_it_stands_for),
        TEST(test_a_command_that_is_too_long_for_a_list_is_left_out),
        TEST(test_behind_do_it_counts_too),
        TEST(test_an_alias_gives_no_privilege),
        TEST(test_a_line_that_becomes_too_long_is_wrong),
        TEST(test_those_of_commands_that_are_there_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
