#include "ssh/v1/numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_numbers_are_written_as_short_as_can_be(void **state)
{
    struct buf to;

    (void)state;
    buf_init(&to, 64);
    numbers_put(&to, SPAN_EMPTY);
    numbers_put(&to, span_of("\x01", 1));
    numbers_put(&to, span_of("\x80\x00", 2));
    numbers_put(&to, span_of("\0\x01\x00\x01", 4));
    numbers_put(&to, span_of("\0", 1));
    assert_true(span_equal(buf_span(&to), span_of("\0\0"
                                                  "\0\x01\x01"
                                                  "\0\x10\x80\0"
                                                  "\0\x11\x01\0\x01\0\0",
                                                  16)));
    buf_clear(&to);
}

static void
expect_read(struct span bytes, struct span expected)
{
    struct reader r = reader_over(bytes);

    assert_true(span_equal(numbers_read(&r), expected));
    assert_true(read_done(&r));
}

static void
test_counts_may_be_too_large(void **state)
{
    (void)state;
    expect_read(span_of("\0\0", 2), SPAN_EMPTY);
    expect_read(span_of("\0\x01\x01", 3), span_of("\x01", 1));
    expect_read(span_of("\0\x20\0\0\x01\x02", 6), span_of("\x01\x02", 2));
    expect_read(span_of("\0\x08\0", 3), SPAN_EMPTY);
}

static void
test_counts_that_lie(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } lies[] = {{"", 0}, {"\0", 1}, {"\0\x09\x01", 3}, {"\xff\xff\x01", 3}};
    static uint8_t huge[2 + 2049] = {0x40, 0x01};
    struct reader r;

    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        r = reader_over(span_of(lies[i].bytes, lies[i].len));
        assert_int_equal(numbers_read(&r).len, 0);
        assert_false(read_ok(&r));
    }
    /* 16385 bits, all there. */
    r = reader_over(span_of(huge, sizeof(huge)));
    assert_int_equal(numbers_read(&r).len, 0);
    assert_false(read_ok(&r));
}

static void
test_masks(void **state)
{
    (void)state;
    assert_int_equal(numbers_cipher_mask("3des,des"), 0x0c);
    assert_int_equal(numbers_cipher_mask("3des"), 0x08);
    assert_int_equal(numbers_cipher_mask("aes128-ctr"), 0);
    assert_int_equal(numbers_cipher_mask(""), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_written_as_short_as_can_be),
        cmocka_unit_test(test_counts_may_be_too_large),
        cmocka_unit_test(test_counts_that_lie),
        cmocka_unit_test(test_masks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
