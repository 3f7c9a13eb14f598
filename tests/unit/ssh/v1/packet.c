#include "ssh/v1/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hex.h"
#include "vectors/ssh1.h"

#define BYTES_MAX 512

/* Padding of the vectors: a1 a2 a3 ... */
static void
counted(void *state, void *to, size_t len)
{
    uint8_t *bytes = to;

    (void)state;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(0xa1 + i);
}

static struct cipher1 *
start(bool encrypt)
{
    uint8_t key[CIPHER1_KEY];
    struct cipher1 *c = NULL;

    hex_bytes(SSH1_SESSION_KEY, key, sizeof(key));
    assert_int_equal(cipher1_new(CIPHER1_3DES, key, encrypt, &c), OK);
    return c;
}

static void
expect_sealed(struct cipher1 *c, struct buf *to, struct span message,
              const char *packet)
{
    uint8_t room[BYTES_MAX];
    struct span expected = hex_bytes(packet, room, sizeof(room));
    size_t mark = packet1_begin(to);

    buf_put_span(to, message);
    assert_int_equal(packet1_seal(c, to, mark, counted, NULL), OK);
    assert_true(span_equal(span_of(buf_bytes(to) + mark, buf_len(to) - mark),
                           expected));
}

static void
test_known_packets_are_sealed(void **state)
{
    struct cipher1 *c = start(true);
    struct buf to;

    (void)state;
    buf_init(&to, BYTES_MAX);
    expect_sealed(NULL, &to, span_of("\x0e", 1),
                  "00000005000000"
                  "0ee7b82d07");
    expect_sealed(NULL, &to, span_of("\x04\0\0\0\x04test", 9),
                  "0000000d000000040000000474657374515756dc");
    expect_sealed(c, &to, span_of("\x0e", 1), SSH1_3DES_SUCCESS);
    expect_sealed(c, &to, span_of("\x11\0\0\0\x0aRouter>en\n", 15),
                  SSH1_3DES_STDOUT);
    cipher1_free(c);
    buf_clear(&to);
}

static void
expect_opened(struct packet1_receiver *rx, const char *packet,
              struct span expected)
{
    uint8_t room[BYTES_MAX];
    struct span bytes = hex_bytes(packet, room, sizeof(room)), message;
    size_t size;

    assert_int_equal(packet1_size(bytes, PACKET1_MAX, &size), OK);
    assert_int_equal(size, bytes.len);
    assert_int_equal(packet1_open(rx, room, size, &message), OK);
    if (expected.len > 0)
        assert_true(span_equal(message, expected));
}

static void
test_known_packets_are_opened(void **state)
{
    static const uint64_t seed[2] = {1, 2};
    struct packet1_receiver rx = {.cipher = NULL};

    (void)state;
    expect_opened(&rx, SSH1_PUBLIC_KEY_PACKET, SPAN_EMPTY);
    expect_opened(&rx, SSH1_SESSION_KEY_PACKET, SPAN_EMPTY);
    rx.cipher = start(false);
    rx.detector = detector_new(PACKET1_MAX + 8, seed);
    expect_opened(&rx, SSH1_3DES_SUCCESS, span_of("\x0e", 1));
    expect_opened(&rx, SSH1_3DES_STDOUT,
                  span_of("\x11\0\0\0\x0aRouter>en\n", 15));
    cipher1_free(rx.cipher);
    detector_free(rx.detector);
}

static void
test_lengths(void **state)
{
    static const struct {
        uint8_t bytes[4];
        enum err err;
        size_t size;
    } cases[] = {
        {{0, 0, 0, 0}, ERR_LENGTH, 0},
        {{0, 0, 0, 4}, ERR_LENGTH, 0},
        {{0, 0, 0, 5}, OK, 4 + 8},
        {{0, 0, 0, 7}, OK, 4 + 8},
        {{0, 0, 0, 8}, OK, 4 + 16},
        {{0, 4, 0, 0}, OK, 4 + 262152},
        {{0, 4, 0, 1}, ERR_LENGTH, 0},
        {{0x80, 0, 0, 0}, ERR_LENGTH, 0},
        {{0xff, 0xff, 0xff, 0xff}, ERR_LENGTH, 0},
    };
    size_t size;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            packet1_size(span_of(cases[i].bytes, 4), PACKET1_MAX, &size),
            cases[i].err);
        if (cases[i].err == OK)
            assert_int_equal(size, cases[i].size);
    }
    assert_int_equal(packet1_size(span_of("\0\0\0", 3), PACKET1_MAX, &size),
                     ERR_MORE);
    assert_int_equal(packet1_size(span_of("\0\0\0\x09", 4), 8, &size),
                     ERR_LENGTH);
}

static void
test_every_flipped_bit_is_found(void **state)
{
    uint8_t room[BYTES_MAX], copy[BYTES_MAX];
    struct span bytes = hex_bytes(SSH1_SESSION_KEY_PACKET, room, sizeof(room));
    struct packet1_receiver rx = {.cipher = NULL};
    struct span message;

    (void)state;
    for (size_t bit = 32; bit < bytes.len * 8; bit++) {
        memcpy(copy, room, bytes.len);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(packet1_open(&rx, copy, bytes.len, &message), ERR_MAC);
    }
}

static void
test_a_full_buffer_is_an_error(void **state)
{
    struct buf to;
    size_t mark;

    (void)state;
    buf_init(&to, 20);
    mark = packet1_begin(&to);
    buf_put(&to, "123456789", 9);
    assert_int_equal(packet1_seal(NULL, &to, mark, counted, NULL), ERR_LIMIT);
    buf_clear(&to);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_packets_are_sealed),
        cmocka_unit_test(test_known_packets_are_opened),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_every_flipped_bit_is_found),
        cmocka_unit_test(test_a_full_buffer_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
