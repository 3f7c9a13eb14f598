/*
 * Laws of what a line is told, and what it then does.
 */
#include "stage.h"

#include "base/text.h"
#include "config/vty.h"

#define LINE_PROMPT "<Router(config-line)#>"

static const char all[] = "line con 0\n"
                          " location Rack 4, left\n"
                          " session-timeout 5 output\n"
                          " access-class 5 out\n"
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
                          " escape-character 3\n"
                          " transport output none\n"
                          "line vty 0 4\n"
                          " session-timeout 7\n"
                          " access-class 3 in\n"
                          " access-class OUT out\n"
                          " ipv6 access-class V6 in\n"
                          " ipv6 access-class V6 out\n"
                          " password 7 02050D480809\n"
                          " login local\n"
                          " escape-character NONE\n"
                          " transport input ssh\n"
                          " transport output ssh\n"
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
                    " no session-timeout\n no escape-character\n"
                    " no access-class 5 out\n no transport output\n"
                    "line vty 0 4\n no password\n default login\n"
                    " default transport input\n no session-timeout\n"
                    " no access-class 3 in\n no access-class OUT out\n"
                    " no ipv6 access-class V6 in\n"
                    " no ipv6 access-class V6 out\n"
                    " default transport output\n escape-character 30\n");
    assert_string_equal(stage_running_config(),
                        "line con 0\nline vty 0 4\n!\n");
}

static void
test_the_ways_of_an_access_class_are_two(void **state)
{
    const struct config_line *line = config_vty_line(&stage.router.config, 0);

    (void)state;
    stage_configure("line vty 0 4\n access-class 3 in\n access-class OUT out\n"
                    " ipv6 access-class A in\n ipv6 access-class B out\n"
                    " no access-class 3 in\n no ipv6 access-class B out\n");
    assert_int_equal(line->access_in.kind, CONFIG_ACCESS_CLASS_NONE);
    assert_string_equal(line->access_out.name, "OUT");
    assert_string_equal(line->access_in.ipv6, "A");
    assert_null(line->access_out.ipv6);
}

static void
test_an_escape_character_is_typed_in_many_ways(void **state)
{
    static const struct {
        const char *typed;
        unsigned escape;
    } cases[] = {
        {"3", 3},     {"q", 'q'}, {"^]", 0x1d}, {"none", 0}, {"default", 30},
        {"126", 126}, {"0", 0},   {"^C", 3},    {"NONE", 0},
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(text, sizeof(text), "line con 0\n escape-character %s\n",
                 cases[i].typed);
        stage_configure(text);
        assert_int_equal(stage.router.config.console.escape, cases[i].escape);
    }
    stage_open_configuring();
    stage_type("line con 0");
    assert_types("escape-character 127",
                 "% That is no ASCII character\n" LINE_PROMPT);
    assert_types("escape-character abc",
                 "% That is no ASCII character\n" LINE_PROMPT);
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

#define LINE_HEAD                                                     \
    "   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   Noise " \
    " Overruns   Int\n"

static void
test_show_line_has_a_row_for_each(void **state)
{
    (void)state;
    stage_configure("line vty 1\n access-class 23 in\n"
                    "line vty 2\n access-class Inside in\n");
    open_shell(0, 0);
    stage.uses[1] = 12;
    assert_types(
        "show line", LINE_HEAD
        "      0 CTY              -    -      -    -    -      0       0     "
        "0/0       -\n"
        "*     1 VTY              -    -      -    -    -     12       0     "
        "0/0       -\n"
        "      2 VTY              -    -      -    -   23      0       0     "
        "0/0       -\n"
        "      3 VTY              -    -      -    - Insi      0       0     "
        "0/0       -\n"
        "      4 VTY              -    -      -    -    -      0       0     "
        "0/0       -\n"
        "      5 VTY              -    -      -    -    -      0       0     "
        "0/0       -\n\n<Router>>");
}

#define BLOCK_MIDDLE                                                      \
    "Special Chars: Escape  Hold  Stop  Start  Disconnect  Activation\n"  \
    "                ^^x    none   -     -       none         \n"         \
    "Timeouts:      Idle EXEC    Idle Session   Modem Answer  Session   " \
    "Dispatch\n"

static void
test_show_line_tells_all_about_one(void **state)
{
    (void)state;
    open_shell(100, 40);
    stage.sessions[0].begun_ms = 1000;
    stage.now_ms = 185000;
    assert_string_equal(
        stage_type("show line vty 0"), LINE_HEAD
        "*     1 VTY              -    -      -    -    -      0       0     "
        "0/0       -\n\n"
        "Line 1, Location: \"\", Type: \"\"\n"
        "Length: 40 lines, Width: 100 columns\n"
        "Status: Ready, Active, No Exit Banner\n"
        "Capabilities: none\n"
        "Modem state: Ready\n" BLOCK_MIDDLE
        "               00:10:00        never                        none   "
        "  not set\n"
        "                            Idle Session Disconnect Warning\n"
        "                              never \n"
        "                            Login-sequence User Response\n"
        "                             00:02:00\n"
        "                            Autoselect Initial Wait\n"
        "                              not set \n"
        "Modem type is unknown.\n"
        "Session limit is not set.\n"
        "Time since activation: 00:03:04\n"
        "Editing is enabled.\n"
        "History is enabled, history size is 20.\n"
        "Full user help is disabled\n"
        "Allowed input transports are ssh.\n"
        "Allowed output transports are ssh.\n"
        "Preferred transport is none.\n"
        "No output characters are padded\n"
        "No special data dispatching characters\n<Router>>");
}

static void
test_show_line_of_a_free_line_tells_what_it_would_be(void **state)
{
    const char *shown;

    (void)state;
    stage_configure("line con 0\n location Rack 4\n exec-timeout 0 0\n"
                    " absolute-timeout 90\n no history\n length 50\n"
                    " no exec\n");
    open_shell(0, 0);
    shown = stage_type("show line con 0");
    assert_non_null(strstr(shown, "      0 CTY "));
    assert_non_null(strstr(shown, "Line 0, Location: \"Rack 4\", Type: \"\"\n"
                                  "Length: 50 lines, Width: 80 columns\n"
                                  "Status: No Exit Banner\n"
                                  "Capabilities: EXEC Suppressed\n"
                                  "Modem state: Idle\n"));
    assert_non_null(strstr(shown, "               never           never        "
                                  "                01:30:00 not set\n"));
    assert_non_null(strstr(shown, "Time since activation: never\n"));
    assert_non_null(strstr(shown, "History is disabled, history size is 20."));
    assert_non_null(strstr(shown, "input transports are none."));
}

static void
test_show_terminal_is_ones_own_line(void **state)
{
    struct msg_shell m = {
        .pty = true, .columns = 132, .terminal = span_text("vt\x1b[1m")};
    const char *shown;

    (void)state;
    assert_true(shell_open(&stage.sessions[0], &m));
    stage_type("terminal length 0");
    shown = stage_type("show terminal");
    assert_true(strncmp(shown,
                        "Line 1, Location: \"\", Type: "
                        "\"vt\\x1b[1m\"\n"
                        "Length: 0 lines, Width: 132 columns\n",
                        40) == 0);
}

static void
test_show_users_all_lists_free_lines_too(void **state)
{
    (void)state;
    stage_configure("line con 0\n location Behind the second door on the left"
                    "\n");
    open_shell(0, 0);
    assert_types(
        "who all",
        "    Line       User       Host(s)              Idle       Location\n"
        "   0 con 0                                     00:00:00\n"
        "                                                        "
        "Behind the second door on the left\n"
        "*  1 vty 0     lab        idle                 00:00:00 192.0.2.1\n"
        "   2 vty 1                                     00:00:00\n"
        "   3 vty 2                                     00:00:00\n"
        "   4 vty 3                                     00:00:00\n"
        "   5 vty 4                                     00:00:00\n"
        "\n"
        "  Interface    User               Mode         Idle     Peer "
        "Address\n<Router>>");
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
        STAGE_TEST(test_the_ways_of_an_access_class_are_two),
        STAGE_TEST(test_an_escape_character_is_typed_in_many_ways),
        STAGE_TEST(test_login_without_a_password_is_told_for_each_line),
        STAGE_TEST(test_a_type_7_password_must_be_one),
        STAGE_TEST(test_the_screen_is_the_clients_unless_the_line_says_it),
        STAGE_TEST(test_a_line_without_history_keeps_none),
        STAGE_TEST(test_banners_can_be_kept_from_a_line),
        STAGE_TEST(test_show_line_has_a_row_for_each),
        STAGE_TEST(test_show_line_tells_all_about_one),
        STAGE_TEST(test_show_line_of_a_free_line_tells_what_it_would_be),
        STAGE_TEST(test_show_terminal_is_ones_own_line),
        STAGE_TEST(test_show_users_all_lists_free_lines_too),
        STAGE_TEST(
            test_where_no_exec_begins_requests_fail_and_the_line_is_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
