/*
 * The running configuration as text.
 */
#ifndef CONTROL_RUNNING_CONFIG_H
#define CONTROL_RUNNING_CONFIG_H

#include "base/buf.h"
#include "control/router.h"

/* Of the language, whose form is that of IOS 12.4. */
#define LANGUAGE_VERSION   "12.4"
#define RUNNING_CONFIG_MAX (16 * 1024 * 1024) /* bytes of the whole text */

/*
 * Append it as startup-config holds it, from the first `!` to `end`. Holds
 * secrets: a buffer from buf_init_secret(). buf_ok() tells whether it fitted.
 */
void running_config_put(const struct router *r, struct buf *to);
/* Only what stands in front of the settings. */
void running_config_put_head(const struct router *r, struct buf *to);

#endif
