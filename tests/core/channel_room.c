/*
 * Data that is put where it will be encrypted: ssh_channel_reserve() and
 * ssh_channel_commit().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/protocol.h"
#include "suites.h"

#define NUMBER 7 /* the peer's, of the channel */

/* Logged in with one suite, and a channel; its number at the server. */
static uint32_t
open_with(struct fixture *f, const struct suite *suite)
{
    fixture_server(f);
    f->raw.cipher = suite->cipher;
    f->raw.mac = suite->mac;
    fixture_login(f);
    return fixture_open(f, NUMBER);
}

/* Put `len` bytes of `value`, of as much room as there must be. */
static void
put(struct fixture *f, uint32_t channel, uint8_t value, size_t len)
{
    uint8_t *place;

    assert_int_equal(ssh_channel_reserve(f->owner.conn, channel, len, &place),
                     len);
    memset(place, value, len);
    ssh_channel_commit(f->owner.conn, channel, len);
}

/* The next message is so many bytes of `value`. */
static void
expect(struct fixture *f, uint8_t value, size_t len)
{
    struct reader r;
    struct span bytes;

    raw_take(&f->raw);
    raw_expect(&f->raw, SSH2_MSG_CHANNEL_DATA);
    r = raw_fields(&f->raw);
    assert_int_equal(read_u32(&r), NUMBER);
    bytes = read_string(&r);
    assert_true(read_done(&r));
    assert_int_equal(bytes.len, len);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes.ptr[i], value);
}

static void
test_what_is_put_in_place_arrives(void **state)
{
    static const size_t lengths[] = {1, 2, 15, 16, 17, 4096, 32767, 32768};

    (void)state;
    for (size_t i = 0; i < SUITES_COUNT; i++) {
        struct fixture f;
        uint32_t channel = open_with(&f, &suites[i]);
        uint64_t in, out;

        for (size_t j = 0; j < 8; j++) {
            put(&f, channel, (uint8_t)j, lengths[j]);
            expect(&f, (uint8_t)j, lengths[j]);
        }
        ssh_conn_traffic(f.owner.conn, &in, &out);
        assert_int_equal(out, 1 + 2 + 15 + 16 + 17 + 4096 + 32767 + 32768);
        fixture_clear(&f);
    }
}

static void
test_less_may_be_put_than_there_is_room(void **state)
{
    struct fixture f;
    uint32_t channel = open_with(&f, &suites[0]);
    uint8_t *place;

    (void)state;
    assert_int_equal(
        ssh_channel_reserve(f.owner.conn, channel, 1 << 20, &place),
        SSH_CHANNEL_PACKET_MAX);
    memset(place, 9, 100);
    ssh_channel_commit(f.owner.conn, channel, 100);
    expect(&f, 9, 100);
    /* Nothing at all: no message, and the window is as it was. */
    assert_int_equal(ssh_channel_reserve(f.owner.conn, channel, 50, &place),
                     50);
    ssh_channel_commit(f.owner.conn, channel, 0);
    raw_take(&f.raw);
    raw_expect_quiet(&f.raw);
    put(&f, channel, 3, 60);
    expect(&f, 3, 60);
    fixture_clear(&f);
}

/* Whatever `channel` has room for; the bytes put. */
static size_t
fill(struct fixture *f, uint32_t channel)
{
    size_t sum = 0, room;
    uint8_t *place;

    while ((room = ssh_channel_reserve(f->owner.conn, channel, 1 << 20,
                                       &place)) > 0) {
        memset(place, 1, room);
        ssh_channel_commit(f->owner.conn, channel, room);
        sum += room;
    }
    return sum;
}

static void
test_room_ends_with_the_window_and_the_output(void **state)
{
    struct fixture f;
    struct ssh_event event;
    size_t sum;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_let_alone(&f);
    send_open(&f.raw, "session", NUMBER, 100000, 32768);
    assert_true(ssh_conn_next_event(f.owner.conn, &event));
    assert_int_equal(fill(&f, 0), 100000);
    assert_false(ssh_conn_next_event(f.owner.conn, &event));
    send_adjust(&f.raw, 0, 1 << 20);
    assert_true(ssh_conn_next_event(f.owner.conn, &event));
    assert_int_equal(event.type, SSH_EVENT_WRITABLE);
    assert_int_equal(event.channel, 0);
    /* The peer reads no more: the output is full before the window is. */
    sum = fill(&f, 0);
    assert_in_range(sum, OUTPUT_DATA_MAX / 2, OUTPUT_DATA_MAX);
    assert_false(ssh_conn_next_event(f.owner.conn, &event));
    ssh_conn_output_sent(f.owner.conn, ssh_conn_output(f.owner.conn).len);
    assert_true(ssh_conn_next_event(f.owner.conn, &event));
    assert_int_equal(event.type, SSH_EVENT_WRITABLE);
    fixture_clear(&f);
}

static void
test_no_room_while_keys_are_exchanged_nor_at_the_end(void **state)
{
    struct fixture f;
    uint32_t channel = open_with(&f, &suites[0]);
    uint8_t *place;

    (void)state;
    fixture_let_alone(&f);
    ssh_conn_rekey(f.owner.conn);
    assert_int_equal(ssh_channel_reserve(f.owner.conn, channel, 10, &place), 0);
    fixture_clear(&f);

    channel = open_with(&f, &suites[0]);
    assert_int_equal(ssh_channel_reserve(f.owner.conn, channel + 1, 10, &place),
                     0);
    ssh_channel_eof(f.owner.conn, channel);
    assert_int_equal(ssh_channel_reserve(f.owner.conn, channel, 10, &place), 0);
    fixture_clear(&f);

    /* The end in the middle: what was put does not go. */
    channel = open_with(&f, &suites[0]);
    assert_int_equal(ssh_channel_reserve(f.owner.conn, channel, 10, &place),
                     10);
    ssh_conn_disconnect(f.owner.conn, SSH_REASON_BY_APPLICATION, "over");
    ssh_channel_commit(f.owner.conn, channel, 10);
    raw_take(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_BY_APPLICATION);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_put_in_place_arrives),
        cmocka_unit_test(test_less_may_be_put_than_there_is_room),
        cmocka_unit_test(test_room_ends_with_the_window_and_the_output),
        cmocka_unit_test(test_no_room_while_keys_are_exchanged_nor_at_the_end),
    };

    return cmocka_run_group_tests_name("room in a channel", tests, NULL, NULL);
}
