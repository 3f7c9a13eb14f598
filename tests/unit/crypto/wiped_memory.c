#include "crypto/wiped_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/hash.h"

/* What it is for is seen from outside: tests/programs/test_vtyssh_secrets.py.
 */
static void
test_libcrypto_works_in_it(void **state)
{
    struct span text = span_text("abc");
    uint8_t hash[HASH_MAX];

    (void)state;
    assert_int_equal(wiped_memory_begin(), OK);
    assert_int_equal(crypto_warm_up(), OK);
    assert_int_equal(hash_pieces(HASH_SHA256, &text, 1, hash), OK);
    assert_int_equal(hash[0], 0xba);
}

/* For the whole process, and so in one of its own. */
static void
test_it_begins_before_everything_or_not_at_all(void **state)
{
    pid_t pid = fork();
    int status;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(crypto_warm_up() == OK && wiped_memory_begin() == ERR_CRYPTO ? 0
                                                                           : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_begins_before_everything_or_not_at_all),
        cmocka_unit_test(test_libcrypto_works_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
