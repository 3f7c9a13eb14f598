/* Laws of what a TCP connection has carried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/net.h"
#include "os/tcp_totals.h"

#define OURS   1234
#define THEIRS 567

struct link {
    int here, there;
};

static void
wait_readable(int fd)
{
    struct pollfd socket = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&socket, 1, 10000), 1);
}

static struct link
join(void)
{
    struct net_address any, bound, peer;
    struct link link;
    int listener;

    assert_int_equal(net_parse("127.0.0.1:0", &any), OK);
    assert_int_equal(net_listen(&any, &listener, &bound), OK);
    link.there = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(
        connect(link.there, (struct sockaddr *)&bound.storage, bound.len), 0);
    wait_readable(listener);
    assert_int_equal(net_accept(listener, &link.here, &peer), OK);
    close(listener);
    return link;
}

static void
carry(int from, int to, size_t count)
{
    uint8_t bytes[2048] = {0};

    assert_int_equal(send(from, bytes, count, 0), (ssize_t)count);
    for (size_t got = 0; got < count;) {
        wait_readable(to);
        got += (size_t)recv(to, bytes, sizeof(bytes), 0);
    }
}

static struct link
used(void)
{
    struct link link = join();

    carry(link.here, link.there, OURS);
    carry(link.there, link.here, THEIRS);
    return link;
}

static void
assert_used(int fd, bool peer_closed)
{
    struct tcp_totals totals;

    assert_int_equal(tcp_totals(fd, peer_closed, &totals), OK);
    assert_int_equal(totals.bytes_out, OURS);
    assert_int_equal(totals.bytes_in, THEIRS);
    assert_false(totals.lost);
}

static void
test_octets_of_both_ways_are_counted(void **state)
{
    struct link link = used();

    (void)state;
    assert_used(link.here, false);
    close(link.here);
    close(link.there);
}

static void
test_a_copy_knows_what_the_other_did(void **state)
{
    struct link link = used();
    int copy = dup(link.here);

    (void)state;
    close(link.here);
    assert_used(copy, false);
    close(copy);
    close(link.there);
}

static void
test_an_end_is_no_octet(void **state)
{
    struct link link = used();
    uint8_t byte;

    (void)state;
    close(link.there);
    wait_readable(link.here);
    assert_used(link.here, false);
    assert_int_equal(recv(link.here, &byte, 1, 0), 0);
    assert_used(link.here, true);
    close(link.here);
}

static void
test_a_reset_is_none_either(void **state)
{
    struct link link = used();
    struct pollfd here = {.fd = link.here, .events = POLLIN};

    (void)state;
    net_reset(link.there);
    assert_int_equal(poll(&here, 1, 10000), 1);
    assert_used(link.here, false);
    close(link.here);
}

/* A kernel goes on with it when the socket is closed. */
static void
test_what_waits_to_be_sent_is_sent(void **state)
{
    struct link link = join();
    static uint8_t bytes[65536];
    struct tcp_totals totals;
    uint64_t sent = 0, got = 0;
    ssize_t some;

    (void)state;
    while ((some = send(link.here, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        sent += (uint64_t)some;
    assert_int_equal(tcp_totals(link.here, false, &totals), OK);
    assert_int_equal(totals.bytes_out, sent);
    close(link.here);
    while ((some = recv(link.there, bytes, sizeof(bytes), 0)) > 0)
        got += (uint64_t)some;
    assert_int_equal(got, sent);
    close(link.there);
}

static void
test_what_is_no_connection_has_no_totals(void **state)
{
    struct tcp_totals totals;
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(tcp_totals(ends[0], false, &totals), ERR_SYSTEM);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(tcp_totals(-1, false, &totals), ERR_SYSTEM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets_of_both_ways_are_counted),
        cmocka_unit_test(test_a_copy_knows_what_the_other_did),
        cmocka_unit_test(test_an_end_is_no_octet),
        cmocka_unit_test(test_a_reset_is_none_either),
        cmocka_unit_test(test_what_waits_to_be_sent_is_sent),
        cmocka_unit_test(test_what_is_no_connection_has_no_totals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
