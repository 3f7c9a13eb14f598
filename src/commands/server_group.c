/*
 * `aaa group server radius|tacacs+ NAME`: servers that are asked together, in
 * order.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "commands/interface_name.h"
#include "commands/rows.h"
#include "commands/server_address.h"

#define MEMBERS_MAX 32 /* of one group: as many as one request has */

static bool
has_group(const struct config_list *groups, const char *name)
{
    for (size_t i = 0; i < groups->count; i++) {
        const struct config_server_group *group = groups->items[i];

        if (strcmp(group->name, name) == 0)
            return true;
    }
    return false;
}

/* What all servers of a kind are called together; or a group of the others. */
static const char *
check_group(struct cli_change *change, const struct config_list *others)
{
    const char *name = cli_text(change->match, "name");

    if (cli_restores(change->match))
        return NULL;
    if (text_equal_nocase(name, "radius") || text_equal_nocase(name, "tacacs+"))
        return "% Server group name is reserved";
    return has_group(others, name)
               ? "% Server group is defined with another protocol"
               : NULL;
}

static const char *
check_radius_group(struct cli_change *change)
{
    return check_group(change, &change->config->tacacs.groups.list);
}

static const char *
check_tacacs_group(struct cli_change *change)
{
    return check_group(change, &change->config->radius.groups.list);
}

const struct cli_row server_group_rows[] = {
    GROUP("aaa group", "AAA group definitions"),
    GROUP("aaa group server", "AAA Server group definitions"),
    {ROW_SECTION_LIST("aaa group server radius WORD:name", radius.groups,
                      config_server_group, 1,
                      BINDS(BIND_TEXT(struct config_server_group, name, NULL)),
                      &radius_group_mode, "Radius server-group definition",
                      "Server-group name"),
     .check = check_radius_group, .separated = true},
    {ROW_SECTION_LIST("aaa group server tacacs+ WORD:name", tacacs.groups,
                      config_server_group, 1,
                      BINDS(BIND_TEXT(struct config_server_group, name, NULL)),
                      &tacacs_group_mode, "Tacacs+ server-group definition",
                      "Server-group name"),
     .check = check_tacacs_group, .separated = true},
    ROWS_END,
};

/* --- its members -------------------------------------------------------- */

#undef CLI_BASE
#define CLI_BASE struct config_server_group

static bool
is_same(const struct config_group_member *a,
        const struct config_group_member *b)
{
    return config_type_equal(&config_group_member_type, a, b);
}

/* A member that is there already stays in its place. */
static const char *
change_members(struct cli_change *change, const struct config_group_member *m)
{
    struct config_server_group *group = change->section;
    struct config_list *list = &group->members.list;
    struct config_group_member *entry;
    size_t at = 0;

    while (at < list->count && !is_same(list->items[at], m))
        at++;
    if (cli_restores(change->match)) {
        if (at < list->count)
            config_list_remove(list, &config_group_member_type, at);
        return NULL;
    }
    if (at < list->count)
        return NULL;
    if (list->count == MEMBERS_MAX)
        return "% Too many servers in the group";
    entry = config_list_append(list, &config_group_member_type);
    config_text_set(&entry->name, m->name);
    entry->address = m->address;
    entry->auth_port = m->auth_port;
    entry->acct_port = m->acct_port;
    return NULL;
}

/* Those of TACACS+ have no ports, and keep what is usual in their place. */
static const char *
set_addressed(struct cli_change *change, uint32_t auth_port, uint32_t acct_port)
{
    struct config_group_member member = {
        .address = server_address_typed(change->match),
        .auth_port = auth_port,
        .acct_port = acct_port,
    };

    if (member.address.family == CONFIG_FAMILY_NONE)
        return "% Incomplete command.";
    return change_members(change, &member);
}

static const char *
set_member(struct cli_change *change)
{
    const struct cli_match *match = change->match;

    return set_addressed(change,
                         cli_number_or(match, "auth", CONFIG_RADIUS_AUTH_PORT),
                         cli_number_or(match, "acct", CONFIG_RADIUS_ACCT_PORT));
}

static const char *
set_named_member(struct cli_change *change)
{
    struct config_group_member member = {
        .name = (char *)(uintptr_t)cli_text(change->match, "member"),
        .auth_port = CONFIG_RADIUS_AUTH_PORT,
        .acct_port = CONFIG_RADIUS_ACCT_PORT,
    };

    if (member.name == NULL)
        return "% Incomplete command.";
    return change_members(change, &member);
}

/* Named or addressed: their order is that of asking. */
static void
write_all(struct cli_writer *writer, const struct config_server_group *group,
          bool ports)
{
    for (size_t i = 0; i < group->members.list.count; i++) {
        const struct config_group_member *m = group->members.list.items[i];
        char address[CONFIG_ADDRESS_TEXT], behind[48] = "";

        config_address_text(&m->address, address);
        if (ports)
            snprintf(behind, sizeof(behind), " auth-port %u acct-port %u",
                     m->auth_port, m->acct_port);
        if (m->name != NULL)
            cli_write_line(writer, "server name %s", m->name);
        else
            cli_write_line(writer, "server %s%s", address, behind);
    }
}

static void
write_members(struct cli_writer *writer, const void *section, bool all)
{
    (void)all;
    write_all(writer, section, true);
}

static const char *
set_source(struct cli_change *change)
{
    struct config_server_group *group = change->section;

    return interface_name_set(change->match, &group->source_interface);
}

static void
write_source(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_server_group *group = section;

    (void)all;
    interface_name_write(writer, "ip radius source-interface",
                         group->source_interface);
}

const struct cli_row radius_group_rows[] = {
    GROUP("server", "Specify a RADIUS server"),
    {ROW_SET_BY("server {A.B.C.D:a4|X:X::X:a6} [auth-port <0-65535>:auth|"
                "acct-port <0-65535>:acct]...",
                set_member, write_members, "IP address of RADIUS server",
                "IPv6 address of RADIUS server",
                "UDP port for RADIUS authentication server", "Port number",
                "UDP port for RADIUS accounting server", "Port number")},
    {ROW_SET_BY("server name WORD:member", set_named_member, write_members,
                "Name of radius server", "Name of an already defined server"),
     .unwritten = true},
    GROUP("ip", "Internet Protocol config commands"),
    GROUP("ip radius", "RADIUS configuration commands"),
    SET_BY("ip radius source-interface " INTERFACE_NAME, set_source,
           write_source,
           "Specify interface for source address in RADIUS packets",
           INTERFACE_NAME_HELP),
    SET_NUMBER("deadtime <1-1440>", deadtime_min, 0,
               "Specify time in minutes to ignore an unresponsive server",
               "Time in minutes"),
    ROWS_END,
};

/* --- those of TACACS+ --------------------------------------------------- */

static const char *
set_tacacs_member(struct cli_change *change)
{
    return set_addressed(change, CONFIG_RADIUS_AUTH_PORT,
                         CONFIG_RADIUS_ACCT_PORT);
}

static void
write_tacacs_members(struct cli_writer *writer, const void *section, bool all)
{
    (void)all;
    write_all(writer, section, false);
}

static void
write_tacacs_source(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_server_group *group = section;

    (void)all;
    interface_name_write(writer, "ip tacacs source-interface",
                         group->source_interface);
}

const struct cli_row tacacs_group_rows[] = {
    GROUP("server", "Specify a TACACS+ server"),
    SET_BY("server {A.B.C.D:a4|X:X::X:a6}", set_tacacs_member,
           write_tacacs_members, "IP address of TACACS+ server",
           "IPv6 address of TACACS+ server"),
    {ROW_SET_BY("server name WORD:member", set_named_member,
                write_tacacs_members, "Name of tacacs+ server",
                "Name of an already defined server"),
     .unwritten = true},
    GROUP("ip", "Internet Protocol config commands"),
    GROUP("ip tacacs", "TACACS+ configuration commands"),
    SET_BY("ip tacacs source-interface " INTERFACE_NAME, set_source,
           write_tacacs_source,
           "Specify interface for source address in TACACS+ packets",
           INTERFACE_NAME_HELP),
    ROWS_END,
};
