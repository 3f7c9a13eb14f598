#include "rig.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ESCAPE 0x1e

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

/* --- streams --- */

struct far_end {
    int fd;
    char text[4096];
};

static void
attach(struct rig *r, struct far_end *far)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    far->fd = ends[1];
    give_prompt(r, "R1#");
    type(r, "ssh\r");
    assert_line(r, "ssh", LINE_ENTER);
    give_attach(r, ends[0], ESCAPE);
    assert_seen(r, "R1#ssh\r\n");
}

/* What has arrived at the far end. */
static const char *
far_text(struct far_end *far)
{
    ssize_t got = recv(far->fd, far->text, sizeof(far->text) - 1, MSG_DONTWAIT);

    far->text[got < 0 ? 0 : got] = '\0';
    return far->text;
}

static void
far_says(struct rig *r, struct far_end *far, const char *text)
{
    assert_int_equal(send(far->fd, text, strlen(text), 0), strlen(text));
    shell_work(r->shell, r->now_ms);
}

static void
test_a_stream_gets_every_byte(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    attach(&r, &far);
    type(&r, "a\r\n\003\032?\t\177\xff\033[A");
    assert_string_equal(far_text(&far), "a\r\n\003\032?\t\177\xff\033[A");
    far_says(&r, &far, "b\nc\r\n\x80");
    assert_seen(&r, "b\nc\r\n\x80");
    assert_silence(&r);
    assert_int_equal(shell_typed_waiting(r.shell), 0);
    close(far.fd);
    rig_clear(&r);
}

/* What was typed before the stream came is its, as it was typed. */
static void
test_a_stream_gets_what_was_typed_ahead(void **state)
{
    struct far_end far;
    struct rig r;
    int ends[2];

    (void)state;
    rig_init(&r);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    far.fd = ends[1];
    give_prompt(&r, "R1#");
    /* The LF belongs to the line, the others do not. */
    type(&r, "ssh\r\na\nb\r\n");
    assert_line(&r, "ssh", LINE_ENTER);
    give_attach(&r, ends[0], ESCAPE);
    assert_string_equal(far_text(&far), "a\nb\r\n");
    close(far.fd);
    rig_clear(&r);
}

static void
test_a_stream_learns_that_nothing_more_is_typed(void **state)
{
    struct far_end far;
    struct rig r;
    char byte;

    (void)state;
    rig_init(&r);
    attach(&r, &far);
    type(&r, "last");
    shell_typed_end(r.shell, r.now_ms);
    assert_string_equal(far_text(&far), "last");
    assert_int_equal(recv(far.fd, &byte, 1, MSG_DONTWAIT), 0);
    assert_silence(&r);
    far_says(&r, &far, "and on\n");
    assert_seen(&r, "and on\n");
    close(far.fd);
    rig_clear(&r);
}

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

static void
assert_detached(struct rig *r, enum detach_reason reason)
{
    assert_message(r, MSG_DETACHED);
    assert_int_equal(r->got.detached.reason, reason);
}

static void
test_escape_x_leaves_the_stream(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    attach(&r, &far);
    far_says(&r, &far, "far#");
    type(&r, "ab\036");
    type(&r, "xshow");
    assert_string_equal(far_text(&far), "ab");
    assert_detached(&r, DETACH_SUSPENDED);
    assert_int_equal(shell_stream_fd(r.shell), -1);
    give_prompt(&r, "R1#");
    assert_seen(&r, "far#\r\nR1#show");
    close(far.fd);
    rig_clear(&r);
}

static void
test_escape_d_leaves_for_good(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    attach(&r, &far);
    type(&r, "ab\036dc");
    assert_string_equal(far_text(&far), "ab");
    assert_detached(&r, DETACH_LEFT);
    close(far.fd);
    rig_clear(&r);
}

static void
test_escape_b_is_a_break(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    attach(&r, &far);
    type(&r, "ab\036bc");
    assert_string_equal(far_text(&far), "abc");
    assert_message(&r, MSG_STREAM_BREAK);
    assert_silence(&r);
    close(far.fd);
    rig_clear(&r);
}

static void
test_escape_help_is_for_the_user_alone(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    attach(&r, &far);
    type(&r, "ab\036?c");
    assert_string_equal(far_text(&far), "abc");
    assert_seen(&r, "\r\n[Special escape help]\r\n"
                    "^^B  send BREAK\r\n"
                    "^^D  disconnect\r\n^^X  suspend\r\n"
                    "^^^^  send the escape character\r\n");
    assert_silence(&r);
    close(far.fd);
    rig_clear(&r);
}

/* ATTACH with a limit; what `far` says counts, or does not. */
static void
attach_for(struct rig *r, struct far_end *far, uint32_t idle_s, bool output)
{
    struct message m = {.type = MSG_ATTACH};
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    far->fd = ends[1];
    m.attach.channel = RIG_CHANNEL;
    m.attach.idle_s = idle_s;
    m.attach.idle_output = output;
    give(r, &m, ends[0]);
}

static void
test_a_stream_without_keys_is_left(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    attach_for(&r, &far, 60, false);
    r.now_ms += 59999;
    type(&r, "a");
    r.now_ms += 59999;
    far_says(&r, &far, "b");
    shell_work(r.shell, r.now_ms);
    assert_silence(&r);
    assert_int_equal(shell_deadline(r.shell), r.now_ms + 1);
    r.now_ms += 1;
    shell_work(r.shell, r.now_ms);
    assert_detached(&r, DETACH_IDLE);
    close(far.fd);
    rig_clear(&r);
}

static void
test_output_may_count_as_a_key(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    attach_for(&r, &far, 60, true);
    r.now_ms += 59999;
    far_says(&r, &far, "b");
    assert_int_equal(shell_deadline(r.shell), r.now_ms + 60000);
    r.now_ms += 60000;
    shell_work(r.shell, r.now_ms);
    assert_detached(&r, DETACH_IDLE);
    close(far.fd);
    rig_clear(&r);
}

static void
test_the_escape_key_twice_is_itself(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    attach(&r, &far);
    type(&r, "\036\036x\036ax");
    assert_string_equal(far_text(&far), "\036x\036ax");
    assert_silence(&r);
    close(far.fd);
    rig_clear(&r);
}

static void
test_the_end_of_the_stream_comes_after_its_bytes(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    attach(&r, &far);
    assert_int_equal(send(far.fd, "bye\r\n", 5, 0), 5);
    close(far.fd);
    shell_work(r.shell, r.now_ms);
    assert_detached(&r, DETACH_ENDED);
    give_output(&r, "[Connection closed]\n");
    give_prompt(&r, "R1#");
    assert_seen(&r, "bye\r\n[Connection closed]\r\nR1#");
    rig_clear(&r);
}

static void
test_control_can_take_the_user_back(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    attach(&r, &far);
    give_detach(&r);
    assert_message(&r, MSG_DETACHED);
    give_detach(&r);
    assert_silence(&r);
    assert_int_equal(recv(far.fd, far.text, 1, MSG_DONTWAIT), 0);
    give_prompt(&r, "R1#");
    assert_seen(&r, "\r\nR1#");
    close(far.fd);
    rig_clear(&r);
}

static void
test_streams_are_bounded_both_ways(void **state)
{
    static char block[8192];
    struct far_end far;
    struct rig r;
    size_t typed = 0, got = 0;

    (void)state;
    rig_init(&r);
    attach(&r, &far);
    /* The far end does not read. */
    for (int i = 0; i < 100; i++) {
        type_bytes(&r, block, sizeof(block));
        typed += sizeof(block);
    }
    assert_true(shell_typed_waiting(r.shell) > 0);
    assert_true(typed - shell_typed_waiting(r.shell) < 512 * 1024);
    assert_int_equal(shell_stream_events(r.shell) & POLLOUT, POLLOUT);
    for (;;) {
        ssize_t n = recv(far.fd, block, sizeof(block), MSG_DONTWAIT);

        if (n <= 0)
            break;
        got += (size_t)n;
        shell_work(r.shell, r.now_ms);
    }
    assert_int_equal(got, typed);
    /* Neither does the user. */
    while (send(far.fd, block, sizeof(block), MSG_DONTWAIT) > 0)
        shell_work(r.shell, r.now_ms);
    assert_true(shell_output(r.shell).len < 2 * SHELL_OUTPUT_HIGH);
    assert_int_equal(shell_stream_events(r.shell), 0);
    close(far.fd);
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
        cmocka_unit_test(test_a_stream_gets_every_byte),
        cmocka_unit_test(test_a_stream_gets_what_was_typed_ahead),
        cmocka_unit_test(test_a_stream_learns_that_nothing_more_is_typed),
        cmocka_unit_test(test_a_question_can_be_taken_back),
        cmocka_unit_test(test_escape_x_leaves_the_stream),
        cmocka_unit_test(test_escape_d_leaves_for_good),
        cmocka_unit_test(test_escape_b_is_a_break),
        cmocka_unit_test(test_escape_help_is_for_the_user_alone),
        cmocka_unit_test(test_a_stream_without_keys_is_left),
        cmocka_unit_test(test_output_may_count_as_a_key),
        cmocka_unit_test(test_the_escape_key_twice_is_itself),
        cmocka_unit_test(test_the_end_of_the_stream_comes_after_its_bytes),
        cmocka_unit_test(test_control_can_take_the_user_back),
        cmocka_unit_test(test_streams_are_bounded_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
