#include "term/pager.h"

#include <stdio.h>

#include "check.h"

#define MORE   " --More-- "
#define ERASED "\b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b"

struct screen {
    struct pager pager;
    struct buf out;
};

static void
screen_init(struct screen *s, uint32_t length, uint32_t width)
{
    pager_init(&s->pager);
    pager_set_size(&s->pager, length, width);
    buf_init(&s->out, 1 << 20);
}

static size_t
print(struct screen *s, const char *text)
{
    return pager_print(&s->pager, span_text(text), &s->out);
}

static enum pager_answer
press(struct screen *s, char byte)
{
    struct key_decoder d;
    struct key key;

    key_decoder_init(&d);
    assert_true(key_decode(&d, (uint8_t)byte, &key));
    return pager_key(&s->pager, &key, &s->out);
}

static void
test_lines_end_in_cr_lf(void **state)
{
    struct screen s;

    (void)state;
    screen_init(&s, 0, 80);
    assert_int_equal(print(&s, "one\n\ntwo\nthree"), 14);
    assert_out(&s.out, "one\r\n\r\ntwo\r\nthree");
    pager_fresh_line(&s.pager, &s.out);
    assert_out(&s.out, "\r\n");
    pager_fresh_line(&s.pager, &s.out);
    assert_out(&s.out, "");
    buf_clear(&s.out);
}

static void
test_more_comes_after_length_minus_one_lines(void **state)
{
    struct screen s;

    (void)state;
    screen_init(&s, 4, 80);
    assert_int_equal(print(&s, "1\n2\n3\n4\n5\n"), 6);
    assert_out(&s.out, "1\r\n2\r\n3\r\n" MORE);
    assert_true(s.pager.waiting);
    assert_int_equal(print(&s, "4\n5\n"), 0);
    assert_out(&s.out, "");
    buf_clear(&s.out);
}

static void
test_no_more_behind_the_last_line(void **state)
{
    struct screen s;

    (void)state;
    screen_init(&s, 4, 80);
    assert_int_equal(print(&s, "1\n2\n3\n"), 6);
    assert_out(&s.out, "1\r\n2\r\n3\r\n");
    assert_false(s.pager.waiting);
    pager_begin(&s.pager);
    assert_int_equal(print(&s, "1\n2\n3\n"), 6);
    assert_out(&s.out, "1\r\n2\r\n3\r\n");
    buf_clear(&s.out);
}

static void
test_keys_for_another_page(void **state)
{
    static const char keys[] = " yY";

    (void)state;
    for (const char *key = keys; *key != '\0'; key++) {
        struct screen s;

        screen_init(&s, 3, 80);
        assert_int_equal(print(&s, "1\n2\n3\n4\n5\n"), 4);
        buf_reset(&s.out);
        assert_int_equal(press(&s, *key), PAGER_MORE);
        assert_out(&s.out, ERASED);
        assert_int_equal(print(&s, "3\n4\n5\n"), 4);
        assert_out(&s.out, "3\r\n4\r\n" MORE);
        buf_clear(&s.out);
    }
}

static void
test_enter_shows_one_line(void **state)
{
    struct screen s;

    (void)state;
    screen_init(&s, 3, 80);
    assert_int_equal(print(&s, "1\n2\n3\n4\n"), 4);
    buf_reset(&s.out);
    assert_int_equal(press(&s, '\r'), PAGER_MORE);
    assert_int_equal(print(&s, "3\n4\n"), 2);
    assert_out(&s.out, ERASED "3\r\n" MORE);
    buf_clear(&s.out);
}

static void
test_any_other_key_stops_until_the_next_command(void **state)
{
    static const char keys[] = "qQnN\003x\t\177%";

    (void)state;
    for (const char *key = keys; *key != '\0'; key++) {
        struct screen s;

        screen_init(&s, 2, 80);
        assert_int_equal(print(&s, "1\n2\n3\n"), 2);
        buf_reset(&s.out);
        assert_int_equal(press(&s, *key), PAGER_STOP);
        assert_int_equal(print(&s, "2\n3\n"), 4);
        assert_out(&s.out, ERASED);
        pager_begin(&s.pager);
        assert_int_equal(print(&s, "a\n"), 2);
        assert_out(&s.out, "a\r\n");
        buf_clear(&s.out);
    }
}

static void
test_question_mark_explains_and_waits_on(void **state)
{
    struct screen s;

    (void)state;
    screen_init(&s, 2, 80);
    assert_int_equal(print(&s, "1\n2\n"), 2);
    buf_reset(&s.out);
    assert_int_equal(press(&s, '?'), PAGER_MORE);
    assert_out(&s.out,
               ERASED "Press RETURN for another line, SPACE for another page, "
                      "anything else to quit\r\n" MORE);
    assert_true(s.pager.waiting);
    buf_clear(&s.out);
}

static void
test_long_lines_count_by_width(void **state)
{
    struct screen s;

    (void)state;
    screen_init(&s, 5, 10);
    /* 1 + 3 rows: the page is full. */
    assert_int_equal(print(&s, "1\n123456789012345678901\n3\n"), 24);
    assert_true(s.pager.waiting);
    buf_clear(&s.out);
    screen_init(&s, 5, 0);
    assert_int_equal(print(&s, "1\n123456789012345678901\n3\n"), 26);
    assert_false(s.pager.waiting);
    buf_clear(&s.out);
    screen_init(&s, 3, 10);
    /* Exactly as wide as the screen, in characters, is one row. */
    assert_int_equal(print(&s, "123456789\xc3\xa9\n2\n"), 14);
    assert_false(s.pager.waiting);
    buf_clear(&s.out);
}

static void
test_any_cut_of_the_text_gives_the_same_screen(void **state)
{
    static const char text[] = "a\nbb\nccccccccccccc\n\nd\ne\nf\ng\nh\n";
    struct screen whole;

    (void)state;
    screen_init(&whole, 6, 5);
    for (size_t at = 0; at < sizeof(text) - 1;) {
        at += print(&whole, text + at);
        if (whole.pager.waiting)
            (void)press(&whole, ' ');
    }
    for (size_t piece = 1; piece < sizeof(text); piece++) {
        struct screen s;

        screen_init(&s, 6, 5);
        for (size_t at = 0; at < sizeof(text) - 1;) {
            size_t left = sizeof(text) - 1 - at;

            at += pager_print(&s.pager,
                              span_of(text + at, left < piece ? left : piece),
                              &s.out);
            if (s.pager.waiting)
                (void)press(&s, ' ');
        }
        assert_string_equal(buf_text(&s.out), buf_text(&whole.out));
        buf_clear(&s.out);
    }
    buf_clear(&whole.out);
}

static void
test_length_one_shows_line_by_line(void **state)
{
    struct screen s;

    (void)state;
    screen_init(&s, 1, 80);
    assert_int_equal(print(&s, "1\n2\n"), 2);
    assert_out(&s.out, "1\r\n" MORE);
    assert_int_equal(press(&s, '\r'), PAGER_MORE);
    assert_int_equal(print(&s, "2\n3\n"), 2);
    assert_out(&s.out, ERASED "2\r\n" MORE);
    buf_clear(&s.out);
}

static void
test_without_keys_the_rest_comes_unpaged(void **state)
{
    struct screen s;

    (void)state;
    screen_init(&s, 2, 80);
    assert_int_equal(print(&s, "1\n2\n3\n4\n"), 2);
    pager_release(&s.pager, &s.out);
    assert_int_equal(print(&s, "2\n3\n4\n"), 6);
    assert_out(&s.out, "1\r\n" MORE ERASED "2\r\n3\r\n4\r\n");
    buf_clear(&s.out);
}

/* A full page, then these keys; what the last of them did. */
static enum pager_answer
press_all(struct screen *s, const char *keys)
{
    enum pager_answer answer = PAGER_MORE;

    screen_init(s, 3, 80);
    assert_int_equal(print(s, "1\n2\n3\n"), 4);
    assert_out(&s->out, "1\r\n2\r\n" MORE);
    for (; *keys != '\0'; keys++)
        answer = press(s, *keys);
    return answer;
}

static void
test_a_pattern_is_typed_at_the_page(void **state)
{
    static const char signs[] = "/+-";
    struct screen s;

    (void)state;
    for (const char *sign = signs; *sign != '\0'; sign++) {
        char keys[] = {*sign, 'a', ' ', '|', 'q', '\0'};

        assert_int_equal(press_all(&s, keys), PAGER_MORE);
        buf_reset(&s.out);
        assert_int_equal(press(&s, '\r'), PAGER_SEARCH);
        assert_int_equal(s.pager.sign, *sign);
        assert_span(span_of(s.pager.pattern, s.pager.pattern_len), "a |q");
        pager_search(&s.pager, &s.out);
        assert_out(&s.out, "\r\nfiltering...\r\n");
        /* A page of its own. */
        assert_int_equal(print(&s, "3\n4\n5\n"), 4);
        assert_out(&s.out, "3\r\n4\r\n" MORE);
        buf_clear(&s.out);
    }
}

static void
test_a_pattern_is_corrected(void **state)
{
    struct screen s;

    (void)state;
    assert_int_equal(press_all(&s, "/ab\177c\bd\177"), PAGER_MORE);
    assert_out(&s.out, ERASED "/ab\b \bc\b \bd\b \b");
    assert_int_equal(press(&s, 'U' & 0x1f), PAGER_MORE);
    assert_out(&s.out, "\b \b");
    /* Nothing is searched for: the page waits on. */
    assert_int_equal(press(&s, '\r'), PAGER_MORE);
    assert_out(&s.out, "\r\n" MORE);
    assert_true(s.pager.waiting);
    assert_int_equal(press(&s, ' '), PAGER_MORE);
    assert_false(s.pager.waiting);
    buf_clear(&s.out);
}

static void
test_a_pattern_has_a_limit(void **state)
{
    struct screen s;

    (void)state;
    assert_int_equal(press_all(&s, "+"), PAGER_MORE);
    for (unsigned i = 0; i < 2 * PAGER_PATTERN_MAX; i++)
        assert_int_equal(press(&s, 'x'), PAGER_MORE);
    assert_int_equal(press(&s, '\r'), PAGER_SEARCH);
    assert_int_equal(s.pager.pattern_len, PAGER_PATTERN_MAX);
    buf_clear(&s.out);
}

static void
test_a_pattern_that_is_refused_or_given_up(void **state)
{
    struct screen s;

    (void)state;
    assert_int_equal(press_all(&s, "/*\r"), PAGER_SEARCH);
    buf_reset(&s.out);
    pager_refuse(&s.pager, "% no", &s.out);
    assert_out(&s.out, "% no\r\n" MORE);
    assert_int_equal(press(&s, '/'), PAGER_MORE);
    assert_int_equal(press(&s, '\003'), PAGER_STOP);
    assert_out(&s.out, ERASED "/\r\n");
    assert_false(s.pager.waiting);
    buf_clear(&s.out);
    /* Nobody will end it. */
    assert_int_equal(press_all(&s, "/ab"), PAGER_MORE);
    buf_reset(&s.out);
    pager_release(&s.pager, &s.out);
    assert_out(&s.out, "\r\n");
    assert_int_equal(print(&s, "3\n4\n5\n"), 6);
    buf_clear(&s.out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_end_in_cr_lf),
        cmocka_unit_test(test_more_comes_after_length_minus_one_lines),
        cmocka_unit_test(test_no_more_behind_the_last_line),
        cmocka_unit_test(test_keys_for_another_page),
        cmocka_unit_test(test_enter_shows_one_line),
        cmocka_unit_test(test_any_other_key_stops_until_the_next_command),
        cmocka_unit_test(test_question_mark_explains_and_waits_on),
        cmocka_unit_test(test_long_lines_count_by_width),
        cmocka_unit_test(test_any_cut_of_the_text_gives_the_same_screen),
        cmocka_unit_test(test_length_one_shows_line_by_line),
        cmocka_unit_test(test_without_keys_the_rest_comes_unpaged),
        cmocka_unit_test(test_a_pattern_is_typed_at_the_page),
        cmocka_unit_test(test_a_pattern_is_corrected),
        cmocka_unit_test(test_a_pattern_has_a_limit),
        cmocka_unit_test(test_a_pattern_that_is_refused_or_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
