/* Laws of the way to one collector, over loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "notify/wire.h"

#define LIMIT_MS 20000 /* for what must come */

static struct world {
    uv_loop_t loop;
    uv_timer_t limit, again;
    struct wire *wire;
    bool done;
} world;

static void
on_change(void *owner)
{
    assert_ptr_equal(owner, &world);
}

static void
on_done(void *owner)
{
    assert_ptr_equal(owner, &world);
    wire_free(world.wire);
    world.wire = NULL;
    world.done = true;
}

static const struct wire_events events = {on_change, on_done};

static void
on_limit(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("it did not come");
}

static void
on_again(uv_timer_t *timer)
{
    (void)timer;
}

static int
setup(void **state)
{
    (void)state;
    world.done = false;
    uv_loop_init(&world.loop);
    uv_timer_init(&world.loop, &world.limit);
    uv_timer_init(&world.loop, &world.again);
    uv_timer_start(&world.limit, on_limit, LIMIT_MS, 0);
    /* Conditions outside of the loop are looked at that often. */
    uv_timer_start(&world.again, on_again, 5, 5);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    if (world.wire != NULL)
        wire_free(world.wire);
    world.wire = NULL;
    uv_close((uv_handle_t *)&world.limit, NULL);
    uv_close((uv_handle_t *)&world.again, NULL);
    uv_run(&world.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&world.loop);
}

#define UNTIL(condition)                  \
    do {                                  \
        uv_run(&world.loop, UV_RUN_ONCE); \
    } while (!(condition))

/* A socket on a free port of loopback, and the way there. */
static int
far_end(int type, struct wire_place *place)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    socklen_t len = sizeof(to);
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&to, &len), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 8), 0);
    *place = (struct wire_place){.stream = type == SOCK_STREAM};
    memcpy(&place->to.storage, &to, sizeof(to));
    place->to.len = sizeof(to);
    return fd;
}

static void
start(const struct wire_place *place)
{
    world.wire = wire_new(&world.loop, place, &events, &world);
}

static int
next_connection(int listener)
{
    int fd;

    UNTIL((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0);
    return fd;
}

/* Read until so many bytes are there. */
static void
expect(int fd, const char *text)
{
    char got[256];
    size_t len = 0;

    while (len < strlen(text)) {
        ssize_t more = recv(fd, got + len, sizeof(got) - 1 - len, 0);

        if (more > 0)
            len += (size_t)more;
        else
            uv_run(&world.loop, UV_RUN_ONCE);
    }
    got[len] = '\0';
    assert_string_equal(got, text);
}

static void
test_lines_wait_for_their_connection(void **state)
{
    struct wire_place place;
    int listener = far_end(SOCK_STREAM, &place), fd;

    (void)state;
    start(&place);
    assert_int_equal(wire_state(world.wire), COLLECTOR_TRYING);
    wire_send(world.wire, span_text("one\n"));
    wire_send(world.wire, span_text("two\n"));
    fd = next_connection(listener);
    expect(fd, "one\ntwo\n");
    assert_int_equal(wire_state(world.wire), COLLECTOR_UP);
    assert_int_equal(wire_take_count(world.wire).sent, 2);
    wire_send(world.wire, span_text("three\n"));
    expect(fd, "three\n");
    assert_int_equal(wire_take_count(world.wire).sent, 1);
    assert_int_equal(wire_take_count(world.wire).sent, 0);
    close(fd);
    close(listener);
}

static void
test_a_connection_is_made_again(void **state)
{
    struct wire_place place;
    int listener = far_end(SOCK_STREAM, &place), fd;

    (void)state;
    start(&place);
    fd = next_connection(listener);
    UNTIL(wire_state(world.wire) == COLLECTOR_UP);
    close(fd);
    UNTIL(wire_state(world.wire) == COLLECTOR_FAILED);
    wire_send(world.wire, span_text("said meanwhile\n"));
    fd = next_connection(listener);
    expect(fd, "said meanwhile\n");
    assert_int_equal(wire_take_count(world.wire).sent, 1);
    close(fd);
    close(listener);
}

/* Each line whole, and in order, whatever had been written of it. */
static void
test_what_was_not_taken_is_sent_again(void **state)
{
    static char line[60000];
    static const struct linger reset = {1, 0};
    struct wire_place place;
    int listener = far_end(SOCK_STREAM, &place), fd, small = 4096;
    uint32_t lines = 0, dropped = 0, sent = 0;
    size_t got = 0;

    (void)state;
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    start(&place);
    fd = next_connection(listener);
    UNTIL(wire_state(world.wire) == COLLECTOR_UP);
    while (dropped == 0) {
        struct wire_count count;

        wire_send(world.wire, span_of(line, sizeof(line)));
        count = wire_take_count(world.wire);
        lines++;
        dropped += count.dropped;
        sent += count.sent;
    }
    assert_true(lines - dropped > 10);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(fd);
    fd = next_connection(listener);
    while (got < (lines - dropped) * sizeof(line) - 2 * sizeof(line)) {
        char bytes[65536];
        ssize_t more = recv(fd, bytes, sizeof(bytes), 0);

        for (ssize_t i = 0; i < more; i++, got++)
            assert_int_equal(bytes[i] == '\n',
                             got % sizeof(line) == sizeof(line) - 1);
        if (more < 0)
            uv_run(&world.loop, UV_RUN_ONCE);
        assert_int_not_equal(more, 0);
    }
    /* Counted once, however often they were sent. */
    UNTIL((sent += wire_take_count(world.wire).sent) == lines - dropped);
    close(fd);
    close(listener);
}

static void
test_a_queue_has_its_limit(void **state)
{
    static char line[1024];
    struct wire_place place;
    int listener = far_end(SOCK_STREAM, &place);
    uint32_t dropped;

    (void)state;
    start(&place);
    for (unsigned i = 0; i < 2 * WIRE_QUEUE_MAX / sizeof(line); i++)
        wire_send(world.wire, span_of(line, sizeof(line)));
    dropped = wire_take_count(world.wire).dropped;
    assert_in_range(dropped, WIRE_QUEUE_MAX / sizeof(line),
                    2 * WIRE_QUEUE_MAX / sizeof(line) - 1);
    close(listener);
}

static void
test_datagrams_leave_or_are_counted(void **state)
{
    struct wire_place place;
    int fd = far_end(SOCK_DGRAM, &place);
    uint32_t refused = 0;

    (void)state;
    start(&place);
    wire_send(world.wire, span_text("<189>1: hello"));
    expect(fd, "<189>1: hello");
    assert_int_equal(wire_take_count(world.wire).sent, 1);
    assert_int_equal(wire_state(world.wire), COLLECTOR_UP);
    close(fd);
    wire_send(world.wire, span_text("nobody listens"));
    UNTIL((refused += wire_take_count(world.wire).refused) == 1);
    assert_int_equal(wire_state(world.wire), COLLECTOR_FAILED);
}

static void
test_an_address_that_is_not_ours_drops(void **state)
{
    struct wire_place place;
    int fd = far_end(SOCK_DGRAM, &place);
    static const uint8_t foreign[] = {192, 0, 2, 1};

    (void)state;
    place.bound = true;
    assert_true(net_from_bytes(span_of(foreign, 4), 0, &place.from));
    start(&place);
    wire_send(world.wire, span_text("from nowhere"));
    assert_int_equal(wire_take_count(world.wire).dropped, 1);
    close(fd);
}

static void
test_an_end_lets_the_queue_run_dry(void **state)
{
    struct wire_place place;
    int listener = far_end(SOCK_STREAM, &place), fd;

    (void)state;
    start(&place);
    fd = next_connection(listener);
    UNTIL(wire_state(world.wire) == COLLECTOR_UP);
    wire_send(world.wire, span_text("last words\n"));
    wire_end(world.wire);
    UNTIL(world.done);
    expect(fd, "last words\n");
    close(fd);
    /* Without a connection there is nothing to wait for. */
    world.done = false;
    close(listener);
    start(&place);
    wire_send(world.wire, span_text("to nobody\n"));
    wire_end(world.wire);
    UNTIL(world.done);
}

int
main(void)
{
#define WIRE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WIRE_TEST(test_lines_wait_for_their_connection),
        WIRE_TEST(test_a_connection_is_made_again),
        WIRE_TEST(test_what_was_not_taken_is_sent_again),
        WIRE_TEST(test_a_queue_has_its_limit),
        WIRE_TEST(test_datagrams_leave_or_are_counted),
        WIRE_TEST(test_an_address_that_is_not_ours_drops),
        WIRE_TEST(test_an_end_lets_the_queue_run_dry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
