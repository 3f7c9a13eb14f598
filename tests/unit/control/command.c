/*
 * Laws of one command: its questions, its waiting, its end.
 */
#include "stage.h"

#include "control/command.h"

#define SECRET "enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n"

static void
test_a_question_shows_what_was_put_out_first(void **state)
{
    (void)state;
    stage_open_enabled();
    stage.router.config_changed = true;
    assert_types("reload",
                 "\n<ask line>System configuration has been modified. "
                 "Save? [yes/no]: ");
    assert_answers("maybe", "% Please answer 'yes' or 'no'.\n<ask line>System "
                            "configuration has been modified. Save? "
                            "[yes/no]: ");
    assert_answers("n", "<ask key>Proceed with reload? [confirm]");
    assert_answers("q", "<Router#>");
    assert_false(stage.ended);
}

static void
test_what_a_command_waits_for_is_withdrawn_with_the_session(void **state)
{
    (void)state;
    stage_configure(SECRET);
    stage_open();
    stage_type("enable");
    stage_answer("cisco");
    assert_non_null(stage.judge.verdict);
    shell_end(&stage.sessions[0], 0);
    assert_null(stage.judge.verdict);

    stage_open_enabled();
    stage_type("write memory");
    assert_non_null(stage.saved);
    shell_end(&stage.sessions[0], 0);
    assert_null(stage.saved);

    stage_open_configuring();
    stage_type("crypto key generate ed25519 label k");
    assert_non_null(stage.key_done);
    shells_end(&stage.sessions[0]);
    assert_null(stage.key_done);
}

static void
test_a_save_that_nobody_waited_for_leaves_the_change_marked(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("hostname R1");
    stage_type("end");
    stage_type("write memory");
    assert_false(stage.router.config_changed);
    shell_end(&stage.sessions[0], 0);
    assert_true(stage.router.config_changed);
    assert_int_equal(stage.router.saved.at, 0);
}

static void
test_a_question_open_at_the_end_gets_no_answer(void **state)
{
    (void)state;
    stage_open_enabled();
    stage_type("erase startup-config");
    shell_end(&stage.sessions[0], 0);
    assert_false(stage.erasing);
    assert_heard("");
}

static void
test_a_setting_marks_the_configuration_as_changed(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_false(stage.router.config_changed);
    stage_type("ip ssh time-out 121");
    stage_type("do show privilege");
    stage_type("exit");
    assert_false(stage.router.config_changed);
    stage_type("configure terminal");
    stage_type("ip ssh time-out 12");
    assert_true(stage.router.config_changed);
    assert_string_equal(stage.router.changed.user, "lab");
}

static void
test_lines_of_a_text_are_asked_for_one_by_one(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("banner motd #",
                 "Enter TEXT message.  End with the character '#'.\n"
                 "<ask text>");
    assert_answers("hello", "<ask text>");
    assert_answers("you#ignored", "<Router(config)#>");
    assert_string_equal(stage.router.config.banners.motd, "hello\nyou\n");
}

static void
test_a_text_given_up_changes_nothing(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("banner motd #");
    stage_answer("hello");
    assert_answers(NULL, "<Router(config)#>");
    assert_null(stage.router.config.banners.motd);
}

static void
test_a_text_without_end_is_refused_at_its_limit(void **state)
{
    char line[1001];
    const char *heard = "";

    (void)state;
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    stage_open_configuring();
    stage_type("banner motd #");
    for (int i = 0; i < 17 && strstr(heard, "longer") == NULL; i++)
        heard = stage_answer(line);
    assert_string_equal(
        heard, "% The text is longer than 16384 bytes\n<Router(config)#>");
    assert_null(stage.router.config.banners.motd);
}

static void
test_do_runs_exec_commands_and_stays(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("line vty 0 4");
    assert_types("do show privilege",
                 "Current privilege level is 15\n<Router(config-line)#>");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_a_question_shows_what_was_put_out_first),
        STAGE_TEST(test_what_a_command_waits_for_is_withdrawn_with_the_session),
        STAGE_TEST(test_a_save_that_nobody_waited_for_leaves_the_change_marked),
        STAGE_TEST(test_a_question_open_at_the_end_gets_no_answer),
        STAGE_TEST(test_a_setting_marks_the_configuration_as_changed),
        STAGE_TEST(test_lines_of_a_text_are_asked_for_one_by_one),
        STAGE_TEST(test_a_text_given_up_changes_nothing),
        STAGE_TEST(test_a_text_without_end_is_refused_at_its_limit),
        STAGE_TEST(test_do_runs_exec_commands_and_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
