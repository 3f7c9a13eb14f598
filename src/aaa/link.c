#include "aaa/link.h"

#include <stdlib.h>

#include "aaa/tacacs_packet.h"
#include "base/alloc.h"
#include "base/secret.h"

#define PACKETS_MAX 16 /* of one wake-up, before others have their turn */
#define INPUT_MAX   (TACACS_PACKET_MAX + 16 * 1024)
#define ADDRESS_MAX 16

/* One connection that requests share, or will. */
struct shared {
    struct list node; /* of those that may get one more */
    struct links *all;
    struct wire *wire;
    struct net_address local;
    uint8_t address[ADDRESS_MAX], source[ADDRESS_MAX];
    struct secret key;
    struct aaa_server server; /* borrows from the above */
    struct list members;
    struct buf input; /* of which no packet is whole */
    bool agreed;
    bool retired, closed;
    uv_timer_t idle; /* the loop keeps the structure until it is closed */
};

struct link {
    struct list node;
    const struct wire_events *events;
    void *owner;
    struct wire *wire;     /* its own, or NULL: */
    struct shared *shared; /* NULL as well: it is lost */
    bool offers;           /* it has made the connection */
    bool named;            /* something was sent, in this session: */
    uint32_t session;
    struct buf input; /* packets that have come */
};

/* --- life of a connection ----------------------------------------------- */

static void
on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* Its members are gone. */
static void
shared_close(struct shared *s)
{
    if (s->closed)
        return;
    s->closed = true;
    list_remove(&s->node);
    wire_close(s->wire);
    s->all->changed(s->all->owner, &s->server, false);
    buf_clear(&s->input);
    secret_clear(&s->key);
    uv_close((uv_handle_t *)&s->idle, on_timer_closed);
}

static void
on_idle(uv_timer_t *timer)
{
    shared_close(timer->data);
}

/* The connection is over: all are told who wait for something on it. */
static void
on_shared_lost(void *owner)
{
    struct shared *s = owner;

    s->retired = true;
    list_remove(&s->node);
    while (!list_empty(&s->members)) {
        struct link *link = LIST_ITEM(s->members.next, struct link, node);

        list_remove(&link->node);
        link->shared = NULL;
        link->events->on_lost(link->owner);
    }
    shared_close(s);
}

/* --- packets that come -------------------------------------------------- */

static struct link *
member_of_session(struct shared *s, uint32_t session)
{
    LIST_EACH(node, &s->members)
    {
        struct link *link = LIST_ITEM(node, struct link, node);

        if (link->named && link->session == session)
            return link;
    }
    return NULL;
}

/*
 * To whom it belongs: nobody, when the answer was not waited for any more. The
 * first one says whether the server shares; afterwards the flag means nothing.
 */
static void
deliver(struct shared *s, struct span packet)
{
    struct tacacs_header header;
    struct link *link;

    tacacs_header_read(packet, &header);
    link = member_of_session(s, header.session);
    if (link == NULL)
        return;
    if (!s->agreed && (header.flags & TACACS_SINGLE) != 0)
        s->agreed = true;
    else if (!s->agreed)
        link_retire(link);
    buf_put_span(&link->input, packet);
    link->events->on_bytes(link->owner);
}

/* False: there is none that is whole, or the connection is over. */
static bool
take_packet(struct shared *s)
{
    size_t len = 0;
    enum err err = tacacs_packet_len(buf_span(&s->input), &len);
    struct buf packet;

    if (err == ERR_LENGTH) {
        on_shared_lost(s);
        return false;
    }
    if (err != OK || buf_len(&s->input) < len)
        return false;
    /* Whoever gets it may be the last, and the connection ends with him. */
    buf_init_secret(&packet, TACACS_PACKET_MAX);
    buf_put(&packet, buf_span(&s->input).ptr, len);
    buf_consume(&s->input, len);
    deliver(s, buf_span(&packet));
    buf_clear(&packet);
    return !s->closed;
}

static void
on_shared_bytes(void *owner)
{
    struct shared *s = owner;

    for (unsigned i = 0; i < PACKETS_MAX && !s->closed; i++) {
        enum err err = wire_receive(s->wire, &s->input);

        if (err == ERR_MORE)
            return;
        if (err != OK) {
            on_shared_lost(s);
            return;
        }
        while (take_packet(s))
            continue;
    }
}

/* --- which connection --------------------------------------------------- */

static bool
serves(const struct shared *s, const struct aaa_server *server)
{
    return s->server.port == server->port &&
           span_equal(s->server.address, server->address) &&
           span_equal(s->server.source, server->source) &&
           span_equal(s->server.key, server->key);
}

static struct shared *
shared_find(struct links *all, const struct aaa_server *server)
{
    LIST_EACH(node, &all->shared)
    {
        struct shared *s = LIST_ITEM(node, struct shared, node);

        if (serves(s, server))
            return s;
    }
    return NULL;
}

static struct span
keep(uint8_t *to, struct span bytes)
{
    if (bytes.len > 0)
        memcpy(to, bytes.ptr, bytes.len);
    return span_of(to, bytes.len);
}

static enum err
shared_open(struct links *all, const struct aaa_server *server,
            struct shared **shared)
{
    static const struct wire_events events = {on_shared_bytes, on_shared_lost};
    struct shared *s = alloc_zero(1, sizeof(*s));

    if (!secret_set(&s->key, server->key) ||
        wire_open(all->loop, server, true, &events, s, &s->local, &s->wire) !=
            OK) {
        secret_clear(&s->key);
        free(s);
        return ERR_SYSTEM;
    }
    s->all = all;
    s->server = *server;
    s->server.key = secret_span(&s->key);
    s->server.address = keep(s->address, server->address);
    s->server.source = keep(s->source, server->source);
    buf_init_secret(&s->input, INPUT_MAX);
    list_init(&s->members);
    list_append(&all->shared, &s->node);
    uv_timer_init(all->loop, &s->idle);
    s->idle.data = s;
    all->changed(all->owner, &s->server, true);
    *shared = s;
    return OK;
}

/* --- links -------------------------------------------------------------- */

/* It becomes a member, of one that is made for it if there is none. */
static enum err
join(struct links *all, const struct aaa_server *server, struct link *link)
{
    struct shared *s = shared_find(all, server);

    if (s == NULL) {
        if (shared_open(all, server, &s) != OK)
            return ERR_SYSTEM;
        link->offers = true;
    }
    uv_timer_stop(&s->idle);
    list_append(&s->members, &link->node);
    link->shared = s;
    return OK;
}

/* Nothing can be said on it before the server has agreed, nor while it takes
   nothing more. */
static bool
is_busy(struct links *all, const struct aaa_server *server)
{
    const struct shared *s = shared_find(all, server);

    return s != NULL && (!s->agreed || !wire_has_room(s->wire));
}

enum err
link_open(struct links *all, const struct aaa_server *server, bool stream,
          const struct wire_events *events, void *owner,
          struct net_address *local, struct link **link)
{
    struct link *l = alloc_zero(1, sizeof(*l));
    enum err err;

    l->events = events;
    l->owner = owner;
    list_init(&l->node);
    buf_init_secret(&l->input, INPUT_MAX);
    if (stream && server->single_connection && !is_busy(all, server))
        err = join(all, server, l);
    else
        err = wire_open(all->loop, server, stream, events, owner, local,
                        &l->wire);
    if (err != OK) {
        free(l);
        return err;
    }
    if (l->shared != NULL)
        *local = l->shared->local;
    *link = l;
    return OK;
}

bool
link_offers(const struct link *link)
{
    return link->offers;
}

bool
link_is_old(const struct link *link)
{
    return link->wire == NULL && !link->offers;
}

bool
link_is_own(const struct link *link)
{
    return link->wire != NULL;
}

/*
 * What cannot be sent gets no answer: there is no room for it, or, once in
 * thousands of millions, another has taken the number of its session.
 */
void
link_send(struct link *link, struct span packet)
{
    struct tacacs_header header;

    if (link->wire != NULL) {
        wire_send(link->wire, packet);
        return;
    }
    if (link->shared == NULL || packet.len < TACACS_HEADER_LEN)
        return;
    tacacs_header_read(packet, &header);
    if (!link->named && member_of_session(link->shared, header.session) != NULL)
        return;
    link->named = true;
    link->session = header.session;
    if (wire_has_room(link->shared->wire))
        wire_send(link->shared->wire, packet);
    else
        link_retire(link);
}

enum err
link_receive(struct link *link, struct buf *to)
{
    if (link->wire != NULL)
        return wire_receive(link->wire, to);
    if (buf_len(&link->input) == 0)
        return ERR_MORE;
    buf_put_span(to, buf_span(&link->input));
    buf_consume(&link->input, buf_len(&link->input));
    return buf_ok(to) ? OK : ERR_LIMIT;
}

void
link_retire(struct link *link)
{
    struct shared *s = link == NULL ? NULL : link->shared;

    if (s == NULL || s->retired)
        return;
    s->retired = true;
    list_remove(&s->node);
}

/* The last that leaves closes it, unless others may come. */
static void
leave(struct shared *s, struct link *link)
{
    list_remove(&link->node);
    if (!list_empty(&s->members))
        return;
    if (s->retired || !s->agreed)
        shared_close(s);
    else
        uv_timer_start(&s->idle, on_idle, LINK_IDLE_MS, 0);
}

void
link_close(struct link *link)
{
    if (link == NULL)
        return;
    if (link->shared != NULL)
        leave(link->shared, link);
    wire_close(link->wire);
    buf_clear(&link->input);
    free(link);
}
