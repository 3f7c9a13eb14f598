/*
 * Log lines: IOS messages, time-stamped as IOS does. Each becomes a record
 * (log_record.h) that goes wherever log lines go (log_outputs.h). Lines are
 * cut at LOG_LINE_MAX; a control byte in them, whoever brought it, is shown as
 * \xNN, so that nobody forges another line.
 */
#ifndef CONTROL_JOURNAL_H
#define CONTROL_JOURNAL_H

#include "base/log.h"
#include "control/log_outputs.h"
#include "control/router.h"

/*
 * "%SSH-5-ENABLED: SSH 2.0 has been enabled" is facility "SSH", severity 5,
 * mnemonic "ENABLED". Peer bytes only through text_escape().
 */
void journal_message(struct router *r, const char *facility,
                     enum log_level severity, const char *mnemonic,
                     const char *format, ...) PRINTF(5, 6);
/* A line without facility ("RSA key size needs to be atleast ..."). */
void journal_line(struct router *r, enum log_level severity, const char *format,
                  ...) PRINTF(3, 4);
/*
 * As journal_message(), at most a few a minute for each `mnemonic` and source;
 * what was left out is counted and told (hardening 0). For everything that a
 * stranger can cause.
 */
void journal_limited(struct router *r, const char *source, const char *facility,
                     enum log_level severity, const char *mnemonic,
                     const char *format, ...) PRINTF(6, 7);

/*
 * Text for everybody who is logged in, and for the log; lines joined by LF.
 */
void journal_broadcast(struct router *r, const char *format, ...) PRINTF(2, 3);

/* Text for one user's screen, and not for the log. */
void journal_tell(struct session *s, const char *text);

/* `terminal monitor`, and its end. */
void journal_watch(struct router *r, struct monitor *m);
void journal_unwatch(struct monitor *m);

/* Freed when the loop has let go of it; no line is written after the call. */
struct journal *journal_new(struct router *r);
void journal_free(struct journal *j); /* NULL is fine */

#endif
