/*
 * Whom the next line of the log is about, for those who collect it with
 * fields: RFC 5424, systemd's journal.
 */
#ifndef CONTROL_LOG_ABOUT_H
#define CONTROL_LOG_ABOUT_H

#include "control/session.h"

/* The next record is about this session. What is given is copied. */
void log_about(const struct session *s);
/* The same of a stranger: only where he is. No address: about nobody. */
void log_about_source(struct router *r, const char *source);
/* What was said last; from then on it is about nobody. */
struct log_about log_about_take(struct router *r);

#endif
