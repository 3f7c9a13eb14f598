#include "ssh/v1/crc32.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint32_t
crc(const char *text)
{
    return crc32_add(0, span_text(text));
}

static void
test_known_values(void **state)
{
    uint8_t counted[32];

    (void)state;
    for (uint8_t i = 0; i < sizeof(counted); i++)
        counted[i] = i;
    assert_int_equal(crc(""), 0);
    assert_int_equal(crc("a"), 0x3ab551ce);
    assert_int_equal(crc("123456789"), 0x2dfd2d88);
    assert_int_equal(crc32_add(0, span_of(counted, 32)), 0x882c2b27);
}

/* By which padding in clear changes nothing. */
static void
test_zeros_in_front_count_for_nothing(void **state)
{
    (void)state;
    assert_int_equal(crc32_add(0, span_of("\0\0\0a", 4)), crc("a"));
}

static void
test_pieces_are_one(void **state)
{
    (void)state;
    assert_int_equal(crc32_add(crc("1234"), span_text("56789")),
                     crc("123456789"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_zeros_in_front_count_for_nothing),
        cmocka_unit_test(test_pieces_are_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
