/*
 * A TCP connection to a host by name.
 */
#ifndef VTYSSH_CONNECT_H
#define VTYSSH_CONNECT_H

#include "base/err.h"
#include "os/net.h"

/*
 * Try each address of `host` in turn, each for at most 30 seconds. `fd` does
 * not block; `address` says which one answered. What failed is said; ERR_CLOSED
 * when the user did not wait, else ERR_SYSTEM.
 */
MUST_CHECK enum err connect_to(const char *host, unsigned port, int signals_fd,
                               int *fd, char address[NET_TEXT_MAX]);

#endif
