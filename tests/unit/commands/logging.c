/* Laws of `logging ...`, `show logging`, `clear logging`. */
#include "stage.h"

#include "control/log_outputs.h"

/* Lines that stand behind it whatever is configured here. */
#define LINES "line con 0\nline vty 0 4\n!\n"

#define assert_running(lines) \
    assert_string_equal(stage_running_config(), lines LINES)

static void
test_defaults_are_not_written(void **state)
{
    (void)state;
    stage_configure("logging on\nlogging console\nlogging monitor debugging\n"
                    "logging buffered 4096 7\nno logging rate-limit\n");
    assert_running("");
}

static void
test_levels_are_written_by_name(void **state)
{
    (void)state;
    stage_configure("logging console 4\nlogging monitor info\n"
                    "logging buffered 8192\n");
    assert_running("logging buffered 8192\n"
                   "logging console warnings\n"
                   "logging monitor informational\n!\n");
    stage_configure("no logging console\ndefault logging monitor\n"
                    "logging buffered err\n");
    assert_running("logging buffered 8192 errors\nno logging console\n!\n");
    stage_configure("no logging buffered\nno logging on\nlogging console\n");
    assert_running("no logging on\nno logging buffered\n!\n");
    stage_configure("logging buffered\n");
    assert_running("no logging on\n!\n");
}

static void
test_rates_come_back_as_typed(void **state)
{
    (void)state;
    stage_configure("logging rate-limit 10\n");
    assert_running("logging rate-limit 10\n!\n");
    stage_configure("logging rate-limit all 5 except 3\n");
    assert_running("logging rate-limit all 5 except errors\n!\n");
    stage_configure("logging rate-limit console 1\n");
    assert_running("logging rate-limit console 1\n!\n");
    stage_configure("logging rate-limit console all 7 except warnings\n");
    assert_running("logging rate-limit console all 7 except warnings\n!\n");
    stage_configure("no logging rate-limit\n");
    assert_running("");
}

static void
test_the_log_is_shown_in_the_layout_of_ios(void **state)
{
    (void)state;
    stage_open_enabled();
    stage.log_counts = (struct log_counts){
        .console = 22827, .monitor = 68, .buffer = 22860, .rate_limited = 4};
    assert_types(
        "show logging",
        "Syslog logging: enabled (0 messages dropped, 4 messages rate-limited, "
        "0 flushes, 0 overruns, xml disabled, filtering disabled)\n"
        "\n"
        "No Active Message Discriminator.\n"
        "\n"
        "\n"
        "\n"
        "No Inactive Message Discriminator.\n"
        "\n"
        "\n"
        "    Console logging: level debugging, 22827 messages logged, xml "
        "disabled,\n"
        "                     filtering disabled\n"
        "    Monitor logging: level debugging, 68 messages logged, xml "
        "disabled,\n"
        "                     filtering disabled\n"
        "    Buffer logging:  level debugging, 22860 messages logged, xml "
        "disabled,\n"
        "                    filtering disabled\n"
        "    Exception Logging: disabled\n"
        "    Count and timestamp logging messages: disabled\n"
        "    Persistent logging: disabled\n"
        "\n"
        "No active filter modules.\n"
        "\n"
        "    Trap logging: level informational, 0 message lines logged\n"
        "        Logging Source-Interface:       VRF Name:\n"
        "\n"
        "Log Buffer (4096 bytes):\n"
        "\n"
        "lder line\nnewer line\n<Router#>");
}

static void
test_what_is_off_says_no_more(void **state)
{
    const char *shown;

    (void)state;
    stage_configure("no logging on\nno logging console\nno logging monitor\n"
                    "no logging buffered\n");
    stage_open_enabled();
    shown = stage_type("show logging");
    assert_non_null(strstr(shown, "Syslog logging: disabled (0 messages"));
    assert_non_null(strstr(shown, "\n    Console logging: disabled\n"
                                  "    Monitor logging: disabled\n"
                                  "    Buffer logging:  disabled\n"));
    assert_null(strstr(shown, "Log Buffer"));
}

static void
test_the_log_is_cleared_when_it_is_confirmed(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("clear logging", "<ask key>Clear logging buffer [confirm]");
    assert_answers("n", "<Router#>");
    assert_int_equal(stage.log_counts.flushes, 0);
    stage_type("clear logging");
    assert_answers("", "<Router#>");
    assert_int_equal(stage.log_counts.flushes, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_defaults_are_not_written),
        STAGE_TEST(test_levels_are_written_by_name),
        STAGE_TEST(test_rates_come_back_as_typed),
        STAGE_TEST(test_the_log_is_shown_in_the_layout_of_ios),
        STAGE_TEST(test_what_is_off_says_no_more),
        STAGE_TEST(test_the_log_is_cleared_when_it_is_confirmed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
