/*
 * SNMP notifications on their way to managers. A trap is one datagram; an
 * inform is sent again and again until its manager has answered, or its time
 * is over. Nothing blocks, and nobody waits for anybody else.
 */
#ifndef NOTIFY_TRAP_H
#define NOTIFY_TRAP_H

#include "notify/link.h"

#define TRAPS_MAX                                              \
    2048 /* that have not come to their end; control has fewer \
          */

struct traps;

/*
 * Once, before rights are given away: what libcrypto reads, and all that the
 * library might ever want to open.
 */
void traps_prepare(void);
/* For the program's life; `link` is borrowed. */
struct traps *traps_new(const struct link *link);
/*
 * Send one. TRAP_FATE tells of each transmission, and how it ended. False:
 * control says what cannot be.
 */
MUST_CHECK bool traps_send(struct traps *t, const struct msg_notify_trap *m);

#endif
