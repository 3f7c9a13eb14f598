/*
 * Laws of the running configuration's text, whole and in its parts.
 */
#include "stage.h"

#include "control/running_config.h"

#define TAIL "line con 0\nline vty 0 4\n!\n"

static void
test_heads_are_three_lines_and_the_count_is_right(void **state)
{
    (void)state;
    stage_open_enabled();
    assert_types(
        "show running-config",
        "Building configuration...\n\n"
        "Current configuration : 173 bytes\n!\nversion 12.4\n" STAGE_ALWAYS TAIL
        "end\n\n<Router#>");
}

static void
test_the_last_change_is_dated_and_signed(void **state)
{
    (void)state;
    stage.router.changed.at = 1480012862; /* 18:41:02 UTC Thu Nov 24 2016 */
    memcpy(stage.router.changed.user, "cisco", 6);
    stage.router.saved.at = 1480982400;
    stage_open_enabled();
    assert_types("show running-config",
                 "Building configuration...\n\n"
                 "Current configuration : 303 bytes\n!\n"
                 "! Last configuration change at 18:41:02 UTC Thu Nov 24 2016 "
                 "by cisco\n"
                 "! NVRAM config last updated at 00:00:00 UTC Tue Dec 6 2016\n"
                 "!\nversion 12.4\n" STAGE_ALWAYS TAIL "end\n\n<Router#>");
}

static void
test_the_text_is_stable_while_nothing_changes(void **state)
{
    struct buf one, two;

    (void)state;
    stage_configure("username u secret x\nhostname R1\n");
    buf_init(&one, RUNNING_CONFIG_MAX);
    buf_init(&two, RUNNING_CONFIG_MAX);
    running_config_put(&stage.router, &one);
    running_config_put(&stage.router, &two);
    assert_string_equal(buf_text(&one), buf_text(&two));
    buf_clear(&one);
    buf_clear(&two);
}

static void
test_host_and_domain_names_are_checked(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("hostname 7200",
                 "% Hostname contains one or more illegal characters.\n"
                 "<Router(config)#>");
    assert_types("hostname a>b",
                 "% Hostname contains one or more illegal characters.\n"
                 "<Router(config)#>");
    assert_types("hostname edge-",
                 "% Hostname contains one or more illegal characters.\n"
                 "<Router(config)#>");
    assert_non_null(strstr(stage_type("hostname cisco 7200"), "% Invalid"));
    assert_types("hostname edge-1.core_2", "<edge-1.core_2(config)#>");
    assert_types("ip domain-name cisco.com", "<edge-1.core_2(config)#>");
    assert_string_equal(stage_running_config(),
                        "hostname edge-1.core_2\n!\n"
                        "ip domain name cisco.com\n!\n" TAIL);
    assert_types("no ip domain-name", "<edge-1.core_2(config)#>");
    assert_types("ip domain name a;b",
                 "% Domain name contains one or more illegal characters.\n"
                 "<edge-1.core_2(config)#>");
    assert_types("no hostname", "<Router(config)#>");
    assert_string_equal(stage_running_config(), TAIL);
}

static void
test_access_lists_keep_their_order(void **state)
{
    static const char text[] = "access-list 10 permit 192.0.2.1\n"
                               "access-list 10 deny 192.0.2.0 0.0.0.255\n"
                               "access-list 10 permit any\n"
                               "access-list 1300 permit 198.51.100.7\n"
                               "!\n" TAIL;

    (void)state;
    stage_configure("access-list 1300 permit host 198.51.100.7\n"
                    "access-list 10 permit 192.0.2.1\n"
                    "access-list 10 deny 192.0.2.0 0.0.0.255\n"
                    "access-list 10 permit any\n");
    assert_string_equal(stage_running_config(), text);
    stage_configure(text);
    assert_string_equal(stage_running_config(), text);
    stage_configure("no access-list 10\n");
    assert_string_equal(stage_running_config(),
                        "access-list 1300 permit 198.51.100.7\n"
                        "!\n" TAIL);
    stage_open_configuring();
    assert_non_null(
        strstr(stage_type("access-list 100 permit any"), "% Invalid input"));
}

static void
test_access_lists_are_written_one_way(void **state)
{
    (void)state;
    stage_configure("access-list 1 permit host 192.0.2.1\n"
                    "access-list 1 permit 192.0.2.2 0.0.0.0\n"
                    "access-list 1 deny 192.0.2.77 0.0.0.63\n"
                    "access-list 1 permit 10.1.2.3 255.255.255.255\n");
    assert_string_equal(stage_running_config(),
                        "access-list 1 permit 192.0.2.1\n"
                        "access-list 1 permit 192.0.2.2\n"
                        "access-list 1 deny 192.0.2.64 0.0.0.63\n"
                        "access-list 1 permit any\n"
                        "!\n" TAIL);
    stage_configure("no access-list 1 permit host 192.0.2.1\n");
    assert_string_equal(stage_running_config(), TAIL);
}

static void
test_lines_are_written_with_what_they_say(void **state)
{
    static const char text[] = "line con 0\n"
                               " exec-timeout 0 0\n"
                               " login local\n"
                               "line vty 0 4\n"
                               " access-class 10 in\n"
                               " exec-timeout 5 30\n"
                               " login local\n"
                               " transport input ssh\n"
                               "line vty 5 9\n"
                               " no login\n"
                               " transport input none\n"
                               "!\n";

    (void)state;
    stage_configure(text);
    assert_string_equal(stage_running_config(), text);
    stage_open_configuring();
    stage_type("line console 0");
    assert_non_null(strstr(stage_type("transport input ssh"), "% Invalid"));
    assert_types("exec-timeout 0", "<Router(config-line)#>");
    stage_type("line vty 5");
    assert_types("default login", "<Router(config-line)#>");
    assert_types("login local", "<Router(config-line)#>");
    assert_int_equal(stage.listener_updates > 0, true);
    stage_type("no line vty 5");
    assert_types("no line vty 4", "% Can't delete last 5 VTY lines\n"
                                  "<Router(config)#>");
}

static void
test_show_users_marks_ones_own_line(void **state)
{
    struct session *other = stage_second_user();
    struct msg_shell m = {.pty = true};

    (void)state;
    assert_true(shell_open(other, &m));
    stage.now_ms = (41 * 60 + 43) * 1000;
    stage_open();
    stage.sessions[0].active_ms = stage.now_ms;
    assert_types(
        "show users",
        "    Line       User       Host(s)              Idle       Location\n"
        "*  1 vty 0     lab        idle                 00:00:00 192.0.2.1\n"
        "   2 vty 1     other      idle                 00:41:43 192.0.2.2\n"
        "\n"
        "  Interface    User               Mode         Idle     Peer "
        "Address\n<Router>>");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_heads_are_three_lines_and_the_count_is_right),
        STAGE_TEST(test_the_last_change_is_dated_and_signed),
        STAGE_TEST(test_the_text_is_stable_while_nothing_changes),
        STAGE_TEST(test_host_and_domain_names_are_checked),
        STAGE_TEST(test_access_lists_keep_their_order),
        STAGE_TEST(test_access_lists_are_written_one_way),
        STAGE_TEST(test_lines_are_written_with_what_they_say),
        STAGE_TEST(test_show_users_marks_ones_own_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
