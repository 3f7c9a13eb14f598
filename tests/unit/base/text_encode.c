#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* RFC 4648 section 10. */
static const struct {
    const char *clear, *encoded;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+"},
};

static void
test_base64_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct span clear = span_text(vectors[i].clear);
        uint8_t bytes[20];
        char text[TEXT_BASE64_ROOM(20)];
        size_t len = sizeof(bytes);

        assert_int_equal(
            text_base64_decode(span_text(vectors[i].encoded), bytes, &len), OK);
        assert_true(span_equal(span_of(bytes, len), clear));
        text_base64(text, sizeof(text), clear);
        assert_string_equal(text, vectors[i].encoded);
    }
}

static void
test_base64_that_is_not_strict_is_refused(void **state)
{
    static const char *const bad[] = {
        "Z",    "Zg",   "Zg=",  "Zg===",    "Z===",     "====",
        "Zh==", "Zm9=", "Zm 9", "Zm9v\nZg", "Zg==Zg==", "Zm9-",
        "Zm9_", "=Zg=", "Z=g=", "Zm9vYg=a",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t bytes[20];
        size_t len = sizeof(bytes);

        assert_int_equal(text_base64_decode(span_text(bad[i]), bytes, &len),
                         ERR_FORMAT);
        assert_int_equal(len, sizeof(bytes));
    }
}

static void
test_base64_beyond_the_room_is_refused(void **state)
{
    uint8_t bytes[3] = {0, 0, 9};
    size_t len = 2;

    (void)state;
    assert_int_equal(text_base64_decode(span_text("Zm9v"), bytes, &len),
                     ERR_LENGTH);
    assert_int_equal(text_base64_decode(span_text("Zm8="), bytes, &len), OK);
    assert_int_equal(len, 2);
    assert_int_equal(bytes[2], 9);
}

static void
test_hexadecimal_is_lower_case(void **state)
{
    char text[7];

    (void)state;
    text_hex(text, sizeof(text), span_of("\x00\xaf\x9b", 3));
    assert_string_equal(text, "00af9b");
    text_hex(text, 1, SPAN_EMPTY);
    assert_string_equal(text, "");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64_vectors),
        cmocka_unit_test(test_base64_that_is_not_strict_is_refused),
        cmocka_unit_test(test_base64_beyond_the_room_is_refused),
        cmocka_unit_test(test_hexadecimal_is_lower_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
