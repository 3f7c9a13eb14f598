/* Laws of the line that a user's name asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/range.h"
#include "config/tty.h"
#include "control/line_target.h"

static void
assert_split(const char *name, const char *user, enum line_target_kind kind,
             uint32_t number)
{
    struct line_target target = {LINE_TARGET_NONE, 0};
    struct span left = line_target_split(span_text(name), &target);

    assert_true(span_is(left, user));
    assert_int_equal(target.kind, kind);
    assert_int_equal(target.number, number);
}

static void
test_a_name_may_ask_for_a_line_or_a_group(void **state)
{
    (void)state;
    assert_split("lab", "lab", LINE_TARGET_NONE, 0);
    assert_split("lab:7", "lab", LINE_TARGET_LINE, 7);
    assert_split("lab:rotary1", "lab", LINE_TARGET_ROTARY, 1);
    assert_split("a:b:12", "a:b", LINE_TARGET_LINE, 12);
    assert_split(":7", "", LINE_TARGET_LINE, 7);
}

static void
test_what_is_no_number_is_part_of_the_name(void **state)
{
    (void)state;
    assert_split("lab:", "lab:", LINE_TARGET_NONE, 0);
    assert_split("lab:x", "lab:x", LINE_TARGET_NONE, 0);
    assert_split("lab:-1", "lab:-1", LINE_TARGET_NONE, 0);
    assert_split("lab:7x", "lab:7x", LINE_TARGET_NONE, 0);
    assert_split("lab:rotary", "lab:rotary", LINE_TARGET_NONE, 0);
    assert_split("lab:rotary128", "lab:rotary128", LINE_TARGET_NONE, 0);
    assert_split("lab:Rotary1", "lab:Rotary1", LINE_TARGET_NONE, 0);
    assert_split("lab:99999999999999999999", "lab:99999999999999999999",
                 LINE_TARGET_NONE, 0);
}

static void
test_a_port_holds_unless_the_name_says_more(void **state)
{
    struct line_target target = {LINE_TARGET_ROTARY, 3};

    (void)state;
    line_target_split(span_text("lab"), &target);
    assert_int_equal(target.kind, LINE_TARGET_ROTARY);
    assert_int_equal(target.number, 3);
    line_target_split(span_text("lab:2"), &target);
    assert_int_equal(target.kind, LINE_TARGET_LINE);
}

static struct config_tty *
make_lines(struct config *config, uint32_t first, uint32_t last)
{
    struct config_tty_range *range;

    config_range_select(&config_tty_ranges, &config->ttys.list, first, last);
    range = config_range_of(&config->ttys.list, first);
    return &range->tty;
}

static void
test_the_lines_of_a_group_come_in_order(void **state)
{
    struct line_target group = {LINE_TARGET_ROTARY, 5};
    struct line_target one = {LINE_TARGET_LINE, 4};
    struct config config;

    (void)state;
    config_init(&config);
    make_lines(&config, 1, 2);
    make_lines(&config, 3, 4)->rotary = 5;
    make_lines(&config, 9, 9)->rotary = 5;
    assert_int_equal(line_target_next(&config, &group, 0), 3);
    assert_int_equal(line_target_next(&config, &group, 3), 4);
    assert_int_equal(line_target_next(&config, &group, 4), 9);
    assert_int_equal(line_target_next(&config, &group, 9), 0);
    assert_int_equal(line_target_next(&config, &one, 0), 4);
    assert_int_equal(line_target_next(&config, &one, 4), 0);
    one.number = 6;
    assert_int_equal(line_target_next(&config, &one, 0), 0);
    group.number = 0;
    assert_int_equal(line_target_next(&config, &group, 0), 0);
    config_clear(&config);
}

static void
test_the_line_says_how_one_logs_in_if_it_says_anything(void **state)
{
    struct line_target target = {LINE_TARGET_LINE, 1};
    struct config config;
    struct config_tty *tty;

    (void)state;
    config_init(&config);
    tty = make_lines(&config, 1, 1);
    assert_null(line_target_login(&config, &target));
    tty->line.login = CONFIG_LOGIN_LOCAL;
    assert_ptr_equal(line_target_login(&config, &target), &tty->line);
    config_clear(&config);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_may_ask_for_a_line_or_a_group),
        cmocka_unit_test(test_what_is_no_number_is_part_of_the_name),
        cmocka_unit_test(test_a_port_holds_unless_the_name_says_more),
        cmocka_unit_test(test_the_lines_of_a_group_come_in_order),
        cmocka_unit_test(
            test_the_line_says_how_one_logs_in_if_it_says_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
