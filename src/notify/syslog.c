#include "notify/syslog.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/list.h"
#include "notify/wire.h"

/* Fates are summed up for so long: not a message for each line. */
#define REPORT_MS 10

struct collector {
    struct list node;
    struct syslog *syslog;
    uint32_t number;
    struct wire *wire;
    bool changed; /* there is something to tell */
    bool ending;
};

struct syslog {
    const struct link *link;
    uv_timer_t report;
    struct list collectors;
    size_t count;
};

/* --- what control is told ----------------------------------------------- */

static void
tell(struct collector *c, bool last)
{
    struct wire_count count = wire_take_count(c->wire);
    struct message m = {.type = MSG_SYSLOG_FATE};

    c->changed = false;
    m.syslog_fate.collector = c->number;
    m.syslog_fate.sent = count.sent;
    m.syslog_fate.dropped = count.dropped;
    m.syslog_fate.refused = count.refused;
    m.syslog_fate.state = (uint8_t)wire_state(c->wire);
    m.syslog_fate.last = last;
    c->syslog->link->send(&m);
}

static void
on_report(uv_timer_t *timer)
{
    struct syslog *s = timer->data;

    LIST_EACH(node, &s->collectors)
    {
        struct collector *c = LIST_ITEM(node, struct collector, node);

        if (c->changed && !c->ending)
            tell(c, false);
    }
}

static void
on_change(void *owner)
{
    struct collector *c = owner;

    c->changed = true;
    if (!uv_is_active((uv_handle_t *)&c->syslog->report))
        uv_timer_start(&c->syslog->report, on_report, REPORT_MS, 0);
}

/* --- collectors --------------------------------------------------------- */

static void
collector_free(struct collector *c)
{
    tell(c, true);
    list_remove(&c->node);
    c->syslog->count--;
    wire_free(c->wire);
    free(c);
}

static void
on_done(void *owner)
{
    collector_free(owner);
}

static const struct wire_events events = {on_change, on_done};

static struct collector *
find(struct syslog *s, uint32_t number)
{
    LIST_EACH(node, &s->collectors)
    {
        struct collector *c = LIST_ITEM(node, struct collector, node);

        if (c->number == number && !c->ending)
            return c;
    }
    return NULL;
}

/* One that is ending need not: its last lines go with it. */
static void
make_room(struct syslog *s)
{
    LIST_EACH(node, &s->collectors)
    {
        struct collector *c = LIST_ITEM(node, struct collector, node);

        if (c->ending) {
            collector_free(c);
            return;
        }
    }
}

static struct collector *
add(struct syslog *s, uint32_t number, const struct wire_place *place)
{
    struct collector *c;

    if (s->count == SYSLOG_COLLECTORS_MAX)
        make_room(s);
    if (s->count == SYSLOG_COLLECTORS_MAX)
        return NULL;
    c = alloc_zero(1, sizeof(*c));
    c->syslog = s;
    c->number = number;
    c->wire = wire_new(s->link->loop, place, &events, c);
    list_append(&s->collectors, &c->node);
    s->count++;
    return c;
}

static bool
read_place(const struct msg_syslog *m, struct wire_place *place)
{
    if (m->port == 0 || m->port > UINT16_MAX ||
        !net_from_bytes(m->address, (uint16_t)m->port, &place->to))
        return false;
    place->stream = m->stream;
    place->bound = m->source.len > 0;
    return !place->bound || (m->source.len == m->address.len &&
                             net_from_bytes(m->source, 0, &place->from));
}

/* --- requests ----------------------------------------------------------- */

bool
syslog_send(struct syslog *s, const struct msg_syslog *m)
{
    struct wire_place place = {0};
    struct collector *c;

    if (!read_place(m, &place) || m->line.len == 0)
        return false;
    c = find(s, m->collector);
    if (c == NULL)
        c = add(s, m->collector, &place);
    else if (!wire_goes_to(c->wire, &place))
        return false;
    if (c == NULL)
        return false;
    wire_send(c->wire, m->line);
    return true;
}

void
syslog_end(struct syslog *s, uint32_t collector)
{
    struct collector *c = find(s, collector);

    if (c == NULL)
        return;
    c->ending = true;
    wire_end(c->wire);
}

struct syslog *
syslog_new(const struct link *link)
{
    struct syslog *s = alloc_zero(1, sizeof(*s));

    s->link = link;
    list_init(&s->collectors);
    uv_timer_init(link->loop, &s->report);
    s->report.data = s;
    return s;
}
