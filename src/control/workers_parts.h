/*
 * What workers.c (a worker's life) and worker_pipe.c (what it says and is told)
 * share.
 */
#ifndef CONTROL_WORKERS_PARTS_H
#define CONTROL_WORKERS_PARTS_H

#include "base/list.h"
#include "control/nursery.h"
#include "control/sessions.h"
#include "control/workers.h"
#include "ipc/pipe.h"

/* What is known of the process behind a session. */
enum worker_process {
    PROCESS_ASKED,   /* START is on its way */
    PROCESS_RUNNING, /* as session->pid */
    PROCESS_UNKNOWN, /* none, or one whose number was lost */
    PROCESS_REAPED,
};

struct worker_pipe {
    struct session *session;
    struct pipe *pipe;
    uv_poll_t poll;
    enum worker_process process;
    bool over;           /* the pipe has ended */
    bool killed;         /* by us: no crash */
    struct list leaving; /* in workers, while it may still go by itself */
    uint64_t leave_by_ms;
    uint64_t logs_dropped;
    void (*ended)(void *owner); /* console */
    void *owner;
};

struct workers {
    struct router *router;
    struct nurseries *nurseries;
    struct list leaving; /* of struct worker_pipe, by leave_by_ms */
    uv_timer_t leave;
    struct buf encoded; /* reused for every message; empty between them */
};

/* --- workers.c ---------------------------------------------------------- */

/* Its session ends with it, and `w` is gone. */
void worker_finish(struct worker_pipe *w);
/* It goes by itself, or is killed when its time is over. */
void worker_must_leave(struct worker_pipe *w);

/* --- worker_pipe.c ------------------------------------------------------ */

/* For messages, and for room when some of ours wait. */
void worker_pipe_watch(struct worker_pipe *w);
/* What it sent before it died counts. */
void worker_pipe_drain(struct worker_pipe *w);

#endif
