/*
 * Laws of `clock` and `service timestamps`. The machine's clock is left alone:
 * clock_settime() is played.
 */
#include "stage.h"

#include <errno.h>
#include <time.h>

int __wrap_clock_settime(clockid_t id, const struct timespec *time);

static struct {
    int error;
    uint64_t at;
} machine;

int
__wrap_clock_settime(clockid_t id, const struct timespec *time)
{
    assert_int_equal(id, CLOCK_REALTIME);
    if (machine.error != 0) {
        errno = machine.error;
        return -1;
    }
    machine.at = (uint64_t)time->tv_sec;
    return 0;
}

static void
test_the_clock_is_set_in_local_time(void **state)
{
    (void)state;
    machine.error = 0;
    stage_configure("clock timezone JST 9\n");
    stage_open_enabled();
    assert_types("clock set 03:41:02 25 nov 2016", "<Router#>");
    assert_int_equal(machine.at, 1480012862);
    assert_non_null(strstr(stage_log(), "to 03:41:02 JST Fri Nov 25 2016, "
                                        "configured from console by "));
    assert_types("clock set 23:59:59 January 1 1993", "<Router#>");
    assert_int_equal(machine.at, 725900399);
    /* Somebody answers for it now. */
    assert_non_null(strstr(stage_type("show clock detail"), " JST "));
}

static void
test_what_is_no_time_is_refused(void **state)
{
    static const char *const wrong[] = {
        "clock set 24:00:00 1 May 2020",  "clock set 1:60:00 1 May 2020",
        "clock set 10:00 1 May 2020",     "clock set 10:00:00 32 May 2020",
        "clock set 10:00:00 1 Mayo 2020", "clock set 10:00:00 1 May 1992",
        "clock set 10:00:00: 1 May 2020", "clock set 010:00:00 1 May 2020",
    };

    (void)state;
    machine.at = 0;
    stage_open_enabled();
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_non_null(strstr(stage_type(wrong[i]), "% Invalid input"));
    assert_types("clock set 10:00:00 30 February 2020",
                 "% There is no such day\n<Router#>");
    assert_types("clock set 10:00:00 1 May",
                 "% Incomplete command.\n\n<Router#>");
    assert_int_equal(machine.at, 0);
}

static void
test_a_machine_that_does_not_let_us_says_so(void **state)
{
    (void)state;
    machine.error = EPERM;
    stage_open_enabled();
    assert_types("clock set 10:00:00 1 May 2020",
                 "% The clock belongs to the machine: this router may not set "
                 "it (Operation not permitted)\n<Router#>");
    assert_string_equal(stage_log(), "");
}

static void
test_a_zone_is_kept_and_taken_back(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("clock timezone NST -3 30", "<Router(config)#>");
    assert_non_null(strstr(stage_running_config(), "clock timezone NST -3 30"));
    assert_types("clock timezone EST -5", "<Router(config)#>");
    assert_non_null(strstr(stage_running_config(), "clock timezone EST -5\n"));
    assert_non_null(strstr(stage_type("clock timezone EST -24"), "% Invalid"));
    assert_non_null(strstr(stage_type("clock timezone EST 24"), "% Invalid"));
    assert_non_null(strstr(stage_type("clock timezone E%T 1"), "illegal"));
    assert_types("no clock timezone", "<Router(config)#>");
    assert_null(strstr(stage_running_config(), "clock"));
}

/* What is typed, and what the running configuration says then. */
static void
assert_summer(const char *typed, const char *kept)
{
    char line[128];

    snprintf(line, sizeof(line), "clock summer-time %s", typed);
    assert_types(line, "<Router(config)#>");
    snprintf(line, sizeof(line), "clock summer-time %s\n", kept);
    assert_non_null(strstr(stage_running_config(), line));
}

static void
test_summer_time_has_every_form(void **state)
{
    static const char *const wrong[] = {
        "clock summer-time S recurring 5 Sun Mar 2:00 last Sun Oct 2:00",
        "clock summer-time S recurring last Sun Mar 24:00 last Sun Oct 2:00",
        "clock summer-time S date 1 Mar 1992 2:00 1 Oct 1992 2:00",
        "clock summer-time S recurring last Sun Mar 2:00 last Sun Oct 2:00 0",
    };

    (void)state;
    stage_open_configuring();
    assert_summer("PDT recurring", "PDT recurring");
    assert_summer("PDT recurring 2 Sunday March 2:00 first sun nov 02:00",
                  "PDT recurring");
    assert_summer("CEST recurring last Sun Mar 2:00 last Sun Oct 3:00",
                  "CEST recurring last Sun Mar 2:00 last Sun Oct 3:00");
    assert_summer("LHDT recurring 1 Sun Oct 2:00 1 Sun Apr 2:00 30",
                  "LHDT recurring 1 Sun Oct 2:00 1 Sun Apr 2:00 30");
    /* The same month twice. */
    assert_summer("X date 30 March 2003 2:00 March 31 2003 3:05",
                  "X date Mar 30 2003 2:00 Mar 31 2003 3:05");
    assert_types("clock summer-time X date 30 Feb 2003 2:00 1 Apr 2003 2:00",
                 "% There is no such day\n<Router(config)#>");
    assert_types("clock summer-time X date 2 Apr 2003 2:00 1 Apr 2003 2:00",
                 "% Summer time has to begin before it ends\n"
                 "<Router(config)#>");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_non_null(strstr(stage_type(wrong[i]), "% Invalid input"));
    assert_types("no clock summer-time", "<Router(config)#>");
    assert_null(strstr(stage_running_config(), "summer"));
}

static void
test_the_clock_is_set_in_summer_time(void **state)
{
    (void)state;
    machine.error = 0;
    stage_configure("clock timezone PST -8\nclock summer-time PDT recurring\n");
    stage_open_enabled();
    assert_types("clock set 12:00:00 1 july 2026", "<Router#>");
    assert_int_equal(machine.at, 1782932400);
    assert_types("clock set 12:00:00 1 january 2026", "<Router#>");
    assert_int_equal(machine.at, 1767297600);
}

/* What is typed, and the two lines of the running configuration. */
static void
assert_stamps(const char *line, const char *debug, const char *log)
{
    char text[256];
    struct buf all;

    assert_types(line, "<Router(config)#>");
    buf_init(&all, sizeof(text));
    buf_printf(&all, "%s\n%s\nno service password-encryption\n!\n" STAGE_NO_AAA,
               debug, log);
    if (strcmp(buf_text(&all), STAGE_ALWAYS) != 0)
        assert_memory_equal(stage_running_config(), buf_text(&all),
                            buf_len(&all) - strlen(STAGE_NO_AAA));
    else
        assert_null(strstr(stage_running_config(), "timestamps"));
    buf_clear(&all);
}

#define DEBUG_MS "service timestamps debug datetime msec"
#define LOG_MS   "service timestamps log datetime msec"

static void
test_time_stamps_have_every_form(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_stamps("service timestamps log", DEBUG_MS,
                  "service timestamps log uptime");
    assert_stamps("service timestamps log datetime", DEBUG_MS,
                  "service timestamps log datetime");
    assert_stamps("service timestamps log datetime year msec", DEBUG_MS,
                  "service timestamps log datetime msec year");
    assert_stamps("service timestamps log datetime show localtime", DEBUG_MS,
                  "service timestamps log datetime localtime show-timezone");
    assert_stamps("service timestamps", "service timestamps debug uptime",
                  "service timestamps log datetime localtime show-timezone");
    assert_stamps("no service timestamps debug", "no service timestamps debug",
                  "service timestamps log datetime localtime show-timezone");
    assert_stamps("no service timestamps", "no service timestamps debug",
                  "no service timestamps log");
    assert_stamps("default service timestamps log",
                  "no service timestamps debug", LOG_MS);
    assert_stamps("default service timestamps", DEBUG_MS, LOG_MS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_the_clock_is_set_in_local_time),
        STAGE_TEST(test_what_is_no_time_is_refused),
        STAGE_TEST(test_a_machine_that_does_not_let_us_says_so),
        STAGE_TEST(test_a_zone_is_kept_and_taken_back),
        STAGE_TEST(test_summer_time_has_every_form),
        STAGE_TEST(test_the_clock_is_set_in_summer_time),
        STAGE_TEST(test_time_stamps_have_every_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
