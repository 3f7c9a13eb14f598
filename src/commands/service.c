/*
 * `service ...`: what stands before log lines, and in whose name `show
 * version` speaks.
 */
#include <stdio.h>

#include "base/text.h"
#include "commands/passwords.h"
#include "commands/rows.h"
#include "control/command.h"

/* What one line gives; `default` is that of config.h. */
static void
set_one(const struct cli_match *match, struct config_timestamps *to)
{
    if (match->defaulted) {
        config_type_init(&config_timestamps_type, to);
        return;
    }
    *to = (struct config_timestamps){.form = CONFIG_STAMP_UPTIME};
    if (match->negated)
        to->form = CONFIG_STAMP_NONE;
    if (match->negated || !cli_given(match, "datetime"))
        return;
    to->form = CONFIG_STAMP_DATETIME;
    to->msec = cli_given(match, "msec");
    to->localtime = cli_given(match, "localtime");
    to->zone = cli_given(match, "show-timezone");
    to->year = cli_given(match, "year");
}

/* Alone it speaks of debug lines; taken back, of both kinds. */
static const char *
set_timestamps(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    bool debug = cli_given(match, "debug");
    bool log = cli_given(match, "log");
    bool removes = cli_restores(match);

    if (debug || !log)
        set_one(match, &change->config->debug_timestamps);
    if (log || (!debug && removes))
        set_one(match, &change->config->log_timestamps);
    return NULL;
}

static void
write_one(struct cli_writer *writer, const char *kind,
          const struct config_timestamps *how)
{
    switch (how->form) {
    case CONFIG_STAMP_NONE:
        cli_write_line(writer, "no service timestamps %s", kind);
        break;
    case CONFIG_STAMP_UPTIME:
        cli_write_line(writer, "service timestamps %s uptime", kind);
        break;
    default:
        cli_write_line(
            writer, "service timestamps %s datetime%s%s%s%s", kind,
            how->msec ? " msec" : "", how->localtime ? " localtime" : "",
            how->zone ? " show-timezone" : "", how->year ? " year" : "");
        break;
    }
}

/* Written also when they are the defaults, as 12.4 does. */
static void
write_timestamps(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    write_one(writer, "debug", &config->debug_timestamps);
    write_one(writer, "log", &config->log_timestamps);
}

/* What is there already is hidden as well; `no` leaves it so. */
static void
on_encryption(const struct cli_change *change)
{
    if (change->config->password_encryption)
        passwords_hide(change->config);
}

const struct cli_row service_rows[] = {
    GROUP("service", "Modify use of network based services"),
    SET_FLAG("service tcp-keepalives-in", tcp_keepalives_in, false,
             "Generate keepalives on idle incoming network connections"),
    SET_FLAG("service tcp-keepalives-out", tcp_keepalives_out, false,
             "Generate keepalives on idle outgoing network connections"),
    SET_BY("service timestamps [debug|log] [uptime|datetime "
           "[msec|localtime|show-timezone|year]...]",
           set_timestamps, write_timestamps, "Timestamp debug/log messages",
           "Timestamp debug messages", "Timestamp log messages",
           "Timestamp with system uptime", "Timestamp with date and time",
           "Include milliseconds in timestamp",
           "Use local time zone for timestamps",
           "Add time zone information to timestamp",
           "Include year in timestamp"),
    {ROW_SET_FLAG("service password-encryption", password_encryption, false,
                  "Encrypt system passwords"),
     .changed = on_encryption, .always = true},
    SET_FLAG("service sequence-numbers", sequence_numbers, false,
             "Stamp logger messages with a sequence number"),
    SET_FLAG("service show-version ios", show_version_ios, false,
             "How show version begins",
             "As tools expect it that look for Cisco IOS Software"),
    ROWS_END,
};
