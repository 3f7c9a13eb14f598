/*
 * Who is told by SNMP that a session has ended, and how: `snmp-server ...`.
 * The users of version 3 are in snmp_user.c.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"
#include "commands/interface_name.h"
#include "commands/rows.h"
#include "commands/snmp_names.h"
#include "control/snmp.h"
#include "control/snmp_users.h"

#define COMMUNITY "the-community"

static void
on_changed(const struct cli_change *change)
{
    /* Any of its settings makes SNMP run again, as on IOS. */
    if (!cli_restores(change->match))
        change->config->snmp.on = true;
    snmp_changed(change->owner, change->config);
}

static void
on_switched(const struct cli_change *change)
{
    snmp_changed(change->owner, change->config);
}

/* --- snmp-server host --------------------------------------------------- */

static uint8_t
typed_version(const struct cli_match *match)
{
    if (cli_given(match, "3"))
        return CONFIG_SNMP_V3;
    return cli_given(match, "2c") ? CONFIG_SNMP_V2C : CONFIG_SNMP_V1;
}

static uint8_t
host_level(const struct cli_match *match)
{
    if (!cli_given(match, "3"))
        return 0;
    if (cli_given(match, "priv"))
        return CONFIG_SNMP_PRIV;
    return cli_given(match, "auth") ? CONFIG_SNMP_AUTH : CONFIG_SNMP_NOAUTH;
}

/* Of what the line says, as far as it does; behind `no` that may be little. */
static bool
is_meant(const struct config_snmp_host *host, const struct cli_match *match)
{
    const char *community = cli_text(match, COMMUNITY);

    if (!text_equal_nocase(host->host, cli_text(match, "manager")))
        return false;
    if (cli_given(match, "traps") || cli_given(match, "informs"))
        if (host->informs != cli_given(match, "informs"))
            return false;
    if (cli_given(match, "port") && cli_number(match, "port") != host->port)
        return false;
    return community == NULL || strcmp(host->community.text, community) == 0;
}

static void
remove_hosts(struct config_list *hosts, const struct cli_match *match)
{
    for (size_t i = hosts->count; i-- > 0;)
        if (is_meant(hosts->items[i], match))
            config_list_remove(hosts, &config_snmp_host_type, i);
}

/* The entry of that host, community and kind; a new one, NULL: no room. */
static struct config_snmp_host *
host_for(struct config_list *hosts, const struct cli_match *match)
{
    struct config_snmp_host *host;

    for (size_t i = 0; i < hosts->count; i++) {
        host = hosts->items[i];
        if (is_meant(host, match) &&
            host->informs == cli_given(match, "informs"))
            return host;
    }
    if (hosts->count == SNMP_HOSTS_MAX)
        return NULL;
    return config_list_append(hosts, &config_snmp_host_type);
}

static const char *
set_host(struct cli_change *change)
{
    struct config_list *hosts = &change->config->snmp.hosts.list;
    const struct cli_match *match = change->match;
    const char *community = cli_text(match, COMMUNITY);
    struct config_snmp_host *host;

    if (cli_text(match, "manager") == NULL)
        return "% Incomplete command.";
    if (cli_restores(match)) {
        remove_hosts(hosts, match);
        return NULL;
    }
    if (cli_given(match, "1") && cli_given(match, "informs"))
        return "%Informs are not supported for version 1";
    if (cli_given(match, "informs") && !cli_given(match, "version"))
        return "%Informs need version 2c or 3";
    if (cli_given(match, "3") && strlen(community) > SNMP_USER_MAX)
        return "%Username is longer than 32 characters";
    host = host_for(hosts, match);
    if (host == NULL)
        return "% Too many entries";
    config_text_set(&host->host, cli_text(match, "manager"));
    config_secret_set(&host->community, community);
    host->informs = cli_given(match, "informs");
    host->version = typed_version(match);
    host->level = host_level(match);
    host->port = cli_number_or(match, "port", CONFIG_SNMP_PORT);
    host->tty = cli_given(match, "tty");
    return NULL;
}

/* Two blanks before the type where the line has no version: so does IOS. */
static void
write_hosts(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;
    const struct config_list *hosts = &config->snmp.hosts.list;

    (void)all;
    for (size_t i = 0; i < hosts->count; i++) {
        const struct config_snmp_host *host = hosts->items[i];
        char version[24] = "", port[24] = "";
        bool named = host->version != CONFIG_SNMP_V1;

        if (named)
            snprintf(version, sizeof(version), "version %s ",
                     snmp_version_name(host));
        if (host->port != CONFIG_SNMP_PORT)
            snprintf(port, sizeof(port), " udp-port %u", host->port);
        cli_write_line(writer, "snmp-server host %s %s%s%s%s%s", host->host,
                       host->informs ? "informs " : "", version,
                       cli_write_secret(writer, host->community.text), port,
                       host->tty ? (named ? " tty" : "  tty") : "");
    }
}

/* --- snmp-server inform ------------------------------------------------- */

static void
set_number(const struct cli_match *match, const char *word, const char *name,
           uint32_t usual, uint32_t *value)
{
    if (cli_given(match, word))
        *value = cli_given(match, name) && !cli_restores(match)
                     ? cli_number(match, name)
                     : usual;
}

static const char *
set_inform(struct cli_change *change)
{
    struct config_snmp *snmp = &change->config->snmp;
    const struct cli_match *match = change->match;

    /* `no snmp-server inform`; what is set names one of them. */
    if (!cli_given(match, "pending") && !cli_given(match, "retries") &&
        !cli_given(match, "timeout")) {
        snmp->inform_flight = CONFIG_SNMP_INFORM_FLIGHT;
        snmp->inform_tries = CONFIG_SNMP_INFORM_TRIES;
        snmp->inform_wait_s = CONFIG_SNMP_INFORM_WAIT;
        return NULL;
    }
    set_number(match, "pending", "flight", CONFIG_SNMP_INFORM_FLIGHT,
               &snmp->inform_flight);
    set_number(match, "retries", "again", CONFIG_SNMP_INFORM_TRIES,
               &snmp->inform_tries);
    set_number(match, "timeout", "wait", CONFIG_SNMP_INFORM_WAIT,
               &snmp->inform_wait_s);
    return NULL;
}

static void
write_inform(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_snmp *snmp = &((const struct config *)section)->snmp;
    char pending[24] = "", retries[24] = "", timeout[24] = "";

    if (all || snmp->inform_flight != CONFIG_SNMP_INFORM_FLIGHT)
        snprintf(pending, sizeof(pending), " pending %u", snmp->inform_flight);
    if (all || snmp->inform_tries != CONFIG_SNMP_INFORM_TRIES)
        snprintf(retries, sizeof(retries), " retries %u", snmp->inform_tries);
    if (all || snmp->inform_wait_s != CONFIG_SNMP_INFORM_WAIT)
        snprintf(timeout, sizeof(timeout), " timeout %u", snmp->inform_wait_s);
    if (pending[0] != '\0' || retries[0] != '\0' || timeout[0] != '\0')
        cli_write_line(writer, "snmp-server inform%s%s%s", pending, retries,
                       timeout);
}

/* --- snmp-server trap-source -------------------------------------------- */

static const char *
set_source(struct cli_change *change)
{
    return interface_name_set(change->match,
                              &change->config->snmp.source_interface);
}

static void
write_source(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    interface_name_write(writer, "snmp-server trap-source",
                         config->snmp.source_interface);
}

/* In the order of IOS's configuration; `no snmp-server` is the last word. */
const struct cli_row snmp_rows[] = {
    {ROW_SET_BY("snmp-server trap-source " INTERFACE_NAME, set_source,
                write_source,
                "Assign an interface for the source address of all traps",
                INTERFACE_NAME_HELP),
     .changed = on_changed},
    {ROW_SET_NUMBER("snmp-server queue-length <1-5000>", snmp.queue_length,
                    CONFIG_SNMP_QUEUE_LENGTH,
                    "Message queue length for each TRAP host", "Queue length"),
     .changed = on_changed},
    {ROW_SET_TEXT("snmp-server location LINE", snmp.location, NULL,
                  "Text for mib object sysLocation", "Location of this system"),
     .changed = on_changed},
    {ROW_SET_TEXT("snmp-server contact LINE", snmp.contact, NULL,
                  "Text for mib object sysContact",
                  "identification of the contact person for this managed node"),
     .changed = on_changed},
    {ROW_SET_FLAG("snmp-server enable traps [tty]!", snmp.traps_tty, false,
                  "Enable SNMP Traps", "Enable SNMP Traps",
                  "Enable TCP connection traps"),
     .changed = on_changed},
    {ROW_SET_BY(
         "snmp-server host WORD:manager [traps|informs] "
         "[version {1|2c|3 {auth|noauth|priv}}] WORD:" COMMUNITY " "
         "[udp-port <1-65535>:port] [tty]",
         set_host, write_hosts, "Specify hosts to receive SNMP notifications",
         "IP or IPV6 address or hostname of SNMP notification host",
         "Send Trap messages to this host", "Send Inform messages to this host",
         "SNMP version to use for notification messages", "Use SNMPv1",
         "Use SNMPv2c", "Use SNMPv3",
         "Use the SNMPv3 authNoPriv Security Level",
         "Use the SNMPv3 noAuthNoPriv Security Level",
         "Use the SNMPv3 authPriv Security Level",
         "SNMPv1/v2c community string or SNMPv3 user name",
         "The notification host's UDP port number (default port 162)",
         "Port number", "Allow TCP connection traps"),
     .changed = on_changed, .secrets = COMMUNITY},
    {ROW_SET_BY("snmp-server inform {pending <1-1000>:flight|"
                "retries <0-100>:again|timeout <1-3600>:wait}...",
                set_inform, write_inform, "Configure SNMP Informs options",
                "Set number of unacked informs to hold",
                "Number of informs to hold until acked",
                "Set retry count for informs", "Retry count",
                "Set timeout for informs", "Timeout in seconds"),
     .changed = on_changed},
    {ROW_SET_FLAG("snmp-server", snmp.on, true,
                  "Modify SNMP engine parameters"),
     .changed = on_switched},
    ROWS_END,
};
