/* Laws of code in huge pages: it is the same code, and constants are too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/huge_text.h"

#define TABLE_LEN (3u << 20) /* not whole huge pages */

/* Large enough to be worth it; not all zero, or it is not in the file. */
static const uint8_t table[TABLE_LEN] = {[0] = 1, [TABLE_LEN - 1] = 2};

/* The rights of the mapping at `address`, and whether a file is behind it. */
static void
find_mapping(const void *address, char rights[5], bool *file)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    bool found = false;

    assert_non_null(maps);
    while (!found && fgets(line, sizeof(line), maps) != NULL) {
        unsigned long from, to;

        assert_int_equal(sscanf(line, "%lx-%lx %4s", &from, &to, rights), 3);
        found = (uintptr_t)address >= from && (uintptr_t)address < to;
    }
    fclose(maps);
    assert_true(found);
    *file = strchr(line, '/') != NULL;
}

static void
assert_table_is_whole(void)
{
    const volatile uint8_t *bytes = table;
    unsigned sum = 0;

    for (size_t i = 0; i < TABLE_LEN; i++)
        sum += bytes[i];
    assert_int_equal(bytes[0], 1);
    assert_int_equal(bytes[TABLE_LEN - 1], 2);
    assert_int_equal(sum, 3);
}

/* Whether there are huge pages is the machine's affair. */
static void
test_constants_stay_what_they_were(void **state)
{
    char rights[5];
    bool done, file;

    (void)state;
    done = huge_text();
    assert_table_is_whole();
    find_mapping(table + TABLE_LEN / 2, rights, &file);
    assert_string_equal(rights, "r--p");
    if (done)
        assert_false(file);
}

static void
test_code_is_never_writable(void **state)
{
    char rights[5];
    bool file;

    (void)state;
    find_mapping((const void *)(uintptr_t)huge_text, rights, &file);
    assert_string_equal(rights, "r-xp");
}

static void
test_a_child_runs_the_same_code(void **state)
{
    int status;
    pid_t pid = fork();

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        const volatile uint8_t *bytes = table;

        _exit(bytes[TABLE_LEN - 1]);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
}

static void
test_a_second_time_changes_nothing(void **state)
{
    (void)state;
    (void)huge_text();
    assert_table_is_whole();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constants_stay_what_they_were),
        cmocka_unit_test(test_code_is_never_writable),
        cmocka_unit_test(test_a_child_runs_the_same_code),
        cmocka_unit_test(test_a_second_time_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
