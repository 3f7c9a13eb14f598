/*
 * The running configuration as text.
 */
#ifndef COMMANDS_RUNNING_CONFIG_H
#define COMMANDS_RUNNING_CONFIG_H

#include "base/buf.h"
#include "control/router.h"

#define RUNNING_CONFIG_MAX (16 * 1024 * 1024) /* bytes of the whole text */

/*
 * Append it as startup-config holds it, from the first `!` to `end`. Holds
 * secrets: a buffer from buf_init_secret(). buf_ok() tells whether it fitted.
 */
void running_config_put(const struct router *r, struct buf *to);

#endif
