#include "rig.h"

#include <fcntl.h>
#include <stdio.h>

static void
test_output_lines_end_in_cr_lf(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_output(&r, "one\ntwo\n");
    give_prompt(&r, "R1#");
    assert_seen(&r, "one\r\ntwo\r\nR1#");
    rig_clear(&r);
}

static void
test_a_prompt_begins_in_column_zero(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_output(&r, "no line end");
    give_prompt(&r, "R1#");
    assert_seen(&r, "no line end\r\nR1#");
    rig_clear(&r);
}

static void
test_pages_wait_for_keys(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 4, 80);
    give_prompt(&r, "R1#");
    type(&r, "show x\r");
    give_output(&r, "1\n2\n3\n4\n5\n6\n7\n8\n");
    give_prompt(&r, "R1#");
    assert_seen(&r, "R1#show x\r\n1\r\n2\r\n3\r\n" MORE);
    type(&r, "\r");
    assert_seen(&r, ERASED "4\r\n" MORE);
    type(&r, " ");
    assert_seen(&r, ERASED "5\r\n6\r\n7\r\n" MORE);
    type(&r, "\n");
    assert_seen(&r, ERASED "8\r\nR1#");
    assert_line(&r, "show x", LINE_ENTER);
    assert_silence(&r);
    rig_clear(&r);
}

static void
test_a_stopped_page_is_followed_by_the_prompt(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 3, 80);
    give_prompt(&r, "R1#");
    type(&r, "show x\r");
    give_output(&r, "1\n2\n3\n");
    give_output(&r, "4\n");
    give_prompt(&r, "R1#");
    /* Keys behind q are for the next line, the whole of Down is not. */
    type(&r, "qab");
    assert_seen(&r, "R1#show x\r\n1\r\n2\r\n" MORE ERASED "R1#ab");
    assert_line(&r, "show x", LINE_ENTER);
    /* The command was over: nobody is interrupted. */
    assert_silence(&r);
    type(&r, "\r");
    give_output(&r, "5\n6\n7\n");
    give_prompt(&r, "R1#");
    type(&r, "\033[B");
    assert_seen(&r, "\r\n5\r\n6\r\n" MORE ERASED "R1#");
    rig_clear(&r);
}

static void
test_stopping_a_page_stops_the_command(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 3, 80);
    give_prompt(&r, "R1#");
    type(&r, "stream\r");
    give_output(&r, "1\n2\n3\n4\n");
    type(&r, "q");
    assert_line(&r, "stream", LINE_ENTER);
    assert_message(&r, MSG_INTERRUPT);
    /* What it still prints is dropped up to the prompt. */
    give_output(&r, "5\n");
    give_prompt(&r, "R1#");
    assert_seen(&r, "R1#stream\r\n1\r\n2\r\n" MORE ERASED "R1#");
    rig_clear(&r);
}

static void
test_pages_are_counted_for_each_command(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 4, 80);
    give_prompt(&r, "R1#");
    for (int i = 0; i < 3; i++) {
        type(&r, "a\r");
        give_output(&r, "1\n2\n3\n");
        give_prompt(&r, "R1#");
    }
    assert_seen(&r, "R1#a\r\n1\r\n2\r\n3\r\nR1#a\r\n1\r\n2\r\n3\r\n"
                    "R1#a\r\n1\r\n2\r\n3\r\nR1#");
    rig_clear(&r);
}

static void
test_banners_are_not_paged(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 2, 80);
    give_output(&r, "1\n2\n3\n4\n");
    give_prompt(&r, "R1#");
    assert_seen(&r, "1\r\n2\r\n3\r\n4\r\nR1#");
    rig_clear(&r);
}

static void
test_length_zero_is_not_paged(void **state)
{
    struct rig r;
    char text[2001];

    (void)state;
    rig_init(&r);
    give_terminal(&r, 0, 0);
    give_prompt(&r, "R1#");
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        text[i] = '\n';
    text[2000] = '\0';
    give_output(&r, text);
    give_prompt(&r, "R1#");
    take_output(&r);
    assert_int_equal(buf_len(&r.seen), 3 + 4000 + 3);
    rig_clear(&r);
}

/* Lines of different lengths, `len` bytes in all. */
static void
fill(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(i % 97 == 96 || i % 251 == 3 ? '\n' : 'a' + i % 26);
}

static void
test_a_file_is_shown_as_it_is_taken(void **state)
{
    const size_t len = 1 << 20;
    char *text = malloc(len), *expected = malloc(2 * len);
    size_t expected_len = 0;
    struct rig r;

    (void)state;
    fill(text, len);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            expected[expected_len++] = '\r';
        expected[expected_len++] = text[i];
    }
    rig_init(&r);
    give_terminal(&r, 0, 80);
    give_file(&r, text, len);
    give_exit(&r, 0);
    /* Nobody takes it: little is held, and the file is not closed. */
    assert_true(shell_output(r.shell).len < 2 * SHELL_OUTPUT_HIGH);
    assert_true(shell_held(r.shell) < 1000);
    assert_silence(&r);
    take_output(&r);
    assert_message(&r, MSG_SHOWN);
    assert_int_equal(buf_len(&r.seen), expected_len);
    assert_memory_equal(buf_span(&r.seen).ptr, expected, expected_len);
    rig_clear(&r);
    free(text);
    free(expected);
}

static void
test_a_file_is_paged(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 3, 80);
    give_prompt(&r, "R1#");
    type(&r, "\r");
    give_file(&r, "1\n2\n3\n4\n5\n", 10);
    give_prompt(&r, "R1#");
    assert_seen(&r, "R1#\r\n1\r\n2\r\n" MORE);
    type(&r, " ");
    assert_seen(&r, ERASED "3\r\n4\r\n" MORE);
    assert_line(&r, "", LINE_ENTER);
    assert_silence(&r);
    type(&r, "q");
    assert_seen(&r, ERASED "R1#");
    /* Shown or not, control need not wait for it any more. */
    assert_message(&r, MSG_SHOWN);
    assert_silence(&r);
    rig_clear(&r);
}

static void
test_interrupt_drops_output_that_waits(void **state)
{
    const size_t len = 1 << 20;
    char *text = malloc(len);
    uint32_t status;
    struct rig r;

    (void)state;
    fill(text, len);
    rig_init(&r);
    give_terminal(&r, 0, 80);
    give_prompt(&r, "R1#");
    type(&r, "show tech\r");
    give_file(&r, text, len);
    give_prompt(&r, "R1#");
    type(&r, "\003");
    take_output(&r);
    assert_true(buf_len(&r.seen) < 2 * SHELL_OUTPUT_HIGH);
    assert_string_equal(buf_text(&r.seen) + buf_len(&r.seen) - 5, "\r\nR1#");
    /* The command was over already. */
    assert_line(&r, "show tech", LINE_ENTER);
    assert_message(&r, MSG_SHOWN);
    assert_silence(&r);
    assert_false(shell_is_finished(r.shell, &status));
    rig_clear(&r);
    free(text);
}

static void
test_log_lines_come_on_a_line_of_their_own(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_log(&r, "%A-5-B: first", false);
    assert_seen(&r, "%A-5-B: first\r\n");
    give_prompt(&r, "R1#");
    type(&r, "sh");
    give_log(&r, "%A-5-B: second", false);
    give_log(&r, "%A-5-B: third", false);
    assert_seen(&r, "R1#sh\r\n%A-5-B: second\r\n%A-5-B: third\r\n");
    /* The line is still there, though not shown again. */
    type(&r, "ow\r");
    assert_line(&r, "show", LINE_ENTER);
    assert_seen(&r, "ow\r\n");
    give_output(&r, "text");
    give_log(&r, "%A-5-B: fourth", true);
    assert_seen(&r, "text\r\n%A-5-B: fourth\r\n");
    rig_clear(&r);
}

static void
test_logging_synchronous_shows_the_line_again(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    type(&r, "show\002");
    give_log(&r, "%A-5-B: text", true);
    assert_seen(&r, "R1#show\b\r\n%A-5-B: text\r\nR1#show\b");
    type(&r, "\r");
    give_ask(&r, "Password: ", ASK_SECRET, 0);
    type(&r, "abc");
    give_log(&r, "%A-5-B: text", true);
    assert_seen(&r, "\r\nPassword: \r\n%A-5-B: text\r\nPassword: ");
    rig_clear(&r);
}

static void
test_without_a_terminal_there_are_prompts_only(void **state)
{
    const struct shell_setup setup = {.channel = RIG_CHANNEL};
    struct rig r;

    (void)state;
    rig_init_as(&r, &setup);
    shell_start(r.shell, r.now_ms);
    give_terminal(&r, 3, 80);
    give_prompt(&r, "R1>");
    type(&r, "show\nexit\n");
    assert_line(&r, "show", LINE_ENTER);
    give_output(&r, "1\n2\n3\n4\n");
    give_prompt(&r, "R1>");
    assert_line(&r, "exit", LINE_ENTER);
    assert_seen(&r, "R1>\r\n1\r\n2\r\n3\r\n4\r\nR1>\r\n");
    rig_clear(&r);
}

static void
test_a_command_alone_has_no_pages_and_no_log(void **state)
{
    const struct shell_setup setup = {
        .channel = RIG_CHANNEL, .exec = true, .terminal = true, .rows = 2};
    struct rig r;
    uint32_t status;

    (void)state;
    rig_init_as(&r, &setup);
    shell_start(r.shell, r.now_ms);
    type(&r, "y\n");
    give_output(&r, "1\n2\n3\n");
    give_log(&r, "%A-5-B: text", true);
    give_ask(&r, "Sure? ", ASK_LINE, 0);
    assert_answer(&r, "y");
    give_exit(&r, 1);
    assert_false(shell_is_finished(r.shell, &status));
    assert_seen(&r, "1\r\n2\r\n3\r\nSure? y\r\n");
    assert_true(shell_is_finished(r.shell, &status));
    assert_int_equal(status, 1);
    rig_clear(&r);
}

static void
test_nothing_follows_the_exit(void **state)
{
    struct rig r;
    uint32_t status;

    (void)state;
    rig_init(&r);
    give_output(&r, "bye\n");
    give_exit(&r, 7);
    give_output(&r, "not seen\n");
    give_prompt(&r, "R1#");
    give_file(&r, "x", 1);
    type(&r, "show\r\003");
    assert_silence(&r);
    assert_seen(&r, "bye\r\n");
    assert_true(shell_is_finished(r.shell, &status));
    assert_int_equal(status, 7);
    rig_clear(&r);
}

static void
test_the_exit_waits_for_the_page(void **state)
{
    struct rig r;
    uint32_t status;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 2, 80);
    give_prompt(&r, "R1#");
    type(&r, "\r");
    give_output(&r, "1\n2\n");
    give_exit(&r, 0);
    assert_seen(&r, "R1#\r\n1\r\n" MORE);
    assert_false(shell_is_finished(r.shell, &status));
    type(&r, " ");
    assert_seen(&r, ERASED "2\r\n");
    assert_true(shell_is_finished(r.shell, &status));
    rig_clear(&r);
}

static void
test_what_control_sends_is_counted_while_it_waits(void **state)
{
    struct rig r;
    char text[60001];

    (void)state;
    rig_init(&r);
    give_terminal(&r, 2, 80);
    give_prompt(&r, "R1#");
    memset(text, 'x', sizeof(text) - 1);
    text[60000] = '\0';
    type(&r, "\r");
    give_output(&r, "1\n2\n");
    for (int i = 0; i < 5; i++)
        give_output(&r, text);
    assert_true(shell_held(r.shell) > SHELL_HELD_HIGH);
    type(&r, "q");
    assert_int_equal(shell_held(r.shell), 0);
    rig_clear(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_lines_end_in_cr_lf),
        cmocka_unit_test(test_a_prompt_begins_in_column_zero),
        cmocka_unit_test(test_pages_wait_for_keys),
        cmocka_unit_test(test_a_stopped_page_is_followed_by_the_prompt),
        cmocka_unit_test(test_stopping_a_page_stops_the_command),
        cmocka_unit_test(test_pages_are_counted_for_each_command),
        cmocka_unit_test(test_banners_are_not_paged),
        cmocka_unit_test(test_length_zero_is_not_paged),
        cmocka_unit_test(test_a_file_is_shown_as_it_is_taken),
        cmocka_unit_test(test_a_file_is_paged),
        cmocka_unit_test(test_interrupt_drops_output_that_waits),
        cmocka_unit_test(test_log_lines_come_on_a_line_of_their_own),
        cmocka_unit_test(test_logging_synchronous_shows_the_line_again),
        cmocka_unit_test(test_without_a_terminal_there_are_prompts_only),
        cmocka_unit_test(test_a_command_alone_has_no_pages_and_no_log),
        cmocka_unit_test(test_nothing_follows_the_exit),
        cmocka_unit_test(test_the_exit_waits_for_the_page),
        cmocka_unit_test(test_what_control_sends_is_counted_while_it_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
