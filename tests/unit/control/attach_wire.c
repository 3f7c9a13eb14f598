#include "control/attach_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
test_what_one_end_says_the_other_understands(void **state)
{
    static const struct worker_terminal said[] = {
        {.attached = true},
        {.attached = true, .interactive = true, .columns = 80, .rows = 24},
        {.attached = true, .interactive = true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        struct worker_terminal heard;
        char line[ATTACH_LINE_MAX];
        size_t len = attach_put_greeting(line, &said[i]);

        assert_true(len > 1);
        assert_int_equal(line[len - 1], '\n');
        assert_int_equal(attach_parse_greeting(span_of(line, len - 1), &heard),
                         OK);
        assert_true(heard.attached);
        assert_int_equal(heard.interactive, said[i].interactive);
        assert_int_equal(heard.columns, said[i].columns);
        assert_int_equal(heard.rows, said[i].rows);
    }
}

static void
test_a_giant_terminal_is_cut(void **state)
{
    const struct worker_terminal giant = {
        .interactive = true, .columns = 65535, .rows = 65535};
    struct worker_terminal heard;
    char line[ATTACH_LINE_MAX];
    size_t len = attach_put_greeting(line, &giant);

    (void)state;
    assert_int_equal(attach_parse_greeting(span_of(line, len - 1), &heard), OK);
    assert_int_equal(heard.columns, ATTACH_SIZE_MAX);
    assert_int_equal(heard.rows, ATTACH_SIZE_MAX);
}

static void
test_anything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "terminal",
        "terminal ",
        "terminal 80",
        "terminal 80 ",
        "terminal 80 24 ",
        "terminal 80 24 1",
        "terminal  80 24",
        "terminal -1 24",
        "terminal 80 1001",
        "terminal 80 99999999999999999999",
        "Stream",
        "stream ",
        "SSH-2.0-x\r",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct worker_terminal heard;

        assert_int_equal(attach_parse_greeting(span_text(bad[i]), &heard),
                         ERR_FORMAT);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_one_end_says_the_other_understands),
        cmocka_unit_test(test_a_giant_terminal_is_cut),
        cmocka_unit_test(test_anything_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
