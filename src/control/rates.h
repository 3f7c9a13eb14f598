/*
 * How busy interfaces are, which Linux does not say: averages made of its
 * counters. They are read while somebody wants to know, and for a while after.
 */
#ifndef CONTROL_RATES_H
#define CONTROL_RATES_H

#include "control/router.h"
#include "os/netlink.h"

#define RATES_STEP_S 5   /* between two looks at the counters */
#define RATES_KEEP_S 900 /* without anybody asking, then it stops */

/* A second, on average over `interval_s`, or since it was asked first. */
struct rate {
    uint64_t in_bits, in_packets, out_bits, out_packets;
    unsigned interval_s; /* `load-interval` */
};

/* Somebody asks; these are the counters of now. */
void rates_look(struct router *r, const struct netlink_link *links,
                size_t count);
/* False: nothing is known, since nobody has asked before. */
bool rates_of(const struct router *r, const struct netlink_link *link,
              struct rate *rate);

/* Freed when the loop has let go of it. */
void rates_free(struct router *r);

#endif
