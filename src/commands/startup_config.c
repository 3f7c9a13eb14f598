/*
 * What a start would read: `show startup-config`.
 */
#include <errno.h>
#include <string.h>

#include "commands/rows.h"
#include "control/command.h"
#include "control/files.h"
#include "control/storage.h"

#define SECRETS_PRIVILEGE 15 /* the file holds them, and is shown as it is */

static void
on_read(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;

    if (result->err == OK) {
        out_line(cmd, "Using %zu out of %u bytes", result->text.len,
                 STORAGE_CONFIG_MAX);
        out_span(cmd, result->text);
        out(cmd, "\n");
    } else if (result->system_error == ENOENT) {
        out_line(cmd, "startup-config is not present");
    } else {
        out_line(cmd, "%%Error opening nvram:/startup-config (%s)",
                 strerror(result->system_error));
        cmd->failed = true;
    }
    cmd_done(cmd);
}

static void
show_startup_config(struct command *cmd)
{
    struct file_name name;
    int reason;

    if (shell_privilege(cmd->shell) < SECRETS_PRIVILEGE) {
        out_error(cmd, "The file holds secrets: it is shown at level 15");
        return;
    }
    if (file_name_parse("nvram:" FILE_STARTUP, "", &name, &reason) != OK) {
        out_error(cmd, "Error opening %s (%s)", name.shown, strerror(reason));
        return;
    }
    cmd_wait(cmd);
    files_read(cmd->router, &name, STORAGE_CONFIG_MAX, on_read, cmd);
}

const struct cli_row startup_rows[] = {
    SHOW("show configuration", 15, show_startup_config,
         "Contents of Non-Volatile memory"),
    SHOW("show startup-config", 15, show_startup_config,
         "Contents of startup configuration"),
    ROWS_END,
};
