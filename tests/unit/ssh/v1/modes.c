#include "ssh/v1/modes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define BYTES(text) span_of(text, sizeof(text) - 1)

static void
expect(struct span from, struct span there, struct span back)
{
    struct buf one, two;
    struct reader r;

    buf_init(&one, 1024);
    buf_init(&two, 1024);
    modes1_put(&one, from);
    assert_true(span_equal(buf_span(&one), there));
    r = reader_over(buf_span(&one));
    modes1_read(&r, &two);
    assert_true(span_equal(buf_span(&two), back));
    buf_clear(&one);
    buf_clear(&two);
}

static void
test_there_and_back(void **state)
{
    static const char two[] = "\x01\0\0\0\x03" /* VINTR ^C */
                              "\x04\0\0\0\xff" /* VKILL: none */
                              "\x35\0\0\0\x01" /* ECHO */
                              "\x80\0\0\x96\0" /* speeds: 38400 */
                              "\x81\0\0\x96\0"
                              "\0";
    static const char one[] = "\x01\x03\x04\xff\x35\x01"
                              "\xc0\0\0\x96\0"
                              "\xc1\0\0\x96\0"
                              "\0";

    (void)state;
    expect(BYTES(two), BYTES(one), BYTES(two));
    expect(SPAN_EMPTY, BYTES("\0"), BYTES("\0"));
    /* What is cut short ends before; what has no number here is left out. */
    expect(BYTES("\x35\0\0\0"), BYTES("\0"), BYTES("\0"));
    expect(BYTES("\x90\0\0\0\1\x35\0\0\0\1\0"), BYTES("\x35\1\0"),
           BYTES("\x35\0\0\0\1\0"));
    /* An argument that does not fit is no character. */
    expect(BYTES("\x01\0\0\1\0\0"), BYTES("\x01\xff\0"),
           BYTES("\x01\0\0\0\xff\0"));
}

static void
test_what_peers_send(void **state)
{
    static const struct {
        const char *list;
        size_t len;
        const char *modes;
        size_t modes_len;
    } cases[] = {
        /* OpenSSH begins with the speeds. */
        {"\xc1\0\0\x96\0\xc0\0\0\x96\0\x01\x03\0", 13,
         "\x81\0\0\x96\0\x80\0\0\x96\0\x01\0\0\0\x03\0", 16},
        {"", 0, "\0", 1},
        {"\x01", 1, "\0", 1},
        {"\xc0\0\0", 3, "\0", 1},
        /* Nobody knows how long its argument is. */
        {"\x01\x03\xa0\x02\x04\0", 6, "\x01\0\0\0\x03\0", 6},
        {"\x85\0\0\0\1\x01\x03", 7, "\x01\0\0\0\x03\0", 6},
    };
    struct buf to;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reader r = reader_over(span_of(cases[i].list, cases[i].len));

        buf_init(&to, 1024);
        modes1_read(&r, &to);
        assert_int_equal(buf_len(&to), cases[i].modes_len);
        assert_memory_equal(buf_bytes(&to), cases[i].modes, buf_len(&to));
        buf_clear(&to);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_peers_send),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
