/*
 * The router as a service of the machine: signals that end it, and what a
 * supervisor is told (sd_notify(3), by hand).
 */
#ifndef CONTROL_SERVICE_H
#define CONTROL_SERVICE_H

#include "control/router.h"

/* SIGTERM, SIGINT and SIGHUP end the router in order. */
MUST_CHECK enum err service_start(struct router *r);
void service_stop(struct router *r);

/*
 * The loop is about to run. The supervisor is told so (service_loaded()) when
 * the key pairs of the last run are there, too, so that whoever waited for it
 * finds a router that listens; or after 10 seconds, since without them it has
 * a console all the same.
 */
void service_begin(struct router *r);
/* keys.c: they are there, if any. */
void service_loaded(struct router *r);
/* "STOPPING=1", "READY=1": to $NOTIFY_SOCKET, if there is one. */
void service_notify(const char *state);

/* As many descriptors as we may have: each session takes one of ours. */
void service_raise_limits(void);

#endif
