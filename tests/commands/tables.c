/*
 * The laws over the router's own tables. The rows' functions get a router that
 * has neither keys nor a listener, as while startup-config is read.
 */
#include "commands/all.h"
#include "control/router.h"
#include "laws.h"

static int
begin(void **state)
{
    static struct router router;
    static struct laws laws = {.owner = &router};
    struct buf problem;

    buf_init(&problem, 4096);
    laws.language = cli_language_new(command_modes, &problem);
    if (laws.language == NULL)
        print_error("%s", buf_text(&problem));
    buf_clear(&problem);
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
