#include "config/interface.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_a_loopback_may_be_abbreviated(void **state)
{
    static const char *const good[][2] = {
        {"lo0", "Loopback0"},
        {"Lo7", "Loopback7"},
        {"LOOPBACK12", "Loopback12"},
        {"loop007", "Loopback7"},
        {"Loopback9999999", "Loopback9999999"},
    };
    static const char *const bad[] = {
        "",           "l0",
        "lo",         "lo1x",
        "los1",       "eth0",
        "loopbacks1", "lo-1",
        "Loopback",   "Loopback10000000",
        "lo 1",       "lo99999999999999999999",
        "7",
    };
    char name[CONFIG_INTERFACE_NAME_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(config_interface_loopback(good[i][0], name));
        assert_string_equal(name, good[i][1]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (config_interface_loopback(bad[i], name))
            fail_msg("%s is %s", bad[i], name);
}

static void
test_names_are_those_that_linux_takes(void **state)
{
    static const char *const bad[] = {
        "", ".", "..", "a/b", "a:1", "a b", "sixteen-letters-", "a\x1b", "\xc3",
    };

    (void)state;
    assert_true(config_interface_name_is_valid("eth0.100"));
    assert_true(config_interface_name_is_valid("fifteen-letters"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(config_interface_name_is_valid(bad[i]));
}

static void
test_a_mask_has_no_gap(void **state)
{
    struct config_address mask;
    unsigned length = 99;

    (void)state;
    for (unsigned bits = 0; bits <= 32; bits++) {
        mask = (struct config_address){.family = CONFIG_FAMILY_IPV4};
        for (unsigned i = 0; i < bits; i++)
            mask.bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
        assert_true(config_mask_length(&mask, &length));
        assert_int_equal(length, bits);
    }
    mask.bytes[1] = 0xfd;
    assert_false(config_mask_length(&mask, &length));
    mask = (struct config_address){.family = CONFIG_FAMILY_IPV6};
    assert_false(config_mask_length(&mask, &length));
}

static void
test_an_interface_is_found_by_its_exact_name(void **state)
{
    struct config config;
    struct config_interface *entry;

    (void)state;
    config_init(&config);
    entry = config_list_append(&config.interfaces.list, &config_interface_type);
    config_text_set(&entry->name, "eth0");
    assert_ptr_equal(config_interface_find(&config, "eth0"), entry);
    assert_null(config_interface_find(&config, "ETH0"));
    assert_null(config_interface_find(&config, "eth"));
    config_clear(&config);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_loopback_may_be_abbreviated),
        cmocka_unit_test(test_names_are_those_that_linux_takes),
        cmocka_unit_test(test_a_mask_has_no_gap),
        cmocka_unit_test(test_an_interface_is_found_by_its_exact_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
