/*
 * The laws over the small language of the engine's own tests: they must hold
 * there, whatever the commands are.
 */
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

int
main(void)
{
    return laws_run(begin, end);
}
