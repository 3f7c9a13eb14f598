#include "term/line_text.h"

#include "check.h"

static void
set(struct line_text *t, const char *text, size_t cursor)
{
    *t = (struct line_text){.max = 20};
    line_text_set(t, span_text(text), cursor);
}

static void
test_insert_is_at_the_cursor(void **state)
{
    struct line_text t;

    (void)state;
    set(&t, "ac", 1);
    assert_true(line_text_insert(&t, span_text("b")));
    assert_span(line_text_span(&t), "abc");
    assert_int_equal(t.cursor, 2);
}

static void
test_what_does_not_fit_is_not_taken(void **state)
{
    struct line_text t;

    (void)state;
    set(&t, "0123456789012345678", 0);
    assert_false(line_text_insert(&t, span_text("ab")));
    assert_false(line_text_insert(&t, span_text("\xc3\xa9")));
    assert_true(line_text_insert(&t, span_text("a")));
    assert_false(line_text_insert(&t, span_text("b")));
    assert_span(line_text_span(&t), "a0123456789012345678");
}

static void
test_a_set_line_is_cut_between_characters(void **state)
{
    struct line_text t;

    (void)state;
    set(&t, "0123456789012345678\xc3\xa9", 99);
    assert_int_equal(t.len, 19);
    assert_int_equal(t.cursor, 19);
    set(&t, "\xe2\x82\xac", 1);
    assert_int_equal(t.cursor, 3);
}

static void
test_removed_bytes_are_overwritten(void **state)
{
    struct line_text t;

    (void)state;
    set(&t, "secret", 6);
    line_text_remove(&t, 2, 6);
    assert_span(line_text_span(&t), "se");
    assert_int_equal(t.cursor, 2);
    for (size_t i = 2; i < 6; i++)
        assert_int_equal(t.bytes[i], 0);
    line_text_wipe(&t);
    assert_int_equal(t.bytes[0], 0);
}

static void
test_words_are_between_blanks(void **state)
{
    struct line_text t;

    (void)state;
    set(&t, "show  ip-x ssh ", 15);
    assert_int_equal(line_text_word_left(&t), 11);
    t.cursor = 11;
    assert_int_equal(line_text_word_left(&t), 6);
    t.cursor = 8;
    assert_int_equal(line_text_word_left(&t), 6);
    assert_int_equal(line_text_word_right(&t), 10);
    t.cursor = 10;
    assert_int_equal(line_text_word_right(&t), 14);
    t.cursor = 15;
    assert_int_equal(line_text_word_right(&t), 15);
    t.cursor = 0;
    assert_int_equal(line_text_word_left(&t), 0);
}

static void
transposed(const char *before, size_t cursor, const char *after, size_t then)
{
    struct line_text t;

    set(&t, before, cursor);
    line_text_transpose(&t);
    assert_span(line_text_span(&t), after);
    assert_int_equal(t.cursor, then);
}

static void
test_characters_around_the_cursor_swap(void **state)
{
    (void)state;
    transposed("abcd", 2, "acbd", 3);
    transposed("abcd", 4, "abdc", 4);
    transposed("abcd", 0, "abcd", 0);
    transposed("a", 1, "a", 1);
    transposed("", 0, "", 0);
    transposed("\xe2\x82\xac"
               "b",
               3, "b\xe2\x82\xac", 4);
    transposed("b\xe2\x82\xac", 4,
               "\xe2\x82\xac"
               "b",
               4);
}

static void
test_case_changes_to_the_end_of_the_word(void **state)
{
    struct line_text t;

    (void)state;
    set(&t, "abc def ghi", 1);
    line_text_change_case(&t, LINE_CASE_UPPER);
    assert_span(line_text_span(&t), "aBC def ghi");
    assert_int_equal(t.cursor, 3);
    line_text_change_case(&t, LINE_CASE_CAPITAL);
    assert_span(line_text_span(&t), "aBC Def ghi");
    t.cursor = 0;
    line_text_change_case(&t, LINE_CASE_LOWER);
    assert_span(line_text_span(&t), "abc Def ghi");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_insert_is_at_the_cursor),
        cmocka_unit_test(test_what_does_not_fit_is_not_taken),
        cmocka_unit_test(test_a_set_line_is_cut_between_characters),
        cmocka_unit_test(test_removed_bytes_are_overwritten),
        cmocka_unit_test(test_words_are_between_blanks),
        cmocka_unit_test(test_characters_around_the_cursor_swap),
        cmocka_unit_test(test_case_changes_to_the_end_of_the_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
