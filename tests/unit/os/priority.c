/*
 * Who runs first. What Linux makes of it is not asserted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/priority.h"

static void
test_a_child_yields_and_we_do_not(void **state)
{
    int own = getpriority(PRIO_PROCESS, 0), mine[2], status;
    char byte = 0;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(mine), 0);
    priority_prompt();
    assert_int_equal(getpriority(PRIO_PROCESS, 0), own);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(mine[1]);
        _exit(read(mine[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(mine[0]);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)child), own);
    priority_yield(child, true);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)child),
                     own + 5 < 19 ? own + 5 : 19);
    priority_yield(child, false);
    if (geteuid() == 0 && own + 5 <= 19)
        assert_int_equal(getpriority(PRIO_PROCESS, (id_t)child), own);
    close(mine[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    /* Nobody is there any more: nothing happens. */
    priority_yield(child, true);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_child_yields_and_we_do_not),
    };

    return cmocka_run_group_tests_name("os/priority", tests, NULL, NULL);
}
