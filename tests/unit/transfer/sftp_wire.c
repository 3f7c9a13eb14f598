#include "transfer/sftp_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define BYTES(literal) span_of(literal, sizeof(literal) - 1)

/* --- attributes -------------------------------------------------------- */

static void
test_attributes_come_back_as_they_went(void **state)
{
    static const uint32_t all[] = {
        0, SFTP_HAS_SIZE, SFTP_HAS_OWNER, SFTP_HAS_MODE, SFTP_HAS_TIMES, 15};
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct sftp_attributes in = {.has = all[i],
                                     .size = UINT64_C(5) << 32,
                                     .user = 1,
                                     .group = 2,
                                     .mode = SFTP_MODE_FILE | 0640,
                                     .read_s = 3,
                                     .changed_s = 4};
        struct sftp_attributes out;
        struct reader r;

        buf_reset(&b);
        sftp_put_attributes(&b, &in);
        r = reader_over(buf_span(&b));
        sftp_read_attributes(&r, &out);
        assert_true(read_done(&r));
        assert_int_equal(out.has, all[i]);
        assert_true(!(all[i] & SFTP_HAS_SIZE) || out.size == in.size);
        assert_true(!(all[i] & SFTP_HAS_OWNER) || out.group == 2);
        assert_true(!(all[i] & SFTP_HAS_MODE) || out.mode == in.mode);
        assert_true(!(all[i] & SFTP_HAS_TIMES) || out.changed_s == 4);
    }
    buf_clear(&b);
}

static void
test_extended_attributes_are_read_past(void **state)
{
    struct reader r = reader_over(BYTES("\x80\0\0\0\0\0\0\1"
                                        "\0\0\0\1a\0\0\0\2bc"));
    struct sftp_attributes a;

    (void)state;
    sftp_read_attributes(&r, &a);
    assert_true(read_done(&r));
    assert_int_equal(a.has, 0);
}

static void
test_attributes_that_lie_are_refused(void **state)
{
    static const struct span bad[] = {
        {(const uint8_t *)"\0\0\0\1", 4},                   /* no size */
        {(const uint8_t *)"\0\0\0\x10", 4},                 /* unknown flag */
        {(const uint8_t *)"\x40\0\0\0", 4},                 /* another */
        {(const uint8_t *)"\x80\0\0\0\xff\xff\xff\xff", 8}, /* pairs */
        {(const uint8_t *)"\x80\0\0\0\0\0\0\1\0\0\0\1", 12},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct reader r = reader_over(bad[i]);
        struct sftp_attributes a;

        sftp_read_attributes(&r, &a);
        assert_false(read_ok(&r));
    }
}

static void
test_every_status_has_a_text(void **state)
{
    (void)state;
    for (uint32_t i = 0; i <= SFTP_OP_UNSUPPORTED; i++)
        assert_string_not_equal(sftp_status_text(i), "Unknown status");
    assert_string_equal(sftp_status_text(9), "Unknown status");
    assert_string_equal(sftp_status_text(UINT32_MAX), "Unknown status");
}

/* --- packets ----------------------------------------------------------- */

/* STAT 1 "x", then WRITE 2 to "hh" at 3 of "abcde", then CLOSE 4 "hh". */
static void
put_three(struct buf *b)
{
    size_t mark = sftp_begin(b, SFTP_STAT, 1);

    buf_put_text(b, "x");
    sftp_end(b, mark);
    mark = sftp_begin(b, SFTP_WRITE, 2);
    buf_put_text(b, "hh");
    buf_put_u64(b, 3);
    buf_put_text(b, "abcde");
    sftp_end(b, mark);
    mark = sftp_begin(b, SFTP_CLOSE, 4);
    buf_put_text(b, "hh");
    sftp_end(b, mark);
}

/* What was received: types, and the bytes of WRITE, as one text. */
static void
feed(struct sftp_receiver *rx, struct span bytes, struct buf *seen)
{
    struct span packet;

    while (bytes.len > 0 || rx->data_left > 0) {
        if (rx->data_left > 0) {
            if (bytes.len == 0)
                return;
            buf_put_span(seen, sftp_receive_data(rx, &bytes));
            continue;
        }
        if (sftp_receive(rx, &bytes, &packet) != OK)
            return;
        buf_printf(seen, "[%u/%zu]", packet.ptr[0], packet.len);
    }
}

static void
test_a_stream_is_cut_however_it_comes(void **state)
{
    struct buf b, seen;

    (void)state;
    buf_init(&b, 1000);
    buf_init(&seen, 1000);
    put_three(&b);
    for (size_t piece = 1; piece <= buf_len(&b); piece++) {
        struct sftp_receiver rx;
        struct span all = buf_span(&b);

        sftp_receiver_init(&rx, SFTP_WRITE);
        assert_true(sftp_receiver_is_between(&rx));
        buf_reset(&seen);
        for (size_t at = 0; at < all.len; at += piece) {
            size_t left = all.len - at;

            feed(&rx, span_of(all.ptr + at, left < piece ? left : piece),
                 &seen);
        }
        assert_string_equal(buf_text(&seen), "[17/10][6/23]abcde[4/11]");
        assert_true(sftp_receiver_is_between(&rx));
        sftp_receiver_clear(&rx);
    }
    buf_clear(&b);
    buf_clear(&seen);
}

static void
test_the_bytes_of_data_pass_by(void **state)
{
    struct sftp_receiver rx;
    struct buf seen;

    (void)state;
    buf_init(&seen, 100);
    sftp_receiver_init(&rx, SFTP_DATA);
    feed(&rx, BYTES("\0\0\0\x0c\x67\0\0\0\7\0\0\0\3ab"), &seen);
    assert_false(sftp_receiver_is_between(&rx));
    assert_int_equal(rx.data_left, 1);
    feed(&rx, BYTES("c\0\0\0\x09\x67\0\0\0\x08\0\0\0\0"), &seen);
    assert_string_equal(buf_text(&seen), "[103/9]abc[103/9]");
    assert_true(sftp_receiver_is_between(&rx));
    sftp_receiver_clear(&rx);
    buf_clear(&seen);
}

static void
check_refused(struct span bytes, enum err err)
{
    struct sftp_receiver rx;
    struct span packet;

    sftp_receiver_init(&rx, SFTP_WRITE);
    assert_int_equal(sftp_receive(&rx, &bytes, &packet), err);
    sftp_receiver_clear(&rx);
}

static void
test_bad_framing_is_refused(void **state)
{
    (void)state;
    check_refused(BYTES("\0\0\0\0\1"), ERR_LENGTH);
    check_refused(BYTES("\xff\xff\xff\xff\1"), ERR_LENGTH);
    check_refused(BYTES("\0\0\x84\xd1\1"), ERR_LENGTH); /* 34001 */
    check_refused(BYTES("\0\0\x84\xd0\1"), ERR_MORE);   /* 34000 */
    /* WRITE: no handle; one of 257 bytes; beyond its packet; a count that is
       not what follows, either way. */
    check_refused(BYTES("\0\0\0\x08\6\0\0\0\1"), ERR_LENGTH);
    check_refused(BYTES("\0\0\x40\0\6\0\0\0\1\0\0\1\1"), ERR_FORMAT);
    check_refused(BYTES("\0\0\0\x16\6\0\0\0\1\0\0\0\2"), ERR_FORMAT);
    check_refused(BYTES("\0\0\0\x16\6\0\0\0\1\xff\xff\xff\xff"), ERR_FORMAT);
    check_refused(BYTES("\0\0\0\x17\6\0\0\0\1\0\0\0\2hh"
                        "\0\0\0\0\0\0\0\0\0\0\0\1"),
                  ERR_FORMAT);
    check_refused(BYTES("\0\0\0\x17\6\0\0\0\1\0\0\0\2hh"
                        "\0\0\0\0\0\0\0\0\xff\xff\xff\xff"),
                  ERR_FORMAT);
}

static void
test_the_largest_packet_is_taken(void **state)
{
    struct sftp_receiver rx;
    struct span bytes, packet;
    struct buf b;
    size_t mark;

    (void)state;
    buf_init(&b, 100000);
    mark = sftp_begin(&b, SFTP_STAT, 1);
    buf_put_u32(&b, SFTP_PACKET_MAX - 9);
    for (size_t i = 0; i < SFTP_PACKET_MAX - 9; i++)
        buf_put_u8(&b, 'x');
    sftp_end(&b, mark);
    bytes = buf_span(&b);
    sftp_receiver_init(&rx, SFTP_WRITE);
    assert_int_equal(sftp_receive(&rx, &bytes, &packet), OK);
    assert_int_equal(packet.len, SFTP_PACKET_MAX);
    sftp_receiver_clear(&rx);
    buf_clear(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attributes_come_back_as_they_went),
        cmocka_unit_test(test_extended_attributes_are_read_past),
        cmocka_unit_test(test_attributes_that_lie_are_refused),
        cmocka_unit_test(test_every_status_has_a_text),
        cmocka_unit_test(test_a_stream_is_cut_however_it_comes),
        cmocka_unit_test(test_the_bytes_of_data_pass_by),
        cmocka_unit_test(test_bad_framing_is_refused),
        cmocka_unit_test(test_the_largest_packet_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
