#include "vtyssh/terminal_modes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "ssh/ttymodes.h"

static uint32_t
find(struct buf *modes, uint8_t opcode)
{
    uint32_t value;

    assert_int_equal(ttymodes_find(buf_span(modes), opcode, &value), OK);
    return value;
}

static void
test_modes(void **state)
{
    struct termios modes = {
        .c_iflag = ICRNL | IXON,
        .c_lflag = ISIG | ICANON,
        .c_oflag = OPOST,
        .c_cflag = CS8 | B9600,
    };
    struct buf out;

    (void)state;
    modes.c_cc[VINTR] = 3;
    modes.c_cc[VERASE] = 0x7f;
    modes.c_cc[VEOL] = _POSIX_VDISABLE;
    assert_int_equal(cfsetispeed(&modes, B115200), 0);
    buf_init(&out, 1024);
    terminal_modes_put(&modes, &out);
    assert_int_equal(find(&out, 1), 3);
    assert_int_equal(find(&out, 3), 0x7f);
    assert_int_equal(find(&out, 6), 255);
    assert_int_equal(find(&out, 36), 1);
    assert_int_equal(find(&out, 38), 1);
    assert_int_equal(find(&out, 34), 0);
    assert_int_equal(find(&out, 50), 1);
    assert_int_equal(find(&out, 53), 0);
    assert_int_equal(find(&out, 70), 1);
    assert_int_equal(find(&out, 91), 1);
    assert_int_equal(find(&out, 90), 0);
    assert_int_equal(find(&out, 129),
                     cfgetospeed(&modes) == B115200 ? 115200 : 9600);
    buf_clear(&out);
}

static void
test_each_opcode_once_and_the_end(void **state)
{
    struct termios modes = {0};
    bool seen[256] = {false};
    struct buf out;
    struct span list;

    (void)state;
    buf_init(&out, 1024);
    terminal_modes_put(&modes, &out);
    list = buf_span(&out);
    assert_int_equal(list.len % 5, 1);
    assert_int_equal(list.ptr[list.len - 1], TTY_OP_END);
    for (size_t i = 0; i + 1 < list.len; i += 5) {
        assert_false(seen[list.ptr[i]]);
        assert_in_range(list.ptr[i], 1, 159);
        seen[list.ptr[i]] = true;
    }
    buf_clear(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_each_opcode_once_and_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
