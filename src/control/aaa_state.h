/*
 * What is known of each AAA server: whether it answers, and what was counted.
 * A server is known by its protocol, address and ports.
 */
#ifndef CONTROL_AAA_STATE_H
#define CONTROL_AAA_STATE_H

#include "base/list.h"
#include "control/aaa_plan.h"
#include "control/router.h"

/* Of logins and the like, or of accounting. */
struct aaa_counts {
    uint64_t requests;      /* new ones */
    uint64_t retransmitted; /* packets that were sent again */
    uint64_t timeouts;      /* packets without an answer in time */
    uint64_t failovers;     /* requests that went on to the next server */
    uint64_t accepts, rejects, challenges;
    uint64_t malformed, bad, unexpected; /* what came and was no answer */
    uint64_t answered;                   /* requests */
    uint64_t unanswered;                 /* requests */
    uint64_t answers;                    /* packets */
    uint64_t sent, received;             /* packets of any kind */
    uint64_t delay_us, delay_most_us;    /* of all answers together, and the
                                            longest */
};

struct aaa_state {
    struct list node;
    enum aaa_protocol protocol;
    struct config_address address;
    uint32_t auth_port, acct_port;
    bool dead;
    uint64_t since_ms;      /* of router_now_ms(): as it is now */
    uint64_t previous_ms;   /* how long it was otherwise before */
    uint64_t dead_ms;       /* all times together that are over */
    uint64_t dead_until_ms; /* it is left alone until then */
    uint32_t dead_count;
    uint64_t silent_since_ms; /* the first of the packets that got no answer */
    uint32_t silent;          /* how many, one after the other; 0: none */
    struct aaa_counts auth, acct;
    uint64_t opened, closed; /* connections */
};

struct aaa_states {
    struct list list;
    uint64_t cleared_ms; /* the counters */
};

void aaa_states_init(struct router *r, struct aaa_states *all);
void aaa_states_clear(struct aaa_states *all);
/* The state of that server, made if need be; borrowed. */
struct aaa_state *aaa_state_of(struct router *r, struct aaa_states *all,
                               const struct aaa_target *target);
/* Dead, and to be left alone: one whose time is over is so no more. */
bool aaa_state_is_dead(struct router *r, struct aaa_state *state);
/*
 * What became of it in one request; `deadtime_min` as the request's group has
 * it. Whether it is dead, by `radius-server dead-criteria`, is told in the log.
 */
void aaa_state_note(struct router *r, struct aaa_state *state,
                    const struct aaa_note *note, enum aaa_kind kind,
                    enum aaa_outcome outcome, uint32_t deadtime_min);
/*
 * A connection that many requests share was opened, or closed; to a server
 * that nobody has asked yet there is none.
 */
void aaa_states_connection(struct aaa_states *all,
                           const struct aaa_target *target, bool open);
/* Whoever had the connections is gone, and they with him. */
void aaa_states_close(struct aaa_states *all);
/* All counters from 0 on; states stay. */
void aaa_states_reset(struct router *r, struct aaa_states *all);

#endif
