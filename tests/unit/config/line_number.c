#include "config/line_number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "config/range.h"

static uint32_t
number_of(const struct config *config, enum config_line_kind kind,
          uint32_t number)
{
    return config_line_number(config, (struct config_line_id){kind, number});
}

static void
add_aux(struct config *config)
{
    config_range_select(&config_aux_ranges, &config->aux.list, 0, 0);
}

static void
add_ttys(struct config *config, uint32_t first, uint32_t last)
{
    config_range_select(&config_tty_ranges, &config->ttys.list, first, last);
}

static void
test_without_other_lines_vtys_stand_behind_the_console(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    assert_int_equal(number_of(&config, CONFIG_LINE_CONSOLE, 0), 0);
    assert_int_equal(number_of(&config, CONFIG_LINE_VTY, 0), 1);
    assert_int_equal(number_of(&config, CONFIG_LINE_VTY, 4), 5);
    config_clear(&config);
}

static void
test_aux_stands_before_the_vtys_once_it_exists(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    add_aux(&config);
    assert_int_equal(number_of(&config, CONFIG_LINE_AUX, 0), 1);
    assert_int_equal(number_of(&config, CONFIG_LINE_VTY, 0), 2);
    config_clear(&config);
}

static void
test_aux_and_vtys_follow_the_highest_tty_line(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    add_ttys(&config, 3, 4);
    assert_int_equal(number_of(&config, CONFIG_LINE_TTY, 3), 3);
    assert_int_equal(number_of(&config, CONFIG_LINE_VTY, 0), 5);
    add_aux(&config);
    assert_int_equal(number_of(&config, CONFIG_LINE_AUX, 0), 5);
    assert_int_equal(number_of(&config, CONFIG_LINE_VTY, 0), 6);
    add_ttys(&config, CONFIG_TTY_MAX, CONFIG_TTY_MAX);
    assert_int_equal(number_of(&config, CONFIG_LINE_AUX, 0), 4097);
    assert_int_equal(number_of(&config, CONFIG_LINE_VTY, 0), 4098);
    config_clear(&config);
}

static void
test_every_number_is_the_one_of_its_line(void **state)
{
    struct config config;
    struct config_line_id id;
    unsigned found = 0;

    (void)state;
    config_init(&config);
    add_ttys(&config, 2, 3);
    add_ttys(&config, 6, 6);
    add_aux(&config);
    for (uint32_t number = 0; number <= CONFIG_LINE_NUMBER_MAX; number++) {
        if (!config_line_at(&config, number, &id))
            continue;
        assert_true(config_line_exists(&config, id));
        assert_int_equal(config_line_number(&config, id), number);
        found++;
    }
    /* con 0; tty 2, 3, 6; aux 0; vty 0 to 4 */
    assert_int_equal(found, 10);
    assert_false(config_line_at(&config, 1, &id));
    assert_false(config_line_at(&config, 5, &id));
    assert_true(config_line_at(&config, 7, &id));
    assert_int_equal(id.kind, CONFIG_LINE_AUX);
    assert_true(config_line_at(&config, 8, &id));
    assert_int_equal(id.kind, CONFIG_LINE_VTY);
    config_clear(&config);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_without_other_lines_vtys_stand_behind_the_console),
        cmocka_unit_test(test_aux_stands_before_the_vtys_once_it_exists),
        cmocka_unit_test(test_aux_and_vtys_follow_the_highest_tty_line),
        cmocka_unit_test(test_every_number_is_the_one_of_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
