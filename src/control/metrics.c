#include "control/metrics_parts.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"

const struct metrics_bucket metrics_buckets[HANDSHAKE_BUCKETS] = {
    {5, "0.005"},  {10, "0.01"},  {25, "0.025"}, {50, "0.05"},
    {100, "0.1"},  {250, "0.25"}, {500, "0.5"},  {1000, "1"},
    {2500, "2.5"}, {5000, "5"},   {10000, "10"}, {30000, "30"},
};

struct metrics *
metrics_new(void)
{
    struct metrics *m = alloc_zero(1, sizeof(*m));

    m->started_s = (uint64_t)time(NULL);
    return m;
}

void
metrics_free(struct metrics *m)
{
    free(m);
}

void
metrics_accepted(struct router *r)
{
    if (r->metrics != NULL)
        r->metrics->accepted++;
}

void
metrics_refused(struct router *r, enum metrics_refusal cause)
{
    if (r->metrics != NULL)
        r->metrics->refused[cause]++;
}

void
metrics_keys(const struct session *s)
{
    struct metrics *m = s->router->metrics;
    uint64_t took_ms = router_now_ms(s->router) - s->accepted_ms;
    size_t i = 0;

    if (m == NULL)
        return;
    while (i < HANDSHAKE_BUCKETS && took_ms > metrics_buckets[i].ms)
        i++;
    m->handshakes[i]++;
    m->handshake_ms += took_ms;
}

void
metrics_rekeyed(struct router *r)
{
    if (r->metrics != NULL)
        r->metrics->rekeyed++;
}

void
metrics_login(struct router *r, enum metrics_method method, bool accepted)
{
    if (r->metrics == NULL)
        return;
    if (accepted)
        r->metrics->accepted_logins[method]++;
    else
        r->metrics->failed_logins[method]++;
}

void
metrics_session_ended(struct router *r, const struct session_end *end)
{
    struct metrics *m = r->metrics;

    if (m == NULL)
        return;
    m->ended[end->cause]++;
    m->bytes_in += end->bytes_in;
    m->bytes_out += end->bytes_out;
}

void
metrics_helper_restarted(struct router *r, enum helper_name name)
{
    if (r->metrics != NULL)
        r->metrics->helper_restarts[name]++;
}

void
metrics_nursery_restarted(struct router *r)
{
    if (r->metrics != NULL)
        r->metrics->nursery_restarts++;
}
