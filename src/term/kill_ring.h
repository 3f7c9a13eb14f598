/*
 * The last ten deleted pieces of text, for ^Y and Esc Y.
 */
#ifndef TERM_KILL_RING_H
#define TERM_KILL_RING_H

#include "base/span.h"

#define KILL_RING_SIZE 10

struct kill_ring {
    struct span pieces[KILL_RING_SIZE]; /* owned; the newest first */
    size_t count;
};

void kill_ring_clear(struct kill_ring *r);
/* Copied; empty text is not kept. */
void kill_ring_add(struct kill_ring *r, struct span text);
/* Number 0 is the newest; beyond the oldest it begins again. Borrowed. */
struct span kill_ring_get(const struct kill_ring *r, size_t number);

#endif
