#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct buf text;
static struct json j;

static int
begin(void **state)
{
    (void)state;
    buf_init(&text, 4096);
    json_begin(&j, &text);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    buf_clear(&text);
    return 0;
}

static void
test_members_are_indented_and_separated(void **state)
{
    (void)state;
    json_open_object(&j, NULL);
    json_text(&j, "name", "lab");
    json_number(&j, "bytes", UINT64_MAX);
    json_open_array(&j, "list");
    json_open_object(&j, NULL);
    json_flag(&j, "on", true);
    json_flag(&j, "off", false);
    json_close_object(&j);
    json_null(&j, NULL);
    json_close_array(&j);
    json_text(&j, "none", NULL);
    json_close_object(&j);
    json_end(&j);
    assert_string_equal(buf_text(&text),
                        "{\n"
                        "  \"name\": \"lab\",\n"
                        "  \"bytes\": 18446744073709551615,\n"
                        "  \"list\": [\n"
                        "    {\n"
                        "      \"on\": true,\n"
                        "      \"off\": false\n"
                        "    },\n"
                        "    null\n"
                        "  ],\n"
                        "  \"none\": null\n"
                        "}\n");
}

static void
test_what_is_empty_stays_on_its_line(void **state)
{
    (void)state;
    json_open_object(&j, NULL);
    json_open_array(&j, "list");
    json_close_array(&j);
    json_open_object(&j, "object");
    json_close_object(&j);
    json_close_object(&j);
    json_end(&j);
    assert_string_equal(buf_text(&text),
                        "{\n  \"list\": [],\n  \"object\": {}\n}\n");
}

static void
expect(const char *from, const char *expected)
{
    buf_reset(&text);
    json_begin(&j, &text);
    json_text(&j, NULL, from);
    assert_string_equal(buf_text(&text), expected);
}

static void
test_a_strangers_text_is_valid(void **state)
{
    (void)state;
    expect("", "\"\"");
    expect("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
    expect("M\xc3\xbcller \xf0\x9f\x98\x80",
           "\"M\xc3\xbcller \xf0\x9f\x98\x80\"");
    expect("a\r\n\t\x1b[2J\x7f",
           "\"a\\u000d\\u000a\\u0009\\u001b[2J\\u007f\"");
    /* C1 and bidirectional controls. */
    expect("\xc2\x9b\xe2\x80\xae", "\"\\u009b\\u202e\"");
    /* No UTF-8: each byte of it. */
    expect("\xff\xc3(\xed\xa0\x80", "\"\\ufffd\\ufffd(\\ufffd\\ufffd\\ufffd\"");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_members_are_indented_and_separated,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_empty_stays_on_its_line,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_a_strangers_text_is_valid, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
