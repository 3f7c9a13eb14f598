#include "base/pace.h"

#include <assert.h>

void
pace_init(struct pace *pace, uint32_t burst, uint32_t per_s, uint64_t now_ms)
{
    assert(per_s > 0 && per_s <= 1000);
    *pace = (struct pace){
        .burst = burst,
        .per_s = per_s,
        .left = burst,
        .at_ms = now_ms,
    };
}

static void
refill(struct pace *pace, uint64_t now_ms)
{
    uint64_t ms = now_ms > pace->at_ms ? now_ms - pace->at_ms : 0;
    uint64_t more = ms / 1000 * pace->per_s + ms % 1000 * pace->per_s / 1000;

    if (more >= pace->burst - pace->left) {
        pace->left = pace->burst;
        pace->at_ms = now_ms;
    } else if (more > 0) {
        pace->left += (uint32_t)more;
        /* What is not a whole one yet counts next time. */
        pace->at_ms += more * 1000 / pace->per_s;
    }
}

bool
pace_take(struct pace *pace, uint64_t now_ms)
{
    refill(pace, now_ms);
    if (pace->left == 0)
        return false;
    pace->left--;
    return true;
}

bool
pace_leave_out(struct pace *pace)
{
    if (pace->left_out < UINT32_MAX)
        pace->left_out++;
    return pace->left_out == 1;
}

uint32_t
pace_settle(struct pace *pace)
{
    uint32_t left_out = pace->left_out;

    pace->left_out = 0;
    return left_out;
}
