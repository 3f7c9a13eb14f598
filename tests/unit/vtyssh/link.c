/*
 * The connection's bytes: for how much of them poll(2) waits, and how long what
 * was read stays.
 */
#include "vtyssh/link.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define MUCH (128 * 1024)
#define MORE (160 * 1024)

struct stage {
    struct link link;
    int far;
};

static int
begin(void **state)
{
    struct ssh_setup setup = {
        .role = SSH_CLIENT,
        .software = "test",
        .kex = "curve25519-sha256",
        .host_key_algorithms = "ssh-ed25519",
        .ciphers = "aes128-gcm@openssh.com",
        .macs = "hmac-sha2-256",
    };
    struct stage *stage = calloc(1, sizeof(*stage));
    int ends[2], room = 2 * MORE;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends),
                     0);
    assert_int_equal(
        setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), 0);
    stage->far = ends[1];
    link_open(&stage->link, ends[0], &setup);
    *state = stage;
    return 0;
}

static int
end(void **state)
{
    struct stage *stage = *state;

    link_close(&stage->link);
    if (stage->far >= 0)
        close(stage->far);
    free(stage);
    return 0;
}

static void
send_bytes(struct stage *stage, size_t len)
{
    static const uint8_t bytes[MORE];

    assert_int_equal(write(stage->far, bytes, len), len);
}

/* What poll(2) says at once; the link is told. */
static short
look(struct stage *stage)
{
    struct pollfd wait = {.fd = stage->link.fd, .events = POLLIN};

    assert_true(poll(&wait, 1, 0) >= 0);
    link_on_poll(&stage->link, wait.revents);
    return wait.revents;
}

static void
use_all(struct link *l)
{
    l->in_start = l->in_end;
    link_settle(l);
}

static int
low_water(const struct link *l)
{
    socklen_t len = sizeof(int);
    int value = 0;

    assert_int_equal(getsockopt(l->fd, SOL_SOCKET, SO_RCVLOWAT, &value, &len),
                     0);
    assert_int_equal(value, l->low_water);
    return value;
}

static void
test_little_is_not_waited_for(void **state)
{
    struct stage *stage = *state;

    send_bytes(stage, 1);
    assert_int_equal(look(stage), POLLIN);
    assert_int_equal(stage->link.in_end, 1);
    use_all(&stage->link);
    assert_int_equal(low_water(&stage->link), 1);
    send_bytes(stage, MUCH - 1);
    assert_int_equal(look(stage), POLLIN);
    use_all(&stage->link);
    assert_int_equal(low_water(&stage->link), 1);
    assert_true(link_poll_timeout(&stage->link, UINT64_MAX) > 1000);
}

static void
test_as_much_as_before_is_waited_for_a_moment(void **state)
{
    struct stage *stage = *state;
    int timeout;

    send_bytes(stage, MUCH);
    assert_int_equal(look(stage), POLLIN);
    assert_int_equal(stage->link.in_end, MUCH);
    use_all(&stage->link);
    assert_int_equal(low_water(&stage->link), MUCH);
    timeout = link_poll_timeout(&stage->link, UINT64_MAX);
    assert_in_range(timeout, 0, 10);
    /* It did not come: now any byte is taken. */
    look(stage);
    assert_int_equal(low_water(&stage->link), 1);
    send_bytes(stage, 1);
    assert_int_equal(look(stage), POLLIN);
    assert_int_equal(stage->link.in_end, 1);
}

static void
test_each_read_tells_how_much_is_waited_for(void **state)
{
    struct stage *stage = *state;

    send_bytes(stage, MORE);
    link_read(&stage->link);
    send_bytes(stage, MUCH);
    use_all(&stage->link);
    assert_int_equal(low_water(&stage->link), MORE);
    link_read(&stage->link);
    use_all(&stage->link);
    assert_int_equal(low_water(&stage->link), MUCH);
}

static void
test_what_was_read_stays_until_it_is_settled(void **state)
{
    struct stage *stage = *state;
    struct link *l = &stage->link;

    send_bytes(stage, 10);
    link_read(l);
    assert_true(link_keeps(l, span_of(l->in, 10)));
    assert_true(link_keeps(l, span_of(l->in + 9, 1)));
    assert_false(link_keeps(l, span_of(l->in + 9, 2)));
    assert_false(link_keeps(l, span_text("elsewhere")));
    /* Not all of it is used: nothing is read over it. */
    l->in_start = 5;
    link_settle(l);
    send_bytes(stage, 3);
    link_read(l);
    assert_int_equal(l->in_end, 10);
    use_all(l);
    link_read(l);
    assert_int_equal(l->in_end, 3);
}

static void
test_the_end_is_told_behind_what_was_read(void **state)
{
    struct stage *stage = *state;
    struct ssh_event event;
    bool closed = false;

    assert_int_equal(write(stage->far, "SSH-2.0-x\r\n", 11), 11);
    close(stage->far);
    stage->far = -1;
    look(stage);
    assert_false(link_next_event(&stage->link, &event));
    link_settle(&stage->link);
    look(stage);
    while (link_next_event(&stage->link, &event))
        closed = closed || event.type == SSH_EVENT_CLOSED;
    assert_true(closed);
}

#define LAW(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LAW(test_little_is_not_waited_for),
        LAW(test_as_much_as_before_is_waited_for_a_moment),
        LAW(test_each_read_tells_how_much_is_waited_for),
        LAW(test_what_was_read_stays_until_it_is_settled),
        LAW(test_the_end_is_told_behind_what_was_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
