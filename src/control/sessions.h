/*
 * The session table as the process side sees it; session.h is what commands
 * may know.
 */
#ifndef CONTROL_SESSIONS_H
#define CONTROL_SESSIONS_H

#include "control/session.h"

#define SESSIONS_VTY_MAX 10000 /* vty 0 to 9999 */

struct sessions;

struct sessions *sessions_new(struct router *r);
void sessions_free(struct sessions *table);

/* NULL: that line is taken. The session is in state STARTING. */
struct session *session_new(struct router *r, enum session_kind kind,
                            unsigned vty);
/* The worker is gone: everything of the session ends, its line is free. */
void session_end(struct session *s);

/* A number for a connection, which no other one ever gets. */
uint32_t sessions_next_number(struct router *r);

/*
 * The connection has ended, though its worker has not: nobody is on the line
 * any more, and somebody else may get it. Nothing if that was done before.
 */
void session_leave_line(struct session *s);

/*
 * How often a line was used: connections to a vty; at the console, logins; of
 * other lines, users who came to it.
 */
void sessions_count_use(struct router *r, struct config_line_id line);
uint32_t sessions_uses(const struct router *r, struct config_line_id line);

/* By the number that messages carry; NULL when it has ended. */
struct session *session_find(struct router *r, uint32_t connection);

/* The lowest vty in first..last that is free. ERR_NOT_FOUND. */
MUST_CHECK enum err sessions_free_vty(const struct router *r, unsigned first,
                                      unsigned last, unsigned *vty);

#endif
