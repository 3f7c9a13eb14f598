/*
 * What the router has done since it started, in numbers: one call at the place
 * where a thing happens, all of them cheap. metrics_page.c makes the page of
 * it; docs/telemetry.md says what each number means.
 *
 * Without r->metrics (parts of a router, in tests) nothing is counted.
 */
#ifndef CONTROL_METRICS_H
#define CONTROL_METRICS_H

#include "base/buf.h"
#include "control/alarms.h"
#include "control/helpers.h"
#include "control/session.h"

struct metrics;

#define METRICS_PAGE_MAX (56 * 1024) /* bytes; it fits a message */

/* How somebody wanted to prove who he is. */
enum metrics_method {
    METRICS_PASSWORD,
    METRICS_PUBLIC_KEY,
    METRICS_INTERACTIVE,
    METRICS_OTHER_METHOD, /* what is none, or no allowed one */
    METRICS_CONSOLE,      /* the dialogue of line con 0 */
    METRICS_METHODS,
};

/* Why a connection was closed before the server said a byte. */
enum metrics_refusal {
    REFUSED_FAULTS,        /* its source broke the protocol too often */
    REFUSED_BLOCKED,       /* login block-for: quiet mode */
    REFUSED_ACCESS_CLASS,  /* of every line, or of the one that was free */
    REFUSED_NO_LINE,       /* users are on all of them */
    REFUSED_WAITING_ROOM,  /* too many were waiting */
    REFUSED_WAITED,        /* it waited for as long as a login may take */
    REFUSED_NO_DESCRIPTOR, /* it could not be accepted properly */
    REFUSED_NO_WORKER,     /* no process could be given it */
    REFUSALS,
};

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m); /* NULL is fine */

void metrics_accepted(struct router *r);
void metrics_refused(struct router *r, enum metrics_refusal cause);
/* The first keys of a connection are there; those of a later exchange. */
void metrics_keys(const struct session *s);
void metrics_rekeyed(struct router *r);
void metrics_login(struct router *r, enum metrics_method method, bool accepted);
void metrics_session_ended(struct router *r, const struct session_end *end);
/* One that had died runs again. */
void metrics_helper_restarted(struct router *r, enum helper_name name);
void metrics_nursery_restarted(struct router *r);

/*
 * metrics_page.c: the whole page in the text format of Prometheus, version
 * 0.0.4, as things are now. `to` holds METRICS_PAGE_MAX bytes.
 */
void metrics_page(struct router *r, struct buf *to);

#endif
