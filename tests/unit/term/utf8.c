#include "term/utf8.h"

#include "check.h"

static bool
is_text(const char *bytes)
{
    return utf8_is_text((const uint8_t *)bytes, strlen(bytes));
}

static void
test_whole_characters_are_text(void **state)
{
    (void)state;
    assert_true(is_text("\xc3\xa9"));         /* e acute */
    assert_true(is_text("\xe2\x82\xac"));     /* euro */
    assert_true(is_text("\xf0\x9f\x98\x80")); /* beyond the BMP */
    assert_true(is_text("\xc2\xa0"));
}

static void
test_broken_and_control_characters_are_not(void **state)
{
    (void)state;
    assert_false(is_text("\xc2\x80"));         /* C1 */
    assert_false(is_text("\xc2\x9f"));         /* C1 */
    assert_false(is_text("\xe0\x80\xaf"));     /* overlong */
    assert_false(is_text("\xf0\x80\x80\xaf")); /* overlong */
    assert_false(is_text("\xed\xa0\x80"));     /* surrogate */
    assert_false(is_text("\xf4\x90\x80\x80")); /* beyond U+10FFFF */
    assert_false(is_text("\xe2\x82"));         /* cut */
    assert_false(is_text("\xe2\x82"
                         "a"));
    assert_int_equal(utf8_length(0x80), 0);
    assert_int_equal(utf8_length(0xc0), 0);
    assert_int_equal(utf8_length(0xc1), 0);
    assert_int_equal(utf8_length(0xf5), 0);
    assert_int_equal(utf8_length(0xff), 0);
}

static void
test_stepping_goes_by_characters(void **state)
{
    struct span text = span_text("a\xe2\x82\xac"
                                 "b");

    (void)state;
    assert_int_equal(utf8_count(text), 3);
    assert_int_equal(utf8_next(text, 0), 1);
    assert_int_equal(utf8_next(text, 1), 4);
    assert_int_equal(utf8_next(text, 4), 5);
    assert_int_equal(utf8_next(text, 5), 5);
    assert_int_equal(utf8_previous(text, 5), 4);
    assert_int_equal(utf8_previous(text, 4), 1);
    assert_int_equal(utf8_previous(text, 1), 0);
    assert_int_equal(utf8_previous(text, 0), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_characters_are_text),
        cmocka_unit_test(test_broken_and_control_characters_are_not),
        cmocka_unit_test(test_stepping_goes_by_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
