#include "control/collectors_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "control/helpers.h"
#include "control/journal.h"
#include "control/network.h"
#include "control/probe.h"
#include "control/resolver.h"

/* Lines of one collector that wait for notify, or for its address. */
#define WAITING_MAX 256
/* Lines that notify has and has not told about: of all collectors, of one. */
#define HANDED_MAX 8192
#define HANDED_MIN 512
/* A name without an address, or whose host is silent, is asked for again. */
#define ASK_AGAIN_MS 60000
/* Addresses of ours are looked up anew after so long. */
#define SOURCE_MS 5000

struct waiting {
    struct list node;
    size_t len;
    uint8_t bytes[];
};

/* --- names and addresses ------------------------------------------------ */

void
collector_host(const struct collector *c, char *to, size_t room)
{
    char address[CONFIG_ADDRESS_TEXT];

    config_address_text(&c->wish.address, address);
    text_copy(to, room, c->wish.name != NULL ? c->wish.name : address);
}

/* Where `logging source-interface` is, or the way there begins. */
static void
look_up_source(struct collector *c)
{
    struct router *r = c->all->router;
    const char *interface = r->config.log_remote.source_interface;
    struct net_address to, local;
    char text[NET_TEXT_MAX] = "";
    int fd;

    c->source = (struct config_address){0};
    c->source_until_ms = router_now_ms(r) + SOURCE_MS;
    if (interface != NULL &&
        network_source(r, interface, c->target.family, &c->source)) {
        config_address_text(&c->source, c->origin);
        return;
    }
    /* As on IOS: from wherever it goes, when the interface has no address. */
    probe_address_net(&c->target, (uint16_t)c->wish.port, &to);
    if (net_connect_datagrams(&to, NULL, &fd) == OK) {
        if (net_local(fd, &local) == OK)
            net_host_text(&local, text, sizeof(text));
        close(fd);
    }
    text_copy(c->origin, sizeof(c->origin), text);
}

/* --- the way to notify -------------------------------------------------- */

/* Nothing more goes that way; what became of the last lines is still told. */
static void
end_way(struct collector *c)
{
    struct message m = {.type = MSG_SYSLOG_END};
    struct ended_way *e;

    m.syslog_end.collector = c->number;
    if (!notify_send(c->all->router, &m, -1)) {
        c->dropped += c->handed;
    } else if (c->handed > 0) {
        e = alloc_zero(1, sizeof(*e));
        e->number = c->number;
        e->handed = c->handed;
        e->of = c;
        list_append(&c->all->ended, &e->node);
    }
    c->handed = 0;
}

/* Another address: lines from now on are of another way. */
static void
renew(struct collector *c)
{
    end_way(c);
    c->number = ++c->all->last_number;
    c->state = COLLECTOR_TRYING;
}

void
collector_refresh_source(struct collector *c)
{
    struct config_address before = c->source;

    if (c->target.family == CONFIG_FAMILY_NONE)
        return;
    if (router_now_ms(c->all->router) < c->source_until_ms)
        return;
    look_up_source(c);
    if (!config_address_equal(&before, &c->source))
        renew(c);
}

static size_t
handed_most(const struct collectors *all)
{
    size_t share = HANDED_MAX / (all->count == 0 ? 1 : all->count);

    return share < HANDED_MIN ? HANDED_MIN : share;
}

static bool
hand_over(struct collector *c, struct span line)
{
    struct message m = {.type = MSG_SYSLOG};

    if (c->handed >= handed_most(c->all))
        return false;
    m.syslog.collector = c->number;
    m.syslog.address = probe_address_bytes(&c->target);
    m.syslog.port = c->wish.port;
    if (c->source.family != CONFIG_FAMILY_NONE)
        m.syslog.source = probe_address_bytes(&c->source);
    m.syslog.stream = c->wish.transport == CONFIG_LOG_TCP;
    m.syslog.line = line;
    if (!notify_send(c->all->router, &m, -1))
        return false;
    c->handed++;
    return true;
}

static void
waiting_free(struct collector *c, struct waiting *w)
{
    list_remove(&w->node);
    c->waiting_count--;
    free(w);
}

static bool
wait_for_way(struct collector *c, struct span line)
{
    struct waiting *w;

    if (c->waiting_count == WAITING_MAX)
        return false;
    w = alloc_zero(1, sizeof(*w) + line.len);
    w->len = line.len;
    memcpy(w->bytes, line.ptr, line.len);
    list_append(&c->waiting, &w->node);
    c->waiting_count++;
    return true;
}

static bool
has_way(const struct collector *c)
{
    return c->target.family != CONFIG_FAMILY_NONE &&
           notify_is_there(c->all->router);
}

/* What has waited goes first. */
void
collector_send_waiting(struct collector *c)
{
    while (has_way(c) && c->waiting_count > 0) {
        struct waiting *w = LIST_ITEM(c->waiting.next, struct waiting, node);

        c->dropped += !hand_over(c, span_of(w->bytes, w->len));
        waiting_free(c, w);
    }
}

void
collector_send_line(struct collector *c, struct span line)
{
    bool taken = has_way(c) ? hand_over(c, line) : wait_for_way(c, line);

    c->dropped += !taken;
}

/* --- names -------------------------------------------------------------- */

static void ask(struct collector *c);

static void
on_ask_again(uv_timer_t *timer)
{
    struct collectors *all = timer->data;

    LIST_EACH(node, &all->list)
    {
        struct collector *c = LIST_ITEM(node, struct collector, node);

        if (c->wish.name != NULL && !c->asking &&
            (c->target.family == CONFIG_FAMILY_NONE ||
             c->state == COLLECTOR_FAILED))
            ask(c);
    }
}

static void
ask_again_later(struct collectors *all)
{
    if (!uv_is_active((uv_handle_t *)&all->ask_again))
        uv_timer_start(&all->ask_again, on_ask_again, ASK_AGAIN_MS, 0);
}

static void
on_answer(void *owner, const struct resolver_answer *answer)
{
    struct collector *c = owner;
    bool known = c->target.family != CONFIG_FAMILY_NONE;

    c->asking = false;
    if (answer->result != RESOLVER_FOUND) {
        ask_again_later(c->all);
        return;
    }
    if (known && config_address_equal(&c->target, &answer->addresses[0]))
        return;
    c->target = answer->addresses[0];
    look_up_source(c);
    if (known)
        renew(c);
    collector_send_waiting(c);
}

static void
ask(struct collector *c)
{
    static const struct resolver_events events = {NULL, on_answer};

    c->asking = true;
    resolver_ask(c->all->router, c->wish.name, true, true, &events, c);
}

/* --- what became of lines ----------------------------------------------- */

/* A connection: whoever reads the log hears of its end, and what it cost. */
static void
tell_state(struct collector *c, enum collector_state before)
{
    struct router *r = c->all->router;
    char host[COLLECTOR_HOST_MAX];

    if (c->wish.transport != CONFIG_LOG_TCP)
        return;
    collector_host(c, host, sizeof(host));
    if (c->state == COLLECTOR_FAILED && before != COLLECTOR_FAILED)
        journal_limited(r, host, "SYS", LOG_ERROR, "LOGGINGHOST_FAIL",
                        "Logging to host %s port %u failed", host,
                        c->wish.port);
    if (c->state == COLLECTOR_UP && before == COLLECTOR_FAILED)
        journal_limited(r, host, "SYS", LOG_INFORMATIONAL,
                        "LOGGINGHOST_STARTSTOP",
                        "Logging to host %s port %u started - reconnection",
                        host, c->wish.port);
}

static void
tell_dropped(struct collector *c)
{
    char host[COLLECTOR_HOST_MAX];
    uint64_t more = c->dropped - c->told;

    if (c->wish.transport != CONFIG_LOG_TCP || c->state != COLLECTOR_UP ||
        more == 0 || c->handed > 0)
        return;
    c->told = c->dropped;
    collector_host(c, host, sizeof(host));
    journal_limited(c->all->router, host, "SYS", LOG_WARNING,
                    "LOGGINGHOST_LOST",
                    "%" PRIu64 " messages for host %s port %u were lost", more,
                    host, c->wish.port);
}

void
collector_note(struct collector *c, const struct msg_syslog_fate *m)
{
    enum collector_state before = c->state;
    uint32_t done = m->sent + m->dropped;

    c->handed -= done < c->handed ? done : c->handed;
    c->sent += m->sent - (m->refused < m->sent ? m->refused : m->sent);
    c->dropped += m->dropped + m->refused;
    c->state = (enum collector_state)m->state;
    if (c->state == COLLECTOR_FAILED && c->wish.name != NULL)
        ask_again_later(c->all);
    tell_state(c, before);
    tell_dropped(c);
}

void
collector_lost(struct collector *c)
{
    c->dropped += c->handed;
    c->handed = 0;
    c->state = COLLECTOR_TRYING;
}

static void
count_ended(struct collectors *all, struct ended_way *e, uint64_t sent,
            uint64_t dropped)
{
    if (e->of == NULL) {
        all->gone += dropped;
        return;
    }
    e->of->sent += sent;
    e->of->dropped += dropped;
}

void
ended_way_note(struct collectors *all, struct ended_way *e,
               const struct msg_syslog_fate *m)
{
    uint32_t done = m->sent + m->dropped;

    e->handed -= done < e->handed ? done : e->handed;
    count_ended(all, e, m->sent - (m->refused < m->sent ? m->refused : m->sent),
                m->dropped + m->refused);
    if (m->last)
        ended_way_lost(all, e);
}

void
ended_way_lost(struct collectors *all, struct ended_way *e)
{
    count_ended(all, e, 0, e->handed);
    list_remove(&e->node);
    free(e);
}

/* --- life --------------------------------------------------------------- */

static void
tell_startstop(struct collector *c, const char *what)
{
    char host[COLLECTOR_HOST_MAX];

    collector_host(c, host, sizeof(host));
    journal_message(c->all->router, "SYS", LOG_INFORMATIONAL,
                    "LOGGINGHOST_STARTSTOP",
                    "Logging to host %s port %u %s - CLI initiated", host,
                    c->wish.port, what);
}

void
collector_free(struct collector *c)
{
    struct collectors *all = c->all;

    if (c->asking)
        resolver_forget(all->router, c);
    while (c->waiting_count > 0) {
        c->dropped++;
        waiting_free(c, LIST_ITEM(c->waiting.next, struct waiting, node));
    }
    all->gone += c->dropped;
    LIST_EACH(node, &all->ended)
    {
        struct ended_way *e = LIST_ITEM(node, struct ended_way, node);

        if (e->of == c)
            e->of = NULL;
    }
    list_remove(&c->node);
    all->count--;
    config_type_clear(&config_log_host_type, &c->wish);
    free(c);
}

void
collector_end(struct collector *c)
{
    tell_startstop(c, "stopped");
    end_way(c);
    collector_free(c);
}

void
collector_begin(struct collectors *all, const struct config_log_host *wish)
{
    struct collector *c = alloc_zero(1, sizeof(*c));

    c->all = all;
    c->number = ++all->last_number;
    c->kept = true;
    c->state = COLLECTOR_TRYING;
    config_type_copy(&config_log_host_type, &c->wish, wish);
    list_init(&c->waiting);
    list_append(&all->list, &c->node);
    all->count++;
    helpers_want_notify(all->router, NOTIFY_COLLECTORS, true);
    if (wish->name != NULL) {
        ask(c);
    } else {
        c->target = wish->address;
        look_up_source(c);
    }
    tell_startstop(c, "started");
}
