/*
 * Laws of `aaa ...`: what changes for lines, the order of its lines, and
 * `enable` by methods.
 */
#include "stage.h"

#include <string.h>

#define CONFIGURING(mode) "<Router(config" mode ")#>"

static void
test_new_model_takes_login_from_the_lines(void **state)
{
    (void)state;
    stage_configure("line con 0\n login local\nline vty 0 4\n login local\n");
    stage_open_configuring();
    assert_types("aaa new-model", CONFIGURING(""));
    assert_non_null(strstr(stage_running_config(),
                           "aaa new-model\n!\naaa session-id common\n!\n"
                           "line con 0\nline vty 0 4\n!\n"));
    assert_types("line vty 0 4", CONFIGURING("-line"));
    assert_types("login local",
                 "AAA is enabled. Command not supported. Use an aaa "
                 "authentication methodlist instead\n" CONFIGURING("-line"));
    assert_types("login authentication VTY", CONFIGURING("-line"));
    assert_non_null(strstr(stage_running_config(),
                           "line vty 0 4\n login authentication VTY\n"));
    assert_types("login authentication default", CONFIGURING("-line"));
    assert_non_null(strstr(stage_running_config(), "line vty 0 4\n!\n"));
}

static void
test_the_lines_come_in_the_order_of_ios(void **state)
{
    (void)state;
    stage_configure(
        "aaa accounting commands 15 default stop-only group tacacs+\n"
        "aaa accounting exec default start-stop broadcast group A group B\n"
        "aaa authorization commands 15 default group tacacs+ local\n"
        "aaa authorization exec default group radius if-authenticated\n"
        "aaa authorization console\n"
        "aaa authentication enable default group radius enable\n"
        "aaa authentication login VTY local-case\n"
        "aaa authentication login default group radius local\n"
        "aaa authentication attempts login 5\n"
        "aaa new-model\n");
    assert_non_null(strstr(
        stage_running_config(),
        "aaa new-model\n!\n"
        "aaa authentication attempts login 5\n"
        "aaa authentication login VTY local-case\n"
        "aaa authentication login default group radius local\n"
        "aaa authentication enable default group radius enable\n"
        "aaa authorization console\n"
        "aaa authorization exec default group radius if-authenticated \n"
        "aaa authorization commands 15 default group tacacs+ local \n"
        "aaa accounting exec default start-stop broadcast group A group B\n"
        "aaa accounting commands 15 default stop-only group tacacs+\n!\n"
        "aaa session-id common\n!\n"));
    stage_configure("no aaa authentication login VTY\n"
                    "no aaa authorization exec default\n"
                    "no aaa accounting commands 15 default\n");
    assert_null(strstr(stage_running_config(), "VTY"));
    assert_null(strstr(stage_running_config(), "authorization exec"));
    assert_null(strstr(stage_running_config(), "accounting commands"));
}

static void
test_a_line_that_names_no_list_is_incomplete(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("no aaa authentication login",
                 "% Incomplete command.\n" CONFIGURING(""));
    assert_types("no aaa authorization commands",
                 "% Incomplete command.\n" CONFIGURING(""));
}

static void
begin_enable(const char *more)
{
    stage_configure("aaa new-model\n");
    stage_configure(more);
    stage_open();
    assert_types("enable", "<ask secret 30s>Password: ");
    stage_answer("pw");
}

static void
test_enable_has_one_try(void **state)
{
    (void)state;
    begin_enable("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n");
    stage_verdict(false);
    assert_heard("% Access denied\n\n<Router>>");
}

static void
test_enable_by_the_lines_password(void **state)
{
    (void)state;
    begin_enable("aaa authentication enable default enable line\n"
                 "line vty 0 4\n password cisco\n");
    assert_string_equal(stage.judge.stored, "cisco");
    stage_verdict(true);
    assert_heard("<Router#>");
}

static void
test_enable_without_anything_to_compare_is_an_error(void **state)
{
    (void)state;
    stage_configure("aaa new-model\n");
    stage_open();
    assert_types("enable", "% Error in authentication.\n\n<Router>>");
    stage_configure("aaa authentication enable default none\n");
    assert_types("enable", "<Router#>");
}

/* --- aaa authorization commands ----------------------------------------- */

#define FAILED "Command authorization failed.\n\n"

static void
test_a_command_is_authorized_before_it_runs(void **state)
{
    (void)state;
    stage_configure("aaa new-model\n"
                    "aaa authorization commands 1 default local\n");
    stage_open();
    /* lab is no local user. */
    assert_types("sh priv", FAILED "<Router>>");
    assert_types("SHOW   privilege | include x", FAILED "<Router>>");
    /* Of another level. */
    assert_types("disable 1", "<Router>>");
    stage_configure("username lab secret x\n");
    assert_types("sh priv", "Current privilege level is 1\n<Router>>");
    assert_types("sh nothing", "          ^\n% Invalid input detected at "
                               "'^' marker.\n\n<Router>>");
}

static void
test_a_refused_command_in_an_exec_request_has_status_1(void **state)
{
    (void)state;
    stage_configure("aaa new-model\n"
                    "aaa authorization commands 1 default local\n");
    assert_string_equal(stage_exec("show privilege\nshow privilege"),
                        "<reply 1><terminal 0x80 600s>" FAILED FAILED
                        "<exit 1>");
}

static void
test_configuration_is_authorized_when_that_is_asked_for(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_configure("aaa new-model\n"
                    "aaa authorization commands 15 default if-authenticated\n");
    assert_types("hostname R1", "<R1(config)#>");
    /* What is typed with `do` is no configuration. */
    assert_types("do show running-config", FAILED "<R1(config)#>");
    stage_configure("aaa authorization config-commands\n");
    assert_types("hostname R2", FAILED "<R1(config)#>");
    /* Nobody is locked in. */
    assert_types("end", "<R1#>");
}

static void
test_a_line_can_have_a_list_for_its_commands(void **state)
{
    (void)state;
    stage_configure("aaa new-model\n"
                    "aaa authorization commands 1 LIST local\n");
    stage_open();
    assert_types("show privilege", "Current privilege level is 1\n<Router>>");
    stage_configure("line vty 0 4\n authorization commands 1 LIST\n");
    assert_types("show privilege", FAILED "<Router>>");
}

static void
test_the_console_is_exempt_unless_it_is_named(void **state)
{
    struct msg_shell m = {.pty = true};

    (void)state;
    stage_configure("aaa new-model\n"
                    "aaa authorization commands 1 default local\n");
    stage_use_console();
    assert_true(shell_open(&stage.sessions[0], &m));
    stage_heard();
    assert_types("show privilege", "Current privilege level is 1\n<Router>>");
    stage_configure("aaa authorization console\n");
    assert_types("show privilege", FAILED "<Router>>");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_new_model_takes_login_from_the_lines),
        STAGE_TEST(test_the_lines_come_in_the_order_of_ios),
        STAGE_TEST(test_a_line_that_names_no_list_is_incomplete),
        STAGE_TEST(test_enable_has_one_try),
        STAGE_TEST(test_enable_by_the_lines_password),
        STAGE_TEST(test_enable_without_anything_to_compare_is_an_error),
        STAGE_TEST(test_a_command_is_authorized_before_it_runs),
        STAGE_TEST(test_a_refused_command_in_an_exec_request_has_status_1),
        STAGE_TEST(test_configuration_is_authorized_when_that_is_asked_for),
        STAGE_TEST(test_a_line_can_have_a_list_for_its_commands),
        STAGE_TEST(test_the_console_is_exempt_unless_it_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
