/*
 * `archive` and what is in it: copies of the running configuration.
 */
#include "control/archive.h"

#include <errno.h>

#include "commands/file_names.h"
#include "commands/replace.h"
#include "commands/rows.h"
#include "control/config_log.h"

static void
on_changed(const struct cli_change *change)
{
    archive_update(change->owner);
    config_log_update(change->owner);
}

static void
on_log_changed(const struct cli_change *change)
{
    config_log_update(change->owner);
}

const struct cli_row archive_rows[] = {
    {ROW_SECTION_OF("archive", archive, config_archive, &archive_mode,
                    "Archive the configuration"),
     .changed = on_changed},
    ROWS_END,
};

#undef CLI_BASE
#define CLI_BASE struct config_archive

static const char *
check_path(struct cli_change *change)
{
    const char *path = cli_text(change->match, "archive-path");

    return path == NULL ? NULL : archive_check_path(path);
}

const struct cli_row archive_line_rows[] = {
    GROUP("log", "Logging commands"),
    {ROW_SECTION_OF("log config", changes, config_change_log, &archive_log_mode,
                    "Config logger commands"),
     .changed = on_log_changed},
    {ROW_SET_TEXT("path WORD:archive-path", path, NULL,
                  "Path for backups of the configuration",
                  "File below flash:; $h is the host name, $t the time"),
     .check = check_path},
    SET_NUMBER("maximum <1-14>", maximum, CONFIG_ARCHIVE_MAXIMUM,
               "Maximum number of backup copies",
               "Number of files that are kept"),
    SET_FLAG("write-memory", write_memory, false,
             "Enable automatic backup generation during write memory"),
    {ROW_SET_NUMBER("time-period <1-525600>", time_period_min, 0,
                    "Period of time in minutes to automatically archive the "
                    "running-config",
                    "Number of minutes to wait between archive creation"),
     .changed = on_changed},
    ROWS_END,
};

#undef CLI_BASE
#define CLI_BASE struct config_change_log

static const char *
set_notify(struct cli_change *change)
{
    struct config_change_log *log = change->section;

    log->notify = !cli_restores(change->match);
    return NULL;
}

static void
write_notify(struct cli_writer *writer, const void *section, bool all)
{
    const struct config_change_log *log = section;

    (void)all;
    if (log->notify)
        cli_write_line(writer, "notify syslog");
}

const struct cli_row archive_log_rows[] = {
    GROUP("logging", "Modify config logging parameters"),
    {ROW_SET_FLAG("logging enable", enabled, false, "Enable the config logger"),
     .changed = on_log_changed},
    {ROW_SET_NUMBER("logging size <1-1000>", size, CONFIG_CHANGE_LOG_SIZE,
                    "Set the number of entries in the config log",
                    "Number of entries"),
     .changed = on_log_changed},
    SET_BY("notify syslog [contenttype plaintext]", set_notify, write_notify,
           "Notification of changes", "Send them to syslog",
           "What a message looks like", "Plain text"),
    ROWS_END,
};

/* --- archive config ----------------------------------------------------- */

static void
on_stored(void *owner, const struct archive_state *state)
{
    struct command *cmd = owner;

    if (state->system_error != 0)
        file_failed(cmd, "writing", state->shown, state->system_error);
    cmd_done(cmd);
}

static void
archive_config(struct command *cmd)
{
    if (!archive_is_on(cmd->router)) {
        out_line(cmd, "Archive feature not enabled");
        cmd->failed = true;
        return;
    }
    if (!replace_is_over(cmd))
        return;
    archive_store(cmd->router, on_stored, cmd);
    cmd_wait(cmd);
}

/* --- show archive ------------------------------------------------------- */

/* One more than may be there is there until the next one is saved. */
static void
on_listed(void *owner, const struct archive_state *state)
{
    struct command *cmd = owner;
    size_t rows = cmd->config->archive.maximum;

    if (state->system_error != 0 && state->system_error != ENOENT) {
        file_failed(cmd, "opening", "flash:/", state->system_error);
        cmd_done(cmd);
        return;
    }
    out_line(cmd, "The maximum archive configurations allowed is %u.",
             (unsigned)cmd->config->archive.maximum);
    out_line(cmd, "There are currently %zu archive configurations saved.",
             state->count);
    if (state->shown[0] != '\0')
        out_line(cmd, "The next archive file will be named %s", state->shown);
    out_line(cmd, " Archive #  Name");
    if (state->count > rows)
        rows = state->count;
    for (size_t i = 0; i < rows; i++)
        out_line(cmd, "   %-8zu %s%s", i + 1,
                 i < state->count ? state->files[i].shown : "",
                 i + 1 == state->count ? " <- Most Recent" : "");
    cmd_done(cmd);
}

static void
show_archive(struct command *cmd)
{
    if (!archive_is_on(cmd->router)) {
        out_line(cmd, "Archive feature not enabled");
        return;
    }
    archive_list(cmd->router, on_listed, cmd);
    cmd_wait(cmd);
}

const struct cli_row archive_exec_rows[] = {
    GROUP("archive", "Manage archive files"),
    EXEC("archive config", 15, archive_config,
         "Archive the running configuration"),
    SHOW("show archive", 15, show_archive, "Archive functions"),
    ROWS_END,
};
