/*
 * What requests, servers and time may do to connections that requests share,
 * as a row of steps. However they follow each other: a request is told at most
 * once that its connection is lost, and before it is closed; what reaches it
 * are whole packets of its own session; each opening that is told has its end;
 * nothing is left behind.
 */
#include <assert.h>
#include <stdlib.h>

#include "aaa/link.h"
#include "aaa/tacacs_packet.h"
#include "base/alloc.h"
#include "base/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define USERS       8
#define WIRES       32
#define TIMERS      64
#define SERVERS     4
#define STREAM_MAX  (256 * 1024) /* bytes that a server has said */
#define RECEIVE_MAX 4097         /* bytes at once, as the real one has it */
#define CALLS_MAX   8            /* while something is left to read */

enum habit {
    READS = 1,
    ANSWERS = 2,
    CLOSES = 4,        /* when something has come */
    CLOSES_LOST = 8,   /* when it is told that the connection is */
    COMES_AGAIN = 16,  /* and at once tries another */
    CLOSES_OTHER = 32, /* the next one, whatever it is told */
};

/* A request. */
struct user {
    size_t slot;
    struct link *link;
    unsigned server;
    uint8_t habits;
    bool single, named, lost;
    uint32_t session;
    struct wire *wire; /* on which it has spoken */
};

/* A socket that is played. */
struct wire {
    const struct wire_events *events;
    void *owner;
    bool shared, retired, full, ended, dead;
    struct buf said; /* by the server; not here yet */
    struct buf came;
};

/* A timer that is played. */
struct timer {
    uv_timer_t *handle;
    uv_timer_cb on_time; /* NULL: it does not run */
    uv_close_cb on_closed;
};

static struct world {
    struct links links;
    struct user *users[USERS];
    struct wire *wires[WIRES];
    struct timer timers[TIMERS];
    int open[SERVERS];   /* that was told, and not their end */
    const void *opening; /* who asks for a link just now */
    struct wire *used;   /* that was looked at for room */
    bool fails;          /* the next socket */
    bool raw;            /* what servers say has no form any more */
} world;

static void user_open(size_t slot, unsigned server, bool single, bool stream,
                      uint8_t habits);

/* --- timers ------------------------------------------------------------- */

static struct timer *
timer_of(const void *handle)
{
    for (size_t i = 0; i < TIMERS; i++)
        if (world.timers[i].handle == handle)
            return &world.timers[i];
    abort();
}

int
uv_timer_init(uv_loop_t *loop, uv_timer_t *handle)
{
    (void)loop;
    *timer_of(NULL) = (struct timer){.handle = handle};
    return 0;
}

int
uv_timer_start(uv_timer_t *handle, uv_timer_cb cb, uint64_t timeout,
               uint64_t repeat)
{
    struct timer *t = timer_of(handle);

    assert(t->on_closed == NULL && timeout == LINK_IDLE_MS && repeat == 0);
    t->on_time = cb;
    return 0;
}

int
uv_timer_stop(uv_timer_t *handle)
{
    timer_of(handle)->on_time = NULL;
    return 0;
}

void
uv_close(uv_handle_t *handle, uv_close_cb cb)
{
    struct timer *t = timer_of(handle);

    assert(t->on_closed == NULL && cb != NULL);
    t->on_time = NULL;
    t->on_closed = cb;
}

static void
let_time_pass(void)
{
    for (size_t i = 0; i < TIMERS; i++) {
        struct timer *t = &world.timers[i];
        uv_timer_cb on_time = t->on_time;

        t->on_time = NULL;
        if (on_time != NULL)
            on_time(t->handle);
    }
}

/* The end of a turn: what was closed is let go of. */
static void
end_turn(void)
{
    for (size_t i = 0; i < TIMERS; i++) {
        struct timer t = world.timers[i];

        if (t.on_closed == NULL)
            continue;
        world.timers[i] = (struct timer){.handle = NULL};
        t.on_closed((uv_handle_t *)t.handle);
    }
}

/* --- sockets ------------------------------------------------------------ */

enum err
wire_open(uv_loop_t *loop, const struct aaa_server *server, bool stream,
          const struct wire_events *events, void *owner,
          struct net_address *local, struct wire **wire)
{
    struct wire *w;
    size_t i = 0;

    (void)loop;
    assert(server->key.len > 0 && server->port > 0);
    if (world.fails)
        return ERR_SYSTEM;
    while (i < WIRES && world.wires[i] != NULL)
        i++;
    assert(i < WIRES);
    w = alloc_zero(1, sizeof(*w));
    w->events = events;
    w->owner = owner;
    w->shared = owner != world.opening;
    assert(stream || !w->shared);
    buf_init(&w->said, STREAM_MAX);
    buf_init(&w->came, STREAM_MAX);
    *local = (struct net_address){.len = 0};
    *wire = world.wires[i] = w;
    return OK;
}

void
wire_send(struct wire *w, struct span bytes)
{
    assert(bytes.len > 0 && !(w->shared && w->full));
}

bool
wire_has_room(const struct wire *w)
{
    for (size_t i = 0; i < WIRES; i++)
        if (world.wires[i] == w)
            world.used = world.wires[i];
    return !w->full;
}

enum err
wire_receive(struct wire *w, struct buf *to)
{
    size_t len = buf_len(&w->came);
    uint8_t *room = buf_reserve(to, RECEIVE_MAX);

    if (room == NULL)
        return ERR_LIMIT;
    if (len == 0)
        return w->ended ? ERR_CLOSED : ERR_MORE;
    if (len > RECEIVE_MAX)
        len = RECEIVE_MAX;
    memcpy(room, buf_span(&w->came).ptr, len);
    buf_commit(to, len);
    buf_consume(&w->came, len);
    return OK;
}

void
wire_close(struct wire *w)
{
    size_t i = 0;

    if (w == NULL)
        return;
    /* Nobody is on it who does not know. */
    for (size_t u = 0; u < USERS; u++)
        assert(world.users[u] == NULL || world.users[u]->lost ||
               world.users[u]->wire != w);
    while (world.wires[i] != w)
        i++;
    world.wires[i] = NULL;
    buf_clear(&w->said);
    buf_clear(&w->came);
    free(w);
}

/* --- requests ----------------------------------------------------------- */

static void
changed(void *owner, const struct aaa_server *server, bool open)
{
    int *count = &world.open[server->port - 1];

    assert(owner == &world && server->key.len == 3);
    *count += open ? 1 : -1;
    assert(*count >= 0);
}

static void
user_close(size_t slot)
{
    struct user *u = world.users[slot];

    if (u == NULL)
        return;
    world.users[slot] = NULL;
    link_close(u->link);
    free(u);
}

/* `len` bytes of a packet that has nothing but a header. */
static void
user_send(struct user *u, uint32_t session, size_t len)
{
    struct buf packet;

    if (!u->named)
        u->session = session;
    buf_init(&packet, TACACS_HEADER_LEN);
    tacacs_begin(&packet, &(struct tacacs_header){.session = u->session});
    buf_truncate(&packet, len);
    world.used = NULL;
    link_send(u->link, buf_span(&packet));
    buf_clear(&packet);
    if (link_is_own(u->link) || world.used == NULL)
        return;
    /* It is known there now: by a number that no other has. */
    for (size_t i = 0; i < USERS; i++)
        assert(world.users[i] == NULL || world.users[i] == u ||
               !world.users[i]->named || world.users[i]->lost ||
               world.users[i]->wire != world.used ||
               world.users[i]->session != u->session);
    assert(!u->lost && (u->wire == NULL || u->wire == world.used));
    u->wire = world.used;
    u->named = true;
}

static void
check_packets(const struct user *u, struct span bytes)
{
    assert(bytes.len == 0 || u->named);
    while (bytes.len > 0) {
        struct tacacs_header header;
        size_t len = 0;
        enum err err = tacacs_packet_len(bytes, &len);

        assert(err == OK && len <= bytes.len);
        tacacs_header_read(bytes, &header);
        assert(header.session == u->session);
        for (size_t i = TACACS_HEADER_LEN; i < len && !world.raw; i++)
            assert(bytes.ptr[i] == (uint8_t)header.session);
        bytes = span_of(bytes.ptr + len, bytes.len - len);
    }
}

/* False: the connection is over, and the request with it. */
static bool
user_read(struct user *u)
{
    bool own = link_is_own(u->link);
    enum err err = OK;
    struct buf got;

    while (err == OK) {
        buf_init(&got, STREAM_MAX);
        err = link_receive(u->link, &got);
        if (!own)
            check_packets(u, buf_span(&got));
        buf_clear(&got);
    }
    assert(err == ERR_MORE || own);
    if (err == ERR_MORE)
        return true;
    user_close(u->slot);
    return false;
}

static void
close_other(const struct user *u)
{
    if ((u->habits & CLOSES_OTHER) != 0)
        user_close((u->slot + 1) % USERS);
}

static void
on_bytes(void *owner)
{
    struct user *u = owner;

    assert(world.users[u->slot] == u && !u->lost);
    assert(link_is_own(u->link) || u->named);
    close_other(u);
    if ((u->habits & READS) != 0 && !user_read(u))
        return;
    if ((u->habits & ANSWERS) != 0)
        user_send(u, u->session, TACACS_HEADER_LEN);
    if ((u->habits & CLOSES) != 0)
        user_close(u->slot);
}

static void
on_lost(void *owner)
{
    struct user *u = owner, was = *u;

    assert(world.users[u->slot] == u && !u->lost);
    u->lost = true;
    close_other(u);
    if ((was.habits & (CLOSES_LOST | COMES_AGAIN)) != 0)
        user_close(was.slot);
    if ((was.habits & COMES_AGAIN) != 0)
        user_open(was.slot, was.server, was.single, true, READS);
}

static void
user_open(size_t slot, unsigned server, bool single, bool stream,
          uint8_t habits)
{
    static const struct wire_events events = {on_bytes, on_lost};
    static const char *const keys[SERVERS] = {"one", "two", "six", "ten"};
    struct aaa_server to = {
        .address = span_of("\xc0\x00\x02\x01", 4),
        .port = (uint16_t)(server + 1),
        .key = span_text(keys[server]),
        .single_connection = single,
        .source = server == 1 ? span_of("\xc0\x00\x02\x02", 4) : SPAN_EMPTY,
    };
    struct net_address local;
    struct user *u;

    if (world.users[slot] != NULL)
        return;
    u = alloc_zero(1, sizeof(*u));
    *u = (struct user){slot, NULL, server, habits, .single = single};
    world.opening = u;
    if (link_open(&world.links, &to, stream, &events, u, &local, &u->link) ==
        OK) {
        assert(link_is_own(u->link) || (stream && single));
        world.users[slot] = u;
    } else {
        assert(world.fails);
        free(u);
    }
    world.opening = NULL;
}

/* --- servers ------------------------------------------------------------ */

static void
server_says(struct wire *w, uint8_t session, uint8_t flags, size_t body)
{
    struct tacacs_header header = {.flags = flags, .session = session};
    uint8_t *room;

    if (buf_len(&w->said) + TACACS_HEADER_LEN + body > STREAM_MAX)
        return;
    /* As tacacs_seal() would have it, but for what it hides. */
    tacacs_begin(&w->said, &header);
    buf_truncate(&w->said, buf_len(&w->said) - 4);
    buf_put_u32(&w->said, (uint32_t)body);
    room = buf_reserve(&w->said, body);
    assert(room != NULL);
    memset(room, session, body);
    buf_commit(&w->said, body);
}

static void
server_babbles(struct wire *w, struct span bytes)
{
    if (buf_len(&w->said) + bytes.len > STREAM_MAX)
        return;
    world.raw = true;
    buf_put_span(&w->said, bytes);
}

static bool
is_there(const struct wire *w, size_t slot)
{
    return world.wires[slot] == w && !w->dead;
}

static void
deliver(size_t slot, size_t len)
{
    struct wire *w = world.wires[slot];

    if (w->dead || w->ended)
        return;
    if (len > buf_len(&w->said))
        len = buf_len(&w->said);
    if (buf_len(&w->came) + len > STREAM_MAX)
        return;
    buf_put(&w->came, buf_span(&w->said).ptr, len);
    buf_consume(&w->said, len);
    for (unsigned i = 0; i < CALLS_MAX && is_there(w, slot); i++)
        w->events->on_bytes(w->owner);
}

/* At once, or behind what has come. */
static void
lose(size_t slot, bool at_once)
{
    struct wire *w = world.wires[slot];

    if (w->dead)
        return;
    if (at_once) {
        w->dead = true;
        w->events->on_lost(w->owner);
        return;
    }
    w->ended = true;
    w->events->on_bytes(w->owner);
}

/* --- steps -------------------------------------------------------------- */

static void
step_of_user(uint8_t kind, struct reader *from)
{
    uint8_t arg = read_u8(from), more = read_u8(from);
    size_t slot = arg % USERS;
    struct user *u = world.users[slot];

    if (kind == 0) {
        world.fails = more >= 0xf8;
        user_open(slot, (arg >> 3) % SERVERS, (arg & 32) == 0, (arg & 64) == 0,
                  more);
        world.fails = false;
    } else if (u != NULL && kind == 1) {
        user_send(u, more, arg < 128 ? TACACS_HEADER_LEN : (arg & 7) + 1u);
    } else if (u != NULL && (more & 1) != 0) {
        link_retire(u->link);
        if (u->wire != NULL && !u->lost)
            u->wire->retired = true;
    } else {
        user_close(slot);
    }
}

static void
step_of_server(uint8_t kind, struct reader *from)
{
    uint8_t arg = read_u8(from);
    size_t slot = arg % WIRES;
    struct wire *w = world.wires[slot];
    uint8_t session = kind == 3 ? read_u8(from) : 0;
    uint8_t flags = kind == 3 ? read_u8(from) : 0;
    size_t len = kind < 6 ? read_u16(from) : 0;
    struct span bytes = kind == 4 ? read_bytes(from, len) : SPAN_EMPTY;

    if (w == NULL)
        return;
    if (kind == 3)
        server_says(w, session, flags, len);
    else if (kind == 4)
        server_babbles(w, bytes);
    else if (kind == 5)
        deliver(slot, len);
    else if (kind == 6)
        lose(slot, arg >= 128);
    else
        w->full = arg >= 128;
}

/* Somebody is on it, or may be, who has not spoken yet. */
static bool
is_used(const struct wire *w)
{
    for (size_t i = 0; i < USERS; i++) {
        const struct user *u = world.users[i];

        if (u != NULL && !u->lost && !link_is_own(u->link) &&
            (u->wire == w || u->wire == NULL))
            return true;
    }
    return false;
}

/*
 * As many connections are told of as there are; one that nobody else may begin
 * anything on is gone with the last who had.
 */
static void
check_connections(void)
{
    int told = 0, there = 0;

    for (size_t i = 0; i < SERVERS; i++)
        told += world.open[i];
    for (size_t i = 0; i < WIRES; i++) {
        const struct wire *w = world.wires[i];

        there += w != NULL && w->shared;
        assert(w == NULL || !w->retired || is_used(w));
    }
    assert(told == there);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader from = reader_over(span_of(data, size));

    world = (struct world){.links = {.owner = &world, .changed = changed}};
    list_init(&world.links.shared);
    while (read_ok(&from) && !read_done(&from)) {
        uint8_t kind = read_u8(&from) % 9;

        if (kind < 3)
            step_of_user(kind, &from);
        else if (kind < 8)
            step_of_server(kind, &from);
        else
            let_time_pass();
        check_connections();
        end_turn();
    }
    for (size_t i = 0; i < USERS; i++)
        user_close(i);
    let_time_pass();
    end_turn();
    check_connections();
    assert(list_empty(&world.links.shared));
    for (size_t i = 0; i < WIRES; i++)
        assert(world.wires[i] == NULL);
    for (size_t i = 0; i < TIMERS; i++)
        assert(world.timers[i].handle == NULL);
    return 0;
}
