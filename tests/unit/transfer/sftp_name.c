#include "transfer/sftp_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static const char *
line(struct buf *b, const struct sftp_attributes *a, struct sftp_clock clock)
{
    buf_reset(b);
    sftp_put_long_name(b, span_text("a b"), a, clock);
    buf_consume(b, 4);
    return buf_text(b);
}

static void
test_lines_are_those_of_ls(void **state)
{
    struct sftp_attributes a = {
        .size = 512, .mode = SFTP_MODE_FILE | 0640, .changed_s = 1763820000};
    struct sftp_clock clock = {.now_s = 1763820001};
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    assert_string_equal(line(&b, &a, clock),
                        "-rw-r-----    1 -        -             512 "
                        "Nov 22 14:00 a b");
    clock.zone_s = 3600;
    assert_string_equal(line(&b, &a, clock),
                        "-rw-r-----    1 -        -             512 "
                        "Nov 22 15:00 a b");
    clock.now_s += 183 * 86400;
    a.mode = SFTP_MODE_DIRECTORY | 0711;
    a.size = UINT64_C(5368709120);
    assert_string_equal(line(&b, &a, clock),
                        "drwx--x--x    1 -        -        5368709120 "
                        "Nov 22  2025 a b");
    a.changed_s = 0;
    clock.zone_s = -3600;
    assert_non_null(strstr(line(&b, &a, clock), " Dec 31  1969 a b"));
    buf_clear(&b);
}

static void
test_dates_are_those_of_the_library(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    for (uint32_t day = 0; day < 49000; day++) {
        struct sftp_attributes a = {.changed_s = day * 86400 + day};
        struct sftp_clock clock = {.now_s = a.changed_s};
        time_t time = a.changed_s;
        struct tm tm;
        char expected[40];

        gmtime_r(&time, &tm);
        strftime(expected, sizeof(expected), " %b %e %H:%M a b", &tm);
        assert_non_null(strstr(line(&b, &a, clock), expected));
        clock.now_s -= INT64_C(100) * 365 * 86400;
        strftime(expected, sizeof(expected), " %b %e  %Y a b", &tm);
        assert_non_null(strstr(line(&b, &a, clock), expected));
    }
    buf_clear(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_those_of_ls),
        cmocka_unit_test(test_dates_are_those_of_the_library),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
