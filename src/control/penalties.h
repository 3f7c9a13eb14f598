/*
 * Sources that crashed our workers or broke the protocol: from the fifth time
 * within a minute on they are refused for a while. Loopback never is.
 * No I/O, no clock.
 */
#ifndef CONTROL_PENALTIES_H
#define CONTROL_PENALTIES_H

#include "os/net.h"

#define PENALTY_FAULTS      5      /* the first one that has a consequence */
#define PENALTY_WINDOW_MS   60000  /* within this time */
#define PENALTY_PROTOCOL_MS 30000  /* for a broken protocol */
#define PENALTY_CRASH_MS    90000  /* for a crashed worker */
#define PENALTY_MAX_MS      600000 /* all that add up */
#define PENALTY_SOURCES_MAX 4096   /* remembered; a full table is lenient */

struct penalties;

struct penalties *penalties_new(void);
void penalties_free(struct penalties *p);

/* One more fault; `length_ms` is what it costs once it counts. */
void penalties_add(struct penalties *p, const struct net_address *peer,
                   uint64_t length_ms, uint64_t now_ms);
/* Is this source refused now? */
bool penalties_refuse(struct penalties *p, const struct net_address *peer,
                      uint64_t now_ms);

#endif
