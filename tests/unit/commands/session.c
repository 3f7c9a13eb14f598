/*
 * Laws of enable, disable and of ending other people's sessions.
 */
#include "stage.h"

#define SECRET "enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n"
#define ASK    "<ask secret 30s>Password: "

static void
test_the_right_secret_gives_privilege_15(void **state)
{
    (void)state;
    stage_configure(SECRET);
    stage_open();
    assert_types("enable", ASK);
    assert_answers("cisco", "");
    assert_int_equal(stage.judge.last.kind, JUDGE_PASSWORD);
    assert_int_equal(stage.judge.last.type, 5);
    assert_string_equal(stage.judge.stored, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0");
    assert_string_equal(stage.judge.given, "cisco");
    stage_verdict(true);
    assert_heard("<Router#>");
    assert_types("show privilege", "Current privilege level is 15\n<Router#>");
    assert_types("enable", "<Router#>");
}

static void
test_three_wrong_secrets_are_bad_secrets(void **state)
{
    (void)state;
    stage_configure(SECRET);
    stage_open();
    stage_type("enable");
    for (int i = 0; i < 2; i++) {
        stage_answer("wrong");
        stage_verdict(false);
        assert_heard(ASK);
    }
    stage_answer("wrong");
    stage_verdict(false);
    assert_heard("% Bad secrets\n\n<Router>>");
}

static void
test_a_secret_not_typed_in_time_is_asked_for_again(void **state)
{
    (void)state;
    stage_configure(SECRET);
    stage_open();
    stage_type("enable");
    assert_string_equal(stage_time_out(),
                        "% Password:  timeout expired!\n" ASK);
    assert_string_equal(stage_time_out(),
                        "% Password:  timeout expired!\n" ASK);
    assert_string_equal(stage_time_out(), "% Password:  timeout expired!\n"
                                          "% Bad secrets\n\n<Router>>");
}

static void
test_a_secret_removed_meanwhile_lets_nobody_in(void **state)
{
    (void)state;
    stage_configure(SECRET);
    stage_open();
    stage_type("enable");
    stage_configure("no enable secret\n");
    assert_answers("cisco", "% Bad secrets\n\n<Router>>");
}

static void
test_without_a_secret_only_the_console_is_let_in(void **state)
{
    (void)state;
    stage_open();
    assert_types("enable", "% No password set\n<Router>>");
    shells_end(&stage.sessions[0]);
    stage_use_console();
    stage_open();
    assert_types("enable", "<Router#>");
}

static void
test_levels_go_down_freely_and_up_only_to_15(void **state)
{
    (void)state;
    stage_configure(SECRET);
    stage_open_enabled();
    assert_types("disable 7", "<Router#>");
    assert_types("show privilege", "Current privilege level is 7\n<Router#>");
    assert_types("enable 10", "% No password set\n<Router#>");
    assert_types("enable 15", ASK);
    stage_answer(NULL);
    assert_types("disable", "<Router>>");
    assert_types("disable 0", "<Router>>");
    assert_types("disable 3",
                 "% Privilege level can only be lowered\n<Router>>");
}

static void
test_disconnect_ssh_ends_the_connection_of_that_number(void **state)
{
    struct session *other = stage_second_user();

    (void)state;
    stage_open_enabled();
    assert_types("disconnect ssh 9", "%Invalid SSH session id\n<Router#>");
    assert_null(stage.disconnected);
    assert_types("disconnect ssh 1", "<Router#>");
    assert_ptr_equal(stage.disconnected, other);
    stage.disconnected = NULL;
    assert_types("disconnect ssh vty 1", "<Router#>");
    assert_ptr_equal(stage.disconnected, other);
}

static void
test_clear_line_takes_relative_and_absolute_numbers(void **state)
{
    struct session *other = stage_second_user();

    (void)state;
    stage_open_enabled();
    assert_types("clear line vty 1", "<ask key>[confirm]");
    assert_answers("n", "<Router#>");
    assert_null(stage.disconnected);
    stage_type("clear line vty 1");
    assert_answers("", " [OK]\n<Router#>");
    assert_ptr_equal(stage.disconnected, other);
    stage.disconnected = NULL;
    stage_type("clear line 2");
    assert_answers("y", " [OK]\n<Router#>");
    assert_ptr_equal(stage.disconnected, other);
    stage.disconnected = NULL;
    stage_type("clear line vty 4");
    assert_answers("y", " [OK]\n<Router#>");
    assert_null(stage.disconnected);
    assert_types("clear line 1",
                 "% Not allowed to clear current line\n<Router#>");
}

/* As if the number were out of range, for it is. */
static void
test_a_line_that_does_not_exist_is_marked(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("clear line vty 5",
                 "                      ^\n"
                 "% Invalid input detected at '^' marker.\n\n<Router#>");
    assert_types("cle li  6 ", "               ^\n"
                               "% Invalid input detected at '^' "
                               "marker.\n\n<Router#>");
    assert_types("show line vty 9",
                 "                     ^\n"
                 "% Invalid input detected at '^' marker.\n\n<Router#>");
    /* Its lines were removed under its user: he can still be sent away. */
    stage_configure("line vty 0 9\n");
    stage_type("clear line 8");
    stage_configure("no line vty 5\n");
    assert_answers("", "% Invalid input\n<Router#>");
    stage_second_user();
    stage.sessions[1].vty = 9;
    assert_types("clear line vty 9", "<ask key>[confirm]");
    assert_answers("", " [OK]\n<Router#>");
    assert_ptr_equal(stage.disconnected, &stage.sessions[1]);
}

static void
test_privileged_commands_do_not_exist_below(void **state)
{
    static const char *const lines[] = {
        "configure terminal", "write memory",         "reload",
        "clear line 1",       "copy running startup", "erase startup-config",
        "disconnect ssh 1",   "show running-config",
    };

    (void)state;
    stage_open();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_non_null(strstr(stage_type(lines[i]), "% Invalid input"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_the_right_secret_gives_privilege_15),
        STAGE_TEST(test_three_wrong_secrets_are_bad_secrets),
        STAGE_TEST(test_a_secret_not_typed_in_time_is_asked_for_again),
        STAGE_TEST(test_a_secret_removed_meanwhile_lets_nobody_in),
        STAGE_TEST(test_without_a_secret_only_the_console_is_let_in),
        STAGE_TEST(test_levels_go_down_freely_and_up_only_to_15),
        STAGE_TEST(test_disconnect_ssh_ends_the_connection_of_that_number),
        STAGE_TEST(test_clear_line_takes_relative_and_absolute_numbers),
        STAGE_TEST(test_a_line_that_does_not_exist_is_marked),
        STAGE_TEST(test_privileged_commands_do_not_exist_below),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
