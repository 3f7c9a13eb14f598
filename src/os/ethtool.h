/*
 * What an interface's driver says of itself (ethtool ioctls). They look at the
 * network namespace of the process, which /sys/class/net need not.
 */
#ifndef OS_ETHTOOL_H
#define OS_ETHTOOL_H

#include "base/err.h"
#include "base/span.h"

struct ethtool_answer {
    char driver[32];     /* "": it does not say */
    uint32_t speed_mbps; /* 0: unknown */
    enum ethtool_duplex {
        ETHTOOL_DUPLEX_UNKNOWN,
        ETHTOOL_DUPLEX_HALF,
        ETHTOOL_DUPLEX_FULL,
    } duplex;
    bool loops; /* what it sends comes back: a test by somebody */
};

/* Never fails: what cannot be learnt is unknown. */
void ethtool_ask(const char *interface, struct ethtool_answer *answer);

#endif
