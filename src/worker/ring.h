/*
 * The last bytes of a stream, at places that are counted from its beginning:
 * whoever reads it keeps his own place.
 */
#ifndef WORKER_RING_H
#define WORKER_RING_H

#include "base/span.h"

#define RING_MIN 4096                /* bytes that it keeps at least */
#define RING_MAX (64u * 1024 * 1024) /* and at most, whatever is asked for */

struct ring {
    uint8_t *bytes; /* owned */
    size_t size;
    uint64_t first, end; /* places: of the oldest byte; behind the newest */
};

/* Keep `size` bytes, within RING_MIN and RING_MAX. */
void ring_init(struct ring *r, size_t size);
void ring_clear(struct ring *r);
/* Keep another number of bytes from now on; the newest stay. */
void ring_resize(struct ring *r, size_t size);

/* The oldest bytes make room. */
void ring_put(struct ring *r, struct span bytes);
/*
 * Bytes from place `at` on, as far as they lie together; empty at the end.
 * Borrowed until the next change. `at` is within first and end.
 */
struct span ring_read(const struct ring *r, uint64_t at);

#endif
