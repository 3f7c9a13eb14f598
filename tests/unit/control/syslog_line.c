/* Laws of a log record as collectors get it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "control/router.h"
#include "control/syslog_line.h"

static const struct syslog_sender sender = {
    .facility = 23,
    .origin = "",
    .host = "R1.example.com",
    .process = 812,
    .synchronised = true,
};

/* Of ios-ssh.md 1.8, but for the text. */
static const struct log_record record = {
    .severity = LOG_WARNING,
    .facility = "SYS",
    .mnemonic = "USERLOG_WARNING",
    .text = "Message from tty0(user id: ): hello",
    .stamp = "*Sep 13 09:18:12.291: ",
    .sequence = 233,
    .at = {.tv_sec = 1789291092, .tv_nsec = 291999999},
};

static struct buf line;

static const char *
ios(const struct log_record *said, const struct syslog_sender *from)
{
    buf_reset(&line);
    syslog_line_ios(&line, said, from);
    return buf_text(&line);
}

static const char *
rfc5424(const struct log_record *said, const struct syslog_sender *from)
{
    buf_reset(&line);
    syslog_line_rfc5424(&line, said, from);
    return buf_text(&line);
}

static void
test_the_form_of_ios(void **state)
{
    struct syslog_sender named = sender;
    struct log_record debug = record;

    (void)state;
    assert_string_equal(ios(&record, &sender),
                        "<188>233: *Sep 13 09:18:12.291: %SYS-4-USERLOG_"
                        "WARNING: Message from tty0(user id: ): hello");
    named.origin = "in the cellar";
    named.facility = 0;
    assert_string_equal(ios(&record, &named),
                        "<4>233: in the cellar: *Sep 13 09:18:12.291: "
                        "%SYS-4-USERLOG_WARNING: Message from tty0(user id: "
                        "): hello");
    debug.severity = LOG_DEBUGGING;
    debug.mnemonic = "";
    debug.stamp = "";
    debug.text = "SSH0: starting SSH control process";
    assert_string_equal(ios(&debug, &sender),
                        "<191>233: SSH0: starting SSH control process");
}

static void
test_the_form_of_rfc_5424(void **state)
{
    struct log_record debug = record;
    struct syslog_sender named = sender;

    (void)state;
    assert_string_equal(
        rfc5424(&record, &sender),
        "<188>1 2026-09-13T09:18:12.291Z R1.example.com vtyd 812 "
        "SYS-4-USERLOG_WARNING [timeQuality tzKnown=\"1\" isSynced=\"1\"]"
        "[meta sequenceId=\"233\"][vtyd@32473 facility=\"SYS\" "
        "mnemonic=\"USERLOG_WARNING\"] %SYS-4-USERLOG_WARNING: Message from "
        "tty0(user id: ): hello");
    debug.mnemonic = "";
    debug.sequence = 2147483648;
    named.origin = "in the cellar";
    named.synchronised = false;
    assert_string_equal(
        rfc5424(&debug, &named),
        "<188>1 2026-09-13T09:18:12.291Z in_the_cellar vtyd 812 - "
        "[timeQuality tzKnown=\"1\" isSynced=\"0\"][meta sequenceId=\"1\"] "
        "Message from tty0(user id: ): hello");
}

static void
test_whom_it_is_about_is_told(void **state)
{
    struct log_about about = {
        .session = 7, .user = "a]b", .source = "2001:db8::1"};
    struct log_record said = record;

    (void)state;
    said.about = &about;
    assert_non_null(strstr(rfc5424(&said, &sender),
                           "mnemonic=\"USERLOG_WARNING\" session=\"7\" "
                           "user=\"a\\]b\" source=\"2001:db8::1\"] "));
    about = (struct log_about){.source = "192.0.2.1"};
    said.mnemonic = "";
    assert_non_null(strstr(rfc5424(&said, &sender),
                           "][vtyd@32473 source=\"192.0.2.1\"] Mess"));
}

static void
test_text_beyond_ascii_has_a_mark_before_it(void **state)
{
    struct log_record said = record;

    (void)state;
    said.text = "K\xc3\xb6ln";
    assert_non_null(strstr(rfc5424(&said, &sender),
                           "] \xef\xbb\xbf%SYS-4-USERLOG_WARNING: K\xc3\xb6"));
    assert_null(strstr(ios(&said, &sender), "\xef\xbb\xbf"));
}

static void
test_nothing_ends_a_line_early(void **state)
{
    struct syslog_sender named = sender;
    struct log_record said = record;

    (void)state;
    said.text = "one\ntwo\r\n<0>three\x7f";
    named.origin = "a\nb\x1b";
    assert_string_equal(ios(&said, &named),
                        "<188>233: a\\x0ab\\x1b: *Sep 13 09:18:12.291: "
                        "%SYS-4-USERLOG_WARNING: one\\x0atwo\\x0d\\x0a<0>"
                        "three\\x7f");
    assert_null(strpbrk(rfc5424(&said, &named), "\n\r\x1b\x7f"));
}

static void
test_parameters_are_escaped(void **state)
{
    struct log_record said = record;

    (void)state;
    said.mnemonic = "A\"B\\C]D";
    assert_non_null(
        strstr(rfc5424(&said, &sender), "mnemonic=\"A\\\"B\\\\C\\]D\"]"));
}

static void
test_long_lines_are_cut_at_a_character(void **state)
{
    struct log_record said = record;
    char text[4096];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    said.text = text;
    assert_int_equal(strlen(ios(&said, &sender)), SYSLOG_IOS_MAX);
    assert_int_equal(strlen(rfc5424(&said, &sender)), SYSLOG_RFC5424_MAX);
    for (size_t shift = 0; shift < 4; shift++) {
        const char *shown;
        size_t len;

        memset(text, 'x', shift);
        for (size_t i = shift; i + 1 < sizeof(text); i++)
            text[i] = "\xe2\x82\xac"[(i - shift) % 3];
        shown = ios(&said, &sender);
        len = strlen(shown);
        assert_in_range(len, SYSLOG_IOS_MAX - 3, SYSLOG_IOS_MAX);
        assert_true((shown[len - 1] & 0xff) == 0xac || shown[len - 1] == 'x');
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_form_of_ios),
        cmocka_unit_test(test_the_form_of_rfc_5424),
        cmocka_unit_test(test_whom_it_is_about_is_told),
        cmocka_unit_test(test_text_beyond_ascii_has_a_mark_before_it),
        cmocka_unit_test(test_nothing_ends_a_line_early),
        cmocka_unit_test(test_parameters_are_escaped),
        cmocka_unit_test(test_long_lines_are_cut_at_a_character),
    };
    int failed;

    buf_init(&line, 65536);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_clear(&line);
    return failed;
}
