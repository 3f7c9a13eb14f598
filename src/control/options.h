/*
 * The command line of `vtyd`.
 */
#ifndef CONTROL_OPTIONS_H
#define CONTROL_OPTIONS_H

#include <stddef.h>

#include "base/err.h"
#include "os/net.h"

#define OPTIONS_LISTEN_MAX 16

enum program_mode {
    PROGRAM_ROUTER,
    PROGRAM_ATTACH,
    PROGRAM_CHECK,
    PROGRAM_VERSION,
};

enum console_wish { CONSOLE_DEFAULT, CONSOLE_ON, CONSOLE_OFF };

struct options {
    enum program_mode mode;
    const char *state; /* directory */
    size_t listen_count;
    struct net_address listen[OPTIONS_LISTEN_MAX];
    enum console_wish console;
    const char *user;  /* of the sandboxed processes, when root; or NULL */
    const char *check; /* FILE */
};

/* ERR_FORMAT: bad usage, told on standard error; the exit status is 2. */
MUST_CHECK enum err options_parse(int argc, char **argv, struct options *o);

#endif
