/*
 * The router ends by `reload`: now, or at a time that was set.
 */
#ifndef CONTROL_RELOAD_H
#define CONTROL_RELOAD_H

#include "control/router.h"

#define RELOAD_TEXT_MAX 256 /* bytes, NUL included */
#define RELOAD_COMMAND  "Reload Command"

/* One that was set. */
struct reload {
    uint64_t due_ms; /* of router_now_ms(); 0: none is set */
    uint64_t due_at; /* seconds since 1970, by the clock when it was set */
    char who[RELOAD_TEXT_MAX];
    char reason[RELOAD_TEXT_MAX]; /* RELOAD_COMMAND when none was given */
    uv_timer_t timer;
    struct router *router;
};

struct reload *reload_new(struct router *r);
/* Freed when the loop has let go of it. NULL is fine. */
void reload_free(struct reload *reload);

/* At once: logged, noted for the next run, and the router ends. */
void reload_now(struct router *r, const char *who, const char *reason);
/*
 * In `delay_s` seconds, in place of any that was set before. Everybody is
 * told now and when the time runs out.
 */
void reload_set(struct router *r, uint64_t delay_s, const char *who,
                const char *reason);
/* Give it up, and tell everybody. False: none was set. */
bool reload_cancel(struct router *r);
/* Seconds from now; false: none is set. */
bool reload_left(const struct router *r, uint64_t *left_s);

#endif
