/*
 * Line con 0: who sits at it. The terminal or the script on standard input
 * (--console), or somebody who came by `vtyd attach`; one at a time.
 */
#ifndef CONTROL_CONSOLE_H
#define CONTROL_CONSOLE_H

#include "base/err.h"
#include "control/router.h"
#include "control/session.h"

struct console;

/* What a console's worker is started with; see worker_start_console(). */
struct console_stream {
    int fd;           /* a terminal or a stream; stays the caller's */
    bool attached;    /* session->attached: no login, privilege 15 */
    bool interactive; /* a terminal at the far end though `fd` is no tty */
    unsigned columns, rows; /* of that terminal; 0: ask the tty */
};

/* Remember the terminal's modes. Free gives them back and ends everything. */
struct console *console_new(struct router *r);
void console_free(struct console *c); /* NULL is fine */

/*
 * Offer the line as the options say, and take `vtyd attach` on console.sock.
 * To be called when workers can be started. ERR_SYSTEM: no console.sock; a
 * log line tells why.
 */
MUST_CHECK enum err console_start(struct router *r);
/* The router ends: nobody new on the line. Sessions are not touched. */
void console_stop(struct router *r);

/*
 * A console session is over, or its worker could not be forked (`s` NULL):
 * the terminal gets its modes back and the line is offered again.
 */
void console_session_ended(struct router *r, struct session *s);

/* Line con 0 is this process's own terminal: log lines go through it only. */
bool console_on_terminal(const struct router *r);

#endif
