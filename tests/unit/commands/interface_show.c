/*
 * Laws of `show interfaces` and of what is read from /proc for its relatives.
 */
#include "commands/interface_show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <net/if_arp.h>

#include "commands/ip_interface.h"

static struct buf shown;

static int
begin(void **state)
{
    (void)state;
    buf_init(&shown, 65536);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    buf_clear(&shown);
    return 0;
}

static void
test_what_is_known_is_shown(void **state)
{
    struct netlink_link link = {
        .index = 2,
        .name = "eth0",
        .type = ARPHRD_ETHER,
        .flags = IFF_UP | IFF_RUNNING | NETLINK_LOWER_UP,
        .mtu = 1500,
        .queue_max = 1000,
        .queueing = "fq_codel",
        .hardware = {0x00, 0x0f, 0x35, 0x2d, 0x23, 0x81},
        .hardware_len = 6,
        .burned_in = {0x00, 0x0f, 0x35, 0x2d, 0x23, 0x82},
        .burned_in_len = 6,
        .has_counters = true,
        .counters = {.rx_packets = 324,
                     .rx_bytes = 48614,
                     .rx_errors = 6,
                     .rx_dropped = 5,
                     .rx_missed = 1,
                     .rx_crc = 2,
                     .rx_frame = 3,
                     .rx_over = 4,
                     .multicast = 7,
                     .tx_packets = 703,
                     .tx_bytes = 62737,
                     .tx_errors = 8,
                     .tx_dropped = 100,
                     .tx_fifo = 9,
                     .tx_carrier = 11,
                     .tx_window = 12,
                     .collisions = 10},
    };
    struct netlink_address address = {
        .prefix = {.family = AF_INET, .bytes = {10, 0, 0, 1}, .length = 24}};
    struct netlink_queue queue = {.link = 2, .dropped = 11, .held = 3};
    struct interface_facts facts = {
        .link = &link,
        .address = &address,
        .queue = &queue,
        .description = "text",
        .driver = {.driver = "e1000e",
                   .speed_mbps = 100,
                   .duplex = ETHTOOL_DUPLEX_FULL},
    };

    (void)state;
    interface_put(&shown, &facts);
    assert_string_equal(
        buf_text(&shown),
        "eth0 is up, line protocol is up \n"
        "  Hardware is e1000e, address is 000f.352d.2381 (bia "
        "000f.352d.2382)\n"
        "  Description: text\n"
        "  Internet address is 10.0.0.1/24\n"
        "  MTU 1500 bytes, BW 100000 Kbit/sec\n"
        "  Encapsulation ARPA, loopback not set\n"
        "  Full-duplex, 100Mb/s\n"
        "  ARP type: ARPA\n"
        "  Last clearing of \"show interface\" counters never\n"
        "  Total output drops: 111\n"
        "  Queueing strategy: fq_codel\n"
        "  Output queue: 3/1000 (size/max)\n"
        "     324 packets input, 48614 bytes, 1 no buffer\n"
        "     Received unknown broadcasts (7 IP multicasts)\n"
        "     6 input errors, 2 CRC, 3 frame, 4 overrun, 5 ignored\n"
        "     703 packets output, 62737 bytes, 9 underruns\n"
        "     8 output errors, 10 collisions\n"
        "     12 late collision\n"
        "     11 lost carrier\n");
}

static void
test_what_is_not_known_is_left_out_or_unknown(void **state)
{
    struct netlink_link link = {
        .index = 7, .name = "tun0", .type = ARPHRD_NONE, .mtu = 1400};
    struct interface_facts facts = {.link = &link};

    (void)state;
    interface_put(&shown, &facts);
    assert_string_equal(
        buf_text(&shown),
        "tun0 is administratively down, line protocol is down \n"
        "  Hardware is unknown\n"
        "  MTU 1400 bytes, BW unknown\n"
        "  Last clearing of \"show interface\" counters never\n");
    link.flags = IFF_UP;
    assert_string_equal(link_status(&link), "down");
    link.flags = IFF_UP | NETLINK_LOWER_UP;
    assert_string_equal(link_status(&link), "up");
    assert_string_equal(link_protocol(&link), "down");
}

static void
test_reserved_groups_of_one_link_are_read(void **state)
{
    static const char table[] =
        "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
        "1\tlo        :     1      V3\n"
        "\t\t\t\t010000E0     1 0:00000000\t\t0\n"
        "2\teth0      :     3      V3\n"
        "\t\t\t\tFB0000E0     1 0:00000000\t\t0\n"
        "\t\t\t\tFAFFFFEF     1 0:00000000\t\t0\n"
        "\t\t\t\t010000E0     1 0:00000000\t\t0\n";

    (void)state;
    igmp_groups_put(&shown, span_text(table), 2);
    assert_string_equal(buf_text(&shown), " 224.0.0.251 224.0.0.1");
    buf_reset(&shown);
    igmp_groups_put(&shown, span_text(table), 3);
    igmp_groups_put(&shown, span_text("rubbish\n\n\t"), 0);
    assert_string_equal(buf_text(&shown), "");
}

static void
test_ipv6_groups_of_one_link_are_read(void **state)
{
    static const char table[] =
        "1    lo              ff020000000000000000000000000001     1 0000000C "
        "0\n"
        "2    eth0            ff0200000000000000000001ff000001     1 00000004 "
        "0\n"
        "2    eth0            ff02                                 1 00000004 "
        "0\n"
        "2    eth0            ff020000000000000000000000000001     1 0000000C "
        "0";

    (void)state;
    igmp6_groups_put(&shown, span_text(table), 2);
    assert_string_equal(buf_text(&shown), "    FF02::1:FF00:1\n"
                                          "    FF02::1\n");
}

static void
test_addresses_are_written_as_ios_does(void **state)
{
    struct netlink_prefix p = {
        .family = AF_INET6,
        .bytes = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0xab, 0xff},
        .length = 65};
    struct netlink_prefix network;
    char text[PREFIX_TEXT_MAX], hardware[HARDWARE_TEXT_MAX];

    (void)state;
    prefix_text(&p, text);
    assert_string_equal(text, "2001:DB8:0:AB:FF00::/65");
    network = prefix_network(&p);
    prefix_text(&network, text);
    assert_string_equal(text, "2001:DB8:0:AB:8000::/65");
    p.length = 128;
    network = prefix_network(&p);
    assert_memory_equal(&network, &p, sizeof(p));
    hardware_text(p.bytes, 3, hardware);
    assert_string_equal(hardware, "2001.0d");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_known_is_shown, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_what_is_not_known_is_left_out_or_unknown, begin, end),
        cmocka_unit_test_setup_teardown(
            test_reserved_groups_of_one_link_are_read, begin, end),
        cmocka_unit_test_setup_teardown(test_ipv6_groups_of_one_link_are_read,
                                        begin, end),
        cmocka_unit_test(test_addresses_are_written_as_ios_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
