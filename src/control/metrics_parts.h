/*
 * The numbers themselves, for those who count and those who show.
 */
#ifndef CONTROL_METRICS_PARTS_H
#define CONTROL_METRICS_PARTS_H

#include "control/metrics.h"

#define HANDSHAKE_BUCKETS 12 /* and one for all that took longer */

/* What took so long, or less, is in it; `text`: the same in seconds. */
struct metrics_bucket {
    unsigned ms;
    const char *text;
};
extern const struct metrics_bucket metrics_buckets[HANDSHAKE_BUCKETS];

struct metrics {
    uint64_t started_s; /* seconds since 1970 */
    uint64_t accepted;
    uint64_t refused[REFUSALS];
    uint64_t handshakes[HANDSHAKE_BUCKETS + 1]; /* each in one of them */
    uint64_t handshake_ms;                      /* of all together */
    uint64_t rekeyed;
    uint64_t accepted_logins[METRICS_METHODS];
    uint64_t failed_logins[METRICS_METHODS];
    uint64_t ended[SESSION_CAUSES];
    uint64_t bytes_in, bytes_out; /* of sessions that have ended */
    uint64_t shown_in, shown_out; /* of all, on the last page */
    uint64_t helper_restarts[HELPER_COUNT];
    uint64_t nursery_restarts;
};

#endif
