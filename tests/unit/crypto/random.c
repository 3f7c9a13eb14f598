#include "crypto/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/crypto.h"

#define CHILDREN 50
#define COOKIE   16

static void
test_draws_differ(void **state)
{
    uint8_t one[COOKIE], other[COOKIE];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        random_bytes(NULL, one, COOKIE);
        random_bytes(NULL, other, COOKIE);
        assert_memory_not_equal(one, other, COOKIE);
    }
}

static void
test_every_length_is_filled(void **state)
{
    static uint8_t bytes[70001];

    (void)state;
    for (size_t len = 0; len < 1100; len++) {
        memset(bytes, 0, len + 1);
        random_bytes(NULL, bytes, len);
        assert_int_equal(bytes[len], 0);
        if (len >= COOKIE) {
            static const uint8_t zeros[COOKIE];

            assert_memory_not_equal(bytes, zeros, COOKIE);
            assert_memory_not_equal(bytes + len - COOKIE, zeros, COOKIE);
        }
    }
    memset(bytes, 0, sizeof(bytes));
    random_bytes(NULL, bytes, 70000);
    assert_int_equal(bytes[70000], 0);
}

static void
test_all_byte_values_come(void **state)
{
    unsigned count[256] = {0};

    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint8_t byte;

        random_bytes(NULL, &byte, 1);
        count[byte]++;
    }
    /* 390 are expected; 200 is ten standard deviations away. */
    for (int i = 0; i < 256; i++)
        assert_in_range(count[i], 200, 600);
}

static void
test_children_of_one_process_draw_different_bytes(void **state)
{
    uint8_t cookies[CHILDREN][COOKIE];
    int ends[2];

    (void)state;
    assert_int_equal(crypto_warm_up(), OK);
    random_bytes(NULL, cookies[0], COOKIE);
    random_forget();
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < CHILDREN; i++) {
        pid_t child = fork();
        int status;

        if (child == 0) {
            uint8_t cookie[COOKIE];

            random_bytes(NULL, cookie, COOKIE);
            _exit(write(ends[1], cookie, COOKIE) == COOKIE ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(read(ends[0], cookies[i], COOKIE), COOKIE);
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(cookies[i], cookies[j], COOKIE);
    }
    close(ends[0]);
    close(ends[1]);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draws_differ),
        cmocka_unit_test(test_every_length_is_filled),
        cmocka_unit_test(test_all_byte_values_come),
        cmocka_unit_test(test_children_of_one_process_draw_different_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
