/*
 * vtyd: the control process, and the programs that are called by its name.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "commands/all.h"
#include "control/attach.h"
#include "control/check.h"
#include "control/router.h"
#include "crypto/crypto.h"
#include "os/sandbox.h"

/* Exit statuses; 0 is an end in order. */
#define STATUS_FAILURE 1
#define STATUS_USAGE   2

/* The one context of this program. */
static struct router router;

static int
print_version(void)
{
    printf("vtyd %s (%s)\n", VTYD_VERSION, crypto_library_version());
    return fflush(stdout) == 0 ? 0 : STATUS_FAILURE;
}

static int
run_router(void)
{
    int status = STATUS_FAILURE;

    router_init(&router);
    if (router_start(&router) == OK) {
        router_run(&router);
        status = router.status;
    }
    router_clear(&router);
    return status;
}

int
main(int argc, char **argv)
{
    struct cli_language *language;
    int status = STATUS_FAILURE;

    if (options_parse(argc, argv, &router.options) != OK)
        return STATUS_USAGE;
    if (router.options.mode == PROGRAM_VERSION)
        return print_version();
    if (sandbox_prepare() != OK) {
        fputs("vtyd: the process cannot be made safe\n", stderr);
        return STATUS_FAILURE;
    }
    if (router.options.mode == PROGRAM_ATTACH)
        return attach_run(&router.options);
    language = cli_language_new(command_modes, NULL);
    if (language == NULL) {
        fputs("vtyd: the command tables are broken\n", stderr);
        return STATUS_FAILURE;
    }
    if (router.options.mode == PROGRAM_CHECK) {
        status = check_file(language, router.options.check);
    } else {
        router.language = language;
        router.modes = command_modes;
        status = run_router();
    }
    cli_language_free(language);
    return status;
}
