/*
 * Role server: one accepted SSH connection, from its first byte to its end.
 */
#ifndef WORKER_SERVER_H
#define WORKER_SERVER_H

#include "worker/uplink.h"

/*
 * Serve the peer on socket `fd` with what control says on `up`; SETUP is
 * awaited first. Returns when the connection is over; both descriptors are
 * left to the end of the process.
 */
void server_run(int fd, struct uplink *up);

#endif
