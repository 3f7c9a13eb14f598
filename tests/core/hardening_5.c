/*
 * Attacks by opening, numbering and closing channels; numbers as in section 5
 * of the list of attacks and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/channel.h"
#include "ssh/v2/ssh2.h"

static void
expect_open_failure(struct raw *raw, uint32_t number, uint32_t reason)
{
    struct reader r;

    raw_expect(raw, SSH2_MSG_CHANNEL_OPEN_FAILURE);
    r = raw_fields(raw);
    assert_int_equal(read_u32(&r), number);
    assert_int_equal(read_u32(&r), reason);
    read_string(&r);
    read_string(&r);
    assert_true(read_done(&r));
}

/* --- 5.1, 5.2 opening ------------------------------------------------ */

static void
test_5_1_types_that_nobody_opens(void **state)
{
    static const struct {
        const char *type;
        uint32_t reason;
    } types[] = {
        {"direct-tcpip", SSH2_OPEN_PROHIBITED},
        {"forwarded-tcpip", SSH2_OPEN_PROHIBITED},
        {"x11", SSH2_OPEN_PROHIBITED},
        {"auth-agent@openssh.com", SSH2_OPEN_PROHIBITED},
        {"direct-streamlocal@openssh.com", SSH2_OPEN_PROHIBITED},
        {"forwarded-streamlocal@openssh.com", SSH2_OPEN_PROHIBITED},
        {"tun@openssh.com", SSH2_OPEN_PROHIBITED},
        {"", SSH2_OPEN_UNKNOWN_TYPE},
        {"Session", SSH2_OPEN_UNKNOWN_TYPE},
        {"session ", SSH2_OPEN_UNKNOWN_TYPE},
        {"\033[2J", SSH2_OPEN_UNKNOWN_TYPE},
    };
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        send_open(&f.raw, types[i].type, 100 + (uint32_t)i, 1000, 1000);
        expect_open_failure(&f.raw, 100 + (uint32_t)i, types[i].reason);
    }
    raw_expect_quiet(&f.raw);
    assert_false(owner_saw(&f.owner, "channel-open"));
    fixture_clear(&f);
}

static void
test_5_2_eight_channels_and_an_answer_to_each_open(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    for (uint32_t i = 0; i < SSH_CHANNELS_MAX; i++)
        fixture_open(&f, 1000 + i);
    for (uint32_t i = 0; i < 1200; i++) {
        send_open(&f.raw, "session", i, 1000, 1000);
        expect_open_failure(&f.raw, i, SSH2_OPEN_SHORTAGE);
    }
    raw_expect_quiet(&f.raw);
    /* A place that is given back can be taken again. */
    send_channel(&f.raw, SSH2_MSG_CHANNEL_CLOSE, 3);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_CLOSE);
    assert_int_equal(fixture_open(&f, 77), 3);
    fixture_clear(&f);
}

static void
test_5_2_no_more_sessions(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    send_global(&f.raw, "no-more-sessions@openssh.com", false);
    raw_expect_quiet(&f.raw);
    send_open(&f.raw, "session", 1, 1000, 1000);
    expect_open_failure(&f.raw, 1, SSH2_OPEN_PROHIBITED);
    send_global(&f.raw, "no-more-sessions@openssh.com", true);
    raw_expect(&f.raw, SSH2_MSG_REQUEST_SUCCESS);
    fixture_clear(&f);
}

/* --- 5.3 numbers ----------------------------------------------------- */

static void
test_5_3_messages_for_channels_that_are_not_open(void **state)
{
    static const uint32_t numbers[] = {1, 7, 8, 0x80000000, 0xffffffff, 42};
    struct fixture f;

    (void)state;
    for (unsigned m = SSH2_MSG_CHANNEL_WINDOW_ADJUST;
         m <= SSH2_MSG_CHANNEL_REQUEST; m++) {
        for (size_t i = 0; i < sizeof(numbers) / sizeof(uint32_t); i++) {
            struct buf *to;

            assert_int_equal(fixture_server_shell(&f), 0);
            to = raw_begin(&f.raw, (uint8_t)m);
            buf_put_u32(to, numbers[i]);
            if (m == SSH2_MSG_CHANNEL_WINDOW_ADJUST)
                buf_put_u32(to, 1);
            if (m == SSH2_MSG_CHANNEL_EXTENDED_DATA)
                buf_put_u32(to, 1);
            if (m == SSH2_MSG_CHANNEL_DATA ||
                m == SSH2_MSG_CHANNEL_EXTENDED_DATA ||
                m == SSH2_MSG_CHANNEL_REQUEST)
                buf_put_text(to, "shell");
            if (m == SSH2_MSG_CHANNEL_REQUEST)
                buf_put_bool(to, true);
            raw_end(&f.raw);
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
            fixture_clear(&f);
        }
    }
}

static void
test_5_3_replies_that_nobody_asked_for(void **state)
{
    static const uint8_t replies[] = {81, 82, 91, 92, 99, 100};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(replies); i++) {
        fixture_server_shell(&f);
        send_sample(&f.raw, replies[i]);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

/* --- 5.4 the end of channels: all orders of length 4 ----------------- */

enum act { ACT_DATA, ACT_EOF, ACT_CLOSE, ACT_REQUEST, ACT_ADJUST, ACTS };

static void
act(struct fixture *f, enum act a)
{
    switch (a) {
    case ACT_DATA:
        send_data(&f->raw, 0, span_text("x"));
        break;
    case ACT_EOF:
        send_channel(&f->raw, SSH2_MSG_CHANNEL_EOF, 0);
        break;
    case ACT_CLOSE:
        send_channel(&f->raw, SSH2_MSG_CHANNEL_CLOSE, 0);
        break;
    case ACT_REQUEST:
        send_request(&f->raw, 0, "env", true, "x");
        break;
    default:
        send_adjust(&f->raw, 0, 1);
        break;
    }
}

/* After close nothing, after EOF no data; else the connection lives, and
   CLOSE was answered once, requests each. */
static void
play(int word)
{
    bool closed = false, eof = false, fault = false;
    unsigned closes = 0, answers = 0, requests = 0;
    struct fixture f;
    int message;

    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 5);
    for (int i = 0; i < 4 && !fault; i++, word /= ACTS) {
        enum act a = (enum act)(word % ACTS);

        fault = closed || (eof && a == ACT_DATA);
        closed = closed || a == ACT_CLOSE;
        eof = eof || a == ACT_EOF;
        requests += a == ACT_REQUEST && !fault;
        act(&f, a);
    }
    while ((message = raw_next(&f.raw)) >= 0 &&
           message != SSH2_MSG_DISCONNECT) {
        closes += message == SSH2_MSG_CHANNEL_CLOSE;
        answers += message == SSH2_MSG_CHANNEL_FAILURE;
    }
    assert_int_equal(message == SSH2_MSG_DISCONNECT, fault);
    assert_int_equal(answers, requests);
    if (!fault)
        assert_int_equal(closes, closed);
    fixture_clear(&f);
}

static void
test_5_4_every_order_of_four_messages(void **state)
{
    int words = ACTS * ACTS * ACTS * ACTS;

    (void)state;
    for (int word = 0; word < words; word++)
        play(word);
}

static void
test_5_4_close_is_answered_while_a_command_runs(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    send_open(&f.raw, "session", 6, 1000, 32768);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_OPEN_CONFIRMATION);
    send_request(&f.raw, 0, "exec", false, "flood 100000");
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_DATA);
    raw_expect_quiet(&f.raw);
    send_channel(&f.raw, SSH2_MSG_CHANNEL_CLOSE, 0);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_CLOSE);
    raw_expect_quiet(&f.raw);
    assert_true(owner_saw(&f.owner, "channel-closed\n"));
    /* The owner's late words for it have no effect. */
    ssh_channel_exit_status(f.owner.conn, 0, 1);
    ssh_channel_eof(f.owner.conn, 0);
    ssh_channel_close(f.owner.conn, 0);
    ssh_channel_consumed(f.owner.conn, 0, 100);
    assert_int_equal(ssh_channel_write(f.owner.conn, 0, span_text("x")), 0);
    raw_take(&f.raw);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

static void
test_5_4_after_our_close_the_peer_may_finish(void **state)
{
    struct fixture f;
    uint32_t channel;

    (void)state;
    channel = fixture_server_shell(&f);
    ssh_channel_close(f.owner.conn, channel);
    raw_take(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_EOF);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_CLOSE);
    buf_reset(&f.owner.log);
    send_data(&f.raw, channel, span_text("late"));
    send_request(&f.raw, channel, "env", true, "x");
    send_adjust(&f.raw, channel, 100);
    send_channel(&f.raw, SSH2_MSG_CHANNEL_EOF, channel);
    raw_expect_quiet(&f.raw);
    assert_int_equal(buf_len(&f.owner.log), 0);
    send_channel(&f.raw, SSH2_MSG_CHANNEL_CLOSE, channel);
    raw_expect_quiet(&f.raw);
    assert_true(owner_saw(&f.owner, "channel-closed\n"));
    fixture_clear(&f);
}

/* --- malformed messages ---------------------------------------------- */

static void
test_malformed_connection_messages_end(void **state)
{
    struct fixture f;

    (void)state;
    for (unsigned m = SSH2_MSG_GLOBAL_REQUEST; m <= SSH2_MSG_CHANNEL_REQUEST;
         m++) {
        uint8_t alone[5] = {(uint8_t)m};

        /* The number alone, and with a channel only. */
        for (size_t len = 1; len <= 5; len += 4) {
            if (len == 5 &&
                (m == SSH2_MSG_CHANNEL_EOF || m == SSH2_MSG_CHANNEL_CLOSE))
                continue;
            fixture_server_shell(&f);
            raw_send(&f.raw, span_of(alone, len));
            if (m < SSH2_MSG_CHANNEL_OPEN && m > SSH2_MSG_REQUEST_FAILURE)
                raw_expect(&f.raw, SSH2_MSG_UNIMPLEMENTED);
            else
                raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
            fixture_clear(&f);
        }
    }
}

static void
test_malformed_requests_end(void **state)
{
    static const char *const types[] = {"shell", "exec",   "subsystem",
                                        "break", "signal", "window-change"};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct buf *to;

        fixture_server(&f);
        fixture_login(&f);
        fixture_open(&f, 0);
        to = raw_begin(&f.raw, SSH2_MSG_CHANNEL_REQUEST);
        buf_put_u32(to, 0);
        buf_put_text(to, types[i]);
        buf_put_bool(to, true);
        buf_put_u8(to, 0); /* too much for one, too little for the rest */
        raw_end(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_5_1_types_that_nobody_opens),
        cmocka_unit_test(test_5_2_eight_channels_and_an_answer_to_each_open),
        cmocka_unit_test(test_5_2_no_more_sessions),
        cmocka_unit_test(test_5_3_messages_for_channels_that_are_not_open),
        cmocka_unit_test(test_5_3_replies_that_nobody_asked_for),
        cmocka_unit_test(test_5_4_every_order_of_four_messages),
        cmocka_unit_test(test_5_4_close_is_answered_while_a_command_runs),
        cmocka_unit_test(test_5_4_after_our_close_the_peer_may_finish),
        cmocka_unit_test(test_malformed_connection_messages_end),
        cmocka_unit_test(test_malformed_requests_end),
    };

    return cmocka_run_group_tests_name("hardening 5", tests, NULL, NULL);
}
