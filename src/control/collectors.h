/*
 * Collectors of log lines: `logging host` and what belongs to it. Lines go to
 * them by way of notify; whatever it does not tell to have been sent is
 * counted as dropped. Nobody waits for a collector.
 */
#ifndef CONTROL_COLLECTORS_H
#define CONTROL_COLLECTORS_H

#include "control/log_record.h"
#include "control/router.h"
#include "ipc/messages.h"

#define COLLECTOR_HOST_MAX 256 /* bytes of a name or address, NUL included */

/* One of `logging host`. */
struct collector_status {
    char host[COLLECTOR_HOST_MAX];
    uint32_t port;
    bool tcp, rfc5424;
    bool up;                /* connected; UDP: nothing speaks against it */
    uint64_t sent, dropped; /* lines */
};

/* What the configuration says of collectors has changed; `r` may be NULL. */
void collectors_changed(struct router *r, const struct config *config);
/* One record, to those of `logging host`. Writes no log line itself. */
void collectors_log(struct router *r, const struct log_record *record);

/* In the order of the configuration, from 0 on. False: there are no more. */
bool collectors_status(const struct router *r, size_t which,
                       struct collector_status *status);
/* Records that `logging trap` has let through. */
uint64_t collectors_logged(const struct router *r);
/* Lines that were for a collector and never left, of all together. */
uint64_t collectors_dropped(const struct router *r);

/* helpers.c: notify says something; it is there; it died. */
void collectors_on_fate(struct router *r, const struct msg_syslog_fate *m);
void collectors_ready(struct router *r);
void collectors_lost(struct router *r);

struct collectors *collectors_new(struct router *r);
void collectors_free(struct collectors *c); /* NULL is fine */

#endif
