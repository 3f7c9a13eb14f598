/*
 * A process that stays on one processor, and its child, which need not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/affinity.h"

static cpu_set_t
allowed(void)
{
    cpu_set_t set;

    assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
    return set;
}

static void
test_we_stay_and_a_child_roams(void **state)
{
    cpu_set_t before = allowed(), now;
    struct affinity a;
    int status;
    pid_t child;

    (void)state;
    affinity_stay(&a);
    now = allowed();
    assert_int_equal(CPU_COUNT(&now), 1);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        affinity_roam(&a);
        if (sched_getaffinity(0, sizeof(now), &now) != 0)
            _exit(2);
        _exit(CPU_EQUAL(&now, &before) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    now = allowed();
    assert_int_equal(CPU_COUNT(&now), 1);
    affinity_roam(&a);
    now = allowed();
    assert_true(CPU_EQUAL(&now, &before));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_we_stay_and_a_child_roams),
    };

    return cmocka_run_group_tests_name("os/affinity", tests, NULL, NULL);
}
