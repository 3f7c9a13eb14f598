#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "config/vty.h"
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

static struct buf reports;

static void
report(void *owner, unsigned line, const char *text)
{
    (void)owner;
    buf_printf(&reports, "%u: %s\n", line, text);
}

/* Load a text; what was reported. */
static const char *
load(const char *text, size_t length)
{
    buf_clear(&reports);
    buf_init(&reports, 1 << 16);
    cli_load(t.language, &t.config, span_of(text, length), report, NULL);
    return buf_text(&reports);
}

static const char *
load_text(const char *text)
{
    return load(text, strlen(text));
}

static void
test_lines_below_a_refused_section_belong_to_no_other(void **state)
{
    const struct config_vty *vty;

    (void)state;
    assert_string_equal(load_text("line vty 0 4\n"
                                  " exec-timeout 7\n"
                                  "line vty 9 5\n"
                                  " exec-timeout 1\n"),
                        "3: % Bad line range\n"
                        "4: % Invalid input detected at '^' marker.\n");
    vty = t.config.vtys.list.items[0];
    assert_int_equal(vty->line.exec_timeout_min, 7);
}

static void
report_problem(void *owner, const struct cli_problem *problem)
{
    (void)owner;
    buf_printf(&reports, "%u %s (%s)", problem->number, problem->line,
               problem->text);
    if (problem->marked)
        buf_printf(&reports, " %zu", problem->column);
    buf_printf(&reports, "\n");
}

static void
test_lines_in_turns_and_where_they_are_wrong(void **state)
{
    static const char text[] = "hostname R1\nip ssh time-out 999\n"
                               "banner motd ^C\nip\n^C\nip ssh\n"
                               "end\nhostname R2\n";
    struct cli_loading *loading;
    unsigned turns = 0;

    (void)state;
    buf_clear(&reports);
    buf_init(&reports, 1 << 16);
    loading = cli_load_begin(t.language, &t.config, span_text(text), NULL,
                             report_problem, NULL);
    while (cli_load_line(loading))
        turns++;
    assert_false(cli_load_line(loading));
    cli_load_end(loading);
    /* The banner's lines come in one turn. */
    assert_int_equal(turns, 6);
    assert_string_equal(t.config.hostname, "R1");
    assert_string_equal(
        buf_text(&reports),
        "2 ip ssh time-out 999 (% Invalid input detected at '^' marker.) 16\n"
        "6 ip ssh (% Incomplete command.)\n"
        "8 hostname R2 (% Line behind \"end\")\n");
}

static void
test_good_lines_are_applied_and_bad_ones_named(void **state)
{
    (void)state;
    assert_string_equal(load_text("hostname R1\n"
                                  "nonsense here\n"
                                  "ip ssh\n"
                                  "ip ssh s x\n"
                                  "hostname a_b\r\n"
                                  "ip ssh time-out 60"),
                        "2: % Invalid input detected at '^' marker.\n"
                        "3: % Incomplete command.\n"
                        "4: % Ambiguous command\n"
                        "5: % Hostname a_b contains one or more illegal "
                        "characters.\n");
    assert_string_equal(t.config.hostname, "R1");
    assert_int_equal(t.config.ssh.timeout, 60);
    buf_clear(&reports);
}

static void
test_sections_need_no_indentation(void **state)
{
    (void)state;
    assert_string_equal(load_text("line con 0\n"
                                  "exec-timeout 1 2\n"
                                  "line vty 0 4\n"
                                  "   transport input ssh\n"
                                  "hostname R2\n"
                                  "end\n"),
                        "");
    assert_int_equal(t.config.console.exec_timeout_min, 1);
    assert_int_equal(config_vty_line(&t.config, 4)->transport_input,
                     CONFIG_TRANSPORT_SSH);
    assert_string_equal(t.config.hostname, "R2");
    buf_clear(&reports);
}

static void
test_an_outdented_comment_closes_a_section(void **state)
{
    (void)state;
    assert_string_equal(load_text("ip ssh pubkey-chain\n"
                                  " ! about pipi\n"
                                  " username pipi\n"
                                  "!\n"
                                  "username lab\n"),
                        "");
    assert_non_null(config_key_user_find(&t.config, "pipi"));
    assert_non_null(config_user_find(&t.config, "lab"));
    buf_clear(&reports);
}

static void
test_lines_of_a_text_are_not_commands(void **state)
{
    (void)state;
    assert_string_equal(load_text("banner motd #\n"
                                  "hostname inside\n"
                                  "!\n"
                                  "# rest\n"
                                  "hostname R3\n"),
                        "");
    assert_string_equal(t.config.banners.motd, "\nhostname inside\n!\n");
    assert_string_equal(t.config.hostname, "R3");
    buf_clear(&reports);
}

/* As IOS itself keeps what it shows as ^C. */
static void
test_the_byte_etx_is_read_in_texts_only(void **state)
{
    (void)state;
    assert_string_equal(load_text("banner motd #\nhello\003\n#\n"
                                  "hostname a\003b\n"
                                  "hostname R3\n"),
                        "4: % Invalid input detected at '^' marker.\n");
    assert_string_equal(t.config.banners.motd, "\nhello^C\n");
    assert_string_equal(t.config.hostname, "R3");
    buf_clear(&reports);
}

static void
test_a_text_that_never_ends_is_reported_where_it_began(void **state)
{
    (void)state;
    assert_string_equal(load_text("hostname R1\nbanner motd #\nx\ny\n"),
                        "2: % Text is too long, not ended, or has bad "
                        "characters\n");
    assert_null(t.config.banners.motd);
    buf_clear(&reports);
}

static void
test_commands_are_not_carried_out(void **state)
{
    (void)state;
    assert_string_equal(load_text("do show ip ssh\nexit\nhostname R1\n"),
                        "1: % Command is not part of a configuration\n");
    assert_string_equal(t.config.hostname, "R1");
    buf_clear(&reports);
}

static void
test_nothing_comes_behind_end(void **state)
{
    (void)state;
    assert_string_equal(load_text("end\n\n!\nhostname R1\nnonsense\n"),
                        "4: % Line behind \"end\"\n"
                        "5: % Line behind \"end\"\n");
    assert_string_equal(t.config.hostname, "Router");
    buf_clear(&reports);
}

static void
test_bad_bytes_do_not_hide_what_follows(void **state)
{
    static const char text[] = "hostname R1\0hostname R2\nhostname R3\n";
    char long_line[CLI_LINE_MAX + 32];

    (void)state;
    assert_string_equal(load(text, sizeof(text) - 1),
                        "1: % Invalid input detected at '^' marker.\n");
    assert_string_equal(t.config.hostname, "R3");
    memset(long_line, 'x', sizeof(long_line));
    memcpy(long_line, "hostname ", 9);
    memcpy(long_line + sizeof(long_line) - 13, "\nhostname R4\n", 13);
    assert_string_equal(load(long_line, sizeof(long_line)),
                        "1: % Line is too long or holds bad characters\n");
    assert_string_equal(t.config.hostname, "R4");
    buf_clear(&reports);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_lines_below_a_refused_section_belong_to_no_other, begin, end),
        cmocka_unit_test_setup_teardown(
            test_lines_in_turns_and_where_they_are_wrong, begin, end),
        cmocka_unit_test_setup_teardown(
            test_good_lines_are_applied_and_bad_ones_named, begin, end),
        cmocka_unit_test_setup_teardown(test_sections_need_no_indentation,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_an_outdented_comment_closes_a_section, begin, end),
        cmocka_unit_test_setup_teardown(test_the_byte_etx_is_read_in_texts_only,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_lines_of_a_text_are_not_commands,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_text_that_never_ends_is_reported_where_it_began, begin, end),
        cmocka_unit_test_setup_teardown(test_commands_are_not_carried_out,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_nothing_comes_behind_end, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_bad_bytes_do_not_hide_what_follows,
                                        begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
