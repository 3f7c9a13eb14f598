/*
 * How long somebody stays on a line once he is past the login: since when, how
 * often that happened, and `absolute-timeout`, which ends it.
 */
#ifndef CONTROL_STAYS_H
#define CONTROL_STAYS_H

#include "control/session.h"

/* Past the login; what the line says now about its end is kept. */
void stays_begin(struct session *s);
/* End those that have been here too long; the timer's own. */
void stays_expire(struct router *r);
void stays_stop(struct router *r); /* also if nothing ever began */

#endif
