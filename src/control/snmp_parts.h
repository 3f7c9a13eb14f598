/*
 * What snmp.c, snmp_request.c and snmp_debug.c share: who is to be told, and
 * what of.
 */
#ifndef CONTROL_SNMP_PARTS_H
#define CONTROL_SNMP_PARTS_H

#include "base/list.h"
#include "control/snmp.h"
#include "control/snmp_notice.h"
#include "control/snmp_users.h"

/* An entry of the configuration, and what was counted of it. */
struct snmp_target {
    struct list node;
    struct snmp *snmp;
    struct config_snmp_host entry; /* a copy */
    bool wanted;                   /* while the configuration is compared */
    struct list notices;           /* that have not come to their end */
    uint32_t waiting;              /* how many */
    uint64_t sent, retries, failed, dropped;
};

enum notice_state {
    NOTICE_NAME,    /* its host's name is asked for */
    NOTICE_WAITING, /* for notify, or for room among informs */
    NOTICE_SENT,    /* given to notify */
};

/* One session's end for one target. */
struct notice {
    struct list node;
    struct snmp_target *target;
    enum notice_state state;
    uint32_t id;    /* request-id */
    unsigned tries; /* that notify died with */
    unsigned transmissions;
    bool queued; /* debugging was told */
    struct config_address address;
    struct snmp_end end;
};

/* Of version 3: for whom the keys are good, and whose they are. */
struct snmp_security {
    struct snmp_engine engine, far_engine;
    const struct snmp_user *user; /* borrowed; NULL: not version 3 */
};
/*
 * Version 3's user and engines for it: false, and why in `why` (of `room`
 * bytes), when the configuration has none that may do it.
 */
MUST_CHECK bool snmp_request_security(struct router *r, const struct notice *n,
                                      struct snmp_security *security, char *why,
                                      size_t room);
/* Give it to notify. False: notify is not there. */
MUST_CHECK bool snmp_request_send(struct router *r, const struct notice *n,
                                  const struct snmp_security *security);
/* The address it is sent from; unset: there is no way there. */
struct config_address snmp_request_source(const struct router *r,
                                          const struct notice *n);

/* snmp_debug.c: lines of `debug snmp packet`, if it is on. */
void snmp_debug_queued(struct router *r, const struct notice *n);
void snmp_debug_sent(struct router *r, const struct notice *n);
void snmp_debug_answered(struct router *r, const struct notice *n,
                         const struct msg_trap_fate *m);

#endif
