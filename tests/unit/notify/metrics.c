/* Laws of the page's clients, over loopback; control is played. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "notify/http.h"
#include "notify/metrics.h"
#include "os/net.h"

#define LIMIT_MS 20000 /* for what must come */
#define REQUEST  "GET /metrics HTTP/1.0\r\n\r\n"
#define GUESTS   (METRICS_CLIENTS_MAX + 1)
#define FDS_MAX  256
#define BIG      60000 /* bytes of a page that no socket's buffer takes */

static struct world {
    uv_loop_t loop;
    uv_timer_t limit, tick;
    struct link link;
    struct metrics *metrics;
    struct net_address at;
    unsigned doors, fds_before;
    int guests[GUESTS]; /* -1: not there */
    unsigned asked;     /* how often control was */
    uint64_t request;   /* its last number */
} world;

/* --- control, played ---------------------------------------------------- */

static void
hear(const struct message *m)
{
    assert_int_equal(m->type, MSG_METRICS_ASK);
    assert_true(m->metrics_ask.request > world.request);
    world.asked++;
    world.request = m->metrics_ask.request;
}

static void
give(uint64_t request, const char *text)
{
    const struct msg_metrics_page page = {.request = request,
                                          .page = span_text(text)};

    metrics_on_page(world.metrics, &page);
}

/* --- the world ---------------------------------------------------------- */

static void
on_limit(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("it did not come");
}

static void
on_tick(uv_timer_t *timer)
{
    (void)timer;
}

static unsigned
open_fds(void)
{
    unsigned count = 0;

    for (int fd = 0; fd < FDS_MAX; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void
open_door(void)
{
    struct net_address any;
    int fd = -1, small = 4096;

    assert_int_equal(net_parse("127.0.0.1:0", &any), OK);
    assert_int_equal(net_listen(&any, &fd, &world.at), OK);
    /* Those who are accepted have it from the listener. */
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    assert_true(metrics_listen(world.metrics, fd));
    world.doors++;
}

static int
setup(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    memset(world.guests, -1, sizeof(world.guests));
    uv_loop_init(&world.loop);
    uv_timer_init(&world.loop, &world.limit);
    uv_timer_init(&world.loop, &world.tick);
    uv_timer_start(&world.limit, on_limit, LIMIT_MS, 0);
    /* Conditions outside of the loop are looked at that often. */
    uv_timer_start(&world.tick, on_tick, 5, 5);
    world.fds_before = open_fds();
    world.link = (struct link){&world.loop, hear};
    world.metrics = metrics_new(&world.link);
    open_door();
    return 0;
}

static void
close_rest(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle)) {
        assert_int_equal(handle->type, UV_TIMER);
        uv_close(handle, NULL);
    }
}

/* Whatever happened, metrics_close() leaves no socket and no watch. */
static int
teardown(void **state)
{
    (void)state;
    metrics_close(world.metrics);
    for (size_t i = 0; i < GUESTS; i++)
        if (world.guests[i] >= 0)
            close(world.guests[i]);
    assert_int_equal(open_fds(), world.fds_before);
    uv_walk(&world.loop, close_rest, NULL);
    uv_run(&world.loop, UV_RUN_DEFAULT);
    free(world.metrics);
    return uv_loop_close(&world.loop);
}

#define UNTIL(condition)                  \
    do {                                  \
        uv_run(&world.loop, UV_RUN_ONCE); \
    } while (!(condition))

struct polls {
    unsigned all, resting;
};

static void
count_poll(uv_handle_t *handle, void *arg)
{
    struct polls *polls = arg;

    if (handle->type == UV_POLL && !uv_is_closing(handle)) {
        polls->all++;
        polls->resting += !uv_is_active(handle);
    }
}

/* Clients who have been accepted. */
static unsigned
here(void)
{
    struct polls polls = {0};

    uv_walk(&world.loop, count_poll, &polls);
    return polls.all - world.doors;
}

/* Sockets that are not watched: of clients that wait for a page, and doors
   that nobody enters by. */
static unsigned
resting(void)
{
    struct polls polls = {0};

    uv_walk(&world.loop, count_poll, &polls);
    return polls.resting;
}

/* The program's end of a connection. */
struct place {
    struct net_address peer;
    bool here, waits;
};

static void
find_place(uv_handle_t *handle, void *arg)
{
    struct place *place = arg;
    struct net_address peer = {.len = sizeof(peer.storage)};
    int fd;

    if (handle->type == UV_POLL && !uv_is_closing(handle) &&
        uv_fileno(handle, &fd) == 0 &&
        getpeername(fd, (struct sockaddr *)&peer.storage, &peer.len) == 0 &&
        net_port(&peer) == net_port(&place->peer)) {
        place->here = true;
        place->waits = !uv_is_active(handle);
    }
}

static struct place
place_of(int fd)
{
    struct place place = {.here = false};

    assert_int_equal(net_local(fd, &place.peer), OK);
    uv_walk(&world.loop, find_place, &place);
    return place;
}

/* --- a client, played --------------------------------------------------- */

/* At the door; whether it is let in is another question. */
static int
knock(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), small = 4096;
    size_t i = 0;

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    assert_int_equal(
        connect(fd, (struct sockaddr *)&world.at.storage, world.at.len), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    while (world.guests[i] >= 0)
        assert_true(++i < GUESTS);
    world.guests[i] = fd;
    return fd;
}

static int
come(void)
{
    int fd = knock();

    UNTIL(place_of(fd).here);
    return fd;
}

static void
leave(int fd)
{
    for (size_t i = 0; i < GUESTS; i++)
        if (world.guests[i] == fd)
            world.guests[i] = -1;
    close(fd);
}

static void
say(int fd, const void *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

        if (sent < 0)
            uv_run(&world.loop, UV_RUN_ONCE);
        else
            len -= (size_t)sent, bytes = (const char *)bytes + sent;
    }
}

/* Its whole request, until it waits for its page. */
static void
ask(int fd)
{
    say(fd, REQUEST, strlen(REQUEST));
    UNTIL(place_of(fd).waits);
}

static int
come_and_ask(void)
{
    int fd = come();

    ask(fd);
    return fd;
}

static void
expect_nothing(int fd)
{
    char byte;

    assert_int_equal(recv(fd, &byte, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
}

/* An answer of that status and content, and its orderly end. */
static void
expect(int fd, const char *status, const char *content)
{
    static char got[BIG + HTTP_HEAD_MAX + 1];
    size_t len = 0;
    const char *body;
    ssize_t more;

    while ((more = recv(fd, got + len, sizeof(got) - 1 - len, 0)) != 0) {
        if (more > 0)
            len += (size_t)more;
        else if (errno == EAGAIN)
            uv_run(&world.loop, UV_RUN_ONCE);
        else
            fail_msg("the answer was cut");
    }
    got[len] = '\0';
    assert_memory_equal(got, status, strlen(status));
    body = strstr(got, "\r\n\r\n");
    assert_non_null(body);
    assert_string_equal(body + 4, content);
}

static void
expect_page(int fd, const char *content)
{
    expect(fd, "HTTP/1.1 200 ", content);
}

/* It was sent away. */
static void
expect_end(int fd)
{
    char bytes[4096];
    ssize_t got;

    while ((got = recv(fd, bytes, sizeof(bytes), 0)) != 0) {
        if (got < 0 && errno == ECONNRESET)
            break;
        if (got < 0)
            uv_run(&world.loop, UV_RUN_ONCE);
    }
}

/* --- requests ----------------------------------------------------------- */

static void
test_a_request_may_come_in_pieces(void **state)
{
    int fd = come();

    (void)state;
    for (size_t i = 0; i < strlen(REQUEST); i++) {
        assert_int_equal(world.asked, 0);
        say(fd, &REQUEST[i], 1);
        uv_run(&world.loop, UV_RUN_ONCE);
    }
    UNTIL(world.asked == 1);
    expect_nothing(fd);
    give(world.request, "x 1\n");
    expect_page(fd, "x 1\n");
    leave(fd);
    UNTIL(here() == 0);
    assert_int_equal(world.asked, 1);
}

static void
test_too_long_is_refused_at_the_limit(void **state)
{
    static char text[HTTP_REQUEST_MAX];
    int slow = come(), hasty = come(), other;

    (void)state;
    memset(text, 'a', sizeof(text));
    say(slow, text, sizeof(text) - 1);
    other = come_and_ask();
    expect_nothing(slow);
    say(slow, text, 1);
    expect(slow, "HTTP/1.1 431 ", "");
    /* What it had sent beyond the limit does not cut the answer off. */
    say(hasty, text, sizeof(text));
    say(hasty, text, 100);
    expect(hasty, "HTTP/1.1 431 ", "");
    /* Control hears of those only who get a page. */
    assert_int_equal(world.asked, 1);
    give(world.request, "x 1\n");
    expect_page(other, "x 1\n");
}

static void
test_what_is_refused_costs_no_page(void **state)
{
    int fd = come();

    (void)state;
    say(fd, "GET / HTTP/1.0\r\n\r\n", 18);
    expect(fd, "HTTP/1.1 404 ", "");
    leave(fd);
    fd = come();
    leave(fd); /* without a word */
    UNTIL(here() == 0);
    assert_int_equal(world.asked, 0);
}

/* --- pages -------------------------------------------------------------- */

static void
test_one_page_serves_all_who_wait(void **state)
{
    int first, late[5];

    (void)state;
    first = come_and_ask();
    assert_int_equal(world.asked, 1);
    for (size_t i = 0; i < 5; i++)
        late[i] = come_and_ask();
    assert_int_equal(world.asked, 1);
    /* Who came when that page was being made may not get it. */
    give(1, "x 1\n");
    expect_page(first, "x 1\n");
    assert_int_equal(resting(), 5);
    for (size_t i = 0; i < 5; i++)
        expect_nothing(late[i]);
    UNTIL(world.asked == 2);
    give(2, "x 2\n");
    for (size_t i = 0; i < 5; i++)
        expect_page(late[i], "x 2\n");
    assert_int_equal(resting(), 0);
    assert_int_equal(world.asked, 2);
}

static void
test_a_page_of_another_number_is_nobodys(void **state)
{
    int first = come_and_ask(), second;

    (void)state;
    give(0, "old\n");
    give(world.request + 1, "new\n");
    assert_int_equal(resting(), 1);
    expect_nothing(first);
    give(world.request, "x 1\n");
    expect_page(first, "x 1\n");
    /* The same once more, before control is asked again and after. */
    second = come_and_ask();
    give(1, "old\n");
    assert_int_equal(resting(), 1);
    UNTIL(world.asked == 2);
    give(1, "old\n");
    assert_int_equal(resting(), 1);
    expect_nothing(second);
    give(2, "x 2\n");
    expect_page(second, "x 2\n");
}

static void
test_a_page_that_could_not_be_made_is_an_error(void **state)
{
    int fd = come_and_ask();

    (void)state;
    give(world.request, "");
    expect(fd, "HTTP/1.1 500 ", "");
}

static void
test_a_long_page_goes_as_it_is_read(void **state)
{
    static char page[BIG + 1];
    int fd = come_and_ask();

    (void)state;
    memset(page, 'x', BIG);
    give(world.request, page);
    assert_int_equal(here(), 1);
    expect_page(fd, page);
}

static void
test_who_has_left_holds_no_other_up(void **state)
{
    int gone = come_and_ask(), late, other;

    (void)state;
    late = come_and_ask();
    other = come_and_ask();
    leave(gone);
    leave(late);
    give(1, "x 1\n");
    UNTIL(world.asked == 2);
    give(2, "x 2\n");
    expect_page(other, "x 2\n");
    leave(other);
    UNTIL(here() == 0);
}

/* --- a full house ------------------------------------------------------- */

static void
test_who_has_not_asked_makes_room(void **state)
{
    int fds[METRICS_CLIENTS_MAX], one_more;

    (void)state;
    for (size_t i = 0; i < METRICS_CLIENTS_MAX; i++)
        fds[i] = i == 0 ? come_and_ask() : come();
    one_more = knock();
    /* Not the first of all, who waits: the first who only stands there. */
    expect_end(fds[1]);
    UNTIL(here() == METRICS_CLIENTS_MAX);
    ask(one_more);
    give(1, "x 1\n");
    expect_page(fds[0], "x 1\n");
    UNTIL(world.asked == 2);
    give(2, "x 2\n");
    expect_page(one_more, "x 2\n");
    for (size_t i = 2; i < METRICS_CLIENTS_MAX; i++)
        expect_nothing(fds[i]);
}

static void
test_who_has_his_page_makes_room(void **state)
{
    int fds[METRICS_CLIENTS_MAX], one_more;

    (void)state;
    for (size_t i = 0; i < METRICS_CLIENTS_MAX; i++)
        fds[i] = come_and_ask();
    give(1, "x 1\n");
    expect_page(fds[0], "x 1\n");
    one_more = knock();
    say(one_more, REQUEST, strlen(REQUEST));
    UNTIL(resting() == METRICS_CLIENTS_MAX);
    assert_int_equal(here(), METRICS_CLIENTS_MAX);
    UNTIL(world.asked == 2);
    give(2, "x 2\n");
    expect_page(one_more, "x 2\n");
    for (size_t i = 1; i < METRICS_CLIENTS_MAX; i++)
        expect_page(fds[i], "x 2\n");
}

static void
test_who_waits_is_not_sent_away_for_another(void **state)
{
    int fds[METRICS_CLIENTS_MAX], one_more;

    (void)state;
    for (size_t i = 0; i < METRICS_CLIENTS_MAX; i++)
        fds[i] = come_and_ask();
    one_more = knock();
    say(one_more, REQUEST, strlen(REQUEST));
    /* The door is shut as well. */
    UNTIL(resting() == METRICS_CLIENTS_MAX + 1);
    assert_int_equal(here(), METRICS_CLIENTS_MAX);
    give(1, "x 1\n");
    UNTIL(world.asked == 2);
    give(2, "x 2\n");
    for (size_t i = 0; i < METRICS_CLIENTS_MAX; i++) {
        expect_page(fds[i], i == 0 ? "x 1\n" : "x 2\n");
        leave(fds[i]);
    }
    UNTIL(world.asked == 3);
    give(3, "x 3\n");
    expect_page(one_more, "x 3\n");
}

/* --- the end ------------------------------------------------------------ */

static void
test_there_are_so_many_doors(void **state)
{
    struct net_address any, bound;
    int fd = -1;

    (void)state;
    while (world.doors < METRICS_SOCKETS)
        open_door();
    assert_int_equal(net_parse("127.0.0.1:0", &any), OK);
    assert_int_equal(net_listen(&any, &fd, &bound), OK);
    assert_false(metrics_listen(world.metrics, fd));
    assert_int_equal(close(fd), 0); /* ours, still */
}

static void
close_all(void)
{
    metrics_close(world.metrics);
    world.doors = 0;
    assert_int_equal(here(), 0);
}

/* One client in each state, sent away alike; and it all begins anew. */
static void
test_a_close_ends_each_state(void **state)
{
    static char page[BIG + 1];
    int asks, waits, reads, lingers, anew;

    (void)state;
    memset(page, 'x', BIG);
    reads = come_and_ask();
    give(1, page);
    asks = come();
    say(asks, REQUEST, 5);
    waits = come_and_ask();
    UNTIL(world.asked == 2);
    lingers = come();
    say(lingers, "?\r\n", 3);
    expect(lingers, "HTTP/1.1 400 ", "");
    assert_int_equal(here(), 4);
    close_all();
    expect_end(reads);
    expect_end(asks);
    expect_end(waits);
    leave(lingers);
    give(2, "nobody's\n");
    open_door();
    anew = come_and_ask();
    UNTIL(world.asked == 3);
    give(2, "nobody's\n");
    expect_nothing(anew);
    give(3, "x 3\n");
    expect_page(anew, "x 3\n");
}

/* Who waits for the pause to be over is not asked for behind the end. */
static void
test_a_close_ends_a_pause(void **state)
{
    int first = come_and_ask(), late;

    (void)state;
    late = come_and_ask();
    give(1, "x 1\n");
    expect_page(first, "x 1\n");
    assert_int_equal(world.asked, 1);
    close_all();
    expect_end(late);
    open_door();
    late = come_and_ask();
    UNTIL(world.asked == 2);
    give(2, "x 2\n");
    expect_page(late, "x 2\n");
}

static void
test_a_close_ends_a_full_house(void **state)
{
    int one_more;

    (void)state;
    for (size_t i = 0; i < METRICS_CLIENTS_MAX; i++)
        come_and_ask();
    one_more = knock();
    UNTIL(resting() == METRICS_CLIENTS_MAX + 1);
    close_all();
    expect_end(one_more);
    leave(one_more);
    open_door();
    one_more = come_and_ask();
    UNTIL(world.asked == 2);
    give(2, "x 2\n");
    expect_page(one_more, "x 2\n");
}

int
main(void)
{
#define METRICS_TEST(test) \
    cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        METRICS_TEST(test_a_request_may_come_in_pieces),
        METRICS_TEST(test_too_long_is_refused_at_the_limit),
        METRICS_TEST(test_what_is_refused_costs_no_page),
        METRICS_TEST(test_one_page_serves_all_who_wait),
        METRICS_TEST(test_a_page_of_another_number_is_nobodys),
        METRICS_TEST(test_a_page_that_could_not_be_made_is_an_error),
        METRICS_TEST(test_a_long_page_goes_as_it_is_read),
        METRICS_TEST(test_who_has_left_holds_no_other_up),
        METRICS_TEST(test_who_has_not_asked_makes_room),
        METRICS_TEST(test_who_has_his_page_makes_room),
        METRICS_TEST(test_who_waits_is_not_sent_away_for_another),
        METRICS_TEST(test_there_are_so_many_doors),
        METRICS_TEST(test_a_close_ends_each_state),
        METRICS_TEST(test_a_close_ends_a_pause),
        METRICS_TEST(test_a_close_ends_a_full_house),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
