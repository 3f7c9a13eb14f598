#include "worker/ring.h"

#include <stdlib.h>

#include "base/alloc.h"

static size_t
within_limits(size_t size)
{
    if (size < RING_MIN)
        return RING_MIN;
    return size > RING_MAX ? RING_MAX : size;
}

void
ring_init(struct ring *r, size_t size)
{
    *r = (struct ring){.size = within_limits(size)};
    r->bytes = alloc_zero(r->size, 1);
}

void
ring_clear(struct ring *r)
{
    free(r->bytes);
    *r = (struct ring){.size = 0};
}

void
ring_resize(struct ring *r, size_t size)
{
    struct ring old = *r;

    if (within_limits(size) == old.size)
        return;
    ring_init(r, size);
    r->first = r->end = old.first;
    for (uint64_t at = old.first; at < old.end;) {
        struct span piece = ring_read(&old, at);

        ring_put(r, piece);
        at += piece.len;
    }
    ring_clear(&old);
}

void
ring_put(struct ring *r, struct span bytes)
{
    /* Only the last of them would stay. */
    if (bytes.len > r->size) {
        r->end += bytes.len - r->size;
        bytes = span_of(bytes.ptr + bytes.len - r->size, r->size);
    }
    while (bytes.len > 0) {
        size_t at = (size_t)(r->end % r->size);
        size_t len = r->size - at < bytes.len ? r->size - at : bytes.len;

        memcpy(r->bytes + at, bytes.ptr, len);
        r->end += len;
        bytes = span_of(bytes.ptr + len, bytes.len - len);
    }
    if (r->end - r->first > r->size)
        r->first = r->end - r->size;
}

struct span
ring_read(const struct ring *r, uint64_t at)
{
    size_t from = (size_t)(at % r->size);
    uint64_t len = r->end - at;

    if (len > r->size - from)
        len = r->size - from;
    return span_of(r->bytes + from, (size_t)len);
}
