/*
 * Line con 0: who sits at it. The terminal or the script on standard input
 * (--console), or somebody who came by `vtyd attach`; one at a time.
 */
#ifndef CONTROL_CONSOLE_H
#define CONTROL_CONSOLE_H

#include "base/err.h"
#include "control/router.h"

struct console;

/*
 * Offer the line as the options say, and take `vtyd attach` on console.sock.
 * To be called when workers can be started. ERR_SYSTEM: no console.sock; a
 * log line tells why.
 */
MUST_CHECK enum err console_start(struct router *r);
/*
 * The router ends: the line is offered to nobody any more, and console.sock
 * is gone. A session that is on it is not touched.
 */
void console_stop(struct router *r);
/* The terminal gets its modes back. Safe at any time, also when not started. */
void console_free(struct router *r);

/* Line con 0 is this process's own terminal: log lines go through it only. */
bool console_on_terminal(const struct router *r);

#endif
