#include "config/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

/* Ranges as text: "1-4 7-7". */
static void
assert_ranges(const struct config_list *list, const char *expected)
{
    char text[256] = "";
    size_t used = 0;

    for (size_t i = 0; i < list->count; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u-%u",
                                 i == 0 ? "" : " ",
                                 config_range_first(list->items[i]),
                                 config_range_last(list->items[i]));
    assert_string_equal(text, expected);
}

static void
set_rotary(struct config_list *ttys, uint32_t first, uint32_t last,
           uint32_t rotary)
{
    size_t i;

    config_range_select(&config_tty_ranges, ttys, first, last);
    i = config_range_index(ttys, first);
    for (; i < ttys->count && config_range_last(ttys->items[i]) <= last; i++)
        ((struct config_tty_range *)ttys->items[i])->tty.rotary = rotary;
    config_range_merge(&config_tty_ranges, ttys, first, last);
}

static void
test_there_may_be_gaps_among_lines_that_are_not_dense(void **state)
{
    struct config_list ttys = {.items = NULL};

    (void)state;
    set_rotary(&ttys, 7, 7, 1);
    assert_ranges(&ttys, "7-7");
    assert_null(config_range_of(&ttys, 6));
    assert_null(config_range_of(&ttys, 8));
    assert_int_equal(config_range_end(&ttys), 8);
    set_rotary(&ttys, 2, 3, 1);
    assert_ranges(&ttys, "2-3 7-7");
    set_rotary(&ttys, 1, 9, 2);
    assert_ranges(&ttys, "1-9");
    config_list_clear(&ttys, &config_tty_range_type);
}

static void
test_only_the_chosen_lines_change(void **state)
{
    struct config_list ttys = {.items = NULL};
    const struct config_tty_range *range;

    (void)state;
    set_rotary(&ttys, 1, 48, 1);
    set_rotary(&ttys, 10, 19, 2);
    assert_ranges(&ttys, "1-9 10-19 20-48");
    range = config_range_of(&ttys, 9);
    assert_int_equal(range->tty.rotary, 1);
    range = config_range_of(&ttys, 10);
    assert_int_equal(range->tty.rotary, 2);
    range = config_range_of(&ttys, 48);
    assert_int_equal(range->tty.rotary, 1);
    set_rotary(&ttys, 10, 19, 1);
    assert_ranges(&ttys, "1-48");
    config_list_clear(&ttys, &config_tty_range_type);
}

static void
test_equal_lines_with_a_gap_between_them_stay_apart(void **state)
{
    struct config_list ttys = {.items = NULL};

    (void)state;
    set_rotary(&ttys, 1, 2, 1);
    set_rotary(&ttys, 4, 5, 1);
    assert_ranges(&ttys, "1-2 4-5");
    set_rotary(&ttys, 3, 3, 1);
    assert_ranges(&ttys, "1-5");
    config_list_clear(&ttys, &config_tty_range_type);
}

static void
test_lines_are_removed_from_the_middle(void **state)
{
    struct config_list ttys = {.items = NULL};

    (void)state;
    set_rotary(&ttys, 1, 9, 1);
    config_range_remove(&config_tty_ranges, &ttys, 4, 6);
    assert_ranges(&ttys, "1-3 7-9");
    config_range_remove(&config_tty_ranges, &ttys, 5, 7);
    assert_ranges(&ttys, "1-3 8-9");
    config_range_remove(&config_tty_ranges, &ttys, 1, CONFIG_TTY_MAX);
    assert_ranges(&ttys, "");
    assert_int_equal(config_range_end(&ttys), 0);
    config_list_clear(&ttys, &config_tty_range_type);
}

static void
test_as_many_lines_as_there_may_be_are_one_range(void **state)
{
    struct config_list ttys = {.items = NULL};

    (void)state;
    for (uint32_t n = CONFIG_TTY_MAX; n > 0; n--)
        set_rotary(&ttys, n, n, 5);
    assert_ranges(&ttys, "1-4096");
    set_rotary(&ttys, CONFIG_TTY_MAX, CONFIG_TTY_MAX, 6);
    assert_ranges(&ttys, "1-4095 4096-4096");
    config_list_clear(&ttys, &config_tty_range_type);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_may_be_gaps_among_lines_that_are_not_dense),
        cmocka_unit_test(test_only_the_chosen_lines_change),
        cmocka_unit_test(test_equal_lines_with_a_gap_between_them_stay_apart),
        cmocka_unit_test(test_lines_are_removed_from_the_middle),
        cmocka_unit_test(test_as_many_lines_as_there_may_be_are_one_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
