/*
 * Where a connection comes from, as access lists compare it.
 */
#ifndef CONTROL_SOURCE_H
#define CONTROL_SOURCE_H

#include "config/address.h"
#include "os/net.h"

struct config_address source_address(const struct net_address *peer);

#endif
