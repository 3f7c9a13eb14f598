/*
 * So much at once, and so much a second: what is beyond is counted. For lines
 * that somebody else can cause.
 */
#ifndef BASE_PACE_H
#define BASE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint32_t burst, per_s;
    uint32_t left;     /* of what may come now */
    uint32_t left_out; /* since it was told last */
    uint64_t at_ms;    /* when `left` was true */
};

/* `burst` at once, then `per_s` in a second (1000 at most). */
void pace_init(struct pace *pace, uint32_t burst, uint32_t per_s,
               uint64_t now_ms);
/* One more; false: it is one too many. */
bool pace_take(struct pace *pace, uint64_t now_ms);
/* Count one that was too many, for whatever reason; true: the first. */
bool pace_leave_out(struct pace *pace);
/* How many were left out; from now on none were. */
uint32_t pace_settle(struct pace *pace);

#endif
