/* Laws of `archive`, `log config`: what is kept of lines that took effect. */
#include "stage.h"

#include "control/config_log.h"
#include "control/journal.h"

#define ON   "archive\n log config\n  logging enable\n"
#define HEAD " idx   sess           user@line      Logged command\n"

static int
begin(void **state)
{
    int result = stage_begin(state);

    /* A configuration without a journal is only looked at. */
    stage.router.journal = (struct journal *)&stage;
    return result;
}

static int
end(void **state)
{
    config_log_free(&stage.router);
    stage.router.journal = NULL;
    return stage_end(state);
}

static const char *
shown(const char *which)
{
    static char line[128];

    snprintf(line, sizeof(line), "do show archive log config %s", which);
    return stage_type(line);
}

static void
test_lines_are_kept_with_their_authors(void **state)
{
    (void)state;
    stage_configure(ON);
    stage_open_configuring();
    stage_type("hostname R1");
    stage_type("line vty 0 4");
    stage_type("exec-timeout 5");
    stage_type("no exec-timeout");
    assert_string_equal(shown("all"), HEAD
                        "    1     1            lab@vty0     |hostname R1\n"
                        "    2     1            lab@vty0     |line vty 0 4\n"
                        "    3     1            lab@vty0     | exec-timeout 5\n"
                        "    4     1            lab@vty0     | no "
                        "exec-timeout\n"
                        "<R1(config-line)#>");
    assert_string_equal(shown("2 3"), HEAD
                        "    2     1            lab@vty0     |line vty 0 4\n"
                        "    3     1            lab@vty0     | exec-timeout 5\n"
                        "<R1(config-line)#>");
    assert_string_equal(shown("4 9"),
                        HEAD "    4     1            lab@vty0     | no "
                             "exec-timeout\n"
                             "<R1(config-line)#>");
    assert_string_equal(shown("user lab provisioning"), "hostname R1\n"
                                                        "line vty 0 4\n"
                                                        " exec-timeout 5\n"
                                                        " no exec-timeout\n"
                                                        "<R1(config-line)#>");
    assert_string_equal(shown("user la"), HEAD "<R1(config-line)#>");
}

static void
test_what_was_refused_is_not_kept(void **state)
{
    (void)state;
    stage_configure(ON);
    stage_open_configuring();
    stage_type("no such line");
    stage_type("hostname -");
    stage_type("do show clock");
    stage_type("exit");
    stage_type("configure terminal");
    assert_string_equal(shown("all"), HEAD "<Router(config)#>");
}

static void
test_each_stay_has_a_number_and_lines_stand_below_their_section(void **state)
{
    (void)state;
    stage_open_configuring();
    /* Before anything is kept. */
    stage_type("line vty 0 4");
    stage_type("archive");
    stage_type("log config");
    stage_type("logging enable");
    stage_type("end");
    stage_type("configure terminal");
    stage_type("hostname R1");
    assert_string_equal(
        shown("all"),
        HEAD "    1     1            lab@vty0     |  logging enable\n"
             "    2     2            lab@vty0     |hostname R1\n"
             "<R1(config)#>");
    assert_string_equal(shown("all provisioning"), "archive\n"
                                                   " log config\n"
                                                   "  logging enable\n"
                                                   "hostname R1\n"
                                                   "<R1(config)#>");
}

static void
test_the_line_that_ends_it_is_its_last(void **state)
{
    (void)state;
    stage_configure(ON);
    stage_open_configuring();
    stage_type("archive");
    stage_type("log config");
    stage_type("no logging enable");
    stage_type("hostname R1");
    assert_string_equal(
        shown("3"),
        HEAD "    3     1            lab@vty0     |  no logging enable\n"
             "<R1(config)#>");
    stage_type("archive");
    stage_type("log config");
    stage_type("logging enable");
    stage_type("no archive");
    assert_string_equal(
        shown("4 9"),
        HEAD "    4     1            lab@vty0     |  logging enable\n"
             "    5     1            lab@vty0     |no archive\n"
             "<R1(config)#>");
}

static void
test_secrets_are_masked_and_syslog_is_told(void **state)
{
    (void)state;
    stage_configure(ON "  notify syslog\n");
    stage_open_configuring();
    stage_log();
    stage_type("username u password 0 clear-text");
    stage_type("enable password alsoclear");
    assert_string_equal(
        stage_log(),
        "%PARSER-5-CFGLOG_LOGGEDCMD: User:lab  logged command:username u "
        "password 0 *****\n"
        "%PARSER-5-CFGLOG_LOGGEDCMD: User:lab  logged command:enable password "
        "*****\n");
    assert_null(strstr(shown("all"), "clear"));
    assert_non_null(strstr(stage_running_config(), "archive\n"
                                                   " log config\n"
                                                   "  logging enable\n"
                                                   "  notify syslog\n"));
}

static void
test_lines_can_be_typed_again(void **state)
{
    (void)state;
    stage_configure(ON);
    stage_open_configuring();
    stage_type("banner motd #");
    stage_answer("hello");
    stage_answer("there#");
    assert_non_null(strstr(shown("all"), "|banner motd #\n<"));
    assert_string_equal(shown("all provisioning"), "banner motd #\n"
                                                   "hello\n"
                                                   "there#\n"
                                                   "<Router(config)#>");
}

static void
test_only_the_newest_lines_are_kept(void **state)
{
    const char *text;

    (void)state;
    stage_configure(ON "  logging size 2\n");
    stage_open_configuring();
    for (int i = 1; i <= 5; i++) {
        char line[32];

        snprintf(line, sizeof(line), "hostname R%d", i);
        stage_type(line);
    }
    text = shown("all");
    assert_null(strstr(text, "hostname R3"));
    assert_non_null(strstr(text, "    4     1"));
    assert_non_null(strstr(text, "hostname R5"));
    stage_configure("archive\n log config\n  logging size 1\n");
    assert_null(strstr(shown("all"), "hostname R4"));
}

static void
test_a_console_without_a_name_is_called_after_its_line(void **state)
{
    (void)state;
    stage_configure(ON);
    stage_use_console();
    stage.sessions[0].user[0] = '\0';
    stage_open();
    stage_type("enable");
    stage_type("configure terminal");
    stage_type("hostname R1");
    assert_string_equal(shown("all"), HEAD
                        "    1     1        console@console  |hostname R1\n"
                        "<R1(config)#>");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_lines_are_kept_with_their_authors),
        TEST(test_what_was_refused_is_not_kept),
        TEST(test_each_stay_has_a_number_and_lines_stand_below_their_section),
        TEST(test_the_line_that_ends_it_is_its_last),
        TEST(test_secrets_are_masked_and_syslog_is_told),
        TEST(test_lines_can_be_typed_again),
        TEST(test_only_the_newest_lines_are_kept),
        TEST(test_a_console_without_a_name_is_called_after_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
