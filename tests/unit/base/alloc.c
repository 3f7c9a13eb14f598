#include "base/alloc.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_memory_is_zero(void **state)
{
    static const uint8_t zeros[3000];
    uint8_t *memory = alloc_zero(1000, 3);

    (void)state;
    assert_memory_equal(memory, zeros, sizeof(zeros));
    free(memory);
}

static void
test_nothing_is_still_a_pointer(void **state)
{
    void *memory = alloc_zero(0, 8);

    (void)state;
    assert_non_null(memory);
    memory = alloc_resize(memory, 0, 1);
    assert_non_null(memory);
    free(memory);
}

static void
test_resizing_keeps_the_contents(void **state)
{
    char *memory = alloc_resize(NULL, 4, 1);

    (void)state;
    memcpy(memory, "abc", 4);
    memory = alloc_resize(memory, 5000, 2);
    assert_string_equal(memory, "abc");
    free(memory);
}

/* What becomes of a process that calls `ask`. */
static int
status_of(void (*ask)(void))
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        const struct rlimit none = {0, 0};

        setrlimit(RLIMIT_CORE, &none);
        /* A sanitizer would print its report of the size asked for. */
        close(STDERR_FILENO);
        ask();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static volatile size_t too_much = SIZE_MAX / 4;

static void
ask_for_too_much(void)
{
    free(alloc_zero(too_much, 2));
}

static void
ask_for_a_product_that_wraps(void)
{
    free(alloc_zero(too_much, 16));
}

static void
resize_to_a_product_that_wraps(void)
{
    free(alloc_resize(NULL, too_much, 16));
}

static void
test_out_of_memory_ends_the_process(void **state)
{
    (void)state;
    assert_int_not_equal(status_of(ask_for_too_much), 0);
    assert_int_not_equal(status_of(ask_for_a_product_that_wraps), 0);
    assert_int_not_equal(status_of(resize_to_a_product_that_wraps), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zero),
        cmocka_unit_test(test_nothing_is_still_a_pointer),
        cmocka_unit_test(test_resizing_keeps_the_contents),
        cmocka_unit_test(test_out_of_memory_ends_the_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
