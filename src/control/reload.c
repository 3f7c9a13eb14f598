#include "control/reload.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/clock.h"
#include "control/journal.h"

/* Seconds before the end at which everybody is told once more. */
static const uint64_t warnings_s[] = {3600, 1800, 300, 60};

static void on_time(uv_timer_t *timer);

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

struct reload *
reload_new(struct router *r)
{
    struct reload *reload = alloc_zero(1, sizeof(*reload));

    reload->router = r;
    uv_timer_init(&r->loop, &reload->timer);
    reload->timer.data = reload;
    return reload;
}

void
reload_free(struct reload *reload)
{
    if (reload != NULL)
        uv_close((uv_handle_t *)&reload->timer, on_closed);
}

void
reload_now(struct router *r, const char *who, const char *reason)
{
    journal_message(r, "SYS", LOG_NOTICE, "RELOAD",
                    "Reload requested by %s. Reload Reason: %s.", who, reason);
    restart_note(r, RELOAD_COMMAND, reason);
    router_end(r, 0);
}

bool
reload_left(const struct router *r, uint64_t *left_s)
{
    const struct reload *reload = r->reload;
    uint64_t now_ms = router_now_ms(r);

    if (reload->due_ms == 0)
        return false;
    *left_s =
        reload->due_ms <= now_ms ? 0 : (reload->due_ms - now_ms + 999) / 1000;
    return true;
}

/* --- the time runs out -------------------------------------------------- */

static void
warn(struct reload *reload)
{
    uint64_t left_s;

    if (reload_left(reload->router, &left_s))
        journal_broadcast(reload->router,
                          "\n\n***\n*** --- SHUTDOWN in %llu:%02llu:%02llu "
                          "---\n***\n",
                          (unsigned long long)left_s / 3600,
                          (unsigned long long)left_s / 60 % 60,
                          (unsigned long long)left_s % 60);
}

/* Until the next warning, or the end. */
static void
wait_on(struct reload *reload)
{
    uint64_t now_ms = router_now_ms(reload->router);
    uint64_t left_ms = reload->due_ms <= now_ms ? 0 : reload->due_ms - now_ms;
    uint64_t wait_ms = left_ms;

    for (size_t i = 0; i < sizeof(warnings_s) / sizeof(warnings_s[0]); i++)
        if (left_ms > warnings_s[i] * 1000 &&
            left_ms - warnings_s[i] * 1000 < wait_ms)
            wait_ms = left_ms - warnings_s[i] * 1000;
    uv_timer_start(&reload->timer, on_time, wait_ms, 0);
}

static void
on_time(uv_timer_t *timer)
{
    struct reload *reload = timer->data;

    if (router_now_ms(reload->router) < reload->due_ms) {
        warn(reload);
        wait_on(reload);
        return;
    }
    reload->due_ms = 0;
    reload_now(reload->router, reload->who, reload->reason);
}

/* --- setting and giving up ---------------------------------------------- */

void
reload_set(struct router *r, uint64_t delay_s, const char *who,
           const char *reason)
{
    struct reload *reload = r->reload;
    uint64_t now = (uint64_t)time(NULL);
    char due[CLOCK_TEXT_MAX], at[CLOCK_TEXT_MAX];

    reload->due_ms = router_now_ms(r) + delay_s * 1000;
    reload->due_at = now + delay_s;
    text_copy(reload->who, sizeof(reload->who), who);
    text_copy(reload->reason, sizeof(reload->reason), reason);
    clock_text(&r->config, reload->due_at, CLOCK_DATE, due);
    clock_text(&r->config, now, CLOCK_DATE, at);
    journal_message(r, "SYS", LOG_NOTICE, "SCHEDULED_RELOAD",
                    "Reload requested for %s at %s by %s. Reload Reason: %s.",
                    due, at, who, reason);
    warn(reload);
    wait_on(reload);
}

bool
reload_cancel(struct router *r)
{
    struct reload *reload = r->reload;
    char now[CLOCK_TEXT_MAX];

    if (reload->due_ms == 0)
        return false;
    reload->due_ms = 0;
    uv_timer_stop(&reload->timer);
    clock_text(&r->config, (uint64_t)time(NULL), CLOCK_DATE, now);
    journal_broadcast(r, "\n\n***\n*** --- SHUTDOWN ABORTED ---\n***\n");
    journal_message(r, "SYS", LOG_NOTICE, "SCHEDULED_RELOAD_CANCELLED",
                    " Scheduled reload cancelled at %s", now);
    return true;
}
