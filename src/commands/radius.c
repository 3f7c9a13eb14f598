/*
 * Who the RADIUS servers are, and how they are asked: `radius-server`, `radius
 * server NAME`, `ip radius source-interface`.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"
#include "commands/interface_name.h"
#include "commands/passwords.h"
#include "commands/rows.h"
#include "commands/server_address.h"
#include "commands/server_rows.h"

#define PORT_HELP(what) "UDP port for RADIUS " what " server", "Port number"

/* --- radius-server host ------------------------------------------------- */

/* Those of that address; of these ports, where the line has them. */
static bool
is_meant(const struct config_radius_server *server,
         const struct config_address *address, const struct cli_match *match)
{
    return config_address_equal(&server->address, address) &&
           cli_number_or(match, "auth", server->auth_port) ==
               server->auth_port &&
           cli_number_or(match, "acct", server->acct_port) == server->acct_port;
}

static void
remove_hosts(struct config_list *hosts, const struct config_address *address,
             const struct cli_match *match)
{
    for (size_t i = hosts->count; i-- > 0;)
        if (is_meant(hosts->items[i], address, match))
            config_list_remove(hosts, &config_radius_server_type, i);
}

/* The entry of that address and those ports, a new one if need be. */
static struct config_radius_server *
host_for(struct config_list *hosts, const struct config_address *address,
         const struct cli_match *match)
{
    uint32_t auth = cli_number_or(match, "auth", CONFIG_RADIUS_AUTH_PORT);
    uint32_t acct = cli_number_or(match, "acct", CONFIG_RADIUS_ACCT_PORT);
    struct config_radius_server *host;

    for (size_t i = 0; i < hosts->count; i++) {
        host = hosts->items[i];
        if (config_address_equal(&host->address, address) &&
            host->auth_port == auth && host->acct_port == acct)
            return host;
    }
    if (hosts->count == CONFIG_LIST_MAX)
        return NULL;
    host = config_list_append(hosts, &config_radius_server_type);
    host->address = *address;
    host->auth_port = auth;
    host->acct_port = acct;
    return host;
}

/* The line says all of it: what it leaves out is as for all. */
static const char *
set_host(struct cli_change *change)
{
    struct config_list *hosts = &change->config->radius.hosts.list;
    const struct cli_match *match = change->match;
    struct config_radius_server *host;
    struct config_address address;
    const char *refusal = server_address(change, &address);

    if (refusal != NULL)
        return refusal;
    if (cli_restores(match)) {
        remove_hosts(hosts, &address, match);
        return NULL;
    }
    if (cli_given(match, "key")) {
        refusal = passwords_check_key(change);
        if (refusal != NULL)
            return refusal;
    }
    host = host_for(hosts, &address, match);
    if (host == NULL)
        return "% Too many entries";
    host->timeout_s = cli_number_or(match, "wait", 0);
    host->retransmit = cli_number_or(match, "again", CONFIG_RADIUS_AS_ALL);
    host->key_type = server_key_type(match);
    config_secret_set(&host->key, cli_text(match, "the-password"));
    return NULL;
}

/* " timeout 5 retransmit 3", as far as it is not as for all. */
static void
patience_text(const struct config_radius_server *server, char *text,
              size_t room)
{
    char timeout[24] = "", retransmit[24] = "";

    if (server->timeout_s != 0)
        snprintf(timeout, sizeof(timeout), " timeout %u", server->timeout_s);
    if (server->retransmit != CONFIG_RADIUS_AS_ALL)
        snprintf(retransmit, sizeof(retransmit), " retransmit %u",
                 server->retransmit);
    snprintf(text, room, "%s%s", timeout, retransmit);
}

static void
write_hosts(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    for (size_t i = 0; i < config->radius.hosts.list.count; i++) {
        const struct config_radius_server *host =
            config->radius.hosts.list.items[i];
        char address[CONFIG_ADDRESS_TEXT], patience[48], line[192];

        config_address_text(&host->address, address);
        patience_text(host, patience, sizeof(patience));
        snprintf(line, sizeof(line),
                 "radius-server host %s auth-port %u acct-port %u%s", address,
                 host->auth_port, host->acct_port, patience);
        server_write_keyed(writer, line, host->key_type, &host->key);
    }
}

/* --- dead-criteria ------------------------------------------------------ */

static const char *
set_criteria(struct cli_change *change)
{
    struct config_radius *radius = &change->config->radius;
    const struct cli_match *match = change->match;
    bool time = cli_given(match, "time"), tries = cli_given(match, "tries");

    if (!time && !tries && !cli_restores(match))
        return "% Incomplete command.";
    if (cli_restores(match)) {
        if (time || !tries)
            radius->dead_s = 0;
        if (tries || !time)
            radius->dead_tries = 0;
        return NULL;
    }
    if (time)
        radius->dead_s = cli_number(match, "seconds");
    if (tries)
        radius->dead_tries = cli_number(match, "number");
    return NULL;
}

static void
write_criteria(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;
    char time[24] = "", tries[24] = "";

    (void)all;
    if (config->radius.dead_s != 0)
        snprintf(time, sizeof(time), " time %u", config->radius.dead_s);
    if (config->radius.dead_tries != 0)
        snprintf(tries, sizeof(tries), " tries %u", config->radius.dead_tries);
    if (time[0] != '\0' || tries[0] != '\0')
        cli_write_line(writer, "radius-server dead-criteria%s%s", time, tries);
}

/* --- ip radius source-interface ----------------------------------------- */

static const char *
set_source(struct cli_change *change)
{
    return interface_name_set(change->match,
                              &change->config->radius.source_interface);
}

static void
write_source(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    interface_name_write(writer, "ip radius source-interface",
                         config->radius.source_interface);
}

const struct cli_row radius_source_rows[] = {
    GROUP("ip radius", "RADIUS configuration commands"),
    SET_BY("ip radius source-interface " INTERFACE_NAME, set_source,
           write_source,
           "Specify interface for source address in RADIUS packets",
           INTERFACE_NAME_HELP),
    ROWS_END,
};

#define TIMEOUT_HELP \
    "Time to wait for a RADIUS server to reply", "Wait time in seconds"
#define RETRANSMIT_HELP \
    "Specify the number of retries to active server", "Number of retries"
#define KEY_HELP                                                    \
    "Encryption key shared with the radius servers", PASSWORD_HELP, \
        "The UNENCRYPTED (cleartext) shared key"

const struct cli_row radius_rows[] = {
    GROUP("radius-server", "Modify RADIUS query parameters"),
    SET_BY(
        "radius-server dead-criteria {time <1-120>:seconds|"
        "tries <1-100>:number}...",
        set_criteria, write_criteria,
        "Set the criteria used to decide when a radius server is marked dead",
        "The time during which no properly formed response must be received "
        "from the radius server",
        "Time in seconds",
        "The number of times the router must fail to receive a response "
        "from the radius server to mark it as dead",
        "Number of transmits to server without responses"),
    {ROW_SET_BY("radius-server host " SERVER_ADDRESS " "
                "[auth-port <0-65535>:auth|acct-port <0-65535>:acct|"
                "timeout <1-1000>:wait|retransmit <0-100>:again]... "
                "[key [0|7] LINE:the-password]",
                set_host, write_hosts, "Specify a RADIUS server",
                "IP address of RADIUS server", "IPv6 address of RADIUS server",
                "Hostname of RADIUS server, in \"ip host\"",
                PORT_HELP("authentication"), PORT_HELP("accounting"),
                TIMEOUT_HELP, RETRANSMIT_HELP,
                "per-server encryption key (overrides default)", PASSWORD_HELP,
                "The UNENCRYPTED (cleartext) server key"),
     .changed = server_changed, .secret = true},
    SET_NUMBER("radius-server retransmit <0-100>", radius.retransmit,
               CONFIG_RADIUS_RETRANSMIT, RETRANSMIT_HELP),
    SET_NUMBER("radius-server timeout <1-1000>", radius.timeout_s,
               CONFIG_RADIUS_TIMEOUT, TIMEOUT_HELP),
    SET_NUMBER("radius-server deadtime <1-1440>", radius.deadtime_min, 0,
               "Time to stop using a server that doesn't respond",
               "time in minutes"),
    {ROW_SET("radius-server key [0|7] LINE:the-password",
             BINDS(BIND_NUMBER(struct config, radius.key_type,
                               CONFIG_PASSWORD_AS_TYPED),
                   BIND_SECRET(struct config, radius.key)),
             KEY_HELP),
     .check = passwords_check_key},
    ROWS_END,
};

const struct cli_row radius_list_rows[] = {
    GROUP("radius", "RADIUS server configuration command"),
    {ROW_SECTION_LIST("radius server WORD:name", radius.servers,
                      config_radius_server, 1,
                      BINDS(BIND_TEXT(struct config_radius_server, name, NULL)),
                      &radius_server_mode, "RADIUS server configuration",
                      "Name for the radius server configuration"),
     .changed = server_changed, .separated = true},
    ROWS_END,
};

/* --- radius server NAME ------------------------------------------------- */

#undef CLI_BASE
#define CLI_BASE struct config_radius_server

static const char *
set_address(struct cli_change *change)
{
    struct config_radius_server *server = change->section;
    const struct cli_match *match = change->match;

    server->address = (struct config_address){0};
    server->auth_port = CONFIG_RADIUS_AUTH_PORT;
    server->acct_port = CONFIG_RADIUS_ACCT_PORT;
    if (cli_restores(match))
        return NULL;
    server->address = server_address_typed(match);
    server->auth_port = cli_number_or(match, "auth", CONFIG_RADIUS_AUTH_PORT);
    server->acct_port = cli_number_or(match, "acct", CONFIG_RADIUS_ACCT_PORT);
    return NULL;
}

static void
write_address(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_radius_server *server = section;
    char ports[48];

    (void)all;
    snprintf(ports, sizeof(ports), " auth-port %u acct-port %u",
             server->auth_port, server->acct_port);
    server_write_address(writer, &server->address, ports);
}

const struct cli_row radius_server_rows[] = {
    {ROW_SET_BY("address {ipv4 A.B.C.D:a4|ipv6 X:X::X:a6} "
                "[auth-port <0-65535>:auth|acct-port <0-65535>:acct]...",
                set_address, write_address, "Specify the radius server address",
                "IPv4 Address", "IPv4 address of the radius server",
                "IPv6 Address", "IPv6 address of the radius server",
                PORT_HELP("authentication"), PORT_HELP("accounting")),
     .changed = server_changed},
    SET_NUMBER("timeout <1-1000>", timeout_s, 0, TIMEOUT_HELP),
    SET_NUMBER("retransmit <0-100>", retransmit, CONFIG_RADIUS_AS_ALL,
               RETRANSMIT_HELP),
    {ROW_SET("key [0|7] LINE:the-password",
             BINDS(BIND_NUMBER(struct config_radius_server, key_type,
                               CONFIG_PASSWORD_AS_TYPED),
                   BIND_SECRET(struct config_radius_server, key)),
             "Per-server encryption key", PASSWORD_HELP,
             "The UNENCRYPTED (cleartext) server key"),
     .check = passwords_check_key},
    ROWS_END,
};
