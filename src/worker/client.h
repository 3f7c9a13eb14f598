/*
 * Role client: one connection to another machine, made for a user, from its
 * first byte to its end.
 */
#ifndef WORKER_CLIENT_H
#define WORKER_CLIENT_H

#include "worker/uplink.h"

/*
 * Speak on socket `fd` as control's CLIENT_SETUP says, which is awaited first.
 * Returns when the connection is over; both descriptors are left to the end of
 * the process.
 */
void client_run(int fd, struct uplink *up);

#endif
