/*
 * The listening sockets and the connections that wait for a worker.
 */
#ifndef CONTROL_LISTENER_H
#define CONTROL_LISTENER_H

#include "control/session.h"

struct listener;

struct listener *listener_new(struct router *r);
/* Close everything; nobody listens or waits any more. */
void listener_stop(struct router *r);
/* Freed when the loop has let go of it. NULL is fine. */
void listener_free(struct listener *l);

/*
 * Listen, or stop listening, as keys and configuration are now: a usable host
 * key and a vty with `transport input ssh` are needed. A row's `.changed`.
 * What is taken is logged: "%SYS-6-LISTEN: Listening on 127.0.0.1:2222".
 */
void listener_update(struct router *r);
/*
 * Somebody waits at this listening socket, which stays the caller's; `rotary`:
 * the group of lines that its port is for, or 0.
 */
void listener_accept(struct router *r, int listener_fd, uint32_t rotary);

/* The addresses that are listened on now, for `show ip ssh`. */
size_t listener_count(const struct router *r);
const struct net_address *listener_address(const struct router *r, size_t i);

/*
 * auth.c and sessions.c tell: who held a place while he had not logged in (`ip
 * ssh maxstartups`) has, or is gone; a line can be used again.
 */
void listener_place_freed(struct session *s);
void listener_line_freed(struct router *r);

/* A worker crashed, or its peer broke the protocol: its source is charged. */
enum listener_fault { FAULT_PROTOCOL, FAULT_CRASH };
void listener_fault(struct session *s, enum listener_fault fault);

#endif
