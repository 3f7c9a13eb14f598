/*
 * Laws of exec requests: lines one after the other, and the exit status.
 */
#include "stage.h"

#define BEGIN "<reply 1><terminal 0x80 600s>"

static void
test_a_command_prints_its_output_and_exits_0(void **state)
{
    (void)state;
    assert_string_equal(stage_exec("show privilege"),
                        BEGIN "Current privilege level is 1\n<exit 0>");
}

static void
test_lines_are_commands_and_semicolons_are_not(void **state)
{
    (void)state;
    assert_string_equal(stage_exec("show privilege\r\n\nshow privilege\n"),
                        BEGIN "Current privilege level is 1\n"
                              "Current privilege level is 1\n<exit 0>");
    shell_end(&stage.sessions[0], 0);
    assert_string_equal(stage_exec("show privilege; show privilege"),
                        BEGIN "              ^\n"
                              "% Invalid input detected at '^' marker.\n\n"
                              "<exit 1>");
}

static void
test_one_error_makes_the_status_1_and_the_rest_runs(void **state)
{
    (void)state;
    assert_string_equal(stage_exec("show\nshow privilege"),
                        BEGIN "% Incomplete command.\n\n"
                              "Current privilege level is 1\n<exit 1>");
}

static void
test_an_empty_request_exits_0(void **state)
{
    (void)state;
    assert_string_equal(stage_exec(""), BEGIN "<exit 0>");
}

static void
test_commands_run_at_the_users_privilege(void **state)
{
    (void)state;
    assert_string_equal(stage_exec("show running-config"),
                        BEGIN "      ^\n"
                              "% Invalid input detected at '^' marker.\n\n"
                              "<exit 1>");
}

static void
test_control_bytes_nul_and_long_lines_are_refused(void **state)
{
    struct msg_exec m = {.command = {(const uint8_t *)"show\0x", 6}};
    char line[300];

    (void)state;
    assert_true(shell_exec(&stage.sessions[0], &m));
    assert_heard(BEGIN "% Invalid input\n<exit 1>");
    shell_end(&stage.sessions[0], 0);
    assert_string_equal(stage_exec("show\033[2J\nshow privilege"),
                        BEGIN "% Invalid input\n"
                              "Current privilege level is 1\n<exit 1>");
    shell_end(&stage.sessions[0], 0);
    memset(line, ' ', 255);
    memcpy(line, "show privilege", 14);
    line[255] = '\0';
    assert_string_equal(stage_exec(line), BEGIN "% Invalid input\n<exit 1>");
    shell_end(&stage.sessions[0], 0);
    line[254] = '\0';
    assert_string_equal(stage_exec(line),
                        BEGIN "Current privilege level is 1\n<exit 0>");
}

static void
test_exit_leaves_the_rest_undone(void **state)
{
    (void)state;
    assert_string_equal(stage_exec("exit\nshow privilege"), BEGIN "<exit 0>");
}

static void
test_questions_wait_for_answers(void **state)
{
    (void)state;
    stage_configure("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n");
    assert_string_equal(stage_exec("enable\nshow privilege"),
                        BEGIN "<ask secret 30s>Password: ");
    assert_answers("cisco", "");
    stage_verdict(true);
    assert_heard("Current privilege level is 15\n<exit 0>");
}

static void
test_no_answer_is_the_end_of_input(void **state)
{
    (void)state;
    stage_configure("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n");
    stage_exec("enable\nshow privilege");
    assert_answers(NULL, "% Bad secrets\n\n"
                         "Current privilege level is 1\n<exit 1>");
}

static void
test_the_mode_is_kept_from_line_to_line(void **state)
{
    (void)state;
    stage.sessions[0].privilege = 15;
    stage_exec("configure terminal\nhostname R5\nend");
    assert_string_equal(stage.router.config.hostname, "R5");
    assert_true(strstr(stage_log(), "CONFIG_I") != NULL);
}

static void
test_a_script_waits_for_a_slow_reader(void **state)
{
    (void)state;
    stage.queued = 65 * 1024;
    assert_string_equal(stage_exec("show privilege\nshow privilege"), BEGIN);
    stage.queued = 0;
    shells_resume(&stage.sessions[0]);
    assert_heard("Current privilege level is 1\n"
                 "Current privilege level is 1\n<exit 0>");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_a_command_prints_its_output_and_exits_0),
        STAGE_TEST(test_lines_are_commands_and_semicolons_are_not),
        STAGE_TEST(test_one_error_makes_the_status_1_and_the_rest_runs),
        STAGE_TEST(test_an_empty_request_exits_0),
        STAGE_TEST(test_commands_run_at_the_users_privilege),
        STAGE_TEST(test_control_bytes_nul_and_long_lines_are_refused),
        STAGE_TEST(test_exit_leaves_the_rest_undone),
        STAGE_TEST(test_questions_wait_for_answers),
        STAGE_TEST(test_no_answer_is_the_end_of_input),
        STAGE_TEST(test_the_mode_is_kept_from_line_to_line),
        STAGE_TEST(test_a_script_waits_for_a_slow_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
