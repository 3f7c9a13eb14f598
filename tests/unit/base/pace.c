#include "base/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* How many may come at that moment. */
static unsigned
taken(struct pace *pace, uint64_t now_ms)
{
    unsigned count = 0;

    while (count < 10000 && pace_take(pace, now_ms))
        count++;
    return count;
}

static void
test_a_burst_then_so_many_a_second(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 50, 20, 1000);
    assert_int_equal(taken(&pace, 1000), 50);
    assert_int_equal(taken(&pace, 1000), 0);
    assert_int_equal(taken(&pace, 2000), 20);
    assert_int_equal(taken(&pace, 2500), 10);
}

static void
test_a_long_silence_gives_a_burst_and_no_more(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 50, 20, 0);
    assert_int_equal(taken(&pace, 0), 50);
    assert_int_equal(taken(&pace, UINT64_C(1) << 50), 50);
}

static void
test_nothing_is_lost_between_two_looks(void **state)
{
    struct pace pace;
    unsigned count = 0;

    (void)state;
    pace_init(&pace, 50, 3, 0);
    (void)taken(&pace, 0);
    for (uint64_t now_ms = 1; now_ms <= 10000; now_ms++)
        count += taken(&pace, now_ms);
    assert_int_equal(count, 30);
}

static void
test_a_clock_that_stands_or_goes_back_gives_none(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 5, 1000, 5000);
    assert_int_equal(taken(&pace, 5000), 5);
    assert_int_equal(taken(&pace, 1), 0);
}

static void
test_what_is_left_out_is_counted_until_it_is_told(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 1, 1, 0);
    assert_true(pace_leave_out(&pace));
    assert_false(pace_leave_out(&pace));
    assert_int_equal(pace_settle(&pace), 2);
    assert_int_equal(pace_settle(&pace), 0);
    assert_true(pace_leave_out(&pace));
    pace.left_out = UINT32_MAX;
    assert_false(pace_leave_out(&pace));
    assert_int_equal(pace_settle(&pace), UINT32_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_burst_then_so_many_a_second),
        cmocka_unit_test(test_a_long_silence_gives_a_burst_and_no_more),
        cmocka_unit_test(test_nothing_is_lost_between_two_looks),
        cmocka_unit_test(test_a_clock_that_stands_or_goes_back_gives_none),
        cmocka_unit_test(test_what_is_left_out_is_counted_until_it_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
