/*
 * Who the TACACS+ servers are, how they are asked, and what became of it:
 * `tacacs-server`, `tacacs server NAME`, `ip tacacs source-interface`, `show
 * tacacs`.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "commands/interface_name.h"
#include "commands/passwords.h"
#include "commands/rows.h"
#include "commands/server_address.h"
#include "commands/server_rows.h"
#include "control/aaa_servers.h"
#include "control/command.h"

/* --- tacacs-server host ------------------------------------------------- */

/* The entry of that address; NULL: none. Its place is in `at`. */
static struct config_tacacs_server *
host_find(const struct config_list *hosts, const struct config_address *address,
          size_t *at)
{
    for (*at = 0; *at < hosts->count; ++*at) {
        struct config_tacacs_server *host = hosts->items[*at];

        if (config_address_equal(&host->address, address))
            return host;
    }
    return NULL;
}

/* The line says all of it: what it leaves out is as for all. */
static const char *
set_host(struct cli_change *change)
{
    struct config_list *hosts = &change->config->tacacs.hosts.list;
    const struct cli_match *match = change->match;
    struct config_tacacs_server *host;
    struct config_address address;
    const char *refusal = server_address(change, &address);
    size_t at;

    if (refusal != NULL)
        return refusal;
    host = host_find(hosts, &address, &at);
    if (cli_restores(match)) {
        if (host != NULL)
            config_list_remove(hosts, &config_tacacs_server_type, at);
        return NULL;
    }
    refusal = cli_given(match, "key") ? passwords_check_key(change) : NULL;
    if (refusal != NULL)
        return refusal;
    if (host == NULL && hosts->count == CONFIG_LIST_MAX)
        return "% Too many entries";
    if (host == NULL)
        host = config_list_append(hosts, &config_tacacs_server_type);
    host->address = address;
    host->port = cli_number_or(match, "number", CONFIG_TACACS_PORT);
    host->timeout_s = cli_number(match, "wait");
    host->single_connection = cli_given(match, "single-connection");
    host->key_type = server_key_type(match);
    config_secret_set(&host->key, cli_text(match, "the-password"));
    return NULL;
}

static void
write_host(struct cli_writer *writer, const struct config_tacacs_server *host)
{
    char address[CONFIG_ADDRESS_TEXT];
    char port[24] = "", timeout[24] = "", line[160];

    config_address_text(&host->address, address);
    if (host->port != CONFIG_TACACS_PORT)
        snprintf(port, sizeof(port), " port %u", host->port);
    if (host->timeout_s != 0)
        snprintf(timeout, sizeof(timeout), " timeout %u", host->timeout_s);
    snprintf(line, sizeof(line), "tacacs-server host %s%s%s%s", address,
             host->single_connection ? " single-connection" : "", port,
             timeout);
    server_write_keyed(writer, line, host->key_type, &host->key);
}

static void
write_hosts(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    for (size_t i = 0; i < config->tacacs.hosts.list.count; i++)
        write_host(writer, config->tacacs.hosts.list.items[i]);
}

/* --- ip tacacs source-interface ----------------------------------------- */

static const char *
set_source(struct cli_change *change)
{
    return interface_name_set(change->match,
                              &change->config->tacacs.source_interface);
}

static void
write_source(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    interface_name_write(writer, "ip tacacs source-interface",
                         config->tacacs.source_interface);
}

const struct cli_row tacacs_source_rows[] = {
    GROUP("ip tacacs", "TACACS+ configuration commands"),
    SET_BY("ip tacacs source-interface " INTERFACE_NAME, set_source,
           write_source,
           "Specify interface for source address in TACACS+ packets",
           INTERFACE_NAME_HELP),
    ROWS_END,
};

#define SINGLE_HELP \
    "Multiplex all packets over a single tcp connection to server"
#define PORT_HELP "TCP port for TACACS+ server", "Port number"
#define TIMEOUT_HELP \
    "Time to wait for a TACACS server to reply", "Wait time in seconds"
#define KEY_HELP                                                     \
    "Encryption key shared with the TACACS+ servers", PASSWORD_HELP, \
        "The UNENCRYPTED (cleartext) shared key"

const struct cli_row tacacs_rows[] = {
    GROUP("tacacs-server", "Modify TACACS query parameters"),
    {ROW_SET_BY("tacacs-server host " SERVER_ADDRESS " "
                "[single-connection|port <1-65535>:number|timeout "
                "<1-1000>:wait]... "
                "[key [0|7] LINE:the-password]",
                set_host, write_hosts, "Specify a TACACS server",
                "IP address of TACACS server", "IPv6 address of TACACS server",
                "Hostname of TACACS server, in \"ip host\"", SINGLE_HELP,
                PORT_HELP, TIMEOUT_HELP,
                "per-server encryption key (overrides default)", PASSWORD_HELP,
                "The UNENCRYPTED (cleartext) server key"),
     .changed = server_changed, .secret = true},
    SET_NUMBER("tacacs-server timeout <1-1000>", tacacs.timeout_s,
               CONFIG_TACACS_TIMEOUT, TIMEOUT_HELP),
    {ROW_SET("tacacs-server key [0|7] LINE:the-password",
             BINDS(BIND_NUMBER(struct config, tacacs.key_type,
                               CONFIG_PASSWORD_AS_TYPED),
                   BIND_SECRET(struct config, tacacs.key)),
             KEY_HELP),
     .check = passwords_check_key},
    ROWS_END,
};

const struct cli_row tacacs_list_rows[] = {
    GROUP("tacacs", "TACACS+ server configuration command"),
    {ROW_SECTION_LIST("tacacs server WORD:name", tacacs.servers,
                      config_tacacs_server, 1,
                      BINDS(BIND_TEXT(struct config_tacacs_server, name, NULL)),
                      &tacacs_server_mode, "TACACS+ server configuration",
                      "Name for the tacacs server configuration"),
     .changed = server_changed, .separated = true},
    ROWS_END,
};

/* --- tacacs server NAME ------------------------------------------------- */

#undef CLI_BASE
#define CLI_BASE struct config_tacacs_server

static const char *
set_address(struct cli_change *change)
{
    struct config_tacacs_server *server = change->section;

    server->address = cli_restores(change->match)
                          ? (struct config_address){0}
                          : server_address_typed(change->match);
    return NULL;
}

static void
write_address(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_tacacs_server *server = section;

    (void)all;
    server_write_address(writer, &server->address, "");
}

const struct cli_row tacacs_server_rows[] = {
    {ROW_SET_BY("address {ipv4 A.B.C.D:a4|ipv6 X:X::X:a6}", set_address,
                write_address, "Specify the tacacs server address",
                "IPv4 Address", "IPv4 address of the tacacs server",
                "IPv6 Address", "IPv6 address of the tacacs server"),
     .changed = server_changed},
    {ROW_SET("key [0|7] LINE:the-password",
             BINDS(BIND_NUMBER(struct config_tacacs_server, key_type,
                               CONFIG_PASSWORD_AS_TYPED),
                   BIND_SECRET(struct config_tacacs_server, key)),
             "Per-server encryption key", PASSWORD_HELP,
             "The UNENCRYPTED (cleartext) server key"),
     .check = passwords_check_key},
    SET_NUMBER("port <1-65535>", port, CONFIG_TACACS_PORT, PORT_HELP),
    SET_NUMBER("timeout <1-1000>", timeout_s, 0, TIMEOUT_HELP),
    SET_FLAG("single-connection", single_connection, false, SINGLE_HELP),
    ROWS_END,
};

/* --- show tacacs -------------------------------------------------------- */

static void
show_number(struct command *cmd, const char *what, uint64_t value)
{
    out_line(cmd, "%26s: %10" PRIu64, what, value);
}

static void
show_server(struct command *cmd, const struct aaa_target *target)
{
    const struct aaa_state *state =
        aaa_state_of(cmd->router, aaa_servers_states(cmd->router), target);
    const struct aaa_counts *a = &state->auth, *c = &state->acct;
    char address[CONFIG_ADDRESS_TEXT];

    config_address_text(&target->address, address);
    out_line(cmd, "%s", "");
    out_line(cmd, "%-26s: %s/%u", "Tacacs+ Server", address, target->auth_port);
    show_number(cmd, "Socket opens", state->opened);
    show_number(cmd, "Socket closes", state->closed);
    show_number(cmd, "Socket Timeouts", a->timeouts + c->timeouts);
    show_number(cmd, "Total Packets Sent", a->sent + c->sent);
    show_number(cmd, "Total Packets Recv", a->received + c->received);
}

static void
show_tacacs(struct command *cmd)
{
    struct aaa_plan plan;

    if (!aaa_plan_make(cmd->config, AAA_ALL_TACACS, &plan))
        return;
    for (size_t i = 0; i < plan.count; i++)
        show_server(cmd, &plan.targets[i]);
}

const struct cli_row tacacs_show_rows[] = {
    SHOW("show tacacs", 1, show_tacacs, "Shows tacacs+ server statistics"),
    ROWS_END,
};
