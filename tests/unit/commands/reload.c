/* Laws of a reload that is set for later. */
#include "stage.h"

#include "control/reload.h"

#define CONFIRM "<ask key>Proceed with reload? [confirm]"

static bool
begins(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static void
test_a_reload_is_set_shown_and_given_up(void **state)
{
    const char *heard;

    (void)state;
    stage_open_enabled();
    assert_types("show reload", "No reload is scheduled.\n<Router#>");
    assert_types("reload cancel", "%No reload is scheduled.\n<Router#>");
    heard = stage_type("reload in 5 new image");
    assert_true(begins(heard, "Reload scheduled for "));
    assert_non_null(strstr(heard, " (in 5 minutes) by lab on vty0 (192.0.2.1)\n"
                                  "Reload reason: new image\n" CONFIRM));
    assert_answers("y", "<Router#>");
    heard = stage_log();
    assert_non_null(strstr(heard, "SCHEDULED_RELOAD: Reload requested for "));
    assert_non_null(strstr(heard, "Reload Reason: new image."));
    assert_non_null(strstr(heard, "*** --- SHUTDOWN in 0:05:00 ---\n***\n"));
    stage.now_ms += 12000;
    assert_non_null(strstr(stage_type("show reload"),
                           "(in 4 minutes and 48 seconds) by lab on vty0 "
                           "(192.0.2.1)\nReload reason: new image\n<Router#>"));
    assert_types("reload cancel", "<Router#>");
    heard = stage_log();
    assert_non_null(strstr(heard, "*** --- SHUTDOWN ABORTED ---\n"));
    assert_non_null(strstr(heard, "SCHEDULED_RELOAD_CANCELLED: "));
    assert_types("show reload", "No reload is scheduled.\n<Router#>");
    assert_false(stage.ended);
}

static void
test_the_last_that_was_set_counts(void **state)
{
    (void)state;
    stage_open_enabled();
    stage_type("reload in 1:30");
    stage_answer("");
    stage_type("reload in 10");
    assert_answers("n", "<Router#>");
    assert_non_null(
        strstr(stage_type("show reload"), "(in 1 hour and 30 minutes)"));
    stage_type("reload in 100:01 x");
    stage_answer("y");
    assert_non_null(
        strstr(stage_type("show reload"), "(in 100 hours and 1 minute)"));
}

static void
test_a_time_of_day_is_within_a_day(void **state)
{
    uint64_t left_s;

    (void)state;
    stage_open_enabled();
    stage_type("reload at 3:00");
    assert_answers("y", "<Router#>");
    assert_true(reload_left(&stage.router, &left_s));
    assert_in_range(left_s, 1, 86400);
    assert_int_equal((stage.router.reload->due_at) % 86400, 3 * 3600);
}

static void
test_what_is_no_time_is_refused(void **state)
{
    static const char *const wrong[] = {
        "reload in 0", "reload in 1000",  "reload in 5:60",
        "reload in x", "reload at 24:00", "reload cancel now",
    };

    (void)state;
    stage_open_enabled();
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (strstr(stage_type(wrong[i]), "% Invalid input") == NULL)
            fail_msg("%s is accepted", wrong[i]);
}

static void
test_a_reload_at_once_has_its_reason(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("reload because it must be", CONFIRM);
    stage_answer("y");
    assert_true(stage.ended);
    assert_non_null(strstr(stage_log(), "RELOAD: Reload requested by lab on "
                                        "vty0 (192.0.2.1). Reload Reason: "
                                        "because it must be."));
    assert_string_equal(stage.router.restart.ending, "Reload Command");
    assert_string_equal(stage.router.restart.ending_reason,
                        "because it must be");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_a_reload_is_set_shown_and_given_up),
        STAGE_TEST(test_the_last_that_was_set_counts),
        STAGE_TEST(test_a_time_of_day_is_within_a_day),
        STAGE_TEST(test_what_is_no_time_is_refused),
        STAGE_TEST(test_a_reload_at_once_has_its_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
