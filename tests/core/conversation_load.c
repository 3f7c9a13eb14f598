/*
 * Conversations with much to say: several channels, readers that stop, keys
 * that change under load.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "expect.h"
#include "ssh/protocol.h"

/* --- several channels, large data ------------------------------------ */

static void
test_eight_channels_at_once(void **state)
{
    struct pump pump;
    uint64_t in, out;

    (void)state;
    pump_init(&pump);
    run_echo(&pump, 8, 300000);
    ssh_conn_traffic(pump.server.conn, &in, &out);
    assert_int_equal(in, 8 * 300000);
    assert_int_equal(out, 8 * 300000);
    assert_true(owner_saw(&pump.server, "pty xterm-256color 132x43\n"));
    assert_true(pump.output_peak <= SSH_OUTPUT_MAX);
    pump_clear(&pump);
}

static void
test_a_ninth_channel_is_refused(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump.client.command = NULL;
    pump.client.keeps_open = true;
    pump.client.sessions = 8;
    pump_start(&pump);
    pump_run(&pump);
    assert_int_equal(ssh_conn_open_session(pump.client.conn), UINT32_MAX);
    pump_clear(&pump);
}

static void
test_a_large_command_output(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump.client.command = "flood 5000000";
    pump_start(&pump);
    pump_run(&pump);
    expect_finished(&pump, 1);
    assert_int_equal(buf_len(&pump.client.channels[0].received), 5000000);
    assert_true(pump.output_peak <= SSH_OUTPUT_MAX);
    pump_clear(&pump);
}

/* --- back-pressure --------------------------------------------------- */

static void
test_a_client_that_stops_reading_costs_a_bounded_buffer(void **state)
{
    struct pump pump;
    size_t stuck;

    (void)state;
    pump_init(&pump);
    pump.client.command = "flood 5000000";
    pump_start(&pump);
    while (!owner_saw(&pump.server, "exec"))
        pump_round(&pump);
    pump.client_stops_reading = true;
    pump_run(&pump);
    stuck = ssh_conn_output(pump.server.conn).len;
    assert_in_range(stuck, 65536, SSH_OUTPUT_MAX);
    pump.client_stops_reading = false;
    pump_run(&pump);
    expect_finished(&pump, 1);
    assert_int_equal(buf_len(&pump.client.channels[0].received), 5000000);
    pump_clear(&pump);
}

static void
test_a_client_that_does_not_consume_stops_its_channel(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump.client.command = "flood 5000000";
    pump.client.hoards = true;
    pump_start(&pump);
    pump_run(&pump);
    /* One window came, the rest waits with its owner. */
    assert_int_equal(buf_len(&pump.client.channels[0].received), 65536);
    assert_int_equal(ssh_conn_output(pump.server.conn).len, 0);
    pump.client.hoards = false;
    ssh_channel_consumed(pump.client.conn, 0, 65536);
    pump_run(&pump);
    assert_int_equal(buf_len(&pump.client.channels[0].received), 5000000);
    pump_clear(&pump);
}

static void
test_a_full_output_stops_the_input(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump.client.command = NULL;
    pump.client.sessions = 4;
    pump.client.upload = 2000000;
    pump_start(&pump);
    while (!owner_saw(&pump.server, "shell"))
        pump_round(&pump);
    pump.client_stops_reading = true;
    pump_run(&pump);
    assert_true(ssh_conn_output(pump.server.conn).len <= SSH_OUTPUT_MAX);
    pump.client_stops_reading = false;
    pump_run(&pump);
    expect_finished(&pump, 4);
    for (size_t i = 0; i < 4; i++)
        expect_echoed(&pump, i);
    pump_clear(&pump);
}

/* Both have much to say, and what lies between them holds little: if a side
   that waits to write did not read, both would wait for ever. */
static void
test_narrow_pipes_do_not_jam(void **state)
{
    static const size_t pipes[] = {1000, 30000, 300000};
    struct pump pump;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        pump_init(&pump);
        pump.pipe = pipes[i];
        pump.server_setup.window = SSH_CHANNEL_WINDOW;
        pump.client_setup.window = SSH_CHANNEL_WINDOW;
        run_echo(&pump, 4, 2000000);
        pump_clear(&pump);
    }
}

static void
test_a_peer_that_does_not_read_for_two_minutes_is_left(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump.client.command = "flood 5000000";
    pump_start(&pump);
    while (!owner_saw(&pump.server, "exec"))
        pump_round(&pump);
    pump.client_stops_reading = true;
    pump_run(&pump);
    assert_int_equal(ssh_conn_deadline(pump.server.conn), OUTPUT_STALL_MS);
    pump.now_ms = OUTPUT_STALL_MS - 1;
    pump_round(&pump);
    assert_false(pump.server.closed);
    /* A little progress, and the time begins anew. */
    ssh_conn_output_sent(pump.server.conn, 1);
    pump.now_ms = OUTPUT_STALL_MS;
    pump_round(&pump);
    assert_false(pump.server.closed);
    pump.now_ms = 2 * OUTPUT_STALL_MS;
    pump_round(&pump);
    assert_true(pump.server.closed);
    assert_int_equal(pump.server.end.reason, SSH_REASON_NONE);
    pump_clear(&pump);
}

/* --- new keys under load --------------------------------------------- */

static void
run_rekeys(uint64_t server_bytes, uint64_t client_bytes, size_t chunk)
{
    struct pump pump;

    pump_init(&pump);
    pump.chunk = chunk;
    pump.server_setup.rekey_bytes = server_bytes;
    pump.client_setup.rekey_bytes = client_bytes;
    run_echo(&pump, 3, 400000);
    assert_in_range(ssh_conn_keys(pump.server.conn).exchanges, 5, 200);
    pump_clear(&pump);
}

static void
test_keys_change_under_load(void **state)
{
    (void)state;
    run_rekeys(100000, 0, 0);
    run_rekeys(0, 100000, 0);
    run_rekeys(100000, 100000, 0);
    run_rekeys(70000, 90000, 5000);
}

static void
test_keys_change_with_delayed_answers(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump.server.delays = true;
    pump.server_setup.rekey_bytes = 100000;
    run_echo(&pump, 2, 400000);
    pump_clear(&pump);
}

static void
test_both_begin_again_and_again(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump.chunk = 20000;
    pump.client.command = NULL;
    pump.client.sessions = 2;
    pump.client.upload = 1000000;
    pump_start(&pump);
    for (unsigned round = 0; pump_round(&pump); round++) {
        if (round > 30 && round % 10 == 0)
            ssh_conn_rekey(pump.server.conn);
        if (round > 30 && round % 10 < 2)
            ssh_conn_rekey(pump.client.conn);
    }
    expect_finished(&pump, 2);
    for (size_t i = 0; i < 2; i++)
        expect_echoed(&pump, i);
    assert_true(ssh_conn_keys(pump.server.conn).exchanges > 5);
    pump_clear(&pump);
}

static void
expect_timed_rekeys(bool by_server)
{
    struct pump pump;

    pump_init(&pump);
    if (by_server)
        pump.server_setup.rekey_ms = 60000;
    else
        pump.client_setup.rekey_ms = 60000;
    pump.client.command = NULL;
    pump.client.keeps_open = true;
    pump_start(&pump);
    pump_run(&pump);
    assert_int_equal(ssh_conn_keys(pump.server.conn).exchanges, 1);
    assert_int_equal(
        ssh_conn_deadline(by_server ? pump.server.conn : pump.client.conn),
        60000);
    for (unsigned i = 1; i < 30; i++) {
        pump.now_ms = i * 60000;
        pump_run(&pump);
        assert_int_equal(ssh_conn_keys(pump.server.conn).exchanges, 1 + i);
    }
    assert_false(pump.client.closed);
    pump_clear(&pump);
}

static void
test_keys_change_after_their_time(void **state)
{
    (void)state;
    expect_timed_rekeys(true);
    expect_timed_rekeys(false);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eight_channels_at_once),
        cmocka_unit_test(test_a_ninth_channel_is_refused),
        cmocka_unit_test(test_a_large_command_output),
        cmocka_unit_test(
            test_a_client_that_stops_reading_costs_a_bounded_buffer),
        cmocka_unit_test(test_a_client_that_does_not_consume_stops_its_channel),
        cmocka_unit_test(test_a_full_output_stops_the_input),
        cmocka_unit_test(test_narrow_pipes_do_not_jam),
        cmocka_unit_test(
            test_a_peer_that_does_not_read_for_two_minutes_is_left),
        cmocka_unit_test(test_keys_change_under_load),
        cmocka_unit_test(test_keys_change_with_delayed_answers),
        cmocka_unit_test(test_both_begin_again_and_again),
        cmocka_unit_test(test_keys_change_after_their_time),
    };

    return cmocka_run_group_tests_name("conversation, load", tests, NULL, NULL);
}
