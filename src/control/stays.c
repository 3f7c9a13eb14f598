#include "control/stays.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "control/grant.h"
#include "control/journal.h"
#include "control/log_about.h"
#include "control/sessions.h"
#include "control/shell.h"

#define MINUTE_MS 60000

struct stays {
    uv_timer_t timer; /* to the next end of a stay */
};

static void
end_stay(struct session *s)
{
    s->ends_ms = 0;
    log_about(s);
    journal_message(s->router, "SYS", LOG_INFORMATIONAL, "TTY_EXPIRE_TIMER",
                    "(absolute timer expired, tty %u (%s)), user %s", s->line,
                    s->kind == SESSION_CONSOLE ? "0.0.0.0" : s->peer_text,
                    s->user);
    if (s->kind == SESSION_CONSOLE && !s->attached)
        shells_clear_console(s);
    else
        session_disconnect(s, CAUSE_TIME, SSH_REASON_BY_APPLICATION,
                           "absolute timer expired");
}

static void
on_timer(uv_timer_t *timer)
{
    stays_expire(timer->data);
}

void
stays_expire(struct router *r)
{
    uint64_t now_ms = router_now_ms(r);
    uint64_t next_ms = UINT64_MAX;

    LIST_EACH(node, sessions_all(r))
    {
        struct session *s = LIST_ITEM(node, struct session, node);

        if (s->ends_ms != 0 && s->ends_ms <= now_ms)
            end_stay(s);
        else if (s->ends_ms != 0 && s->ends_ms < next_ms)
            next_ms = s->ends_ms;
    }
    if (next_ms != UINT64_MAX)
        uv_timer_start(&r->stays->timer, on_timer, next_ms - now_ms, 0);
}

static void
stays_start(struct router *r)
{
    r->stays = alloc_zero(1, sizeof(*r->stays));
    uv_timer_init(&r->loop, &r->stays->timer);
    r->stays->timer.data = r;
}

void
stays_begin(struct session *s)
{
    struct router *r = s->router;
    unsigned minutes = grant_stay_min(s);

    s->begun_ms = s->active_ms = router_now_ms(r);
    s->ends_ms = 0;
    if (s->kind == SESSION_CONSOLE)
        sessions_count_use(r, session_line_id(s));
    if (minutes == 0)
        return;
    if (r->stays == NULL)
        stays_start(r);
    s->ends_ms = s->begun_ms + (uint64_t)minutes * MINUTE_MS;
    stays_expire(r);
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle);
}

void
stays_stop(struct router *r)
{
    if (r->stays == NULL)
        return;
    uv_close((uv_handle_t *)&r->stays->timer, on_closed);
    r->stays = NULL;
}
