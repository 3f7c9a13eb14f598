/*
 * What control may say to notify of collectors, as a row of messages, each
 * behind its length: two bytes. However it goes, no line goes to a place that
 * cannot be, ways do not become more than there may be, and fates are told of
 * collectors that were named.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "notify/syslog.h"
#include "notify/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A way that is played. */
struct wire {
    struct wire_place place;
    const struct wire_events *events;
    void *owner;
    struct wire_count count;
    bool ending;
};

static struct wire *wires[SYSLOG_COLLECTORS_MAX];
static struct syslog *all;
static uv_loop_t loop;

struct wire *
wire_new(uv_loop_t *in, const struct wire_place *place,
         const struct wire_events *events, void *owner)
{
    struct wire *w = alloc_zero(1, sizeof(*w));

    assert(in == &loop);
    assert(place->to.len > 0 && net_port(&place->to) > 0);
    assert(!place->bound || place->from.len == place->to.len);
    w->place = *place;
    w->events = events;
    w->owner = owner;
    for (size_t i = 0; i < SYSLOG_COLLECTORS_MAX; i++) {
        if (wires[i] == NULL) {
            wires[i] = w;
            return w;
        }
    }
    abort();
}

bool
wire_goes_to(const struct wire *w, const struct wire_place *place)
{
    return w->place.stream == place->stream && w->place.bound == place->bound &&
           memcmp(&w->place.to, &place->to, sizeof(place->to)) == 0 &&
           memcmp(&w->place.from, &place->from, sizeof(place->from)) == 0;
}

void
wire_send(struct wire *w, struct span line)
{
    assert(!w->ending && line.len > 0);
    w->count.sent += line.ptr[0] & 1;
    w->count.dropped += !(line.ptr[0] & 1);
    w->events->on_change(w->owner);
}

struct wire_count
wire_take_count(struct wire *w)
{
    struct wire_count count = w->count;

    w->count = (struct wire_count){0};
    return count;
}

enum collector_state
wire_state(const struct wire *w)
{
    return w->place.stream ? COLLECTOR_TRYING : COLLECTOR_UP;
}

void
wire_end(struct wire *w)
{
    assert(!w->ending);
    w->ending = true;
}

void
wire_free(struct wire *w)
{
    for (size_t i = 0; i < SYSLOG_COLLECTORS_MAX; i++)
        if (wires[i] == w)
            wires[i] = NULL;
    free(w);
}

static void
hear(const struct message *m)
{
    assert(m->type == MSG_SYSLOG_FATE);
}

static const struct link link_to_control = {.loop = &loop, .send = hear};

static void
handle(struct span bytes)
{
    struct message m;
    bool taken = true;

    if (message_decode(bytes, &m) != OK)
        return;
    if (m.type == MSG_SYSLOG)
        taken = syslog_send(all, &m.syslog);
    else if (m.type == MSG_SYSLOG_END)
        syslog_end(all, m.syslog_end.collector);
    (void)taken;
}

/* Those that were ended have sent all they had. */
static void
finish_ended(void)
{
    for (size_t i = 0; i < SYSLOG_COLLECTORS_MAX; i++)
        if (wires[i] != NULL && wires[i]->ending)
            wires[i]->events->on_done(wires[i]->owner);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader from = reader_over(span_of(data, size));

    if (all == NULL) {
        uv_loop_init(&loop);
        all = syslog_new(&link_to_control);
    }
    while (!read_done(&from)) {
        size_t len = read_u16(&from);
        struct span bytes = read_bytes(&from, len);

        if (!read_ok(&from))
            break;
        handle(bytes);
        if (len & 1)
            finish_ended();
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    finish_ended();
    for (size_t i = 0; i < SYSLOG_COLLECTORS_MAX; i++) {
        if (wires[i] != NULL) {
            wires[i]->ending = true;
            wires[i]->events->on_done(wires[i]->owner);
        }
    }
    return 0;
}
