/*
 * `configure replace`: the running configuration becomes what a file says.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/answers.h"
#include "commands/file_names.h"
#include "commands/merge.h"
#include "commands/replace.h"
#include "commands/revert.h"
#include "commands/rows.h"
#include "control/archive.h"
#include "control/replace.h"
#include "control/running_config.h"
#include "control/storage.h"

#define SECRETS_PRIVILEGE 15 /* of whole configurations */
#define SHOWN_MAX         (4 * CLI_LINE_MAX + 1)

struct replacing {
    struct file_name file;
    bool list;
    struct router target; /* nothing but a language and a configuration */
    struct merge *merge;
    /* With a time limit: */
    struct router *kept; /* the configuration before; NULL: not, or it runs */
    char archived[FILE_SHOWN_MAX]; /* a copy of it */
    bool timed;                    /* the time runs */
};

static void
replacing_free(void *state)
{
    struct replacing *replacing = state;

    if (replacing->kept != NULL)
        rollback_cancel(replacing->kept);
    merge_free(replacing->merge);
    config_clear(&replacing->target.config);
    free(replacing);
}

/* --- what came of it ---------------------------------------------------- */

void
replace_show_lines(struct command *cmd, struct span text)
{
    char shown[SHOWN_MAX];

    while (text.len > 0) {
        const uint8_t *lf = memchr(text.ptr, '\n', text.len);
        size_t len = lf == NULL ? text.len : (size_t)(lf - text.ptr);
        size_t taken = lf == NULL ? len : len + 1;

        text_escape(shown, sizeof(shown), span_of(text.ptr, len));
        out_line(cmd, "%s", shown);
        text = span_of(text.ptr + taken, text.len - taken);
    }
}

static void
tell(struct command *cmd, const struct replacement *outcome)
{
    const struct replacing *replacing = cmd->state;

    if (replacing->list && buf_len(&outcome->commands) > 0) {
        out_line(cmd, "!List of Commands:");
        replace_show_lines(cmd, buf_span(&outcome->commands));
        out_line(cmd, "end\n");
    }
    if (outcome->end == REPLACE_DONE) {
        out_line(cmd, "Total number of passes: %u\nRollback Done\n",
                 outcome->passes);
        return;
    }
    cmd->failed = true;
    replace_show_lines(cmd, buf_span(&outcome->problems));
    out_line(cmd, "Total number of passes: %u\nRollback failed",
             outcome->passes);
    out_line(cmd, outcome->end == REPLACE_RESTORED
                      ? "The original configuration has been successfully "
                        "restored."
                      : "%%Error: The original configuration could not be "
                        "restored completely.");
}

/* --- the text is read --------------------------------------------------- */

/* What was begun is finished, whatever becomes of its user. */
static void
on_replaced(void *owner, const struct replacement *outcome)
{
    struct command *cmd = owner;
    struct replacing *replacing = cmd->state;

    tell(cmd, outcome);
    if (outcome->end != REPLACE_DONE && replacing->timed)
        rollback_cancel(cmd->router);
    cmd_done(cmd);
}

static void
on_tried(struct command *cmd)
{
    struct replacing *replacing = cmd->state;
    char who[SHELL_WHO_MAX];
    struct replace_by by = {cmd->session->user, replacing->file.shown, who};

    if (cmd->failed) {
        out_line(cmd,
                 "%%Error: %s is not a valid config file; the running "
                 "configuration was not changed",
                 replacing->file.shown);
        cmd_done(cmd);
        return;
    }
    cmd->cancel = NULL;
    cmd->on_resume = NULL;
    shell_who(cmd->shell, who);
    if (cmd->router->texts > 0 ||
        !replace_begin(cmd->router, &replacing->target.config, &by, on_replaced,
                       cmd)) {
        out_error(cmd, replace_is_under_way(cmd->router) ? REPLACE_BUSY
                                                         : REPLACE_TEXTS);
        cmd_done(cmd);
        return;
    }
    if (replacing->kept != NULL) {
        replacing->kept = NULL;
        replacing->timed = true;
        rollback_start(cmd->router,
                       &(struct rollback_limit){
                           .minutes = cli_number(cmd->match, "minutes")},
                       replacing->archived);
    }
    cmd_wait(cmd);
}

static void
cancel(struct command *cmd)
{
    struct replacing *replacing = cmd->state;

    merge_free(replacing->merge);
    replacing->merge = NULL;
    file_cancel(cmd);
}

static void
resume(struct command *cmd)
{
    const struct replacing *replacing = cmd->state;

    if (replacing->merge != NULL)
        merge_resume(replacing->merge);
}

bool
replace_is_whole(struct span text)
{
    struct span end = span_text("end");

    while (text.len > 0 &&
           (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r' ||
            text.ptr[text.len - 1] == ' '))
        text.len--;
    return text.len >= end.len &&
           memcmp(text.ptr + text.len - end.len, end.ptr, end.len) == 0 &&
           (text.len == end.len || text.ptr[text.len - end.len - 1] == '\n');
}

bool
replace_is_over(struct command *cmd)
{
    if (replace_is_under_way(cmd->router))
        out_error(cmd, REPLACE_BUSY);
    return !replace_is_under_way(cmd->router);
}

static void
try_text(struct command *cmd, struct span span)
{
    struct replacing *replacing = cmd->state;
    struct buf text;

    /* Half a file would take away what stands in the other half. */
    if (!replace_is_whole(span)) {
        out_line(cmd,
                 "%%Error: %s is not a valid config file: \"end\" is not its "
                 "last line",
                 replacing->file.shown);
        cmd->failed = true;
        cmd_done(cmd);
        return;
    }
    buf_init_secret(&text, span.len);
    buf_put_span(&text, span);
    cmd->cancel = cancel;
    cmd->on_resume = resume;
    replacing->merge = merge_try(cmd, &replacing->target, &text, on_tried);
}

static void
on_read(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    const struct replacing *replacing = cmd->state;

    if (result->err != OK) {
        file_failed(cmd, "opening", replacing->file.shown,
                    result->system_error);
        cmd_done(cmd);
        return;
    }
    try_text(cmd, result->text);
}

static void
perform(struct command *cmd)
{
    const struct replacing *replacing = cmd->state;
    struct buf text;

    cmd->cancel = file_cancel;
    cmd_wait(cmd);
    if (replacing->file.system != FILE_SYSTEM) {
        files_read(cmd->router, &replacing->file, STORAGE_CONFIG_MAX, on_read,
                   cmd);
        return;
    }
    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    running_config_put(cmd->router, &text);
    try_text(cmd, buf_span(&text));
    buf_clear(&text);
}

/* --- with a way back ---------------------------------------------------- */

static void
on_archived(void *owner, const struct archive_state *archived)
{
    struct command *cmd = owner;
    struct replacing *replacing = cmd->state;

    if (archived->system_error != 0) {
        file_failed(cmd, "writing", archived->shown, archived->system_error);
        cmd_done(cmd);
        return;
    }
    text_copy(replacing->archived, sizeof(replacing->archived),
              archived->shown);
    out_line(cmd,
             "Rollback Confirmed Change: Backing up current running config to "
             "%s\n",
             archived->shown);
    perform(cmd);
}

/*
 * That an error brings the configuration from before back needs no asking, and
 * no archive; IOS wants one, and tools look for what it says.
 */
static void
begin(struct command *cmd)
{
    struct replacing *replacing = cmd->state;

    if (!cli_given(cmd->match, "revert")) {
        perform(cmd);
    } else if (!cli_given(cmd->match, "timer")) {
        if (revert_is_possible(cmd))
            perform(cmd);
    } else if (revert_keep(cmd)) {
        replacing->kept = cmd->router;
        archive_store(cmd->router, on_archived, cmd);
        cmd_wait(cmd);
    }
}

/* --- the dialogue ------------------------------------------------------- */

static void
on_answer(struct command *cmd, const char *text)
{
    if (text != NULL && answer_reply(text) == REPLY_YES)
        begin(cmd);
}

static void
configure_replace(struct command *cmd)
{
    struct replacing *replacing = alloc_zero(1, sizeof(*replacing));

    cmd->state = replacing;
    cmd->free_state = replacing_free;
    replacing->list = cli_given(cmd->match, "list");
    replacing->target.language = cmd->router->language;
    config_init(&replacing->target.config);
    if (!file_name_typed(cmd, cli_text(cmd->match, "file"), "opening",
                         &replacing->file))
        return;
    /* A file may give its reader the highest level, and shows secrets. */
    if (shell_privilege(cmd->shell) < SECRETS_PRIVILEGE) {
        file_failed(cmd, "opening", replacing->file.shown, EACCES);
        return;
    }
    if (cli_given(cmd->match, "force")) {
        begin(cmd);
        return;
    }
    out_line(cmd, "This will apply all necessary additions and deletions\n"
                  "to replace the current running configuration with the\n"
                  "contents of the specified configuration file, which is\n"
                  "assumed to be a complete configuration, not a partial");
    cmd_ask(cmd,
            "configuration. Enter Y if you are sure you want to proceed. ? "
            "[no]: ",
            ASK_LINE, 0, on_answer);
}

const struct cli_row replace_rows[] = {
    EXEC("configure replace WORD:file [force|list|revert {trigger error "
         "[timer <1-120>:minutes]|timer <1-120>:minutes}]...",
         15, configure_replace,
         "Replace the running-config with a new config file",
         "Complete configuration: flash:, nvram: or system:",
         "Do not ask whether it is to be done",
         "List the commands that are carried out",
         "Go back to the configuration from before", "When something happens",
         "When a line is refused", "And unless it is confirmed in time",
         "Minutes until the configuration reverts",
         "Unless it is confirmed in time",
         "Minutes until the configuration reverts"),
    ROWS_END,
};
