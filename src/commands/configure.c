/*
 * Into configuration mode and out of it.
 */
#include "commands/configure.h"

#include "base/text.h"
#include "commands/answers.h"
#include "commands/file_names.h"
#include "commands/merge.h"
#include "commands/rows.h"
#include "control/storage.h"

#define STARTUP_SHOWN "nvram:startup-config"

void
configure_terminal(struct command *cmd)
{
    out_line(cmd, "Enter configuration commands, one per line.  "
                  "End with CNTL/Z.");
    shell_set_mode(cmd->shell, &config_mode);
}

/* --- configure memory --------------------------------------------------- */

static void
merge_forget(void *state)
{
    merge_free(state);
}

static void
on_merged(struct command *cmd)
{
    cmd_done(cmd);
}

/* ^C: what was carried out stays. */
static void
cancel_merge(struct command *cmd)
{
    merge_free(cmd->state);
    cmd->state = NULL;
    cmd_done(cmd);
}

static void
on_startup_read(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct buf text;

    cmd->cancel = NULL;
    if (result->err != OK) {
        file_failed(cmd, "opening", STARTUP_SHOWN, result->system_error);
        cmd_done(cmd);
        return;
    }
    buf_init_secret(&text, result->text.len);
    buf_put_span(&text, result->text);
    cmd->state = merge_begin(cmd, "memory", &text, on_merged);
    cmd->free_state = merge_forget;
    cmd->cancel = cancel_merge;
    if (cmd->state == NULL) {
        buf_clear(&text);
        cmd_done(cmd);
    }
}

static void
configure_memory(struct command *cmd)
{
    struct file_name name;

    if (!file_name_typed(cmd, STARTUP_SHOWN, "opening", &name))
        return;
    cmd->cancel = file_cancel;
    cmd_wait(cmd);
    files_read(cmd->router, &name, STORAGE_CONFIG_MAX, on_startup_read, cmd);
}

/* --- configure ---------------------------------------------------------- */

/* There is no protocol to fetch a configuration by: "network" is no word. */
static void
on_source(struct command *cmd, const char *text)
{
    const char *source = answer_or(text, "terminal");

    if (source == NULL)
        return;
    if (text_starts_nocase("terminal", source)) {
        configure_terminal(cmd);
    } else if (text_starts_nocase("memory", source)) {
        configure_memory(cmd);
    } else {
        out_line(cmd, "?Must be \"terminal\" or \"memory\"");
        cmd->failed = true;
    }
}

static void
configure(struct command *cmd)
{
    cmd_ask(cmd, "Configuring from terminal, memory, or network [terminal]? ",
            ASK_LINE, 0, on_source);
}

const struct cli_row configure_rows[] = {
    GROUP("configure", "Enter configuration mode"),
    EXEC("configure", 15, configure, "Enter configuration mode"),
    EXEC("configure memory", 15, configure_memory, "Configure from NV memory"),
    EXEC("configure terminal", 15, configure_terminal,
         "Configure from the terminal"),
    ROWS_END,
};

const struct cli_row leave_rows[] = {
    LEAVE("exit", "Exit from this configuration mode"),
    LEAVE_ALL("end", "Exit from configure mode"),
    ROWS_END,
};
