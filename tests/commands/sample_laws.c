/*
 * The laws over the small language of the engine's own tests: they must hold
 * there, whatever the commands are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "laws.h"
#include "sample.h"

static int
begin(void **state)
{
    static struct laws laws;

    laws.language = sample_language();
    *state = &laws;
    return laws.language == NULL;
}

static int
end(void **state)
{
    struct laws *laws = *state;

    cli_language_free((struct cli_language *)(uintptr_t)laws->language);
    return 0;
}

static void
test_settings_survive_writing_and_reading(void **state)
{
    law_settings_survive_writing_and_reading(*state);
}

static void
test_no_undoes_a_setting(void **state)
{
    law_no_undoes_a_setting(*state);
}

static void
test_rows_are_unambiguous(void **state)
{
    law_rows_are_unambiguous(*state);
}

static void
test_abbreviations_mean_the_same(void **state)
{
    law_abbreviations_mean_the_same(*state);
}

static void
test_help_offers_every_word(void **state)
{
    law_help_offers_every_word(*state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_survive_writing_and_reading),
        cmocka_unit_test(test_no_undoes_a_setting),
        cmocka_unit_test(test_rows_are_unambiguous),
        cmocka_unit_test(test_abbreviations_mean_the_same),
        cmocka_unit_test(test_help_offers_every_word),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
