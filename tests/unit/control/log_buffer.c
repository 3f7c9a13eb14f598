/* Laws of the log in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/log_buffer.h"

/* What it holds; borrowed until the next call. */
static const char *
held(const struct log_buffer *b)
{
    static char text[1 << 17];
    struct span older, newer;

    log_buffer_read(b, &older, &newer);
    assert_true(older.len + newer.len < sizeof(text));
    if (older.len > 0)
        memcpy(text, older.ptr, older.len);
    if (newer.len > 0)
        memcpy(text + older.len, newer.ptr, newer.len);
    text[older.len + newer.len] = '\0';
    return text;
}

static void
test_lines_stay_in_order(void **state)
{
    struct log_buffer *b = log_buffer_new(4096);

    (void)state;
    assert_string_equal(held(b), "");
    log_buffer_add(b, "one");
    log_buffer_add(b, "two");
    assert_string_equal(held(b), "one\ntwo\n");
    log_buffer_empty(b);
    assert_string_equal(held(b), "");
    log_buffer_add(b, "three");
    assert_string_equal(held(b), "three\n");
    log_buffer_free(b);
    log_buffer_free(NULL);
}

static void
test_the_newest_bytes_are_kept_whatever_the_first_line_loses(void **state)
{
    struct log_buffer *b = log_buffer_new(10);

    (void)state;
    log_buffer_add(b, "abcdef");
    log_buffer_add(b, "ghij");
    assert_string_equal(held(b), "cdef\nghij\n");
    log_buffer_add(b, "0123456789abcdef");
    assert_string_equal(held(b), "789abcdef\n");
    log_buffer_free(b);
}

/* Every size and length, against a text that forgets nothing. */
static void
test_it_is_the_end_of_all_that_was_added(void **state)
{
    static char all[1 << 16], line[40];

    (void)state;
    for (size_t size = 1; size < 40; size++) {
        struct log_buffer *b = log_buffer_new(size);
        size_t total = 0;

        for (unsigned i = 0; i < 200; i++) {
            int len = snprintf(line, sizeof(line), "%.*s%u", (int)(i * 7 % 30),
                               "..............................", i);

            log_buffer_add(b, line);
            memcpy(all + total, line, (size_t)len);
            total += (size_t)len;
            all[total++] = '\n';
            all[total] = '\0';
            assert_string_equal(held(b),
                                all + (total > size ? total - size : 0));
        }
        log_buffer_free(b);
    }
}

static void
test_another_size_keeps_what_fits(void **state)
{
    struct log_buffer *b = log_buffer_new(11);

    (void)state;
    for (unsigned i = 0; i < 10; i++)
        log_buffer_add(b, i % 2 == 0 ? "even" : "odd");
    assert_string_equal(held(b), "d\neven\nodd\n");
    log_buffer_resize(b, 1000);
    assert_string_equal(held(b), "d\neven\nodd\n");
    log_buffer_add(b, "more");
    assert_string_equal(held(b), "d\neven\nodd\nmore\n");
    log_buffer_resize(b, 9);
    assert_string_equal(held(b), "odd\nmore\n");
    log_buffer_resize(b, 3);
    assert_string_equal(held(b), "re\n");
    log_buffer_add(b, "x");
    assert_string_equal(held(b), "\nx\n");
    log_buffer_free(b);
}

/* The largest size that can be typed costs nothing until it is used. */
static void
test_memory_grows_with_what_is_logged(void **state)
{
    struct log_buffer *b = log_buffer_new(2147483647);

    (void)state;
    for (unsigned i = 0; i < 3000; i++)
        log_buffer_add(b, "a line of thirty one characters");
    assert_int_equal(strlen(held(b)), 3000 * 32);
    log_buffer_free(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_stay_in_order),
        cmocka_unit_test(
            test_the_newest_bytes_are_kept_whatever_the_first_line_loses),
        cmocka_unit_test(test_it_is_the_end_of_all_that_was_added),
        cmocka_unit_test(test_another_size_keeps_what_fits),
        cmocka_unit_test(test_memory_grows_with_what_is_logged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
