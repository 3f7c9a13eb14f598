/*
 * Where lines of the log go, and what became of them: the console's user,
 * vtys that monitor, the buffer, collectors; standard error has them all.
 */
#ifndef CONTROL_LOG_OUTPUTS_H
#define CONTROL_LOG_OUTPUTS_H

#include "control/log_record.h"
#include "control/router.h"

struct session;
struct log_outputs;

/* Lines since the router began. */
struct log_counts {
    uint64_t console, monitor, buffer; /* logged there */
    uint64_t dropped;      /* a user's screen, or standard error, was behind */
    uint64_t rate_limited; /* by `logging rate-limit` */
    uint64_t flushes;      /* how often the buffer was emptied */
    uint64_t overruns;     /* lines that were too long, and cut */
};

struct log_outputs *log_outputs_new(struct router *r);
void log_outputs_free(struct log_outputs *o); /* NULL is fine */

/* One line to all that want it. `cut`: its end is missing. */
void log_outputs_give(struct log_outputs *o, const struct log_record *record,
                      bool cut);
/* Text that is no record, for one user's screen; lines joined by LF. */
void log_outputs_tell(struct log_outputs *o, struct session *s,
                      const char *text);
/* The same for everybody who is logged in, and standard error. */
void log_outputs_broadcast(struct log_outputs *o, const char *text);

/* A channel that is shown log lines: `terminal monitor`. */
struct monitor {
    struct list node; /* alone, or in the list of those that watch */
    struct session *session;
    uint32_t channel;
};
void log_outputs_watch(struct log_outputs *o, struct monitor *m);

/* `logging buffered` has changed. */
void log_outputs_update(struct router *r);
/* `clear logging` */
void log_outputs_empty(struct router *r);
struct log_counts log_outputs_counts(const struct router *r);
/* The buffer's bytes, as log_buffer_read() gives them. */
void log_outputs_read(const struct router *r, struct span *older,
                      struct span *newer);

#endif
