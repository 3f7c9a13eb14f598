#include "ssh/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct channel
open_channel(uint32_t window)
{
    struct channel ch;

    channel_init(&ch, 3, window, 0);
    ch.state = CHANNEL_OPEN;
    ch.send_packet_max = 1000;
    return ch;
}

/* --- sending --------------------------------------------------------- */

static void
test_window_and_packet_size_bound_what_is_sent(void **state)
{
    struct channel ch = open_channel(0);

    (void)state;
    assert_int_equal(channel_sendable(&ch), 0);
    assert_int_equal(channel_window_add(&ch, 1500), OK);
    assert_int_equal(channel_sendable(&ch), 1000);
    channel_sent(&ch, 1000);
    assert_int_equal(channel_sendable(&ch), 500);
    ch.send_packet_max = UINT32_MAX;
    assert_int_equal(channel_window_add(&ch, 100000), OK);
    assert_int_equal(channel_sendable(&ch), SSH_CHANNEL_PACKET_MAX);
}

static void
test_nothing_is_sent_after_eof_or_close_or_before_open(void **state)
{
    struct channel ch = open_channel(0);

    (void)state;
    assert_int_equal(channel_window_add(&ch, 10), OK);
    ch.eof_sent = true;
    assert_int_equal(channel_sendable(&ch), 0);
    ch.eof_sent = false;
    ch.close_sent = true;
    assert_int_equal(channel_sendable(&ch), 0);
    ch.close_sent = false;
    ch.state = CHANNEL_OPENING;
    assert_int_equal(channel_sendable(&ch), 0);
}

static void
test_the_send_window_ends_at_32_bits(void **state)
{
    struct channel ch = open_channel(0);

    (void)state;
    assert_int_equal(channel_window_add(&ch, UINT32_MAX), OK);
    assert_int_equal(channel_window_add(&ch, 1), ERR_PROTOCOL);
    assert_int_equal(ch.send_window, UINT32_MAX);
    assert_int_equal(channel_window_add(&ch, 0), OK);
    channel_sent(&ch, 1);
    assert_int_equal(channel_window_add(&ch, 1), OK);
}

/* --- receiving ------------------------------------------------------- */

static void
test_data_beyond_window_is_refused(void **state)
{
    struct channel ch = open_channel(5000);

    (void)state;
    assert_int_equal(channel_received(&ch, 5001), ERR_PROTOCOL);
    assert_int_equal(ch.left, 5000);
    assert_int_equal(channel_received(&ch, 5000), OK);
    assert_int_equal(channel_received(&ch, 0), OK);
    assert_int_equal(channel_received(&ch, 1), ERR_PROTOCOL);
}

static void
test_packets_beyond_our_maximum_are_refused(void **state)
{
    struct channel ch = open_channel(0);

    (void)state;
    assert_int_equal(channel_received(&ch, SSH_CHANNEL_PACKET_MAX + 1),
                     ERR_PROTOCOL);
    assert_int_equal(channel_received(&ch, SSH_CHANNEL_PACKET_MAX), OK);
}

static void
test_data_after_eof_is_refused(void **state)
{
    struct channel ch = open_channel(0);

    (void)state;
    ch.eof_received = true;
    assert_int_equal(channel_received(&ch, 1), ERR_PROTOCOL);
}

static void
test_the_window_opens_at_half(void **state)
{
    struct channel ch = open_channel(1000);

    (void)state;
    assert_int_equal(channel_received(&ch, 1000), OK);
    assert_int_equal(channel_grant(&ch, 0), 0);
    channel_consumed(&ch, 499);
    assert_int_equal(channel_grant(&ch, 0), 0);
    channel_consumed(&ch, 1);
    assert_int_equal(channel_grant(&ch, 0), 500);
    assert_int_equal(ch.left, 500);
    assert_int_equal(channel_grant(&ch, 0), 0);
    channel_consumed(&ch, 500);
    assert_int_equal(channel_grant(&ch, 0), 500);
    assert_int_equal(ch.left, 1000);
}

static void
test_a_given_window_does_not_grow(void **state)
{
    struct channel ch = open_channel(1000);

    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(channel_received(&ch, 1000), OK);
        channel_consumed(&ch, 1000);
        assert_int_equal(channel_grant(&ch, 0), 1000);
    }
}

static void
test_the_window_grows_for_a_fast_peer_only(void **state)
{
    struct channel ch = open_channel(0);

    (void)state;
    assert_int_equal(channel_received(&ch, 32768), OK);
    channel_consumed(&ch, 32768);
    assert_int_equal(channel_grant(&ch, CHANNEL_FAST_MS), 32768);
    assert_int_equal(channel_received(&ch, 32768), OK);
    channel_consumed(&ch, 32768);
    assert_int_equal(channel_grant(&ch, 2 * CHANNEL_FAST_MS - 1),
                     32768 + 65536);
    assert_int_equal(ch.window, 131072);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(channel_received(&ch, 32768), OK);
        channel_consumed(&ch, 32768);
        channel_grant(&ch, 2 * CHANNEL_FAST_MS);
        assert_true(ch.left + ch.unconsumed <= SSH_CHANNEL_WINDOW);
    }
    assert_int_equal(ch.window, SSH_CHANNEL_WINDOW);
}

static void
test_no_window_is_granted_to_a_channel_that_ends(void **state)
{
    struct channel ch = open_channel(1000);

    (void)state;
    assert_int_equal(channel_received(&ch, 1000), OK);
    channel_consumed(&ch, 1000);
    ch.eof_received = true;
    assert_int_equal(channel_grant(&ch, 0), 0);
    ch.eof_received = false;
    ch.close_sent = true;
    assert_int_equal(channel_grant(&ch, 0), 0);
}

/* --- answers --------------------------------------------------------- */

static void
add(struct channel *ch, bool is_due, bool ok, enum channel_subject subject)
{
    channel_answer_add(ch, (struct channel_answer){
                               .is_due = is_due,
                               .is_wanted = true,
                               .ok = ok,
                               .subject = (uint8_t)subject,
                           });
}

static void
test_answers_keep_the_order_of_requests(void **state)
{
    struct channel ch = open_channel(0);
    struct channel_answer answer;

    (void)state;
    add(&ch, false, true, SUBJECT_OTHER);
    add(&ch, true, false, SUBJECT_OTHER);
    add(&ch, false, false, SUBJECT_OTHER);
    assert_true(channel_answer_next(&ch, &answer));
    assert_true(answer.ok);
    assert_false(channel_answer_next(&ch, &answer));
    assert_int_equal(channel_answer_set(&ch, true), OK);
    assert_true(channel_answer_next(&ch, &answer));
    assert_true(answer.ok);
    assert_true(channel_answer_next(&ch, &answer));
    assert_false(answer.ok);
    assert_false(channel_answer_next(&ch, &answer));
}

static void
test_an_answer_nobody_waits_for_is_refused(void **state)
{
    struct channel ch = open_channel(0);

    (void)state;
    assert_int_equal(channel_answer_set(&ch, true), ERR_NOT_FOUND);
    add(&ch, false, true, SUBJECT_OTHER);
    assert_int_equal(channel_answer_set(&ch, true), ERR_NOT_FOUND);
}

static void
test_failure_undoes_what_was_begun(void **state)
{
    struct channel ch = open_channel(0);

    (void)state;
    ch.has_pty = ch.is_started = true;
    add(&ch, true, false, SUBJECT_PTY);
    add(&ch, true, false, SUBJECT_START);
    assert_int_equal(channel_answer_set(&ch, false), OK);
    assert_false(ch.has_pty);
    assert_true(ch.is_started);
    assert_int_equal(channel_answer_set(&ch, false), OK);
    assert_false(ch.is_started);
}

static void
test_a_start_is_awaited_until_it_is_decided(void **state)
{
    struct channel ch = open_channel(0);

    (void)state;
    add(&ch, true, true, SUBJECT_PTY);
    assert_false(channel_awaits_start(&ch));
    add(&ch, true, true, SUBJECT_START);
    assert_true(channel_awaits_start(&ch));
    assert_int_equal(channel_answer_set(&ch, true), OK);
    assert_true(channel_awaits_start(&ch));
    assert_int_equal(channel_answer_set(&ch, true), OK);
    assert_false(channel_awaits_start(&ch));
}

static void
test_the_queue_of_answers_goes_round(void **state)
{
    struct channel ch = open_channel(0);
    struct channel_answer answer;

    (void)state;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < CHANNEL_ANSWERS_MAX - 1; i++)
            add(&ch, true, false, SUBJECT_OTHER);
        assert_false(channel_answers_full(&ch));
        add(&ch, true, false, SUBJECT_OTHER);
        assert_true(channel_answers_full(&ch));
        for (int i = 0; i < CHANNEL_ANSWERS_MAX; i++) {
            assert_int_equal(channel_answer_set(&ch, i % 2 == 0), OK);
            assert_true(channel_answer_next(&ch, &answer));
            assert_int_equal(answer.ok, i % 2 == 0);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_and_packet_size_bound_what_is_sent),
        cmocka_unit_test(
            test_nothing_is_sent_after_eof_or_close_or_before_open),
        cmocka_unit_test(test_the_send_window_ends_at_32_bits),
        cmocka_unit_test(test_data_beyond_window_is_refused),
        cmocka_unit_test(test_packets_beyond_our_maximum_are_refused),
        cmocka_unit_test(test_data_after_eof_is_refused),
        cmocka_unit_test(test_the_window_opens_at_half),
        cmocka_unit_test(test_a_given_window_does_not_grow),
        cmocka_unit_test(test_the_window_grows_for_a_fast_peer_only),
        cmocka_unit_test(test_no_window_is_granted_to_a_channel_that_ends),
        cmocka_unit_test(test_answers_keep_the_order_of_requests),
        cmocka_unit_test(test_an_answer_nobody_waits_for_is_refused),
        cmocka_unit_test(test_failure_undoes_what_was_begun),
        cmocka_unit_test(test_a_start_is_awaited_until_it_is_decided),
        cmocka_unit_test(test_the_queue_of_answers_goes_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
