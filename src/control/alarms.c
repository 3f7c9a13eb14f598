#include "control/alarms.h"

#include <unistd.h>

#include "control/accounting.h"
#include "control/journal.h"
#include "control/log_about.h"
#include "control/metrics.h"
#include "control/session.h"
#include "control/snmp.h"
#include "os/tcp_totals.h"

void
alarms_cause(struct session *s, enum session_cause cause)
{
    if (s->cause == CAUSE_NONE)
        s->cause = cause;
}

/*
 * Only now, with the worker gone, do the numbers stand still; and only now does
 * the peer hear of the end, since the socket was open here as well.
 */
static void
close_connection(struct session *s, struct tcp_totals *totals)
{
    *totals = (struct tcp_totals){0};
    if (tcp_totals(s->socket, s->peer_closed, totals) != OK)
        totals->lost = false;
    close(s->socket);
    s->socket = -1;
}

void
alarms_logout(const struct session *s)
{
    log_about(s);
    journal_message(s->router, "SYS", LOG_INFORMATIONAL, "LOGOUT",
                    "User %s has exited tty session %u(%s)", s->user, s->line,
                    s->peer_text);
}

void
alarms_session_end(struct session *s)
{
    struct tcp_totals totals;
    struct session_end end;

    if (s->socket < 0) { /* line con 0, or no worker could be asked for */
        accounting_exec_end(s, NULL);
        if (s->begun_ms != 0)
            alarms_logout(s);
        return;
    }
    close_connection(s, &totals);
    /* To the worker a peer that answers no more is one that has closed. */
    if (s->cause == CAUSE_PEER && totals.lost)
        s->cause = CAUSE_NETWORK;
    alarms_cause(s, CAUSE_WORKER);
    end = (struct session_end){
        .line = s->line,
        .index = SESSION_END_INDEX,
        .local = &s->local,
        .peer = &s->peer,
        .local_text = s->local_text,
        .peer_text = s->peer_text,
        .elapsed_ms = router_now_ms(s->router) - s->accepted_ms,
        .bytes_in = totals.bytes_in,
        .bytes_out = totals.bytes_out,
        .user = s->user,
        .version = s->version,
        .reverse = s->target.kind != LINE_TARGET_NONE,
        .cause = s->cause,
    };
    accounting_exec_end(s, &end);
    snmp_session_ended(s->router, &end);
    metrics_session_ended(s->router, &end);
    if (end.user[0] != '\0')
        alarms_logout(s);
}
