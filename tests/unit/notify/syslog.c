/* Laws of the collectors that control may name; their ways are played. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "notify/syslog.h"
#include "notify/wire.h"

#define NUMBERS   (2 * SYSLOG_COLLECTORS_MAX + 1)
#define DATAGRAMS false

/* A way that is played. */
struct wire {
    struct wire_place place;
    const struct wire_events *events;
    void *owner;
    struct wire_count count;
    bool ending;
};

static struct world {
    uv_loop_t loop;
    struct link link;
    struct syslog *syslog;
    struct wire *last; /* that was made */
    unsigned wires;    /* that there are */
    unsigned told[NUMBERS], last_told[NUMBERS];
    struct msg_syslog_fate fate; /* the last one */
} world;

struct wire *
wire_new(uv_loop_t *loop, const struct wire_place *place,
         const struct wire_events *events, void *owner)
{
    struct wire *w = alloc_zero(1, sizeof(*w));

    assert_ptr_equal(loop, &world.loop);
    *w = (struct wire){*place, events, owner, .ending = false};
    world.wires++;
    world.last = w;
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
           is_same(&w->place.from, &place->from);
}

void
wire_send(struct wire *w, struct span line)
{
    assert_false(w->ending);
    assert_true(line.len > 0);
    w->count.sent++;
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
    assert_false(w->ending);
    w->ending = true;
}

void
wire_free(struct wire *w)
{
    world.wires--;
    free(w);
}

/* --- the world ---------------------------------------------------------- */

static void
hear(const struct message *m)
{
    assert_int_equal(m->type, MSG_SYSLOG_FATE);
    world.fate = m->syslog_fate;
    assert_in_range(world.fate.collector, 0, NUMBERS - 1);
    world.told[world.fate.collector]++;
    world.last_told[world.fate.collector] += world.fate.last;
}

static int
setup(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    uv_loop_init(&world.loop);
    world.link = (struct link){&world.loop, hear};
    world.syslog = syslog_new(&world.link);
    return 0;
}

static void
finish(struct wire *w)
{
    w->events->on_done(w->owner);
}

static void
close_timer(uv_handle_t *handle, void *arg)
{
    (void)arg;
    uv_close(handle, NULL);
}

/* Each test has ended the collectors that it has made. */
static int
teardown(void **state)
{
    (void)state;
    assert_int_equal(world.wires, 0);
    uv_walk(&world.loop, close_timer, NULL);
    uv_run(&world.loop, UV_RUN_DEFAULT);
    free(world.syslog);
    return uv_loop_close(&world.loop);
}

static struct msg_syslog
line_to(uint32_t collector)
{
    static const uint8_t address[] = {192, 0, 2, 1};

    return (struct msg_syslog){
        .collector = collector,
        .address = span_of(address, sizeof(address)),
        .port = 514,
        .stream = DATAGRAMS,
        .line = span_text("<189>1: hello"),
    };
}

static bool
send_to(uint32_t collector)
{
    const struct msg_syslog m = line_to(collector);

    return syslog_send(world.syslog, &m);
}

static void
refuse(const struct msg_syslog *m)
{
    unsigned before = world.wires;

    assert_false(syslog_send(world.syslog, m));
    assert_int_equal(world.wires, before);
}

static void
end(uint32_t collector, struct wire *w)
{
    syslog_end(world.syslog, collector);
    finish(w);
}

/* --- places ------------------------------------------------------------- */

static void
test_a_port_is_one(void **state)
{
    static const uint32_t none[] = {0, 65536, 65536 + 514, UINT32_MAX};
    struct msg_syslog m = line_to(1);

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        m.port = none[i];
        refuse(&m);
    }
    m.port = 65535;
    assert_true(syslog_send(world.syslog, &m));
    assert_int_equal(net_port(&world.last->place.to), 65535);
    end(1, world.last);
}

static void
test_an_address_is_of_a_family(void **state)
{
    static const uint8_t bytes[17] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    static const size_t lengths[] = {0, 3, 5, 15, 17};
    struct msg_syslog m = line_to(1);

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        m.address = span_of(bytes, lengths[i]);
        refuse(&m);
    }
    m.address = span_of(bytes, 16);
    assert_true(syslog_send(world.syslog, &m));
    end(1, world.last);
}

static void
test_a_source_is_of_the_same_family(void **state)
{
    static const uint8_t bytes[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 2};
    struct msg_syslog m = line_to(1);

    (void)state;
    m.source = span_of(bytes, 16);
    refuse(&m);
    m.source = span_of(bytes, 3);
    refuse(&m);
    m.address = span_of(bytes, 16);
    m.source = span_of(bytes, 4);
    refuse(&m);
    m.source = span_of(bytes, 16);
    assert_true(syslog_send(world.syslog, &m));
    assert_true(world.last->place.bound);
    assert_true(span_equal(net_bytes(&world.last->place.from), m.source));
    end(1, world.last);
}

static void
test_an_empty_line_is_none(void **state)
{
    struct msg_syslog m = line_to(1);

    (void)state;
    m.line = SPAN_EMPTY;
    refuse(&m);
}

static void
test_a_number_has_one_place(void **state)
{
    static const uint8_t other[] = {192, 0, 2, 2};
    struct msg_syslog m = line_to(1);
    struct wire *w;

    (void)state;
    assert_true(send_to(1));
    w = world.last;
    m.port = 515;
    refuse(&m);
    m = line_to(1);
    m.address = span_of(other, 4);
    refuse(&m);
    m = line_to(1);
    m.stream = !DATAGRAMS;
    refuse(&m);
    m = line_to(1);
    m.source = span_of(other, 4);
    refuse(&m);
    assert_true(send_to(1));
    assert_int_equal(w->count.sent, 2);
    /* Once it is ended its number is free for another. */
    syslog_end(world.syslog, 1);
    m.source = SPAN_EMPTY;
    m.port = 515;
    assert_true(syslog_send(world.syslog, &m));
    assert_ptr_not_equal(world.last, w);
    assert_int_equal(w->count.sent, 2);
    finish(w);
    end(1, world.last);
}

/* --- how many ----------------------------------------------------------- */

static void
test_there_are_so_many(void **state)
{
    struct wire *wires[NUMBERS];
    const uint32_t one_more = SYSLOG_COLLECTORS_MAX;
    const struct msg_syslog m = line_to(one_more);

    (void)state;
    for (uint32_t i = 0; i < SYSLOG_COLLECTORS_MAX; i++) {
        assert_true(send_to(i));
        wires[i] = world.last;
    }
    refuse(&m);
    assert_true(send_to(7)); /* those who are there go on */
    /* One that is ending makes room at once, the first of them. */
    syslog_end(world.syslog, 5);
    syslog_end(world.syslog, 3);
    assert_int_equal(world.last_told[3] + world.last_told[5], 0);
    assert_true(send_to(one_more));
    wires[one_more] = world.last;
    assert_int_equal(world.wires, SYSLOG_COLLECTORS_MAX);
    assert_int_equal(world.last_told[3], 1);
    assert_int_equal(world.last_told[5], 0);
    assert_true(send_to(3));
    wires[3] = world.last;
    assert_int_equal(world.last_told[5], 1);
    assert_false(send_to(5));
    for (uint32_t i = 0; i <= one_more; i++)
        if (i != 5)
            end(i, wires[i]);
    assert_int_equal(world.last_told[3], 2);
    assert_int_equal(world.last_told[one_more], 1);
}

/* --- what control is told ----------------------------------------------- */

static void
test_fates_are_summed_up(void **state)
{
    struct wire *w;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_true(send_to(1));
    w = world.last;
    w->count.dropped = 4;
    w->count.refused = 5;
    assert_int_equal(world.told[1], 0);
    uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(world.told[1], 1);
    assert_int_equal(world.fate.sent, 3);
    assert_int_equal(world.fate.dropped, 4);
    assert_int_equal(world.fate.refused, 5);
    assert_int_equal(world.fate.state, COLLECTOR_UP);
    assert_false(world.fate.last);
    /* Nothing new is nothing to tell, of it and of others. */
    assert_true(send_to(2));
    uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(world.told[1], 1);
    assert_int_equal(world.told[2], 1);
    end(1, w);
    end(2, world.last);
}

static void
test_the_last_fate_is_told_once(void **state)
{
    struct wire *w;

    (void)state;
    assert_true(send_to(1));
    w = world.last;
    syslog_end(world.syslog, 1);
    syslog_end(world.syslog, 1);
    syslog_end(world.syslog, 2); /* there is none */
    /* What changes while it is ending goes with the last word. */
    uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(world.told[1], 0);
    w->count.dropped++;
    finish(w);
    assert_int_equal(world.told[1], 1);
    assert_int_equal(world.last_told[1], 1);
    assert_int_equal(world.fate.sent, 1);
    assert_int_equal(world.fate.dropped, 1);
    syslog_end(world.syslog, 1);
    uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(world.told[1], 1);
    assert_int_equal(world.told[2], 0);
}

int
main(void)
{
#define SYSLOG_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        SYSLOG_TEST(test_a_port_is_one),
        SYSLOG_TEST(test_an_address_is_of_a_family),
        SYSLOG_TEST(test_a_source_is_of_the_same_family),
        SYSLOG_TEST(test_an_empty_line_is_none),
        SYSLOG_TEST(test_a_number_has_one_place),
        SYSLOG_TEST(test_there_are_so_many),
        SYSLOG_TEST(test_fates_are_summed_up),
        SYSLOG_TEST(test_the_last_fate_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
