/* A user on a stream: src/worker/shell.c with src/worker/attach.c. */
#include "rig.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ESCAPE 0x1e

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
test_a_break_of_the_client_is_for_a_stream_only(void **state)
{
    struct far_end far;
    struct rig r;

    (void)state;
    rig_init(&r);
    assert_false(shell_break(r.shell, 1000));
    assert_silence(&r);
    attach(&r, &far);
    assert_true(shell_break(r.shell, 1000));
    assert_message(&r, MSG_STREAM_BREAK);
    assert_int_equal(r.got.stream_break.ms, 1000);
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
        cmocka_unit_test(test_a_stream_gets_every_byte),
        cmocka_unit_test(test_a_stream_gets_what_was_typed_ahead),
        cmocka_unit_test(test_a_stream_learns_that_nothing_more_is_typed),
        cmocka_unit_test(test_escape_x_leaves_the_stream),
        cmocka_unit_test(test_escape_d_leaves_for_good),
        cmocka_unit_test(test_escape_b_is_a_break),
        cmocka_unit_test(test_a_break_of_the_client_is_for_a_stream_only),
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
