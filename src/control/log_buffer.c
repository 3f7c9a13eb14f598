#include "control/log_buffer.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define ROOM_MIN 4096 /* bytes that are had at first */

struct log_buffer {
    size_t size;  /* bytes it may hold */
    size_t room;  /* bytes it has memory for now, at most `size` */
    size_t begin; /* of the oldest byte */
    size_t used;
    char *bytes;
};

struct log_buffer *
log_buffer_new(size_t size)
{
    struct log_buffer *b = alloc_zero(1, sizeof(*b));

    b->size = size;
    return b;
}

void
log_buffer_free(struct log_buffer *b)
{
    if (b == NULL)
        return;
    free(b->bytes);
    free(b);
}

void
log_buffer_read(const struct log_buffer *b, struct span *older,
                struct span *newer)
{
    size_t first = b->used;

    *older = *newer = SPAN_EMPTY;
    if (b->used == 0)
        return;
    if (first > b->room - b->begin)
        first = b->room - b->begin;
    *older = span_of(b->bytes + b->begin, first);
    *newer = span_of(b->bytes, b->used - first);
}

/*
 * Other memory, with the newest bytes in order. A size that the machine has
 * no memory for is not reached: what was had before goes on as a smaller ring.
 */
static void
move_to(struct log_buffer *b, size_t room)
{
    struct span older, newer;
    char *bytes = malloc(room);
    size_t drop = b->used > room ? b->used - room : 0;

    if (bytes == NULL)
        return;
    log_buffer_read(b, &older, &newer);
    if (drop > older.len) {
        newer = span_of(newer.ptr + (drop - older.len),
                        newer.len - (drop - older.len));
        older = SPAN_EMPTY;
    } else if (drop > 0) {
        older = span_of(older.ptr + drop, older.len - drop);
    }
    if (older.len > 0)
        memcpy(bytes, older.ptr, older.len);
    if (newer.len > 0)
        memcpy(bytes + older.len, newer.ptr, newer.len);
    b->used = older.len + newer.len;
    b->begin = 0;
    free(b->bytes);
    b->bytes = bytes;
    b->room = room;
}

void
log_buffer_resize(struct log_buffer *b, size_t size)
{
    b->size = size;
    if (b->room > size)
        move_to(b, size);
}

/* Twice as much at a time, until `more` bytes have room as well. */
static void
grow(struct log_buffer *b, size_t more)
{
    size_t room = b->room < ROOM_MIN ? ROOM_MIN : b->room;

    if (b->used + more <= b->room || b->room >= b->size)
        return;
    while (room < b->used + more && room < b->size)
        room *= 2;
    move_to(b, room < b->size ? room : b->size);
}

static void
put(struct log_buffer *b, const char *text, size_t len)
{
    grow(b, len);
    if (b->room == 0)
        return;
    if (len > b->room) {
        text += len - b->room;
        len = b->room;
    }
    while (len > 0) {
        size_t at = (b->begin + b->used) % b->room;
        size_t part = b->room - at;

        if (part > len)
            part = len;
        memcpy(b->bytes + at, text, part);
        text += part;
        len -= part;
        b->used += part;
        if (b->used > b->room) {
            b->begin = (b->begin + (b->used - b->room)) % b->room;
            b->used = b->room;
        }
    }
}

void
log_buffer_add(struct log_buffer *b, const char *line)
{
    put(b, line, strlen(line));
    put(b, "\n", 1);
}

void
log_buffer_empty(struct log_buffer *b)
{
    free(b->bytes);
    b->bytes = NULL;
    b->room = b->begin = b->used = 0;
}
