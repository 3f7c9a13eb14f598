#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_every_error_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (int i = OK; i <= ERR_CLOSED; i++)
        for (int j = OK; j < i; j++)
            assert_string_not_equal(err_text((enum err)i),
                                    err_text((enum err)j));
    assert_non_null(err_text((enum err)99));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_error_has_a_text_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
