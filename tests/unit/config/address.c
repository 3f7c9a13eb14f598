#include "config/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct config_address
address(const char *text)
{
    struct config_address parsed = {0};

    if (strchr(text, ':') != NULL)
        assert_int_equal(config_address_parse_ipv6(span_text(text), &parsed),
                         OK);
    else
        assert_int_equal(config_address_parse_ipv4(span_text(text), &parsed),
                         OK);
    return parsed;
}

static void
test_text_of_an_address_is_its_canonical_form(void **state)
{
    static const char *const texts[][2] = {
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"::", "::"},
        {"::ffff:10.1.2.3", "::ffff:10.1.2.3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct config_address parsed = address(texts[i][0]);
        char text[CONFIG_ADDRESS_TEXT];

        config_address_text(&parsed, text);
        assert_string_equal(text, texts[i][1]);
    }
}

static void
test_what_is_no_address_is_refused(void **state)
{
    static const char *const bad[] = {
        "",         "1.2.3",    "1.2.3.4.5",    "256.1.1.1",
        "1.2.3.04", "1.2.3.4 ", "0x1.2.3.4",    "1..2.3",
        "a.b.c.d",  "::1::",    "fe80::1%eth0", "12345::",
        ":",
    };
    struct config_address a = {.family = 99};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(config_address_parse_ipv4(span_text(bad[i]), &a),
                         ERR_FORMAT);
        assert_int_equal(config_address_parse_ipv6(span_text(bad[i]), &a),
                         ERR_FORMAT);
    }
    assert_int_equal(config_address_parse_ipv4(span_of("1.2.3.4\0x", 9), &a),
                     ERR_FORMAT);
    assert_int_equal(a.family, 99);
}

static void
test_a_prefix_is_an_address_and_a_length(void **state)
{
    static const char *const bad[] = {
        "",    "/",      "/64",      "2001:db8::", "::/129", "::/064",
        "::/", "::/ 64", "::/64/64", "10.0.0.0/8", "::/-1",  "::/1x",
    };
    struct config_address a = {0};
    unsigned length = 0;
    char text[CONFIG_PREFIX_TEXT];

    (void)state;
    assert_int_equal(
        config_prefix_parse(span_text("2001:DB8:0::1/64"), &a, &length), OK);
    assert_int_equal(length, 64);
    config_prefix_text(&a, length, text);
    assert_string_equal(text, "2001:db8::1/64");
    assert_int_equal(config_prefix_parse(span_text("::/0"), &a, &length), OK);
    assert_int_equal(length, 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(config_prefix_parse(span_text(bad[i]), &a, &length),
                         ERR_FORMAT);
}

static void
test_addresses_are_equal_by_family_and_bytes(void **state)
{
    struct config_address a = address("10.0.0.1"), b = address("10.0.0.1");
    struct config_address c = address("10.0.0.2"), d = address("::a00:1");
    struct config_address none = {0};

    (void)state;
    b.bytes[7] = 1; /* no part of an IPv4 address */
    assert_true(config_address_equal(&a, &b));
    assert_false(config_address_equal(&a, &c));
    assert_false(config_address_equal(&a, &d));
    assert_false(config_address_equal(&a, &none));
    assert_true(config_address_equal(&none, &none));
}

static void
test_an_unset_address_has_no_text(void **state)
{
    struct config_address none = {0};
    char text[CONFIG_ADDRESS_TEXT] = "x";

    (void)state;
    config_address_text(&none, text);
    assert_string_equal(text, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_of_an_address_is_its_canonical_form),
        cmocka_unit_test(test_what_is_no_address_is_refused),
        cmocka_unit_test(test_a_prefix_is_an_address_and_a_length),
        cmocka_unit_test(test_addresses_are_equal_by_family_and_bytes),
        cmocka_unit_test(test_an_unset_address_has_no_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
