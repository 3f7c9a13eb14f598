#include "term/line_view.h"

#include "check.h"

static const char digits[] = "0123456789012345678901234567890123456789";

static void
set(struct line_text *t, const char *text, size_t cursor)
{
    *t = (struct line_text){.max = LINE_BYTES_MAX};
    line_text_set(t, span_text(text), cursor);
}

static void
view(struct line_view *v, const char *text, size_t cursor, uint32_t columns)
{
    struct line_text t;

    set(&t, text, cursor);
    line_view_make(v, &t, line_view_scroll(&t, 0, columns), columns);
}

static void
test_a_line_that_fits_is_shown_whole(void **state)
{
    struct line_view v;

    (void)state;
    view(&v, "show version", 4, 40);
    assert_span(span_of(v.bytes, v.len), "show version");
    assert_int_equal(v.cursor, 4);
    view(&v, digits, 40, 40);
    assert_span(span_of(v.bytes, v.len), digits);
    view(&v, digits, 40, LINE_UNBOUND);
    assert_span(span_of(v.bytes, v.len), digits);
}

static void
test_the_cut_parts_are_marked(void **state)
{
    struct line_view v;

    (void)state;
    view(&v, digits, 40, 30);
    assert_span(span_of(v.bytes, v.len), "$12345678901234567890123456789");
    assert_int_equal(v.cursor, 30);
    view(&v, digits, 0, 30);
    assert_span(span_of(v.bytes, v.len), "01234567890123456789012345678$");
    assert_int_equal(v.cursor, 0);
}

static void
test_it_scrolls_by_ten_columns(void **state)
{
    struct line_text t;

    (void)state;
    set(&t, digits, 31);
    assert_int_equal(line_view_scroll(&t, 0, 25), 10);
    t.cursor = 11;
    assert_int_equal(line_view_scroll(&t, 10, 25), 10);
    t.cursor = 10;
    assert_int_equal(line_view_scroll(&t, 10, 25), 0);
    t.cursor = 40;
    assert_int_equal(line_view_scroll(&t, 10, 25), 20);
    t.cursor = 0;
    assert_int_equal(line_view_scroll(&t, 20, 25), 0);
}

static void
test_the_cursor_is_never_on_a_mark(void **state)
{
    struct line_text t;
    struct line_view v;
    size_t offset = 0;

    (void)state;
    for (size_t cursor = 0; cursor <= 40; cursor++) {
        set(&t, digits, cursor);
        offset = line_view_scroll(&t, offset, 22);
        line_view_make(&v, &t, offset, 22);
        assert_true(v.cursor <= 22);
        assert_true(v.cursor == v.columns || v.bytes[v.cursor] != '$');
        assert_true(v.columns <= 22);
    }
}

static void
changed(const char *from, size_t at, const char *to, size_t then,
        const char *expected)
{
    struct line_view before, after;
    struct buf out;

    buf_init(&out, 4096);
    view(&before, from, at, LINE_UNBOUND);
    view(&after, to, then, LINE_UNBOUND);
    line_view_change(&before, &after, &out);
    assert_out(&out, expected);
    buf_clear(&out);
}

static void
test_changes_are_shown_by_the_fewest_bytes(void **state)
{
    (void)state;
    changed("abc", 3, "abcd", 4, "d");
    changed("abc", 3, "ab", 2, "\b \b");
    changed("ac", 1, "abc", 2, "bc\b");
    changed("abc", 0, "bc", 0, "bc \b\b\b");
    changed("abc", 3, "abc", 1, "\b\b");
    changed("abc", 1, "abc", 3, "bc");
    changed("abc", 3, "", 0, "\b\b\b   \b\b\b");
    changed("", 0, "abc", 3, "abc");
    changed("abc", 0, "abcd", 4, "abcd");
}

static void
test_a_character_is_one_column(void **state)
{
    (void)state;
    changed("a\xe2\x82\xac", 4, "a", 1, "\b \b");
    changed("\xc3\xa9", 2, "\xc3\xa8", 2, "\b\xc3\xa8");
    changed("\xc3\xa9\xc3\xa8", 0, "\xc3\xa9\xc3\xa8", 2, "\xc3\xa9");
    changed("", 0, "a\tb", 3, "a b");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_that_fits_is_shown_whole),
        cmocka_unit_test(test_the_cut_parts_are_marked),
        cmocka_unit_test(test_it_scrolls_by_ten_columns),
        cmocka_unit_test(test_the_cursor_is_never_on_a_mark),
        cmocka_unit_test(test_changes_are_shown_by_the_fewest_bytes),
        cmocka_unit_test(test_a_character_is_one_column),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
