/* Laws of groups: which servers they mean, in which order, and how asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/aaa_plan.h"

static struct config_radius_server *
add_server(struct config_list *list, const char *name, uint8_t last)
{
    struct config_radius_server *server =
        config_list_append(list, &config_radius_server_type);

    config_text_set(&server->name, name);
    server->address.family = CONFIG_FAMILY_IPV4;
    server->address.bytes[3] = last;
    return server;
}

static void
add_member(struct config_server_group *group, const char *name, uint8_t last)
{
    struct config_group_member *member =
        config_list_append(&group->members.list, &config_group_member_type);

    config_text_set(&member->name, name);
    if (name != NULL)
        return;
    member->address.family = CONFIG_FAMILY_IPV4;
    member->address.bytes[3] = last;
}

static void
assert_targets(const struct aaa_plan *plan, const char *lasts)
{
    assert_int_equal(plan->count, strlen(lasts));
    for (size_t i = 0; i < plan->count; i++)
        assert_int_equal(plan->targets[i].address.bytes[3], lasts[i] - '0');
}

static void
test_all_are_asked_in_the_order_of_the_configuration(void **state)
{
    struct config config;
    struct aaa_plan plan;

    (void)state;
    config_init(&config);
    assert_true(aaa_plan_make(&config, AAA_ALL_RADIUS, &plan));
    assert_int_equal(plan.count, 0);
    add_server(&config.radius.servers.list, "A", 3);
    config_list_append(&config.radius.servers.list,
                       &config_radius_server_type); /* without an address */
    add_server(&config.radius.servers.list, "B", 4);
    add_server(&config.radius.hosts.list, NULL, 1);
    add_server(&config.radius.hosts.list, NULL, 2);
    assert_true(aaa_plan_make(&config, AAA_ALL_RADIUS, &plan));
    assert_targets(&plan, "1234");
    for (unsigned i = 0; i < 2 * AAA_SERVERS_MAX; i++)
        add_server(&config.radius.hosts.list, NULL, 9);
    assert_true(aaa_plan_make(&config, AAA_ALL_RADIUS, &plan));
    assert_int_equal(plan.count, AAA_SERVERS_MAX);
    config_clear(&config);
}

static void
test_a_group_has_its_members_and_its_own_settings(void **state)
{
    struct config config;
    struct config_server_group *group;
    struct aaa_plan plan;

    (void)state;
    config_init(&config);
    assert_false(aaa_plan_make(&config, "G", &plan));
    config.radius.deadtime_min = 3;
    config_text_set(&config.radius.source_interface, "lo");
    group = config_list_append(&config.radius.groups.list,
                               &config_server_group_type);
    config_text_set(&group->name, "G");
    add_server(&config.radius.servers.list, "A", 1);
    add_server(&config.radius.servers.list, "B", 2);
    add_server(&config.radius.hosts.list, NULL, 3);
    add_member(group, "B", 0);
    add_member(group, NULL, 3);
    add_member(group, "GONE", 0);
    add_member(group, NULL, 8);
    assert_true(aaa_plan_make(&config, "G", &plan));
    assert_targets(&plan, "23");
    assert_int_equal(plan.deadtime_min, 3);
    assert_string_equal(plan.source_interface, "lo");
    group->deadtime_min = 7;
    config_text_set(&group->source_interface, "eth0");
    assert_true(aaa_plan_make(&config, "G", &plan));
    assert_int_equal(plan.deadtime_min, 7);
    assert_string_equal(plan.source_interface, "eth0");
    assert_false(aaa_plan_make(&config, "g", &plan));
    config_clear(&config);
}

static void
test_what_a_server_does_not_say_is_as_for_all(void **state)
{
    struct config config;
    struct config_radius_server *own;
    struct aaa_plan plan;

    (void)state;
    config_init(&config);
    add_server(&config.radius.hosts.list, NULL, 1);
    own = add_server(&config.radius.hosts.list, NULL, 2);
    own->timeout_s = 9;
    own->retransmit = 0;
    own->key_type = 7;
    config_secret_set(&own->key, "own");
    assert_true(aaa_plan_make(&config, AAA_ALL_RADIUS, &plan));
    assert_null(plan.targets[0].key);
    config_secret_set(&config.radius.key, "all");
    config.radius.retransmit = 5;
    config.radius.timeout_s = 2;
    assert_true(aaa_plan_make(&config, AAA_ALL_RADIUS, &plan));
    assert_string_equal(plan.targets[0].key, "all");
    assert_int_equal(plan.targets[0].key_type, 0);
    assert_int_equal(plan.targets[0].timeout_s, 2);
    assert_int_equal(plan.targets[0].tries, 6);
    assert_string_equal(plan.targets[1].key, "own");
    assert_int_equal(plan.targets[1].key_type, 7);
    assert_int_equal(plan.targets[1].timeout_s, 9);
    assert_int_equal(plan.targets[1].tries, 1);
    config_clear(&config);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_asked_in_the_order_of_the_configuration),
        cmocka_unit_test(test_a_group_has_its_members_and_its_own_settings),
        cmocka_unit_test(test_what_a_server_does_not_say_is_as_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
