/*
 * The lines a user entered last, for Up and Down.
 */
#ifndef BASE_HISTORY_H
#define BASE_HISTORY_H

#include "base/span.h"

#define HISTORY_MAX 256 /* lines */

struct history {
    struct history_line **lines; /* owned, oldest first; NULL while empty */
    size_t count;
    size_t size; /* most lines it keeps, at most HISTORY_MAX */
};

void history_init(struct history *h, size_t size);
void history_clear(struct history *h);
/* Keep at most `size` lines from now on; the oldest go. */
void history_resize(struct history *h, size_t size);
/* Copied; an empty line and the same as the last one are not kept. */
void history_add(struct history *h, struct span line);
/*
 * The line `back` steps ago, 1 being the last; false when there is none.
 * Borrowed until the next change.
 */
bool history_get(const struct history *h, size_t back, struct span *line);

#endif
