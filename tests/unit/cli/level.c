#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "typing.h"

static struct typing t;

static void
set_level(uint32_t level, const char *command)
{
    struct config_level *entry =
        config_list_append(&t.config.levels.list, &config_level_type);

    entry->level = level;
    config_text_set(&entry->command, command);
}

static int
begin(void **state)
{
    (void)state;
    typing_begin(&t);
    cli_context_init(&t.context, &sample_exec, 1);
    t.context.config = &t.config;
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
test_a_command_exists_from_its_level_on(void **state)
{
    (void)state;
    assert_string_equal(typing_full(&t, "show running-config"), "");
    set_level(1, "show running-config");
    assert_string_equal(typing_full(&t, "sh run"), "show running-config");
    assert_non_null(strstr(typing_help(&t, "show "), "running-config"));
    assert_string_equal(typing_tab(&t, "show run"), "show running-config ");
    t.context.privilege = 0;
    assert_string_equal(typing_full(&t, "show running-config"), "");
    assert_null(strstr(typing_help(&t, "show "), "running-config"));
}

static void
test_more_words_say_more(void **state)
{
    (void)state;
    set_level(15, "show");
    assert_string_equal(typing_full(&t, "show inventory"), "");
    assert_string_equal(typing_full(&t, "show ip ssh"), "");
    set_level(1, "show ip");
    assert_string_equal(typing_full(&t, "show ip ssh"), "show ip ssh");
    set_level(2, "show ip ssh");
    assert_string_equal(typing_full(&t, "show ip ssh"), "");
    assert_string_equal(typing_full(&t, "show ip route"), "show ip route");
}

/* A part of a row is opened, or closed, by itself. */
static void
test_words_inside_a_choice_count(void **state)
{
    (void)state;
    set_level(1, "clear line vty");
    assert_string_equal(typing_full(&t, "clear line vty 3"),
                        "clear line vty 3");
    assert_string_equal(typing_full(&t, "clear line 1"), "");
    assert_non_null(strstr(typing_help(&t, "clear line "), "  vty  "));
    assert_null(strstr(typing_help(&t, "clear line "), "<0-9999>"));
    assert_string_equal(typing_tab(&t, "clear li"), "clear line ");
    set_level(1, "conf");
    assert_string_equal(typing_full(&t, "configure terminal"), "");
}

static void
test_a_part_may_be_closed(void **state)
{
    (void)state;
    t.context.privilege = 5;
    set_level(5, "crypto key generate rsa");
    assert_string_equal(typing_full(&t, "crypto key generate rsa label x"),
                        "crypto key generate rsa label x");
    set_level(7, "crypto key generate rsa modulus");
    assert_string_equal(typing_full(&t, "crypto key generate rsa label x"),
                        "crypto key generate rsa label x");
    assert_string_equal(typing_full(&t, "crypto key generate rsa modulus 512"),
                        "");
    assert_null(strstr(typing_help(&t, "crypto key generate rsa "), "modulus"));
}

static void
test_a_part_is_there_where_the_whole_is_not(void **state)
{
    (void)state;
    t.context.privilege = 5;
    set_level(7, "crypto key generate rsa");
    set_level(5, "crypto key generate rsa general-keys");
    assert_string_equal(typing_full(&t, "crypto key generate rsa"), "");
    assert_null(strstr(typing_help(&t, "crypto key generate rsa "), "<cr>"));
    assert_string_equal(typing_full(&t, "crypto key generate rsa general"),
                        "crypto key generate rsa general-keys");
}

static void
test_settings_need_the_highest_level(void **state)
{
    (void)state;
    set_level(1, "configure terminal");
    assert_string_equal(typing_full(&t, "configure terminal"),
                        "configure terminal");
    cli_context_enter(&t.context, &sample_config);
    assert_string_equal(typing_full(&t, "hostname R1"), "");
    assert_string_equal(typing_full(&t, "no hostname R1"), "");
    assert_string_equal(typing_full(&t, "do show inventory"), "show inventory");
    assert_string_equal(typing_full(&t, "end"), "end");
}

static void
assert_words(const char *command, const char *expected)
{
    struct buf out;
    bool good;

    buf_init(&out, 4096);
    good = cli_exec_words(t.language, command, &out);
    assert_int_equal(good, expected != NULL);
    if (good)
        assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
}

static void
test_first_words_are_found_by_abbreviation(void **state)
{
    (void)state;
    assert_words("sh  RUN", "show running-config");
    assert_words("show ip", "show ip");
    assert_words("crypto key gen rsa", "crypto key generate rsa");
    assert_words("show i", NULL);
    assert_words("show nothing", NULL);
    assert_words("clear line vty", "clear line vty");
    assert_words("cle li v", "clear line vty");
    assert_words("clear line vty 1", NULL);
    assert_words("clear line 1", NULL);
    assert_words("show running-config x", NULL);
    assert_words("", NULL);
    assert_words("hostname", NULL);
    assert_words("show \x01", NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_a_command_exists_from_its_level_on),
        TEST(test_more_words_say_more),
        TEST(test_words_inside_a_choice_count),
        TEST(test_a_part_may_be_closed),
        TEST(test_a_part_is_there_where_the_whole_is_not),
        TEST(test_settings_need_the_highest_level),
        TEST(test_first_words_are_found_by_abbreviation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
