#include "config/tty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_a_line_exists_when_it_was_configured(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    assert_null(config_tty_line(&config, 1));
    assert_null(config_aux_line(&config));
    assert_int_equal(config_tty_last(&config), 0);
    config_range_select(&config_tty_ranges, &config.ttys.list, 3, 5);
    config_range_select(&config_aux_ranges, &config.aux.list, 0, 0);
    assert_null(config_tty_line(&config, 2));
    assert_non_null(config_tty_line(&config, 3));
    assert_non_null(config_tty_line(&config, 5));
    assert_null(config_tty_line(&config, 6));
    assert_null(config_tty_line(&config, 0));
    assert_non_null(config_aux_line(&config));
    assert_int_equal(config_tty_last(&config), 5);
    config_clear(&config);
}

static void
test_speeds_rise(void **state)
{
    size_t i = 0;

    (void)state;
    assert_int_equal(config_tty_speeds[0], 300);
    while (config_tty_speeds[i + 1] != 0) {
        assert_true(config_tty_speeds[i] < config_tty_speeds[i + 1]);
        i++;
    }
    assert_int_equal(config_tty_speeds[i], 4000000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_exists_when_it_was_configured),
        cmocka_unit_test(test_speeds_rise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
