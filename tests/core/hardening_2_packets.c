/*
 * Attacks on the form and the integrity of packets; numbers as in section 2
 * of the list of attacks and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/v2/ssh2.h"
#include "suites.h"

/* --- the form of packets --------------------------------------------- */

static void
start_suite(struct fixture *f, const struct suite *suite)
{
    fixture_server(f);
    f->raw.cipher = suite->cipher;
    f->raw.mac = suite->mac;
    fixture_keys(f);
}

/* Whatever it was, the end is the same for CBC, and comes late. */
static void
expect_corrupted(struct fixture *f, const struct suite *suite,
                 enum ssh_reason reason)
{
    static const uint8_t zeros[PACKET_DISCARD];

    if (suite != NULL && suite->is_masked) {
        raw_expect_quiet(&f->raw);
        raw_bytes(&f->raw, span_of(zeros, sizeof(zeros)));
        reason = SSH_REASON_MAC_ERROR;
    }
    raw_expect_end(&f->raw, reason);
}

static const uint32_t bad_lengths[] = {
    0, 1, 4, 5, 35001, 66561, 0x7fffffff, 0x80000000, 0xffffffff,
};

static void
test_2_7_bad_lengths_in_clear(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(bad_lengths) / sizeof(uint32_t); i++) {
        fixture_server(&f);
        raw_idents(&f.raw);
        raw_expect_kexinit(&f.raw);
        raw_send_length(&f.raw, bad_lengths[i], 40);
        expect_corrupted(&f, NULL, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_2_7_bad_lengths_under_each_cipher(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++) {
        for (size_t i = 0; i < sizeof(bad_lengths) / sizeof(uint32_t); i++) {
            start_suite(&f, &suites[s]);
            raw_send_length(&f.raw, bad_lengths[i], 48);
            expect_corrupted(&f, &suites[s], SSH_REASON_PROTOCOL_ERROR);
            fixture_clear(&f);
        }
    }
}

static void
test_2_8_lengths_that_are_no_whole_blocks(void **state)
{
    static const uint32_t lengths[] = {13, 17, 18, 27, 31, 33};
    struct fixture f;

    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++) {
        for (size_t i = 0; i < sizeof(lengths) / sizeof(uint32_t); i++) {
            start_suite(&f, &suites[s]);
            raw_send_length(&f.raw, lengths[i], 48);
            expect_corrupted(&f, &suites[s], SSH_REASON_PROTOCOL_ERROR);
            fixture_clear(&f);
        }
    }
}

static void
test_2_7_the_largest_length_is_taken(void **state)
{
    static uint8_t ignore[34960];
    struct fixture f;

    (void)state;
    ignore[0] = SSH2_MSG_IGNORE;
    fixture_server(&f);
    fixture_keys(&f);
    raw_send(&f.raw, span_of(ignore, sizeof(ignore)));
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

/* A packet of 1 + payload + padding bytes whose padding field lies. */
static void
send_padded(struct fixture *f, size_t length, uint8_t padding)
{
    uint8_t packet[64] = {0};

    packet[3] = (uint8_t)length;
    packet[4] = padding;
    packet[5] = SSH2_MSG_IGNORE;
    raw_send_plain(&f->raw, span_of(packet, length + 4));
}

static void
test_2_9_bad_padding_though_authentic(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++) {
        /* A multiple of the block, with and without the length field. */
        bool apart = strstr(suites[s].mac, "etm") != NULL ||
                     strchr(suites[s].cipher, '@') != NULL;
        size_t length = apart ? 32 : 28;
        uint8_t paddings[] = {0,
                              1,
                              2,
                              3,
                              (uint8_t)(length - 1),
                              (uint8_t)length,
                              (uint8_t)(length + 1),
                              255};

        for (size_t i = 0; i < sizeof(paddings); i++) {
            start_suite(&f, &suites[s]);
            send_padded(&f, length, 4);
            raw_expect_quiet(&f.raw);
            send_padded(&f, length, paddings[i]);
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
            fixture_clear(&f);
        }
    }
}

/* --- integrity ------------------------------------------------------- */

/* One bit of a sealed SERVICE_REQUEST is wrong: never an answer. */
static void
flip_bit(const struct suite *suite, size_t bit)
{
    static uint8_t zeros[PACKET_DISCARD];
    struct fixture f;
    struct reader r;
    uint8_t *bytes;
    size_t mark;

    start_suite(&f, suite);
    buf_reset(&f.raw.packet);
    mark = packet_begin(&f.raw.packet);
    buf_put_u8(&f.raw.packet, SSH2_MSG_SERVICE_REQUEST);
    buf_put_text(&f.raw.packet, "ssh-userauth");
    assert_int_equal(packet_seal(&f.raw.tx, &f.raw.packet, mark, chance_bytes,
                                 &f.raw.chance),
                     OK);
    bytes = buf_bytes(&f.raw.packet);
    bit %= buf_len(&f.raw.packet) * 8;
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    raw_bytes(&f.raw, buf_span(&f.raw.packet));
    /* A longer packet may have been announced. */
    raw_bytes(&f.raw, span_of(zeros, sizeof(zeros)));
    raw_expect(&f.raw, SSH2_MSG_DISCONNECT);
    r = raw_fields(&f.raw);
    mark = read_u32(&r);
    assert_true(mark == SSH_REASON_MAC_ERROR ||
                mark == SSH_REASON_PROTOCOL_ERROR);
    assert_true(span_is(read_string(&r), "Corrupted packet"));
    raw_expect(&f.raw, RAW_NOTHING);
    fixture_clear(&f);
}

static void
test_2_11_no_bit_may_flip(void **state)
{
    size_t step = 5;

    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++)
        for (size_t bit = s % step; bit < 96 * 8; bit += 8 * step - 3)
            flip_bit(&suites[s], bit);
    /* Every bit for the two orders of the commonest ciphers. */
    for (size_t bit = 0; bit < 48 * 8; bit++)
        flip_bit(&suites[bit % 2 == 0 ? 0 : 5], bit);
}

static void
test_2_11_replayed_and_dropped_packets_end(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++) {
        if (suites[s].is_masked)
            continue;
        start_suite(&f, &suites[s]);
        raw_send_number(&f.raw, SSH2_MSG_IGNORE);
        raw_expect_quiet(&f.raw);
        raw_bytes(&f.raw, buf_span(&f.raw.packet));
        assert_true(f.owner.closed);
        fixture_clear(&f);

        start_suite(&f, &suites[s]);
        f.raw.tx.seq++;
        raw_send_number(&f.raw, SSH2_MSG_IGNORE);
        /* AES-GCM has a counter of its own instead. */
        assert_int_equal(f.owner.closed,
                         strstr(suites[s].cipher, "gcm") == NULL);
        fixture_clear(&f);
    }
}

/* --- 2.10 ------------------------------------------------------------ */

/* A session with everything in it, its input cut into pieces of `chunk`. */
static void
talk_in_pieces(struct fixture *f, size_t chunk)
{
    fixture_server(f);
    f->raw.chunk = chunk;
    fixture_login(f);
    fixture_shell(f, 5);
    send_data(&f->raw, 0, span_text("show clock\r"));
    raw_expect(&f->raw, SSH2_MSG_CHANNEL_DATA);
    raw_rekey(&f->raw);
    send_global(&f->raw, "keepalive@openssh.com", true);
    raw_expect(&f->raw, SSH2_MSG_REQUEST_FAILURE);
    send_channel(&f->raw, SSH2_MSG_CHANNEL_CLOSE, 0);
    raw_expect(&f->raw, SSH2_MSG_CHANNEL_CLOSE);
    raw_expect_quiet(&f->raw);
}

static void
test_2_10_pieces_change_nothing(void **state)
{
    static const size_t chunks[] = {1, 2, 3, 5, 17, 64, 1000};
    struct fixture whole, pieces;

    (void)state;
    talk_in_pieces(&whole, 0);
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        talk_in_pieces(&pieces, chunks[i]);
        assert_string_equal(buf_text(&pieces.owner.log),
                            buf_text(&whole.owner.log));
        assert_true(span_equal(ssh_conn_session_id(pieces.owner.conn),
                               ssh_conn_session_id(whole.owner.conn)));
        assert_int_equal(pieces.raw.rx.bytes, whole.raw.rx.bytes);
        assert_int_equal(pieces.raw.rx.seq, whole.raw.rx.seq);
        fixture_clear(&pieces);
    }
    fixture_clear(&whole);
}

/* --- 2.12 ------------------------------------------------------------ */

enum cbc_fault { CBC_LENGTH_HUGE, CBC_LENGTH_ODD, CBC_MAC };

/* How many bytes are taken before the end, counted from the bad packet on. */
static size_t
bytes_until_end(const struct suite *suite, enum cbc_fault fault, size_t chunk)
{
    static const uint8_t zeros[4096];
    struct fixture f;
    struct reader r;
    size_t sent = 0;

    start_suite(&f, suite);
    if (fault == CBC_LENGTH_HUGE)
        raw_send_length(&f.raw, 0xfffffff0, 48);
    else if (fault == CBC_LENGTH_ODD)
        raw_send_length(&f.raw, 45, 48);
    else
        raw_send_length(&f.raw, 28, 48 + 64);
    sent = buf_len(&f.raw.packet);
    while (!f.owner.closed) {
        raw_bytes(&f.raw, span_of(zeros, chunk));
        sent += chunk;
        assert_true(sent < 2 * PACKET_DISCARD);
    }
    raw_expect(&f.raw, SSH2_MSG_DISCONNECT);
    r = raw_fields(&f.raw);
    assert_int_equal(read_u32(&r), SSH_REASON_MAC_ERROR);
    assert_true(span_is(read_string(&r), "Corrupted packet"));
    fixture_clear(&f);
    return sent;
}

static void
test_2_12_cbc_takes_the_same_bytes_whatever_was_wrong(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++) {
        if (!suites[s].is_masked)
            continue;
        for (int fault = 0; fault <= CBC_MAC; fault++) {
            size_t taken = bytes_until_end(&suites[s], fault, 16);

            assert_true(taken >= PACKET_DISCARD);
            assert_true(taken < PACKET_DISCARD + 16);
        }
    }
}

static void
test_2_12_reading_on_has_a_deadline(void **state)
{
    struct fixture f;

    (void)state;
    start_suite(&f, &suites[8]);
    raw_send_length(&f.raw, 0xfffffff0, 48);
    assert_int_equal(ssh_conn_deadline(f.owner.conn), 0);
    ssh_conn_tick(f.owner.conn, 1000);
    assert_int_equal(ssh_conn_deadline(f.owner.conn), 1000 + DISCARD_TIME_MS);
    ssh_conn_tick(f.owner.conn, 1000 + DISCARD_TIME_MS);
    raw_take(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_MAC_ERROR);
    fixture_clear(&f);
}

/* --- 2.13 to 2.15 ---------------------------------------------------- */

static void
test_2_13_worn_keys_are_changed(void **state)
{
    struct fixture f;
    struct ssh2 *ssh;

    (void)state;
    for (int i = 0; i < 4; i++) {
        fixture_server(&f);
        if (i == 3)
            f.raw.cipher = "3des-cbc";
        fixture_login(&f);
        ssh = ssh2_of(f.owner.conn);
        if (i == 0)
            ssh->rx.packets = REKEY_PACKETS - 1;
        if (i == 1)
            ssh->tx.packets = REKEY_PACKETS;
        if (i == 2)
            ssh->rx.bytes = UINT64_C(1) << 30;
        if (i == 3)
            ssh->tx.bytes = UINT64_C(1) << 30;
        if (i == 3)
            f.owner.conn->rekey_bytes = UINT64_MAX;
        raw_send_number(&f.raw, SSH2_MSG_IGNORE);
        raw_expect_kexinit(&f.raw);
        raw_send_kexinit(&f.raw);
        raw_run_method(&f.raw);
        raw_expect_newkeys(&f.raw);
        raw_send_newkeys(&f.raw);
        raw_expect_quiet(&f.raw);
        assert_int_equal(ssh->rx.packets + ssh->tx.packets, 0);
        fixture_clear(&f);
    }
}

static void
test_2_13_sequence_numbers_wrap(void **state)
{
    struct fixture f;
    struct ssh2 *ssh;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    ssh = ssh2_of(f.owner.conn);
    ssh->rx.seq = f.raw.tx.seq = UINT32_MAX;
    for (int i = 0; i < 3; i++)
        raw_send_number(&f.raw, SSH2_MSG_IGNORE);
    raw_expect_quiet(&f.raw);
    assert_int_equal(ssh->rx.seq, 2);
    fixture_clear(&f);
}

static void
test_2_14_only_no_compression_is_agreed(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    raw_idents(&f.raw);
    raw_expect_kexinit(&f.raw);
    f.raw.compression = "zlib@openssh.com,zlib";
    raw_send_kexinit(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_2_7_bad_lengths_in_clear),
        cmocka_unit_test(test_2_7_bad_lengths_under_each_cipher),
        cmocka_unit_test(test_2_7_the_largest_length_is_taken),
        cmocka_unit_test(test_2_8_lengths_that_are_no_whole_blocks),
        cmocka_unit_test(test_2_10_pieces_change_nothing),
        cmocka_unit_test(test_2_9_bad_padding_though_authentic),
        cmocka_unit_test(test_2_11_no_bit_may_flip),
        cmocka_unit_test(test_2_11_replayed_and_dropped_packets_end),
        cmocka_unit_test(test_2_12_cbc_takes_the_same_bytes_whatever_was_wrong),
        cmocka_unit_test(test_2_12_reading_on_has_a_deadline),
        cmocka_unit_test(test_2_13_worn_keys_are_changed),
        cmocka_unit_test(test_2_13_sequence_numbers_wrap),
        cmocka_unit_test(test_2_14_only_no_compression_is_agreed),
    };

    return cmocka_run_group_tests_name("hardening 2, packets", tests, NULL,
                                       NULL);
}
