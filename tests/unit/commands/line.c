/*
 * Laws of what a line is told, and what it then does.
 */
#include "stage.h"

#include "base/text.h"

#define LINE_PROMPT "<Router(config-line)#>"

static const char all[] = "line con 0\n"
                          " location Rack 4, left\n"
                          " absolute-timeout 60\n"
                          " exec-timeout 0 0\n"
                          " timeout login response 60\n"
                          " privilege level 15\n"
                          " password cisco\n"
                          " logging synchronous\n"
                          " login\n"
                          " no exec\n"
                          " no exec-banner\n"
                          " no motd-banner\n"
                          " no history\n"
                          " history size 100\n"
                          " width 132\n"
                          " length 0\n"
                          "line vty 0 4\n"
                          " password 7 02050D480809\n"
                          " login local\n"
                          " transport input ssh\n"
                          "!\n";

static void
test_everything_a_line_is_told_is_written_and_undone(void **state)
{
    (void)state;
    stage_configure(all);
    assert_string_equal(stage_running_config(), all);
    stage_configure("line con 0\n no location\n no absolute-timeout\n"
                    " no exec-timeout\n no timeout login response\n"
                    " no privilege level\n no password\n"
                    " no logging synchronous\n default login\n exec\n"
                    " exec-banner\n motd-banner\n history\n"
                    " no history size\n no width\n no length\n"
                    "line vty 0 4\n no password\n default login\n"
                    " default transport input\n");
    assert_string_equal(stage_running_config(),
                        "line con 0\nline vty 0 4\n!\n");
}

static void
test_login_without_a_password_is_told_for_each_line(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("line vty 2 3");
    assert_types("login",
                 "% Login disabled on line 3, until 'password' is set\n"
                 "% Login disabled on line 4, until "
                 "'password' is set\n" LINE_PROMPT);
    assert_types("password cisco", LINE_PROMPT);
    assert_types("login", LINE_PROMPT);
    assert_types("no login", LINE_PROMPT);
    stage_type("line con 0");
    assert_types("login", "% Login disabled on line 0, until 'password' is "
                          "set\n" LINE_PROMPT);
}

static void
test_a_type_7_password_must_be_one(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("line con 0");
    assert_types("password 7 xyz",
                 "Invalid encrypted password: xyz\n" LINE_PROMPT);
    assert_types("password 7 02050D480809", LINE_PROMPT);
    /* Of the type nothing is left. */
    assert_types("password cisco", LINE_PROMPT);
    assert_int_equal(stage.router.config.console.password_type,
                     CONFIG_PASSWORD_AS_TYPED);
}

static const char *
open_shell(uint32_t columns, uint32_t rows)
{
    struct msg_shell m = {.pty = true, .columns = columns, .rows = rows};

    assert_true(shell_open(&stage.sessions[0], &m));
    return stage_heard();
}

static void
test_the_screen_is_the_clients_unless_the_line_says_it(void **state)
{
    struct msg_window window = {.columns = 90, .rows = 50};

    (void)state;
    stage_configure("line vty 0 4\n length 0\n history size 7\n");
    assert_string_equal(open_shell(100, 40),
                        "<reply 1><terminal 0!x100 600s history 7>"
                        "\n\n<Router>>");
    assert_true(shell_on_window(&stage.sessions[0], &window));
    assert_types("terminal width 132",
                 "<terminal 0!x132! 600s history 7><Router>>");
}

static void
test_a_line_without_history_keeps_none(void **state)
{
    (void)state;
    stage_configure("line vty 0 4\n no history\n width 0\n");
    assert_string_equal(open_shell(100, 0),
                        "<reply 1><terminal 24x0! 600s history 0>"
                        "\n\n<Router>>");
}

static void
test_banners_can_be_kept_from_a_line(void **state)
{
    (void)state;
    stage_configure("banner motd #M#\nbanner exec #E#\n"
                    "line vty 0 4\n no motd-banner\n");
    assert_non_null(strstr(open_shell(0, 0), ">\nE\n\n<Router>>"));
    shells_end(&stage.sessions[0]);
    stage_configure("line vty 0 4\n motd-banner\n no exec-banner\n");
    assert_non_null(strstr(open_shell(0, 0), ">\n\n<Router>>"));
}

static void
test_where_no_exec_begins_requests_fail_and_the_line_is_freed(void **state)
{
    struct msg_exec exec = {.channel = 1, .command = span_text("show users")};

    (void)state;
    stage_configure("line vty 0 4\n no exec\n");
    assert_string_equal(open_shell(0, 0), "<reply 0>");
    assert_string_equal(stage.disconnect, "no exec on this line");
    assert_true(shell_exec(&stage.sessions[0], &exec));
    assert_heard("<reply 0>");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_everything_a_line_is_told_is_written_and_undone),
        STAGE_TEST(test_login_without_a_password_is_told_for_each_line),
        STAGE_TEST(test_a_type_7_password_must_be_one),
        STAGE_TEST(test_the_screen_is_the_clients_unless_the_line_says_it),
        STAGE_TEST(test_a_line_without_history_keeps_none),
        STAGE_TEST(test_banners_can_be_kept_from_a_line),
        STAGE_TEST(
            test_where_no_exec_begins_requests_fail_and_the_line_is_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
