#include "term/kill_ring.h"

#include <stdlib.h>

#include "base/alloc.h"

static void
piece_free(struct span piece)
{
    free((void *)(uintptr_t)piece.ptr);
}

void
kill_ring_clear(struct kill_ring *r)
{
    for (size_t i = 0; i < r->count; i++)
        piece_free(r->pieces[i]);
    *r = (struct kill_ring){0};
}

void
kill_ring_add(struct kill_ring *r, struct span text)
{
    uint8_t *copy;

    if (text.len == 0)
        return;
    if (r->count == KILL_RING_SIZE)
        piece_free(r->pieces[--r->count]);
    copy = alloc_zero(text.len, 1);
    memcpy(copy, text.ptr, text.len);
    memmove(r->pieces + 1, r->pieces, r->count * sizeof(r->pieces[0]));
    r->pieces[0] = span_of(copy, text.len);
    r->count++;
}

struct span
kill_ring_get(const struct kill_ring *r, size_t number)
{
    if (r->count == 0)
        return SPAN_EMPTY;
    return r->pieces[number % r->count];
}
