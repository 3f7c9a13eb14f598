#include "ssh/ttymodes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define VERASE 3
#define ECHO   53

static enum err
find(const char *bytes, size_t len, uint8_t opcode, uint32_t *value)
{
    return ttymodes_find(span_of(bytes, len), opcode, value);
}

static void
test_modes_are_found_by_their_opcode(void **state)
{
    static const char modes[] = "\x03\0\0\0\x7f\x35\0\0\0\x01\0";
    uint32_t value = 99;

    (void)state;
    assert_int_equal(find(modes, 11, VERASE, &value), OK);
    assert_int_equal(value, 0x7f);
    assert_int_equal(find(modes, 11, ECHO, &value), OK);
    assert_int_equal(value, 1);
    assert_int_equal(find(modes, 11, 4, &value), ERR_NOT_FOUND);
}

static void
test_the_list_may_just_end(void **state)
{
    uint32_t value = 99;

    (void)state;
    assert_int_equal(find("", 0, VERASE, &value), ERR_NOT_FOUND);
    assert_int_equal(find("\x03\0\0\0\x08", 5, VERASE, &value), OK);
    assert_int_equal(value, 8);
}

static void
test_an_argument_cut_short_is_malformed(void **state)
{
    uint32_t value = 99;

    (void)state;
    for (size_t len = 1; len < 5; len++)
        assert_int_equal(find("\x03\0\0\0\x08", len, VERASE, &value),
                         ERR_FORMAT);
    assert_int_equal(value, 99);
}

static void
test_nothing_behind_the_end_or_an_unknown_opcode_counts(void **state)
{
    uint32_t value = 99;

    (void)state;
    assert_int_equal(find("\0\x03\0\0\0\x08", 6, VERASE, &value),
                     ERR_NOT_FOUND);
    assert_int_equal(find("\xa0\x03\0\0\0\x08", 6, VERASE, &value),
                     ERR_NOT_FOUND);
    assert_int_equal(find("\xff\x03", 2, VERASE, &value), ERR_NOT_FOUND);
    assert_int_equal(find("\x9f\0\0\0\x01\x03\0\0\0\x08", 10, VERASE, &value),
                     OK);
}

static void
test_sizes_are_clamped_and_names_checked(void **state)
{
    static const struct {
        const char *name, *kept;
        uint32_t columns, rows, columns_kept, rows_kept;
    } cases[] = {
        {"xterm-256color", "xterm-256color", 80, 24, 80, 24},
        {"vt100", "vt100", 0, 0, 0, 0},
        {"a.b_c+d-e", "a.b_c+d-e", 512, 513, 512, 512},
        {"", "unknown", UINT32_MAX, 1, 512, 1},
        {"xterm 256", "unknown", 1, 1, 1, 1},
        {"\033[31m", "unknown", 1, 1, 1, 1},
        {"01234567890123456789012345678901", "01234567890123456789012345678901",
         1, 1, 1, 1},
        {"012345678901234567890123456789012", "unknown", 1, 1, 1, 1},
    };
    struct ssh_pty pty;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ttymodes_set_pty(&pty, span_text(cases[i].name), cases[i].columns,
                         cases[i].rows);
        assert_true(span_is(pty.terminal, cases[i].kept));
        assert_int_equal(pty.columns, cases[i].columns_kept);
        assert_int_equal(pty.rows, cases[i].rows_kept);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes_are_found_by_their_opcode),
        cmocka_unit_test(test_the_list_may_just_end),
        cmocka_unit_test(test_an_argument_cut_short_is_malformed),
        cmocka_unit_test(
            test_nothing_behind_the_end_or_an_unknown_opcode_counts),
        cmocka_unit_test(test_sizes_are_clamped_and_names_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
