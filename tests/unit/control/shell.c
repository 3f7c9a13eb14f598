/*
 * Laws of a shell's life: beginning, modes, leaving, ends from outside.
 */
#include "stage.h"

static void
test_an_exec_begins_with_reply_terminal_and_two_empty_lines(void **state)
{
    struct msg_shell m = {.pty = true, .columns = 132, .rows = 50};

    (void)state;
    assert_true(shell_open(&stage.sessions[0], &m));
    assert_heard("<reply 1><terminal 50x132 600s>\n\n<Router>>");
}

static void
test_a_window_of_zero_is_24_by_80(void **state)
{
    struct msg_shell m = {.pty = true};

    (void)state;
    assert_true(shell_open(&stage.sessions[0], &m));
    assert_heard("<reply 1><terminal 24x80 600s>\n\n<Router>>");
}

static void
test_without_a_pty_nothing_is_paged(void **state)
{
    struct msg_shell m = {.pty = false};

    (void)state;
    assert_true(shell_open(&stage.sessions[0], &m));
    assert_heard("<reply 1><terminal 0x80 600s>\n\n<Router>>");
}

static void
test_motd_comes_before_the_exec_banner(void **state)
{
    struct msg_shell m = {.pty = true};

    (void)state;
    stage_configure("banner exec #Welcome to $(hostname)#\n"
                    "banner motd #\nAll\nare watched\n#\n");
    assert_true(shell_open(&stage.sessions[0], &m));
    assert_heard("<reply 1><terminal 24x80 600s>"
                 "\nAll\nare watched\n\nWelcome to Router\n\n<Router>>");
}

static void
test_a_channel_has_one_shell_only(void **state)
{
    struct msg_shell m = {.pty = true};
    struct msg_exec exec = {.command = span_text("show privilege")};

    (void)state;
    stage_open();
    assert_false(shell_open(&stage.sessions[0], &m));
    assert_false(shell_exec(&stage.sessions[0], &exec));
    assert_heard("");
}

static void
test_there_are_as_many_shells_as_channels(void **state)
{
    struct msg_shell m = {.pty = true};

    (void)state;
    for (uint32_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        m.channel = i;
        assert_true(shell_open(&stage.sessions[0], &m));
    }
    m.channel = SSH_CHANNELS_MAX;
    assert_false(shell_open(&stage.sessions[0], &m));
}

static void
test_a_line_costs_one_or_two_messages(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("", "<Router#>");
    stage.messages = 0;
    assert_true(shell_on_line(
        &stage.sessions[0],
        &(struct msg_line){.text = span_text("show privilege"), .end = 1}));
    assert_int_equal(stage.messages, 2);
}

static void
test_modes_change_the_prompt_and_leaving_is_logged(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("configure terminal",
                 "Enter configuration commands, one per line.  "
                 "End with CNTL/Z.\n<Router(config)#>");
    assert_types("line vty 0 4", "<Router(config-line)#>");
    assert_types("hostname R1", "<R1(config)#>");
    assert_types("line con 0", "<R1(config-line)#>");
    assert_types("exit", "<R1(config)#>");
    assert_string_equal(stage_log(), "");
    assert_types("exit", "<R1#>");
    assert_string_equal(
        stage_log(), "%SYS-5-CONFIG_I: Configured from console by lab on vty0 "
                     "(192.0.2.1)\n");
}

static void
test_every_way_out_of_configuration_is_logged(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("end", "<Router#>");
    assert_true(strstr(stage_log(), "CONFIG_I") != NULL);
    stage_type("configure terminal");
    stage_type("line con 0");
    assert_string_equal(stage_type_with("", LINE_CTRL_Z), "<Router#>");
    assert_true(strstr(stage_log(), "CONFIG_I") != NULL);
    stage_type("configure terminal");
    assert_string_equal(stage_type_with("", LINE_CTRL_C), "<Router#>");
    assert_true(strstr(stage_log(), "CONFIG_I") != NULL);
    stage_type("configure terminal");
    assert_types("do disable", "<Router>>");
    assert_true(strstr(stage_log(), "CONFIG_I") != NULL);
    shell_end(&stage.sessions[0], 0);
    stage_open_configuring();
    assert_types("do exit", "<exit 0>");
    assert_true(strstr(stage_log(), "CONFIG_I") != NULL);
    shell_end(&stage.sessions[0], 0);
    assert_string_equal(stage_log(), "");
    stage_open_configuring();
    shell_end(&stage.sessions[0], 0);
    assert_true(strstr(stage_log(), "CONFIG_I") != NULL);
}

static void
test_ctrl_z_carries_the_line_out_first(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_string_equal(stage_type_with("hostname R9", LINE_CTRL_Z), "<R9#>");
    stage_type("configure terminal");
    assert_string_equal(stage_type_with("show ip ssh", LINE_CTRL_Z),
                        "            ^\n"
                        "% Invalid input detected at '^' marker.\n\n<R9#>");
}

static void
test_ctrl_c_at_exec_only_brings_the_prompt(void **state)
{
    (void)state;
    stage_open();
    assert_string_equal(stage_type_with("", LINE_CTRL_C), "<Router>>");
    assert_string_equal(stage_log(), "");
}

static void
test_the_prompt_name_is_cut_in_configuration_only(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("hostname ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                 "<ABCDEFGHIJKLMNOPQRST(config)#>");
    assert_types("end", "<ABCDEFGHIJKLMNOPQRSTUVWXYZ#>");
}

static void
test_the_caret_stands_under_the_echoed_word(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("ip ssh time-out 121",
                 "                               ^\n"
                 "% Invalid input detected at '^' marker.\n\n"
                 "<Router(config)#>");
}

static void
test_exit_logout_and_quit_end_with_status_0(void **state)
{
    static const char *const words[] = {"exit", "logout", "quit", "lo"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        stage_open();
        assert_types(words[i], "<exit 0>");
        shell_end(&stage.sessions[0], 0);
    }
}

static void
test_exec_timeout_ends_the_session(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_true(shell_on_idle(&stage.sessions[0], 0));
    assert_heard("<exit 0>");
    assert_string_equal(stage.disconnect, "exec timer expired");
    assert_string_equal(
        stage_log(),
        "%SYS-6-TTY_EXPIRE_TIMER: (exec timer expired, tty 1 (192.0.2.1)), "
        "user lab\n"
        "%SYS-5-CONFIG_I: Configured from console by lab on vty0 "
        "(192.0.2.1)\n");
}

static void
test_exec_timeout_leaves_the_other_channels(void **state)
{
    struct msg_shell m = {.channel = 7, .pty = true};

    (void)state;
    stage_open();
    assert_true(shell_open(&stage.sessions[0], &m));
    stage_heard();
    assert_true(shell_on_idle(&stage.sessions[0], 0));
    assert_heard("<exit 0>");
    assert_null(stage.disconnect);
}

static void
test_a_changed_exec_timeout_counts_from_the_next_prompt(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_type("line vty 0 4");
    assert_types("exec-timeout 1 30",
                 "<terminal 24x80 90s><Router(config-line)#>");
    assert_types("exec-timeout 0", "<terminal 24x80 0s><Router(config-line)#>");
    assert_types("no exec-timeout",
                 "<terminal 24x80 600s><Router(config-line)#>");
}

static void
test_two_users_see_what_each_typed(void **state)
{
    struct msg_shell open = {.pty = true};
    struct session *other = stage_second_user();
    struct msg_line line = {.end = LINE_ENTER};

    (void)state;
    stage_open_configuring();
    other->privilege = 15;
    assert_true(shell_open(other, &open));
    line.text = span_text("configure terminal");
    assert_true(shell_on_line(other, &line));
    line.text = span_text("hostname Two");
    assert_true(shell_on_line(other, &line));
    assert_types("ip domain name example.org", "<Two(config)#>");
    assert_string_equal(stage_running_config(),
                        "hostname Two\n!\nip domain name example.org\n!\n"
                        "line con 0\nline vty 0 4\n!\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_an_exec_begins_with_reply_terminal_and_two_empty_lines),
        STAGE_TEST(test_a_window_of_zero_is_24_by_80),
        STAGE_TEST(test_without_a_pty_nothing_is_paged),
        STAGE_TEST(test_motd_comes_before_the_exec_banner),
        STAGE_TEST(test_a_channel_has_one_shell_only),
        STAGE_TEST(test_there_are_as_many_shells_as_channels),
        STAGE_TEST(test_a_line_costs_one_or_two_messages),
        STAGE_TEST(test_modes_change_the_prompt_and_leaving_is_logged),
        STAGE_TEST(test_every_way_out_of_configuration_is_logged),
        STAGE_TEST(test_ctrl_z_carries_the_line_out_first),
        STAGE_TEST(test_ctrl_c_at_exec_only_brings_the_prompt),
        STAGE_TEST(test_the_prompt_name_is_cut_in_configuration_only),
        STAGE_TEST(test_the_caret_stands_under_the_echoed_word),
        STAGE_TEST(test_exit_logout_and_quit_end_with_status_0),
        STAGE_TEST(test_exec_timeout_ends_the_session),
        STAGE_TEST(test_exec_timeout_leaves_the_other_channels),
        STAGE_TEST(test_a_changed_exec_timeout_counts_from_the_next_prompt),
        STAGE_TEST(test_two_users_see_what_each_typed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
