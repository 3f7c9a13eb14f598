/*
 * What this router is: program and machine, as `show version` tells.
 */
#ifndef CONTROL_IDENTITY_H
#define CONTROL_IDENTITY_H

#include "base/buf.h"
#include "control/router.h"
#include "os/machine.h"

#define IDENTITY_PATH_MAX 1024 /* bytes of the program's path, NUL included */

struct identity {
    struct machine machine;
    char image[IDENTITY_PATH_MAX]; /* fit to show; "" when not known */
    uint64_t compiled_at;          /* seconds since 1970; 0: not known */
};

struct identity *identity_new(void);
void identity_free(struct identity *identity);

/* The lines that `show version` begins with, up to "Compiled ...". */
void identity_put_head(const struct router *r, struct buf *to);
/*
 * The machine's model in one word: the DMI product's name, else the
 * architecture; never empty.
 */
void identity_model(const struct router *r, char to[MACHINE_TEXT_MAX]);

/* %SYS-5-RESTART, with those lines. */
void identity_log_restart(struct router *r);

#endif
