/*
 * Laws of line con 0: its login, and what comes after an EXEC.
 */
#include "stage.h"

#define HEAD "<reply 1><terminal 24x80 600s>"
#define WAIT                                                                 \
    "<terminal 24x80 600s history 0><terminal 24x80 600s>\n\n\nRouter con0 " \
    "is now "                                                                \
    "available\n\n\n\n\n\nPress RETURN to get started."                      \
    "\n\n\n\n<ask secret>"
#define USER "<ask line 30s>Username: "
#define ASKS "\n\nUser Access Verification\n\n" USER

static const char *
open_console(const char *config)
{
    struct msg_shell m = {.pty = true};

    stage_configure(config);
    stage_use_console();
    assert_true(shell_open(&stage.sessions[0], &m));
    return stage_heard();
}

static void
test_without_login_the_console_begins_at_once(void **state)
{
    (void)state;
    assert_string_equal(open_console(""), HEAD "\n\n<Router>>");
    assert_types("enable", "<Router#>");
    stage_type("configure terminal");
    stage_type("end");
    assert_string_equal(stage_log(), "%SYS-5-CONFIG_I: Configured from "
                                     "console by console\n");
}

static void
test_login_local_asks_and_gives_the_users_privilege(void **state)
{
    (void)state;
    assert_string_equal(
        open_console("username ops privilege 15 password 0 x\n"
                     "banner motd #Watched#\nbanner exec #Hello#\n"
                     "line con 0\n login local\n"),
        HEAD "\nWatched\n" ASKS);
    assert_false(shell_is_started(&stage.sessions[0]));
    assert_answers("", USER);
    assert_answers("ops", "<ask secret 30s>Password: ");
    assert_answers("x", "");
    assert_string_equal(stage.judge.user, "ops");
    assert_string_equal(stage.judge.given, "x");
    stage_verdict(true);
    assert_heard("\nHello\n\n<Router#>");
    assert_true(shell_is_started(&stage.sessions[0]));
    stage_type("configure terminal");
    stage_type("end");
    assert_string_equal(stage_log(), "%SYS-5-CONFIG_I: Configured from "
                                     "console by ops on console\n");
}

static void
test_three_invalid_logins_give_the_line_back(void **state)
{
    (void)state;
    open_console("line con 0\n login local\n");
    for (int i = 0; i < 2; i++) {
        stage_answer("ops");
        stage_answer("wrong");
        stage_verdict(false);
        assert_heard("% Login invalid\n\n" USER);
    }
    stage_answer("ops");
    stage_answer("wrong");
    stage_verdict(false);
    assert_heard("% Login invalid\n\n" WAIT);
    assert_answers("", ASKS);
}

static void
test_a_login_not_answered_in_time_gives_the_line_back(void **state)
{
    (void)state;
    open_console("line con 0\n login local\n");
    assert_string_equal(stage_time_out(),
                        "% Username:  timeout expired!\n" WAIT);
    stage_answer("");
    stage_answer("ops");
    assert_string_equal(stage_time_out(),
                        "% Password:  timeout expired!\n" WAIT);
}

#define LINE_LOGIN(more) "line con 0\n password cisco\n login\n" more
#define LINE_ASKS        "\n\nUser Access Verification\n\n" LINE_PASSWORD
#define LINE_PASSWORD    "<ask secret 30s>Password: "

static void
test_login_asks_for_the_lines_own_password(void **state)
{
    (void)state;
    assert_string_equal(open_console(LINE_LOGIN(" privilege level 7\n")),
                        HEAD LINE_ASKS);
    assert_answers("wrong", "");
    assert_int_equal(stage.judge.last.kind, JUDGE_PASSWORD);
    assert_int_equal(stage.judge.last.type, 0);
    assert_string_equal(stage.judge.stored, "cisco");
    assert_string_equal(stage.judge.given, "wrong");
    stage_verdict(false);
    assert_heard(LINE_PASSWORD);
    stage_answer("cisco");
    stage_verdict(true);
    assert_heard("\n\n<Router#>");
    assert_types("show privilege", "Current privilege level is 7\n<Router#>");
}

static void
test_three_bad_passwords_give_the_line_back(void **state)
{
    (void)state;
    open_console(LINE_LOGIN(""));
    for (int i = 0; i < 2; i++) {
        stage_answer("wrong");
        stage_verdict(false);
        assert_heard(LINE_PASSWORD);
    }
    stage_answer("wrong");
    stage_verdict(false);
    assert_heard("% Bad passwords\n" WAIT);
    assert_answers("", LINE_ASKS);
}

static void
test_a_login_without_a_password_lets_nobody_in(void **state)
{
    (void)state;
    assert_string_equal(open_console("line con 0\n login\n"),
                        HEAD "\n\nPassword required, but none set\n" WAIT);
    stage_configure(LINE_LOGIN(""));
    stage_answer("");
    /* Taken away while it is typed. */
    stage_configure("line con 0\n no password\n");
    assert_answers("cisco", WAIT);
}

static void
test_how_long_an_answer_may_take_is_the_lines(void **state)
{
    (void)state;
    assert_string_equal(
        open_console(LINE_LOGIN(" timeout login response 0\n")),
        HEAD "\n\nUser Access Verification\n\n<ask secret>Password: ");
}

static void
test_without_exec_return_is_silent(void **state)
{
    (void)state;
    assert_string_equal(open_console("line con 0\n no exec\n"),
                        HEAD "<ask secret>");
    assert_answers("", "<ask secret>");
    stage_configure("line con 0\n exec\n");
    assert_answers("", "\n\n<Router>>");
}

static void
test_a_users_privilege_counts_more_than_the_lines(void **state)
{
    (void)state;
    open_console("username ops privilege 5 password 0 x\n"
                 "username any password 0 x\n"
                 "line con 0\n privilege level 9\n login local\n");
    stage_answer("ops");
    stage_answer("x");
    stage_verdict(true);
    stage_heard();
    assert_types("show privilege", "Current privilege level is 5\n<Router#>");
    stage_type("exit");
    stage_answer("");
    stage_answer("any");
    stage_answer("x");
    stage_verdict(true);
    stage_heard();
    assert_types("show privilege", "Current privilege level is 9\n<Router#>");
}

static void
test_an_accepted_user_who_was_removed_meanwhile_stays_out(void **state)
{
    (void)state;
    open_console("username ops password 0 x\nline con 0\n login local\n");
    stage_answer("ops");
    stage_answer("x");
    stage_configure("no username ops\n");
    stage_verdict(true);
    assert_heard("% Login invalid\n\n" USER);
}

static void
test_exit_waits_for_return_and_begins_anew(void **state)
{
    (void)state;
    open_console("");
    stage_type("terminal length 5");
    stage_type("enable");
    assert_types("exit", WAIT);
    assert_answers("", "\n\n<Router>>");
    assert_types("show privilege", "Current privilege level is 1\n<Router>>");
    stage_type("enable");
    stage_type("configure terminal");
    assert_types("do exit", WAIT);
    assert_true(strstr(stage_log(), "CONFIG_I") != NULL);
}

static void
test_exec_timeout_gives_the_line_back(void **state)
{
    struct msg_line line = {.text = span_text("show users"), .end = LINE_ENTER};

    (void)state;
    open_console("");
    assert_true(shell_on_idle(&stage.sessions[0], 0));
    assert_string_equal(stage_log(),
                        "%SYS-6-TTY_EXPIRE_TIMER: (exec timer expired, tty 0 "
                        "(0.0.0.0)), user \n"
                        "%SYS-6-LOGOUT: User  has exited tty session 0()\n");
    assert_heard(WAIT);
    assert_null(stage.disconnect);
    /* A line that crossed it is neither carried out nor a lie. */
    assert_true(shell_on_line(&stage.sessions[0], &line));
    assert_heard("");
    /* Waiting for RETURN never expires. */
    assert_true(shell_on_idle(&stage.sessions[0], 0));
    assert_heard("");
}

static void
test_the_end_of_a_script_ends_the_console(void **state)
{
    (void)state;
    open_console("");
    assert_true(shell_on_input_end(&stage.sessions[0], 0));
    assert_heard("<exit 0>");
}

static void
test_a_script_that_ends_behind_exit_ends_the_console(void **state)
{
    (void)state;
    open_console("line con 0\n login local\n");
    /* The worker answers every question with nothing from now on. */
    assert_answers(NULL, WAIT);
    assert_answers(NULL, "\n\n\nRouter con0 is now available\n\n\n\n\n\n"
                         "Press RETURN to get started.\n\n\n\n<ask secret>");
    assert_answers(NULL, "<exit 0>");
}

static void
test_an_attached_owner_needs_no_login_and_has_privilege_15(void **state)
{
    struct msg_shell m = {.pty = true};

    (void)state;
    stage_configure("line con 0\n login local\n");
    stage_use_console();
    stage.sessions[0].attached = true;
    assert_true(shell_open(&stage.sessions[0], &m));
    assert_heard(HEAD "\n\n<Router#>");
    assert_types("exit", "<exit 0>");
}

static void
test_clearing_the_console_ends_its_exec(void **state)
{
    (void)state;
    open_console("");
    stage_type("enable");
    stage_type("configure terminal");
    shells_clear_console(&stage.sessions[0]);
    assert_heard(WAIT);
    assert_true(strstr(stage_log(), "CONFIG_I") != NULL);
    assert_false(shell_is_started(&stage.sessions[0]));
}

/* --- aaa new-model ------------------------------------------------------ */

#define AAA_LOGIN                              \
    "username ops privilege 15 password 0 x\n" \
    "aaa new-model\naaa authentication login default local\n"

static void
log_in_by_aaa(const char *more)
{
    stage_configure(AAA_LOGIN);
    assert_string_equal(open_console(more), HEAD ASKS);
    stage_answer("ops");
    stage_answer("x");
    stage_verdict(true);
}

static void
test_by_a_list_everybody_begins_at_the_lines_level(void **state)
{
    (void)state;
    log_in_by_aaa("aaa authorization exec default local\n");
    assert_heard("\n\n<Router>>");
    assert_string_equal(stage.sessions[0].user, "ops");
}

static void
test_the_console_is_authorized_when_that_is_asked_for(void **state)
{
    (void)state;
    log_in_by_aaa("aaa authorization exec default local\n"
                  "aaa authorization console\n");
    assert_heard("\n\n<Router#>");
    assert_types("exit", WAIT);
    stage_configure("aaa authorization exec default none\n");
    stage_answer("");
    stage_answer("ops");
    stage_answer("x");
    stage_verdict(true);
    assert_heard("\n\n<Router>>");
}

static void
test_a_failed_login_by_a_list_says_so(void **state)
{
    (void)state;
    open_console(AAA_LOGIN "aaa authentication attempts login 2\n"
                           "aaa authentication username-prompt \"Who? \"\n");
    stage_answer("ops");
    stage_answer("wrong");
    stage_verdict(false);
    assert_heard("% Authentication failed\n\n<ask line 30s>Who? ");
    stage_answer("ops");
    assert_string_equal(stage_time_out(),
                        "% Password:  timeout expired!\n" WAIT);
}

static void
test_a_list_of_passwords_asks_for_no_name(void **state)
{
    (void)state;
    assert_string_equal(
        open_console("aaa new-model\naaa authentication login default line\n"
                     "line con 0\n password cisco\n"),
        HEAD LINE_ASKS);
    stage_answer("cisco");
    assert_string_equal(stage.judge.stored, "cisco");
    stage_verdict(true);
    assert_heard("\n\n<Router>>");
}

static void
test_who_was_let_in_and_may_not_stay_is_told(void **state)
{
    (void)state;
    stage_configure("aaa new-model\naaa authorization console\n"
                    "aaa authorization exec default if-authenticated\n");
    assert_string_equal(open_console(""),
                        HEAD "% Authorization failed.\n" WAIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_by_a_list_everybody_begins_at_the_lines_level),
        STAGE_TEST(test_the_console_is_authorized_when_that_is_asked_for),
        STAGE_TEST(test_a_failed_login_by_a_list_says_so),
        STAGE_TEST(test_a_list_of_passwords_asks_for_no_name),
        STAGE_TEST(test_who_was_let_in_and_may_not_stay_is_told),
        STAGE_TEST(test_without_login_the_console_begins_at_once),
        STAGE_TEST(test_login_local_asks_and_gives_the_users_privilege),
        STAGE_TEST(test_three_invalid_logins_give_the_line_back),
        STAGE_TEST(test_a_login_not_answered_in_time_gives_the_line_back),
        STAGE_TEST(test_login_asks_for_the_lines_own_password),
        STAGE_TEST(test_three_bad_passwords_give_the_line_back),
        STAGE_TEST(test_a_login_without_a_password_lets_nobody_in),
        STAGE_TEST(test_how_long_an_answer_may_take_is_the_lines),
        STAGE_TEST(test_without_exec_return_is_silent),
        STAGE_TEST(test_a_users_privilege_counts_more_than_the_lines),
        STAGE_TEST(test_an_accepted_user_who_was_removed_meanwhile_stays_out),
        STAGE_TEST(test_exit_waits_for_return_and_begins_anew),
        STAGE_TEST(test_exec_timeout_gives_the_line_back),
        STAGE_TEST(test_the_end_of_a_script_ends_the_console),
        STAGE_TEST(test_a_script_that_ends_behind_exit_ends_the_console),
        STAGE_TEST(test_an_attached_owner_needs_no_login_and_has_privilege_15),
        STAGE_TEST(test_clearing_the_console_ends_its_exec),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
