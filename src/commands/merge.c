#include "commands/merge.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"

#define TURN_NS   UINT64_C(2000000) /* of the loop's time at once */
#define SHOWN_MAX (4 * CLI_LINE_MAX + 1)

struct merge {
    uv_idle_t turns;
    struct command *cmd; /* NULL: nobody waits any more */
    struct buf text;
    struct cli_loading *loading;
    void (*done)(struct command *cmd);
};

/* The line, the caret below it, and the text: as IOS shows it. */
static void
on_problem(void *reporter, const struct cli_problem *problem)
{
    struct merge *merge = reporter;
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

static void
on_turn(uv_idle_t *turns)
{
    struct merge *merge = turns->data;
    struct command *cmd = merge->cmd;
    uint64_t end = uv_hrtime() + TURN_NS;

    while (uv_hrtime() < end) {
        if (!cli_load_line(merge->loading)) {
            uv_idle_stop(turns);
            merge->done(cmd);
            return;
        }
        if (cmd_paused(cmd)) {
            uv_idle_stop(turns);
            return;
        }
    }
}

void
merge_resume(struct merge *merge)
{
    uv_idle_start(&merge->turns, on_turn);
}

struct merge *
merge_try(struct command *cmd, struct router *into, struct buf *text,
          void (*done)(struct command *cmd))
{
    struct merge *merge = alloc_zero(1, sizeof(*merge));

    merge->cmd = cmd;
    merge->done = done;
    merge->text = *text;
    buf_init_secret(text, 0);
    merge->loading =
        cli_load_begin(into->language, &into->config, buf_span(&merge->text),
                       into, on_problem, merge);
    uv_idle_init(&cmd->router->loop, &merge->turns);
    merge->turns.data = merge;
    uv_idle_start(&merge->turns, on_turn);
    return merge;
}

struct merge *
merge_begin(struct command *cmd, struct buf *text,
            void (*done)(struct command *cmd))
{
    struct router *r = cmd->router;

    r->config_changed = true;
    r->changed.at = (uint64_t)time(NULL);
    text_copy(r->changed.user, sizeof(r->changed.user), cmd->session->user);
    return merge_try(cmd, r, text, done);
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
merge_free(struct merge *merge)
{
    if (merge == NULL)
        return;
    cli_load_end(merge->loading);
    buf_clear(&merge->text);
    uv_close((uv_handle_t *)&merge->turns, on_closed);
}
