/*
 * SNMP notifications: whom the configuration wants told that a session has
 * ended, what waits for each of them, and what became of it. The packets are
 * made and sent by notify. There is no agent: nothing is ever asked of us.
 */
#ifndef CONTROL_SNMP_H
#define CONTROL_SNMP_H

#include "config/config.h"
#include "control/alarms.h"
#include "control/router.h"
#include "ipc/messages.h"

#define SNMP_HOSTS_MAX 100 /* entries of `snmp-server host` */

/* What was sent and received since the router started. */
struct snmp_counters {
    uint64_t traps;   /* Trap PDUs */
    uint64_t informs; /* Inform-request PDUs, each transmission */
    uint64_t timeouts;
    uint64_t drops; /* informs that were never sent */
    uint64_t answers;
    uint64_t bad_answers; /* those of them that tell of an error */
};

/* One entry of `snmp-server host`, since it is in the configuration. */
struct snmp_target_view {
    const char *host;
    uint32_t port;
    bool informs;
    uint32_t waiting;   /* not sent, or an inform without its answer */
    uint32_t in_flight; /* informs that wait for their answer */
    uint64_t sent;      /* traps; informs that were answered */
    uint64_t retries, failed, dropped;
};

struct snmp *snmp_new(struct router *r);
/* What waits is given up. Freed when the loop has let go of it. */
void snmp_free(struct snmp *s); /* NULL is fine */

/* Rows: the configuration has changed; `r` may be NULL. */
void snmp_changed(struct router *r, const struct config *config);

/* A connection to a line has ended. */
void snmp_session_ended(struct router *r, const struct session_end *end);

/*
 * The router ends: `then` is called when all is sent, and informs had a few
 * seconds to be answered. At once, if nothing waits.
 */
void snmp_finish(struct router *r, void (*then)(struct router *r));

/* For show. `index` counts entries; false: no more. */
struct snmp_counters snmp_counters(const struct router *r);
bool snmp_target_at(const struct router *r, size_t index,
                    struct snmp_target_view *view);
/* Informs of all hosts that have no answer yet. */
unsigned snmp_in_flight(const struct router *r);

/* helpers.c: notify runs; it said something; it died. */
void snmp_ready(struct router *r);
void snmp_on_fate(struct router *r, const struct msg_trap_fate *m);
void snmp_lost(struct router *r);
/* snmp_users.c: what was to be kept is kept. */
void snmp_users_stored(struct router *r);

#endif
