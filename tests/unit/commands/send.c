/* Laws of `send`: who is told what, and what is not sent. */
#include "stage.h"

#define CONFIRM "<ask key>Send message? [confirm]"

static void
test_a_message_goes_to_one_line(void **state)
{
    struct session *other = stage_second_user();

    (void)state;
    other->line = 2;
    stage.sessions[0].line = 1;
    stage_open_enabled();
    stage_log();
    stage_type("send vty 1");
    stage_answer("Hello");
    assert_answers("\x1a"
                   "there",
                   CONFIRM);
    assert_answers("y", "<Router#>");
    assert_string_equal(stage_log(), "<session 1>\n\n***\n***\n*** Message "
                                     "from tty1 to tty2:\n***\nHello\nthere\n");
}

static void
test_all_terminals_are_told_the_own_one_as_well(void **state)
{
    const char *said;

    (void)state;
    (void)stage_second_user();
    stage_open_enabled();
    stage_log();
    stage_type("send *");
    stage_answer("\x1a\x1b[2J");
    stage_answer("");
    said = stage_log();
    assert_non_null(strstr(said, "<session 0>"));
    assert_non_null(strstr(said, "<session 1>"));
    assert_non_null(strstr(said, " to all terminals:\n***\n\\x1b[2J\n"));
}

static void
test_what_is_not_confirmed_is_not_sent(void **state)
{
    (void)state;
    (void)stage_second_user();
    stage_open_enabled();
    stage_log();
    stage_type("send *");
    stage_answer("\x1aNo");
    assert_answers("n", "<Router#>");
    stage_type("send *");
    assert_answers(NULL, "<Router#>");
    assert_string_equal(stage_log(), "");
}

static void
test_nobody_is_told_so(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("send vty 3", "% Nobody is on line 4\n<Router#>");
}

static void
test_the_log_has_a_severity(void **state)
{
    (void)state;
    stage.sessions[0].line = 1;
    stage_open_enabled();
    stage_log();
    stage_type("send log 4 to whom it may concern");
    stage_type("send log whatever");
    assert_string_equal(stage_log(),
                        "%SYS-4-USERLOG_WARNING: Message from tty1(user id: "
                        "lab): to whom it may concern\n"
                        "%SYS-7-USERLOG_DEBUG: Message from tty1(user id: "
                        "lab): whatever\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_a_message_goes_to_one_line),
        STAGE_TEST(test_all_terminals_are_told_the_own_one_as_well),
        STAGE_TEST(test_what_is_not_confirmed_is_not_sent),
        STAGE_TEST(test_nobody_is_told_so),
        STAGE_TEST(test_the_log_has_a_severity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
