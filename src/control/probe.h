/*
 * Probes: processes that ping, trace a route or resolve a name, each started
 * afresh for one piece of work. Control makes their sockets and believes them
 * nothing but what they say about the network.
 */
#ifndef CONTROL_PROBE_H
#define CONTROL_PROBE_H

#include "base/err.h"
#include "config/address.h"
#include "control/router.h"
#include "ipc/messages.h"
#include "os/net.h"

#define PROBES_MAX 64 /* at once, of all users */

struct probe;

struct probe_events {
    /* Each message; borrowed. */
    void (*on_message)(void *owner, const struct message *m);
    /* The last call: the process has ended; `failed`: not as it should. */
    void (*on_end)(void *owner, bool failed);
};

/*
 * Start a process and send it `work`, with the descriptor `fd` (-1: none),
 * which stays the caller's. `*probe` is good until on_end() or probe_stop().
 * ERR_LIMIT: PROBES_MAX run already. ERR_SYSTEM, ERR_NOT_FOUND: it cannot be
 * started.
 */
MUST_CHECK enum err probe_start(struct router *r, const struct message *work,
                                int fd, const struct probe_events *events,
                                void *owner, struct probe **probe);
/* One more message. What the process does not take ends it: on_end() comes. */
void probe_send(struct probe *p, const struct message *m, int fd);
/* Leave its messages where they are, until told otherwise: it waits then. */
void probe_pause(struct probe *p, bool pause);
/* End it; nothing is called any more. */
void probe_stop(struct probe *p);

/* An address in messages: its 4 or 16 bytes, borrowed. */
struct span probe_address_bytes(const struct config_address *address);
/* The other way; false: they are no address. */
MUST_CHECK bool probe_address_take(struct span bytes,
                                   struct config_address *address);
/* As sockets have it. */
void probe_address_net(const struct config_address *address, uint16_t port,
                       struct net_address *net);

/* The router ends: all of them go, and what they were. */
void probes_stop(struct router *r);

#endif
