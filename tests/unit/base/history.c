#include "base/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void
add(struct history *h, const char *line)
{
    history_add(h, span_text(line));
}

#define assert_back(h, back, text)                 \
    do {                                           \
        struct span line_;                         \
                                                   \
        assert_true(history_get(h, back, &line_)); \
        assert_true(span_is(line_, text));         \
    } while (0)

static void
test_lines_come_back_newest_first(void **state)
{
    struct history h;
    struct span line;

    (void)state;
    history_init(&h, 20);
    add(&h, "one");
    add(&h, "two");
    assert_back(&h, 1, "two");
    assert_back(&h, 2, "one");
    assert_false(history_get(&h, 3, &line));
    assert_false(history_get(&h, 0, &line));
    history_clear(&h);
}

static void
test_empty_and_repeated_lines_are_not_kept(void **state)
{
    struct history h;

    (void)state;
    history_init(&h, 20);
    add(&h, "");
    add(&h, "one");
    add(&h, "one");
    add(&h, "two");
    add(&h, "one");
    assert_int_equal(h.count, 3);
    history_clear(&h);
}

static void
test_the_oldest_goes_when_it_is_full(void **state)
{
    struct history h;
    char line[32];

    (void)state;
    history_init(&h, 10);
    for (int i = 0; i < 25; i++) {
        (void)snprintf(line, sizeof(line), "line %d", i);
        add(&h, line);
    }
    assert_int_equal(h.count, 10);
    assert_back(&h, 10, "line 15");
    assert_back(&h, 1, "line 24");
    history_resize(&h, 2);
    assert_int_equal(h.count, 2);
    assert_back(&h, 2, "line 23");
    history_resize(&h, 3);
    add(&h, "x");
    add(&h, "y");
    assert_int_equal(h.count, 3);
    assert_back(&h, 3, "line 24");
    history_clear(&h);
}

static void
test_size_zero_keeps_nothing(void **state)
{
    struct history h;

    (void)state;
    history_init(&h, 0);
    add(&h, "one");
    assert_int_equal(h.count, 0);
    history_resize(&h, 4);
    add(&h, "one");
    history_resize(&h, 0);
    assert_int_equal(h.count, 0);
    assert_null(h.lines);
    history_clear(&h);
}

static void
test_size_is_bounded(void **state)
{
    struct history h;

    (void)state;
    history_init(&h, 100000);
    assert_int_equal(h.size, HISTORY_MAX);
    history_resize(&h, 100000);
    assert_int_equal(h.size, HISTORY_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_come_back_newest_first),
        cmocka_unit_test(test_empty_and_repeated_lines_are_not_kept),
        cmocka_unit_test(test_the_oldest_goes_when_it_is_full),
        cmocka_unit_test(test_size_zero_keeps_nothing),
        cmocka_unit_test(test_size_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
