/*
 * The dialect, as PCRE2 is to read it. What it means is shown in filter.c.
 */
#include "term/regex.h"

#include "check.h"

static void
assert_becomes(const char *pattern, const char *wanted)
{
    struct buf out;

    buf_init(&out, 65536);
    assert_int_equal(regex_translate(span_text(pattern), &out), OK);
    assert_string_equal(buf_text(&out), wanted);
    buf_clear(&out);
}

static void
assert_refused(const char *pattern)
{
    struct buf out;

    buf_init(&out, 65536);
    assert_int_equal(regex_translate(span_text(pattern), &out), ERR_FORMAT);
    buf_clear(&out);
}

static void
test_usual_signs_stay(void **state)
{
    (void)state;
    assert_becomes("", "");
    assert_becomes("ssh", "ssh");
    assert_becomes("^ip.*ssh+ v?2$", "^ip.*ssh+ v?2$");
    assert_becomes("SSH|LOGIN", "SSH|LOGIN");
    assert_becomes("(ab)*c", "(ab)*c");
    assert_becomes("[a-f0-9]+", "[a-f0-9]+");
    assert_becomes("a(.)\\1", "a(.)\\g{1}");
}

static void
test_what_means_more_to_pcre2_is_taken_as_it_stands(void **state)
{
    (void)state;
    assert_becomes("a{2}", "a\\{2\\}");
    assert_becomes("\\d\\w", "dw");
    assert_becomes("10\\.0", "10\\.0");
    assert_becomes("[[:alpha:]", "[\\[\\:alpha\\:]");
    assert_becomes("[\\]\\d]", "[\\]d]");
    assert_becomes("[]a]", "[\\]a]");
    assert_becomes("[^]a]", "[^\\]a]");
    assert_becomes("#!/x", "\\#\\!\\/x");
}

static void
test_underscore_is_a_boundary(void **state)
{
    (void)state;
    assert_becomes("_1_", "(?:^|$|[ ,{}()])1(?:^|$|[ ,{}()])");
    assert_becomes("\\_", "\\_");
    assert_becomes("[_]", "[\\_]");
}

static void
test_what_is_no_expression_is_refused(void **state)
{
    static const char *const bad[] = {"*",    "+a",  "a|*", "(?:a)", "(*F)",
                                      "^*",   "a**", "a*?", "a++",   "a?+",
                                      "[abc", "[",   "[]",  "[^]",   "a\\"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_refused(bad[i]);
}

static void
test_a_pattern_has_a_limit(void **state)
{
    char pattern[REGEX_MAX + 1];
    struct buf out;

    (void)state;
    memset(pattern, '_', sizeof(pattern));
    buf_init(&out, 65536);
    assert_int_equal(regex_translate(span_of(pattern, REGEX_MAX), &out), OK);
    assert_int_equal(regex_translate(span_of(pattern, sizeof(pattern)), &out),
                     ERR_LIMIT);
    buf_clear(&out);
    buf_init(&out, 100);
    assert_int_equal(regex_translate(span_of(pattern, REGEX_MAX), &out),
                     ERR_LIMIT);
    buf_clear(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual_signs_stay),
        cmocka_unit_test(test_what_means_more_to_pcre2_is_taken_as_it_stands),
        cmocka_unit_test(test_underscore_is_a_boundary),
        cmocka_unit_test(test_what_is_no_expression_is_refused),
        cmocka_unit_test(test_a_pattern_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
