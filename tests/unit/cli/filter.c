/*
 * Laws of what stands behind a bar.
 */
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
    cli_context_init(&t.context, sample_modes[0], 15);
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
assert_filter(const char *line, enum cli_filter filter, const char *pattern,
              const char *full)
{
    struct cli_match match;

    assert_int_equal(cli_parse(t.language, &t.context, line, &match), CLI_OK);
    assert_int_equal(match.filter, filter);
    assert_string_equal(match.filter_pattern, pattern);
    assert_string_equal(buf_text(&match.text), full);
    assert_string_equal(buf_text(&match.masked), full);
    cli_match_clear(&match);
}

static void
assert_fails(const char *line, enum cli_result result, size_t column)
{
    struct cli_match match;

    assert_int_equal(cli_parse(t.language, &t.context, line, &match), result);
    if (result == CLI_INVALID)
        assert_int_equal(match.column, column);
    assert_int_equal(match.filter, CLI_FILTER_NONE);
    cli_match_clear(&match);
}

static void
test_a_filter_may_be_short(void **state)
{
    (void)state;
    assert_filter("show inventory | include SSH|LOGIN", CLI_FILTER_INCLUDE,
                  "SSH|LOGIN", "show inventory | include SSH|LOGIN");
    assert_filter("sh inv | i x", CLI_FILTER_INCLUDE, "x",
                  "show inventory | include x");
    assert_filter("sh inv |B x", CLI_FILTER_BEGIN, "x",
                  "show inventory | begin x");
    assert_filter("sh inv | e x", CLI_FILTER_EXCLUDE, "x",
                  "show inventory | exclude x");
    assert_filter("sh inv | sec x", CLI_FILTER_SECTION, "x",
                  "show inventory | section x");
    assert_filter("sh inv | sec inc x", CLI_FILTER_SECTION, "x",
                  "show inventory | section include x");
    assert_filter("sh inv | sec exc x", CLI_FILTER_NOT_SECTION, "x",
                  "show inventory | section exclude x");
    assert_filter("sh inv |c   x", CLI_FILTER_COUNT, "x",
                  "show inventory | count x");
}

static void
test_the_pattern_is_the_rest_of_the_line(void **state)
{
    (void)state;
    assert_filter("show inv | inc a | exclude  b  ", CLI_FILTER_INCLUDE,
                  "a | exclude  b  ",
                  "show inventory | include a | exclude  b  ");
    assert_filter("show inv | sec interface eth0", CLI_FILTER_SECTION,
                  "interface eth0", "show inventory | section interface eth0");
}

static void
test_values_before_a_bar_end_there(void **state)
{
    (void)state;
    assert_filter("show ip route 192.0.2.1 | inc x", CLI_FILTER_INCLUDE, "x",
                  "show ip route 192.0.2.1 | include x");
    assert_filter("show ip route | inc x", CLI_FILTER_INCLUDE, "x",
                  "show ip route | include x");
}

static void
test_only_what_shows_has_filters(void **state)
{
    (void)state;
    /* Under the bar. */
    assert_fails("clock set 10 | include x", CLI_INVALID, 13);
    assert_fails("show | include x", CLI_INVALID, 5);
    assert_fails("| include x", CLI_INVALID, 0);
    /* No blank before it: a word like any other. */
    assert_fails("show inventory| include x", CLI_INVALID, 14);
    cli_context_init(&t.context, &sample_config, 15);
    assert_fails("ip ssh time-out 60 | include x", CLI_INVALID, 19);
    assert_filter("do show inv | inc x", CLI_FILTER_INCLUDE, "x",
                  "show inventory | include x");
}

static void
test_a_filter_that_is_none(void **state)
{
    (void)state;
    assert_fails("show inventory | zzz x", CLI_INVALID, 17);
    assert_fails("show inventory |zzz x", CLI_INVALID, 16);
    assert_fails("show inventory |", CLI_INCOMPLETE, 0);
    assert_fails("show inventory | include", CLI_INCOMPLETE, 0);
    assert_fails("show inventory | include   ", CLI_INCOMPLETE, 0);
    assert_fails("show inventory | section include", CLI_INCOMPLETE, 0);
}

static void
test_who_may_not_see_it_has_no_filter(void **state)
{
    (void)state;
    cli_context_init(&t.context, sample_modes[0], 1);
    assert_fails("show running-config | include x", CLI_INVALID, 5);
}

static void
test_files_are_written_at_level_15(void **state)
{
    (void)state;
    assert_filter("show inv | redirect flash:a", CLI_FILTER_REDIRECT, "flash:a",
                  "show inventory | redirect flash:a");
    assert_filter("show inv | app flash:a  ", CLI_FILTER_APPEND, "flash:a",
                  "show inventory | append flash:a");
    assert_filter("show inv |t a", CLI_FILTER_TEE, "a",
                  "show inventory | tee a");
    assert_fails("show inv | redirect a b", CLI_INVALID, 22);
    assert_fails("show inv | redirect", CLI_INCOMPLETE, 0);
    cli_context_init(&t.context, sample_modes[0], 14);
    assert_fails("show inv | redirect a", CLI_INVALID, 11);
    assert_fails("show inv | tee a", CLI_INVALID, 11);
}

static void
test_help_lists_the_filters(void **state)
{
    static const char filters[] =
        "  append    Append redirected output to URL (URLs supporting append "
        "operation\n"
        "            only)\n"
        "  begin     Begin with the line that matches\n"
        "  count     Count number of lines which match regexp\n"
        "  exclude   Exclude lines that match\n"
        "  include   Include lines that match\n"
        "  redirect  Redirect output to URL\n"
        "  section   Filter a section of output\n"
        "  tee       Copy output to URL\n"
        "\n";

    (void)state;
    assert_string_equal(typing_help(&t, "show inventory "),
                        "  |     Output modifiers\n"
                        "  <cr>\n"
                        "\n");
    assert_string_equal(typing_help(&t, "show inventory | "), filters);
    assert_string_equal(typing_help(&t, "show inventory |"), filters);
    assert_string_equal(typing_help(&t, "show inventory | i"), "include\n\n");
    assert_string_equal(typing_help(&t, "show inventory |i"), "include\n\n");
    assert_string_equal(typing_help(&t, "show inv | include "),
                        "  LINE  Regular Expression\n\n");
    assert_string_equal(typing_help(&t, "show inv | include x "), "  <cr>\n\n");
    assert_string_equal(typing_help(&t, "show inv | section "),
                        "  LINE     Regular Expression\n"
                        "  exclude  Exclude entire section(s) of output\n"
                        "  include  Include entire section(s) of output\n"
                        "\n");
    assert_string_equal(typing_help(&t, "show inv | x"),
                        "% Unrecognized command\n");
    assert_string_equal(typing_help(&t, "clock set 1 | "),
                        "% Unrecognized command\n");
}

static void
test_json_is_there_where_a_row_has_it(void **state)
{
    struct cli_match match;

    (void)state;
    assert_int_equal(
        cli_parse(t.language, &t.context, "sh ip ssh |j", &match), CLI_OK);
    assert_int_equal(match.filter, CLI_FILTER_JSON);
    assert_null(match.filter_pattern);
    assert_string_equal(buf_text(&match.text), "show ip ssh | json");
    assert_string_equal(buf_text(&match.masked), "show ip ssh | json");
    cli_match_clear(&match);
    assert_filter("sh ip ssh | i json", CLI_FILTER_INCLUDE, "json",
                  "show ip ssh | include json");
    assert_fails("show ip ssh | json x", CLI_INVALID, 19);
    assert_fails("show inventory | json", CLI_INVALID, 17);
    assert_string_equal(typing_help(&t, "show ip ssh | j"), "json\n\n");
    assert_string_equal(typing_help(&t, "show ip ssh | json "), "  <cr>\n\n");
    assert_string_equal(typing_help(&t, "show inv | j"),
                        "% Unrecognized command\n");
    assert_string_equal(typing_tab(&t, "show ip ssh | j"),
                        "show ip ssh | json ");
    assert_string_equal(typing_tab(&t, "show inv | j"), "");
}

static void
test_tab_completes_a_filter(void **state)
{
    (void)state;
    assert_string_equal(typing_tab(&t, "show inv | inc"),
                        "show inv | include ");
    assert_string_equal(typing_tab(&t, "show inv |b"), "show inv |begin ");
    assert_string_equal(typing_tab(&t, "show inv | sec e"),
                        "show inv | sec exclude ");
    assert_string_equal(typing_tab(&t, "show inv | x"), "");
    assert_string_equal(typing_tab(&t, "show inv |"), "");
    assert_string_equal(typing_tab(&t, "show inv | "), "");
    assert_string_equal(typing_tab(&t, "show inv | inc abc"), "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_filter_may_be_short, begin, end),
        cmocka_unit_test_setup_teardown(
            test_the_pattern_is_the_rest_of_the_line, begin, end),
        cmocka_unit_test_setup_teardown(test_values_before_a_bar_end_there,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_only_what_shows_has_filters, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_filter_that_is_none, begin, end),
        cmocka_unit_test_setup_teardown(test_who_may_not_see_it_has_no_filter,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_files_are_written_at_level_15,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_help_lists_the_filters, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_json_is_there_where_a_row_has_it,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_tab_completes_a_filter, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
