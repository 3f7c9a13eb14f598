/* Laws of times as they are shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#include "control/clock.h"
#include "control/local_time.h"

static uint64_t now_ms;

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return now_ms;
}

/* The machine's clocks, played: 18 July 2026, 10:18:42.619 UTC. */
static struct {
    bool played;
    int status; /* of adjtimex(2) */
    time_t at;
} machine = {.at = 1784369922};

int __real_clock_gettime(clockid_t clock, struct timespec *to);
int __wrap_clock_gettime(clockid_t clock, struct timespec *to);
int __wrap_adjtimex(struct timex *state);

int
__wrap_clock_gettime(clockid_t clock, struct timespec *to)
{
    if (!machine.played || clock != CLOCK_REALTIME)
        return __real_clock_gettime(clock, to);
    *to = (struct timespec){.tv_sec = machine.at, .tv_nsec = 619000000};
    return 0;
}

int
__wrap_adjtimex(struct timex *state)
{
    state->status = machine.status;
    return machine.status == 0 ? TIME_OK : TIME_ERROR;
}

static const char *
uptime(uint64_t s)
{
    static char text[32];

    clock_uptime_stamp(s, text, sizeof(text));
    return text;
}

static void
test_an_uptime_has_two_units(void **state)
{
    (void)state;
    assert_string_equal(uptime(0), "00:00:00");
    assert_string_equal(uptime(33 * 60 + 55), "00:33:55");
    assert_string_equal(uptime(86399), "23:59:59");
    assert_string_equal(uptime(86400), "1d00h");
    assert_string_equal(uptime(3 * 86400 + 6 * 3600 + 59), "3d06h");
    assert_string_equal(uptime(7 * 86400 - 1), "6d23h");
    assert_string_equal(uptime(9 * 86400), "1w2d");
    assert_string_equal(uptime(365 * 86400 - 1), "52w0d");
    assert_string_equal(uptime(365 * 86400 + 28 * 86400), "1y4w");
}

static const char *
words(uint64_t s)
{
    static char text[CLOCK_TEXT_MAX];

    clock_uptime_words(s, text);
    return text;
}

static void
test_an_uptime_in_words_leaves_zeros_out(void **state)
{
    (void)state;
    assert_string_equal(words(0), "0 minutes");
    assert_string_equal(words(119), "1 minute");
    assert_string_equal(words(86400), "1 day");
    assert_string_equal(words(2 * 3600 + 60), "2 hours, 1 minute");
    assert_string_equal(words(20 * 604800 + 5 * 86400 + 12 * 3600 + 15 * 60),
                        "20 weeks, 5 days, 12 hours, 15 minutes");
    assert_string_equal(words(365 * 86400), "1 year");
    assert_string_equal(words(3 * 365 * 86400ull + 7 * 86400 + 59),
                        "3 years, 1 week");
    /* As long as it can become. */
    assert_true(strlen(words(UINT64_MAX)) < CLOCK_TEXT_MAX);
}

static void
test_a_time_is_shown_in_its_zone(void **state)
{
    struct config config;
    char text[CLOCK_TEXT_MAX];

    (void)state;
    config_init(&config);
    clock_text(&config, 1480012862, CLOCK_DATE, text);
    assert_string_equal(text, "18:41:02 UTC Thu Nov 24 2016");
    config_text_set(&config.zone.name, "JST");
    config.zone.hours = 9;
    clock_text(&config, 1480012862, CLOCK_DATE, text);
    assert_string_equal(text, "03:41:02 JST Fri Nov 25 2016");
    clock_text(&config, 1480012862, CLOCK_KEY_DATE, text);
    assert_string_equal(text, "03:41:02 JST Nov 25 2016");
    clock_text(&config, 1480012862, CLOCK_BUILD, text);
    assert_string_equal(text, "Fri 25-Nov-16 03:41");
    /* Newfoundland: three hours and a half behind. */
    config.zone.hours = (uint32_t)-3;
    config.zone.minutes = 30;
    assert_int_equal(local_offset_s(&config, 0), -12600);
    clock_text(&config, 1480012862, CLOCK_TIME, text);
    assert_string_equal(text, "15:11:02");
    clock_text(&config, UINT64_MAX / 2, CLOCK_DATE, text);
    assert_string_equal(text, "");
    config_clear(&config);
}

static void
test_a_stamp_is_what_the_configuration_says(void **state)
{
    struct router r = {0};
    struct config_timestamps how = {.form = CONFIG_STAMP_NONE};
    char text[CLOCK_STAMP_MAX];

    (void)state;
    config_init(&r.config);
    clock_stamp(&r, &how, text);
    assert_string_equal(text, "");
    r.clock.started_ms = 5000;
    now_ms = 5000 + 1000ull * (33 * 60 + 55);
    how.form = CONFIG_STAMP_UPTIME;
    clock_stamp(&r, &how, text);
    assert_string_equal(text, "00:33:55: ");
    r.config.sequence_numbers = true;
    r.clock.sequence = 47;
    clock_stamp(&r, &how, text);
    assert_string_equal(text, "000048: 00:33:55: ");
    how.form = CONFIG_STAMP_NONE;
    clock_stamp(&r, &how, text);
    assert_string_equal(text, "000049: ");
    config_clear(&r.config);
}

/* The stamp of a line that is written now. */
static const char *
stamp(struct router *r, const struct config_timestamps *how)
{
    static char text[CLOCK_STAMP_MAX];

    clock_stamp(r, how, text);
    return text;
}

static void
test_a_stamp_has_the_forms_of_ios(void **state)
{
    struct router r = {.options = {0}};
    struct config_timestamps how = {.form = CONFIG_STAMP_NONE};

    (void)state;
    machine.played = true;
    machine.status = STA_UNSYNC;
    config_init(&r.config);
    r.config.zone.name = strdup("JST");
    r.config.zone.hours = 9;
    assert_string_equal(stamp(&r, &how), "");
    how.form = CONFIG_STAMP_UPTIME;
    now_ms = 2035000;
    assert_string_equal(stamp(&r, &how), "00:33:55: ");
    now_ms = 1000ull * (365 * 86400 + 28 * 86400);
    assert_string_equal(stamp(&r, &how), "1y4w: ");
    how.form = CONFIG_STAMP_DATETIME;
    assert_string_equal(stamp(&r, &how), "*Jul 18 10:18:42: ");
    how.msec = true;
    assert_string_equal(stamp(&r, &how), "*Jul 18 10:18:42.619: ");
    how.year = true;
    assert_string_equal(stamp(&r, &how), "*Jul 18 2026 10:18:42.619: ");
    how.year = false;
    how.zone = true;
    assert_string_equal(stamp(&r, &how), "*Jul 18 10:18:42.619 UTC: ");
    how.localtime = true;
    assert_string_equal(stamp(&r, &how), "*Jul 18 19:18:42.619 JST: ");
    r.config.sequence_numbers = true;
    how = (struct config_timestamps){.form = CONFIG_STAMP_DATETIME};
    machine.at -= 16 * 86400;
    assert_string_equal(stamp(&r, &how), "000009: *Jul  2 10:18:42: ");
    r.clock.sequence = 999999;
    assert_string_equal(stamp(&r, &how), "1000000: *Jul  2 10:18:42: ");
    machine.at += 16 * 86400;
    machine.played = false;
    config_clear(&r.config);
}

static void
test_the_mark_says_how_far_the_clock_is_to_be_trusted(void **state)
{
    struct router r = {.options = {0}};

    (void)state;
    machine.status = STA_UNSYNC;
    assert_string_equal(clock_mark(&r), "*");
    machine.status = 0;
    assert_string_equal(clock_mark(&r), "");
    machine.status = STA_UNSYNC;
    assert_string_equal(clock_mark(&r), ".");
    r.clock.set_by_user = true;
    assert_string_equal(clock_mark(&r), "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_uptime_has_two_units),
        cmocka_unit_test(test_a_stamp_has_the_forms_of_ios),
        cmocka_unit_test(test_the_mark_says_how_far_the_clock_is_to_be_trusted),
        cmocka_unit_test(test_an_uptime_in_words_leaves_zeros_out),
        cmocka_unit_test(test_a_time_is_shown_in_its_zone),
        cmocka_unit_test(test_a_stamp_is_what_the_configuration_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
