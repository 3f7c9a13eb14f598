#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

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
test_the_only_keyword_is_completed_with_a_blank(void **state)
{
    (void)state;
    assert_string_equal(typing_tab(&t, "host"), "hostname ");
    assert_string_equal(typing_tab(&t, "ip ssh ti"), "ip ssh time-out ");
    assert_string_equal(typing_tab(&t, "  IP  SS"), "  IP  ssh ");
    assert_string_equal(typing_tab(&t, "hostname"), "hostname ");
}

static void
test_words_before_may_be_short(void **state)
{
    (void)state;
    assert_string_equal(typing_tab(&t, "i s auth"),
                        "i s authentication-retries ");
    assert_string_equal(typing_tab(&t, "no us"), "no username ");
    assert_string_equal(typing_tab(&t, "do sh"), "do show ");
}

static void
test_what_is_ambiguous_or_unknown_is_left(void **state)
{
    (void)state;
    assert_string_equal(typing_tab(&t, "e"), "");
    assert_string_equal(typing_tab(&t, "ip ssh s"), "");
    assert_string_equal(typing_tab(&t, "zzz"), "");
    assert_string_equal(typing_tab(&t, "zzz ho"), "");
    assert_string_equal(typing_tab(&t, ""), "");
    assert_string_equal(typing_tab(&t, "ip "), "");
}

static void
test_values_are_not_completed(void **state)
{
    (void)state;
    assert_string_equal(typing_tab(&t, "ip ssh time-out 1"), "");
    assert_string_equal(typing_tab(&t, "hostname R"), "");
}

static void
test_choices_are_completed(void **state)
{
    (void)state;
    assert_string_equal(typing_tab(&t, "ip ssh server encryption aes2"),
                        "ip ssh server encryption aes256-gcm ");
}

static void
test_hidden_words_are_not_completed(void **state)
{
    (void)state;
    assert_string_equal(typing_tab(&t, "ip ssh timeo"), "");
    assert_string_equal(typing_tab(&t, "line co"), "line console ");
}

static void
test_a_section_completes_global_words_too(void **state)
{
    (void)state;
    typing_lines(&t, "line vty 0 4");
    assert_string_equal(typing_tab(&t, "exec"), "exec-timeout ");
    assert_string_equal(typing_tab(&t, "hostn"), "hostname ");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_the_only_keyword_is_completed_with_a_blank, begin, end),
        cmocka_unit_test_setup_teardown(test_words_before_may_be_short, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_what_is_ambiguous_or_unknown_is_left, begin, end),
        cmocka_unit_test_setup_teardown(test_values_are_not_completed, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_choices_are_completed, begin, end),
        cmocka_unit_test_setup_teardown(test_hidden_words_are_not_completed,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_section_completes_global_words_too, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
