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

/* "READY=1", "STOPPING=1": to $NOTIFY_SOCKET, if there is one. */
void service_notify(const char *state);

/* As many descriptors as we may have: each session takes one of ours. */
void service_raise_limits(void);

#endif
