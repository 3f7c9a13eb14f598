#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "typing.h"

static struct typing t;
static struct buf out;

static int
begin(void **state)
{
    (void)state;
    typing_begin(&t);
    buf_init(&out, 65536);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    buf_clear(&out);
    typing_end(&t);
    return 0;
}

static const char *
removals(const char *from, const char *to, bool thorough)
{
    bool any;

    buf_reset(&out);
    any = cli_write_removals(t.language, span_text(from), span_text(to),
                             thorough, &out);
    assert_int_equal(any, buf_len(&out) > 0);
    return buf_text(&out);
}

static const char *
additions(const char *from, const char *to, bool fold)
{
    bool any;

    buf_reset(&out);
    any = cli_write_additions(t.language, span_text(from), span_text(to), fold,
                              &out);
    assert_int_equal(any, buf_len(&out) > 0);
    return buf_text(&out);
}

static void
test_the_same_needs_nothing(void **state)
{
    const char *text = "hostname R1\n!\nbanner motd #a\n! b\n#\nline con 0\n"
                       "line vty 0 4\n exec-timeout 5 0\n!\n";

    (void)state;
    assert_string_equal(removals(text, text, true), "");
    assert_string_equal(additions(text, text, false), "");
    assert_string_equal(additions("", "", false), "");
}

static void
test_what_is_replaced_goes_only_if_thorough(void **state)
{
    (void)state;
    assert_string_equal(removals("hostname R1\n", "hostname R2\n", false), "");
    assert_string_equal(removals("hostname R1\n", "hostname R2\n", true),
                        "no hostname R1\n");
    assert_string_equal(removals("hostname R1\n", "", false),
                        "no hostname R1\n");
    assert_string_equal(additions("hostname R1\n", "hostname R2\n", false),
                        "hostname R2\n");
}

static void
test_letters_can_be_the_same(void **state)
{
    (void)state;
    assert_string_equal(additions("hostname r1\n", "hostname R1\n", true), "");
    assert_string_equal(additions("hostname r1\n", "hostname R1\n", false),
                        "hostname R1\n");
}

static void
test_lines_come_back_behind_no(void **state)
{
    (void)state;
    assert_string_equal(
        removals("banner motd #a\nb\n#\nline con 0\n exec-timeout 5 0\n",
                 "line con 0\n", false),
        "line con 0\n no exec-timeout 5 0\n!\nno banner motd #a\n");
}

/* Several lines of one setting, as an access list has them. */
static void
test_what_stands_behind_a_new_line_comes_again(void **state)
{
    const char *a = "banner motd #1#\nbanner motd #3#\n";
    const char *b = "banner motd #1#\nbanner motd #2#\nbanner motd #3#\n";

    (void)state;
    assert_string_equal(removals(a, b, false), "no banner motd #3#\n");
    assert_string_equal(removals(b, a, false),
                        "no banner motd #3#\nno banner motd #2#\n");
    assert_string_equal(additions("banner motd #1#\n", b, false),
                        "banner motd #2#\nbanner motd #3#\n");
}

static void
test_vtys_divide_anew(void **state)
{
    (void)state;
    assert_string_equal(
        removals("line vty 0 15\n exec-timeout 5 0\n", "line vty 0 7\n", false),
        "default line vty 0 15\nno line vty 8\n");
    assert_string_equal(removals("line vty 0 4\n", "line vty 0 7\n", false),
                        "default line vty 0 4\n");
}

static void
test_sections_hold_what_is_added(void **state)
{
    (void)state;
    assert_string_equal(
        additions("line con 0\nline vty 0 4\n",
                  "line con 0\n exec-timeout 5 0\nline vty 0 4\n "
                  "exec-timeout 6 0\nhostname R1\n",
                  false),
        "line con 0\n exec-timeout 5 0\n!\nline vty 0 4\n exec-timeout 6 0\n"
        "!\nhostname R1\n");
}

static void
test_differences_have_signs(void **state)
{
    (void)state;
    buf_reset(&out);
    assert_true(cli_write_differences(
        t.language,
        span_text("hostname R1\nno such line\nline con 0\n exec-timeout 5 0\n"),
        span_text("hostname R2\nline con 0\nbanner motd #a\nb#\n"), &out));
    assert_string_equal(buf_text(&out), "+hostname R2\n"
                                        "+banner motd #a\n"
                                        "+b#\n"
                                        "-hostname R1\n"
                                        "-no such line\n"
                                        "line con 0\n"
                                        "- exec-timeout 5 0\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_needs_nothing),
        cmocka_unit_test(test_what_is_replaced_goes_only_if_thorough),
        cmocka_unit_test(test_letters_can_be_the_same),
        cmocka_unit_test(test_lines_come_back_behind_no),
        cmocka_unit_test(test_what_stands_behind_a_new_line_comes_again),
        cmocka_unit_test(test_vtys_divide_anew),
        cmocka_unit_test(test_sections_hold_what_is_added),
        cmocka_unit_test(test_differences_have_signs),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
