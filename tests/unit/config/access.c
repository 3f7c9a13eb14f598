#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "config/config.h"

static struct config_address
address(const char *text)
{
    struct config_address parsed = {0};

    if (text != NULL && strchr(text, ':') != NULL)
        assert_int_equal(config_address_parse_ipv6(span_text(text), &parsed),
                         OK);
    else if (text != NULL)
        assert_int_equal(config_address_parse_ipv4(span_text(text), &parsed),
                         OK);
    return parsed;
}

static void
add(struct config *config, uint32_t number, enum config_action action,
    enum config_source source, const char *of, const char *wildcard)
{
    struct config_access *entry =
        config_list_append(&config->access.list, &config_access_type);

    entry->number = number;
    entry->action = (uint8_t)action;
    entry->source = (uint8_t)source;
    entry->address = address(of);
    entry->wildcard = address(wildcard);
}

static bool
permits(const struct config *config, uint32_t number, const char *source)
{
    struct config_address from = address(source);

    return config_access_permits(config, number, &from);
}

static void
test_a_list_without_entries_permits(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    add(&config, 7, CONFIG_DENY, CONFIG_SOURCE_ANY, NULL, NULL);
    assert_true(permits(&config, 8, "10.0.0.1"));
    assert_false(permits(&config, 7, "10.0.0.1"));
    config_clear(&config);
}

static void
test_the_first_entry_that_matches_decides(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    add(&config, 5, CONFIG_DENY, CONFIG_SOURCE_HOST, "10.0.0.9", NULL);
    add(&config, 5, CONFIG_PERMIT, CONFIG_SOURCE_ADDRESS, "10.0.0.0",
        "0.0.0.255");
    add(&config, 5, CONFIG_DENY, CONFIG_SOURCE_ADDRESS, "10.0.0.1", NULL);
    assert_false(permits(&config, 5, "10.0.0.9"));
    assert_true(permits(&config, 5, "10.0.0.1"));
    assert_true(permits(&config, 5, "10.0.0.255"));
    config_clear(&config);
}

static void
test_what_no_entry_matches_is_denied(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    add(&config, 5, CONFIG_PERMIT, CONFIG_SOURCE_ADDRESS, "10.0.0.1", NULL);
    assert_true(permits(&config, 5, "10.0.0.1"));
    assert_false(permits(&config, 5, "10.0.0.2"));
    assert_false(permits(&config, 5, "2001:db8::1"));
    config_clear(&config);
}

static void
test_ipv4_inside_ipv6_is_judged_as_ipv4(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    add(&config, 5, CONFIG_DENY, CONFIG_SOURCE_HOST, "10.0.0.1", NULL);
    add(&config, 5, CONFIG_PERMIT, CONFIG_SOURCE_ANY, NULL, NULL);
    assert_false(permits(&config, 5, "::ffff:10.0.0.1"));
    assert_true(permits(&config, 5, "::ffff:10.0.0.2"));
    /* `any` is any IPv4 address. */
    assert_false(permits(&config, 5, "2001:db8::1"));
    assert_true(permits(&config, 6, "2001:db8::1"));
    config_clear(&config);
}

static void
test_a_wildcard_need_not_be_a_mask(void **state)
{
    struct config config;

    (void)state;
    config_init(&config);
    add(&config, 1300, CONFIG_PERMIT, CONFIG_SOURCE_ADDRESS, "10.0.3.7",
        "0.255.0.0");
    assert_true(permits(&config, 1300, "10.99.3.7"));
    assert_false(permits(&config, 1300, "10.99.4.7"));
    config_clear(&config);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list_without_entries_permits),
        cmocka_unit_test(test_the_first_entry_that_matches_decides),
        cmocka_unit_test(test_what_no_entry_matches_is_denied),
        cmocka_unit_test(test_ipv4_inside_ipv6_is_judged_as_ipv4),
        cmocka_unit_test(test_a_wildcard_need_not_be_a_mask),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
