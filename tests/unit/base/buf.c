#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"

static void
test_integers_are_big_endian(void **state)
{
    static const uint8_t expected[] = {1, 1, 2, 3, 4, 5, 6, 7,
                                       8, 9, 1, 2, 3, 4, 5, 6};
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    buf_put_bool(&b, true);
    buf_put_u8(&b, 1);
    buf_put_u16(&b, 0x0203);
    buf_put_u32(&b, 0x04050607);
    buf_put_u64(&b, 0x0809010203040506);
    assert_true(buf_ok(&b));
    assert_int_equal(buf_len(&b), sizeof(expected));
    assert_memory_equal(buf_bytes(&b), expected, sizeof(expected));
    buf_clear(&b);
}

static void
test_nothing_is_allocated_before_the_first_append(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    assert_null(b.bytes);
    assert_int_equal(buf_span(&b).len, 0);
    buf_clear(&b);
    buf_reset(&b);
    assert_null(b.bytes);
}

static void
test_an_append_past_the_maximum_fails_for_good(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 4);
    buf_put(&b, "abcd", 4);
    assert_true(buf_ok(&b));
    buf_put_u8(&b, 1);
    assert_false(buf_ok(&b));
    assert_int_equal(buf_len(&b), 4);
    buf_consume(&b, 4);
    buf_put_u8(&b, 1);
    assert_int_equal(buf_len(&b), 0);
    assert_null(buf_reserve(&b, 1));
    buf_reset(&b);
    buf_put_u8(&b, 1);
    assert_true(buf_ok(&b));
    assert_int_equal(buf_len(&b), 1);
    buf_clear(&b);
}

static void
test_the_maximum_counts_unread_bytes_only(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    for (unsigned i = 0; i < 10000; i++) {
        buf_put_u8(&b, (uint8_t)i);
        if (i >= 90) {
            assert_int_equal(*buf_bytes(&b), (uint8_t)(i - 90));
            buf_consume(&b, 1);
        }
    }
    assert_true(buf_ok(&b));
    assert_int_equal(buf_len(&b), 90);
    assert_true(b.room <= 101);
    buf_clear(&b);
}

static void
test_a_full_buffer_is_moved_not_grown(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    for (unsigned i = 0; i < 1000; i++)
        buf_put_u8(&b, (uint8_t)i);
    buf_consume(&b, 1);
    buf_put_u8(&b, 77);
    assert_true(buf_ok(&b));
    assert_int_equal(b.room, 1001);
    assert_int_equal(buf_bytes(&b)[0], 1);
    assert_int_equal(buf_bytes(&b)[999], 77);
    buf_clear(&b);
}

static void
test_a_reserved_length_that_wraps_is_refused(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, SIZE_MAX);
    buf_put_u8(&b, 1);
    assert_null(buf_reserve(&b, SIZE_MAX));
    assert_false(buf_ok(&b));
    buf_clear(&b);
}

static void
test_reserved_bytes_count_once_committed(void **state)
{
    struct buf b;
    uint8_t *to;

    (void)state;
    buf_init(&b, 10);
    to = buf_reserve(&b, 10);
    assert_non_null(to);
    memcpy(to, "0123456789", 10);
    assert_int_equal(buf_len(&b), 0);
    buf_commit(&b, 3);
    assert_true(span_is(buf_span(&b), "012"));
    buf_clear(&b);
}

static void
test_mpint_has_the_shortest_form(void **state)
{
    static const struct {
        const char *magnitude;
        size_t len;
        const char *wire;
        size_t wire_len;
    } rows[] = {
        /* RFC 4251 section 5. */
        {"", 0, "\0\0\0\0", 4},
        {"\x09\xa3\x78\xf9\xb2\xe3\x32\xa7", 8,
         "\0\0\0\x08\x09\xa3\x78\xf9\xb2\xe3\x32\xa7", 12},
        {"\x80", 1, "\0\0\0\x02\0\x80", 6},
        {"\0\0\x7f", 3, "\0\0\0\x01\x7f", 5},
        {"\0\0\0", 3, "\0\0\0\0", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;

        buf_init(&b, 100);
        buf_put_mpint(&b, span_of(rows[i].magnitude, rows[i].len));
        assert_true(
            span_equal(buf_span(&b), span_of(rows[i].wire, rows[i].wire_len)));
        buf_clear(&b);
    }
}

static void
test_open_strings_nest(void **state)
{
    static const uint8_t expected[] = {0, 0, 0,   10,  'a', 0,   0,
                                       0, 4, 'b', 'c', 'd', 'e', 'f'};
    struct buf b;
    size_t outer, inner;

    (void)state;
    buf_init(&b, 100);
    buf_put_u8(&b, 9);
    buf_consume(&b, 1);
    outer = buf_begin_string(&b);
    buf_put_u8(&b, 'a');
    inner = buf_begin_string(&b);
    buf_put(&b, "bcde", 4);
    buf_end_string(&b, inner);
    buf_put_u8(&b, 'f');
    buf_end_string(&b, outer);
    assert_int_equal(buf_len(&b), sizeof(expected));
    assert_memory_equal(buf_bytes(&b), expected, sizeof(expected));
    buf_clear(&b);
}

static void
test_an_open_string_survives_growth(void **state)
{
    struct buf b;
    struct reader r;
    size_t mark;

    (void)state;
    buf_init(&b, 100000);
    mark = buf_begin_string(&b);
    for (unsigned i = 0; i < 5000; i++)
        buf_put_u64(&b, i);
    buf_end_string(&b, mark);
    r = reader_over(buf_span(&b));
    assert_int_equal(read_string(&r).len, 40000);
    assert_true(read_done(&r));
    buf_clear(&b);
}

static void
test_an_open_string_that_failed_is_left_alone(void **state)
{
    struct buf b;
    size_t mark;

    (void)state;
    buf_init(&b, 2);
    mark = buf_begin_string(&b);
    buf_put_u8(&b, 1);
    buf_end_string(&b, mark);
    assert_false(buf_ok(&b));
    assert_int_equal(buf_len(&b), 0);
    buf_clear(&b);
}

static void
test_text_ends_in_an_uncounted_nul(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    assert_string_equal(buf_text(&b), "");
    buf_printf(&b, "%d-%s", 12, "ab");
    assert_true(buf_ok(&b));
    assert_int_equal(buf_len(&b), 5);
    assert_string_equal(buf_text(&b), "12-ab");
    assert_int_equal(buf_len(&b), 5);
    buf_printf(&b, "x");
    assert_false(buf_ok(&b));
    assert_string_equal(buf_text(&b), "");
    buf_clear(&b);
}

static void
test_a_secret_is_wiped_when_consumed_and_cut(void **state)
{
    struct buf b;

    (void)state;
    buf_init_secret(&b, 100);
    buf_put(&b, "password", 8);
    buf_consume(&b, 4);
    assert_memory_equal(b.bytes, "\0\0\0\0word", 8);
    buf_truncate(&b, 1);
    assert_memory_equal(b.bytes, "\0\0\0\0w\0\0\0", 8);
    buf_clear(&b);
    assert_true(b.secret);
    assert_null(b.bytes);
}

static void
test_a_secret_is_whole_after_growth_and_moves(void **state)
{
    struct buf b;
    unsigned next = 0;

    (void)state;
    buf_init_secret(&b, 3000);
    for (unsigned i = 0; i < 20000; i++) {
        buf_put_u16(&b, (uint16_t)i);
        if (buf_len(&b) < 2000)
            continue;
        for (unsigned j = 0; j < 10; j++, next++) {
            uint8_t *at = buf_bytes(&b);

            assert_int_equal(at[0] << 8 | at[1], (uint16_t)next);
            buf_consume(&b, 2);
        }
    }
    assert_true(buf_ok(&b));
    buf_clear(&b);
}

static void
test_reset_keeps_the_memory(void **state)
{
    struct buf b;
    uint8_t *bytes;

    (void)state;
    buf_init(&b, 100);
    buf_put(&b, "abc", 3);
    bytes = b.bytes;
    buf_reset(&b);
    assert_int_equal(buf_len(&b), 0);
    assert_ptr_equal(b.bytes, bytes);
    buf_clear(&b);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_are_big_endian),
        cmocka_unit_test(test_nothing_is_allocated_before_the_first_append),
        cmocka_unit_test(test_an_append_past_the_maximum_fails_for_good),
        cmocka_unit_test(test_the_maximum_counts_unread_bytes_only),
        cmocka_unit_test(test_a_full_buffer_is_moved_not_grown),
        cmocka_unit_test(test_a_reserved_length_that_wraps_is_refused),
        cmocka_unit_test(test_reserved_bytes_count_once_committed),
        cmocka_unit_test(test_mpint_has_the_shortest_form),
        cmocka_unit_test(test_open_strings_nest),
        cmocka_unit_test(test_an_open_string_survives_growth),
        cmocka_unit_test(test_an_open_string_that_failed_is_left_alone),
        cmocka_unit_test(test_text_ends_in_an_uncounted_nul),
        cmocka_unit_test(test_a_secret_is_wiped_when_consumed_and_cut),
        cmocka_unit_test(test_a_secret_is_whole_after_growth_and_moves),
        cmocka_unit_test(test_reset_keeps_the_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
