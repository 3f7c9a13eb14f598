/*
 * Where log lines go: `logging ...`, but for collectors.
 */
#include <stdio.h>

#include "base/log.h"
#include "commands/log_level.h"
#include "commands/rows.h"
#include "control/log_outputs.h"

#define RATE "<1-10000>:rate"

static void
on_changed(const struct cli_change *change)
{
    log_outputs_update(change->owner);
}

/* --- console, monitor --------------------------------------------------- */

static uint32_t
level_of(const struct cli_match *match)
{
    if (match->negated)
        return CONFIG_LOGGING_OFF;
    return match->defaulted ? LOG_DEBUGGING
                            : log_level_given(match, LOG_DEBUGGING);
}

static const char *
set_console(struct cli_change *change)
{
    change->config->logging.console = level_of(change->match);
    return NULL;
}

static const char *
set_monitor(struct cli_change *change)
{
    change->config->logging.monitor = level_of(change->match);
    return NULL;
}

static void
write_level(struct cli_writer *writer, const char *what, uint32_t level,
            bool all)
{
    if (level == CONFIG_LOGGING_OFF)
        cli_write_line(writer, "no logging %s", what);
    else if (level != LOG_DEBUGGING || all)
        cli_write_line(writer, "logging %s %s", what, log_level_name(level));
}

static void
write_console(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    write_level(writer, "console", config->logging.console, all);
}

static void
write_monitor(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    write_level(writer, "monitor", config->logging.monitor, all);
}

/* --- the buffer --------------------------------------------------------- */

static const char *
set_buffered(struct cli_change *change)
{
    struct config_logging *logging = &change->config->logging;

    logging->buffered = level_of(change->match);
    if (cli_restores(change->match))
        logging->buffer_bytes = CONFIG_LOGGING_BUFFER;
    else if (cli_given(change->match, "size"))
        logging->buffer_bytes = cli_number(change->match, "size");
    return NULL;
}

static void
write_buffered(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_logging *logging =
        &((const struct config *)section)->logging;

    if (logging->buffered == CONFIG_LOGGING_OFF)
        cli_write_line(writer, "no logging buffered");
    else if (logging->buffered != LOG_DEBUGGING)
        cli_write_line(writer, "logging buffered %u %s", logging->buffer_bytes,
                       log_level_name(logging->buffered));
    else if (logging->buffer_bytes != CONFIG_LOGGING_BUFFER || all)
        cli_write_line(writer, "logging buffered %u", logging->buffer_bytes);
}

/* --- so many a second --------------------------------------------------- */

static const char *
set_rate(struct cli_change *change)
{
    struct config_logging *logging = &change->config->logging;
    const struct cli_match *match = change->match;
    bool removes = cli_restores(match);

    logging->rate = removes ? 0 : cli_number(match, "rate");
    logging->rate_all = !removes && cli_given(match, "all");
    logging->rate_console = !removes && cli_given(match, "console");
    logging->rate_except = removes ? CONFIG_LOGGING_OFF
                                   : log_level_given(match, CONFIG_LOGGING_OFF);
    return NULL;
}

static void
write_rate(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_logging *logging =
        &((const struct config *)section)->logging;
    bool except = logging->rate_except != CONFIG_LOGGING_OFF;

    (void)all;
    if (logging->rate != 0)
        cli_write_line(writer, "logging rate-limit %s%s%u%s%s",
                       logging->rate_console ? "console " : "",
                       logging->rate_all ? "all " : "", logging->rate,
                       except ? " except " : "",
                       log_level_name(logging->rate_except));
}

const struct cli_row logging_rows[] = {
    GROUP("logging", "Modify message logging facilities"),
    SET_FLAG("logging on", logging.on, true,
             "Enable logging to all enabled destinations"),
    SET_FLAG("logging userinfo", logging.userinfo, false,
             "Enable logging of user info on privileged mode enabling"),
    {ROW_SET_BY("logging buffered [<4096-2147483647>:size] [" LOG_LEVEL "]",
                set_buffered, write_buffered, "Set buffered logging parameters",
                "Logging buffer size", LOG_LEVEL_HELP),
     .changed = on_changed},
    SET_BY("logging rate-limit {" RATE "|all " RATE "|console {" RATE
           "|all " RATE "}} [except {" LOG_LEVEL "}]",
           set_rate, write_rate, "Set messages per second limit",
           "Messages per second", "Rate limit also debug messages",
           "Messages per second", "Rate limit only console messages",
           "Messages per second", "Rate limit also debug messages",
           "Messages per second", "Messages of this severity or higher",
           LOG_LEVEL_HELP),
    SET_BY("logging console [" LOG_LEVEL "]", set_console, write_console,
           "Set console logging parameters", LOG_LEVEL_HELP),
    SET_BY("logging monitor [" LOG_LEVEL "]", set_monitor, write_monitor,
           "Set terminal line (monitor) logging parameters", LOG_LEVEL_HELP),
    ROWS_END,
};
