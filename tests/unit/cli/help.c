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
test_each_choice_is_a_line_padded_to_the_widest(void **state)
{
    (void)state;
    assert_string_equal(
        typing_help(&t, "ip ssh "),
        "  authentication-retries  Specify number of authentication retries\n"
        "  pubkey-chain            pubkey-chain\n"
        "  server                  SSH server options\n"
        "  source-interface        Specify interface for source address in "
        "SSH\n"
        "                          connections\n"
        "  time-out                Specify SSH time-out interval\n"
        "  version                 Specify protocol version to be supported\n"
        "\n");
}

static void
test_a_word_begun_lists_the_words_that_begin_so(void **state)
{
    (void)state;
    assert_string_equal(typing_help(&t, "e"), "end   exit\n\n");
    assert_string_equal(typing_help(&t, "ip ssh s"),
                        "server            source-interface\n\n");
    assert_string_equal(typing_help(&t, "ip ssh time-out 1"), "<1-120>\n\n");
}

static void
test_the_end_of_a_command_is_listed_last(void **state)
{
    (void)state;
    assert_string_equal(typing_help(&t, "username lab "),
                        "  password   Specify the password for the user\n"
                        "  privilege  Set user privilege level\n"
                        "  secret     Specify the secret for the user\n"
                        "  <cr>\n"
                        "\n");
    assert_string_equal(typing_help(&t, "hostname R1 "), "  <cr>\n\n");
}

static void
test_values_are_shown_by_their_kind(void **state)
{
    (void)state;
    typing_lines(&t, "access-list A");
    assert_string_equal(typing_help(&t, "entry "), "  <1-99>       Its place\n"
                                                   "  <1300-1999>  Its place\n"
                                                   "\n");
    assert_string_equal(typing_help(&t, "entry 1 permit "),
                        "  A.B.C.D  Address to match\n"
                        "  any      Any source host\n"
                        "  host     A single host address\n"
                        "\n");
    assert_string_equal(typing_help(&t, "username lab secret "),
                        "  0     Specifies an UNENCRYPTED secret will follow\n"
                        "  5     Specifies a HIDDEN MD5 secret will follow\n"
                        "  8     Specifies a HIDDEN PBKDF2 secret will follow\n"
                        "  9     Specifies a HIDDEN SCRYPT secret will follow\n"
                        "  LINE  The UNENCRYPTED (cleartext) user secret\n"
                        "\n");
}

static void
test_an_empty_line_shows_all_below_the_heading(void **state)
{
    (void)state;
    cli_context_init(&t.context, &sample_exec, 1);
    assert_string_equal(typing_help(&t, ""),
                        "Exec commands:\n"
                        "  show  Show running system information\n"
                        "\n");
}

static void
test_no_offers_settings_only(void **state)
{
    const char *help = typing_help(&t, "no ");

    (void)state;
    assert_non_null(strstr(help, "\n  hostname "));
    assert_null(strstr(help, " exit"));
    assert_null(strstr(help, " do "));
    assert_string_equal(typing_help(&t, "no hostname "),
                        "  WORD  This system's network name\n"
                        "  <cr>\n"
                        "\n");
}

static void
test_do_offers_exec_commands(void **state)
{
    (void)state;
    assert_string_equal(typing_help(&t, "do show ip "),
                        "  route  IP routing table\n"
                        "  ssh    Information on SSH\n"
                        "\n");
}

static void
test_choices_already_made_are_not_offered(void **state)
{
    (void)state;
    assert_string_equal(typing_help(&t, "ip ssh server encryption aes1"),
                        "aes128-ctr  aes192-ctr\n\n");
    assert_string_equal(
        typing_help(&t, "ip ssh server encryption aes128-ctr aes1"),
        "aes192-ctr\n\n");
}

static void
test_what_does_not_exist_is_unrecognized(void **state)
{
    (void)state;
    assert_string_equal(typing_help(&t, "zzz "), "% Unrecognized command\n");
    assert_string_equal(typing_help(&t, "zzz"), "% Unrecognized command\n");
    assert_string_equal(typing_help(&t, "hostname a b "),
                        "% Unrecognized command\n");
    assert_string_equal(typing_help(&t, "e "),
                        "% Ambiguous command:  \"e \"\n");
}

static void
test_hidden_rows_are_not_offered(void **state)
{
    (void)state;
    assert_null(strstr(typing_help(&t, "ip ssh t"), "timeout"));
    assert_string_equal(typing_help(&t, "line c"), "console\n\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_each_choice_is_a_line_padded_to_the_widest, begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_word_begun_lists_the_words_that_begin_so, begin, end),
        cmocka_unit_test_setup_teardown(
            test_the_end_of_a_command_is_listed_last, begin, end),
        cmocka_unit_test_setup_teardown(test_values_are_shown_by_their_kind,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_an_empty_line_shows_all_below_the_heading, begin, end),
        cmocka_unit_test_setup_teardown(test_no_offers_settings_only, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_do_offers_exec_commands, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_choices_already_made_are_not_offered, begin, end),
        cmocka_unit_test_setup_teardown(
            test_what_does_not_exist_is_unrecognized, begin, end),
        cmocka_unit_test_setup_teardown(test_hidden_rows_are_not_offered, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
