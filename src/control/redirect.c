/*
 * `| redirect FILE`, `| append FILE`, `| tee FILE`: what a command prints is
 * kept until it has ended, then written below flash/ as one whole file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "control/files.h"
#include "control/shell_parts.h"

struct redirect {
    struct file_name name;
    enum file_how how;
    bool shown;   /* TEE: to the user as well */
    bool started; /* the command has ended, the file is being written */
    bool done;
};

static bool
is_redirect(enum cli_filter filter)
{
    return filter == CLI_FILTER_REDIRECT || filter == CLI_FILTER_APPEND ||
           filter == CLI_FILTER_TEE;
}

bool
redirect_begin(struct running *run)
{
    struct command *cmd = &run->command;
    struct redirect *to;
    int reason = EACCES;

    if (!is_redirect(run->match.filter))
        return true;
    to = alloc_zero(1, sizeof(*to));
    to->how =
        run->match.filter == CLI_FILTER_APPEND ? FILE_APPEND : FILE_REPLACE;
    to->shown = run->match.filter == CLI_FILTER_TEE;
    if (file_name_parse(run->match.filter_pattern, shell_directory(cmd->shell),
                        &to->name, &reason) == OK &&
        to->name.system == FILE_FLASH) {
        run->redirect = to;
        return true;
    }
    out_line(cmd, "%%Error opening %s (%s)", to->name.shown, strerror(reason));
    cmd->failed = true;
    free(to);
    return false;
}

bool
redirect_keeps(const struct running *run)
{
    return run->redirect != NULL && !run->redirect->done;
}

static void
on_written(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct running *run = running_of(cmd);
    struct redirect *to = run->redirect;

    to->done = true;
    if (!to->shown)
        output_forget(run);
    if (result->err != OK) {
        out_line(cmd, "%%Error writing %s (%s)", to->name.shown,
                 strerror(result->system_error));
        cmd->failed = true;
    }
    cmd_done(cmd);
}

bool
redirect_end(struct running *run)
{
    struct command *cmd = &run->command;
    struct redirect *to = run->redirect;

    if (to == NULL || to->started)
        return false;
    to->started = true;
    /* It has ended: nobody is to tell it anything. */
    cmd->cancel = NULL;
    cmd->on_resume = NULL;
    cmd_wait(cmd);
    output_write(run, &to->name, to->how, on_written);
    return true;
}

void
redirect_free(struct running *run)
{
    free(run->redirect);
    run->redirect = NULL;
}
