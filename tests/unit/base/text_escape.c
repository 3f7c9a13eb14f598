/* hardening 10.1: a stranger's bytes on a terminal. */
#include "base/buf.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
expect(const char *from, size_t len, const char *expected)
{
    char to[200];

    text_escape(to, sizeof(to), span_of(from, len));
    assert_string_equal(to, expected);
}

#define EXPECT(from, expected) expect(from, sizeof(from) - 1, expected)

static void
test_printable_text_passes(void **state)
{
    (void)state;
    EXPECT("", "");
    EXPECT("admin user ~!%n", "admin user ~!%n");
    EXPECT("M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80",
           "M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80");
}

static void
test_controls_are_shown_as_numbers(void **state)
{
    (void)state;
    EXPECT("a\x1b[2Jb", "a\\x1b[2Jb");
    EXPECT("a\r\nb", "a\\x0d\\x0ab");
    EXPECT("a\0b", "a\\x00b");
    EXPECT("\x7f", "\\x7f");
    EXPECT("\t", "\\x09");
}

static void
test_the_backslash_is_shown_as_a_number(void **state)
{
    (void)state;
    EXPECT("\\x1b", "\\x5cx1b");
}

static void
test_c1_controls_are_shown_as_numbers(void **state)
{
    (void)state;
    EXPECT("\x9b"
           "2J",
           "\\x9b2J");
    EXPECT("\xc2\x9b"
           "2J",
           "\\xc2\\x9b2J");
    EXPECT("\xc2\x80", "\\xc2\\x80");
    EXPECT("\xc2\xa0", "\xc2\xa0");
}

static void
test_bidirectional_controls_are_shown_as_numbers(void **state)
{
    (void)state;
    EXPECT("\xe2\x80\xae", "\\xe2\\x80\\xae"); /* U+202E */
    EXPECT("\xe2\x80\xaa", "\\xe2\\x80\\xaa"); /* U+202A */
    EXPECT("\xe2\x81\xa6", "\\xe2\\x81\\xa6"); /* U+2066 */
    EXPECT("\xe2\x81\xa9", "\\xe2\\x81\\xa9"); /* U+2069 */
    EXPECT("\xe2\x80\x8f", "\\xe2\\x80\\x8f"); /* U+200F */
    EXPECT("\xd8\x9c", "\\xd8\\x9c");          /* U+061C */
}

static void
test_invalid_utf8_is_shown_as_numbers(void **state)
{
    (void)state;
    EXPECT("\xff\xfe", "\\xff\\xfe");
    EXPECT("\xc3", "\\xc3");                            /* cut short */
    EXPECT("\xc3(", "\\xc3(");                          /* no second byte */
    EXPECT("\xc0\xaf", "\\xc0\\xaf");                   /* overlong */
    EXPECT("\xe0\x80\xaf", "\\xe0\\x80\\xaf");          /* overlong */
    EXPECT("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* surrogate */
    EXPECT("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* > U+10FFFF */
    EXPECT("\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80");
}

static void
test_a_cut_never_splits_a_character(void **state)
{
    char to[10];

    (void)state;
    text_escape(to, 6, span_text("ab\x1b"));
    assert_string_equal(to, "ab");
    text_escape(to, 7, span_text("ab\x1b"));
    assert_string_equal(to, "ab\\x1b");
    text_escape(to, 4, span_text("a\xe2\x82\xac"));
    assert_string_equal(to, "a");
    text_escape(to, 5, span_text("a\xe2\x82\xac"));
    assert_string_equal(to, "a\xe2\x82\xac");
    text_escape(to, 1, span_text("a"));
    assert_string_equal(to, "");
    to[0] = 'x';
    text_escape(to, 0, span_text("a"));
    assert_int_equal(to[0], 'x');
}

static void
test_every_byte_gives_no_control(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        char to[8];

        text_escape(to, sizeof(to), span_of(&byte, 1));
        for (const char *c = to; *c != '\0'; c++)
            assert_true(*c >= 0x20 && *c < 0x7f);
    }
}

static void
expect_lines(const char *from, const char *shown)
{
    struct buf to;

    buf_init(&to, 200);
    text_escape_lines(&to, span_text(from));
    assert_string_equal(buf_text(&to), shown);
    buf_clear(&to);
}

static void
test_lines_keep_what_pictures_are_made_of(void **state)
{
    (void)state;
    expect_lines("", "");
    expect_lines(" /\\\r\n/__\\\tx\r", " /\\\n/__\\\tx");
    expect_lines("\r\n\n\r\r\n", "\n\n\\x0d\n");
    expect_lines("a\rb\x1b[2J\\\xe2\x80\xae",
                 "a\\x0db\\x1b[2J\\\\xe2\\x80\\xae");
    expect_lines("R\xc3\xb6uter\xff\n", "R\xc3\xb6uter\\xff\n");
}

static void
test_lines_that_do_not_fit_fail_the_buffer(void **state)
{
    struct buf to;

    (void)state;
    buf_init(&to, 20);
    text_escape_lines(&to, span_text("a\n0123456789\x1b\x1b\x1b"));
    assert_false(buf_ok(&to));
    buf_clear(&to);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printable_text_passes),
        cmocka_unit_test(test_controls_are_shown_as_numbers),
        cmocka_unit_test(test_the_backslash_is_shown_as_a_number),
        cmocka_unit_test(test_c1_controls_are_shown_as_numbers),
        cmocka_unit_test(test_bidirectional_controls_are_shown_as_numbers),
        cmocka_unit_test(test_invalid_utf8_is_shown_as_numbers),
        cmocka_unit_test(test_a_cut_never_splits_a_character),
        cmocka_unit_test(test_every_byte_gives_no_control),
        cmocka_unit_test(test_lines_keep_what_pictures_are_made_of),
        cmocka_unit_test(test_lines_that_do_not_fit_fail_the_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
