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

static enum cli_result
parse(const char *line, size_t *column)
{
    struct cli_match match;
    enum cli_result result = cli_parse(t.language, &t.context, line, &match);

    if (column != NULL)
        *column = match.column;
    cli_match_clear(&match);
    return result;
}

static void
assert_invalid_at(const char *line, size_t column)
{
    size_t at = 999;

    assert_int_equal(parse(line, &at), CLI_INVALID);
    assert_int_equal(at, column);
}

static void
test_keywords_may_be_shortened_in_any_case(void **state)
{
    (void)state;
    assert_string_equal(typing_full(&t, "IP Ss TIME 60"), "ip ssh time-out 60");
    assert_string_equal(typing_full(&t, "host R1"), "hostname R1");
    assert_string_equal(typing_full(&t, "  no  ip  ssh  auth"),
                        "no ip ssh authentication-retries");
}

static void
test_names_keep_their_case(void **state)
{
    (void)state;
    assert_string_equal(typing_full(&t, "HOSTNAME MyRouter"),
                        "hostname MyRouter");
}

static void
test_an_exact_word_wins_over_a_longer_one(void **state)
{
    cli_context_init(&t.context, &sample_exec, 15);
    (void)state;
    assert_string_equal(typing_full(&t, "show ip ssh"), "show ip ssh");
    assert_int_equal(parse("show i ssh", NULL), CLI_AMBIGUOUS);
}

static void
test_keywords_of_one_spelling_are_not_ambiguous(void **state)
{
    (void)state;
    /* Two rows begin with "clear" in EXEC, many with "ip" here. */
    assert_int_equal(parse("i s ti 5", NULL), CLI_OK);
}

static void
test_a_hidden_word_counts_only_where_no_other_begins_so(void **state)
{
    (void)state;
    assert_string_equal(typing_full(&t, "ip ssh time 5"), "ip ssh time-out 5");
    assert_string_equal(typing_full(&t, "ip ssh timeo 5"), "ip ssh timeout 5");
    assert_string_equal(typing_full(&t, "i s timeo 5"), "ip ssh timeout 5");
    assert_string_equal(typing_full(&t, "line co 0"), "line console 0");
    assert_string_equal(typing_full(&t, "line con 0"), "line con 0");
}

static void
test_a_word_that_matches_nothing_is_marked(void **state)
{
    (void)state;
    assert_invalid_at("xyz", 0);
    assert_invalid_at("ip  xyz", 4);
    assert_invalid_at("hostname a b", 11);
    assert_invalid_at("ip ssh time-out 121", 16);
    assert_invalid_at("ip ssh time-out 0", 16);
    assert_invalid_at("ip ssh time-out 5x", 16);
    assert_invalid_at("ip ssh version 1", 15);
}

static void
test_the_mark_is_under_the_first_byte_that_differs(void **state)
{
    (void)state;
    assert_invalid_at("ip sshx", 6);
    assert_invalid_at("hostnema x", 5);
}

static void
test_too_few_words_are_incomplete(void **state)
{
    (void)state;
    assert_int_equal(parse("ip", NULL), CLI_INCOMPLETE);
    assert_int_equal(parse("ip ssh time-out", NULL), CLI_INCOMPLETE);
    assert_int_equal(parse("no", NULL), CLI_INCOMPLETE);
    assert_int_equal(parse("do", NULL), CLI_INCOMPLETE);
    assert_int_equal(parse("no ip ssh", NULL), CLI_INCOMPLETE);
    assert_int_equal(parse("no username", NULL), CLI_INCOMPLETE);
}

static void
test_blanks_and_comments_are_nothing(void **state)
{
    (void)state;
    assert_int_equal(parse("", NULL), CLI_EMPTY);
    assert_int_equal(parse(" \t ", NULL), CLI_EMPTY);
    assert_int_equal(parse(" ! hostname x", NULL), CLI_EMPTY);
}

static void
test_control_bytes_are_invalid(void **state)
{
    (void)state;
    assert_invalid_at("hostname a\x1b", 10);
}

static void
test_privilege_too_low_is_a_command_that_does_not_exist(void **state)
{
    (void)state;
    cli_context_init(&t.context, &sample_exec, 1);
    assert_invalid_at("configure terminal", 0);
    assert_invalid_at("show running-config", 5);
    assert_int_equal(parse("show ip ssh", NULL), CLI_OK);
    /* Nor does it make another command ambiguous. */
    assert_string_equal(typing_full(&t, "show inv"), "show inventory");
    cli_context_init(&t.context, &sample_exec, 15);
    assert_int_equal(parse("configure terminal", NULL), CLI_OK);
}

static void
test_do_runs_an_exec_command_and_leads_nowhere(void **state)
{
    struct cli_match match;

    (void)state;
    typing_lines(&t, "line vty 0 4");
    assert_int_equal(cli_parse(t.language, &t.context, "do sh ip ss", &match),
                     CLI_OK);
    assert_true(match.by_do);
    assert_int_equal(match.row->kind, CLI_SHOW);
    assert_ptr_equal(match.mode, &sample_exec);
    assert_ptr_equal(match.after.mode, &sample_line);
    assert_true(span_is(buf_span(&match.text), "show ip ssh"));
    cli_match_clear(&match);
    assert_invalid_at("do hostname x", 3);
    assert_invalid_at("do do show ip ssh", 3);
}

static void
test_a_global_command_leaves_the_section(void **state)
{
    (void)state;
    typing_lines(&t, "line vty 0 4\nhostname R2");
    assert_ptr_equal(t.context.mode, &sample_config);
    assert_int_equal(t.context.depth, 0);
    /* The inner mode has a `username` of its own, for other lines. */
    typing_lines(&t, "ip ssh pubkey-chain\nusername bob privilege 3");
    assert_ptr_equal(t.context.mode, &sample_config);
    assert_non_null(config_user_find(&t.config, "bob"));
    typing_lines(&t, "ip ssh pubkey-chain\nusername bob");
    assert_ptr_equal(t.context.mode, &sample_chain_user);
}

static void
test_an_error_in_a_section_is_that_of_the_better_match(void **state)
{
    (void)state;
    typing_lines(&t, "line vty 0 4");
    assert_invalid_at("exec-timeout 99999999", 13);
    assert_invalid_at("ip ssh time-out 999", 16);
    assert_ptr_equal(t.context.mode, &sample_line);
}

static void
test_exit_leads_out_by_one_and_end_to_exec(void **state)
{
    (void)state;
    typing_lines(&t, "ip ssh pubkey-chain\nusername pipi");
    assert_int_equal(t.context.depth, 2);
    typing_lines(&t, "exit");
    assert_ptr_equal(t.context.mode, &sample_chain);
    assert_int_equal(t.context.depth, 1);
    typing_lines(&t, "exit");
    assert_ptr_equal(t.context.mode, &sample_config);
    typing_lines(&t, "line vty 0 4\nend");
    assert_ptr_equal(t.context.mode, &sample_exec);
    assert_int_equal(t.context.depth, 0);
}

static void
test_end_of_an_outer_mode_works_in_an_inner_one(void **state)
{
    (void)state;
    typing_lines(&t, "ip ssh pubkey-chain\nusername pipi\nend");
    assert_ptr_equal(t.context.mode, &sample_exec);
}

static void
test_words_in_any_order_come_once(void **state)
{
    (void)state;
    cli_context_init(&t.context, &sample_exec, 15);
    assert_string_equal(typing_full(&t, "cr k g r mod 2048 lab k1"),
                        "crypto key generate rsa modulus 2048 label k1");
    assert_int_equal(parse("crypto key generate rsa", NULL), CLI_OK);
    assert_invalid_at("crypto key generate rsa label a label b", 32);
    assert_invalid_at("crypto key generate rsa modulus 511", 32);
}

static void
test_a_repeated_choice_takes_no_word_twice(void **state)
{
    (void)state;
    assert_string_equal(typing_full(&t, "ip ssh server enc 3 aes2"),
                        "ip ssh server encryption 3des-cbc aes256-gcm");
    assert_invalid_at("ip ssh server encryption 3des-cbc 3des-cbc", 34);
    assert_int_equal(parse("ip ssh server encryption aes1", NULL),
                     CLI_AMBIGUOUS);
    assert_int_equal(parse("ip ssh server encryption", NULL), CLI_INCOMPLETE);
}

static void
test_a_line_too_long_is_invalid(void **state)
{
    char line[CLI_LINE_MAX + 10];

    (void)state;
    memset(line, 'a', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    assert_invalid_at(line, CLI_LINE_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_keywords_may_be_shortened_in_any_case, begin, end),
        cmocka_unit_test_setup_teardown(test_names_keep_their_case, begin, end),
        cmocka_unit_test_setup_teardown(
            test_an_exact_word_wins_over_a_longer_one, begin, end),
        cmocka_unit_test_setup_teardown(
            test_keywords_of_one_spelling_are_not_ambiguous, begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_hidden_word_counts_only_where_no_other_begins_so, begin,
            end),
        cmocka_unit_test_setup_teardown(
            test_a_word_that_matches_nothing_is_marked, begin, end),
        cmocka_unit_test_setup_teardown(
            test_the_mark_is_under_the_first_byte_that_differs, begin, end),
        cmocka_unit_test_setup_teardown(test_too_few_words_are_incomplete,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_blanks_and_comments_are_nothing,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_control_bytes_are_invalid, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_privilege_too_low_is_a_command_that_does_not_exist, begin,
            end),
        cmocka_unit_test_setup_teardown(
            test_do_runs_an_exec_command_and_leads_nowhere, begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_global_command_leaves_the_section, begin, end),
        cmocka_unit_test_setup_teardown(
            test_an_error_in_a_section_is_that_of_the_better_match, begin, end),
        cmocka_unit_test_setup_teardown(
            test_exit_leads_out_by_one_and_end_to_exec, begin, end),
        cmocka_unit_test_setup_teardown(
            test_end_of_an_outer_mode_works_in_an_inner_one, begin, end),
        cmocka_unit_test_setup_teardown(test_words_in_any_order_come_once,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_repeated_choice_takes_no_word_twice, begin, end),
        cmocka_unit_test_setup_teardown(test_a_line_too_long_is_invalid, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
