#include "control/rollback.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/journal.h"
#include "control/replace.h"
#include "control/sessions.h"

#define FACILITY  "ARCHIVE_DIFF"
#define MINUTE_MS 60000u
#define AGAIN_MS  1000 /* while the configuration is being replaced */

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

struct rollback *
rollback_new(struct router *r)
{
    struct rollback *b = alloc_zero(1, sizeof(*b));

    b->router = r;
    uv_timer_init(&r->loop, &b->timer);
    b->timer.data = b;
    return b;
}

void
rollback_free(struct rollback *b)
{
    if (b == NULL)
        return;
    if (b->pending)
        config_clear(&b->before);
    uv_close((uv_handle_t *)&b->timer, on_closed);
}

bool
rollback_keep(struct router *r, uint32_t connection, const char *who)
{
    struct rollback *b = r->rollback;

    if (b->pending)
        return false;
    b->pending = true;
    b->connection = connection;
    b->file[0] = '\0';
    text_copy(b->who, sizeof(b->who), who);
    config_copy(&b->before, &r->config);
    return true;
}

void
rollback_cancel(struct router *r)
{
    struct rollback *b = r->rollback;

    /* Commands that never end are freed after it. */
    if (b == NULL || !b->pending)
        return;
    uv_timer_stop(&b->timer);
    config_clear(&b->before);
    b->pending = false;
}

static void
on_replaced(void *owner, const struct replacement *outcome)
{
    struct rollback *b = owner;
    bool whole = outcome->end == REPLACE_DONE;
    rollback_done_fn done = b->done;

    if (!whole)
        journal_message(b->router, FACILITY, LOG_ERROR,
                        "ROLLBK_CNFMD_CHG_ROLLBACK_FAIL",
                        "Rolling to %s failed: lines were refused", b->file);
    b->rolling = false;
    b->done = NULL;
    rollback_cancel(b->router);
    if (done != NULL)
        done(b->owner, whole);
}

bool
rollback_now(struct router *r, rollback_done_fn done, void *owner)
{
    struct rollback *b = r->rollback;

    if (!replace_begin(r, &b->before, &(struct replace_by){.user = ""},
                       on_replaced, b))
        return false;
    uv_timer_stop(&b->timer);
    b->rolling = true;
    b->done = done;
    b->owner = owner;
    journal_message(r, FACILITY, LOG_NOTICE, "ROLLBK_CNFMD_CHG_ROLLBACK_START",
                    "Start rolling to: %s", b->file);
    return true;
}

void
rollback_forget(struct router *r, const void *owner)
{
    if (r->rollback != NULL && r->rollback->owner == owner)
        r->rollback->done = NULL;
}

bool
rollback_is_pending(const struct router *r)
{
    return r->rollback->pending && !r->rollback->rolling;
}

/* --- time --------------------------------------------------------------- */

static void on_time(uv_timer_t *timer);

/* Whoever types is not idle; a session that is gone is. */
static void
look_at_session(struct rollback *b)
{
    const struct session *s = session_find(b->router, b->connection);
    uint64_t due_ms;

    if (!b->limit.idle || s == NULL)
        return;
    due_ms = s->active_ms + (uint64_t)b->limit.minutes * MINUTE_MS;
    if (due_ms > b->due_ms) {
        b->due_ms = due_ms;
        b->warned = false;
    }
}

static void
wait_on(struct rollback *b)
{
    uint64_t now_ms = router_now_ms(b->router);
    uint64_t left_ms = b->due_ms <= now_ms ? 0 : b->due_ms - now_ms;

    if (!b->warned && left_ms > MINUTE_MS)
        left_ms -= MINUTE_MS;
    uv_timer_start(&b->timer, on_time, left_ms, 0);
}

static void
warn(struct rollback *b)
{
    b->warned = true;
    journal_message(b->router, FACILITY, LOG_NOTICE,
                    b->limit.idle ? "ROLLBK_CNFMD_CHG_WARNING_IDLETIMER"
                                  : "ROLLBK_CNFMD_CHG_WARNING_ABSTIMER",
                    "System will rollback to config %s in one minute. Enter "
                    "\"configure confirm\" if you wish to keep what you've "
                    "configured",
                    b->file);
}

static void
on_time(uv_timer_t *timer)
{
    struct rollback *b = timer->data;
    uint64_t now_ms = router_now_ms(b->router);

    look_at_session(b);
    if (now_ms >= b->due_ms) {
        if (!rollback_now(b->router, NULL, NULL))
            uv_timer_start(timer, on_time, AGAIN_MS, 0);
        return;
    }
    if (b->due_ms - now_ms <= MINUTE_MS && !b->warned)
        warn(b);
    wait_on(b);
}

void
rollback_limit(struct router *r, const struct rollback_limit *limit)
{
    struct rollback *b = r->rollback;

    b->limit = *limit;
    b->set_at = (uint64_t)time(NULL);
    b->due_ms = router_now_ms(r) + (uint64_t)limit->minutes * MINUTE_MS;
    /* Of a minute in all nobody needs to be told that it is the last. */
    b->warned = limit->minutes <= 1;
    if (limit->idle)
        journal_message(r, FACILITY, LOG_NOTICE,
                        "ROLLBK_CNFMD_CHG_START_IDLETIMER",
                        "User: %s: Scheduled to rollback to config %s if "
                        "session has been idle for %u minutes",
                        b->who, b->file, limit->minutes);
    else
        journal_message(
            r, FACILITY, LOG_NOTICE, "ROLLBK_CNFMD_CHG_START_ABSTIMER",
            "User: %s: Scheduled to rollback to config %s in %u minutes",
            b->who, b->file, limit->minutes);
    wait_on(b);
}

void
rollback_start(struct router *r, const struct rollback_limit *limit,
               const char *file)
{
    struct rollback *b = r->rollback;

    text_copy(b->file, sizeof(b->file), file);
    journal_message(r, FACILITY, LOG_NOTICE, "ROLLBK_CNFMD_CHG_BACKUP",
                    "Backing up current running config to %s", file);
    rollback_limit(r, limit);
}
