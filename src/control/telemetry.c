#include "control/telemetry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "control/helpers.h"
#include "control/journal.h"
#include "control/metrics.h"
#include "os/net.h"

#define ADDRESSES 2
#define RETRY_MS  5000
#define PAUSE_MS  100 /* from one page to the next, whatever notify asks */

struct telemetry {
    struct router *router;
    uv_timer_t retry;   /* the port was taken */
    uv_timer_t pause;   /* behind a page */
    uint32_t asked;     /* the last question */
    bool is_asked;      /* and it has no answer yet */
    uint32_t port;      /* that is served; 0: none */
    int fds[ADDRESSES]; /* -1: not open */
};

/* One that is not there gets all of them when it is: telemetry_ready(). */
static void
hand_over(struct telemetry *t, int fd, bool first)
{
    struct message m = {.type = MSG_METRICS_LISTEN};

    m.metrics_listen.first = first;
    (void)!notify_send(t->router, &m, fd);
}

static void
close_all(struct telemetry *t)
{
    for (size_t i = 0; i < ADDRESSES; i++) {
        if (t->fds[i] >= 0)
            close(t->fds[i]);
        t->fds[i] = -1;
    }
    t->port = 0;
    t->is_asked = false;
    uv_timer_stop(&t->retry);
    hand_over(t, -1, true);
}

/* True also without that family: then nobody can come that way. */
static bool
open_one(struct telemetry *t, size_t i)
{
    static const char *const addresses[ADDRESSES] = {"127.0.0.1:1", "[::1]:1"};
    struct router *r = t->router;
    struct net_address wish, bound;

    if (t->fds[i] >= 0 || net_parse(addresses[i], &wish) != OK)
        return true;
    net_set_port(&wish, (uint16_t)t->port);
    if (net_listen(&wish, &t->fds[i], &bound) == OK) {
        hand_over(t, t->fds[i], false);
        return true;
    }
    t->fds[i] = -1;
    if (i > 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
        return true;
    journal_limited(r, addresses[i], "SYS", LOG_ERROR, "LISTEN",
                    "Cannot serve metrics on port %u: %s", t->port,
                    strerror(errno));
    return false;
}

static void
on_retry(uv_timer_t *timer)
{
    telemetry_update(timer->data);
}

static struct telemetry *
telemetry_of(struct router *r)
{
    struct telemetry *t = r->telemetry;

    if (t != NULL)
        return t;
    t = alloc_zero(1, sizeof(*t));
    t->router = r;
    for (size_t i = 0; i < ADDRESSES; i++)
        t->fds[i] = -1;
    uv_timer_init(&r->loop, &t->retry);
    uv_timer_init(&r->loop, &t->pause);
    t->retry.data = r;
    t->pause.data = t;
    r->telemetry = t;
    return t;
}

void
telemetry_update(struct router *r)
{
    uint32_t port = r->config.telemetry_port;
    struct telemetry *t;
    bool good = true;

    if (r->helpers == NULL || (port == 0 && r->telemetry == NULL))
        return;
    t = telemetry_of(r);
    if (port != t->port)
        close_all(t);
    t->port = port;
    helpers_want_notify(r, NOTIFY_METRICS, port != 0);
    for (size_t i = 0; i < ADDRESSES && port != 0; i++)
        good = open_one(t, i) && good;
    if (!good)
        uv_timer_start(&t->retry, on_retry, RETRY_MS, 0);
}

void
telemetry_ready(struct router *r)
{
    struct telemetry *t = r->telemetry;

    for (size_t i = 0; t != NULL && i < ADDRESSES; i++)
        if (t->fds[i] >= 0)
            hand_over(t, t->fds[i], false);
}

static void on_pause_over(uv_timer_t *timer);

static void
answer(struct telemetry *t)
{
    struct message m = {.type = MSG_METRICS_PAGE};
    struct buf page;

    t->is_asked = false;
    buf_init(&page, METRICS_PAGE_MAX);
    metrics_page(t->router, &page);
    m.metrics_page.request = t->asked;
    m.metrics_page.page = buf_span(&page);
    (void)!notify_send(t->router, &m, -1);
    buf_clear(&page);
    uv_timer_start(&t->pause, on_pause_over, PAUSE_MS, 0);
}

static void
on_pause_over(uv_timer_t *timer)
{
    struct telemetry *t = timer->data;

    if (t->is_asked)
        answer(t);
}

void
telemetry_on_ask(struct router *r, const struct msg_metrics_ask *m)
{
    struct telemetry *t = r->telemetry;

    if (t == NULL || t->port == 0)
        return;
    t->asked = m->request;
    t->is_asked = true;
    if (!uv_is_active((uv_handle_t *)&t->pause))
        answer(t);
}

static void
on_closed(uv_handle_t *handle)
{
    struct router *r = handle->data;

    free(r->telemetry);
    r->telemetry = NULL;
}

void
telemetry_stop(struct router *r)
{
    if (r->telemetry == NULL)
        return;
    close_all(r->telemetry);
    uv_close((uv_handle_t *)&r->telemetry->pause, NULL);
    uv_close((uv_handle_t *)&r->telemetry->retry, on_closed);
}
