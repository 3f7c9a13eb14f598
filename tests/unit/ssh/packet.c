#include "ssh/v2/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/crypto.h"

/* Both ends under the same keys. */
struct ends {
    struct packet_sender tx;
    struct packet_receiver rx;
    struct buf way;
};

/* Padding that shows. */
static void
fill(void *state, void *to, size_t len)
{
    (void)state;
    memset(to, 0xaa, len);
}

static void
make_keys(struct packet_keys *keys, const char *cipher, const char *mac,
          bool sending)
{
    static const uint8_t bytes[CIPHER_KEY_MAX] = "the same key for both ends";
    const struct cipher_method *method = cipher_find(span_text(cipher));

    assert_int_equal(cipher_new(method, bytes, bytes, sending, &keys->cipher),
                     OK);
    if (method->tag_len == 0)
        assert_int_equal(mac_new(mac_find(span_text(mac)), bytes, &keys->mac),
                         OK);
}

/* `cipher` NULL: in clear. */
static void
begin(struct ends *e, const char *cipher, const char *mac)
{
    assert_int_equal(crypto_warm_up(), OK);
    *e = (struct ends){.rx.max = SSH_PACKET_MAX_PREAUTH};
    buf_init(&e->way, SSH_OUTPUT_MAX);
    if (cipher == NULL)
        return;
    make_keys(&e->tx.keys, cipher, mac, true);
    make_keys(&e->rx.keys, cipher, mac, false);
}

static void
finish(struct ends *e)
{
    packet_keys_clear(&e->tx.keys);
    packet_keys_clear(&e->rx.keys);
    buf_clear(&e->way);
}

static enum err
seal(struct ends *e, size_t len)
{
    size_t mark = packet_begin(&e->way);

    for (size_t i = 0; i < len; i++)
        buf_put_u8(&e->way, (uint8_t)(i * 7));
    return packet_seal(&e->tx, &e->way, mark, fill, NULL);
}

static void
assert_payload(const uint8_t *packet, size_t payload_len, size_t len)
{
    assert_int_equal(payload_len, len);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(packet[PACKET_HEADER + i], (uint8_t)(i * 7));
}

typedef void (*with_keys_fn)(const char *cipher, const char *mac);

static void
with_each(with_keys_fn test)
{
    test(NULL, NULL);
    for (size_t c = 0; cipher_methods[c].name != NULL; c++)
        for (size_t m = 0; mac_methods[m].name != NULL; m++)
            if (m == 0 || cipher_methods[c].tag_len == 0)
                test(cipher_methods[c].name, mac_methods[m].name);
}

/* --- what is sealed opens -------------------------------------------- */

static void
round_trip(const char *cipher, const char *mac)
{
    static const size_t lengths[] = {1,  2,  3,   4,   7,    8,    9,
                                     15, 16, 100, 255, 1000, 32768};
    struct ends e;

    begin(&e, cipher, mac);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(size_t); i++) {
        size_t size, len;

        assert_int_equal(seal(&e, lengths[i]), OK);
        assert_int_equal(
            packet_open(&e.rx, buf_bytes(&e.way), buf_len(&e.way), &size, &len),
            OK);
        assert_int_equal(size, buf_len(&e.way));
        assert_payload(buf_bytes(&e.way), len, lengths[i]);
        assert_int_equal(e.rx.seq, i + 1);
        assert_int_equal(e.rx.bytes, e.tx.bytes);
        buf_reset(&e.way);
    }
    assert_int_equal(e.tx.packets, sizeof(lengths) / sizeof(size_t));
    finish(&e);
}

static void
test_what_is_sealed_opens(void **state)
{
    (void)state;
    with_each(round_trip);
}

/* Padding is at least four bytes, and less than the block more. */
static void
check_form(const char *cipher, const char *mac)
{
    struct ends e;
    size_t block = 8, size, len;

    begin(&e, cipher, mac);
    if (cipher != NULL && cipher_method_of(e.rx.keys.cipher)->block_len > 8)
        block = cipher_method_of(e.rx.keys.cipher)->block_len;
    for (size_t payload = 1; payload < 70; payload++) {
        assert_int_equal(seal(&e, payload), OK);
        assert_int_equal(
            packet_open(&e.rx, buf_bytes(&e.way), buf_len(&e.way), &size, &len),
            OK);
        assert_in_range(buf_bytes(&e.way)[4], 4, 4 + block + 8);
        assert_true(size >= 12);
        buf_reset(&e.way);
    }
    finish(&e);
}

static void
test_padding_is_four_bytes_at_least(void **state)
{
    (void)state;
    with_each(check_form);
}

/* --- pieces ---------------------------------------------------------- */

static void
in_pieces(const char *cipher, const char *mac)
{
    struct ends e;
    size_t size = 0, len, have = 0;
    uint8_t *moved = NULL;
    enum err err = ERR_MORE;

    begin(&e, cipher, mac);
    assert_int_equal(seal(&e, 50), OK);
    while (err == ERR_MORE) {
        uint8_t *bytes = malloc(have + 1);

        /* Each time elsewhere, as it grows. */
        assert_non_null(bytes);
        if (have > 0)
            memcpy(bytes, moved, have);
        bytes[have] = buf_bytes(&e.way)[have];
        free(moved);
        moved = bytes;
        have++;
        err = packet_open(&e.rx, bytes, have, &size, &len);
        assert_true(err == OK || size > have);
        assert_true(size <= buf_len(&e.way));
    }
    assert_int_equal(err, OK);
    assert_int_equal(have, buf_len(&e.way));
    assert_payload(moved, len, 50);
    free(moved);
    finish(&e);
}

static void
test_a_packet_may_come_byte_by_byte(void **state)
{
    (void)state;
    with_each(in_pieces);
}

static void
several_at_once(const char *cipher, const char *mac)
{
    struct ends e;

    begin(&e, cipher, mac);
    for (size_t i = 1; i < 6; i++)
        assert_int_equal(seal(&e, i * 11), OK);
    for (size_t i = 1; i < 6; i++) {
        size_t size, len;

        assert_int_equal(
            packet_open(&e.rx, buf_bytes(&e.way), buf_len(&e.way), &size, &len),
            OK);
        assert_payload(buf_bytes(&e.way), len, i * 11);
        buf_consume(&e.way, size);
    }
    assert_int_equal(buf_len(&e.way), 0);
    finish(&e);
}

static void
test_several_packets_may_come_at_once(void **state)
{
    (void)state;
    with_each(several_at_once);
}

/* --- limits ---------------------------------------------------------- */

static void
test_lengths_in_clear(void **state)
{
    static const struct {
        uint32_t length;
        enum err err;
    } cases[] = {
        {0, ERR_LENGTH},          {1, ERR_LENGTH},
        {4, ERR_LENGTH},          {11, ERR_LENGTH},
        {12, ERR_MORE},           {13, ERR_LENGTH},
        {20, ERR_MORE},           {34996, ERR_MORE},
        {35000, ERR_LENGTH},      {35004, ERR_LENGTH},
        {UINT32_MAX, ERR_LENGTH}, {UINT32_MAX - 3, ERR_LENGTH},
        {0x80000004, ERR_LENGTH},
    };
    struct ends e;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t size, len;

        begin(&e, NULL, NULL);
        buf_put_u32(&e.way, cases[i].length);
        buf_put_u32(&e.way, 0x04000000);
        assert_int_equal(packet_open(&e.rx, buf_bytes(&e.way), 8, &size, &len),
                         cases[i].err);
        if (cases[i].err == ERR_MORE)
            assert_int_equal(size, 4 + cases[i].length);
        finish(&e);
    }
}

static void
test_padding_that_does_not_fit(void **state)
{
    struct ends e;

    (void)state;
    for (unsigned padding = 0; padding < 256; padding++) {
        uint8_t packet[16] = {0, 0, 0, 12, (uint8_t)padding, 1};
        bool good = padding >= 4 && padding <= 10;
        size_t size, len;

        begin(&e, NULL, NULL);
        assert_int_equal(packet_open(&e.rx, packet, 16, &size, &len),
                         good ? OK : ERR_LENGTH);
        if (good)
            assert_int_equal(len, 11 - padding);
        finish(&e);
    }
}

static void
test_no_more_than_2_to_the_32_packets_under_one_key(void **state)
{
    struct ends e;

    (void)state;
    begin(&e, "aes128-ctr", "hmac-sha1");
    e.tx.packets = UINT32_MAX - 1;
    assert_int_equal(seal(&e, 1), OK);
    assert_int_equal(seal(&e, 1), ERR_LIMIT);
    finish(&e);
}

static void
test_a_full_buffer_takes_no_packet(void **state)
{
    struct ends e;

    (void)state;
    begin(&e, "aes128-ctr", "hmac-sha1");
    buf_clear(&e.way);
    buf_init(&e.way, 40);
    assert_int_equal(seal(&e, 10), ERR_LIMIT);
    assert_int_equal(e.tx.seq, 0);
    finish(&e);
}

static void
test_sequence_numbers_wrap_and_say_so(void **state)
{
    struct ends e;
    size_t size, len;

    (void)state;
    begin(&e, "chacha20-poly1305@openssh.com", NULL);
    e.tx.seq = e.rx.seq = UINT32_MAX;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(e.rx.seq_wrapped, i > 0);
        assert_int_equal(seal(&e, 5), OK);
        assert_int_equal(
            packet_open(&e.rx, buf_bytes(&e.way), buf_len(&e.way), &size, &len),
            OK);
        buf_reset(&e.way);
    }
    assert_int_equal(e.rx.seq, 1);
    assert_true(e.rx.seq_wrapped);
    finish(&e);
}

/* --- integrity ------------------------------------------------------- */

static void
flip(const char *cipher, const char *mac)
{
    struct ends e;
    size_t size, len;

    if (cipher == NULL)
        return;
    begin(&e, cipher, mac);
    assert_int_equal(seal(&e, 60), OK);
    /* Behind the length, whose change may ask for more bytes. */
    buf_bytes(&e.way)[buf_len(&e.way) - 1] ^= 1;
    switch (
        packet_open(&e.rx, buf_bytes(&e.way), buf_len(&e.way), &size, &len)) {
    case ERR_MAC:
        assert_false(e.rx.corrupted);
        break;
    case ERR_MORE:
        assert_true(e.rx.corrupted);
        break;
    default:
        fail();
    }
    assert_int_equal(e.rx.seq, 0);
    finish(&e);
}

static void
test_a_wrong_mac_is_told_at_once_or_hidden(void **state)
{
    (void)state;
    with_each(flip);
}

static void
test_a_hidden_fault_swallows_the_longest_packet(void **state)
{
    static uint8_t bytes[2 * PACKET_DISCARD];
    struct ends e;
    size_t size, len, taken = 48;
    enum err err = ERR_MORE;

    (void)state;
    begin(&e, "aes128-cbc", "hmac-sha1");
    assert_int_equal(packet_open(&e.rx, bytes, taken, &size, &len), ERR_MORE);
    assert_true(e.rx.corrupted);
    while (err == ERR_MORE)
        taken += packet_discard(&e.rx, 1000, &err);
    assert_int_equal(err, ERR_MAC);
    assert_int_equal(taken, PACKET_DISCARD);
    finish(&e);

    /* All of it at once. */
    begin(&e, "aes128-cbc", "hmac-sha1");
    assert_int_equal(packet_open(&e.rx, bytes, sizeof(bytes), &size, &len),
                     ERR_MAC);
    finish(&e);
}

static void
test_new_keys_begin_to_count_anew(void **state)
{
    struct packet_keys keys = {NULL, NULL};
    struct ends e;

    (void)state;
    begin(&e, "aes128-ctr", "hmac-sha1");
    assert_int_equal(seal(&e, 100), OK);
    make_keys(&keys, "aes256-gcm@openssh.com", NULL, true);
    packet_sender_rekey(&e.tx, &keys, false);
    assert_null(keys.cipher);
    assert_int_equal(e.tx.seq, 1);
    assert_int_equal(e.tx.packets, 0);
    assert_int_equal(e.tx.bytes, 0);
    assert_null(e.tx.keys.mac);
    make_keys(&keys, "aes128-ctr", "hmac-sha1", false);
    e.rx.seq = 9;
    packet_receiver_rekey(&e.rx, &keys, true);
    assert_int_equal(e.rx.seq, 0);
    finish(&e);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_sealed_opens),
        cmocka_unit_test(test_padding_is_four_bytes_at_least),
        cmocka_unit_test(test_a_packet_may_come_byte_by_byte),
        cmocka_unit_test(test_several_packets_may_come_at_once),
        cmocka_unit_test(test_lengths_in_clear),
        cmocka_unit_test(test_padding_that_does_not_fit),
        cmocka_unit_test(test_no_more_than_2_to_the_32_packets_under_one_key),
        cmocka_unit_test(test_a_full_buffer_takes_no_packet),
        cmocka_unit_test(test_sequence_numbers_wrap_and_say_so),
        cmocka_unit_test(test_a_wrong_mac_is_told_at_once_or_hidden),
        cmocka_unit_test(test_a_hidden_fault_swallows_the_longest_packet),
        cmocka_unit_test(test_new_keys_begin_to_count_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
