/*
 * Laws of saving, erasing and reloading.
 */
#include "stage.h"

#include <errno.h>

#define BUILDS "Building configuration...\n"
#define SAVE                                                        \
    "<ask line>System configuration has been modified. Save? [yes/" \
    "no]: "
#define PROCEED "<ask key>Proceed with reload? [confirm]"

static void
change_hostname(void)
{
    stage_open_configuring();
    stage_type("hostname R1");
    stage_type("end");
    stage_log();
}

static void
test_write_memory_stores_the_configuration_and_says_ok(void **state)
{
    (void)state;
    change_hostname();
    assert_types("write memory", BUILDS);
    assert_non_null(strstr(buf_text(&stage.saved_text),
                           "!\nhostname R1\n!\nno aaa new-model\n"
                           "!\nline con 0\nline vty 0 4\n"
                           "!\nend\n"));
    assert_int_equal(buf_text(&stage.saved_text)[0], '!');
    stage_saved(OK, 0);
    assert_heard("[OK]\n<R1#>");
    assert_false(stage.router.config_changed);
    assert_types("write", BUILDS);
    stage_saved(OK, 0);
}

static void
test_a_failed_save_is_told_and_stays_unsaved(void **state)
{
    (void)state;
    change_hostname();
    stage_type("write memory");
    stage_saved(ERR_SYSTEM, ENOSPC);
    assert_heard("% Error writing nvram:/startup-config (No space left on "
                 "device)\n<R1#>");
    assert_true(stage.router.config_changed);
    stage_type("write memory");
    stage_saved(ERR_BUSY, 0);
    assert_heard("% startup-config file open failed (Device or resource "
                 "busy)\n<R1#>");
    assert_true(stage.router.config_changed);
}

static void
test_a_change_during_the_save_is_not_lost(void **state)
{
    (void)state;
    change_hostname();
    stage_type("write memory");
    stage.router.config_changed = true; /* by another session */
    stage_saved(OK, 0);
    assert_true(stage.router.config_changed);
}

static void
test_copy_asks_for_the_name(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("copy run start",
                 "<ask line>Destination filename [startup-config]? ");
    assert_answers("", BUILDS);
    stage_saved(OK, 0);
    assert_heard("[OK]\n<Router#>");
    stage_type("copy running-config startup-config");
    assert_answers("startup-config", BUILDS);
    stage_saved(OK, 0);
    stage_heard();
    stage_type("copy running-config startup-config");
    assert_answers("other", "%Error opening nvram:/other (Permission "
                            "denied)\n<Router#>");
    stage_type("copy running-config startup-config");
    assert_answers(NULL, "<Router#>");
}

static void
test_erase_asks_and_tells(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("erase startup-config",
                 "<ask key>Erasing the nvram filesystem will remove all "
                 "configuration files! Continue? [confirm]");
    assert_answers("x", "<Router#>");
    assert_false(stage.erasing);
    stage_type("erase startup-config");
    assert_answers("", "");
    assert_true(stage.erasing);
    stage_saved(OK, 0);
    assert_heard("[OK]\nErase of nvram: complete\n<Router#>");
    assert_string_equal(stage_log(), "%SYS-7-NV_BLOCK_INIT: Initialized the "
                                     "geometry of nvram\n");
    stage_type("erase startup-config");
    stage_answer("y");
    stage_saved(ERR_SYSTEM, EIO);
    assert_heard("% Error erasing nvram: (Input/output error)\n<Router#>");
}

static void
test_reload_of_a_saved_router_asks_once(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types("reload", PROCEED);
    assert_answers("", "");
    assert_true(stage.ended);
    assert_string_equal(stage_log(),
                        "%SYS-5-RELOAD: Reload requested by lab on vty0 "
                        "(192.0.2.1). Reload Reason: Reload Command.\n");
}

static void
test_reload_offers_to_save(void **state)
{
    (void)state;
    change_hostname();
    assert_types("reload", "\n" SAVE);
    assert_answers("yes", BUILDS);
    stage_saved(OK, 0);
    assert_heard("[OK]\n" PROCEED);
    assert_answers("n", "<R1#>");
    assert_false(stage.ended);
}

static void
test_reload_stops_when_the_save_fails(void **state)
{
    (void)state;
    change_hostname();
    stage_type("reload");
    stage_answer("y");
    stage_saved(ERR_SYSTEM, ENOSPC);
    assert_heard("% Error writing nvram:/startup-config (No space left on "
                 "device)\n<R1#>");
    assert_false(stage.ended);
}

static void
test_reload_may_lose_the_changes_if_told_so(void **state)
{
    (void)state;
    change_hostname();
    stage_type("reload");
    assert_answers("no", PROCEED);
    stage_answer("");
    assert_true(stage.ended);
    assert_null(stage.saved);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_write_memory_stores_the_configuration_and_says_ok),
        STAGE_TEST(test_a_failed_save_is_told_and_stays_unsaved),
        STAGE_TEST(test_a_change_during_the_save_is_not_lost),
        STAGE_TEST(test_copy_asks_for_the_name),
        STAGE_TEST(test_erase_asks_and_tells),
        STAGE_TEST(test_reload_of_a_saved_router_asks_once),
        STAGE_TEST(test_reload_offers_to_save),
        STAGE_TEST(test_reload_stops_when_the_save_fails),
        STAGE_TEST(test_reload_may_lose_the_changes_if_told_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
