/*
 * Which terminals control somebody's session: a getty's, a user's. To know it
 * takes a look at every process, so that all who ask within a second share
 * one: thousands of ports may be opened at a time. Threads may ask at once.
 */
#ifndef OS_CONTROLLED_H
#define OS_CONTROLLED_H

#include <sys/types.h>

#define CONTROLLED_KEEP_MS 1000 /* what was seen counts for so long */

struct controlled;

struct controlled *controlled_new(void);
/* Another owner; each calls controlled_drop(), the last one frees it. */
struct controlled *controlled_share(struct controlled *c);
void controlled_drop(struct controlled *c); /* NULL is fine */

/* A process that this terminal controls; 0: there is none, or none is known. */
pid_t controlled_by(struct controlled *c, dev_t device);

#endif
