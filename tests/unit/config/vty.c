#include "config/vty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

/* Ranges as text: "0-4 5-15". */
static void
assert_ranges(const struct config *config, const char *expected)
{
    char text[256] = "";
    size_t used = 0;

    for (size_t i = 0; i < config->vtys.list.count; i++) {
        const struct config_vty *range = config->vtys.list.items[i];

        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u-%u",
                                 i == 0 ? "" : " ", range->first, range->last);
    }
    assert_string_equal(text, expected);
}

static void
set_timeout(struct config *config, uint32_t first, uint32_t last,
            uint32_t minutes)
{
    config_range_select(&config_vty_ranges, &config->vtys.list, first, last);
    for (size_t i = 0; i < config->vtys.list.count; i++) {
        struct config_vty *range = config->vtys.list.items[i];

        if (range->first >= first && range->last <= last)
            range->line.exec_timeout_min = minutes;
    }
    config_range_merge(&config_vty_ranges, &config->vtys.list, first, last);
}

static void
test_new_lines_come_with_all_below_them(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    set_timeout(&config, 8, 9, 1);
    assert_ranges(&config, "0-4 5-7 8-9");
    assert_int_equal(config_vty_count(&config), 10);
    assert_int_equal(config_vty_line(&config, 7)->exec_timeout_min, 10);
    assert_int_equal(config_vty_line(&config, 8)->exec_timeout_min, 1);
    assert_null(config_vty_line(&config, 10));
    config_clear(&config);
}

static void
test_the_permanent_lines_are_a_range_of_their_own(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    set_timeout(&config, 0, 15, 3);
    assert_ranges(&config, "0-4 5-15");
    config_clear(&config);
}

static void
test_equal_neighbours_are_one_range(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    set_timeout(&config, 0, 99, 3);
    set_timeout(&config, 50, 59, 4);
    assert_ranges(&config, "0-4 5-49 50-59 60-99");
    set_timeout(&config, 50, 54, 3);
    assert_ranges(&config, "0-4 5-54 55-59 60-99");
    set_timeout(&config, 55, 59, 3);
    assert_ranges(&config, "0-4 5-99");
    config_clear(&config);
}

static void
test_ten_thousand_lines_are_two_ranges(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    set_timeout(&config, 0, CONFIG_VTY_MAX - 1, 3);
    assert_int_equal(config.vtys.list.count, 2);
    assert_int_equal(config_vty_count(&config), CONFIG_VTY_MAX);
    config_clear(&config);
}

static void
test_removing_takes_all_above_but_never_the_first_five(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    set_timeout(&config, 0, 15, 3);
    config_range_remove(&config_vty_ranges, &config.vtys.list, 9, 9);
    assert_ranges(&config, "0-4 5-8");
    config_range_remove(&config_vty_ranges, &config.vtys.list, 99, 99);
    assert_ranges(&config, "0-4 5-8");
    config_range_remove(&config_vty_ranges, &config.vtys.list, 2, 2);
    assert_ranges(&config, "0-4");
    config_clear(&config);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_lines_come_with_all_below_them),
        cmocka_unit_test(test_the_permanent_lines_are_a_range_of_their_own),
        cmocka_unit_test(test_equal_neighbours_are_one_range),
        cmocka_unit_test(test_ten_thousand_lines_are_two_ranges),
        cmocka_unit_test(
            test_removing_takes_all_above_but_never_the_first_five),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
