#include "control/collectors_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "control/clock.h"
#include "control/helpers.h"
#include "control/syslog_line.h"

#define LINE_ROOM 16384 /* bytes of a line before it is cut, all escaped */

/* --- lines -------------------------------------------------------------- */

static const char *
origin_of(const struct collector *c)
{
    const struct config *config = &c->all->router->config;

    switch (config->log_remote.origin) {
    case CONFIG_LOG_ORIGIN_HOSTNAME:
        return config->hostname;
    case CONFIG_LOG_ORIGIN_IP:
        return c->origin;
    case CONFIG_LOG_ORIGIN_STRING:
        return config->log_remote.origin_text;
    default:
        return "";
    }
}

/* RFC 6587: octets counted for RFC 5424, a line end behind IOS's own form. */
static void
frame(const struct collector *c, struct buf *line, struct buf *framed)
{
    if (c->wish.transport != CONFIG_LOG_TCP) {
        buf_put_span(framed, buf_span(line));
    } else if (c->wish.format == CONFIG_LOG_RFC5424) {
        buf_printf(framed, "%zu ", buf_len(line));
        buf_put_span(framed, buf_span(line));
    } else {
        buf_put_span(framed, buf_span(line));
        buf_put_u8(framed, '\n');
    }
}

static void
give(struct collector *c, const struct log_record *record,
     struct syslog_sender *sender)
{
    struct buf line, framed;

    collector_refresh_source(c);
    sender->origin = origin_of(c);
    buf_init(&line, LINE_ROOM);
    buf_init(&framed, LINE_ROOM);
    if (c->wish.format == CONFIG_LOG_RFC5424)
        syslog_line_rfc5424(&line, record, sender);
    else
        syslog_line_ios(&line, record, sender);
    frame(c, &line, &framed);
    collector_send_line(c, buf_span(&framed));
    buf_clear(&line);
    buf_clear(&framed);
}

static bool
wants(const struct config *config, const struct log_record *record)
{
    return config->log_remote.trap_level != CONFIG_LOGGING_OFF &&
           record->severity <= config->log_remote.trap_level;
}

void
collectors_log(struct router *r, const struct log_record *record)
{
    struct collectors *all = r->collectors;
    struct syslog_sender sender = {.process = (unsigned)getpid()};
    char host[512];

    if (all == NULL || !wants(&r->config, record))
        return;
    all->logged++;
    if (all->count == 0)
        return;
    snprintf(host, sizeof(host), "%s%s%s", r->config.hostname,
             r->config.domain_name != NULL ? "." : "",
             r->config.domain_name != NULL ? r->config.domain_name : "");
    sender.host = host;
    sender.facility = r->config.log_remote.facility;
    sender.synchronised = clock_mark(r)[0] == '\0';
    LIST_EACH(node, &all->list)
    {
        give(LIST_ITEM(node, struct collector, node), record, &sender);
    }
}

/* --- what became of them ------------------------------------------------ */

static struct collector *
find_number(struct collectors *all, uint32_t number)
{
    LIST_EACH(node, &all->list)
    {
        struct collector *c = LIST_ITEM(node, struct collector, node);

        if (c->number == number)
            return c;
    }
    return NULL;
}

static struct ended_way *
find_ended(struct collectors *all, uint32_t number)
{
    LIST_EACH(node, &all->ended)
    {
        struct ended_way *e = LIST_ITEM(node, struct ended_way, node);

        if (e->number == number)
            return e;
    }
    return NULL;
}

/* Also for the last words about those that are no more. */
static void
want_notify(struct collectors *all)
{
    helpers_want_notify(all->router, NOTIFY_COLLECTORS,
                        all->count > 0 || !list_empty(&all->ended));
}

void
collectors_on_fate(struct router *r, const struct msg_syslog_fate *m)
{
    struct collectors *all = r->collectors;
    struct collector *c = all == NULL ? NULL : find_number(all, m->collector);
    struct ended_way *e = all == NULL ? NULL : find_ended(all, m->collector);

    if (c != NULL) {
        collector_note(c, m);
    } else if (e != NULL) {
        ended_way_note(all, e, m);
        want_notify(all);
    }
}

void
collectors_ready(struct router *r)
{
    LIST_EACH(node, &r->collectors->list)
    {
        collector_send_waiting(LIST_ITEM(node, struct collector, node));
    }
}

void
collectors_lost(struct router *r)
{
    if (r->collectors == NULL)
        return;
    LIST_EACH(node, &r->collectors->list)
    {
        collector_lost(LIST_ITEM(node, struct collector, node));
    }
    LIST_EACH(ended, &r->collectors->ended)
    {
        ended_way_lost(r->collectors, LIST_ITEM(ended, struct ended_way, node));
    }
}

/* --- show logging ------------------------------------------------------- */

bool
collectors_status(const struct router *r, size_t which,
                  struct collector_status *status)
{
    if (r->collectors == NULL)
        return false;
    LIST_EACH(node, &r->collectors->list)
    {
        const struct collector *c = LIST_ITEM(node, struct collector, node);

        if (which-- > 0)
            continue;
        collector_host(c, status->host, sizeof(status->host));
        status->tcp = c->wish.transport == CONFIG_LOG_TCP;
        status->rfc5424 = c->wish.format == CONFIG_LOG_RFC5424;
        status->port = c->wish.port;
        /* Of datagrams nothing is known before the first. */
        status->up = c->state == COLLECTOR_UP ||
                     (!status->tcp && c->state == COLLECTOR_TRYING);
        status->sent = c->sent;
        status->dropped = c->dropped;
        return true;
    }
    return false;
}

uint64_t
collectors_logged(const struct router *r)
{
    return r->collectors == NULL ? 0 : r->collectors->logged;
}

uint64_t
collectors_dropped(const struct router *r)
{
    uint64_t sum;

    if (r->collectors == NULL)
        return 0;
    sum = r->collectors->gone;
    LIST_EACH(node, &r->collectors->list)
    {
        sum += LIST_ITEM(node, struct collector, node)->dropped;
    }
    return sum;
}

/* --- the configuration -------------------------------------------------- */

static bool
is_same(const struct config_log_host *a, const struct config_log_host *b)
{
    return config_type_equal(&config_log_host_type, a, b);
}

static void
keep_or_begin(struct collectors *all, const struct config_log_host *wish)
{
    LIST_EACH(node, &all->list)
    {
        struct collector *c = LIST_ITEM(node, struct collector, node);

        if (is_same(&c->wish, wish)) {
            c->kept = true;
            c->source_until_ms = 0; /* the interface may be another */
            return;
        }
    }
    collector_begin(all, wish);
}

void
collectors_changed(struct router *r, const struct config *config)
{
    const struct config_list *hosts = &config->log_remote.hosts.list;

    /* A text that is only looked at changes nothing; nor is there anything to
       do before helpers are there. */
    if (r == NULL || config != &r->config || r->helpers == NULL ||
        r->collectors == NULL)
        return;
    LIST_EACH(old, &r->collectors->list)
    {
        LIST_ITEM(old, struct collector, node)->kept = false;
    }
    for (size_t i = 0; i < hosts->count; i++)
        keep_or_begin(r->collectors, hosts->items[i]);
    LIST_EACH(node, &r->collectors->list)
    {
        struct collector *c = LIST_ITEM(node, struct collector, node);

        if (!c->kept)
            collector_end(c);
    }
    want_notify(r->collectors);
}

/* --- life --------------------------------------------------------------- */

struct collectors *
collectors_new(struct router *r)
{
    struct collectors *all = alloc_zero(1, sizeof(*all));

    all->router = r;
    list_init(&all->list);
    list_init(&all->ended);
    uv_timer_init(&r->loop, &all->ask_again);
    all->ask_again.data = all;
    /* Alone it is no reason for the loop to go on. */
    uv_unref((uv_handle_t *)&all->ask_again);
    return all;
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
collectors_free(struct collectors *all)
{
    if (all == NULL)
        return;
    LIST_EACH(node, &all->list)
    {
        collector_free(LIST_ITEM(node, struct collector, node));
    }
    LIST_EACH(ended, &all->ended)
    {
        ended_way_lost(all, LIST_ITEM(ended, struct ended_way, node));
    }
    uv_close((uv_handle_t *)&all->ask_again, on_closed);
}
