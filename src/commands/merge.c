#include "commands/merge.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/replace.h"
#include "control/apply_text.h"
#include "control/file_name.h"
#include "control/journal.h"

#define SHOWN_MAX (4 * CLI_LINE_MAX + 1)

struct merge {
    struct command *cmd;
    struct apply_text *lines;
    char from[FILE_SHOWN_MAX], who[SHELL_WHO_MAX]; /* "": not logged */
    void (*done)(struct command *cmd);
};

/* The line, the caret below it, and the text: as IOS shows it. */
static void
on_problem(void *owner, const struct cli_problem *problem)
{
    struct merge *merge = owner;
    char shown[SHOWN_MAX];

    text_escape(shown, sizeof(shown), span_text(problem->line));
    out_line(merge->cmd, "%s", shown);
    if (problem->marked)
        out_line(merge->cmd, "%*s^", (int)problem->column, "");
    out_line(merge->cmd, "%s\n", problem->text);
    merge->cmd->failed = true;
    /* One message each: large ones would become files. */
    cmd_flush(merge->cmd);
}

static bool
is_paused(void *owner)
{
    const struct merge *merge = owner;

    return cmd_paused(merge->cmd);
}

static void
on_done(void *owner)
{
    const struct merge *merge = owner;

    merge->done(merge->cmd);
}

void
merge_resume(struct merge *merge)
{
    apply_text_resume(merge->lines);
}

struct merge *
merge_try(struct command *cmd, struct router *into, struct buf *text,
          void (*done)(struct command *cmd))
{
    static const struct apply_calls calls = {on_problem, is_paused, on_done};
    struct merge *merge = alloc_zero(1, sizeof(*merge));

    merge->cmd = cmd;
    merge->done = done;
    merge->lines = apply_text_begin(cmd->router, into, text, &calls, merge);
    return merge;
}

struct merge *
merge_begin(struct command *cmd, const char *from, struct buf *text,
            void (*done)(struct command *cmd))
{
    struct router *r = cmd->router;
    struct config_author by = {.number = 0};
    struct merge *merge;

    if (!replace_is_over(cmd))
        return NULL;
    r->config_changed = true;
    r->changed.at = (uint64_t)time(NULL);
    text_copy(r->changed.user, sizeof(r->changed.user), cmd->session->user);
    merge = merge_try(cmd, r, text, done);
    text_copy(merge->from, sizeof(merge->from), from);
    shell_who(cmd->shell, merge->who);
    config_author_of(&by, cmd->session);
    apply_text_by(merge->lines, &by);
    return merge;
}

void
merge_free(struct merge *merge)
{
    if (merge == NULL)
        return;
    apply_text_free(merge->lines);
    if (merge->from[0] != '\0')
        journal_message(merge->cmd->router, "SYS", LOG_NOTICE, "CONFIG_I",
                        "Configured from %s by %s", merge->from, merge->who);
    free(merge);
}
