/* Laws of addresses and sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/net.h"

static struct net_address
parsed(const char *text)
{
    struct net_address a;

    assert_int_equal(net_parse(text, &a), OK);
    return a;
}

static void
assert_host(const char *text, const char *host, unsigned port)
{
    struct net_address a = parsed(text);
    char shown[NET_TEXT_MAX];

    net_host_text(&a, shown, sizeof(shown));
    assert_string_equal(shown, host);
    assert_int_equal(net_port(&a), port);
}

static void
test_addresses_are_shown_as_they_were_parsed(void **state)
{
    (void)state;
    assert_host("127.0.0.1:22", "127.0.0.1", 22);
    assert_host("0.0.0.0:0", "0.0.0.0", 0);
    assert_host("[::1]:65535", "::1", 65535);
    assert_host("[2001:db8::5]:2222", "2001:db8::5", 2222);
    assert_host(":22", "::", 22);
    assert_host("[::ffff:10.0.0.9]:1", "10.0.0.9", 1);
}

static void
test_what_is_no_address_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "22",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "127.0.0.1:x",
                                      "::1:22",
                                      "[::1]",
                                      "[::1:22",
                                      "[]:22",
                                      "1.2.3:22",
                                      "1.2.3.4:65536",
                                      "1.2.3.4:-1",
                                      "host:22",
                                      "[1.2.3.4]:22",
                                      "[fe80::1%no-such]:22",
                                      "1.2.3.4 :22",
                                      "01.2.3.4.5:1"};
    struct net_address a;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (net_parse(bad[i], &a) != ERR_FORMAT)
            fail_msg("\"%s\" was taken", bad[i]);
}

static void
test_a_source_is_an_ipv4_address_or_64_bits(void **state)
{
    struct net_address a = parsed("10.1.2.3:5");
    struct net_address mapped = parsed("[::ffff:10.1.2.3]:9");
    struct net_address b = parsed("[2001:db8:1:2:3::4]:5");
    struct net_address c = parsed("[2001:db8:1:2:ffff::1]:5");
    struct net_address d = parsed("[2001:db8:1:3::1]:5");
    uint8_t sources[5][16];

    (void)state;
    net_source(&a, sources[0]);
    net_source(&mapped, sources[1]);
    net_source(&b, sources[2]);
    net_source(&c, sources[3]);
    net_source(&d, sources[4]);
    assert_memory_equal(sources[0], sources[1], 16);
    assert_memory_equal(sources[2], sources[3], 16);
    assert_memory_not_equal(sources[3], sources[4], 16);
    assert_memory_not_equal(sources[0], sources[2], 16);
}

static void
test_loopback_is_known(void **state)
{
    struct net_address a = parsed("127.8.9.1:1"), b = parsed("[::1]:1"),
                       c = parsed("[::ffff:127.0.0.1]:1"),
                       d = parsed("10.0.0.1:1"), e = parsed(":1");

    (void)state;
    assert_true(net_is_loopback(&a));
    assert_true(net_is_loopback(&b));
    assert_true(net_is_loopback(&c));
    assert_false(net_is_loopback(&d));
    assert_false(net_is_loopback(&e));
}

static int
connected_to(const struct net_address *a)
{
    int fd = socket(a->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&a->storage, a->len),
                     0);
    return fd;
}

static void
test_an_accepted_connection_is_non_blocking_and_close_on_exec(void **state)
{
    struct net_address wanted = parsed("127.0.0.1:0"), bound, peer;
    char host[NET_TEXT_MAX];
    int listener, client, fd, value;
    socklen_t len = sizeof(value);

    (void)state;
    assert_int_equal(net_listen(&wanted, &listener, &bound), OK);
    assert_true(net_port(&bound) > 0);
    assert_int_equal(net_accept(listener, &fd, &peer), ERR_MORE);
    client = connected_to(&bound);
    assert_int_equal(net_accept(listener, &fd, &peer), OK);
    net_host_text(&peer, host, sizeof(host));
    assert_string_equal(host, "127.0.0.1");
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(fcntl(listener, F_GETFD), FD_CLOEXEC);
    net_tune(fd);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &len), 0);
    assert_true(value);
    close(fd);
    close(client);
    close(listener);
}

static void
test_a_reset_is_seen_as_a_reset(void **state)
{
    struct net_address wanted = parsed("127.0.0.1:0"), bound, peer;
    int listener, client, fd;
    char byte;

    (void)state;
    assert_int_equal(net_listen(&wanted, &listener, &bound), OK);
    client = connected_to(&bound);
    assert_int_equal(net_accept(listener, &fd, &peer), OK);
    net_reset(fd);
    assert_int_equal(read(client, &byte, 1), -1);
    assert_int_equal(errno, ECONNRESET);
    close(client);
    close(listener);
}

static void
test_a_taken_port_is_an_error(void **state)
{
    struct net_address wanted = parsed("127.0.0.1:0"), bound, again;
    int listener, second;

    (void)state;
    assert_int_equal(net_listen(&wanted, &listener, &bound), OK);
    assert_int_equal(net_listen(&bound, &second, &again), ERR_SYSTEM);
    close(listener);
}

static void
test_an_ipv6_listener_takes_ipv4_too(void **state)
{
    struct net_address bound, peer, four;
    struct net_address wanted = parsed("[::ffff:127.0.0.1]:0");
    char text[NET_TEXT_MAX];
    int listener, client, fd;

    (void)state;
    /* A mapped address: what "::" does, without leaving loopback. */
    assert_int_equal(net_listen(&wanted, &listener, &bound), OK);
    snprintf(text, sizeof(text), "127.0.0.1:%u", net_port(&bound));
    four = parsed(text);
    client = connected_to(&four);
    assert_int_equal(net_accept(listener, &fd, &peer), OK);
    net_host_text(&peer, text, sizeof(text));
    assert_string_equal(text, "127.0.0.1");
    close(fd);
    close(client);
    close(listener);
}

static void
test_no_free_descriptor_is_a_limit(void **state)
{
    struct net_address wanted = parsed("127.0.0.1:0"), bound, peer;
    struct rlimit limit, none;
    int listener, client, fd;
    enum err err;

    (void)state;
    assert_int_equal(net_listen(&wanted, &listener, &bound), OK);
    client = connected_to(&bound);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){3, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    err = net_accept(listener, &fd, &peer);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(err, ERR_LIMIT);
    assert_int_equal(net_accept(listener, &fd, &peer), OK);
    close(fd);
    close(client);
    close(listener);
}

static void
test_bytes_make_addresses_and_come_back(void **state)
{
    static const uint8_t bytes[16] = {0x20, 1, 0xd, 0xb8, 1, 2, 3, 4};
    struct net_address a;
    char shown[NET_TEXT_MAX];

    (void)state;
    for (size_t len = 0; len <= 16; len++)
        assert_int_equal(net_from_bytes(span_of(bytes, len), 7, &a),
                         len == 4 || len == 16);
    assert_true(net_from_bytes(span_of(bytes, 4), 7, &a));
    net_host_text(&a, shown, sizeof(shown));
    assert_string_equal(shown, "32.1.13.184");
    assert_int_equal(net_port(&a), 7);
    assert_true(span_equal(net_bytes(&a), span_of(bytes, 4)));
    assert_true(net_from_bytes(span_of(bytes, 16), 8, &a));
    assert_true(span_equal(net_bytes(&a), span_of(bytes, 16)));
}

static void
test_datagrams_go_and_come_between_two(void **state)
{
    struct net_address any = parsed("127.0.0.1:0"), here, there;
    int server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), client;
    char got[4] = "";

    (void)state;
    assert_int_equal(bind(server, (struct sockaddr *)&any.storage, any.len), 0);
    assert_int_equal(net_local(server, &there), OK);
    assert_int_equal(net_connect_datagrams(&there, NULL, &client), OK);
    assert_int_equal(send(client, "abc", 3, 0), 3);
    assert_int_equal(recv(server, got, sizeof(got), 0), 3);
    assert_int_equal(net_local(client, &here), OK);
    assert_true(net_is_loopback(&here));
    assert_int_not_equal(net_port(&here), net_port(&there));
    close(client);
    close(server);
    assert_int_equal(net_local(-1, &here), ERR_SYSTEM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_are_shown_as_they_were_parsed),
        cmocka_unit_test(test_what_is_no_address_is_refused),
        cmocka_unit_test(test_a_source_is_an_ipv4_address_or_64_bits),
        cmocka_unit_test(test_loopback_is_known),
        cmocka_unit_test(
            test_an_accepted_connection_is_non_blocking_and_close_on_exec),
        cmocka_unit_test(test_a_reset_is_seen_as_a_reset),
        cmocka_unit_test(test_a_taken_port_is_an_error),
        cmocka_unit_test(test_bytes_make_addresses_and_come_back),
        cmocka_unit_test(test_datagrams_go_and_come_between_two),
        cmocka_unit_test(test_an_ipv6_listener_takes_ipv4_too),
        cmocka_unit_test(test_no_free_descriptor_is_a_limit),
    };

    return cmocka_run_group_tests_name("os/net", tests, NULL, NULL);
}
