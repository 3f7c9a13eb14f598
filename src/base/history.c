#include "base/history.h"

#include <stdlib.h>

#include "base/alloc.h"

struct history_line {
    size_t len;
    uint8_t bytes[];
};

void
history_init(struct history *h, size_t size)
{
    *h = (struct history){.size = size < HISTORY_MAX ? size : HISTORY_MAX};
}

static void
drop_oldest(struct history *h, size_t drop)
{
    if (drop == 0)
        return;
    for (size_t i = 0; i < drop; i++)
        free(h->lines[i]);
    h->count -= drop;
    memmove(h->lines, h->lines + drop,
            h->count * sizeof(struct history_line *));
}

void
history_clear(struct history *h)
{
    drop_oldest(h, h->count);
    free(h->lines);
    h->lines = NULL;
}

void
history_resize(struct history *h, size_t size)
{
    if (size > HISTORY_MAX)
        size = HISTORY_MAX;
    if (h->count > size)
        drop_oldest(h, h->count - size);
    if (size == 0)
        history_clear(h);
    else if (h->lines != NULL)
        h->lines = alloc_resize(h->lines, size, sizeof(struct history_line *));
    h->size = size;
}

void
history_add(struct history *h, struct span line)
{
    struct history_line *copy;
    struct span last;

    if (h->size == 0 || line.len == 0)
        return;
    if (history_get(h, 1, &last) && span_equal(last, line))
        return;
    if (h->lines == NULL)
        h->lines = alloc_zero(h->size, sizeof(struct history_line *));
    if (h->count == h->size)
        drop_oldest(h, 1);
    copy = alloc_zero(1, sizeof(*copy) + line.len);
    copy->len = line.len;
    memcpy(copy->bytes, line.ptr, line.len);
    h->lines[h->count++] = copy;
}

bool
history_get(const struct history *h, size_t back, struct span *line)
{
    const struct history_line *found;

    if (back == 0 || back > h->count)
        return false;
    found = h->lines[h->count - back];
    *line = span_of(found->bytes, found->len);
    return true;
}
