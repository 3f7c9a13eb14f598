#include "rig.h"

#include <stdio.h>
#include <string.h>

static const char bad_pattern[] = "% Failed to compile regular expression.\r\n";
static const char too_complex[] = "% Regular expression is too complex\r\n";

/* A shell in which `show x` was typed. */
static void
begin(struct rig *r, uint32_t length)
{
    rig_init(r);
    give_terminal(r, length, 80);
    give_prompt(r, "R1#");
    type(r, "show x\r");
    take_output(r);
    buf_reset(&r->seen);
    assert_line(r, "show x", LINE_ENTER);
}

/* One turn after the other, until nothing moves. */
static void
turn(struct rig *r)
{
    while (shell_deadline(r->shell) <= r->now_ms)
        shell_work(r->shell, r->now_ms);
}

#define assert_turned(r, text) \
    do {                       \
        turn(r);               \
        assert_seen(r, text);  \
    } while (0)

static void
test_a_filter_spans_messages_and_files(void **state)
{
    struct rig r;

    (void)state;
    begin(&r, 0);
    give_filter(&r, OUTPUT_INCLUDE, "b.*d");
    give_output(&r, "abc\nab");
    give_file(&r, "cd\nbcd", 6);
    give_output(&r, "e\nxyz\nb d");
    give_filter(&r, OUTPUT_ALL, "");
    give_prompt(&r, "R1#");
    assert_turned(&r, "abcd\r\nbcde\r\nb d\r\nR1#");
    assert_message(&r, MSG_SHOWN);
    assert_silence(&r);
    /* It was for that command only. */
    type(&r, "\r");
    give_output(&r, "abc\n");
    give_prompt(&r, "R1#");
    assert_turned(&r, "\r\nabc\r\nR1#");
    rig_clear(&r);
}

static void
test_every_kind_reaches_its_filter(void **state)
{
    static const char text[] = "a\n b\nc\n";
    static const struct {
        enum output_filter kind;
        const char *seen;
    } kinds[] = {
        {OUTPUT_INCLUDE, "a\r\nR1#"},
        {OUTPUT_EXCLUDE, " b\r\nc\r\nR1#"},
        {OUTPUT_BEGIN, "a\r\n b\r\nc\r\nR1#"},
        {OUTPUT_SECTION, "a\r\n b\r\nR1#"},
        {OUTPUT_NOT_SECTION, "c\r\nR1#"},
        {OUTPUT_COUNT, "Number of lines which match regexp = 1\r\nR1#"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct rig r;

        begin(&r, 0);
        give_filter(&r, kinds[i].kind, "a");
        give_output(&r, text);
        give_filter(&r, OUTPUT_ALL, "");
        give_prompt(&r, "R1#");
        assert_turned(&r, kinds[i].seen);
        rig_clear(&r);
    }
}

static void
test_pages_count_what_passes(void **state)
{
    struct rig r;

    (void)state;
    begin(&r, 3);
    give_filter(&r, OUTPUT_EXCLUDE, "x");
    give_output(&r, "1\nx\nx\nx\n2\nx\n3\n4\nx\n");
    give_filter(&r, OUTPUT_ALL, "");
    give_prompt(&r, "R1#");
    assert_turned(&r, "1\r\n2\r\n" MORE);
    type(&r, " ");
    assert_turned(&r, ERASED "3\r\n4\r\nR1#");
    rig_clear(&r);
}

static void
test_a_bad_pattern_is_one_line(void **state)
{
    struct rig r;

    (void)state;
    begin(&r, 3);
    give_filter(&r, OUTPUT_COUNT, "a[");
    give_output(&r, "1\n2\n3\n4\n");
    give_filter(&r, OUTPUT_ALL, "");
    give_prompt(&r, "R1#");
    turn(&r);
    take_output(&r);
    assert_memory_equal(buf_text(&r.seen), bad_pattern,
                        sizeof(bad_pattern) - 1);
    assert_string_equal(buf_text(&r.seen) + sizeof(bad_pattern) - 1, "R1#");
    rig_clear(&r);
}

/* What an exec channel ends with, when control says 0. */
static uint32_t
exec_status(const char *pattern, const char *text, const char *wanted)
{
    const struct shell_setup setup = {.channel = RIG_CHANNEL, .exec = true};
    struct message m = {.type = MSG_EXIT};
    uint32_t status = 77;
    struct rig r;

    rig_init_as(&r, &setup);
    shell_start(r.shell, r.now_ms);
    give_filter(&r, OUTPUT_INCLUDE, pattern);
    give_output(&r, text);
    give_filter(&r, OUTPUT_ALL, "");
    give_output(&r, "next\n");
    m.exit.channel = RIG_CHANNEL;
    give(&r, &m, -1);
    turn(&r);
    take_output(&r);
    assert_string_equal(buf_text(&r.seen), wanted);
    assert_true(shell_is_finished(r.shell, &status));
    rig_clear(&r);
    return status;
}

static void
test_the_status_of_exec_tells_of_a_bad_pattern(void **state)
{
    char text[200], wanted[200];

    (void)state;
    assert_int_equal(exec_status("a", "a\nb\n", "a\r\nnext\r\n"), 0);
    snprintf(wanted, sizeof(wanted), "%snext\r\n", bad_pattern);
    assert_int_equal(exec_status("*", "a\nb\n", wanted), 1);
    memset(text, 'a', sizeof(text));
    text[198] = '!';
    text[199] = '\0';
    snprintf(wanted, sizeof(wanted), "%snext\r\n", too_complex);
    assert_int_equal(exec_status("(a+)+$", text, wanted), 1);
}

static void
test_keys_are_heard_while_much_is_compared(void **state)
{
    static char text[4 * 1024 * 1024];
    struct rig r;

    (void)state;
    memset(text, '\n', sizeof(text));
    begin(&r, 0);
    give_filter(&r, OUTPUT_INCLUDE, "nothing");
    give_file(&r, text, sizeof(text));
    /* Not all at once: whoever waits may be heard between two steps. */
    assert_int_equal(shell_deadline(r.shell), r.now_ms);
    type(&r, "\003");
    assert_message(&r, MSG_SHOWN);
    assert_message(&r, MSG_INTERRUPT);
    give_output(&r, "nothing\n");
    give_filter(&r, OUTPUT_ALL, "");
    give_prompt(&r, "R1#");
    assert_turned(&r, "R1#");
    rig_clear(&r);
}

static void
test_an_interrupt_drops_what_has_passed(void **state)
{
    struct rig r;

    (void)state;
    begin(&r, 3);
    give_filter(&r, OUTPUT_EXCLUDE, "x");
    give_output(&r, "1\n2\n3\n4\n5");
    turn(&r);
    type(&r, "q");
    give_output(&r, "6\n");
    give_filter(&r, OUTPUT_ALL, "");
    give_prompt(&r, "R1#");
    assert_turned(&r, "1\r\n2\r\n" MORE ERASED "R1#");
    rig_clear(&r);
}

static void
test_a_search_at_the_page(void **state)
{
    struct rig r;

    (void)state;
    begin(&r, 3);
    give_output(&r, "1\n2\n3a\n4\n5a\n6\n7a\n8a\n9");
    give_output(&r, "a");
    give_prompt(&r, "R1#");
    type(&r, "+a\r");
    assert_turned(&r, "1\r\n2\r\n" MORE ERASED "+a\r\nfiltering...\r\n"
                      "3a\r\n5a\r\n" MORE);
    /* Another one takes its place. */
    type(&r, "-8\r");
    assert_turned(&r, ERASED "-8\r\nfiltering...\r\n7a\r\n9a\r\nR1#");
    rig_clear(&r);
}

static void
test_a_search_goes_through_the_filter_as_well(void **state)
{
    struct rig r;

    (void)state;
    begin(&r, 3);
    give_filter(&r, OUTPUT_EXCLUDE, "x");
    give_output(&r, "1\n2\n3x\n4\n5a\n6x\n7\n");
    give_filter(&r, OUTPUT_ALL, "");
    give_prompt(&r, "R1#");
    type(&r, "/a\r");
    assert_turned(&r, "1\r\n2\r\n" MORE ERASED "/a\r\nfiltering...\r\n"
                      "5a\r\n7\r\nR1#");
    /* It ended with that output. */
    type(&r, "show y\r");
    give_output(&r, "1\n");
    give_prompt(&r, "R1#");
    assert_turned(&r, "show y\r\n1\r\nR1#");
    rig_clear(&r);
}

static void
test_a_search_that_is_none_leaves_the_page(void **state)
{
    struct rig r;

    (void)state;
    begin(&r, 3);
    give_output(&r, "1\n2\n3\n");
    give_prompt(&r, "R1#");
    type(&r, "/*\r");
    assert_turned(&r, "1\r\n2\r\n" MORE ERASED "/*\r\n"
                      "% Failed to compile regular expression.\r\n" MORE);
    type(&r, " ");
    assert_turned(&r, ERASED "3\r\nR1#");
    rig_clear(&r);
}

static void
test_a_search_in_help_ends_with_it(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    give_terminal(&r, 3, 80);
    give_prompt(&r, "R1#");
    type(&r, "?");
    give_help(&r, "1\n2\n3a\n4\n5a\n");
    type(&r, "+a\r");
    assert_turned(&r, "R1#?\r\n1\r\n2\r\n" MORE ERASED
                      "+a\r\nfiltering...\r\n3a\r\n5a\r\nR1#");
    type(&r, "\r");
    give_output(&r, "1\n");
    give_prompt(&r, "R1#");
    assert_turned(&r, "\r\n1\r\nR1#");
    rig_clear(&r);
}

static void
test_a_search_that_costs_too_much_ends_the_output(void **state)
{
    char text[200];
    struct rig r;

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "1\n2\n", 4);
    text[197] = '!';
    text[198] = '\n';
    text[199] = '\0';
    begin(&r, 3);
    give_output(&r, text);
    give_output(&r, "aaa\n");
    give_prompt(&r, "R1#");
    type(&r, "+(a+)+$\r");
    turn(&r);
    take_output(&r);
    assert_non_null(strstr(buf_text(&r.seen), "filtering...\r\n"));
    assert_string_equal(strstr(buf_text(&r.seen), "% Regular"),
                        "% Regular expression is too complex\r\nR1#");
    buf_reset(&r.seen);
    type(&r, "\r");
    give_output(&r, "next\n");
    give_prompt(&r, "R1#");
    assert_turned(&r, "\r\nnext\r\nR1#");
    rig_clear(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_filter_spans_messages_and_files),
        cmocka_unit_test(test_every_kind_reaches_its_filter),
        cmocka_unit_test(test_pages_count_what_passes),
        cmocka_unit_test(test_a_bad_pattern_is_one_line),
        cmocka_unit_test(test_the_status_of_exec_tells_of_a_bad_pattern),
        cmocka_unit_test(test_keys_are_heard_while_much_is_compared),
        cmocka_unit_test(test_an_interrupt_drops_what_has_passed),
        cmocka_unit_test(test_a_search_at_the_page),
        cmocka_unit_test(test_a_search_goes_through_the_filter_as_well),
        cmocka_unit_test(test_a_search_that_is_none_leaves_the_page),
        cmocka_unit_test(test_a_search_in_help_ends_with_it),
        cmocka_unit_test(test_a_search_that_costs_too_much_ends_the_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
