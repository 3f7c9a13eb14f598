#include "vtyssh/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

/* What leaves for the channel, wishes written as "<letter>". */
static void
type(struct escape *e, const char *text, struct buf *out)
{
    static const char letters[] = {
        [ESCAPE_CLOSE] = '.', [ESCAPE_SUSPEND] = 'Z', [ESCAPE_HELP] = '?',
        [ESCAPE_BREAK] = 'B', [ESCAPE_REKEY] = 'R',
    };
    struct span typed = span_text(text), bytes;
    enum escape_wish wish;

    while ((wish = escape_next(e, &typed, &bytes)) != ESCAPE_NOTHING) {
        if (wish == ESCAPE_SEND)
            buf_put_span(out, bytes);
        else
            buf_printf(out, "<%c>", letters[wish]);
    }
    assert_int_equal(typed.len, 0);
}

static const struct {
    const char *typed, *out;
} cases[] = {
    {"", ""},
    {"ls\r", "ls\r"},
    {"~.", "<.>"},
    {"~?~B~R", "<?><B><R>"},
    {"~\x1a", "<Z>"},
    {"~~", "~"},
    {"~~.", "~."},
    {"~~\r~.", "~\r<.>"},
    {"ls~.", "ls~."},
    {"ls\r~.", "ls\r<.>"},
    {"ls\n~.", "ls\n<.>"},
    {"ls\r\n~.", "ls\r\n<.>"},
    {"~x~.", "~x~."},
    {"~\r~.", "~\r<.>"},
    {"~", ""},
    {"\r~?\r~?x~?", "\r<?>\r<?>x~?"},
    {"cd ~\r~/bin\r", "cd ~\r~/bin\r"},
};

static void
test_sequences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct escape e = {0};
        struct buf out;

        buf_init(&out, 100);
        type(&e, cases[i].typed, &out);
        assert_string_equal(buf_text(&out), cases[i].out);
        buf_clear(&out);
    }
}

static void
test_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct escape e = {0};
        struct buf out;

        buf_init(&out, 100);
        for (const char *c = cases[i].typed; *c != '\0'; c++)
            type(&e, (const char[]){*c, '\0'}, &out);
        assert_string_equal(buf_text(&out), cases[i].out);
        buf_clear(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_byte_by_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
