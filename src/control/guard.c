#include "control/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/clock.h"
#include "control/journal.h"
#include "control/log_about.h"
#include "control/metrics.h"
#include "control/source.h"

#define SECOND_MS 1000
#define REASON    "Login Authentication Failed"

struct guard {
    uv_timer_t quiet;   /* runs in quiet mode */
    uint64_t window_ms; /* when this watch window began */
    unsigned failures;  /* in it */
    unsigned total;
    uint64_t quiet_until_ms;    /* 0: no quiet mode */
    unsigned failed, succeeded; /* for `every N` */
    struct guard_failure last[GUARD_FAILURES_MAX];
    size_t count, oldest;
};

static const struct config_login_watch *
settings(const struct router *r)
{
    return &r->config.login_watch;
}

/* --- what log lines say ------------------------------------------------- */

static const char *
source_of(const struct session *s)
{
    return s->kind == SESSION_CONSOLE ? "LOCAL" : s->peer_text;
}

static void
now_text(const struct router *r, char text[CLOCK_TEXT_MAX])
{
    clock_text(&r->config, (uint64_t)time(NULL), CLOCK_DATE, text);
}

static void
log_failure(const struct session *s, const char *user)
{
    char now[CLOCK_TEXT_MAX];

    now_text(s->router, now);
    log_about(s);
    journal_limited(s->router, s->peer_text, "SEC_LOGIN", LOG_WARNING,
                    "LOGIN_FAILED",
                    "Login failed [user: %s] [Source: %s] [localport: %u] "
                    "[Reason: " REASON "] at %s",
                    user, source_of(s), s->local_port, now);
}

void
guard_succeeded(const struct session *s)
{
    struct guard *g = s->router->guard;
    unsigned every = settings(s->router)->log_success_every;
    char now[CLOCK_TEXT_MAX];

    /* Others are counted in auth.c, which knows by what method. */
    if (s->kind == SESSION_CONSOLE)
        metrics_login(s->router, METRICS_CONSOLE, true);
    if (g == NULL || every == 0 || ++g->succeeded % every != 0)
        return;
    now_text(s->router, now);
    log_about(s);
    journal_message(s->router, "SEC_LOGIN", LOG_NOTICE, "LOGIN_SUCCESS",
                    "Login Success [user: %s] [Source: %s] [localport: %u] "
                    "at %s",
                    s->user, source_of(s), s->local_port, now);
}

/* --- failures ----------------------------------------------------------- */

static struct guard_failure *
entry_of(struct guard *g, const char *user, const char *source)
{
    struct guard_failure *f;

    for (size_t i = 0; i < g->count; i++)
        if (strcmp(g->last[i].user, user) == 0 &&
            strcmp(g->last[i].source, source) == 0)
            return &g->last[i];
    if (g->count < GUARD_FAILURES_MAX) {
        f = &g->last[g->count++];
    } else {
        f = &g->last[g->oldest];
        g->oldest = (g->oldest + 1) % GUARD_FAILURES_MAX;
    }
    *f = (struct guard_failure){.count = 0};
    text_copy(f->user, sizeof(f->user), user);
    text_copy(f->source, sizeof(f->source), source);
    return f;
}

static void
remember(struct guard *g, const struct session *s, const char *user)
{
    struct guard_failure *f = entry_of(g, user, source_of(s));

    f->port = s->local_port;
    f->count++;
    f->at = (uint64_t)time(NULL);
}

const struct guard_failure *
guard_failure(const struct router *r, size_t i)
{
    const struct guard *g = r->guard;

    if (g == NULL || i >= g->count)
        return NULL;
    return &g->last[(g->oldest + i) % GUARD_FAILURES_MAX];
}

/* --- the watch window --------------------------------------------------- */

static uint64_t
window_length_ms(const struct router *r)
{
    return (uint64_t)settings(r)->within_s * SECOND_MS;
}

/* Windows follow one another from the moment the watch began. */
static void
turn_window(struct router *r)
{
    struct guard *g = r->guard;
    uint64_t length_ms = window_length_ms(r);
    uint64_t passed_ms = router_now_ms(r) - g->window_ms;

    if (length_ms == 0 || passed_ms < length_ms)
        return;
    g->window_ms += passed_ms / length_ms * length_ms;
    g->failures = 0;
}

static unsigned
window_left_s(struct router *r)
{
    uint64_t end_ms = r->guard->window_ms + window_length_ms(r);
    uint64_t now_ms = router_now_ms(r);

    return end_ms > now_ms ? (unsigned)((end_ms - now_ms) / SECOND_MS) : 0;
}

void
guard_state(struct router *r, struct guard_state *state)
{
    struct guard *g = r->guard;
    uint64_t now_ms = router_now_ms(r);

    *state = (struct guard_state){.total = 0};
    if (g == NULL)
        return;
    turn_window(r);
    state->window_left_s = window_left_s(r);
    state->failures = g->failures;
    state->total = g->total;
    if (g->quiet_until_ms > now_ms)
        state->quiet_left_s =
            (unsigned)((g->quiet_until_ms - now_ms + SECOND_MS - 1) /
                       SECOND_MS);
}

/* --- quiet mode --------------------------------------------------------- */

static void
begin_watch(struct router *r)
{
    struct guard *g = r->guard;

    uv_timer_stop(&g->quiet);
    g->quiet_until_ms = 0;
    g->window_ms = router_now_ms(r);
    g->failures = 0;
}

void
guard_changed(struct router *r)
{
    if (r->guard != NULL)
        begin_watch(r);
}

static void
on_quiet_over(uv_timer_t *timer)
{
    struct router *r = timer->data;
    char now[CLOCK_TEXT_MAX];

    begin_watch(r);
    now_text(r, now);
    journal_message(r, "SEC_LOGIN", LOG_NOTICE, "QUIET_MODE_OFF",
                    "Quiet Mode is OFF, because block period timed out at %s",
                    now);
}

/* `login quiet-mode access-class`: a list that is not there permits. */
static bool
quiet_permits(const struct router *r, const struct config_address *source)
{
    const struct config_login_watch *watch = settings(r);
    const struct config_ace *entry;
    const struct config_acl *acl;

    if (watch->quiet_class == CONFIG_ACCESS_CLASS_NONE)
        return false;
    if (watch->quiet_class == CONFIG_ACCESS_CLASS_NUMBER)
        return config_access_permits(&r->config, watch->quiet_number, source);
    acl = config_acl_named(&r->config.named_acls.list, watch->quiet_name);
    if (acl == NULL || acl->entries.list.count == 0)
        return true;
    entry = config_acl_match(acl, source);
    return entry != NULL && entry->action == CONFIG_PERMIT;
}

bool
guard_refuses(const struct router *r, const struct net_address *peer)
{
    struct config_address source;

    if (r->guard == NULL || r->guard->quiet_until_ms == 0)
        return false;
    source = source_address(peer);
    return !quiet_permits(r, &source);
}

void
guard_quiet_list(const struct config *config, char name[GUARD_LIST_MAX])
{
    const struct config_login_watch *watch = &config->login_watch;

    if (watch->quiet_class == CONFIG_ACCESS_CLASS_NUMBER)
        snprintf(name, GUARD_LIST_MAX, "%u", watch->quiet_number);
    else if (watch->quiet_class == CONFIG_ACCESS_CLASS_NAME)
        text_copy(name, GUARD_LIST_MAX, watch->quiet_name);
    else
        text_copy(name, GUARD_LIST_MAX, "sl_def_acl");
}

/* Whoever was about to log in is denied as well as those that come now. */
static void
end_logins(struct router *r)
{
    LIST_EACH(node, sessions_all(r))
    {
        struct session *s = LIST_ITEM(node, struct session, node);

        if (s->kind == SESSION_SSH && s->state < SESSION_SHELL &&
            guard_refuses(r, &s->peer))
            session_disconnect(s, CAUSE_REFUSED, SSH_REASON_BY_APPLICATION,
                               "Logins are blocked");
    }
}

static void
begin_quiet(struct session *s, const char *user)
{
    struct router *r = s->router;
    struct guard *g = r->guard;
    const struct config_login_watch *watch = settings(r);
    uint64_t length_ms = (uint64_t)watch->block_s * SECOND_MS;
    char now[CLOCK_TEXT_MAX], list[GUARD_LIST_MAX];

    guard_quiet_list(&r->config, list);
    g->quiet_until_ms = router_now_ms(r) + length_ms;
    uv_timer_start(&g->quiet, on_quiet_over, length_ms, 0);
    now_text(r, now);
    journal_message(r, "SEC_LOGIN", LOG_ALERT, "QUIET_MODE_ON",
                    "Still timeleft for watching failures is %u seconds, "
                    "[user: %s] [Source: %s] [localport: %u] [Reason: " REASON
                    "] [ACL: %s] at %s",
                    window_left_s(r), user, source_of(s), s->local_port, list,
                    now);
    end_logins(r);
}

void
guard_failed(struct session *s, struct span user)
{
    struct router *r = s->router;
    struct guard *g = r->guard;
    const struct config_login_watch *watch = settings(r);
    char name[GUARD_USER_MAX];

    if (s->kind == SESSION_CONSOLE)
        metrics_login(r, METRICS_CONSOLE, false);
    if (g == NULL)
        return;
    text_escape(name, sizeof(name), user);
    g->total++;
    remember(g, s, name);
    if (watch->log_failure_every != 0 &&
        ++g->failed % watch->log_failure_every == 0)
        log_failure(s, name);
    if (watch->block_s == 0 || g->quiet_until_ms != 0)
        return;
    turn_window(r);
    if (++g->failures >= watch->attempts)
        begin_quiet(s, name);
}

unsigned
guard_delay_s(const struct config *config)
{
    const struct config_login_watch *watch = &config->login_watch;

    if (watch->delay_s != 0)
        return watch->delay_s;
    return watch->block_s != 0 ? 1 : 0;
}

/* --- life --------------------------------------------------------------- */

void
guard_start(struct router *r)
{
    r->guard = alloc_zero(1, sizeof(*r->guard));
    uv_timer_init(&r->loop, &r->guard->quiet);
    r->guard->quiet.data = r;
    r->guard->window_ms = router_now_ms(r);
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle); /* the timer stands first in it */
}

void
guard_stop(struct router *r)
{
    if (r->guard == NULL)
        return;
    uv_close((uv_handle_t *)&r->guard->quiet, on_closed);
    r->guard = NULL;
}
