#include "control/aaa_plan.h"

#include <string.h>

static const struct config_server_group *
group_find(const struct config_list *groups, const char *name)
{
    for (size_t i = 0; i < groups->count; i++) {
        const struct config_server_group *one = groups->items[i];

        if (strcmp(one->name, name) == 0)
            return one;
    }
    return NULL;
}

/* --- RADIUS ------------------------------------------------------------- */

/* What the server does not say itself is as for all. */
static void
add(struct aaa_plan *plan, const struct config_radius *radius,
    const struct config_radius_server *server)
{
    bool own_key = server->key.text != NULL;
    struct aaa_target *target;

    if (plan->count == AAA_SERVERS_MAX ||
        server->address.family == CONFIG_FAMILY_NONE)
        return;
    target = &plan->targets[plan->count++];
    *target = (struct aaa_target){
        .protocol = AAA_RADIUS,
        .address = server->address,
        .auth_port = server->auth_port,
        .acct_port = server->acct_port,
        .timeout_s =
            server->timeout_s != 0 ? server->timeout_s : radius->timeout_s,
        .tries = 1 + (server->retransmit != CONFIG_RADIUS_AS_ALL
                          ? server->retransmit
                          : radius->retransmit),
        .key_type =
            config_password_type(own_key ? server->key_type : radius->key_type),
        .key = own_key ? server->key.text : radius->key.text,
    };
}

static void
add_all(struct aaa_plan *plan, const struct config_radius *radius,
        const struct config_list *servers)
{
    for (size_t i = 0; i < servers->count; i++)
        add(plan, radius, servers->items[i]);
}

static bool
is_member(const struct config_group_member *member,
          const struct config_radius_server *server)
{
    if (member->name != NULL)
        return server->name != NULL && strcmp(server->name, member->name) == 0;
    return config_address_equal(&server->address, &member->address) &&
           server->auth_port == member->auth_port &&
           server->acct_port == member->acct_port;
}

/* A member by address may be in either list; one that is in none is nobody. */
static const struct config_radius_server *
find(const struct config_radius *radius,
     const struct config_group_member *member)
{
    const struct config_list *lists[] = {&radius->hosts.list,
                                         &radius->servers.list};

    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            if (is_member(member, lists[l]->items[i]))
                return lists[l]->items[i];
    return NULL;
}

static void
add_members(struct aaa_plan *plan, const struct config_radius *radius,
            const struct config_server_group *group)
{
    if (group->source_interface != NULL)
        plan->source_interface = group->source_interface;
    if (group->deadtime_min != 0)
        plan->deadtime_min = group->deadtime_min;
    for (size_t i = 0; i < group->members.list.count; i++) {
        const struct config_radius_server *server =
            find(radius, group->members.list.items[i]);

        if (server != NULL)
            add(plan, radius, server);
    }
}

/* --- TACACS+ ------------------------------------------------------------ */

static void
add_tacacs(struct aaa_plan *plan, const struct config_tacacs *tacacs,
           const struct config_tacacs_server *server)
{
    bool own_key = server->key.text != NULL;

    if (plan->count == AAA_SERVERS_MAX ||
        server->address.family == CONFIG_FAMILY_NONE)
        return;
    plan->targets[plan->count++] = (struct aaa_target){
        .protocol = AAA_TACACS,
        .address = server->address,
        .auth_port = server->port,
        .acct_port = server->port,
        .timeout_s =
            server->timeout_s != 0 ? server->timeout_s : tacacs->timeout_s,
        .tries = 1,
        .single_connection = server->single_connection,
        .key_type =
            config_password_type(own_key ? server->key_type : tacacs->key_type),
        .key = own_key ? server->key.text : tacacs->key.text,
    };
}

static bool
is_tacacs_member(const struct config_group_member *member,
                 const struct config_tacacs_server *server)
{
    if (member->name != NULL)
        return server->name != NULL && strcmp(server->name, member->name) == 0;
    return config_address_equal(&server->address, &member->address);
}

/* All servers, or the one that the member means. */
static void
add_each_tacacs(struct aaa_plan *plan, const struct config_tacacs *tacacs,
                const struct config_group_member *member)
{
    const struct config_list *lists[] = {&tacacs->hosts.list,
                                         &tacacs->servers.list};

    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < lists[l]->count; i++) {
            if (member != NULL && !is_tacacs_member(member, lists[l]->items[i]))
                continue;
            add_tacacs(plan, tacacs, lists[l]->items[i]);
            if (member != NULL)
                return;
        }
}

static bool
plan_tacacs(const struct config_tacacs *tacacs, const char *group,
            struct aaa_plan *plan)
{
    const struct config_server_group *one =
        group_find(&tacacs->groups.list, group);

    *plan = (struct aaa_plan){
        .protocol = AAA_TACACS,
        .source_interface = tacacs->source_interface,
    };
    if (strcmp(group, AAA_ALL_TACACS) == 0) {
        add_each_tacacs(plan, tacacs, NULL);
        return true;
    }
    if (one == NULL)
        return false;
    if (one->source_interface != NULL)
        plan->source_interface = one->source_interface;
    for (size_t i = 0; i < one->members.list.count; i++)
        add_each_tacacs(plan, tacacs, one->members.list.items[i]);
    return true;
}

/* --- groups ------------------------------------------------------------- */

static bool
plan_radius(const struct config_radius *radius, const char *group,
            struct aaa_plan *plan)
{
    const struct config_server_group *one =
        group_find(&radius->groups.list, group);

    *plan = (struct aaa_plan){
        .protocol = AAA_RADIUS,
        .source_interface = radius->source_interface,
        .deadtime_min = radius->deadtime_min,
    };
    if (strcmp(group, AAA_ALL_RADIUS) == 0) {
        add_all(plan, radius, &radius->hosts.list);
        add_all(plan, radius, &radius->servers.list);
        return true;
    }
    if (one != NULL)
        add_members(plan, radius, one);
    return one != NULL;
}

bool
aaa_plan_make(const struct config *config, const char *group,
              struct aaa_plan *plan)
{
    return plan_tacacs(&config->tacacs, group, plan) ||
           plan_radius(&config->radius, group, plan);
}
