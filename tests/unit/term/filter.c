/*
 * Which lines pass, however the text is cut.
 */
#include "term/filter.h"

#include "check.h"

#define TEXT_MAX (1 << 20)

static const char config[] = "hostname R1\n"
                             "!\n"
                             "interface eth0\n"
                             " ip address 192.0.2.1 255.255.255.0\n"
                             " no shutdown\n"
                             "!\n"
                             "ip ssh version 2\n"
                             "ip ssh pubkey-chain\n"
                             "  username lab\n"
                             "   key-hash ssh-rsa AB\n"
                             "  username eth0\n"
                             "line vty 0 4\n"
                             " transport input ssh\n"
                             "end\n";

/* The whole text in pieces of so many bytes. */
static enum err
run(enum filter_kind kind, const char *pattern, struct span text, size_t piece,
    struct buf *out)
{
    struct filter *f;
    enum err err = filter_new(kind, span_text(pattern), &f);

    if (err != OK)
        return err;
    while (err == OK && text.len > 0) {
        size_t len = text.len < piece ? text.len : piece;

        err = filter_put(f, span_of(text.ptr, len), out);
        text = span_of(text.ptr + len, text.len - len);
    }
    if (err == OK)
        err = filter_end(f, out);
    filter_free(f);
    return err;
}

static void
assert_passes(enum filter_kind kind, const char *pattern, const char *text,
              const char *wanted)
{
    static const size_t pieces[] = {1, 2, 7, TEXT_MAX};

    for (size_t i = 0; i < 4; i++) {
        struct buf out;

        buf_init(&out, TEXT_MAX);
        assert_int_equal(run(kind, pattern, span_text(text), pieces[i], &out),
                         OK);
        assert_string_equal(buf_text(&out), wanted);
        buf_clear(&out);
    }
}

static void
test_include_and_exclude(void **state)
{
    (void)state;
    assert_passes(FILTER_INCLUDE, "ip ssh", config,
                  "ip ssh version 2\nip ssh pubkey-chain\n");
    assert_passes(FILTER_INCLUDE, "IP SSH", config, "");
    assert_passes(FILTER_INCLUDE, "host|^end$", config, "hostname R1\nend\n");
    assert_passes(FILTER_EXCLUDE, "^ |^ip|e", config, "!\n!\n");
    assert_passes(FILTER_INCLUDE, "ip ", config,
                  " ip address 192.0.2.1 255.255.255.0\n"
                  "ip ssh version 2\nip ssh pubkey-chain\n");
}

static void
test_begin(void **state)
{
    (void)state;
    assert_passes(FILTER_BEGIN, "^line", config,
                  "line vty 0 4\n transport input ssh\nend\n");
    assert_passes(FILTER_BEGIN, "nothing", config, "");
}

static void
test_sections_are_lines_and_what_is_indented_below(void **state)
{
    (void)state;
    assert_passes(FILTER_SECTION, "line|interface", config,
                  "interface eth0\n"
                  " ip address 192.0.2.1 255.255.255.0\n no shutdown\n"
                  "line vty 0 4\n transport input ssh\n");
    /* An indented line may be the first of its own. */
    assert_passes(FILTER_SECTION, "username", config,
                  "  username lab\n   key-hash ssh-rsa AB\n"
                  "  username eth0\n");
    assert_passes(FILTER_SECTION, "address", config,
                  " ip address 192.0.2.1 255.255.255.0\n");
    assert_passes(FILTER_NOT_SECTION, "^i|^l", config,
                  "hostname R1\n!\n!\nend\n");
}

static void
test_count(void **state)
{
    (void)state;
    assert_passes(FILTER_COUNT, "ssh", config,
                  "Number of lines which match regexp = 4\n");
    assert_passes(FILTER_COUNT, "x", "",
                  "Number of lines which match regexp = 0\n");
    assert_passes(FILTER_COUNT, "x", "x\nx",
                  "Number of lines which match regexp = 2\n");
}

static void
test_underscore_matches_boundaries(void **state)
{
    (void)state;
    assert_passes(FILTER_INCLUDE, "_10_", "10\n110\na 10 b\n{10}\n(10,\n101\n",
                  "10\na 10 b\n{10}\n(10,\n");
    assert_passes(FILTER_INCLUDE, "_$", "a\n", "a\n");
}

static void
test_a_last_line_without_its_end(void **state)
{
    (void)state;
    assert_passes(FILTER_INCLUDE, "b", "a\nb", "b");
    assert_passes(FILTER_EXCLUDE, "b", "a\nb", "a\n");
    assert_passes(FILTER_EXCLUDE, "x", "\n\n", "\n\n");
}

/* True: the text comes out as it went in. */
static bool
passes_whole(enum filter_kind kind, const char *pattern, struct span text,
             size_t piece)
{
    struct buf out;
    bool same;

    buf_init(&out, TEXT_MAX);
    assert_int_equal(run(kind, pattern, text, piece, &out), OK);
    same = span_equal(buf_span(&out), text);
    assert_true(same || buf_len(&out) == 0);
    buf_clear(&out);
    return same;
}

static void
test_a_long_line_is_judged_by_its_beginning_and_passes_whole(void **state)
{
    static const size_t pieces[] = {1, 1000, FILTER_LINE_MAX, TEXT_MAX};
    static char text[3 * FILTER_LINE_MAX];

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "begins", 6);
    memcpy(text + 2 * FILTER_LINE_MAX, "later", 5);
    text[sizeof(text) - 1] = '\n';
    /* Ends before, at, and behind the limit. */
    for (size_t i = 0; i < 4; i++)
        for (size_t end = FILTER_LINE_MAX - 1; end <= FILTER_LINE_MAX + 1;
             end++) {
            text[end] = '\n';
            assert_true(passes_whole(FILTER_INCLUDE, "^begins",
                                     span_of(text, end + 1), pieces[i]));
            assert_false(passes_whole(FILTER_EXCLUDE, "^begins",
                                      span_of(text, end + 1), pieces[i]));
            text[end] = 'a';
        }
    for (size_t i = 0; i < 4; i++) {
        assert_true(passes_whole(FILTER_INCLUDE, "begins",
                                 span_of(text, sizeof(text)), pieces[i]));
        assert_false(passes_whole(FILTER_INCLUDE, "later",
                                  span_of(text, sizeof(text)), pieces[i]));
    }
}

static void
test_what_is_no_expression_is_refused(void **state)
{
    static const char *const bad[] = {"*",     "(a",     "a)",
                                      "[z-a]", "a(?=b)", "\\1"};
    struct filter *f;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(filter_new(FILTER_INCLUDE, span_text(bad[i]), &f),
                         ERR_FORMAT);
}

static void
test_a_bomb_is_stopped(void **state)
{
    static const char *const bombs[] = {"(a+)+$", "(a|aa)+$", "(.*)*[xy]\\1",
                                        "((a*)*)*[bc]"};
    static char text[FILTER_LINE_MAX + 1];

    (void)state;
    memset(text, 'a', sizeof(text) - 2);
    text[sizeof(text) - 3] = '!';
    text[sizeof(text) - 2] = '\n';
    for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        struct buf out;

        buf_init(&out, TEXT_MAX);
        assert_int_equal(
            run(FILTER_INCLUDE, bombs[i], span_text(text), TEXT_MAX, &out),
            ERR_LIMIT);
        assert_int_equal(buf_len(&out), 0);
        buf_clear(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_include_and_exclude),
        cmocka_unit_test(test_begin),
        cmocka_unit_test(test_sections_are_lines_and_what_is_indented_below),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_underscore_matches_boundaries),
        cmocka_unit_test(test_a_last_line_without_its_end),
        cmocka_unit_test(
            test_a_long_line_is_judged_by_its_beginning_and_passes_whole),
        cmocka_unit_test(test_what_is_no_expression_is_refused),
        cmocka_unit_test(test_a_bomb_is_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
