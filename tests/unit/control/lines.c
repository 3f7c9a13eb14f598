/* Laws of which vty a connection gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "config/vty.h"
#include "control/access.h"
#include "control/lines.h"
#include "control/sessions.h"

/* The vtys below this one are held. */
static unsigned first_free;

enum err
sessions_free_vty(const struct router *r, unsigned first, unsigned last,
                  unsigned *vty)
{
    (void)r;
    if (first < first_free)
        first = first_free;
    if (first > last)
        return ERR_NOT_FOUND;
    *vty = first;
    return OK;
}

/* vty 0-4, then 5-9 and 10-14. */
static int
setup(void **state)
{
    struct router *r = calloc(1, sizeof(*r));

    config_init(&r->config);
    config_range_select(&config_vty_ranges, &r->config.vtys.list, 5, 9);
    config_range_select(&config_vty_ranges, &r->config.vtys.list, 10, 14);
    first_free = 0;
    *state = r;
    return 0;
}

static int
teardown(void **state)
{
    struct router *r = *state;

    access_free(r);
    config_clear(&r->config);
    free(r);
    return 0;
}

static struct config_line *
range(struct router *r, size_t i)
{
    return &((struct config_vty *)r->config.vtys.list.items[i])->line;
}

/* access-list 10 permit 192.0.2.0 0.0.0.255 */
static void
permit_test_network(struct router *r)
{
    struct config_acl *acl =
        config_list_append(&r->config.numbered_acls.list, &config_acl_type);
    struct config_ace *entry = config_acl_insert(acl, 10);

    acl->number = 10;
    entry->action = CONFIG_PERMIT;
    entry->source = CONFIG_SOURCE_ADDRESS;
    assert_int_equal(
        config_address_parse_ipv4(span_text("192.0.2.0"), &entry->address), OK);
    assert_int_equal(
        config_address_parse_ipv4(span_text("0.0.0.255"), &entry->wildcard),
        OK);
}

static bool
permitted(struct router *r, const char *from)
{
    struct net_address peer;

    assert_int_equal(net_parse(from, &peer), OK);
    return lines_permit(r, &peer);
}

static void
test_the_lowest_free_vty_that_takes_ssh_is_given(void **state)
{
    unsigned vty;

    assert_int_equal(lines_free_vty(*state, &vty), OK);
    assert_int_equal(vty, 0);
    range(*state, 0)->transport_input = CONFIG_TRANSPORT_NONE;
    assert_int_equal(lines_free_vty(*state, &vty), OK);
    assert_int_equal(vty, 5);
    first_free = 12;
    assert_int_equal(lines_free_vty(*state, &vty), OK);
    assert_int_equal(vty, 12);
    first_free = 15;
    assert_int_equal(lines_free_vty(*state, &vty), ERR_NOT_FOUND);
}

static void
test_nobody_listens_for_lines_that_take_no_ssh(void **state)
{
    assert_true(lines_take_ssh(*state));
    for (size_t i = 0; i < 3; i++)
        range(*state, i)->transport_input = CONFIG_TRANSPORT_NONE;
    assert_false(lines_take_ssh(*state));
    range(*state, 2)->transport_input = CONFIG_TRANSPORT_SSH;
    assert_true(lines_take_ssh(*state));
}

static void
test_an_access_class_decides_by_the_source(void **state)
{
    struct net_address inside, outside;

    permit_test_network(*state);
    for (size_t i = 0; i < 3; i++) {
        range(*state, i)->access_in.kind = CONFIG_ACCESS_CLASS_NUMBER;
        range(*state, i)->access_in.number = 10;
    }
    assert_true(permitted(*state, "192.0.2.77:1"));
    assert_true(permitted(*state, "[::ffff:192.0.2.77]:1"));
    assert_false(permitted(*state, "192.0.3.1:1"));
    assert_false(permitted(*state, "[2001:db8::1]:1"));
    range(*state, 1)->access_in.kind = CONFIG_ACCESS_CLASS_NONE;
    assert_true(permitted(*state, "192.0.3.1:1"));
    assert_int_equal(net_parse("192.0.2.1:1", &inside), OK);
    assert_int_equal(net_parse("192.0.3.1:1", &outside), OK);
    assert_true(line_permits(*state, 0, &inside));
    assert_false(line_permits(*state, 0, &outside));
    assert_true(line_permits(*state, 7, &outside));
    assert_false(line_permits(*state, 99, &inside));
}

/* 2001:db8::/32 by `ipv6 access-class V6 in`; IPv4 is not asked. */
static void
test_ipv6_is_judged_by_a_list_of_its_own(void **state)
{
    struct router *r = *state;
    struct config_acl *acl =
        config_list_append(&r->config.ipv6_acls.list, &config_acl_type);
    struct config_ace *entry = config_acl_insert(acl, 10);

    config_text_set(&acl->name, "V6");
    entry->action = CONFIG_PERMIT;
    entry->source = CONFIG_SOURCE_ADDRESS;
    entry->prefix = 32;
    assert_int_equal(
        config_address_parse_ipv6(span_text("2001:db8::"), &entry->address),
        OK);
    for (size_t i = 0; i < 3; i++)
        config_text_set(&range(r, i)->access_in.ipv6, "V6");
    assert_true(permitted(r, "[2001:db8:1::1]:1"));
    assert_false(permitted(r, "[2001:db9::1]:1"));
    assert_true(permitted(r, "192.0.2.1:1"));
    assert_true(permitted(r, "[::ffff:192.0.2.1]:1"));
}

static void
test_each_connection_counts_once(void **state)
{
    struct router *r = *state;
    const struct config_acl *acl;

    permit_test_network(r);
    acl = r->config.numbered_acls.list.items[0];
    for (size_t i = 0; i < 3; i++) {
        range(r, i)->access_in.kind = CONFIG_ACCESS_CLASS_NUMBER;
        range(r, i)->access_in.number = 10;
    }
    assert_true(permitted(r, "192.0.2.1:1"));
    assert_true(permitted(r, "192.0.2.2:1"));
    assert_false(permitted(r, "192.0.3.2:1"));
    assert_int_equal(access_matches(r, acl->entries.list.items[0]), 2);
    access_clear(r, acl);
    assert_int_equal(access_matches(r, acl->entries.list.items[0]), 0);
    assert_true(permitted(r, "192.0.2.1:1"));
    config_list_clear(&r->config.numbered_acls.list, &config_acl_type);
    access_forget(r);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_the_lowest_free_vty_that_takes_ssh_is_given),
        TEST(test_nobody_listens_for_lines_that_take_no_ssh),
        TEST(test_an_access_class_decides_by_the_source),
        TEST(test_ipv6_is_judged_by_a_list_of_its_own),
        TEST(test_each_connection_counts_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
