/*
 * The nurseries: prepared processes that fork a worker for each START. One is
 * current; it is renewed often, since its children share an address layout,
 * and the old one retires.
 */
#ifndef CONTROL_NURSERY_H
#define CONTROL_NURSERY_H

#include <sys/types.h>

#include "control/router.h"
#include "ipc/messages.h"

#define NURSERY_WORKERS_MAX 1000 /* then a new one takes over */
#define NURSERY_PAUSE_MS    100  /* at most one new one in this time */
/* STARTs that one nursery has not answered; further ones wait here. */
#define NURSERY_UNANSWERED_MAX 32

struct nurseries;

/* A worker runs as `pid`; 0: it could not be started, or nobody knows. */
typedef void (*nursery_started_fn)(struct router *r, uint32_t connection,
                                   pid_t pid);

/* NULL: the first one cannot be started. */
struct nurseries *nurseries_new(struct router *r, nursery_started_fn started);
/* No further workers; freed when the loop has let go of it. NULL is fine. */
void nurseries_free(struct nurseries *n);

/*
 * Ask for a worker on `peer`, with `pipe_end` as its way to us; takes
 * ownership of both. `started` is called once, later.
 */
void nursery_ask(struct nurseries *n, uint32_t connection,
                 enum worker_role role, int peer, int pipe_end);
/* The same for a line, whose worker has no peer yet. */
void nursery_ask_line(struct nurseries *n, uint32_t connection, unsigned line,
                      int pipe_end);
/* It has not been asked yet and shall not be: the descriptors are closed. */
void nursery_forget(struct nurseries *n, uint32_t connection);
/* The current one; 0: it is to be started. */
pid_t nursery_pid(const struct nurseries *n);
/* A worker died of what it read: its siblings' layout must change. */
void nursery_renew(struct nurseries *n);

#endif
