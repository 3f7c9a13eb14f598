/* Laws of the sources that are refused for a while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "control/penalties.h"

static struct net_address
peer(const char *text)
{
    struct net_address a;

    assert_int_equal(net_parse(text, &a), OK);
    return a;
}

static void
test_the_fifth_fault_within_a_minute_has_a_consequence(void **state)
{
    struct penalties *p = penalties_new();
    struct net_address a = peer("192.0.2.1:1"), other = peer("192.0.2.2:1");
    uint64_t now = 1000;

    (void)state;
    for (int i = 0; i < PENALTY_FAULTS - 1; i++) {
        penalties_add(p, &a, PENALTY_PROTOCOL_MS, now++);
        assert_false(penalties_refuse(p, &a, now));
    }
    penalties_add(p, &a, PENALTY_PROTOCOL_MS, now);
    assert_true(penalties_refuse(p, &a, now));
    assert_true(penalties_refuse(p, &a, now + PENALTY_PROTOCOL_MS - 1));
    assert_false(penalties_refuse(p, &a, now + PENALTY_PROTOCOL_MS));
    assert_false(penalties_refuse(p, &other, now));
    penalties_free(p);
}

static void
test_faults_that_are_far_apart_have_none(void **state)
{
    struct penalties *p = penalties_new();
    struct net_address a = peer("192.0.2.1:1");

    (void)state;
    for (uint64_t i = 1; i < 100; i++) {
        penalties_add(p, &a, PENALTY_CRASH_MS, i * 15000);
        assert_false(penalties_refuse(p, &a, i * 15000));
    }
    penalties_free(p);
}

static void
test_loopback_is_never_refused(void **state)
{
    struct penalties *p = penalties_new();
    struct net_address four = peer("127.0.0.1:1"), six = peer("[::1]:1");

    (void)state;
    for (int i = 0; i < 50; i++) {
        penalties_add(p, &four, PENALTY_CRASH_MS, 1000);
        penalties_add(p, &six, PENALTY_CRASH_MS, 1000);
    }
    assert_false(penalties_refuse(p, &four, 1001));
    assert_false(penalties_refuse(p, &six, 1001));
    penalties_free(p);
}

static void
test_a_penalty_has_an_upper_bound(void **state)
{
    struct penalties *p = penalties_new();
    struct net_address a = peer("192.0.2.1:1");

    (void)state;
    for (int i = 0; i < 1000; i++)
        penalties_add(p, &a, PENALTY_CRASH_MS, 5000);
    assert_true(penalties_refuse(p, &a, 5000 + PENALTY_MAX_MS - 1));
    assert_false(penalties_refuse(p, &a, 5000 + PENALTY_MAX_MS));
    penalties_free(p);
}

static void
test_a_full_table_is_lenient_and_empties_itself(void **state)
{
    struct penalties *p = penalties_new();
    struct net_address late = peer("198.51.100.1:1");
    char text[NET_TEXT_MAX];

    (void)state;
    for (int i = 0; i < PENALTY_SOURCES_MAX; i++) {
        struct net_address a;

        snprintf(text, sizeof(text), "10.1.%d.%d:1", i / 256, i % 256);
        a = peer(text);
        penalties_add(p, &a, PENALTY_PROTOCOL_MS, 1000);
    }
    for (int i = 0; i < PENALTY_FAULTS; i++)
        penalties_add(p, &late, PENALTY_PROTOCOL_MS, 2000);
    assert_false(penalties_refuse(p, &late, 2000));
    /* A minute later the others are forgotten. */
    for (int i = 0; i < PENALTY_FAULTS; i++)
        penalties_add(p, &late, PENALTY_PROTOCOL_MS, 70000);
    assert_true(penalties_refuse(p, &late, 70000));
    penalties_free(p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_the_fifth_fault_within_a_minute_has_a_consequence),
        cmocka_unit_test(test_faults_that_are_far_apart_have_none),
        cmocka_unit_test(test_loopback_is_never_refused),
        cmocka_unit_test(test_a_penalty_has_an_upper_bound),
        cmocka_unit_test(test_a_full_table_is_lenient_and_empties_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
