/* Laws of ended children: everybody is told once, also when he asks late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/children.h"

static struct told {
    unsigned count;
    pid_t pid;
    int status;
} told;

static void
on_ended(void *owner, pid_t pid, int status)
{
    struct told *t = owner;

    t->count++;
    t->pid = pid;
    t->status = status;
}

uint64_t
router_now_ms(const struct router *r)
{
    return uv_now(&r->loop);
}

static int
setup(void **state)
{
    struct router *r = calloc(1, sizeof(*r));

    told = (struct told){0};
    uv_loop_init(&r->loop);
    assert_int_equal(children_start(r), OK);
    *state = r;
    return 0;
}

static int
teardown(void **state)
{
    struct router *r = *state;

    children_stop(r);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&r->loop), 0);
    free(r);
    return 0;
}

/* A child that ends with `status`, or of `signal_number` when that is not 0. */
static pid_t
fork_child(int status, int signal_number)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        if (signal_number != 0) {
            signal(signal_number, SIG_DFL);
            kill(getpid(), signal_number);
        }
        _exit(status);
    }
    return pid;
}

static void
run_until_reaped(struct router *r)
{
    /* Each turn may wait for one signal. */
    while (waitid(P_ALL, 0, NULL, WEXITED | WNOHANG | WNOWAIT) == 0)
        uv_run(&r->loop, UV_RUN_ONCE);
}

static void
test_a_watcher_is_told_how_it_ended(void **state)
{
    pid_t pid = fork_child(7, 0);

    children_watch(*state, pid, on_ended, &told);
    run_until_reaped(*state);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.pid, pid);
    assert_true(WIFEXITED(told.status));
    assert_int_equal(WEXITSTATUS(told.status), 7);
    assert_true(child_crashed(told.status));
}

static void
test_who_asks_late_is_told_at_once(void **state)
{
    pid_t pid = fork_child(0, 0);

    run_until_reaped(*state);
    assert_int_equal(told.count, 0);
    children_watch(*state, pid, on_ended, &told);
    assert_int_equal(told.count, 1);
    assert_false(child_crashed(told.status));
}

static void
test_many_that_end_together_are_all_told(void **state)
{
    for (int i = 0; i < 40; i++)
        children_watch(*state, fork_child(0, 0), on_ended, &told);
    run_until_reaped(*state);
    assert_int_equal(told.count, 40);
}

/* One signal may stand for both; only one of them is known to be ending. */
static void
test_who_was_not_expected_is_told_as_well(void **state)
{
    pid_t expected = fork_child(0, 0), other = fork_child(0, 0);
    siginfo_t ended;

    children_watch(*state, expected, on_ended, &told);
    children_watch(*state, other, on_ended, &told);
    children_expect(*state, expected);
    children_expect(*state, expected);
    children_expect(*state, 1);
    assert_int_equal(waitid(P_PID, (id_t)expected, &ended, WEXITED | WNOWAIT),
                     0);
    assert_int_equal(waitid(P_PID, (id_t)other, &ended, WEXITED | WNOWAIT), 0);
    run_until_reaped(*state);
    assert_int_equal(told.count, 2);
}

static void
test_who_is_expected_and_lives_on_is_waited_for(void **state)
{
    int hold[2];
    pid_t pid;

    assert_int_equal(pipe(hold), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char byte;

        close(hold[1]);
        _exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(hold[0]);
    children_watch(*state, pid, on_ended, &told);
    children_expect(*state, pid);
    children_watch(*state, fork_child(0, 0), on_ended, &told);
    while (told.count == 0)
        uv_run(&((struct router *)*state)->loop, UV_RUN_ONCE);
    assert_int_not_equal(told.pid, pid);
    close(hold[1]);
    run_until_reaped(*state);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.pid, pid);
}

static void
test_many_that_are_expected_are_all_told(void **state)
{
    for (int i = 0; i < 40; i++) {
        pid_t pid = fork_child(0, 0);

        children_watch(*state, pid, on_ended, &told);
        if (i % 3 != 0)
            children_expect(*state, pid);
    }
    run_until_reaped(*state);
    assert_int_equal(told.count, 40);
}

static void
test_who_is_forgotten_tells_nobody(void **state)
{
    pid_t pid = fork_child(0, 0);

    children_watch(*state, pid, on_ended, &told);
    children_forget(*state, pid);
    run_until_reaped(*state);
    assert_int_equal(told.count, 0);
}

static void
test_a_child_that_nobody_watches_can_be_killed(void **state)
{
    pid_t pid = fork();
    int status = -1;

    assert_true(pid >= 0);
    if (pid == 0) {
        pause();
        _exit(0);
    }
    children_kill(*state, pid);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    /* Its number is nobody's any more; and who is no child stays alive. */
    children_kill(*state, pid);
    children_kill(*state, getppid());
}

static void
test_a_child_that_somebody_watches_is_not_killed(void **state)
{
    pid_t pid = fork_child(7, 0);

    children_watch(*state, pid, on_ended, &told);
    children_kill(*state, pid);
    run_until_reaped(*state);
    assert_true(WIFEXITED(told.status));
}

static void
test_a_signal_is_named(void **state)
{
    char text[64];

    children_watch(*state, fork_child(0, SIGKILL), on_ended, &told);
    run_until_reaped(*state);
    child_status_text(told.status, text, sizeof(text));
    assert_string_equal(text, "signal 9 (Killed)");
    child_status_text(0x0100, text, sizeof(text));
    assert_string_equal(text, "exit status 1");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_watcher_is_told_how_it_ended),
        TEST(test_who_asks_late_is_told_at_once),
        TEST(test_many_that_end_together_are_all_told),
        TEST(test_who_was_not_expected_is_told_as_well),
        TEST(test_who_is_expected_and_lives_on_is_waited_for),
        TEST(test_many_that_are_expected_are_all_told),
        TEST(test_who_is_forgotten_tells_nobody),
        TEST(test_a_child_that_nobody_watches_can_be_killed),
        TEST(test_a_child_that_somebody_watches_is_not_killed),
        TEST(test_a_signal_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
