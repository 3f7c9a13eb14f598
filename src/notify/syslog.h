/*
 * Log lines on their way to collectors: datagrams, or one TCP connection for
 * each collector, which is made again when it is lost. What became of the
 * lines is told to control, summed up.
 */
#ifndef NOTIFY_SYSLOG_H
#define NOTIFY_SYSLOG_H

#include "notify/link.h"

#define SYSLOG_COLLECTORS_MAX 64 /* at once; control has fewer */

struct syslog;

/* For the program's life; `link` is borrowed. */
struct syslog *syslog_new(const struct link *link);
/* A line for a collector. False: control says what cannot be. */
MUST_CHECK bool syslog_send(struct syslog *s, const struct msg_syslog *m);
/*
 * No line comes for it any more. What waits for a connection that stands may
 * still leave; what became of the rest is told when that is over.
 */
void syslog_end(struct syslog *s, uint32_t collector);

#endif
