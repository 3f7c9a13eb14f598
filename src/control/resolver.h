/*
 * Names to addresses: `ip host` first, then, unless `no ip domain lookup`, the
 * name servers, asked by a probe. A name without a dot is tried with the
 * domain name behind it, then alone.
 */
#ifndef CONTROL_RESOLVER_H
#define CONTROL_RESOLVER_H

#include "config/address.h"
#include "control/router.h"

#define RESOLVER_SERVERS_MAX   6  /* that are asked */
#define RESOLVER_ADDRESSES_MAX 16 /* of one name */

enum resolver_result {
    RESOLVER_FOUND,
    RESOLVER_UNKNOWN, /* there are no addresses, says a server */
    RESOLVER_SILENCE, /* no server says anything that makes sense */
    RESOLVER_OFF,     /* not in `ip host`, and servers are not to be asked */
    RESOLVER_BUSY,    /* no probe could be started */
    RESOLVER_FAILED,  /* the probe died */
};

struct resolver_answer {
    enum resolver_result result;
    /* Borrowed; IPv4 before IPv6, one at least when RESOLVER_FOUND. */
    const struct config_address *addresses;
    size_t count;
};

struct resolver_events {
    /* A server is asked for the first time; may be NULL. */
    void (*on_asked)(void *owner, const struct config_address *server);
    /* Once, and last. */
    void (*on_answer)(void *owner, const struct resolver_answer *answer);
};

/*
 * Ask for the addresses of `name`, of the families that are wanted. The answer
 * may come from within this call. An owner that goes away first calls
 * resolver_forget(): shell.c does it for every command whose session ends.
 */
void resolver_ask(struct router *r, const char *name, bool ipv4, bool ipv6,
                  const struct resolver_events *events, void *owner);
void resolver_forget(struct router *r, const void *owner);

/*
 * Who is asked: `ip name-server`, else the system's (/etc/resolv.conf), else
 * this machine, as resolv.conf(5) has it. How many: one at least.
 */
size_t resolver_servers(const struct router *r,
                        struct config_address servers[RESOLVER_SERVERS_MAX]);

/* The router ends: nobody is told anything any more. */
void resolver_stop(struct router *r);

#endif
