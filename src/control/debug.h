/*
 * What is debugged, and the lines that tell of it: in the log at severity 7,
 * not more of them than a router can write; what is beyond is counted and told.
 */
#ifndef CONTROL_DEBUG_H
#define CONTROL_DEBUG_H

#include "control/session.h"

struct debug *debug_new(struct router *r);
/* Freed when the loop has let go of it; NULL is fine. */
void debug_free(struct debug *d);

/* What is debugged: enum debug_kind, as a set. */
unsigned debug_kinds(const struct router *r);
bool debug_on(const struct router *r, enum debug_kind kind);
/* It is these from now on; debug_set() is for those who may be working. */
void debug_keep(struct router *r, unsigned kinds);
/* A line of the log; a stranger's bytes only through text_escape(). */
void debug_line(struct router *r, const char *format, ...) PRINTF(2, 3);

/* The same of several lines with one stamp; `others` are joined by LF. */
void debug_lines(struct router *r, const char *first, const char *others);

/* --- debug_set.c ------------------------------------------------------- */

/* Debug all of `kinds`, or none of them; whoever works on it is told. */
void debug_set(struct router *r, unsigned kinds, bool on);

/* --- debug.c: workers -------------------------------------------------- */

/*
 * Of a session's worker that begins: what it tells of. That is nothing while
 * its user is shown the log: each line would make packets, and they lines.
 */
unsigned debug_begin(struct session *s);
/* It is told, if that has changed. */
void debug_tell(struct session *s);
/* So many more of its channels are shown the log. */
void debug_monitors(struct session *s, int more);
/* Its worker's TRACED; false: it was never asked for any. */
bool debug_traced(struct session *s, struct span lines);

/* What workers of connections to other machines tell of. */
unsigned debug_of_clients(const struct router *r);
/* Theirs; `slot` numbers the connection. False: they make no sense. */
bool debug_client_traced(struct router *r, unsigned slot, struct pace *pace,
                         struct span lines);
/* How many lines of one worker are shown. */
void debug_limit(const struct router *r, struct pace *pace);

#endif
