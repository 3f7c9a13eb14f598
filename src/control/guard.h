/*
 * The watch over logins: how many failed and for whom, what of it is logged
 * (`login on-failure`, `on-success`), and the quiet mode that too many of them
 * begin (`login block-for`), in which whole sources are turned away.
 */
#ifndef CONTROL_GUARD_H
#define CONTROL_GUARD_H

#include "control/session.h"

#define GUARD_FAILURES_MAX 50  /* remembered, as in IOS */
#define GUARD_LIST_MAX     256 /* of an access list's name */
#define GUARD_USER_MAX     64  /* of a name, escapes and NUL included */

/* Tries of one name from one source; printable. */
struct guard_failure {
    char user[GUARD_USER_MAX];
    char source[NET_TEXT_MAX];
    unsigned port;  /* the router's own */
    unsigned count; /* 0: no such entry */
    uint64_t at;    /* the last one: seconds since 1970 */
};

struct guard_state {
    unsigned window_left_s; /* of the watch window */
    unsigned failures;      /* in that window */
    unsigned total;         /* since the router started */
    unsigned quiet_left_s;  /* 0: no quiet mode */
};

/* A proof was wrong: `user` as he was named, perhaps empty. */
void guard_failed(struct session *s, struct span user);
void guard_succeeded(const struct session *s);
/* Quiet mode, and `login quiet-mode access-class` does not permit him. */
bool guard_refuses(const struct router *r, const struct net_address *peer);
/* That list, by number or name; without one, what IOS calls its own. */
void guard_quiet_list(const struct config *config, char name[GUARD_LIST_MAX]);
/* Seconds by which the answer to any failed try is put off. */
unsigned guard_delay_s(const struct config *config);
/* `login block-for` was changed: the watch begins anew. */
void guard_changed(struct router *r);

void guard_state(struct router *r, struct guard_state *state);
/* The oldest is 0; NULL: no more. Borrowed. */
const struct guard_failure *guard_failure(const struct router *r, size_t i);

/* Nothing is watched before guard_start(), and after guard_stop(). */
void guard_start(struct router *r);
void guard_stop(struct router *r);

#endif
