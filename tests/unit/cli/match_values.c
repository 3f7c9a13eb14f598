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

static void
assert_texts(const char *line, const char *text, const char *masked)
{
    struct cli_match match;

    assert_int_equal(cli_parse(t.language, &t.context, line, &match), CLI_OK);
    assert_string_equal(buf_text(&match.text), text);
    assert_string_equal(buf_text(&match.masked), masked);
    cli_match_clear(&match);
}

static void
test_a_line_is_told_in_full_words(void **state)
{
    (void)state;
    assert_texts("  NO  ip ss timeo", "no ip ssh timeout", "no ip ssh timeout");
    assert_texts("default hostn", "default hostname", "default hostname");
}

static void
test_numbers_and_addresses_are_told_in_their_shortest_form(void **state)
{
    (void)state;
    assert_texts("ip ssh time-out 0060", "ip ssh time-out 60",
                 "ip ssh time-out 60");
}

static void
test_secrets_are_masked(void **state)
{
    (void)state;
    assert_texts("username lab priv 5 secret 0 my  pass word",
                 "username lab privilege 5 secret 0 my  pass word",
                 "username lab privilege 5 secret 0 *****");
    assert_texts("username lab password x", "username lab password x",
                 "username lab password *****");
    cli_context_init(&t.context, &sample_exec, 15);
    assert_texts("login bob SECRETLESS a b", "login bob SECRETLESS a b",
                 "login bob SECRETLESS *****");
    cli_context_init(&t.context, &sample_config, 15);
    assert_texts("hostname scp://u:pw@h/a", "hostname scp://u:pw@h/a",
                 "hostname scp://u:*****@h/a");
}

static void
test_the_rest_of_a_line_is_one_value_with_its_blanks(void **state)
{
    (void)state;
    typing_lines(&t, "username a password   x  y ");
    assert_string_equal(config_user_find(&t.config, "a")->password.text,
                        "x  y ");
}

static void
test_a_word_of_digits_in_a_choice_is_no_password(void **state)
{
    struct cli_match match;

    (void)state;
    assert_int_equal(
        cli_parse(t.language, &t.context, "username a password 7", &match),
        CLI_INCOMPLETE);
    cli_match_clear(&match);
    typing_lines(&t, "username a password 70");
    assert_string_equal(config_user_find(&t.config, "a")->password.text, "70");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_line_is_told_in_full_words,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_numbers_and_addresses_are_told_in_their_shortest_form, begin,
            end),
        cmocka_unit_test_setup_teardown(test_secrets_are_masked, begin, end),
        cmocka_unit_test_setup_teardown(
            test_the_rest_of_a_line_is_one_value_with_its_blanks, begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_word_of_digits_in_a_choice_is_no_password, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
