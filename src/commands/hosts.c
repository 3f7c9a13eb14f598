/*
 * Names of others: `ip domain ...`, `ip host`, `ip name-server`, `show hosts`.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"
#include "commands/rows.h"
#include "control/command.h"
#include "control/resolver.h"

#define NAME_LEN_MAX                                                        \
    253                 /* RFC 1035 section 2.3.4: of a whole name, as text \
                         */
#define ADDRESSES_MAX 8 /* in one line; as IOS */

static bool
name_is_valid(const char *name)
{
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")] ==
           '\0';
}

static const char *
check_domain(struct cli_change *change)
{
    const char *name = cli_text(change->match, "WORD");

    if (cli_restores(change->match))
        return NULL;
    if (strlen(name) > NAME_LEN_MAX)
        return "% Domain name is too long.";
    return name_is_valid(name)
               ? NULL
               : "% Domain name contains one or more illegal characters.";
}

/* --- addresses of a line ------------------------------------------------ */

/* In the order of the line; how many. */
static size_t
typed_addresses(const struct cli_match *match, size_t most,
                struct config_address *addresses)
{
    static const char *const names[ADDRESSES_MAX] = {"a1", "a2", "a3", "a4",
                                                     "a5", "a6", "a7", "a8"};
    size_t count = 0;

    for (size_t i = 0; i < most && cli_given(match, names[i]); i++)
        addresses[count++] = cli_address(match, names[i]);
    return count;
}

/* Where it stands; list->count: nowhere. */
static size_t
place_of(const struct config_list *list, const struct config_address *address)
{
    size_t i = 0;

    while (
        i < list->count &&
        !config_address_equal(
            &((const struct config_server *)list->items[i])->address, address))
        i++;
    return i;
}

static void
add(struct config_list *list, const struct config_address *address)
{
    struct config_server *entry;

    if (place_of(list, address) < list->count)
        return;
    entry = config_list_append(list, &config_server_type);
    entry->address = *address;
}

static void
remove_address(struct config_list *list, const struct config_address *address)
{
    size_t i = place_of(list, address);

    if (i < list->count)
        config_list_remove(list, &config_server_type, i);
}

/* --- ip host ------------------------------------------------------------ */

static void
remove_host(struct config_list *hosts, struct config_host *host)
{
    for (size_t i = 0; i < hosts->count; i++)
        if (hosts->items[i] == host)
            config_list_remove(hosts, &config_host_type, i);
}

static const char *
set_host(struct cli_change *change)
{
    struct config_list *hosts = &change->config->hosts.list;
    const char *name = cli_text(change->match, "name");
    struct config_address addresses[ADDRESSES_MAX];
    size_t count = typed_addresses(change->match, ADDRESSES_MAX, addresses);
    struct config_host *host;

    if (name == NULL)
        return "% Incomplete command.";
    host = (struct config_host *)config_host_find(change->config, name);
    if (cli_restores(change->match)) {
        for (size_t i = 0; host != NULL && i < count; i++)
            remove_address(&host->addresses.list, &addresses[i]);
        if (host != NULL && (count == 0 || host->addresses.list.count == 0))
            remove_host(hosts, host);
        return NULL;
    }
    if (strlen(name) > NAME_LEN_MAX || !name_is_valid(name))
        return "% Host name contains one or more illegal characters.";
    if (host == NULL && hosts->count == CONFIG_LIST_MAX)
        return "% Too many entries";
    if (host == NULL) {
        host = config_list_append(hosts, &config_host_type);
        config_text_set(&host->name, name);
    }
    config_list_clear(&host->addresses.list, &config_server_type);
    for (size_t i = 0; i < count; i++)
        add(&host->addresses.list, &addresses[i]);
    return NULL;
}

static void
write_hosts(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    for (size_t i = 0; i < config->hosts.list.count; i++) {
        const struct config_host *host = config->hosts.list.items[i];
        char text[ADDRESSES_MAX * (CONFIG_ADDRESS_TEXT + 1)] = "";
        size_t len = 0;

        for (size_t k = 0; k < host->addresses.list.count; k++) {
            const struct config_server *entry = host->addresses.list.items[k];
            char one[CONFIG_ADDRESS_TEXT];

            config_address_text(&entry->address, one);
            len += (size_t)snprintf(text + len, sizeof(text) - len, " %s", one);
        }
        cli_write_line(writer, "ip host %s%s", host->name, text);
    }
}

/* --- ip name-server ----------------------------------------------------- */

static const char *
set_servers(struct cli_change *change)
{
    struct config_list *list = &change->config->name_servers.list;
    struct config_address addresses[RESOLVER_SERVERS_MAX];
    size_t count =
        typed_addresses(change->match, RESOLVER_SERVERS_MAX, addresses);
    size_t after = list->count;
    char text[CONFIG_ADDRESS_TEXT];

    if (cli_restores(change->match)) {
        if (count == 0)
            config_list_clear(list, &config_server_type);
        for (size_t i = 0; i < count; i++)
            remove_address(list, &addresses[i]);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (place_of(list, &addresses[i]) < list->count)
            continue;
        if (++after > RESOLVER_SERVERS_MAX) {
            config_address_text(&addresses[i], text);
            snprintf(change->refusal, sizeof(change->refusal),
                     "%% Name-server table is full; %s not added", text);
            return change->refusal;
        }
    }
    for (size_t i = 0; i < count; i++)
        add(list, &addresses[i]);
    return NULL;
}

static void
write_servers(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    for (size_t i = 0; i < config->name_servers.list.count; i++) {
        const struct config_server *entry = config->name_servers.list.items[i];
        char text[CONFIG_ADDRESS_TEXT];

        config_address_text(&entry->address, text);
        cli_write_line(writer, "ip name-server %s", text);
    }
}

#define ADDRESS(name)       "{A.B.C.D:" name "|X:X::X:" name "}"
#define MAYBE(name)         " [A.B.C.D:" name "|X:X::X:" name "]"
#define TWO(text)           text, text
#define HOST_ADDRESS_HELP   TWO("Host IP address")
#define SERVER_ADDRESS_HELP TWO("Domain server IP address")

/* Typed either way; written the newer way, in IOS's order. */
const struct cli_row ip_domain_rows[] = {
    GROUP("ip", "Global IP configuration subcommands"),
    GROUP("ip domain", "IP DNS Resolver"),
    SET_FLAG("ip domain lookup", domain_lookup, true,
             "Enable IP Domain Name System hostname translation"),
    {ROW_SET_FLAG("ip domain-lookup", domain_lookup, true,
                  "Enable IP Domain Name System hostname translation"),
     .unwritten = true},
    {ROW_SET_TEXT("ip domain name WORD", domain_name, NULL,
                  "Define the default domain name", "Default domain name"),
     .check = check_domain},
    {ROW_SET_TEXT("ip domain-name WORD", domain_name, NULL,
                  "Define the default domain name", "Default domain name"),
     .check = check_domain, .unwritten = true},
    SET_BY("ip host WORD:name " ADDRESS("a1") MAYBE("a2") MAYBE("a3")
               MAYBE("a4") MAYBE("a5") MAYBE("a6") MAYBE("a7") MAYBE("a8"),
           set_host, write_hosts, "Add an entry to the ip hostname table",
           "Name of host", HOST_ADDRESS_HELP, HOST_ADDRESS_HELP,
           HOST_ADDRESS_HELP, HOST_ADDRESS_HELP, HOST_ADDRESS_HELP,
           HOST_ADDRESS_HELP, HOST_ADDRESS_HELP, HOST_ADDRESS_HELP),
    SET_BY("ip name-server " ADDRESS("a1") MAYBE("a2") MAYBE("a3") MAYBE("a4")
               MAYBE("a5") MAYBE("a6"),
           set_servers, write_servers, "Specify address of name server to use",
           SERVER_ADDRESS_HELP, SERVER_ADDRESS_HELP, SERVER_ADDRESS_HELP,
           SERVER_ADDRESS_HELP, SERVER_ADDRESS_HELP, SERVER_ADDRESS_HELP),
    ROWS_END,
};

/* --- show hosts --------------------------------------------------------- */

static void
show_summary(struct command *cmd)
{
    const struct config *config = cmd->config;
    struct config_address servers[RESOLVER_SERVERS_MAX];
    size_t count = resolver_servers(cmd->router, servers);

    out_line(cmd, "Default domain is %s",
             config->domain_name == NULL ? "not set" : config->domain_name);
    out_line(cmd, "Name/address lookup uses %s",
             config->domain_lookup ? "domain service" : "static mappings");
    out(cmd, "Name servers are ");
    for (size_t i = 0; i < count; i++) {
        char text[CONFIG_ADDRESS_TEXT];

        config_address_text(&servers[i], text);
        out(cmd, "%s%s", i == 0 ? "" : ", ", text);
    }
    out_line(cmd, "%s", "");
}

static void
show_host(struct command *cmd, const struct config_host *host)
{
    for (size_t i = 0; i < host->addresses.list.count; i++) {
        const struct config_server *entry = host->addresses.list.items[i];
        const char *type =
            entry->address.family == CONFIG_FAMILY_IPV4 ? "IP" : "IPV6";
        char text[CONFIG_ADDRESS_TEXT];

        config_address_text(&entry->address, text);
        if (i == 0)
            out_line(cmd, "%-25s None  (perm, OK)  0   %-6s%s", host->name,
                     type, text);
        else
            out_line(cmd, "%-48s%-6s%s", "", type, text);
    }
}

static void
show_hosts(struct command *cmd)
{
    const struct config_list *hosts = &cmd->config->hosts.list;
    const char *name = cli_text(cmd->match, "name");

    show_summary(cmd);
    out(cmd, "\nCodes: UN - unknown, EX - expired, OK - OK, ?? - revalidate\n"
             "       temp - temporary, perm - permanent\n"
             "       NA - Not Applicable None - Not defined\n\n"
             "Host                      Port  Flags      Age Type   "
             "Address(es)\n");
    for (size_t i = 0; i < hosts->count; i++) {
        const struct config_host *host = hosts->items[i];

        if (name == NULL || text_equal_nocase(name, host->name))
            show_host(cmd, host);
    }
}

const struct cli_row hosts_show_rows[] = {
    GROUP("show hosts",
          "IP domain-name, lookup style, nameservers, and host table"),
    SHOW("show hosts [WORD:name]", 1, show_hosts, "Host name"),
    SHOW("show hosts summary", 1, show_summary,
         "Domain name, lookup style and nameservers only"),
    ROWS_END,
};
