/*
 * Role probe: ping, a traced route, or a name, for control, which started this
 * process for it. Short-lived: it works on the sockets it is handed, answers
 * by messages and ends.
 */
#ifndef WORKER_PROBE_H
#define WORKER_PROBE_H

#include "worker/uplink.h"

struct probe_resolver;

/*
 * Before the sandbox: the one thing that reads its surroundings is set up to
 * need none of them. NULL: it cannot be had. Freed by the end of the process.
 */
struct probe_resolver *probe_resolver_new(void);

/* Wait for the first message, do what it asks for, return when it is done. */
void probe_run(struct uplink *up, struct probe_resolver *resolver);

#endif
