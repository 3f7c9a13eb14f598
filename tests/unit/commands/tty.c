/* Laws of what can be said about tty lines. */
#include "../control/stage.h"

#include "config/tty.h"

#define REFUSED "<Router(config-line)#>"

static const char *
lines_of(const char *from)
{
    const char *found = strstr(stage_running_config(), from);

    return found == NULL ? "" : found;
}

static void
test_a_line_is_what_was_said_about_it(void **state)
{
    (void)state;
    stage_configure("line aux 0\n"
                    "device tcp 192.0.2.9 2001 telnet\n"
                    "line 1 3\n"
                    "transport input ssh\n"
                    "no exec\n"
                    "line 2\n"
                    "device /dev/serial/by-id/usb-FTDI_1-if00-port0\n"
                    "speed 115200\n"
                    "stopbits 1\n"
                    "parity even\n"
                    "flowcontrol hardware\n"
                    "access-user lab ops\n"
                    "access-user root ops\n"
                    "share\n"
                    "rotary 5\n"
                    "autohangup\n"
                    "location Row 3\n"
                    "session-timeout 5 output\n"
                    "exec-timeout 3\n"
                    "login local\n"
                    "buffer size 256\n"
                    "logging flash:console/2 size 64 files 3 timestamps\n");
    assert_string_equal(lines_of("line con 0"),
                        "line con 0\n"
                        "line 1\n"
                        " no exec\n"
                        " transport input ssh\n"
                        "line 2\n"
                        " device /dev/serial/by-id/usb-FTDI_1-if00-port0\n"
                        " location Row 3\n"
                        " session-timeout 5 output\n"
                        " exec-timeout 3 0\n"
                        " login local\n"
                        " access-user lab\n"
                        " access-user ops\n"
                        " access-user root\n"
                        " share\n"
                        " rotary 5\n"
                        " no exec\n"
                        " transport input ssh\n"
                        " autohangup\n"
                        " parity even\n"
                        " stopbits 1\n"
                        " speed 115200\n"
                        " flowcontrol hardware\n"
                        " buffer size 256\n"
                        " logging flash:console/2 size 64 files 3 timestamps\n"
                        "line 3\n"
                        " no exec\n"
                        " transport input ssh\n"
                        "line aux 0\n"
                        " device tcp 192.0.2.9 2001 telnet\n"
                        "line vty 0 4\n"
                        "!\n");
}

static void
assert_refused(const char *line, const char *text)
{
    char expected[256];

    snprintf(expected, sizeof(expected), "%s\n" REFUSED, text);
    assert_types(line, expected);
}

static void
test_a_device_is_a_path_or_a_port(void **state)
{
#define NO_PATH "% A device is an absolute path, such as /dev/ttyS0"
#define NO_HOST "% That is no name or address of a host"
    (void)state;
    stage_open_configuring();
    stage_type("line 1");
    assert_refused("device ttyS0", NO_PATH);
    assert_refused("device /", NO_PATH);
    assert_refused("device //dev/ttyS0", NO_PATH);
    assert_refused("device /dev/ttyS0/", NO_PATH);
    assert_refused("device /dev/../etc/passwd", NO_PATH);
    assert_refused("device /dev/./ttyS0", NO_PATH);
    assert_refused("device /dev/tty", NO_PATH);
    assert_refused("device /dev/ptmx", NO_PATH);
    assert_refused("device tcp -x 1", NO_HOST);
    assert_refused("device tcp a/b 1", NO_HOST);
    stage_type("device tcp 2001:db8::1 23 telnet");
    assert_string_equal(stage.plan, "1 2001:db8::1:23 9600 804");
    stage_type("device /dev/pts/5");
    assert_string_equal(stage.plan, "1 /dev/pts/5:0 9600 804");
    assert_null(config_tty_line(&stage.router.config, 1)->host);
    stage_type("no device");
    assert_string_equal(stage.plan, "1 none");
    stage_type("line 1 2");
    assert_refused("device /dev/ttyS0", "% A device belongs to one line");
    assert_refused("logging flash:a", "% A log belongs to one line");
    stage_type("line 1");
    assert_refused("logging nvram:a", "% The log is no file of flash:");
    assert_refused("logging flash:", "% The log is no file of flash:");
    assert_refused("logging flash:../a", "% The log is no file of flash:");
    assert_refused("logging a", "% The log is no file of flash:");
    stage_type("logging flash:log/one");
    stage_type("logging flash:/log/one size 64");
    stage_type("line 2");
    assert_refused("logging bootflash:/log/one",
                   "% That file is the log of another line");
    stage_type("line aux 0");
    assert_refused("logging flash:log/one",
                   "% That file is the log of another line");
}

static void
test_one_and_a_half_stop_bits_go_with_five_data_bits(void **state)
{
#define NO_HALF "% One and a half stop bits go with five data bits only"
    (void)state;
    stage_open_configuring();
    stage_type("line 4");
    assert_refused("stopbits 1.5", NO_HALF);
    stage_type("databits 5");
    stage_type("stopbits 1.5");
    assert_refused("databits 8", NO_HALF);
    assert_refused("no databits", NO_HALF);
    /* Of several lines each counts. */
    stage_type("line 3 5");
    assert_refused("databits 7", NO_HALF);
    assert_refused("stopbits 1.5", NO_HALF);
    stage_type("stopbits 1");
    stage_type("databits 7");
    assert_string_equal(lines_of("line con 0"), "line con 0\n"
                                                "line 3 5\n"
                                                " databits 7\n"
                                                " stopbits 1\n"
                                                "line vty 0 4\n"
                                                "!\n");
    assert_refused("speed 12345", "% There is no such speed");
}

static void
test_users_of_a_line_come_and_go_by_name(void **state)
{
    const struct config *config = &stage.router.config;

    (void)state;
    stage_configure("line 1\naccess-user a  b c\naccess-user b d\n");
    assert_string_equal(config_tty_line(config, 1)->access_users, "a b c d");
    stage_configure("line 1\nno access-user b x\n");
    assert_string_equal(config_tty_line(config, 1)->access_users, "a c d");
    stage_configure("line 1\nno access-user a c d\n");
    assert_null(config_tty_line(config, 1)->access_users);
    stage_configure("line 1\naccess-user a\nno access-user\n");
    assert_null(config_tty_line(config, 1)->access_users);
}

static void
test_lines_are_removed_and_their_processes_with_them(void **state)
{
    (void)state;
    stage_configure("line 1 9\nline 5\ndevice /dev/ttyS5\n");
    assert_string_equal(stage.plan, "5 /dev/ttyS5:0 9600 804");
    stage_configure("no line 5\n");
    assert_string_equal(stage.plan, "5 none");
    assert_string_equal(lines_of("line con 0"), "line con 0\n"
                                                "line 1 4\n"
                                                "line 6 9\n"
                                                "line vty 0 4\n"
                                                "!\n");
    stage_configure("line aux 0\ndevice /dev/ttyS1\nspeed 38400\n");
    assert_string_equal(stage.plan, "4097 /dev/ttyS1:0 38400 804");
    stage_configure("no line aux 0\nno line tty 1 9\n");
    assert_string_equal(lines_of("line con 0"), "line con 0\n"
                                                "line vty 0 4\n"
                                                "!\n");
}

static void
test_a_session_keeps_its_number_when_lines_change(void **state)
{
    (void)state;
    stage_open_enabled();
    stage_configure("line 1 2\nline aux 0\n");
    assert_types(
        "show users all",
        "    Line       User       Host(s)              Idle       Location\n"
        "   0 con 0                                     00:00:00\n"
        "   1 tty 1                                     00:00:00\n"
        "   2 tty 2                                     00:00:00\n"
        "   3 aux 0                                     00:00:00\n"
        "*  1 vty 0     lab        idle                 00:00:00 192.0.2.1\n"
        "   5 vty 1                                     00:00:00\n"
        "   6 vty 2                                     00:00:00\n"
        "   7 vty 3                                     00:00:00\n"
        "   8 vty 4                                     00:00:00\n"
        "\n  Interface    User               Mode         Idle     "
        "Peer Address\n"
        "<Router#>");
}

/* The asynchronous part of a command is answered by the test. */
static void
test_a_line_is_shown_when_it_was_counted(void **state)
{
    (void)state;
    stage_open_enabled();
    stage_configure("line 3\ndevice tcp h 9\nline 4\n");
    stage.tty_state = TTY_ABSENT;
    stage_type("show line 3");
    assert_non_null(stage.counted);
    stage.counted(stage.tty_owner);
    assert_string_equal(
        stage_heard(),
        "   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   Noise  "
        "Overruns   Int\n"
        "      3 TTY              -    -      -    -    -      0       3     "
        "3/0       -\n"
        "\n"
        "Line 3, Location: \"\", Type: \"\"\n"
        "Status: No Exit Banner\n"
        "Capabilities: none\n"
        "Modem state: Idle\n"
        "Timeouts:      Idle EXEC    Idle Session   Modem Answer  Session   "
        "Dispatch\n"
        "               never           never                        none     "
        "not set\n"
        "Modem type is unknown.\n"
        "Session limit is not set.\n"
        "Allowed input transports are none.\n"
        "Device is h port 9, absent: it is not there.\n"
        "3 bytes input, 5000000000 bytes output, 0 bytes lost, 0 breaks sent\n"
        "<Router#>");
    /* It is removed while its process is asked: 4 is vty 0 then. */
    stage_type("show line 4");
    stage_configure("no line 4\n");
    stage.counted(stage.tty_owner);
    assert_non_null(strstr(stage_heard(), "\nLine 1, Location: "));
    stage_type("show line tty 3");
    stage_configure("no line 3\n");
    stage.counted(stage.tty_owner);
    assert_non_null(strstr(stage_heard(), "% Invalid input"));
}

static void
test_a_buffer_that_is_lost_is_said_so(void **state)
{
    (void)state;
    stage_open_enabled();
    stage_configure("line 3\n");
    assert_types("show line 3 buffer", "% Line 3 has no buffer\n<Router#>");
    stage.tty_state = TTY_READY;
    stage_type("show line 3 buffer");
    stage.buffered(stage.tty_owner, -1, 0);
    assert_string_equal(
        stage_heard(),
        "% The line's process has ended, and its buffer with it\n<Router#>");
}

static void
test_a_command_that_is_given_up_waits_for_no_line(void **state)
{
    (void)state;
    stage_open_enabled();
    stage_configure("line 3\n");
    stage_type("show line 3");
    assert_non_null(stage.tty_owner);
    shells_end(&stage.sessions[0]);
    assert_null(stage.tty_owner);
}

static void
test_a_number_is_the_tty_lines_before_a_sessions(void **state)
{
    (void)state;
    stage_open_enabled();
    stage_configure("line 1 2\n");
    stage_type("show line 1");
    assert_non_null(stage.counted);
    stage.counted(stage.tty_owner);
    assert_non_null(strstr(stage_heard(), "      1 TTY "));
    assert_non_null(strstr(stage_type("show line vty 0"), "*     1 VTY "));
    stage_configure("no line 1\n");
    assert_non_null(strstr(stage_type("show line 1"), "*     1 VTY "));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_a_line_is_what_was_said_about_it),
        STAGE_TEST(test_a_device_is_a_path_or_a_port),
        STAGE_TEST(test_one_and_a_half_stop_bits_go_with_five_data_bits),
        STAGE_TEST(test_users_of_a_line_come_and_go_by_name),
        STAGE_TEST(test_lines_are_removed_and_their_processes_with_them),
        STAGE_TEST(test_a_line_is_shown_when_it_was_counted),
        STAGE_TEST(test_a_buffer_that_is_lost_is_said_so),
        STAGE_TEST(test_a_command_that_is_given_up_waits_for_no_line),
        STAGE_TEST(test_a_number_is_the_tty_lines_before_a_sessions),
        STAGE_TEST(test_a_session_keeps_its_number_when_lines_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
