/* Laws of who gets the next place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "control/admission.h"

static struct net_address
peer(const char *host)
{
    struct net_address a;
    char text[NET_TEXT_MAX];

    snprintf(text, sizeof(text), strchr(host, ':') ? "[%s]:1" : "%s:1", host);
    assert_int_equal(net_parse(text, &a), OK);
    return a;
}

static struct applicant *
arrive(struct admission *a, const char *host, uint64_t now_ms)
{
    struct net_address from = peer(host);
    struct applicant *crowded_out;
    struct applicant *p = admission_wait(a, 7, &from, now_ms, &crowded_out);

    assert_null(crowded_out);
    return p;
}

static struct applicant *
arrive_and_place(struct admission *a, const char *host, uint64_t now_ms)
{
    struct applicant *p = arrive(a, host, now_ms);

    admission_place(a, p, now_ms);
    return p;
}

static void
test_one_source_is_served_in_the_order_of_arrival(void **state)
{
    struct admission *a = admission_new();
    struct applicant *first = arrive(a, "10.0.0.1", 1);
    struct applicant *second = arrive(a, "10.0.0.1", 2);

    (void)state;
    assert_ptr_equal(admission_next(a), first);
    admission_place(a, first, 3);
    assert_ptr_equal(admission_next(a), second);
    assert_int_equal(admission_waiting(a), 1);
    assert_int_equal(admission_places(a), 1);
    admission_free(a);
}

static void
test_a_place_goes_to_the_source_that_holds_fewest(void **state)
{
    struct admission *a = admission_new();
    struct applicant *greedy, *modest;

    (void)state;
    arrive_and_place(a, "10.0.0.1", 1);
    arrive_and_place(a, "10.0.0.1", 1);
    arrive_and_place(a, "10.0.0.2", 1);
    greedy = arrive(a, "10.0.0.1", 2);
    modest = arrive(a, "10.0.0.2", 3);
    assert_ptr_equal(admission_next(a), modest);
    admission_remove(a, modest);
    assert_ptr_equal(admission_next(a), greedy);
    admission_free(a);
}

static void
test_addresses_of_one_subscriber_are_one_source(void **state)
{
    struct admission *a = admission_new();
    struct applicant *same, *other;

    (void)state;
    arrive_and_place(a, "2001:db8:0:1::1", 1);
    same = arrive(a, "2001:db8:0:1:ffff::2", 2);
    other = arrive(a, "2001:db8:0:2::1", 3);
    assert_ptr_equal(admission_next(a), other);
    admission_remove(a, other);
    assert_ptr_equal(admission_next(a), same);
    admission_free(a);
}

static void
test_who_has_none_takes_the_oldest_place_of_who_has_most(void **state)
{
    struct admission *a = admission_new();
    struct applicant *oldest;
    uint64_t again_ms;

    (void)state;
    arrive_and_place(a, "10.0.0.9", 0); /* older, but has only one */
    oldest = arrive_and_place(a, "10.0.0.1", 10);
    arrive_and_place(a, "10.0.0.1", 20);
    arrive(a, "10.0.0.2", 30);
    assert_ptr_equal(admission_victim(a, 5000, &again_ms), oldest);
    assert_int_equal(oldest->state, APPLICANT_LEAVING);
    /* One for each source that has none, and it is on its way. */
    assert_null(admission_victim(a, 5000, &again_ms));
    assert_int_equal(again_ms, UINT64_MAX);
    assert_int_equal(admission_places(a), 3);
    admission_remove(a, oldest);
    assert_int_equal(admission_places(a), 2);
    admission_free(a);
}

static void
test_a_place_younger_than_a_second_is_not_taken(void **state)
{
    struct admission *a = admission_new();
    struct applicant *p = arrive_and_place(a, "10.0.0.1", 1000);
    uint64_t again_ms;

    (void)state;
    arrive(a, "10.0.0.2", 1001);
    assert_null(admission_victim(a, 1999, &again_ms));
    assert_int_equal(again_ms, 2000);
    assert_ptr_equal(admission_victim(a, 2000, &again_ms), p);
    admission_free(a);
}

static void
test_of_sources_with_as_many_the_oldest_place_goes(void **state)
{
    struct admission *a = admission_new();
    struct applicant *old;
    uint64_t again_ms;

    (void)state;
    arrive_and_place(a, "10.0.0.1", 50);
    old = arrive_and_place(a, "10.0.0.2", 40);
    arrive_and_place(a, "10.0.0.3", 60);
    arrive(a, "10.0.0.4", 70);
    assert_ptr_equal(admission_victim(a, 9000, &again_ms), old);
    admission_free(a);
}

static void
test_a_source_that_holds_a_place_takes_none(void **state)
{
    struct admission *a = admission_new();
    uint64_t again_ms;

    (void)state;
    for (int i = 0; i < 5; i++)
        arrive_and_place(a, "10.0.0.1", 1);
    arrive_and_place(a, "10.0.0.2", 1);
    arrive(a, "10.0.0.2", 2);
    assert_null(admission_victim(a, 90000, &again_ms));
    admission_free(a);
}

static void
test_a_full_room_closes_the_newest_of_the_largest_source(void **state)
{
    struct admission *a = admission_new();
    struct net_address flood = peer("10.0.0.1"), other = peer("10.0.0.2");
    struct applicant *last = NULL, *crowded_out, *p;

    (void)state;
    for (int i = 0; i < ADMISSION_WAITING_MAX; i++) {
        last = admission_wait(a, 7, &flood, 1, &crowded_out);
        assert_null(crowded_out);
    }
    p = admission_wait(a, 7, &flood, 2, &crowded_out);
    assert_ptr_equal(crowded_out, p);
    admission_remove(a, crowded_out);
    p = admission_wait(a, 7, &other, 3, &crowded_out);
    assert_ptr_equal(crowded_out, last);
    admission_remove(a, crowded_out);
    assert_int_equal(admission_waiting(a), ADMISSION_WAITING_MAX);
    admission_remove(a, p);
    admission_free(a);
}

static void
test_the_longest_waiting_is_known_for_the_deadline(void **state)
{
    struct admission *a = admission_new();
    struct applicant *first = arrive(a, "10.0.0.1", 5);
    struct applicant *second = arrive(a, "10.0.0.2", 6);

    (void)state;
    assert_ptr_equal(admission_oldest(a), first);
    admission_place(a, first, 7);
    assert_ptr_equal(admission_oldest(a), second);
    admission_remove(a, second);
    assert_null(admission_oldest(a));
    assert_null(admission_next(a));
    admission_free(a);
}

/* A deterministic walk: whatever happens, the counts stay right. */
static void
test_counts_hold_through_any_order_of_events(void **state)
{
    struct admission *a = admission_new();
    struct applicant *here[200] = {NULL};
    size_t waiting = 0, placed = 0;
    uint32_t random = 12345;
    uint64_t again_ms;

    (void)state;
    for (uint64_t now = 1; now < 20000; now++) {
        size_t at = (random = random * 1103515245u + 12345u) >> 8;
        char host[32];

        snprintf(host, sizeof(host), "10.0.0.%zu", at % 7 + 1);
        at = at / 7 % 200;
        if (here[at] == NULL) {
            here[at] = arrive(a, host, now);
            waiting++;
        } else if (here[at]->state == APPLICANT_WAITS && random % 3 != 0) {
            admission_place(a, here[at], now);
            waiting--;
            placed++;
        } else {
            if (here[at]->state == APPLICANT_WAITS)
                waiting--;
            else
                placed--;
            admission_remove(a, here[at]);
            here[at] = NULL;
        }
        if (random % 5 == 0)
            admission_victim(a, now, &again_ms);
        assert_int_equal(admission_waiting(a), waiting);
        assert_int_equal(admission_places(a), placed);
        assert_true((admission_next(a) != NULL) == (waiting > 0));
    }
    admission_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_source_is_served_in_the_order_of_arrival),
        cmocka_unit_test(test_a_place_goes_to_the_source_that_holds_fewest),
        cmocka_unit_test(test_addresses_of_one_subscriber_are_one_source),
        cmocka_unit_test(
            test_who_has_none_takes_the_oldest_place_of_who_has_most),
        cmocka_unit_test(test_a_place_younger_than_a_second_is_not_taken),
        cmocka_unit_test(test_of_sources_with_as_many_the_oldest_place_goes),
        cmocka_unit_test(test_a_source_that_holds_a_place_takes_none),
        cmocka_unit_test(
            test_a_full_room_closes_the_newest_of_the_largest_source),
        cmocka_unit_test(test_the_longest_waiting_is_known_for_the_deadline),
        cmocka_unit_test(test_counts_hold_through_any_order_of_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
