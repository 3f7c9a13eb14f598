#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "config/config.h"

#define LAW(name) cmocka_unit_test_setup_teardown(name, begin, end)

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

static struct config_acl acl;

static int
begin(void **state)
{
    (void)state;
    config_type_init(&config_acl_type, &acl);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    config_type_clear(&config_acl_type, &acl);
    return 0;
}

static struct config_ace *
add(enum config_action action, const char *of, const char *wildcard)
{
    struct config_ace *entry = config_acl_insert(&acl, config_acl_next(&acl));

    entry->action = (uint8_t)action;
    entry->source = of == NULL ? CONFIG_SOURCE_ANY : CONFIG_SOURCE_ADDRESS;
    entry->address = address(of);
    entry->wildcard = address(wildcard);
    return entry;
}

static bool
permits(const char *source)
{
    struct config_address from = address(source);
    const struct config_ace *entry = config_acl_match(&acl, &from);

    return entry != NULL && entry->action == CONFIG_PERMIT;
}

static void
test_the_first_entry_that_matches_decides(void **state)
{
    (void)state;
    add(CONFIG_DENY, "10.0.0.9", NULL);
    config_acl_insert(&acl, 0)->action = CONFIG_REMARK;
    add(CONFIG_PERMIT, "10.0.0.0", "0.0.0.255");
    add(CONFIG_DENY, "10.0.0.1", NULL);
    assert_false(permits("10.0.0.9"));
    assert_true(permits("10.0.0.1"));
    assert_true(permits("10.0.0.255"));
}

static void
test_what_no_entry_matches_is_denied(void **state)
{
    (void)state;
    add(CONFIG_PERMIT, "10.0.0.1", NULL);
    assert_true(permits("10.0.0.1"));
    assert_false(permits("10.0.0.2"));
    assert_false(permits("2001:db8::1"));
}

static void
test_ipv4_inside_ipv6_is_judged_as_ipv4(void **state)
{
    (void)state;
    add(CONFIG_DENY, "10.0.0.1", NULL);
    add(CONFIG_PERMIT, NULL, NULL);
    assert_false(permits("::ffff:10.0.0.1"));
    assert_true(permits("::ffff:10.0.0.2"));
    assert_true(permits("2001:db8::1"));
}

static void
test_a_wildcard_need_not_be_a_mask(void **state)
{
    (void)state;
    add(CONFIG_PERMIT, "10.0.3.7", "0.255.0.0");
    assert_true(permits("10.99.3.7"));
    assert_false(permits("10.99.4.7"));
}

static void
test_a_prefix_counts_its_bits_only(void **state)
{
    static const struct {
        unsigned prefix;
        const char *inside, *outside;
    } cases[] = {
        {128, "2001:db8::5", "2001:db8::4"},
        {127, "2001:db8::4", "2001:db8::6"},
        {64, "2001:db8::ffff:1:2:3", "2001:db8:0:1::5"},
        {33, "2001:db8:7fff::1", "2001:db8:8000::1"},
        {1, "7fff::", "8000::"},
    };
    struct config_ace *entry = add(CONFIG_PERMIT, "2001:db8::5", NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        entry->prefix = cases[i].prefix;
        assert_true(permits(cases[i].inside));
        assert_false(permits(cases[i].outside));
        assert_false(permits("10.0.0.1"));
    }
}

/* Sequence numbers in the order of the list; 0: a remark. */
static void
assert_order(const char *wanted)
{
    char text[100] = "";

    for (size_t i = 0; i < acl.entries.list.count; i++) {
        const struct config_ace *entry = acl.entries.list.items[i];
        size_t len = strlen(text);

        snprintf(text + len, sizeof(text) - len, "%u ", entry->sequence);
    }
    assert_string_equal(text, wanted);
}

static void
test_an_entry_goes_where_its_number_says(void **state)
{
    (void)state;
    add(CONFIG_PERMIT, "10.0.0.1", NULL);
    config_acl_insert(&acl, 0);
    add(CONFIG_PERMIT, "10.0.0.2", NULL);
    assert_order("10 0 20 ");
    assert_non_null(config_acl_insert(&acl, 15));
    assert_non_null(config_acl_insert(&acl, 5));
    assert_non_null(config_acl_insert(&acl, 23));
    assert_null(config_acl_insert(&acl, 20));
    assert_order("5 10 15 0 20 23 ");
    assert_int_equal(config_acl_next(&acl), 33);
}

static void
test_what_says_the_same_is_found(void **state)
{
    struct config_ace *entry = add(CONFIG_PERMIT, "10.0.0.1", NULL);
    struct config_ace other = *entry;

    (void)state;
    add(CONFIG_DENY, NULL, NULL);
    other.sequence = 0;
    assert_int_equal(config_acl_find(&acl, &other), 0);
    other.action = CONFIG_DENY;
    assert_int_equal(config_acl_find(&acl, &other), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LAW(test_the_first_entry_that_matches_decides),
        LAW(test_what_no_entry_matches_is_denied),
        LAW(test_ipv4_inside_ipv6_is_judged_as_ipv4),
        LAW(test_a_wildcard_need_not_be_a_mask),
        LAW(test_a_prefix_counts_its_bits_only),
        LAW(test_an_entry_goes_where_its_number_says),
        LAW(test_what_says_the_same_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
