/*
 * What a TCP connection has carried, as the kernel counted it: also for one
 * whose reader and writer is gone, as long as somebody holds a copy of the
 * socket.
 */
#ifndef OS_TCP_TOTALS_H
#define OS_TCP_TOTALS_H

#include "base/err.h"
#include "base/span.h"

struct tcp_totals {
    /* Octets of the stream, each counted once: no headers, no repetitions. */
    uint64_t bytes_in, bytes_out;
    bool lost; /* it has ended because the peer did not answer any more */
};

/*
 * `peer_closed`: its end of the stream has been read; what is seen of that here
 * is gone once a reset came behind it. Octets that the kernel still goes on to
 * send after a close(2) count as sent. ERR_SYSTEM: it is no TCP socket.
 */
MUST_CHECK enum err tcp_totals(int fd, bool peer_closed,
                               struct tcp_totals *totals);

#endif
