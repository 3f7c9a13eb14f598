/*
 * `telemetry prometheus PORT`: the page of metrics_page.c for whoever scrapes
 * it from this machine. Control opens the sockets, on 127.0.0.1 and ::1, and
 * hands them to notify, which alone reads what strangers send there; for each
 * page it asks.
 */
#ifndef CONTROL_TELEMETRY_H
#define CONTROL_TELEMETRY_H

#include "control/router.h"
#include "ipc/messages.h"

/*
 * Serve, or stop, as the configuration says now. Not before the helpers run.
 * A port that is taken is told in the log and tried again.
 */
void telemetry_update(struct router *r);
/* notify runs (again): it gets the sockets. */
void telemetry_ready(struct router *r);
/*
 * notify wants a page. It gets ten a second at most: a page costs control more
 * than a question costs one who has taken notify over.
 */
void telemetry_on_ask(struct router *r, const struct msg_metrics_ask *m);
/* Nobody is served any more; freed when the loop has let go of it. */
void telemetry_stop(struct router *r);

#endif
