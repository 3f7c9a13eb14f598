/*
 * Laws of a user on a tty line: how he comes there, what his stay is like, and
 * how it ends; with a worker and a line that are played.
 */
#include "stage.h"

#include "base/text.h"
#include "control/reverse.h"
#include "control/tty_users.h"

#define HEAD     "<reply 1><terminal 24x80 600s>"
#define DEVICE   "line 1\n device /dev/ttyS7\n transport input ssh\n"
#define LINE     DEVICE " access-user lab\n"
#define TERMINAL (&stage.sessions[0])

/* He opens a shell on the line; what he has heard. */
static const char *
enter(struct session *s, const char *config)
{
    struct msg_shell m = {.pty = true, .columns = 80, .rows = 24};

    stage_configure(config);
    s->target = (struct line_target){LINE_TARGET_LINE, 1};
    assert_true(shell_open(s, &m));
    return stage_heard();
}

static const char *
leave(struct session *s, enum detach_reason reason)
{
    struct msg_detached m = {.channel = 0, .reason = (uint8_t)reason};

    assert_true(shell_on_detached(s, &m));
    return stage_heard();
}

static void
test_who_may_come_is_joined(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    assert_non_null(strstr(enter(TERMINAL, LINE), "<attach 0>"));
    assert_string_equal(stage.on_line, "lab on 1");
    assert_int_equal(stage.attached.idle_s, 0);
    assert_false(stage.attached.watches);
    /* The end of his stream, then of his line: nothing of it stays. */
    stage.line_user.on_end(stage.line_user.owner, TTY_LEFT);
    assert_string_equal(leave(TERMINAL, DETACH_ENDED), "<exit 0>");
    assert_true(list_empty(tty_users_all(&stage.router)));
}

static void
test_who_may_not_is_told_why(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    assert_non_null(
        strstr(enter(TERMINAL, DEVICE), "% Line 1 is not permitted\n<exit 1>"));
    assert_string_equal(stage.on_line, "");
    assert_true(list_empty(tty_users_all(&stage.router)));
}

static void
test_an_absent_device_is_told(void **state)
{
    (void)state;
    stage.tty_state = TTY_ABSENT;
    assert_non_null(strstr(enter(TERMINAL, LINE),
                           "% Line 1 is absent: it is not there\n<exit 1>"));
}

static void
test_a_device_that_goes_ends_it(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    enter(TERMINAL, LINE);
    stage.line_user.on_end(stage.line_user.owner, TTY_GONE);
    assert_heard("");
    assert_string_equal(leave(TERMINAL, DETACH_ENDED),
                        "\n% The device of line 1 is gone\n<exit 1>");
}

static void
test_a_line_that_has_failed_ends_it(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    enter(TERMINAL, LINE);
    stage.line_user.on_end(stage.line_user.owner, TTY_DIED);
    assert_string_equal(leave(TERMINAL, DETACH_ENDED),
                        "\n% Line 1 has failed\n<exit 1>");
}

/* --- time ---------------------------------------------------------------- */

static void
test_the_shorter_of_two_times_ends_it(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    enter(TERMINAL, LINE " exec-timeout 0 30\n session-timeout 2 output\n");
    assert_int_equal(stage.attached.idle_s, 30);
    assert_true(stage.attached.idle_output);
    assert_string_equal(leave(TERMINAL, DETACH_IDLE),
                        "\n[Line 1 idle too long; timed out]\n<exit 0>");
    /* What he typed last is still on its way to the device. */
    assert_non_null(tty_users_writer(&stage.router, 1));
    stage.line_user.on_end(stage.line_user.owner, TTY_LEFT);
    assert_null(tty_users_writer(&stage.router, 1));
}

static void
test_a_time_alone_is_the_one(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    enter(TERMINAL, LINE " session-timeout 2\n");
    assert_int_equal(stage.attached.idle_s, 120);
    assert_false(stage.attached.idle_output);
}

/* --- several ------------------------------------------------------------- */

static void
test_the_next_one_waits_for_what_was_typed_last(void **state)
{
    struct session *second = stage_second_user();
    struct tty_user first;

    (void)state;
    stage.tty_state = TTY_READY;
    text_copy(second->user, sizeof(second->user), "lab");
    enter(TERMINAL, LINE);
    first = stage.line_user;
    leave(TERMINAL, DETACH_LEFT);
    stage.on_line[0] = '\0';
    enter(second, "");
    assert_string_equal(stage.on_line, "");
    first.on_end(first.owner, TTY_LEFT);
    assert_string_equal(stage.on_line, "lab on 1");
}

static void
test_who_watches_takes_it_and_the_other_watches(void **state)
{
    struct session *second = stage_second_user();

    (void)state;
    stage.tty_state = TTY_READY;
    text_copy(second->user, sizeof(second->user), "lab");
    enter(TERMINAL, LINE " share\n");
    enter(second, "");
    assert_string_equal(stage.on_line, "watching lab on 1");
    assert_true(stage.attached.watches);
    /* From an EXEC of his; nobody else's. */
    assert_int_equal(reverse_take(second, 2), REVERSE_WATCHES_NOT);
    assert_int_equal(reverse_take(second, 1), REVERSE_TAKES);
    leave(second, DETACH_ENDED);
    assert_string_equal(stage.on_line, "1 writes on 1");
    assert_false(stage.attached.watches);
    leave(TERMINAL, DETACH_ENDED);
    assert_true(stage.attached.watches);
    /* And back, by the key. */
    leave(TERMINAL, DETACH_TAKE);
    assert_false(stage.attached.watches);
    assert_ptr_equal(tty_users_writer(&stage.router, 1)->session, TERMINAL);
}

static void
test_nobody_takes_what_is_anothers(void **state)
{
    struct session *second = stage_second_user();

    (void)state;
    stage.tty_state = TTY_READY;
    text_copy(second->user, sizeof(second->user), "eve");
    enter(TERMINAL, LINE " access-user eve\n share\n");
    enter(second, "");
    assert_int_equal(reverse_take(second, 1), REVERSE_IN_USE);
    leave(second, DETACH_TAKE);
    assert_ptr_equal(tty_users_writer(&stage.router, 1)->session, TERMINAL);
    /* But for an administrator. */
    second->privilege = 15;
    assert_int_equal(reverse_take(second, 1), REVERSE_TAKES);
    leave(second, DETACH_ENDED);
    assert_ptr_equal(tty_users_writer(&stage.router, 1)->session, second);
}

static void
test_clearing_sends_everybody_away(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    enter(TERMINAL, LINE);
    reverse_clear(&stage.router, 1);
    assert_string_equal(stage.on_line, "dropped 1 from 1");
    assert_string_equal(leave(TERMINAL, DETACH_ENDED),
                        "\n[Line 1 cleared]\n<exit 1>");
    assert_true(list_empty(tty_users_all(&stage.router)));
}

/* --- aaa ----------------------------------------------------------------- */

#define AAA "aaa new-model\n"

static void
test_a_list_decides_and_not_the_names(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    assert_non_null(
        strstr(enter(TERMINAL, AAA "aaa authorization reverse-access default "
                                   "local\n" LINE),
               "% Line 1 is not permitted\n<exit 1>"));
}

static void
test_a_list_lets_in_without_a_name(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    assert_non_null(
        strstr(enter(TERMINAL, AAA
                     "aaa authorization reverse-access default none\n" DEVICE),
               "<attach 0>"));
}

static void
test_a_line_has_a_list_of_its_own(void **state)
{
    (void)state;
    stage.tty_state = TTY_READY;
    assert_non_null(strstr(
        enter(TERMINAL, AAA "aaa authorization reverse-access default local\n"
                            "aaa authorization reverse-access ALL none\n" DEVICE
                            " authorization reverse-access ALL\n"),
        "<attach 0>"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_who_may_come_is_joined),
        STAGE_TEST(test_who_may_not_is_told_why),
        STAGE_TEST(test_an_absent_device_is_told),
        STAGE_TEST(test_a_device_that_goes_ends_it),
        STAGE_TEST(test_a_line_that_has_failed_ends_it),
        STAGE_TEST(test_the_shorter_of_two_times_ends_it),
        STAGE_TEST(test_a_time_alone_is_the_one),
        STAGE_TEST(test_the_next_one_waits_for_what_was_typed_last),
        STAGE_TEST(test_who_watches_takes_it_and_the_other_watches),
        STAGE_TEST(test_nobody_takes_what_is_anothers),
        STAGE_TEST(test_clearing_sends_everybody_away),
        STAGE_TEST(test_a_list_decides_and_not_the_names),
        STAGE_TEST(test_a_list_lets_in_without_a_name),
        STAGE_TEST(test_a_line_has_a_list_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
