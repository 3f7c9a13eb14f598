#include "term/kill_ring.h"

#include <stdio.h>

#include "check.h"

static void
test_the_newest_comes_first(void **state)
{
    struct kill_ring r = {0};

    (void)state;
    assert_int_equal(kill_ring_get(&r, 0).len, 0);
    kill_ring_add(&r, span_text("one"));
    kill_ring_add(&r, SPAN_EMPTY);
    kill_ring_add(&r, span_text("two"));
    assert_span(kill_ring_get(&r, 0), "two");
    assert_span(kill_ring_get(&r, 1), "one");
    assert_span(kill_ring_get(&r, 2), "two");
    kill_ring_clear(&r);
}

static void
test_ten_pieces_are_kept(void **state)
{
    struct kill_ring r = {0};
    char text[16];

    (void)state;
    for (int i = 0; i < 13; i++) {
        (void)snprintf(text, sizeof(text), "%d", i);
        kill_ring_add(&r, span_text(text));
    }
    assert_span(kill_ring_get(&r, 0), "12");
    assert_span(kill_ring_get(&r, 9), "3");
    assert_span(kill_ring_get(&r, 10), "12");
    kill_ring_clear(&r);
    assert_int_equal(r.count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_comes_first),
        cmocka_unit_test(test_ten_pieces_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
