#include "control/snmp.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/helpers.h"
#include "control/journal.h"
#include "control/resolver.h"
#include "control/snmp_parts.h"
#include "crypto/random.h"

#define FINISH_MS 3000 /* for informs, when the router ends */
#define TRIES_MAX 2    /* that notify may die with one */

struct snmp {
    struct router *router;
    struct list targets; /* in the order of the configuration */
    struct snmp_counters counters;
    uint32_t in_flight; /* informs that notify has */
    uint64_t started_ms;
    uv_timer_t timer; /* of the end */
    void (*then)(struct router *r);
};

/* --- the end of a notice ------------------------------------------------ */

/* Nothing waits any more, or has had its time. */
static void
finished(struct snmp *s)
{
    void (*then)(struct router *) = s->then;

    s->then = NULL;
    uv_timer_stop(&s->timer);
    then(s->router);
}

static bool
is_empty(const struct snmp *s)
{
    LIST_EACH(node, &s->targets)
    {
        if (LIST_ITEM(node, struct snmp_target, node)->waiting > 0)
            return false;
    }
    return true;
}

static void
notice_remove(struct notice *n)
{
    struct snmp_target *target = n->target;
    struct snmp *s = target->snmp;

    if (n->state == NOTICE_NAME)
        resolver_forget(s->router, n);
    if (n->state == NOTICE_SENT && target->entry.informs)
        s->in_flight--;
    list_remove(&n->node);
    target->waiting--;
    free(n);
}

/* The last one ends a router that is ending. */
static void
notice_end(struct notice *n)
{
    struct snmp *s = n->target->snmp;

    notice_remove(n);
    if (s->then != NULL && is_empty(s))
        finished(s);
}

static void
notice_drop(struct notice *n)
{
    n->target->dropped++;
    if (n->target->entry.informs)
        n->target->snmp->counters.drops++;
    notice_end(n);
}

static void
tell_why(struct snmp *s, const struct notice *n, const char *why)
{
    journal_limited(s->router, n->target->entry.host, "SNMP", LOG_WARNING,
                    "NOTIFY", "Nothing can be sent to %s: %s",
                    n->target->entry.host, why);
}

/* --- sending ------------------------------------------------------------ */

/* False: it has to wait. */
static bool
may_go(struct snmp *s, const struct notice *n)
{
    const struct config_snmp *config = &s->router->config.snmp;

    if (n->state != NOTICE_WAITING ||
        (n->target->entry.version == CONFIG_SNMP_V3 &&
         !snmp_users_keep(s->router)))
        return false;
    return !n->target->entry.informs || s->in_flight < config->inform_flight;
}

/* False: notify is not there. */
static bool
notice_send(struct snmp *s, struct notice *n)
{
    struct snmp_security security;
    char why[80];

    if (!snmp_request_security(s->router, n, &security, why, sizeof(why))) {
        tell_why(s, n, why);
        notice_drop(n);
        return true;
    }
    if (!snmp_request_send(s->router, n, &security))
        return false;
    n->state = NOTICE_SENT;
    if (n->target->entry.informs)
        s->in_flight++;
    return true;
}

static void
send_waiting(struct snmp *s)
{
    LIST_EACH(target, &s->targets)
    {
        struct list *notices =
            &LIST_ITEM(target, struct snmp_target, node)->notices;

        LIST_EACH(node, notices)
        {
            struct notice *n = LIST_ITEM(node, struct notice, node);

            if (may_go(s, n) && !notice_send(s, n))
                return;
        }
    }
}

/* --- names -------------------------------------------------------------- */

static void
address_is_known(struct notice *n)
{
    n->state = NOTICE_WAITING;
    snmp_debug_queued(n->target->snmp->router, n);
}

static void
on_name(void *owner, const struct resolver_answer *answer)
{
    struct notice *n = owner;
    struct snmp *s = n->target->snmp;

    n->state = NOTICE_WAITING; /* the resolver has let go of it */
    if (answer->result != RESOLVER_FOUND) {
        tell_why(s, n, "its name is not known");
        notice_drop(n);
        return;
    }
    n->address = answer->addresses[0];
    address_is_known(n);
    send_waiting(s);
}

static void
find_address(struct notice *n)
{
    static const struct resolver_events events = {.on_answer = on_name};
    struct span host = span_text(n->target->entry.host);

    if (config_address_parse_ipv4(host, &n->address) == OK ||
        config_address_parse_ipv6(host, &n->address) == OK) {
        address_is_known(n);
        return;
    }
    n->state = NOTICE_NAME;
    resolver_ask(n->target->snmp->router, n->target->entry.host, true, true,
                 &events, n);
}

/* --- a session has ended ------------------------------------------------ */

/* Entries that name a kind want that one, whatever else is enabled. */
static bool
is_wanted(const struct config *config, const struct snmp_target *target)
{
    return config->snmp.on && (target->entry.tty || config->snmp.traps_tty);
}

static uint32_t
new_id(void)
{
    uint32_t id;

    random_bytes(NULL, &id, sizeof(id));
    return id & INT32_MAX;
}

static struct notice *
notice_new(struct snmp_target *target, const struct session_end *end)
{
    struct snmp *s = target->snmp;
    struct notice *n = alloc_zero(1, sizeof(*n));

    n->target = target;
    n->id = new_id();
    snmp_end_keep(&n->end, end,
                  (uint32_t)((router_now_ms(s->router) - s->started_ms) / 10));
    list_append(&target->notices, &n->node);
    target->waiting++;
    return n;
}

void
snmp_session_ended(struct router *r, const struct session_end *end)
{
    struct snmp *s = r->snmp;

    if (s == NULL)
        return;
    LIST_EACH(node, &s->targets)
    {
        struct snmp_target *target = LIST_ITEM(node, struct snmp_target, node);

        if (!is_wanted(&r->config, target))
            continue;
        if (target->waiting >= r->config.snmp.queue_length) {
            target->dropped++;
            if (target->entry.informs)
                s->counters.drops++;
            continue;
        }
        find_address(notice_new(target, end));
    }
    send_waiting(s);
}

/* --- what became of it -------------------------------------------------- */

static struct notice *
find(struct snmp *s, uint32_t id)
{
    LIST_EACH(target, &s->targets)
    {
        LIST_EACH(node, &LIST_ITEM(target, struct snmp_target, node)->notices)
        {
            struct notice *n = LIST_ITEM(node, struct notice, node);

            if (n->id == id && n->state == NOTICE_SENT)
                return n;
        }
    }
    return NULL;
}

static void
on_sent(struct snmp *s, struct notice *n)
{
    snmp_debug_sent(s->router, n);
    if (!n->target->entry.informs) {
        s->counters.traps++;
        n->target->sent++;
        notice_end(n);
        return;
    }
    s->counters.informs++;
    if (n->transmissions++ > 0)
        n->target->retries++;
}

static void
on_answered(struct snmp *s, struct notice *n, const struct msg_trap_fate *m)
{
    snmp_debug_answered(s->router, n, m);
    s->counters.answers++;
    s->counters.bad_answers += m->status != 0;
    n->target->sent++;
    notice_end(n);
}

void
snmp_on_fate(struct router *r, const struct msg_trap_fate *m)
{
    struct snmp *s = r->snmp;
    struct notice *n = s == NULL ? NULL : find(s, m->id);

    if (n == NULL)
        return; /* its entry is gone */
    switch (m->fate) {
    case TRAP_SENT:
        on_sent(s, n);
        break;
    case TRAP_ANSWERED:
        on_answered(s, n, m);
        break;
    case TRAP_SILENT:
        s->counters.timeouts++;
        n->target->failed++;
        notice_end(n);
        break;
    default:
        tell_why(s, n, strerror((int)m->error));
        n->target->failed += n->target->entry.informs;
        n->target->dropped += !n->target->entry.informs;
        notice_end(n);
        break;
    }
    if (r->snmp != NULL)
        send_waiting(s);
}

void
snmp_ready(struct router *r)
{
    if (r->snmp != NULL)
        send_waiting(r->snmp);
}

void
snmp_users_stored(struct router *r)
{
    snmp_ready(r);
}

/*
 * What it had comes again when it is back, so that nothing is lost; but one
 * that it dies of does not come for ever.
 */
void
snmp_lost(struct router *r)
{
    struct snmp *s = r->snmp;

    if (s == NULL)
        return;
    LIST_EACH(target, &s->targets)
    {
        LIST_EACH(node, &LIST_ITEM(target, struct snmp_target, node)->notices)
        {
            struct notice *n = LIST_ITEM(node, struct notice, node);

            if (n->state != NOTICE_SENT)
                continue;
            if (n->target->entry.informs)
                s->in_flight--;
            n->state = NOTICE_WAITING;
            if (++n->tries >= TRIES_MAX)
                notice_drop(n);
        }
    }
}

/* --- the configuration -------------------------------------------------- */

static bool
is_same(const struct config_snmp_host *a, const struct config_snmp_host *b)
{
    return config_type_equal(&config_snmp_host_type, a, b);
}

/* The one for that entry, at the end of the list from now on. */
static void
take_target(struct snmp *s, const struct config_snmp_host *entry)
{
    struct snmp_target *target;

    LIST_EACH(node, &s->targets)
    {
        target = LIST_ITEM(node, struct snmp_target, node);
        if (!target->wanted && is_same(&target->entry, entry)) {
            target->wanted = true;
            list_remove(&target->node);
            list_append(&s->targets, &target->node);
            return;
        }
    }
    target = alloc_zero(1, sizeof(*target));
    target->snmp = s;
    target->wanted = true;
    list_init(&target->notices);
    config_type_copy(&config_snmp_host_type, &target->entry, entry);
    list_append(&s->targets, &target->node);
}

static void
target_free(struct snmp_target *target)
{
    LIST_EACH(node, &target->notices)
    {
        notice_remove(LIST_ITEM(node, struct notice, node));
    }
    list_remove(&target->node);
    config_type_clear(&config_snmp_host_type, &target->entry);
    free(target);
}

static void
free_unwanted(struct snmp *s)
{
    LIST_EACH(node, &s->targets)
    {
        struct snmp_target *target = LIST_ITEM(node, struct snmp_target, node);

        if (!target->wanted)
            target_free(target);
    }
}

void
snmp_changed(struct router *r, const struct config *config)
{
    struct snmp *s = r == NULL ? NULL : r->snmp;
    const struct config_list *hosts = &config->snmp.hosts.list;
    bool on = config->snmp.on;

    if (s == NULL || config != &r->config)
        return;
    LIST_EACH(node, &s->targets)
    {
        LIST_ITEM(node, struct snmp_target, node)->wanted = false;
    }
    for (size_t i = 0; on && i < hosts->count; i++)
        take_target(s, hosts->items[i]);
    free_unwanted(s);
    helpers_want_notify(r, NOTIFY_MANAGERS, !list_empty(&s->targets));
    send_waiting(s);
}

/* --- life --------------------------------------------------------------- */

struct snmp *
snmp_new(struct router *r)
{
    struct snmp *s = alloc_zero(1, sizeof(*s));

    s->router = r;
    s->started_ms = router_now_ms(r);
    list_init(&s->targets);
    uv_timer_init(&r->loop, &s->timer);
    s->timer.data = s;
    return s;
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
snmp_free(struct snmp *s)
{
    if (s == NULL)
        return;
    s->then = NULL;
    LIST_EACH(node, &s->targets)
    {
        LIST_ITEM(node, struct snmp_target, node)->wanted = false;
    }
    free_unwanted(s);
    uv_close((uv_handle_t *)&s->timer, on_closed);
}

static void
on_time(uv_timer_t *timer)
{
    finished(timer->data);
}

void
snmp_finish(struct router *r, void (*then)(struct router *r))
{
    struct snmp *s = r->snmp;

    if (s == NULL || is_empty(s)) {
        then(r);
        return;
    }
    s->then = then;
    uv_timer_start(&s->timer, on_time, FINISH_MS, 0);
}

/* --- for show ----------------------------------------------------------- */

struct snmp_counters
snmp_counters(const struct router *r)
{
    return r->snmp == NULL ? (struct snmp_counters){0} : r->snmp->counters;
}

unsigned
snmp_in_flight(const struct router *r)
{
    return r->snmp == NULL ? 0 : r->snmp->in_flight;
}

static uint32_t
given_to_notify(const struct snmp_target *target)
{
    uint32_t count = 0;

    LIST_EACH(node, &target->notices)
    {
        count += LIST_ITEM(node, struct notice, node)->state == NOTICE_SENT;
    }
    return count;
}

bool
snmp_target_at(const struct router *r, size_t index,
               struct snmp_target_view *view)
{
    if (r->snmp == NULL)
        return false;
    LIST_EACH(node, &r->snmp->targets)
    {
        const struct snmp_target *target =
            LIST_ITEM(node, struct snmp_target, node);

        if (index-- > 0)
            continue;
        *view = (struct snmp_target_view){
            .host = target->entry.host,
            .port = target->entry.port,
            .informs = target->entry.informs,
            .waiting = target->waiting,
            .in_flight = given_to_notify(target),
            .sent = target->sent,
            .retries = target->retries,
            .failed = target->failed,
            .dropped = target->dropped,
        };
        return true;
    }
    return false;
}
