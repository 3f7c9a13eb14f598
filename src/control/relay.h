/*
 * Bytes from one descriptor to another, in order, at the pace of the slower
 * one: at most RELAY_ROOM are held. Any kind of descriptor will do.
 */
#ifndef CONTROL_RELAY_H
#define CONTROL_RELAY_H

#include <uv.h>

#include "base/err.h"
#include "base/span.h"

#define RELAY_ROOM 16384 /* bytes */

struct relay;

/*
 * It is over, and the last call: either `from` came to its end and everything
 * went to `to`, or (`broken`) `to` takes no more.
 */
typedef void (*relay_ended_fn)(void *owner, bool broken);

/*
 * Begin. Works on copies of both descriptors (relay_reopen()); what has to be
 * shared is left non-blocking. ERR_SYSTEM.
 */
MUST_CHECK enum err relay_start(uv_loop_t *loop, int from, int to,
                                relay_ended_fn ended, void *owner,
                                struct relay **out);
/* End it at any time, also from `ended`; what it holds is dropped. */
void relay_stop(struct relay *relay); /* NULL is fine */

/*
 * A copy of `fd` that may be set non-blocking without others noticing: its
 * own open file if the kernel gives one (terminals, pipes), else a duplicate.
 * Close-on-exec; -1 and errno.
 */
int relay_reopen(int fd, int access);

#endif
