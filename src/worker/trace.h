/*
 * What whoever debugs is told of this connection: the core's facts as lines,
 * in the words of IOS, on their way to control. So many a second and so many
 * bytes that wait: what is beyond is counted, and the connection never waits
 * for it.
 */
#ifndef WORKER_TRACE_H
#define WORKER_TRACE_H

#include "base/buf.h"
#include "base/pace.h"
#include "ssh/conn.h"
#include "worker/uplink.h"

struct trace {
    struct uplink *up;    /* borrowed */
    struct ssh_conn *ssh; /* borrowed; NULL: it is being made */
    unsigned kinds;       /* enum debug_kind, as a set */
    struct pace pace;
    uint64_t tell_ms; /* what is left out is told then at the latest */
    struct buf lines; /* as TRACED has them */
};

/* `kinds` as SETUP has them. */
void trace_init(struct trace *t, struct uplink *up, unsigned kinds);
/* For struct ssh_setup, with `t` as owner; NULL: it is not debugged. */
ssh_trace_fn trace_listener(const struct trace *t);
/* The connection that it tells of, once there is one. */
void trace_watch(struct trace *t, struct ssh_conn *ssh);
/* TRACE has come. */
void trace_set(struct trace *t, unsigned kinds);

/* The first line of a server's. */
void trace_starting(struct trace *t);
/* A line of DEBUG_SCP; scp_trace_fn, with a struct trace as owner. */
void trace_scp(void *owner, bool sent, struct span text);

/* Send what can be sent; `last`: nothing comes behind it. */
void trace_flush(struct trace *t, bool last);
/* When there is something to be told though nothing happens. */
uint64_t trace_deadline(const struct trace *t);

#endif
