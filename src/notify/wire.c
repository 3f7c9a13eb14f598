#include "notify/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/list.h"

#define PAUSE_FIRST_MS 1000 /* before a connection is made again; doubles */
#define PAUSE_MOST_MS  60000
#define LONG_LIFE_MS   30000 /* of a connection: the next pause is short */
#define CONNECT_MS     20000 /* for a connection to be made */
#define SILENCE_MS     30000 /* without an acknowledgement */
#define END_MS         5000  /* for what is left when nobody wants it */
#define DISCARD_MAX    4096  /* bytes at once of what a collector says */

/* One line of a stream, until the far end's kernel has it. */
struct line {
    struct list node;
    uint64_t end; /* bytes of the connection up to its end, when written */
    bool counted;
    size_t len;
    uint8_t bytes[];
};

/* A socket with its watch; the loop keeps it until the watch is closed. */
struct connection {
    uv_poll_t poll;
    struct wire *wire; /* NULL: given up */
    int fd;
    bool connected;
    uint64_t since_ms;
    uint64_t written; /* bytes */
};

struct wire {
    uv_loop_t *loop;
    uv_timer_t timer; /* the next try; the end of one; the end of all */
    struct wire_place place;
    const struct wire_events *events;
    void *owner;
    struct connection *connection; /* NULL: none */
    struct list waiting;           /* of struct line, to be written */
    struct list written;           /* likewise, not acknowledged */
    size_t begun;                  /* bytes written of the first waiting one */
    size_t held;                   /* bytes of memory in both lists */
    uint64_t pause_ms;
    struct wire_count count;
    enum collector_state state;
    bool ending;
};

static void on_ready(uv_poll_t *poll, int status, int events);
static void on_timer(uv_timer_t *timer);

static void
changed(struct wire *w)
{
    if (!w->ending)
        w->events->on_change(w->owner);
}

static void
set_state(struct wire *w, enum collector_state state)
{
    if (w->state != state) {
        w->state = state;
        changed(w);
    }
}

/* --- lines -------------------------------------------------------------- */

static struct line *
first_of(const struct list *lines)
{
    return LIST_ITEM(lines->next, struct line, node);
}

static void
line_free(struct wire *w, struct line *l)
{
    w->held -= sizeof(*l) + l->len;
    list_remove(&l->node);
    free(l);
}

static bool
enqueue(struct wire *w, struct span bytes)
{
    struct line *l;

    if (w->held + sizeof(*l) + bytes.len > WIRE_QUEUE_MAX)
        return false;
    l = alloc_zero(1, sizeof(*l) + bytes.len);
    l->len = bytes.len;
    memcpy(l->bytes, bytes.ptr, bytes.len);
    w->held += sizeof(*l) + bytes.len;
    list_append(&w->waiting, &l->node);
    return true;
}

/* Let go of what the far end has. */
static void
forget_acknowledged(struct wire *w)
{
    uint64_t got = w->connection->written;
    size_t open = net_unacknowledged(w->connection->fd);

    got -= open < got ? open : got;
    while (!list_empty(&w->written) && first_of(&w->written)->end <= got)
        line_free(w, first_of(&w->written));
}

/* The rest has to be sent again, from its first byte on, in order. */
static void
take_back(struct wire *w)
{
    while (!list_empty(&w->written)) {
        struct line *l = LIST_ITEM(w->written.prev, struct line, node);

        list_remove(&l->node);
        list_append(w->waiting.next, &l->node);
    }
    w->begun = 0;
}

/* --- sockets ------------------------------------------------------------ */

static void
on_poll_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void
drop_connection(struct wire *w)
{
    struct connection *c = w->connection;

    if (c == NULL)
        return;
    w->connection = NULL;
    c->wire = NULL;
    uv_close((uv_handle_t *)&c->poll, on_poll_closed);
    close(c->fd);
}

static void
watch(struct wire *w)
{
    struct connection *c = w->connection;
    bool writes =
        w->place.stream && (!c->connected || !list_empty(&w->waiting));

    uv_poll_start(&c->poll, UV_READABLE | (writes ? UV_WRITABLE : 0), on_ready);
}

static bool
open_connection(struct wire *w)
{
    const struct net_address *from = w->place.bound ? &w->place.from : NULL;
    struct connection *c;
    enum err err;
    int fd;

    if (w->place.stream)
        err = net_connect(&w->place.to, from, &fd);
    else
        err = net_connect_datagrams(&w->place.to, from, &fd);
    if (err != OK)
        return false;
    c = alloc_zero(1, sizeof(*c));
    if (uv_poll_init(w->loop, &c->poll, fd) != 0) {
        close(fd);
        free(c);
        return false;
    }
    c->poll.data = c;
    c->fd = fd;
    c->wire = w;
    c->since_ms = uv_now(w->loop);
    w->connection = c;
    return true;
}

/* The way is gone, or there was none: once more after a pause. */
static void
lost(struct wire *w)
{
    if (w->connection != NULL) {
        if (w->connection->connected &&
            uv_now(w->loop) - w->connection->since_ms >= LONG_LIFE_MS)
            w->pause_ms = 0;
        forget_acknowledged(w);
        take_back(w);
        drop_connection(w);
    }
    set_state(w, COLLECTOR_FAILED);
    w->pause_ms = w->pause_ms == 0 ? PAUSE_FIRST_MS : w->pause_ms * 2;
    if (w->pause_ms > PAUSE_MOST_MS)
        w->pause_ms = PAUSE_MOST_MS;
    uv_timer_start(&w->timer, on_timer, w->ending ? 0 : w->pause_ms, 0);
}

static void
connect_stream(struct wire *w)
{
    if (!open_connection(w)) {
        lost(w);
        return;
    }
    net_tune(w->connection->fd);
    net_keep_alive(w->connection->fd);
    net_limit_silence(w->connection->fd, SILENCE_MS);
    uv_timer_start(&w->timer, on_timer, CONNECT_MS, 0);
    watch(w);
}

static void
on_timer(uv_timer_t *timer)
{
    struct wire *w = timer->data;

    if (w->ending)
        w->events->on_done(w->owner);
    else if (w->connection != NULL)
        lost(w); /* it could not be made in time */
    else
        connect_stream(w);
}

/* --- streams ------------------------------------------------------------ */

/* False: the connection is over. */
static bool
write_lines(struct wire *w)
{
    struct connection *c = w->connection;

    while (!list_empty(&w->waiting)) {
        struct line *l = first_of(&w->waiting);
        ssize_t sent = sendto(c->fd, l->bytes + w->begun, l->len - w->begun,
                              MSG_NOSIGNAL, NULL, 0);

        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        c->written += (uint64_t)sent;
        w->begun += (size_t)sent;
        if (w->begun < l->len)
            continue;
        w->begun = 0;
        l->end = c->written;
        list_remove(&l->node);
        list_append(&w->written, &l->node);
        w->count.sent += !l->counted;
        l->counted = true;
        changed(w);
    }
    return true;
}

static void
flush(struct wire *w)
{
    if (!write_lines(w)) {
        lost(w);
        return;
    }
    forget_acknowledged(w);
    watch(w);
    if (w->ending && list_empty(&w->waiting))
        uv_timer_start(&w->timer, on_timer, 0, 0);
}

/* Collectors have nothing to say. False: it has gone. */
static bool
discard_input(struct wire *w)
{
    uint8_t bytes[DISCARD_MAX];
    ssize_t got =
        recvfrom(w->connection->fd, bytes, sizeof(bytes), 0, NULL, NULL);

    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static void
on_stream_ready(struct wire *w, int status, int events)
{
    struct connection *c = w->connection;

    if (status < 0 || (!c->connected && net_connect_error(c->fd) != 0)) {
        lost(w);
        return;
    }
    if (!c->connected && (events & UV_WRITABLE)) {
        c->connected = true;
        c->since_ms = uv_now(w->loop);
        if (!w->ending)
            uv_timer_stop(&w->timer);
        set_state(w, COLLECTOR_UP);
    }
    if (c->connected && (events & UV_READABLE) && !discard_input(w))
        lost(w);
    else if (c->connected)
        flush(w);
}

static void
send_on_stream(struct wire *w, struct span line)
{
    bool idle = list_empty(&w->waiting);

    if (w->connection != NULL)
        forget_acknowledged(w);
    if (!enqueue(w, line)) {
        w->count.dropped++;
        changed(w);
    } else if (idle && w->connection != NULL && w->connection->connected) {
        flush(w);
    }
}

/* --- datagrams ---------------------------------------------------------- */

/* An answer by ICMP to one that was sent, or junk from the far end. */
static void
on_datagram_ready(struct wire *w, int status)
{
    int fd = w->connection->fd;
    int error = status < 0 ? net_connect_error(fd) : 0;
    uint8_t byte;

    if (error == 0 && recvfrom(fd, &byte, 1, 0, NULL, NULL) < 0)
        error = errno == EAGAIN || errno == EINTR ? 0 : errno;
    if (error != 0) {
        w->count.refused++;
        set_state(w, COLLECTOR_FAILED);
        changed(w);
    }
    watch(w);
}

static void
send_datagram(struct wire *w, struct span line)
{
    ssize_t sent = -1;

    if (w->connection == NULL && open_connection(w))
        watch(w);
    if (w->connection != NULL)
        sent = sendto(w->connection->fd, line.ptr, line.len, MSG_NOSIGNAL, NULL,
                      0);
    if (sent < 0 && w->connection != NULL && errno == ECONNREFUSED) {
        /* That was the answer to an earlier one; this one has not left. */
        w->count.refused++;
        sent = sendto(w->connection->fd, line.ptr, line.len, MSG_NOSIGNAL, NULL,
                      0);
    }
    if (sent < 0)
        w->count.dropped++;
    else
        w->count.sent++;
    set_state(w, sent < 0 ? COLLECTOR_FAILED : COLLECTOR_UP);
    changed(w);
    /* A route, an address of ours may be another by now. */
    if (sent < 0 && errno != EAGAIN)
        drop_connection(w);
}

static void
on_ready(uv_poll_t *poll, int status, int events)
{
    struct connection *c = poll->data;

    if (c->wire == NULL)
        return;
    if (c->wire->place.stream)
        on_stream_ready(c->wire, status, events);
    else
        on_datagram_ready(c->wire, status);
}

/* --- life --------------------------------------------------------------- */

struct wire *
wire_new(uv_loop_t *loop, const struct wire_place *place,
         const struct wire_events *events, void *owner)
{
    struct wire *w = alloc_zero(1, sizeof(*w));

    w->loop = loop;
    w->place = *place;
    w->events = events;
    w->owner = owner;
    w->state = COLLECTOR_TRYING;
    list_init(&w->waiting);
    list_init(&w->written);
    uv_timer_init(loop, &w->timer);
    w->timer.data = w;
    if (place->stream)
        uv_timer_start(&w->timer, on_timer, 0, 0);
    return w;
}

static bool
is_same(const struct net_address *a, const struct net_address *b)
{
    return a->len == b->len && memcmp(&a->storage, &b->storage, a->len) == 0;
}

bool
wire_goes_to(const struct wire *w, const struct wire_place *place)
{
    return w->place.stream == place->stream && w->place.bound == place->bound &&
           is_same(&w->place.to, &place->to) &&
           (!place->bound || is_same(&w->place.from, &place->from));
}

void
wire_send(struct wire *w, struct span line)
{
    if (w->place.stream)
        send_on_stream(w, line);
    else
        send_datagram(w, line);
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
    return w->state;
}

void
wire_end(struct wire *w)
{
    bool busy = w->connection != NULL && !list_empty(&w->waiting);

    w->ending = true;
    uv_timer_start(&w->timer, on_timer, busy ? END_MS : 0, 0);
}

static void
on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
wire_free(struct wire *w)
{
    drop_connection(w);
    while (!list_empty(&w->waiting))
        line_free(w, first_of(&w->waiting));
    while (!list_empty(&w->written))
        line_free(w, first_of(&w->written));
    uv_close((uv_handle_t *)&w->timer, on_timer_closed);
}
