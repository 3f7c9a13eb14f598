/*
 * Attacks by requests; numbers as in section 5 of the list of attacks and
 * faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/channel.h"
#include "ssh/v2/ssh2.h"

/* --- 5.9 to 5.15 requests -------------------------------------------- */

static void
test_5_9_unknown_requests_fail_or_are_passed_over(void **state)
{
    static const char *const types[] = {
        "env",
        "x11-req",
        "auth-agent-req@openssh.com",
        "keepalive@openssh.com",
        "winadj@putty.projects.tartarus.org",
        "simple@putty.projects.tartarus.org",
        "eow@openssh.com",
        "xon-xoff",
        "exit-status",
        "",
        "\033[2J",
    };
    struct fixture f;
    uint32_t channel;

    (void)state;
    channel = fixture_server_shell(&f);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        send_request(&f.raw, channel, types[i], false, "LD_PRELOAD");
        raw_expect_quiet(&f.raw);
        send_request(&f.raw, channel, types[i], true, "LD_PRELOAD");
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    }
    fixture_clear(&f);
}

static void
test_5_9_one_program_a_session(void **state)
{
    static const struct {
        const char *type, *argument;
    } programs[] = {
        {"shell", NULL}, {"exec", "show clock"}, {"subsystem", "sftp"}};
    struct fixture f;

    (void)state;
    for (size_t first = 0; first < 3; first++) {
        for (size_t second = 0; second < 3; second++) {
            int message;

            fixture_server(&f);
            fixture_login(&f);
            send_open(&f.raw, "session", 0, 0, 1000);
            raw_expect(&f.raw, SSH2_MSG_CHANNEL_OPEN_CONFIRMATION);
            send_request(&f.raw, 0, programs[first].type, true,
                         programs[first].argument);
            raw_expect(&f.raw, SSH2_MSG_CHANNEL_SUCCESS);
            send_request(&f.raw, 0, programs[second].type, true,
                         programs[second].argument);
            message = raw_next(&f.raw);
            assert_int_equal(message, SSH2_MSG_CHANNEL_FAILURE);
            fixture_clear(&f);
        }
    }
}

static void
test_5_9_after_a_refusal_another_may_be_tried(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    send_request(&f.raw, 0, "subsystem", true, "netconf");
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    send_request(&f.raw, 0, "exec", true, "scp -t flash:x");
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_SUCCESS);
    fixture_clear(&f);
}

/* Requests that wait for the owner keep those behind them waiting. */
static void
test_5_9_answers_keep_their_order(void **state)
{
    struct fixture f;
    struct ssh_event event;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    fixture_let_alone(&f);
    send_request(&f.raw, 0, "exec", true, "slow");
    assert_true(ssh_conn_next_event(f.owner.conn, &event));
    assert_int_equal(event.type, SSH_EVENT_EXEC);
    send_request(&f.raw, 0, "env", true, "x");
    send_request(&f.raw, 0, "shell", true, NULL);
    raw_expect(&f.raw, RAW_NOTHING);
    ssh_channel_request_reply(f.owner.conn, 0, true);
    raw_take(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_SUCCESS);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

/*
 * What could begin a session waits until the program before it is decided
 * upon, and nothing behind it is read: it may be for either of them.
 */
static void
test_5_9_a_start_behind_an_undecided_one_waits(void **state)
{
    static const char *const behind[] = {"exec", "shell", "subsystem"};
    struct fixture f;
    struct ssh_event event;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        bool accepted = i % 2 == 1;

        fixture_server(&f);
        fixture_login(&f);
        fixture_open(&f, 0);
        fixture_let_alone(&f);
        send_request(&f.raw, 0, "subsystem", true, "netconf");
        assert_true(ssh_conn_next_event(f.owner.conn, &event));
        assert_int_equal(event.type, SSH_EVENT_SUBSYSTEM);
        assert_true(ssh_conn_wants_input(f.owner.conn));
        send_request(&f.raw, 0, behind[i / 2], true,
                     i / 2 == 1 ? NULL : "scp -t x");
        assert_false(ssh_conn_next_event(f.owner.conn, &event));
        assert_false(ssh_conn_wants_input(f.owner.conn));
        raw_expect(&f.raw, RAW_NOTHING);
        ssh_channel_request_reply(f.owner.conn, 0, accepted);
        raw_take(&f.raw);
        raw_expect(&f.raw, accepted ? SSH2_MSG_CHANNEL_SUCCESS
                                    : SSH2_MSG_CHANNEL_FAILURE);
        assert_int_equal(ssh_conn_next_event(f.owner.conn, &event), !accepted);
        if (!accepted) {
            if (i / 2 != 1)
                assert_true(span_is(event.bytes, "scp -t x"));
            raw_expect(&f.raw, RAW_NOTHING);
            ssh_channel_request_reply(f.owner.conn, 0, true);
            raw_take(&f.raw);
        }
        raw_expect(&f.raw, accepted ? SSH2_MSG_CHANNEL_FAILURE
                                    : SSH2_MSG_CHANNEL_SUCCESS);
        raw_expect_quiet(&f.raw);
        assert_true(ssh_conn_wants_input(f.owner.conn));
        fixture_clear(&f);
    }
}

static void
test_5_9_a_held_request_goes_with_its_connection(void **state)
{
    struct fixture f;
    struct ssh_event event;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    fixture_let_alone(&f);
    send_request(&f.raw, 0, "exec", true, "slow");
    assert_true(ssh_conn_next_event(f.owner.conn, &event));
    send_request(&f.raw, 0, "exec", true, "slower");
    ssh_channel_close(f.owner.conn, 0);
    /* Behind our CLOSE nothing is answered, and nothing begins. */
    ssh_channel_request_reply(f.owner.conn, 0, false);
    assert_false(ssh_conn_next_event(f.owner.conn, &event));
    assert_true(ssh_conn_wants_input(f.owner.conn));
    raw_take(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_EOF);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_CLOSE);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

static void
test_5_9_requests_that_nobody_answers_stop_the_input(void **state)
{
    struct fixture f;
    struct ssh_event event;
    unsigned sent = 0;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    fixture_let_alone(&f);
    send_request(&f.raw, 0, "exec", true, "slow");
    assert_true(ssh_conn_next_event(f.owner.conn, &event));
    while (ssh_conn_wants_input(f.owner.conn) && sent++ < 100)
        send_request(&f.raw, 0, "env", sent % 2 == 0, "x");
    assert_int_equal(sent, CHANNEL_ANSWERS_MAX - 1);
    raw_expect(&f.raw, RAW_NOTHING);
    ssh_channel_request_reply(f.owner.conn, 0, false);
    raw_take(&f.raw);
    for (unsigned i = 0; i <= sent / 2; i++)
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

/* --- 5.10 pty -------------------------------------------------------- */

struct pty {
    const char *terminal;
    uint32_t columns, rows;
    struct span modes;
};

static void
send_pty(struct raw *raw, const struct pty *pty)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_CHANNEL_REQUEST);

    buf_put_u32(to, 0);
    buf_put_text(to, "pty-req");
    buf_put_bool(to, true);
    buf_put_text(to, pty->terminal);
    buf_put_u32(to, pty->columns);
    buf_put_u32(to, pty->rows);
    buf_put_u32(to, 0);
    buf_put_u32(to, 0);
    buf_put_string(to, pty->modes);
    raw_end(raw);
}

static void
test_5_10_ptys(void **state)
{
    static const struct {
        struct pty pty;
        const char *seen; /* NULL: refused */
    } ptys[] = {
        {{"vt100", 80, 24, {NULL, 0}}, "pty vt100 80x24\n"},
        {{"xterm-256color", 0, 0, {(const uint8_t *)"", 1}},
         "pty xterm-256color 0x0\n"},
        {{"vt100", UINT32_MAX, 513, {NULL, 0}}, "pty vt100 512x512\n"},
        {{"vt100", 511, 1000, {NULL, 0}}, "pty vt100 511x512\n"},
        {{"", 80, 24, {NULL, 0}}, "pty unknown 80x24\n"},
        {{"\033[2J", 80, 24, {NULL, 0}}, "pty unknown 80x24\n"},
        {{"a/../b", 80, 24, {NULL, 0}}, "pty unknown 80x24\n"},
        {{"012345678901234567890123456789012", 80, 24, {NULL, 0}},
         "pty unknown 80x24\n"},
        {{"vt100", 80, 24, {(const uint8_t *)"\x03\0\0\0\x7f", 5}},
         "pty vt100 80x24\n"},
        {{"vt100", 80, 24, {(const uint8_t *)"\x03\0\0\0\x7f\0junk", 10}},
         "pty vt100 80x24\n"},
        {{"vt100", 80, 24, {(const uint8_t *)"\xa0\x01", 2}},
         "pty vt100 80x24\n"},
        {{"vt100", 80, 24, {(const uint8_t *)"\x03\0\0\0", 4}}, NULL},
        {{"vt100", 80, 24, {(const uint8_t *)"\x01\0\0\0\x03\x02", 6}}, NULL},
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(ptys) / sizeof(ptys[0]); i++) {
        fixture_server(&f);
        fixture_login(&f);
        fixture_open(&f, 0);
        send_pty(&f.raw, &ptys[i].pty);
        raw_expect(&f.raw, ptys[i].seen == NULL ? SSH2_MSG_CHANNEL_FAILURE
                                                : SSH2_MSG_CHANNEL_SUCCESS);
        if (ptys[i].seen != NULL)
            assert_true(owner_saw(&f.owner, ptys[i].seen));
        else
            assert_false(owner_saw(&f.owner, "pty"));
        fixture_clear(&f);
    }
}

static void
test_5_10_a_pty_request_cut_short_fails(void **state)
{
    static const struct pty pty = {"vt100", 80, 24, {NULL, 0}};
    struct fixture f;
    struct buf whole;

    (void)state;
    buf_init(&whole, 1000);
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    send_pty(&f.raw, &pty);
    buf_put_span(&whole, buf_span(&f.raw.scratch));
    fixture_clear(&f);
    /* From behind want-reply on. */
    for (size_t len = 17; len < buf_len(&whole); len++) {
        fixture_server(&f);
        fixture_login(&f);
        fixture_open(&f, 0);
        raw_send(&f.raw, span_of(buf_bytes(&whole), len));
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
        raw_expect_quiet(&f.raw);
        fixture_clear(&f);
    }
    buf_clear(&whole);
}

static void
test_5_10_one_pty_and_before_the_program(void **state)
{
    static const struct pty pty = {"vt100", 80, 24, {NULL, 0}};
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    send_pty(&f.raw, &pty);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_SUCCESS);
    send_pty(&f.raw, &pty);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    fixture_clear(&f);
    fixture_server_shell(&f);
    send_pty(&f.raw, &pty);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    fixture_clear(&f);
}

static void
test_5_10_window_changes_are_clamped_too(void **state)
{
    static const struct pty pty = {"vt100", 80, 24, {NULL, 0}};
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    send_pty(&f.raw, &pty);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_SUCCESS);
    raw_begin(&f.raw, SSH2_MSG_CHANNEL_REQUEST);
    buf_put_u32(&f.raw.scratch, 0);
    buf_put_text(&f.raw.scratch, "window-change");
    buf_put_bool(&f.raw.scratch, false);
    buf_put_u32(&f.raw.scratch, 100000);
    buf_put_u32(&f.raw.scratch, 0);
    buf_put_u32(&f.raw.scratch, 0);
    buf_put_u32(&f.raw.scratch, 0);
    raw_end(&f.raw);
    raw_expect_quiet(&f.raw);
    assert_true(owner_saw(&f.owner, "512x0\n"));
    fixture_clear(&f);
}

static void
test_5_11_nothing_is_forwarded_and_no_environment_set(void **state)
{
    static const char *const channel[] = {"env", "x11-req",
                                          "auth-agent-req@openssh.com"};
    static const char *const global[] = {
        "tcpip-forward", "cancel-tcpip-forward",
        "streamlocal-forward@openssh.com", "tun@openssh.com"};
    struct fixture f;

    (void)state;
    fixture_server_shell(&f);
    buf_reset(&f.owner.log);
    for (size_t i = 0; i < sizeof(channel) / sizeof(channel[0]); i++) {
        send_request(&f.raw, 0, channel[i], true, "LD_PRELOAD");
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    }
    for (size_t i = 0; i < sizeof(global) / sizeof(global[0]); i++) {
        send_global(&f.raw, global[i], true);
        raw_expect(&f.raw, SSH2_MSG_REQUEST_FAILURE);
    }
    raw_expect_quiet(&f.raw);
    assert_int_equal(buf_len(&f.owner.log), 0);
    fixture_clear(&f);
}

/* --- 5.12 to 5.15 ---------------------------------------------------- */

static void
test_5_12_commands_reach_the_owner_as_they_are(void **state)
{
    static char command[30001];
    struct fixture f;

    (void)state;
    memset(command, ';', sizeof(command) - 1);
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    send_request(&f.raw, 0, "exec", true, command);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_SUCCESS);
    fixture_clear(&f);
}

static void
test_5_13_data_status_eof_close(void **state)
{
    struct fixture f;
    struct reader r;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    for (int i = 0; i < 200; i++) {
        fixture_open(&f, 8);
        send_request(&f.raw, 0, "exec", true, "exit 3");
        if (i % 2 == 0)
            send_channel(&f.raw, SSH2_MSG_CHANNEL_EOF, 0);
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_SUCCESS);
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_DATA);
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_REQUEST);
        r = raw_fields(&f.raw);
        assert_int_equal(read_u32(&r), 8);
        assert_true(span_is(read_string(&r), "exit-status"));
        assert_int_equal(read_u8(&r), 0);
        assert_int_equal(read_u32(&r), 3);
        assert_true(read_done(&r));
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_EOF);
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_CLOSE);
        raw_expect_quiet(&f.raw);
        send_channel(&f.raw, SSH2_MSG_CHANNEL_CLOSE, 0);
        raw_expect_quiet(&f.raw);
    }
    fixture_clear(&f);
}

static void
test_5_14_a_hundred_global_requests(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    for (int i = 0; i < 100; i++) {
        send_global(&f.raw, "tcpip-forward", true);
        send_global(&f.raw, "hostkeys-prove-00@openssh.com", false);
    }
    for (int i = 0; i < 100; i++)
        raw_expect(&f.raw, SSH2_MSG_REQUEST_FAILURE);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

static void
test_5_15_break_and_signal_are_told(void **state)
{
    struct fixture f;
    struct buf *to;
    uint32_t channel;

    (void)state;
    channel = fixture_server_shell(&f);
    to = raw_begin(&f.raw, SSH2_MSG_CHANNEL_REQUEST);
    buf_put_u32(to, channel);
    buf_put_text(to, "break");
    buf_put_bool(to, true);
    buf_put_u32(to, 1500);
    raw_end(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_SUCCESS);
    assert_true(owner_saw(&f.owner, "break 1500\n"));
    send_request(&f.raw, channel, "signal", false, "INT");
    raw_expect_quiet(&f.raw);
    assert_true(owner_saw(&f.owner, "signal INT\n"));
    send_request(&f.raw, channel, "signal", true,
                 "a name far longer than that of any signal");
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_5_9_unknown_requests_fail_or_are_passed_over),
        cmocka_unit_test(test_5_9_one_program_a_session),
        cmocka_unit_test(test_5_9_after_a_refusal_another_may_be_tried),
        cmocka_unit_test(test_5_9_answers_keep_their_order),
        cmocka_unit_test(test_5_9_a_start_behind_an_undecided_one_waits),
        cmocka_unit_test(test_5_9_a_held_request_goes_with_its_connection),
        cmocka_unit_test(test_5_9_requests_that_nobody_answers_stop_the_input),
        cmocka_unit_test(test_5_10_ptys),
        cmocka_unit_test(test_5_10_a_pty_request_cut_short_fails),
        cmocka_unit_test(test_5_10_one_pty_and_before_the_program),
        cmocka_unit_test(test_5_10_window_changes_are_clamped_too),
        cmocka_unit_test(test_5_11_nothing_is_forwarded_and_no_environment_set),
        cmocka_unit_test(test_5_12_commands_reach_the_owner_as_they_are),
        cmocka_unit_test(test_5_13_data_status_eof_close),
        cmocka_unit_test(test_5_14_a_hundred_global_requests),
        cmocka_unit_test(test_5_15_break_and_signal_are_told),
    };

    return cmocka_run_group_tests_name("hardening 5, requests", tests, NULL,
                                       NULL);
}
