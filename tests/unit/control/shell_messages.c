/*
 * Laws of what a worker may say for its user, and when.
 */
#include "stage.h"

static void
test_a_line_while_a_command_runs_is_a_lie(void **state)
{
    struct msg_line line = {.text = span_text("show users"), .end = LINE_ENTER};
    struct msg_line_help help = {.text = span_text("sh")};
    struct msg_line_complete complete = {.text = span_text("sh"), .cursor = 2};

    (void)state;
    stage_configure("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n");
    stage_open();
    stage_type("enable");
    assert_false(shell_on_line(&stage.sessions[0], &line));
    assert_false(shell_on_help(&stage.sessions[0], &help));
    assert_false(shell_on_complete(&stage.sessions[0], &complete));
    assert_false(shell_on_input_end(&stage.sessions[0], 0));
    assert_heard("");
}

/* The mark stands below what the user sees of a line that was scrolled. */
static void
test_the_mark_is_where_the_user_sees_the_fault(void **state)
{
    struct msg_line line = {.text = span_text("show users x y z nonsense"),
                            .end = LINE_ENTER,
                            .scrolled = 10};

    (void)state;
    stage_open();
    assert_true(shell_on_line(&stage.sessions[0], &line));
    assert_heard("        ^\n% Invalid input detected at '^' marker.\n\n"
                 "<Router>>");
    line.scrolled = 20;
    assert_true(shell_on_line(&stage.sessions[0], &line));
    assert_heard("       ^\n% Invalid input detected at '^' marker.\n\n"
                 "<Router>>");
}

static void
test_an_answer_without_a_question_is_a_lie(void **state)
{
    struct msg_answer m = {.given = true, .text = span_text("y")};

    (void)state;
    stage_open();
    assert_false(shell_on_answer(&stage.sessions[0], &m));
    assert_heard("");
}

static void
test_words_for_a_channel_without_shell_are_lies(void **state)
{
    struct msg_line line = {.text = span_text("exit"), .end = LINE_ENTER};
    struct msg_line_help help = {.text = span_text("")};
    struct msg_line_complete complete = {.text = span_text("")};
    struct msg_answer answer = {.given = true};

    (void)state;
    assert_false(shell_on_line(&stage.sessions[0], &line));
    assert_false(shell_on_help(&stage.sessions[0], &help));
    assert_false(shell_on_complete(&stage.sessions[0], &complete));
    assert_false(shell_on_answer(&stage.sessions[0], &answer));
    assert_false(shell_on_input_end(&stage.sessions[0], 0));
}

static void
test_what_crosses_our_word_is_ignored(void **state)
{
    struct msg_window window = {.columns = 80, .rows = 24};
    struct msg_line line = {.text = span_text("show users"), .end = LINE_ENTER};
    struct msg_detached detached = {.channel = 3, .reason = DETACH_ENDED};

    (void)state;
    assert_true(shell_on_interrupt(&stage.sessions[0], 3));
    assert_true(shell_on_window(&stage.sessions[0], &window));
    assert_true(shell_on_activity(&stage.sessions[0], 3));
    assert_true(shell_on_idle(&stage.sessions[0], 3));
    assert_true(shell_on_detached(&stage.sessions[0], &detached));
    shell_end(&stage.sessions[0], 3);
    stage_open();
    assert_true(shell_on_idle(&stage.sessions[0], 0));
    stage_heard();
    assert_true(shell_on_line(&stage.sessions[0], &line));
    assert_true(shell_on_idle(&stage.sessions[0], 0));
    assert_true(shell_on_interrupt(&stage.sessions[0], 0));
    assert_heard("");
}

static void
test_a_line_with_nul_is_a_lie(void **state)
{
    struct msg_line m = {.text = {(const uint8_t *)"exit\0x", 6},
                         .end = LINE_ENTER};

    (void)state;
    stage_open();
    assert_false(shell_on_line(&stage.sessions[0], &m));
}

static void
test_a_line_with_an_end_that_no_key_has_is_a_lie(void **state)
{
    struct msg_line line = {.text = span_text("show users"), .end = 4};

    (void)state;
    stage_open();
    assert_false(shell_on_line(&stage.sessions[0], &line));
    line.end = 0;
    assert_false(shell_on_line(&stage.sessions[0], &line));
    assert_heard("");
}

static void
test_a_line_beyond_254_characters_is_cut(void **state)
{
    char line[400];

    (void)state;
    stage_open_configuring();
    memset(line, ' ', sizeof(line));
    memcpy(line, "hostname R2", 11);
    memcpy(line + 300, "nonsense", 9);
    assert_types(line, "<R2(config)#>");
}

static void
test_help_is_for_the_mode_and_privilege(void **state)
{
    struct msg_line_help m = {.text = span_text("ip ssh time-out ")};

    (void)state;
    stage_open_configuring();
    assert_true(shell_on_help(&stage.sessions[0], &m));
    assert_heard("<help>  <1-120>  SSH time-out interval (secs)\n\n");
    stage_type("end");
    stage_type("disable");
    m.text = span_text("relo");
    assert_true(shell_on_help(&stage.sessions[0], &m));
    assert_heard("<help>% Unrecognized command\n");
}

static void
test_completion_keeps_what_stands_behind_the_cursor(void **state)
{
    struct msg_line_complete m = {.text = span_text("sho priv"), .cursor = 3};

    (void)state;
    stage_open();
    assert_true(shell_on_complete(&stage.sessions[0], &m));
    assert_heard("<completed 5>show  priv");
    m.cursor = 8;
    assert_true(shell_on_complete(&stage.sessions[0], &m));
    assert_heard("<completed 14>sho privilege ");
    m.text = span_text("nonsense");
    assert_true(shell_on_complete(&stage.sessions[0], &m));
    assert_heard("<completed 8>nonsense");
    m.cursor = 9;
    assert_false(shell_on_complete(&stage.sessions[0], &m));
}

static void
test_the_end_of_input_ends_the_exec(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_true(shell_on_input_end(&stage.sessions[0], 0));
    assert_heard("<exit 0>");
    assert_true(strstr(stage_log(), "CONFIG_I") != NULL);
}

static void
test_an_interrupt_that_crosses_a_question_leaves_it_open(void **state)
{
    struct msg_answer nothing = {.given = false};

    (void)state;
    stage_open_enabled();
    stage_type("erase startup-config");
    stage_heard();
    assert_true(shell_on_interrupt(&stage.sessions[0], 0));
    assert_heard("");
    /* The worker's own word for it comes behind, and is no lie. */
    assert_true(shell_on_answer(&stage.sessions[0], &nothing));
    assert_heard("<Router#>");
    assert_false(stage.erasing);
    assert_false(shell_on_answer(&stage.sessions[0], &nothing));
}

static void
test_a_window_change_counts_until_the_length_is_fixed(void **state)
{
    struct msg_window m = {.columns = 100, .rows = 40};

    (void)state;
    stage_open();
    assert_true(shell_on_window(&stage.sessions[0], &m));
    assert_heard("");
    assert_types("terminal width 0", "<terminal 40x0! 600s><Router>>");
    m.rows = 10;
    assert_true(shell_on_window(&stage.sessions[0], &m));
    assert_types("terminal length 0", "<terminal 0!x0! 600s><Router>>");
    assert_types("terminal no length", "<terminal 24!x0! 600s><Router>>");
}

static void
test_keys_count_as_activity(void **state)
{
    (void)state;
    stage_open();
    stage.now_ms = 5000;
    assert_true(shell_on_activity(&stage.sessions[0], 0));
    assert_int_equal(stage.sessions[0].active_ms, 5000);
    stage.now_ms = 7000;
    stage_type("");
    assert_int_equal(stage.sessions[0].active_ms, 7000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_a_line_while_a_command_runs_is_a_lie),
        STAGE_TEST(test_the_mark_is_where_the_user_sees_the_fault),
        STAGE_TEST(test_an_answer_without_a_question_is_a_lie),
        STAGE_TEST(test_words_for_a_channel_without_shell_are_lies),
        STAGE_TEST(test_what_crosses_our_word_is_ignored),
        STAGE_TEST(test_a_line_with_nul_is_a_lie),
        STAGE_TEST(test_a_line_with_an_end_that_no_key_has_is_a_lie),
        STAGE_TEST(test_a_line_beyond_254_characters_is_cut),
        STAGE_TEST(test_help_is_for_the_mode_and_privilege),
        STAGE_TEST(test_completion_keeps_what_stands_behind_the_cursor),
        STAGE_TEST(test_the_end_of_input_ends_the_exec),
        STAGE_TEST(test_an_interrupt_that_crosses_a_question_leaves_it_open),
        STAGE_TEST(test_a_window_change_counts_until_the_length_is_fixed),
        STAGE_TEST(test_keys_count_as_activity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
