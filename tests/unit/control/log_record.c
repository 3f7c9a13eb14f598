/* Laws of one line of the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "control/log_record.h"

static const char *
clean(const char *from, bool lines)
{
    static char text[LOG_LINE_MAX];

    assert_true(log_record_clean(text, sizeof(text), from, lines));
    return text;
}

static void
test_control_bytes_are_shown_and_not_done(void **state)
{
    (void)state;
    assert_string_equal(clean("plain", false), "plain");
    assert_string_equal(clean("a\r\nb\t\x1b[2J\x7f", false),
                        "a\\x0d\\x0ab\\x09\\x1b[2J\\x7f");
    assert_string_equal(clean("\xc2\x9b!\xff\xe2\x80\xae", false),
                        "\\xc2\\x9b!\\xff\\xe2\\x80\\xae");
    assert_string_equal(clean("one\ntwo\r", true), "one\ntwo\\x0d");
}

static void
test_what_is_escaped_already_stays(void **state)
{
    (void)state;
    assert_string_equal(clean("user \\x1b[m, Zo\xc3\xab", false),
                        "user \\x1b[m, Zo\xc3\xab");
}

static void
test_a_long_text_is_cut_between_characters(void **state)
{
    char text[8];

    (void)state;
    assert_true(log_record_clean(text, sizeof(text), "1234567", false));
    assert_false(log_record_clean(text, sizeof(text), "12345678", false));
    assert_string_equal(text, "1234567");
    assert_false(log_record_clean(text, sizeof(text), "123456\xc3\xab", false));
    assert_string_equal(text, "123456");
    assert_false(log_record_clean(text, sizeof(text), "12345\x1b", false));
    assert_string_equal(text, "12345");
}

static void
test_a_line_is_stamp_head_and_text(void **state)
{
    struct log_record record = {.severity = LOG_NOTICE,
                                .facility = "SYS",
                                .mnemonic = "CONFIG_I",
                                .text = "Configured",
                                .stamp = "000048: *Dec  2 12:09:21.207: "};
    char line[LOG_LINE_MAX];

    (void)state;
    log_record_line(&record, line);
    assert_string_equal(line, "000048: *Dec  2 12:09:21.207: "
                              "%SYS-5-CONFIG_I: Configured");
    record.mnemonic = "";
    record.stamp = "";
    log_record_line(&record, line);
    assert_string_equal(line, "Configured");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_control_bytes_are_shown_and_not_done),
        cmocka_unit_test(test_what_is_escaped_already_stays),
        cmocka_unit_test(test_a_long_text_is_cut_between_characters),
        cmocka_unit_test(test_a_line_is_stamp_head_and_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
