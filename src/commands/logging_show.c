/*
 * `show logging`, `clear logging`.
 */
#include <stdio.h>

#include "commands/answers.h"
#include "commands/collectors.h"
#include "commands/log_level.h"
#include "commands/rows.h"
#include "control/collectors.h"
#include "control/command.h"
#include "control/log_outputs.h"

#define SHOWN_MAX (32u * 1024 * 1024) /* bytes of the buffer, the newest */

/* --- show logging ------------------------------------------------------- */

static void
show_head(struct command *cmd, const struct log_counts *counts)
{
    out_line(
        cmd,
        "Syslog logging: %s (%llu messages dropped, %llu messages "
        "rate-limited, %llu flushes, %llu overruns, xml disabled, "
        "filtering disabled)",
        cmd->config->logging.on ? "enabled" : "disabled",
        (unsigned long long)(counts->dropped + collectors_dropped(cmd->router)),
        (unsigned long long)counts->rate_limited,
        (unsigned long long)counts->flushes,
        (unsigned long long)counts->overruns);
    out(cmd, "\nNo Active Message Discriminator.\n\n\n\n"
             "No Inactive Message Discriminator.\n\n\n");
}

/* `blanks` before the second line. */
static void
show_output(struct command *cmd, const char *heading, uint32_t level,
            uint64_t lines, int blanks)
{
    if (level == CONFIG_LOGGING_OFF)
        out_line(cmd, "    %s disabled", heading);
    else
        out_line(cmd,
                 "    %s level %s, %llu messages logged, xml disabled,\n"
                 "%*sfiltering disabled",
                 heading, log_level_name(level), (unsigned long long)lines,
                 blanks, "");
}

static void
skip(struct span *text, size_t bytes)
{
    if (bytes > text->len)
        bytes = text->len;
    *text = span_of(text->ptr + bytes, text->len - bytes);
}

static bool
continues_character(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

static void
show_buffer(struct command *cmd)
{
    struct span older, newer;

    log_outputs_read(cmd->router, &older, &newer);
    out_line(cmd, "Log Buffer (%u bytes):\n",
             cmd->config->logging.buffer_bytes);
    if (older.len + newer.len > SHOWN_MAX) {
        size_t much = older.len + newer.len - SHOWN_MAX;

        skip(&newer, much > older.len ? much - older.len : 0);
        skip(&older, much);
    }
    /* The ring may have cut the first line inside of a character. */
    while (older.len > 0 && continues_character(*older.ptr))
        skip(&older, 1);
    out_span(cmd, older);
    out_span(cmd, newer);
}

static void
show_logging(struct command *cmd)
{
    const struct config_logging *logging = &cmd->config->logging;
    struct log_counts counts = log_outputs_counts(cmd->router);

    show_head(cmd, &counts);
    show_output(cmd, "Console logging:", logging->console, counts.console, 21);
    show_output(cmd, "Monitor logging:", logging->monitor, counts.monitor, 21);
    show_output(cmd, "Buffer logging: ", logging->buffered, counts.buffer, 20);
    out(cmd, "    Exception Logging: disabled\n"
             "    Count and timestamp logging messages: disabled\n"
             "    Persistent logging: disabled\n"
             "\nNo active filter modules.\n\n");
    collectors_show(cmd);
    if (logging->buffered != CONFIG_LOGGING_OFF)
        show_buffer(cmd);
}

/* --- clear logging ------------------------------------------------------ */

static void
on_confirmed(struct command *cmd, const char *text)
{
    if (text != NULL && answer_confirms(text))
        log_outputs_empty(cmd->router);
}

static void
clear_logging(struct command *cmd)
{
    cmd_ask(cmd, "Clear logging buffer [confirm]", ASK_KEY, 0, on_confirmed);
}

const struct cli_row logging_exec_rows[] = {
    SHOW("show logging", 1, show_logging,
         "Show the contents of logging buffers"),
    EXEC("clear logging", 15, clear_logging, "Clear logging buffer"),
    ROWS_END,
};
