/*
 * Laws of questions to the kernel that anybody may ask. What takes a right is
 * tried by tests/programs, in a network namespace.
 */
#include "os/netlink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "os/ethtool.h"
#include "os/procfs.h"

static void
test_every_machine_has_its_loopback(void **state)
{
    struct netlink_link *links = NULL, link;
    size_t count = 0, found = 0;

    (void)state;
    assert_int_equal(netlink_links(&links, &count), OK);
    for (size_t i = 0; i < count; i++)
        found += strcmp(links[i].name, "lo") == 0;
    assert_int_equal(found, 1);
    free(links);
    assert_int_equal(netlink_link_named("lo", &link), OK);
    assert_int_equal(link.index, if_nametoindex("lo"));
    assert_true((link.flags & IFF_LOOPBACK) != 0);
    assert_true(link.has_counters);
}

static void
test_a_name_that_nobody_has_is_enodev(void **state)
{
    static const char *const names[] = {"no-such-link-0", "",
                                        "a-name-that-is-much-too-long"};
    struct netlink_link link;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(netlink_link_named(names[i], &link), ERR_SYSTEM);
        if (names[i][0] != '\0')
            assert_int_equal(errno, ENODEV);
    }
}

static void
test_lists_can_be_empty_but_come(void **state)
{
    struct netlink_address *addresses = NULL;
    struct netlink_route *routes = NULL;
    struct netlink_neighbour *neighbours = NULL;
    struct netlink_queue *queues = NULL;
    size_t count;

    (void)state;
    assert_int_equal(netlink_addresses(&addresses, &count), OK);
    assert_int_equal(netlink_routes(AF_INET, &routes, &count), OK);
    free(routes);
    routes = NULL;
    assert_int_equal(netlink_routes(AF_INET6, &routes, &count), OK);
    assert_int_equal(netlink_neighbours(AF_INET, &neighbours, &count), OK);
    assert_int_equal(netlink_queues(&queues, &count), OK);
    free(addresses);
    free(routes);
    free(neighbours);
    free(queues);
}

static void
test_a_change_of_nothing_is_refused(void **state)
{
    struct netlink_prefix prefix = {
        .family = AF_INET, .bytes = {192, 0, 2, 1}, .length = 32};

    (void)state;
    /* EPERM for most, ENODEV for who may. */
    assert_int_equal(netlink_add_address(UINT32_MAX / 2, &prefix), ERR_SYSTEM);
    assert_true(errno == EPERM || errno == ENODEV);
}

static void
test_a_driver_that_does_not_answer_is_unknown(void **state)
{
    struct ethtool_answer answer = {.speed_mbps = 5};

    (void)state;
    ethtool_ask("no-such-link-0", &answer);
    assert_int_equal(answer.speed_mbps, 0);
    assert_int_equal(answer.duplex, ETHTOOL_DUPLEX_UNKNOWN);
    assert_string_equal(answer.driver, "");
}

static void
test_numbers_of_proc(void **state)
{
    struct buf text;
    uint64_t number = 0;

    (void)state;
    assert_true(procfs_number(&number, "sys/kernel/%s", "pid_max"));
    assert_true(number > 100);
    assert_false(procfs_number(&number, "sys/kernel/ostype"));
    assert_false(procfs_number(&number, "sys/no/such/%d", 7));
    assert_false(procfs_number(&number, "%0300d", 1));
    buf_init(&text, 16);
    assert_int_equal(procfs_text("/proc/self/status", &text), ERR_LENGTH);
    buf_clear(&text);
    assert_int_equal(procfs_text("/proc/no-such-file", &text), ERR_SYSTEM);
    buf_clear(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_machine_has_its_loopback),
        cmocka_unit_test(test_a_name_that_nobody_has_is_enodev),
        cmocka_unit_test(test_lists_can_be_empty_but_come),
        cmocka_unit_test(test_a_change_of_nothing_is_refused),
        cmocka_unit_test(test_a_driver_that_does_not_answer_is_unknown),
        cmocka_unit_test(test_numbers_of_proc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
