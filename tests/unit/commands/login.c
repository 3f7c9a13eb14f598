/*
 * Laws of the watch over logins, as it is configured, logged and shown.
 */
#include "stage.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <regex.h>

#include "base/text.h"
#include "control/guard.h"

#define AT "at [0-9:]{8} UTC [A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]+ [0-9]{4}"

static int
begin(void **state)
{
    int result = stage_begin(state);

    stage.now_ms = 1000;
    guard_start(&stage.router);
    stage.sessions[0].local_port = 22;
    return result;
}

static int
end(void **state)
{
    guard_stop(&stage.router);
    return stage_end(state);
}

static void
fail_as(const char *user)
{
    guard_failed(&stage.sessions[0], span_text(user));
}

static struct net_address
peer(const char *text)
{
    struct net_address a = {.len = sizeof(struct sockaddr_in)};
    struct sockaddr_in *in = (void *)&a.storage;

    in->sin_family = AF_INET;
    assert_int_equal(inet_pton(AF_INET, text, &in->sin_addr), 1);
    return a;
}

static bool
refuses(const char *text)
{
    const struct net_address a = peer(text);

    return guard_refuses(&stage.router, &a);
}

static void
assert_matches(const char *text, const char *pattern)
{
    regex_t regex;

    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&regex, text, 0, NULL, 0) != 0)
        fail_msg("%s\n  does not match\n%s", text, pattern);
    regfree(&regex);
}

static void
test_settings_are_written_as_they_were_typed(void **state)
{
    static const char text[] = "login block-for 60 attempts 3 within 30\n"
                               "login delay 2\n"
                               "login quiet-mode access-class 10\n"
                               "login on-failure log\n"
                               "login on-success log every 5\n";

    (void)state;
    stage_configure(text);
    assert_non_null(strstr(stage_running_config(), text));
    stage_configure("login on-failure every 7\nlogin on-success\n");
    assert_non_null(strstr(stage_running_config(),
                           "login on-failure log every 7\n"
                           "login on-success log\n"));
    stage_configure("no login block-for\nno login delay\n"
                    "no login quiet-mode access-class\n"
                    "no login on-failure\nno login on-success\n");
    assert_null(strstr(stage_running_config(), "\nlogin "));
}

static void
test_nothing_is_logged_unless_it_is_asked_for(void **state)
{
    (void)state;
    fail_as("lab");
    guard_succeeded(&stage.sessions[0]);
    assert_string_equal(stage_log(), "");
    assert_int_equal(guard_delay_s(&stage.router.config), 0);
}

static void
test_failures_and_successes_are_logged_in_the_words_of_ios(void **state)
{
    (void)state;
    stage_configure("login on-failure log\nlogin on-success log\n");
    fail_as("\x1b[2Jx");
    assert_matches(stage_log(),
                   "^%SEC_LOGIN-4-LOGIN_FAILED: Login failed \\[user: "
                   "\\\\x1b\\[2Jx\\] \\[Source: 192.0.2.1\\] \\[localport: "
                   "22\\] \\[Reason: Login Authentication Failed\\] " AT "\n$");
    guard_succeeded(&stage.sessions[0]);
    assert_matches(stage_log(),
                   "^%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success \\[user: "
                   "lab\\] \\[Source: 192.0.2.1\\] \\[localport: 22\\] " AT
                   "\n$");
    stage_configure("login on-failure log every 3\n");
    fail_as("a");
    assert_string_equal(stage_log(), "");
    fail_as("a");
    assert_matches(stage_log(), "LOGIN_FAILED");
}

static void
test_too_many_failures_turn_sources_away(void **state)
{
    struct session *other = stage_second_user();

    (void)state;
    stage_configure("access-list 10 permit 192.0.2.9\n"
                    "login block-for 1 attempts 2 within 30\n"
                    "login quiet-mode access-class 10\n");
    /* He is about to log in: from a source that is not permitted. */
    other->state = SESSION_LOGIN;
    other->peer = peer("192.0.2.2");
    fail_as("a");
    assert_false(refuses("192.0.2.1"));
    stage.now_ms += 10000;
    fail_as("b");
    assert_matches(stage_log(),
                   "^%SEC_LOGIN-1-QUIET_MODE_ON: Still timeleft for watching "
                   "failures is 20 seconds, \\[user: b\\] \\[Source: "
                   "192.0.2.1\\] \\[localport: 22\\] \\[Reason: Login "
                   "Authentication Failed\\] \\[ACL: 10\\] " AT "\n$");
    assert_true(refuses("192.0.2.1"));
    assert_false(refuses("192.0.2.9"));
    assert_ptr_equal(stage.disconnected, other);
    /* The block ends by itself. */
    while (refuses("192.0.2.1"))
        uv_run(&stage.router.loop, UV_RUN_ONCE);
    assert_matches(stage_log(),
                   "^%SEC_LOGIN-5-QUIET_MODE_OFF: Quiet Mode is OFF, because "
                   "block period timed out " AT "\n$");
}

static void
test_the_list_may_have_a_name(void **state)
{
    (void)state;
    stage_configure("ip access-list standard Admins\n permit 192.0.2.9\n"
                    "login block-for 60 attempts 1 within 30\n"
                    "login quiet-mode access-class Admins\n");
    fail_as("a");
    assert_non_null(strstr(stage_log(), "[ACL: Admins]"));
    assert_true(refuses("192.0.2.1"));
    assert_false(refuses("192.0.2.9"));
    stage_open_enabled();
    assert_non_null(strstr(stage_type("show login"),
                           "     Quiet-Mode access list Admins is applied.\n"));
    assert_non_null(
        strstr(stage_type("show login"),
               "Restricted logins filtered by applied ACL Admins."));
    stage_configure("no ip access-list standard Admins\n");
    assert_false(refuses("192.0.2.1"));
}

static void
test_failures_of_another_window_do_not_count(void **state)
{
    (void)state;
    stage_configure("login block-for 60 attempts 2 within 30\n");
    fail_as("a");
    stage.now_ms += 30000;
    fail_as("a");
    assert_false(refuses("192.0.2.1"));
    fail_as("a");
    assert_true(refuses("192.0.2.1"));
    stage_configure("no login block-for\n");
    assert_false(refuses("192.0.2.1"));
}

#define WATCH_HEAD                                                      \
    "     Router enabled to watch for login Attacks.\n"                 \
    "     If more than 3 login failures occur in 30 seconds or less,\n" \
    "     logins will be disabled for 60 seconds.\n\n"

static void
test_show_login_tells_state_and_settings(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("show login",
                 "     No login delay has been applied.\n"
                 "     No Quiet-Mode access list has been configured.\n\n"
                 "     Router NOT enabled to watch for login Attacks\n\n"
                 "<Router#>");
    stage_configure("login block-for 60 attempts 3 within 30\n");
    assert_types(
        "show login",
        "     A default login delay of 1 second is applied.\n"
        "     No Quiet-Mode access list has been configured.\n\n" WATCH_HEAD
        "     Router presently in Normal-Mode.\n"
        "     Current Watch Window\n"
        "         Time remaining: 30 seconds.\n"
        "         Login failures for current window: 0.\n"
        "     Total login failures: 0.\n\n<Router#>");
    stage_configure("login delay 1\nlogin on-failure log\n");
    for (int i = 0; i < 3; i++)
        fail_as("a");
    stage.now_ms += 13000;
    assert_types("show login",
                 "     A login delay of 1 seconds is applied.\n"
                 "     No Quiet-Mode access list has been configured.\n"
                 "     All failed login is logged.\n\n" WATCH_HEAD
                 "     Router presently in Quiet-Mode.\n"
                 "     Will remain in Quiet-Mode for 47 seconds.\n"
                 "     Denying logins from all sources.\n\n<Router#>");
}

static void
test_failures_are_counted_by_name_and_source(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("show login failures",
                 "*** No logged failed login attempts with the device.***\n"
                 "<Router#>");
    fail_as("try1");
    fail_as("try1");
    fail_as("try2");
    assert_matches(
        stage_type("show login failures"),
        "^Total failed logins: 3\n"
        "Detailed information about last 50 failures\n\n"
        "Username        SourceIPAddr    lPort Count TimeStamp\n"
        "try1            192.0.2.1       22    2     [0-9:]{8} UTC [^\n]*\n"
        "try2            192.0.2.1       22    1     [0-9:]{8} UTC [^\n]*\n"
        "<Router#>$");
}

static void
test_no_more_than_fifty_names_are_kept(void **state)
{
    char name[16];

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "name%u", i);
        fail_as(name);
    }
    assert_string_equal(guard_failure(&stage.router, 0)->user, "name950");
    assert_string_equal(guard_failure(&stage.router, 49)->user, "name999");
    assert_null(guard_failure(&stage.router, 50));
}

int
main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_settings_are_written_as_they_were_typed),
        TEST(test_nothing_is_logged_unless_it_is_asked_for),
        TEST(test_failures_and_successes_are_logged_in_the_words_of_ios),
        TEST(test_too_many_failures_turn_sources_away),
        TEST(test_the_list_may_have_a_name),
        TEST(test_failures_of_another_window_do_not_count),
        TEST(test_show_login_tells_state_and_settings),
        TEST(test_failures_are_counted_by_name_and_source),
        TEST(test_no_more_than_fifty_names_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
