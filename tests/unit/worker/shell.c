#include "rig.h"

/* --- before control has accepted --- */

static void
test_nothing_is_sent_before_control_accepts(void **state)
{
    const struct shell_setup setup = {
        .channel = RIG_CHANNEL, .terminal = true, .columns = 80, .rows = 24};
    struct rig r;

    (void)state;
    rig_init_as(&r, &setup);
    type(&r, "show\r\003");
    shell_resize(r.shell, 100, 30);
    r.now_ms += 1000000;
    shell_work(r.shell, r.now_ms);
    assert_int_equal(receive(&r), MSG_NONE);
    assert_int_equal(shell_deadline(r.shell), UINT64_MAX);
    shell_start(r.shell, r.now_ms);
    assert_int_equal(receive(&r), MSG_WINDOW);
    assert_int_equal(r.got.window.columns, 100);
    assert_int_equal(r.got.window.rows, 30);
    give_prompt(&r, "R1#");
    assert_line(&r, "show", LINE_ENTER);
    rig_clear(&r);
}

/* --- time --- */

static void
test_activity_is_told_once_a_minute(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    type(&r, "a");
    assert_int_equal(receive(&r), MSG_ACTIVITY);
    type(&r, "b");
    r.now_ms += 59999;
    type(&r, "c");
    assert_int_equal(receive(&r), MSG_NONE);
    r.now_ms += 1;
    type(&r, "d");
    assert_int_equal(receive(&r), MSG_ACTIVITY);
    rig_clear(&r);
}

static void
give_timeout(struct rig *r, uint32_t seconds)
{
    struct message m = {.type = MSG_TERMINAL};

    m.terminal.channel = RIG_CHANNEL;
    m.terminal.length = 3;
    m.terminal.exec_timeout_s = seconds;
    m.terminal.escape = 0x1e;
    give(r, &m, -1);
}

static void
test_idleness_is_told_once(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_timeout(&r, 600);
    r.now_ms += 5000;
    give_prompt(&r, "R1#");
    assert_int_equal(shell_deadline(r.shell), r.now_ms + 600000);
    r.now_ms += 599999;
    type(&r, "a");
    assert_int_equal(receive(&r), MSG_ACTIVITY);
    assert_int_equal(shell_deadline(r.shell), r.now_ms + 600000);
    r.now_ms += 600000;
    shell_work(r.shell, r.now_ms);
    assert_message(&r, MSG_IDLE);
    assert_int_equal(shell_deadline(r.shell), UINT64_MAX);
    r.now_ms += 600000;
    shell_work(r.shell, r.now_ms);
    assert_silence(&r);
    rig_clear(&r);
}

static void
test_a_command_at_work_is_not_idle(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_timeout(&r, 600);
    give_prompt(&r, "R1#");
    type(&r, "ping\r");
    take_output(&r);
    assert_int_equal(shell_deadline(r.shell), UINT64_MAX);
    give_output(&r, "1\n2\n3\n");
    take_output(&r);
    /* A page that waits for its key is. */
    assert_int_equal(shell_deadline(r.shell), r.now_ms + 600000);
    type(&r, " ");
    take_output(&r);
    assert_int_equal(shell_deadline(r.shell), UINT64_MAX);
    r.now_ms += 1000;
    give_prompt(&r, "R1#");
    assert_int_equal(shell_deadline(r.shell), r.now_ms + 600000);
    rig_clear(&r);
}

static void
test_output_that_nobody_takes_is_idleness(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_timeout(&r, 600);
    give_output(&r, "1\n");
    give_prompt(&r, "R1#");
    r.now_ms += 600000;
    shell_work(r.shell, r.now_ms);
    assert_message(&r, MSG_IDLE);
    rig_clear(&r);
}

/* --- the window --- */

static void
test_a_new_window_counts_from_the_next_page(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    shell_resize(r.shell, 40, 3);
    assert_int_equal(receive(&r), MSG_WINDOW);
    type(&r, "\r");
    give_output(&r, "1\n2\n3\n4\n5\n6\n");
    assert_seen(&r, "R1#\r\n1\r\n2\r\n" MORE);
    shell_resize(r.shell, 40, 4);
    type(&r, " ");
    assert_seen(&r, ERASED "3\r\n4\r\n5\r\n" MORE);
    /* 0: not given. */
    shell_resize(r.shell, 0, 0);
    type(&r, " ");
    assert_seen(&r, ERASED "6\r\n");
    rig_clear(&r);
}

static void
test_a_fixed_length_is_not_changed_by_the_window(void **state)
{
    struct message m = {.type = MSG_TERMINAL};
    struct rig r;

    (void)state;
    rig_init(&r);
    m.terminal.channel = RIG_CHANNEL;
    m.terminal.fixed_length = true;
    give(&r, &m, -1);
    give_prompt(&r, "R1#");
    shell_resize(r.shell, 40, 2);
    assert_int_equal(receive(&r), MSG_WINDOW);
    type(&r, "\r");
    give_output(&r, "1\n2\n3\n");
    assert_seen(&r, "R1#\r\n1\r\n2\r\n3\r\n");
    rig_clear(&r);
}

/* --- the end of input --- */

static void
test_the_end_of_input_is_told_at_the_prompt(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_prompt(&r, "R1#");
    type(&r, "one\ntwo");
    shell_typed_end(r.shell, r.now_ms);
    assert_line(&r, "one", LINE_ENTER);
    assert_silence(&r);
    give_prompt(&r, "R1#");
    /* A last line needs no line end. */
    assert_line(&r, "two", LINE_ENTER);
    assert_silence(&r);
    give_prompt(&r, "R1#");
    assert_message(&r, MSG_INPUT_END);
    give_prompt(&r, "R1#");
    assert_silence(&r);
    rig_clear(&r);
}

static void
test_without_input_questions_get_no_answer(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    shell_typed_end(r.shell, r.now_ms);
    give_ask(&r, "A: ", ASK_LINE, 0);
    assert_answer(&r, NULL);
    assert_false(r.got.answer.timed_out);
    give_ask(&r, "[confirm]", ASK_KEY, 0);
    assert_answer(&r, NULL);
    give_prompt(&r, "R1#");
    assert_message(&r, MSG_INPUT_END);
    rig_clear(&r);
}

static void
test_without_input_no_page_waits(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 3, 80);
    give_prompt(&r, "R1#");
    type(&r, "a\r");
    give_output(&r, "1\n2\n3\n4\n5\n6\n7\n");
    give_prompt(&r, "R1#");
    shell_typed_end(r.shell, r.now_ms);
    assert_seen(&r, "R1#a\r\n1\r\n2\r\n" MORE ERASED
                    "3\r\n4\r\n5\r\n6\r\n7\r\nR1#");
    assert_line(&r, "a", LINE_ENTER);
    assert_message(&r, MSG_INPUT_END);
    rig_clear(&r);
}

/* --- any cut of the input --- */

/* Control as a function of its messages, so that runs can be compared. */
static void
play_control(struct rig *r)
{
    enum message_type type;

    while ((type = receive(r)) != MSG_NONE) {
        if (type == MSG_LINE && r->got.line.text.len == 3) {
            give_ask(r, "Password: ", ASK_SECRET, 0);
        } else if (type == MSG_LINE) {
            give_output(r, "1\n2\n3\n4\n5\n");
            give_prompt(r, "R1#");
        } else if (type == MSG_ANSWER) {
            give_output(r, "% done\n");
            give_prompt(r, "R1>");
        } else if (type == MSG_LINE_HELP) {
            give_help(r, "  a  first\n  b  second\n");
        } else if (type == MSG_LINE_COMPLETE) {
            give_completed(r, "show ", 5);
        }
    }
}

static void
run_cut(const char *typed, size_t len, size_t piece, struct buf *seen)
{
    struct rig r;

    rig_init(&r);
    give_terminal(&r, 4, 40);
    give_prompt(&r, "R1#");
    for (size_t at = 0; at < len; at += piece) {
        type_bytes(&r, typed + at, len - at < piece ? len - at : piece);
        play_control(&r);
    }
    take_output(&r);
    buf_put_span(seen, buf_span(&r.seen));
    rig_clear(&r);
}

static void
test_any_cut_of_the_input_gives_the_same_screen(void **state)
{
    static const char typed[] =
        "sh\t?ver\r q\r\n"
        "one\r\nsecret\rsh\tip\r\n\r"
        "caf\xc3\xa9 \xe2\x82\xac\002\002\033[D\033[3~\033[A\033OB\r\rq"
        "\033[200~abcdefghijklmnopqrstuvwxyz0123456789abcdefgh\001\005\r\n ";
    struct buf whole, cut;

    (void)state;
    buf_init(&whole, 1 << 20);
    run_cut(typed, sizeof(typed) - 1, 1, &whole);
    assert_true(buf_len(&whole) > 300);
    for (size_t piece = 2; piece < sizeof(typed); piece++) {
        buf_init(&cut, 1 << 20);
        run_cut(typed, sizeof(typed) - 1, piece, &cut);
        assert_string_equal(buf_text(&cut), buf_text(&whole));
        buf_clear(&cut);
    }
    buf_clear(&whole);
}

/* --- a question --- */

static void
test_a_question_can_be_taken_back(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_ask(&r, "Password: ", ASK_SECRET, 0);
    give_unask(&r);
    assert_message(&r, MSG_ANSWER);
    assert_false(r.got.answer.given);
    assert_seen(&r, "Password: \r\n");
    /* It was answered when it was taken back. */
    give_ask(&r, "Name: ", ASK_LINE, 0);
    type(&r, "x\r");
    assert_message(&r, MSG_ANSWER);
    give_unask(&r);
    assert_silence(&r);
    rig_clear(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_sent_before_control_accepts),
        cmocka_unit_test(test_activity_is_told_once_a_minute),
        cmocka_unit_test(test_idleness_is_told_once),
        cmocka_unit_test(test_a_command_at_work_is_not_idle),
        cmocka_unit_test(test_output_that_nobody_takes_is_idleness),
        cmocka_unit_test(test_a_new_window_counts_from_the_next_page),
        cmocka_unit_test(test_a_fixed_length_is_not_changed_by_the_window),
        cmocka_unit_test(test_the_end_of_input_is_told_at_the_prompt),
        cmocka_unit_test(test_without_input_questions_get_no_answer),
        cmocka_unit_test(test_without_input_no_page_waits),
        cmocka_unit_test(test_any_cut_of_the_input_gives_the_same_screen),
        cmocka_unit_test(test_a_question_can_be_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
