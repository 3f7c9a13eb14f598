/* Laws of local time: zones, and hours that come twice or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/local_time.h"

#define DAY(y, m, d, h, min)                 \
    timegm(&(struct tm){.tm_year = (y)-1900, \
                        .tm_mon = (m)-1,     \
                        .tm_mday = d,        \
                        .tm_hour = h,        \
                        .tm_min = min})

static struct config config;

static int
begin(void **state)
{
    (void)state;
    config_init(&config);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    config_clear(&config);
    return 0;
}

static void
assert_local(time_t utc, int offset_s, const char *zone)
{
    assert_int_equal(local_offset_s(&config, (uint64_t)utc), offset_s);
    assert_string_equal(local_zone(&config, (uint64_t)utc), zone);
}

/* Central Europe: from the last Sunday in March to the last in October. */
static void
use_europe(void)
{
    config_text_set(&config.zone.name, "CET");
    config.zone.hours = 1;
    config_text_set(&config.summer.name, "CEST");
    config.summer.from = (struct config_summer_edge){
        .week = SUMMER_LAST_WEEK, .month = 2, .minute = 120};
    config.summer.to = (struct config_summer_edge){
        .week = SUMMER_LAST_WEEK, .month = 9, .minute = 180};
}

static void
test_without_a_zone_it_is_utc(void **state)
{
    time_t begins, ends;

    (void)state;
    assert_local(DAY(2026, 7, 1, 0, 0), 0, "UTC");
    assert_false(local_summer(&config, 0, &begins, &ends));
    config.zone.hours = (uint32_t)-3;
    config.zone.minutes = 30;
    assert_local(DAY(2026, 7, 1, 0, 0), -(3 * 3600 + 1800), "UTC");
}

static void
test_summer_begins_and_ends_at_the_second(void **state)
{
    (void)state;
    use_europe();
    assert_local(DAY(2026, 3, 29, 1, 0) - 1, 3600, "CET");
    assert_local(DAY(2026, 3, 29, 1, 0), 7200, "CEST");
    assert_local(DAY(2026, 10, 25, 1, 0) - 1, 7200, "CEST");
    assert_local(DAY(2026, 10, 25, 1, 0), 3600, "CET");
    /* A month whose last day is that Sunday, and a leap year. */
    assert_local(DAY(2024, 3, 31, 1, 0) - 1, 3600, "CET");
    assert_local(DAY(2024, 3, 31, 1, 0), 7200, "CEST");
}

static void
test_south_of_the_equator_the_year_begins_in_summer(void **state)
{
    (void)state;
    config.zone.hours = 10;
    config_text_set(&config.summer.name, "AEDT");
    /* The first Sundays of October and April. */
    config.summer.from =
        (struct config_summer_edge){.week = 1, .month = 9, .minute = 120};
    config.summer.to =
        (struct config_summer_edge){.week = 1, .month = 3, .minute = 180};
    assert_local(DAY(2026, 1, 1, 0, 0), 11 * 3600, "AEDT");
    assert_local(DAY(2026, 4, 4, 16, 0) - 1, 11 * 3600, "AEDT");
    assert_local(DAY(2026, 4, 4, 16, 0), 10 * 3600, "UTC");
    assert_local(DAY(2026, 10, 3, 16, 0) - 1, 10 * 3600, "UTC");
    assert_local(DAY(2026, 10, 3, 16, 0), 11 * 3600, "AEDT");
    assert_local(DAY(2026, 12, 31, 23, 0), 11 * 3600, "AEDT");
}

static void
test_a_date_is_of_one_year(void **state)
{
    time_t begins, ends;

    (void)state;
    config_text_set(&config.summer.name, "ST");
    config.summer.from = (struct config_summer_edge){
        .day = 30, .month = 2, .year = 2003, .minute = 120};
    config.summer.to = (struct config_summer_edge){
        .day = 26, .month = 9, .year = 2004, .minute = 180};
    config.summer.offset = 90;
    assert_local(DAY(2003, 3, 30, 2, 0) - 1, 0, "UTC");
    assert_local(DAY(2003, 3, 30, 2, 0), 5400, "ST");
    assert_local(DAY(2004, 10, 26, 1, 29), 5400, "ST");
    assert_local(DAY(2004, 10, 26, 1, 30), 0, "UTC");
    assert_local(DAY(2026, 7, 1, 0, 0), 0, "UTC");
    assert_true(local_summer(&config, 0, &begins, &ends));
    assert_int_equal(begins, DAY(2003, 3, 30, 2, 0));
    assert_int_equal(ends, DAY(2004, 10, 26, 1, 30));
}

static void
test_local_time_leads_back(void **state)
{
    (void)state;
    use_europe();
    for (time_t at = DAY(2026, 1, 1, 0, 0); at < DAY(2027, 1, 1, 0, 0);
         at += 1800) {
        time_t local = at + local_offset_s(&config, (uint64_t)at);
        time_t back = local_to_utc(&config, local);

        /* Of the hour that comes twice the first is meant. */
        assert_true(back == at ||
                    (back == at - 3600 && local >= DAY(2026, 10, 25, 2, 0) &&
                     local < DAY(2026, 10, 25, 3, 0)));
    }
    /* Half past two does not come on that day. */
    assert_int_equal(local_to_utc(&config, DAY(2026, 3, 29, 2, 30)),
                     DAY(2026, 3, 29, 1, 30));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without_a_zone_it_is_utc, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_summer_begins_and_ends_at_the_second, begin, end),
        cmocka_unit_test_setup_teardown(
            test_south_of_the_equator_the_year_begins_in_summer, begin, end),
        cmocka_unit_test_setup_teardown(test_a_date_is_of_one_year, begin, end),
        cmocka_unit_test_setup_teardown(test_local_time_leads_back, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
