/*
 * Attacks on the connection protocol; numbers as in section 5 of the list of
 * attacks and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/channel.h"
#include "ssh/v2/ssh2.h"

static const uint8_t bytes[SSH_CHANNEL_PACKET_MAX + 1];

static uint32_t
start_shell(struct fixture *f)
{
    fixture_server(f);
    fixture_login(f);
    return fixture_shell(f, 42);
}

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

/* --- 5.1, 5.2 opening
 * -------------------------------------------------------------- */

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

/* --- 5.3 numbers
 * --------------------------------------------------------------------- */

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

            assert_int_equal(start_shell(&f), 0);
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
        start_shell(&f);
        send_sample(&f.raw, replies[i]);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

/* --- 5.4 the end of channels: all orders of length 4
 * -------------------------------------- */

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
    channel = start_shell(&f);
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

/* --- 5.5 to 5.8 windows
 * ------------------------------------------------------------------- */

static void
test_5_5_a_window_beyond_32_bits_ends(void **state)
{
    struct fixture f;
    uint32_t channel;

    (void)state;
    channel = start_shell(&f); /* granted 1 MiB */
    send_adjust(&f.raw, channel, UINT32_MAX - (1 << 20));
    raw_expect_quiet(&f.raw);
    send_adjust(&f.raw, channel, 1);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_5_6_the_peers_window_is_never_passed(void **state)
{
    struct fixture f;
    struct reader r;
    uint32_t sent = 0;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    send_open(&f.raw, "session", 6, 0, 100);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_OPEN_CONFIRMATION);
    send_request(&f.raw, 0, "exec", true, "flood 1000");
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_SUCCESS);
    raw_expect_quiet(&f.raw);
    for (uint32_t window = 1; window <= 300; window += 37) {
        uint32_t now = 0;
        size_t len;

        send_adjust(&f.raw, 0, window);
        while (raw_next(&f.raw) == SSH2_MSG_CHANNEL_DATA) {
            r = raw_fields(&f.raw);
            assert_int_equal(read_u32(&r), 6);
            len = read_string(&r).len;
            assert_in_range(len, 1, 100);
            now += (uint32_t)len;
        }
        sent += now;
        assert_int_equal(now, sent < 1000 ? window : now);
    }
    fixture_clear(&f);
}

static void
test_5_6_packets_too_small_to_be_meant(void **state)
{
    static const uint32_t sizes[] = {0, 1, 16, 63};
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    for (size_t i = 0; i < 4; i++) {
        send_open(&f.raw, "session", 9, 1000, sizes[i]);
        expect_open_failure(&f.raw, 9, SSH2_OPEN_SHORTAGE);
    }
    send_open(&f.raw, "session", 9, UINT32_MAX, UINT32_MAX);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_OPEN_CONFIRMATION);
    send_request(&f.raw, 0, "exec", false, "flood 200000");
    while (raw_next(&f.raw) == SSH2_MSG_CHANNEL_DATA)
        assert_true(f.raw.payload.len <= 9 + SSH_CHANNEL_PACKET_MAX);
    fixture_clear(&f);
}

static void
test_5_7_data_beyond_the_window_ends(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 3; i++) {
        uint32_t channel = start_shell(&f);

        f.owner.hoards = true;
        if (i == 0)
            send_data(&f.raw, channel,
                      span_of(bytes, SSH_CHANNEL_PACKET_MAX + 1));
        for (int j = 0; i == 1 && j < 2; j++)
            send_data(&f.raw, channel, span_of(bytes, 32768));
        if (i == 1)
            send_data(&f.raw, channel, span_of(bytes, 1));
        for (int j = 0; i == 2 && j < 128 && !f.owner.closed; j++)
            send_data(&f.raw, channel, span_of(bytes, 32768));
        while (raw_next(&f.raw) == SSH2_MSG_CHANNEL_DATA)
            continue;
        assert_int_equal(f.raw.payload.ptr[0], SSH2_MSG_DISCONNECT);
        assert_int_equal(f.owner.end.reason, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

/* The sum of what the server granted while we sent. */
static uint64_t
take_grants(struct fixture *f, unsigned *count)
{
    uint64_t sum = 0;
    int message;

    while ((message = raw_next(&f->raw)) >= 0) {
        struct reader r = raw_fields(&f->raw);

        if (message != SSH2_MSG_CHANNEL_WINDOW_ADJUST)
            continue;
        read_u32(&r);
        sum += read_u32(&r);
        ++*count;
    }
    return sum;
}

static void
test_5_8_floods_of_crumbs_cost_few_adjusts(void **state)
{
    struct fixture f;
    unsigned adjusts = 0;
    uint32_t channel;
    uint64_t granted;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    channel = fixture_open(&f, 1);
    ssh_conn_tick(f.owner.conn, 60000);
    for (int i = 0; i < 70000; i++)
        send_data(&f.raw, channel, span_of(bytes, (size_t)(i % 2)));
    for (int i = 0; i < 20000; i++)
        send_adjust(&f.raw, channel, 1);
    granted = take_grants(&f, &adjusts);
    assert_int_equal(adjusts, 1);
    assert_int_equal(granted, 32768);
    assert_int_equal(f.owner.channels[channel].received, 35000);
    fixture_clear(&f);
}

static void
test_5_8_stderr_towards_a_server_is_dropped_but_counts(void **state)
{
    struct fixture f;
    unsigned adjusts = 0;
    uint32_t channel;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    channel = fixture_open(&f, 1);
    for (uint32_t i = 0; i < 4; i++) {
        struct buf *to = raw_begin(&f.raw, SSH2_MSG_CHANNEL_EXTENDED_DATA);

        buf_put_u32(to, channel);
        buf_put_u32(to, i);
        buf_put_string(to, span_of(bytes, 16384));
        raw_end(&f.raw);
    }
    assert_int_equal(take_grants(&f, &adjusts), 32768 + 65536);
    assert_int_equal(adjusts, 1);
    assert_false(owner_saw(&f.owner, "data\n"));
    for (int i = 0; i < 2; i++) {
        struct buf *to = raw_begin(&f.raw, SSH2_MSG_CHANNEL_EXTENDED_DATA);

        buf_put_u32(to, channel);
        buf_put_u32(to, 1);
        buf_put_string(to, span_of(bytes, 32769));
        if (i == 1)
            raw_end(&f.raw);
    }
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

/* Fill the window ten times; the clock goes on by `step_ms` at each packet. */
static uint32_t
window_after(uint64_t step_ms)
{
    uint64_t left = CHANNEL_WINDOW_START, now_ms = 0;
    struct fixture f;
    unsigned adjusts = 0;
    uint32_t channel, window;

    fixture_server(&f);
    fixture_login(&f);
    channel = fixture_open(&f, 1);
    for (int round = 0; round < 10; round++) {
        for (; left >= 32768; left -= 32768) {
            ssh_conn_tick(f.owner.conn, now_ms += step_ms);
            send_data(&f.raw, channel, span_of(bytes, 32768));
        }
        left += take_grants(&f, &adjusts);
        assert_true(left <= SSH_CHANNEL_WINDOW);
    }
    window = ssh2_of(f.owner.conn)->channels[0].window;
    fixture_clear(&f);
    return window;
}

static void
test_a_window_that_is_kept_full_grows(void **state)
{
    (void)state;
    assert_int_equal(window_after(10), SSH_CHANNEL_WINDOW);
    assert_int_equal(window_after(CHANNEL_FAST_MS), CHANNEL_WINDOW_START);
}

static void
test_what_is_not_consumed_is_not_granted(void **state)
{
    struct fixture f;
    unsigned adjusts = 0;
    uint32_t channel;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    channel = fixture_open(&f, 1);
    f.owner.hoards = true;
    send_data(&f.raw, channel, span_of(bytes, 32768));
    send_data(&f.raw, channel, span_of(bytes, 32768));
    assert_int_equal(take_grants(&f, &adjusts), 0);
    ssh_channel_consumed(f.owner.conn, channel, 32767);
    raw_take(&f.raw);
    assert_int_equal(take_grants(&f, &adjusts), 0);
    ssh_channel_consumed(f.owner.conn, channel, 1);
    raw_take(&f.raw);
    assert_int_equal(take_grants(&f, &adjusts), 65536 + 32768);
    fixture_clear(&f);
}

/* --- 5.9 to 5.15 requests
 * -------------------------------------------------------------------- */

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
    channel = start_shell(&f);
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

/* An owner who takes his time. */
static void
turn_nobody(void *owner)
{
    (void)owner;
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
    f.raw.turn = turn_nobody;
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
    f.raw.turn = turn_nobody;
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

/* --- 5.10 pty
 * -----------------------------------------------------------------------------------
 */

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
    start_shell(&f);
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

/* --- 5.12 to 5.15
 * ----------------------------------------------------------------------------------
 */

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
    channel = start_shell(&f);
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
            start_shell(&f);
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
        cmocka_unit_test(test_5_5_a_window_beyond_32_bits_ends),
        cmocka_unit_test(test_5_6_the_peers_window_is_never_passed),
        cmocka_unit_test(test_5_6_packets_too_small_to_be_meant),
        cmocka_unit_test(test_5_7_data_beyond_the_window_ends),
        cmocka_unit_test(test_5_8_floods_of_crumbs_cost_few_adjusts),
        cmocka_unit_test(
            test_5_8_stderr_towards_a_server_is_dropped_but_counts),
        cmocka_unit_test(test_a_window_that_is_kept_full_grows),
        cmocka_unit_test(test_what_is_not_consumed_is_not_granted),
        cmocka_unit_test(test_5_9_unknown_requests_fail_or_are_passed_over),
        cmocka_unit_test(test_5_9_one_program_a_session),
        cmocka_unit_test(test_5_9_after_a_refusal_another_may_be_tried),
        cmocka_unit_test(test_5_9_answers_keep_their_order),
        cmocka_unit_test(test_5_9_requests_that_nobody_answers_stop_the_input),
        cmocka_unit_test(test_5_10_ptys),
        cmocka_unit_test(test_5_10_a_pty_request_cut_short_fails),
        cmocka_unit_test(test_5_10_one_pty_and_before_the_program),
        cmocka_unit_test(test_5_10_window_changes_are_clamped_too),
        cmocka_unit_test(test_5_12_commands_reach_the_owner_as_they_are),
        cmocka_unit_test(test_5_13_data_status_eof_close),
        cmocka_unit_test(test_5_14_a_hundred_global_requests),
        cmocka_unit_test(test_5_15_break_and_signal_are_told),
        cmocka_unit_test(test_malformed_connection_messages_end),
        cmocka_unit_test(test_malformed_requests_end),
    };

    return cmocka_run_group_tests_name("hardening 5", tests, NULL, NULL);
}
