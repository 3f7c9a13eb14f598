/*
 * Attacks on windows; numbers as in section 5 of the list of attacks and
 * faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/channel.h"
#include "ssh/v2/ssh2.h"

static const uint8_t bytes[SSH_CHANNEL_PACKET_MAX + 1];

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

/* --- 5.5 to 5.8 windows ---------------------------------------------- */

static void
test_5_5_a_window_beyond_32_bits_ends(void **state)
{
    struct fixture f;
    uint32_t channel;

    (void)state;
    channel = fixture_server_shell(&f); /* granted 1 MiB */
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
        uint32_t channel = fixture_server_shell(&f);

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_5_5_a_window_beyond_32_bits_ends),
        cmocka_unit_test(test_5_6_the_peers_window_is_never_passed),
        cmocka_unit_test(test_5_6_packets_too_small_to_be_meant),
        cmocka_unit_test(test_5_7_data_beyond_the_window_ends),
        cmocka_unit_test(test_5_8_floods_of_crumbs_cost_few_adjusts),
        cmocka_unit_test(
            test_5_8_stderr_towards_a_server_is_dropped_but_counts),
        cmocka_unit_test(test_a_window_that_is_kept_full_grows),
        cmocka_unit_test(test_what_is_not_consumed_is_not_granted),
    };

    return cmocka_run_group_tests_name("hardening 5, windows", tests, NULL,
                                       NULL);
}
