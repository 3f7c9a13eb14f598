/*
 * Laws of routing tables as they are shown.
 */
#include "commands/route_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/rtnetlink.h>

static struct netlink_link links[] = {
    {.index = 2, .name = "eth0"},
    {.index = 3, .name = "eth1"},
};
static struct network_view view = {.links = links, .link_count = 2};
static struct netlink_route routes[32];
static struct buf shown;

static struct netlink_prefix
prefix(const char *text, unsigned length)
{
    struct netlink_prefix p = {.length = length};

    p.family = strchr(text, ':') == NULL ? AF_INET : AF_INET6;
    assert_int_equal(inet_pton((int)p.family, text, p.bytes), 1);
    return p;
}

static struct netlink_route
connected(const char *to, unsigned length, unsigned link)
{
    return (struct netlink_route){.to = prefix(to, length),
                                  .protocol = RTPROT_KERNEL,
                                  .hop_count = 1,
                                  .hops = {{.link = link}}};
}

static struct netlink_route
by_way_of(const char *to, unsigned length, const char *gateway,
          uint32_t priority)
{
    return (struct netlink_route){
        .to = prefix(to, length),
        .protocol = NETLINK_OURS,
        .priority = priority,
        .hop_count = 1,
        .hops = {{.link = 2, .gateway = prefix(gateway, 32)}}};
}

/* The table behind the codes and the line of the last resort. */
static const char *
table_of(size_t count)
{
    struct route_table table = {&view, routes, count};
    const char *begin;

    buf_clear(&shown);
    buf_init(&shown, 65536);
    route_table_sort(&table);
    route_table_put_ipv4(&shown, &table);
    begin = strstr(buf_text(&shown), "Gateway of");
    assert_non_null(begin);
    return begin;
}

static void
test_an_empty_table_has_no_gateway(void **state)
{
    (void)state;
    assert_string_equal(table_of(0), "Gateway of last resort is not set\n\n");
}

static void
test_subnets_stand_below_the_network_of_their_class(void **state)
{
    (void)state;
    routes[0] = by_way_of("0.0.0.0", 0, "10.0.1.254", 1);
    routes[1] = connected("192.168.9.0", 24, 3);
    routes[2] = connected("10.0.1.0", 24, 2);
    routes[3] = connected("10.0.2.0", 30, 3);
    routes[4] = by_way_of("172.16.4.0", 24, "10.0.1.9", 1);
    routes[5] = by_way_of("172.16.5.0", 24, "10.0.1.9", 120);
    assert_string_equal(
        table_of(6),
        "Gateway of last resort is 10.0.1.254 to network 0.0.0.0\n"
        "\n"
        "     10.0.0.0/8 is variably subnetted, 2 subnets, 2 masks\n"
        "C       10.0.1.0/24 is directly connected, eth0\n"
        "C       10.0.2.0/30 is directly connected, eth1\n"
        "     172.16.0.0/24 is subnetted, 2 subnets\n"
        "S       172.16.4.0 [1/0] via 10.0.1.9\n"
        "S       172.16.5.0 [120/0] via 10.0.1.9\n"
        "C    192.168.9.0/24 is directly connected, eth1\n"
        "S*   0.0.0.0/0 [1/0] via 10.0.1.254\n");
}

static void
test_larger_than_a_class_is_no_subnet(void **state)
{
    (void)state;
    routes[0] = by_way_of("192.168.0.0", 16, "10.0.1.9", 1);
    routes[1] = by_way_of("192.168.0.0", 24, "10.0.1.9", 1);
    routes[2] = by_way_of("240.0.0.0", 8, "10.0.1.9", 1);
    assert_non_null(strstr(table_of(3),
                           "S    192.168.0.0/16 [1/0] via 10.0.1.9\n"
                           "S    192.168.0.0/24 [1/0] via 10.0.1.9\n"
                           "S    240.0.0.0/8 [1/0] via 10.0.1.9\n"));
}

static void
test_a_network_and_its_parts_are_one_group(void **state)
{
    (void)state;
    routes[0] = by_way_of("10.0.0.0", 8, "10.0.1.9", 1);
    routes[1] = connected("10.0.1.0", 24, 2);
    assert_non_null(
        strstr(table_of(2),
               "     10.0.0.0/8 is variably subnetted, 2 subnets, 2 masks\n"
               "S       10.0.0.0/8 [1/0] via 10.0.1.9\n"
               "C       10.0.1.0/24 is directly connected, eth0\n"));
}

static void
test_of_several_routes_the_nearest_is_shown(void **state)
{
    (void)state;
    routes[0] = by_way_of("172.16.0.0", 16, "10.0.1.9", 200);
    routes[1] = by_way_of("172.16.0.0", 16, "10.0.1.8", 5);
    routes[1].hop_count = 2;
    routes[1].hops[1].link = 3;
    assert_string_equal(table_of(2),
                        "Gateway of last resort is not set\n"
                        "\n"
                        "S    172.16.0.0/16 [5/0] via 10.0.1.8\n"
                        "                   is directly connected, eth1\n");
}

static void
test_other_protocols_have_their_letters(void **state)
{
    (void)state;
    routes[0] = by_way_of("172.16.0.0", 16, "10.0.1.9", 20);
    routes[0].protocol = RTPROT_OSPF;
    routes[1] = by_way_of("172.17.0.0", 16, "10.0.1.9", 20);
    routes[1].protocol = RTPROT_DHCP;
    routes[2] = by_way_of("172.18.0.0", 16, "10.0.1.9", 20);
    routes[2].discards = true;
    routes[3] = connected("172.19.0.0", 16, 99);
    assert_non_null(strstr(table_of(4),
                           "O    172.16.0.0/16 [20/0] via 10.0.1.9, eth0\n"
                           "S    172.17.0.0/16 [20/0] via 10.0.1.9\n"
                           "S    172.18.0.0/16 is directly connected, Null0\n"
                           "C    172.19.0.0/16 is directly connected, "
                           "unknown\n"));
}

static struct config_address
address(const char *text)
{
    struct config_address address;

    assert_int_equal(config_address_parse_ipv4(span_text(text), &address), OK);
    return address;
}

static void
test_the_longest_route_to_an_address_is_found(void **state)
{
    struct route_table table = {&view, routes, 3};
    const struct netlink_route *found;
    struct config_address asked = address("10.0.1.77");

    (void)state;
    routes[0] = by_way_of("0.0.0.0", 0, "10.0.1.254", 1);
    routes[1] = by_way_of("10.0.0.0", 8, "10.0.1.9", 1);
    routes[2] = connected("10.0.1.0", 24, 2);
    route_table_sort(&table);
    found = route_table_find(&table, &asked);
    assert_int_equal(found->to.length, 24);
    asked = address("10.9.0.1");
    assert_int_equal(route_table_find(&table, &asked)->to.length, 8);
    asked = address("11.0.0.1");
    assert_null(route_table_find(&table, &asked));
    asked = address("0.0.0.0");
    found = route_table_find(&table, &asked);
    buf_reset(&shown);
    route_put_entry(&shown, &table, found);
    assert_string_equal(buf_text(&shown),
                        "Routing entry for 0.0.0.0/0, supernet\n"
                        "  Known via \"static\", distance 1, metric 0, "
                        "candidate default path\n"
                        "  Routing Descriptor Blocks:\n"
                        "  * 10.0.1.254, via eth0\n");
}

static void
test_ipv6_routes_have_two_lines(void **state)
{
    struct route_table table = {&view, routes, 4};

    (void)state;
    routes[0] = connected("2001:db8:1::", 64, 2);
    routes[0].priority = 256;
    routes[1] = connected("fe80::", 64, 2);
    routes[2] = by_way_of("2001:db8:2::", 48, "2001:db8:1::9", 1);
    routes[3] = by_way_of("::", 0, "fe80::1", 1024);
    routes[3].protocol = RTPROT_RA;
    buf_reset(&shown);
    route_table_sort(&table);
    route_table_put_ipv6(&shown, &table);
    assert_non_null(
        strstr(buf_text(&shown), "IPv6 Routing Table - 3 entries\nCodes: "));
    assert_non_null(strstr(buf_text(&shown), "S   ::/0 [1024/0]\n"
                                             "     via FE80::1, eth0\n"
                                             "C   2001:DB8:1::/64 [0/0]\n"
                                             "     via ::, eth0\n"
                                             "S   2001:DB8:2::/48 [1/0]\n"
                                             "     via 2001:DB8:1::9, eth0\n"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_table_has_no_gateway),
        cmocka_unit_test(test_subnets_stand_below_the_network_of_their_class),
        cmocka_unit_test(test_larger_than_a_class_is_no_subnet),
        cmocka_unit_test(test_a_network_and_its_parts_are_one_group),
        cmocka_unit_test(test_of_several_routes_the_nearest_is_shown),
        cmocka_unit_test(test_other_protocols_have_their_letters),
        cmocka_unit_test(test_the_longest_route_to_an_address_is_found),
        cmocka_unit_test(test_ipv6_routes_have_two_lines),
    };
    int failed;

    buf_init(&shown, 65536);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_clear(&shown);
    return failed;
}
