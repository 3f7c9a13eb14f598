/*
 * Who collects log lines, and what is sent: `logging host`, `logging trap`,
 * `logging origin-id`, `logging facility`, `logging source-interface`.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"
#include "commands/interface_name.h"
#include "commands/log_level.h"
#include "commands/rows.h"
#include "control/collectors.h"

static void
on_changed(const struct cli_change *change)
{
    collectors_changed(change->owner, change->config);
}

/* --- logging trap ------------------------------------------------------- */

static const char *
set_trap(struct cli_change *change)
{
    change->config->log_remote.trap_level =
        change->match->negated
            ? CONFIG_LOGGING_OFF
            : log_level_given(change->match, CONFIG_LOG_TRAP_LEVEL);
    if (change->match->defaulted)
        change->config->log_remote.trap_level = CONFIG_LOG_TRAP_LEVEL;
    return NULL;
}

static void
write_trap(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;
    uint32_t level = config->log_remote.trap_level;

    if (level == CONFIG_LOGGING_OFF)
        cli_write_line(writer, "no logging trap");
    else if (level != CONFIG_LOG_TRAP_LEVEL || all)
        cli_write_line(writer, "logging trap %s", log_level_name(level));
}

/* --- logging origin-id -------------------------------------------------- */

static const char *
set_origin(struct cli_change *change)
{
    struct config_log_remote *remote = &change->config->log_remote;
    const struct cli_match *match = change->match;

    config_text_set(&remote->origin_text, NULL);
    remote->origin = CONFIG_LOG_ORIGIN_NONE;
    if (cli_restores(match))
        return NULL;
    if (cli_given(match, "hostname"))
        remote->origin = CONFIG_LOG_ORIGIN_HOSTNAME;
    else if (cli_given(match, "ip"))
        remote->origin = CONFIG_LOG_ORIGIN_IP;
    else
        remote->origin = CONFIG_LOG_ORIGIN_STRING;
    if (remote->origin == CONFIG_LOG_ORIGIN_STRING)
        config_text_set(&remote->origin_text, cli_text(match, "text"));
    return NULL;
}

static void
write_origin(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_log_remote *remote =
        &((const struct config *)section)->log_remote;

    (void)all;
    if (remote->origin == CONFIG_LOG_ORIGIN_HOSTNAME)
        cli_write_line(writer, "logging origin-id hostname");
    else if (remote->origin == CONFIG_LOG_ORIGIN_IP)
        cli_write_line(writer, "logging origin-id ip");
    else if (remote->origin == CONFIG_LOG_ORIGIN_STRING)
        cli_write_line(writer, "logging origin-id string %s",
                       remote->origin_text);
}

/* --- logging facility --------------------------------------------------- */

/* IOS numbers what stands between news and local0 as SunOS did. */
static const char *const facilities[] = {
    "kern",   "user",   "mail",   "daemon", "auth",   "syslog",
    "lpr",    "news",   "uucp",   "sys9",   "sys10",  "sys11",
    "sys12",  "sys13",  "sys14",  "cron",   "local0", "local1",
    "local2", "local3", "local4", "local5", "local6", "local7"};

#define FACILITIES (sizeof(facilities) / sizeof(facilities[0]))

static const char *
set_facility(struct cli_change *change)
{
    uint32_t *facility = &change->config->log_remote.facility;

    *facility = CONFIG_LOG_FACILITY;
    if (cli_restores(change->match))
        return NULL;
    for (uint32_t i = 0; i < FACILITIES; i++)
        if (cli_given(change->match, facilities[i]))
            *facility = i;
    return NULL;
}

static void
write_facility(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;
    uint32_t facility = config->log_remote.facility;

    if ((facility != CONFIG_LOG_FACILITY || all) && facility < FACILITIES)
        cli_write_line(writer, "logging facility %s", facilities[facility]);
}

/* --- logging source-interface ------------------------------------------- */

static const char *
set_source(struct cli_change *change)
{
    return interface_name_set(change->match,
                              &change->config->log_remote.source_interface);
}

static void
write_source(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    interface_name_write(writer, "logging source-interface",
                         config->log_remote.source_interface);
}

/* --- logging host ------------------------------------------------------- */

/* What a line says of a collector. */
struct wanted {
    struct config_address address;
    const char *name; /* NULL: it has the address */
    uint32_t transport, port;
};

static struct wanted
wanted_of(const struct cli_match *match)
{
    bool tcp = cli_given(match, "tcp");
    struct wanted wanted = {
        .transport = tcp ? CONFIG_LOG_TCP : CONFIG_LOG_UDP,
        .port = tcp ? CONFIG_LOG_TCP_PORT : CONFIG_LOG_UDP_PORT,
    };

    if (cli_given(match, "a4"))
        wanted.address = cli_address(match, "a4");
    else if (cli_given(match, "a6"))
        wanted.address = cli_address(match, "a6");
    else
        wanted.name = cli_text(match, "name");
    wanted.port = cli_number_or(match, "number", wanted.port);
    return wanted;
}

static bool
is_of_host(const struct config_log_host *host, const struct wanted *wanted)
{
    if (host->name != NULL || wanted->name != NULL)
        return host->name != NULL && wanted->name != NULL &&
               text_equal_nocase(host->name, wanted->name);
    return config_address_equal(&host->address, &wanted->address);
}

static bool
is_the_one(const struct config_log_host *host, const struct wanted *wanted)
{
    return is_of_host(host, wanted) && host->transport == wanted->transport &&
           host->port == wanted->port;
}

/* Without a transport all of that host go. */
static void
remove_hosts(struct config_list *hosts, const struct cli_match *match)
{
    struct wanted wanted = wanted_of(match);

    for (size_t i = hosts->count; i-- > 0;)
        if (cli_given(match, "transport")
                ? is_the_one(hosts->items[i], &wanted)
                : is_of_host(hosts->items[i], &wanted))
            config_list_remove(hosts, &config_log_host_type, i);
}

static struct config_log_host *
host_for(struct config_list *hosts, const struct wanted *wanted)
{
    struct config_log_host *host;

    for (size_t i = 0; i < hosts->count; i++)
        if (is_the_one(hosts->items[i], wanted))
            return hosts->items[i];
    if (hosts->count == CONFIG_LOG_HOSTS_MAX)
        return NULL;
    host = config_list_append(hosts, &config_log_host_type);
    host->address = wanted->address;
    config_text_set(&host->name, wanted->name);
    host->transport = (uint8_t)wanted->transport;
    host->port = wanted->port;
    return host;
}

static const char *
set_host(struct cli_change *change)
{
    struct config_list *hosts = &change->config->log_remote.hosts.list;
    struct wanted wanted = wanted_of(change->match);
    struct config_log_host *host;

    if (cli_restores(change->match)) {
        remove_hosts(hosts, change->match);
        return NULL;
    }
    host = host_for(hosts, &wanted);
    if (host == NULL)
        return "% Too many logging hosts";
    host->format = cli_given(change->match, "rfc5424") ? CONFIG_LOG_RFC5424
                                                       : CONFIG_LOG_IOS;
    return NULL;
}

/* Without the word `host`: an address, no name. */
static const char *
set_address(struct cli_change *change)
{
    if (!cli_given(change->match, "a4") && !cli_given(change->match, "a6"))
        return "% Incomplete command.";
    return set_host(change);
}

static void
write_host(struct cli_writer *writer, const struct config_log_host *host)
{
    bool tcp = host->transport == CONFIG_LOG_TCP;
    bool usual =
        host->port == (tcp ? CONFIG_LOG_TCP_PORT : CONFIG_LOG_UDP_PORT);
    char address[CONFIG_ADDRESS_TEXT], port[24] = "";

    config_address_text(&host->address, address);
    if (!usual)
        snprintf(port, sizeof(port), " port %u", host->port);
    cli_write_line(writer, "logging host %s%s%s%s",
                   host->name != NULL ? host->name : address,
                   tcp      ? " transport tcp"
                   : !usual ? " transport udp"
                            : "",
                   port,
                   host->format == CONFIG_LOG_RFC5424 ? " format rfc5424" : "");
}

static void
write_hosts(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    for (size_t i = 0; i < config->log_remote.hosts.list.count; i++)
        write_host(writer, config->log_remote.hosts.list.items[i]);
}

#define WAY " [transport {udp|tcp} [port <1-65535>:number]] [format rfc5424]"
#define WAY_HELP                                                              \
    "Specify the transport protocol (default=UDP)", "User Datagram Protocol", \
        "Transport Control Protocol", "Specify the port number",              \
        "Port number", "Specify the format of messages (default=IOS's own)",  \
        "RFC 5424"
#define LOCAL "Local use"
#define SYS   "System use"

const struct cli_row collector_rows[] = {
    SET_BY("logging trap [" LOG_LEVEL "]", set_trap, write_trap,
           "Set syslog server logging level", LOG_LEVEL_HELP),
    SET_BY("logging origin-id {hostname|ip|string LINE:text}", set_origin,
           write_origin, "Add origin ID to syslog messages",
           "Use origin hostname as ID", "Use origin IP address as ID",
           "Define a unique text string as ID", "A text string as ID"),
    SET_BY("logging facility {auth|cron|daemon|kern|local0|local1|local2|"
           "local3|local4|local5|local6|local7|lpr|mail|news|sys10|sys11|"
           "sys12|sys13|sys14|sys9|syslog|user|uucp}",
           set_facility, write_facility,
           "Facility parameter for syslog messages", "Authorization system",
           "Cron/at facility", "System daemons", "Kernel", LOCAL, LOCAL, LOCAL,
           LOCAL, LOCAL, LOCAL, LOCAL, LOCAL, "Line printer system",
           "Mail system", "USENET news", SYS, SYS, SYS, SYS, SYS, SYS,
           "Syslog itself", "User process", "Unix-to-Unix copy system"),
    {ROW_SET_BY("logging source-interface " INTERFACE_NAME, set_source,
                write_source,
                "Specify interface for source address in logging transactions",
                INTERFACE_NAME_HELP),
     .changed = on_changed},
    {ROW_SET_BY("logging host {A.B.C.D:a4|X:X::X:a6|WORD:name}" WAY, set_host,
                write_hosts, "Set syslog server IP address and parameters",
                "IP address of the syslog server",
                "IPv6 address of the syslog server",
                "Hostname of the syslog server", WAY_HELP),
     .changed = on_changed},
    {ROW_SET_BY("logging {A.B.C.D:a4|X:X::X:a6}" WAY, set_address, write_hosts,
                "IP address of the logging host",
                "IPv6 address of the logging host", WAY_HELP),
     .changed = on_changed, .alias = true},
    ROWS_END,
};
