/*
 * The page of numbers, for whoever scrapes it from this machine. Control hands
 * over the sockets that are listened on, and makes each page when it is asked.
 * Clients are strangers: there are few at a time, each has little time and
 * little room, and none costs control more than ten pages a second.
 */
#ifndef NOTIFY_METRICS_H
#define NOTIFY_METRICS_H

#include "notify/link.h"

#define METRICS_SOCKETS     2
#define METRICS_CLIENTS_MAX 16 /* at the same time */

struct metrics;

struct metrics *metrics_new(struct link *link);
/* `fd` is taken over. False: it cannot be listened on. */
bool metrics_listen(struct metrics *m, int fd);
/* Nobody comes any more; who is here is sent away. */
void metrics_close(struct metrics *m);
/* Control's page. */
void metrics_on_page(struct metrics *m, const struct msg_metrics_page *page);

#endif
