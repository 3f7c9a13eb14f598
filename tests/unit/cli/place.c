#include "cli/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "config/vty.h"
#include "typing.h"

static struct typing t;

static int
begin(void **state)
{
    (void)state;
    typing_begin(&t);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    typing_end(&t);
    return 0;
}

static void
test_outside_sections_the_place_is_the_whole(void **state)
{
    struct targets targets;

    (void)state;
    place_find(&t.config, &t.context, &targets);
    assert_int_equal(targets.count, 1);
    assert_ptr_equal(targets.at[0], &t.config);
    place_done(&targets);
}

static void
test_a_range_of_lines_is_as_many_places_as_ranges(void **state)
{
    struct targets targets;

    (void)state;
    typing_lines(&t, "line vty 6 7\nexec-timeout 1\nline vty 0 9");
    place_find(&t.config, &t.context, &targets);
    assert_int_equal(targets.count, 4);
    place_done(&targets);
    assert_int_equal(t.config.vtys.list.count, 4);
}

static void
test_a_place_inside_a_place_is_found_by_both_keys(void **state)
{
    struct targets targets;

    (void)state;
    typing_lines(&t, "ip ssh pubkey-chain\nusername a\nusername b");
    place_find(&t.config, &t.context, &targets);
    assert_int_equal(targets.count, 1);
    assert_ptr_equal(targets.at[0], t.config.ssh.key_users.list.items[1]);
    place_done(&targets);
}

static void
test_what_came_back_for_a_refused_line_goes_again(void **state)
{
    struct targets targets;

    (void)state;
    typing_lines(&t, "ip ssh pubkey-chain\nusername a\nusername b");
    place_find(&t.config, &t.context, &targets);
    place_undo(&targets);
    place_done(&targets);
    assert_int_equal(t.config.ssh.key_users.list.count, 2);
    config_list_remove(&t.config.ssh.key_users.list, &config_key_owner_type, 1);
    place_find(&t.config, &t.context, &targets);
    assert_int_equal(t.config.ssh.key_users.list.count, 2);
    place_undo(&targets);
    place_done(&targets);
    assert_int_equal(t.config.ssh.key_users.list.count, 1);
    typing_lines(&t, "exit\nexit\nline vty 8 9");
    config_range_remove(&config_vty_ranges, &t.config.vtys.list, 6, 6);
    place_find(&t.config, &t.context, &targets);
    assert_int_equal(config_vty_count(&t.config), 10);
    place_undo(&targets);
    place_done(&targets);
    assert_int_equal(config_vty_count(&t.config), 6);
}

static void
test_an_absent_last_line_is_the_first(void **state)
{
    struct cli_key keys[CLI_KEYS_MAX];
    struct cli_match match;

    (void)state;
    assert_int_equal(cli_parse(t.language, &t.context, "line vty 7", &match),
                     CLI_OK);
    place_keys(&match, keys);
    assert_int_equal(keys[0].number, 7);
    assert_int_equal(keys[1].number, 7);
    cli_match_clear(&match);
}

static void
test_keys_are_compared_whole_and_in_their_case(void **state)
{
    (void)state;
    typing_lines(&t, "username lab\nusername Lab\nusername la");
    assert_int_equal(t.config.users.list.count, 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_outside_sections_the_place_is_the_whole, begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_range_of_lines_is_as_many_places_as_ranges, begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_place_inside_a_place_is_found_by_both_keys, begin, end),
        cmocka_unit_test_setup_teardown(
            test_what_came_back_for_a_refused_line_goes_again, begin, end),
        cmocka_unit_test_setup_teardown(test_an_absent_last_line_is_the_first,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_keys_are_compared_whole_and_in_their_case, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
