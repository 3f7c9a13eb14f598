#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct taken {
    unsigned count;
    enum log_level level;
    char line[LOG_LINE_MAX + 1];
};

static void
take(void *owner, enum log_level level, const char *line)
{
    struct taken *taken = owner;

    taken->count++;
    taken->level = level;
    assert_true(strlen(line) < LOG_LINE_MAX);
    memcpy(taken->line, line, strlen(line) + 1);
}

static void
test_a_line_reaches_the_sink(void **state)
{
    struct taken taken = {0};

    (void)state;
    log_set_sink(take, &taken);
    log_line(LOG_WARNING, "%s %d", "text", 7);
    assert_int_equal(taken.count, 1);
    assert_int_equal(taken.level, LOG_WARNING);
    assert_string_equal(taken.line, "text 7");
    log_set_sink(NULL, NULL);
    log_line(LOG_WARNING, "dropped");
    assert_int_equal(taken.count, 1);
}

static void
test_a_long_line_is_cut(void **state)
{
    struct taken taken = {0};
    char text[2000];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    log_set_sink(take, &taken);
    log_line(LOG_ERROR, "%s", text);
    log_set_sink(NULL, NULL);
    assert_int_equal(strlen(taken.line), LOG_LINE_MAX - 1);
}

static void
test_one_call_is_one_line(void **state)
{
    struct taken taken = {0};

    (void)state;
    log_set_sink(take, &taken);
    log_line(LOG_NOTICE, "first\r\nsecond");
    log_set_sink(NULL, NULL);
    assert_string_equal(taken.line, "first  second");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_reaches_the_sink),
        cmocka_unit_test(test_a_long_line_is_cut),
        cmocka_unit_test(test_one_call_is_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
