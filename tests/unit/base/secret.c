#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_a_secret_holds_up_to_its_maximum(void **state)
{
    static uint8_t bytes[SECRET_MAX + 1] = {1, 2, 3};
    struct secret s;

    (void)state;
    assert_true(secret_set(&s, span_of(bytes, SECRET_MAX)));
    assert_int_equal(s.len, SECRET_MAX);
    assert_memory_equal(s.bytes, bytes, SECRET_MAX);
    assert_false(secret_set(&s, span_of(bytes, SECRET_MAX + 1)));
    assert_int_equal(s.len, 0);
    assert_int_equal(s.bytes[0], 0);
}

static void
test_a_shorter_secret_leaves_nothing_of_the_longer(void **state)
{
    static const uint8_t zeros[4];
    struct secret s;

    (void)state;
    assert_true(secret_set(&s, span_text("longer")));
    assert_true(secret_set(&s, span_text("ab")));
    assert_true(span_is(secret_span(&s), "ab"));
    assert_memory_equal(s.bytes + 2, zeros, 4);
}

static void
test_clearing_wipes_every_byte(void **state)
{
    static const struct secret empty;
    struct secret s;

    (void)state;
    memset(&s, 0xaa, sizeof(s));
    secret_clear(&s);
    assert_memory_equal(&s, &empty, sizeof(s));
}

static void
test_wiping_nothing_is_allowed(void **state)
{
    (void)state;
    wipe(NULL, 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_secret_holds_up_to_its_maximum),
        cmocka_unit_test(test_a_shorter_secret_leaves_nothing_of_the_longer),
        cmocka_unit_test(test_clearing_wipes_every_byte),
        cmocka_unit_test(test_wiping_nothing_is_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
