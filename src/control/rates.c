#include "control/rates.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "config/interface.h"

#define SHORTEST_MS 1000 /* between two looks that are compared */

enum { IN_BYTES, IN_PACKETS, OUT_BYTES, OUT_PACKETS, COUNTERS };

struct watched {
    unsigned index;
    char name[IFNAMSIZ];
    uint64_t first_ms, last_ms; /* of the looks at it */
    uint64_t counters[COUNTERS];
    double per_s[COUNTERS];
    bool known; /* there were two looks at least */
};

struct rates {
    struct router *router;
    uv_timer_t timer;
    uint64_t asked_ms;
    struct watched *links; /* in the kernel's order, as it tells them */
    size_t count;
};

static void
read_counters(const struct netlink_link *link, uint64_t counters[COUNTERS])
{
    counters[IN_BYTES] = link->counters.rx_bytes;
    counters[IN_PACKETS] = link->counters.rx_packets;
    counters[OUT_BYTES] = link->counters.tx_bytes;
    counters[OUT_PACKETS] = link->counters.tx_packets;
}

static unsigned
interval_of(const struct config *config, const char *name)
{
    const struct config_interface *entry = config_interface_find(config, name);

    return entry == NULL ? CONFIG_LOAD_INTERVAL : entry->load_interval;
}

static struct watched *
find(const struct rates *rates, const struct netlink_link *link)
{
    for (size_t i = 0; rates != NULL && i < rates->count; i++)
        if (rates->links[i].index == link->index &&
            strcmp(rates->links[i].name, link->name) == 0)
            return &rates->links[i];
    return NULL;
}

/* Up to the interval the mean of all; from then on what is older counts less
   and less. */
static void
average(struct watched *w, const uint64_t counters[COUNTERS], uint64_t now_ms,
        unsigned interval_s)
{
    uint64_t step_ms = now_ms - w->last_ms, age_ms = now_ms - w->first_ms;
    uint64_t whole_ms = (uint64_t)interval_s * 1000;
    double part =
        (double)step_ms / (double)(age_ms < whole_ms ? age_ms : whole_ms);

    if (part > 1)
        part = 1;
    for (unsigned i = 0; i < COUNTERS; i++) {
        double rate =
            (double)(counters[i] - w->counters[i]) * 1000 / (double)step_ms;

        w->per_s[i] += (rate - w->per_s[i]) * part;
    }
    w->known = true;
}

/* Counters that have become less belong to another life of the interface. */
static bool
goes_on(const struct watched *w, const uint64_t counters[COUNTERS])
{
    for (unsigned i = 0; i < COUNTERS; i++)
        if (counters[i] < w->counters[i])
            return false;
    return true;
}

static void
note(struct rates *rates, struct watched *w, const struct netlink_link *link)
{
    uint64_t now_ms = router_now_ms(rates->router);
    uint64_t counters[COUNTERS];

    read_counters(link, counters);
    if (w->first_ms != 0 && goes_on(w, counters)) {
        if (now_ms - w->last_ms < SHORTEST_MS)
            return;
        average(w, counters, now_ms,
                interval_of(&rates->router->config, link->name));
    } else {
        w->known = false;
        w->first_ms = now_ms;
        memset(w->per_s, 0, sizeof(w->per_s));
    }
    w->last_ms = now_ms;
    memcpy(w->counters, counters, sizeof(w->counters));
}

/* The kernel tells its interfaces in one order: each is next to be met. */
static void
note_all(struct rates *rates, const struct netlink_link *links, size_t count)
{
    struct watched *old = rates->links;
    size_t old_count = rates->count, at = 0;

    rates->links = alloc_zero(count + 1, sizeof(*rates->links));
    rates->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct watched *w = &rates->links[rates->count];

        if (!links[i].has_counters)
            continue;
        while (at < old_count && old[at].index < links[i].index)
            at++;
        if (at < old_count && old[at].index == links[i].index &&
            strcmp(old[at].name, links[i].name) == 0)
            *w = old[at];
        w->index = links[i].index;
        text_copy(w->name, sizeof(w->name), links[i].name);
        note(rates, w, &links[i]);
        rates->count++;
    }
    free(old);
}

static void
on_time(uv_timer_t *timer)
{
    struct rates *rates = timer->data;
    struct netlink_link *links;
    size_t count;

    if (router_now_ms(rates->router) - rates->asked_ms >
        RATES_KEEP_S * UINT64_C(1000)) {
        uv_timer_stop(timer);
        rates->count = 0;
        return;
    }
    if (netlink_links(&links, &count) != OK)
        return;
    note_all(rates, links, count);
    free(links);
}

void
rates_look(struct router *r, const struct netlink_link *links, size_t count)
{
    struct rates *rates = r->rates;

    if (rates == NULL) {
        rates = r->rates = alloc_zero(1, sizeof(*rates));
        rates->router = r;
        uv_timer_init(&r->loop, &rates->timer);
        rates->timer.data = rates;
    }
    rates->asked_ms = router_now_ms(r);
    note_all(rates, links, count);
    if (!uv_is_active((uv_handle_t *)&rates->timer))
        uv_timer_start(&rates->timer, on_time, RATES_STEP_S * 1000,
                       RATES_STEP_S * 1000);
}

bool
rates_of(const struct router *r, const struct netlink_link *link,
         struct rate *rate)
{
    const struct watched *w = find(r->rates, link);

    if (w == NULL || !w->known)
        return false;
    *rate = (struct rate){
        .in_bits = (uint64_t)(w->per_s[IN_BYTES] * 8),
        .in_packets = (uint64_t)w->per_s[IN_PACKETS],
        .out_bits = (uint64_t)(w->per_s[OUT_BYTES] * 8),
        .out_packets = (uint64_t)w->per_s[OUT_PACKETS],
        .interval_s = interval_of(&r->config, link->name),
    };
    return true;
}

static void
on_closed(uv_handle_t *handle)
{
    struct rates *rates = handle->data;

    free(rates->links);
    free(rates);
}

void
rates_free(struct router *r)
{
    if (r->rates != NULL)
        uv_close((uv_handle_t *)&r->rates->timer, on_closed);
    r->rates = NULL;
}
