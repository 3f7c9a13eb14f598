/*
 * The way to AAA servers: from a group of the configuration to a request of
 * the aaa that asks servers, and back. Every request is answered once, also
 * when aaa dies (then: AAA_ERROR), but not after aaa_forget().
 */
#ifndef CONTROL_AAA_SERVERS_H
#define CONTROL_AAA_SERVERS_H

#include "control/aaa_state.h"
#include "control/router.h"
#include "ipc/messages.h"

struct aaa_ask {
    enum aaa_kind kind;
    struct span user;
    bool has_given; /* false: the user is asked for it, if need be */
    struct span given;
    enum aaa_service service;
    uint32_t privilege;
    const char *port;      /* "tty3" */
    const char *remote;    /* an address, or "async" */
    struct span arguments; /* "cmd=show", each a string: ipc/aaa.h */
    enum aaa_accounting accounting;
    enum aaa_method method; /* accounting: how the user came in */
    uint64_t limit_ms;      /* for all of it; 0: none */
};

struct aaa_events {
    /*
     * The user is asked; aaa_group_answer() goes on. Texts are printable, of
     * several lines perhaps, and borrowed.
     */
    void (*asked)(void *owner, const char *text, const char *prompt, bool echo);
    /*
     * The end. `attributes`: "shell:priv-lvl=15", each a string; `text` for
     * the user, printable; both borrowed.
     */
    void (*result)(void *owner, enum aaa_outcome outcome,
                   struct span attributes, const char *text);
};

/*
 * Ask the servers of that group. Spans and texts are copied. No event comes
 * from within the call; without a server that could be asked it is AAA_ERROR.
 * The number is for aaa_group_answer().
 */
uint64_t aaa_group_ask(struct router *r, const char *group,
                       const struct aaa_ask *ask,
                       const struct aaa_events *events, void *owner);
/* What the user said, or that he said nothing. */
void aaa_group_answer(struct router *r, uint64_t request, bool given,
                      struct span text);
/* The owner is gone: its requests are given up. */
void aaa_forget(struct router *r, void *owner);

/* Rows: what the configuration says of servers has changed; `r` may be NULL. */
void aaa_servers_changed(struct router *r, const struct config *config);
/* What is known of servers. */
struct aaa_states *aaa_servers_states(struct router *r);

/* helpers.c: it said something; it died. */
void aaa_servers_on_message(struct router *r, const struct message *m);
void aaa_servers_lost(struct router *r);

struct aaa_servers *aaa_servers_new(struct router *r);
void aaa_servers_free(struct aaa_servers *s); /* NULL is fine */

#endif
