/*
 * One session's way from "keys are there" to "logged in": methods, tries,
 * the deadline, and the one instant at which failed tries are answered.
 * Proofs are judged in aaa; what it said is counted and kept here.
 */
#ifndef CONTROL_AUTH_H
#define CONTROL_AUTH_H

#include "control/session.h"

/*
 * The answer to a failed try leaves this long after the request came, whatever
 * was wrong (hardening 4.6). It covers the slowest stored form (scrypt, 4 ms)
 * behind some dozens of others on the same processor. A verdict that comes
 * still later leaves at the next multiple of it.
 */
#define AUTH_ANSWER_MS 300

struct auth;

/* Starts the deadline: `ip ssh time-out` after the connection was accepted. */
struct auth *auth_new(struct session *s);
/* NULL is fine. Freed when the loop has let go of its timers. */
void auth_free(struct auth *a);

/* False: the worker asks what no honest one would. */
MUST_CHECK bool auth_try(struct auth *a, const struct msg_auth_try *m);
MUST_CHECK bool auth_answer(struct auth *a, const struct msg_auth_answer *m);

#endif
