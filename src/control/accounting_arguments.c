#include "control/accounting_arguments.h"

#include <time.h>

#include "ipc/aaa.h"
#include "os/tcp_totals.h"

void
accounting_put_start(struct buf *to, const struct router *r, uint64_t began_ms)
{
    uint64_t now_s = (uint64_t)time(NULL);
    uint64_t now_ms = router_now_ms(r);
    uint64_t ago_s = now_ms > began_ms ? (now_ms - began_ms) / 1000 : 0;

    aaa_argument_put(to, "start_time", "%llu",
                     (unsigned long long)(now_s - ago_s));
    aaa_argument_put(to, "timezone", "%s",
                     r->config.zone.name != NULL ? r->config.zone.name : "UTC");
}

void
accounting_put_elapsed(struct buf *to, const struct router *r,
                       uint64_t began_ms)
{
    uint64_t now_ms = router_now_ms(r);

    aaa_argument_put(to, "elapsed_time", "%llu",
                     (unsigned long long)(now_ms > began_ms
                                              ? (now_ms - began_ms) / 1000
                                              : 0));
}

/* Acct-Terminate-Cause (RFC 2866 section 5.10), which disc-cause agrees with.
 */
static unsigned
terminate_cause(enum session_cause cause)
{
    enum {
        USER_REQUEST = 1,
        LOST_CARRIER = 2,
        IDLE_TIMEOUT = 4,
        SESSION_TIMEOUT = 5,
        ADMIN_RESET = 6,
        ADMIN_REBOOT = 7,
        NAS_ERROR = 9,
        NAS_REQUEST = 10,
        USER_ERROR = 17,
    };

    switch (cause) {
    case CAUSE_LOGOUT:
    case CAUSE_PEER:
        return USER_REQUEST;
    case CAUSE_NETWORK:
        return LOST_CARRIER;
    case CAUSE_IDLE:
        return IDLE_TIMEOUT;
    case CAUSE_TIME:
        return SESSION_TIMEOUT;
    case CAUSE_CLEARED:
        return ADMIN_RESET;
    case CAUSE_SHUTDOWN:
        return ADMIN_REBOOT;
    case CAUSE_REKEY:
    case CAUSE_PROTOCOL:
        return USER_ERROR;
    case CAUSE_WORKER:
        return NAS_ERROR;
    default:
        return NAS_REQUEST;
    }
}

void
accounting_put_counts(struct buf *to, uint64_t bytes_in, uint64_t bytes_out)
{
    aaa_argument_put(to, "bytes_in", "%llu", (unsigned long long)bytes_in);
    aaa_argument_put(to, "bytes_out", "%llu", (unsigned long long)bytes_out);
}

void
accounting_put_bytes(struct buf *to, const struct session *s)
{
    struct tcp_totals totals;

    if (s->socket >= 0 && tcp_totals(s->socket, s->peer_closed, &totals) == OK)
        accounting_put_counts(to, totals.bytes_in, totals.bytes_out);
}

void
accounting_put_end(struct buf *to, const struct session_end *end)
{
    accounting_put_counts(to, end->bytes_in, end->bytes_out);
    aaa_argument_put(to, "disc-cause", "%u", terminate_cause(end->cause));
}
