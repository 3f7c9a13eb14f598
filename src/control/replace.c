#include "control/replace.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/cli.h"
#include "control/apply_text.h"
#include "control/command.h"
#include "control/file_name.h"
#include "control/journal.h"

/*
 * The first takes away what is not wanted and says what is; further ones mend
 * what it could not: values that a new line leaves as they were, lines that
 * had to wait for others to go.
 */
#define PASSES_MAX 5
#define TURN_NS    UINT64_C(2000000) /* of the loop's time at once */

struct replace {
    struct router *router;
    uv_idle_t turns; /* while texts are compared */
    replace_done_fn done;
    void *owner;
    char by[sizeof((struct config_stamp){0}.user)];
    char from[FILE_SHOWN_MAX], who[SHELL_WHO_MAX]; /* "": not logged */

    struct config target, before;
    const struct config *goal; /* one of these */
    struct buf wanted, now;    /* the goal, and what there is, as texts */
    unsigned pass;             /* towards this goal */
    bool acted;                /* in this pass lines were carried out */
    bool adding;               /* what had to go in this pass is gone */
    struct cli_difference *difference;
    struct apply_text *lines; /* that are carried out */

    struct replacement outcome;
    struct buf problems_before; /* of the way there, on the way back */
};

static void begin_pass(struct replace *p);

/* --- life --------------------------------------------------------------- */

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void
replace_free(struct replace *p)
{
    apply_text_free(p->lines);
    cli_difference_end(p->difference);
    config_clear(&p->target);
    config_clear(&p->before);
    buf_clear(&p->wanted);
    buf_clear(&p->now);
    buf_clear(&p->problems_before);
    buf_clear(&p->outcome.commands);
    buf_clear(&p->outcome.problems);
    uv_close((uv_handle_t *)&p->turns, on_closed);
}

static void
finish(struct replace *p)
{
    struct router *r = p->router;

    if (p->outcome.passes > 0) {
        r->config_changed = true;
        r->changed.at = (uint64_t)time(NULL);
        text_copy(r->changed.user, sizeof(r->changed.user), p->by);
    }
    /* Not by who has begun it: they may be gone. */
    if (p->from[0] != '\0')
        journal_message(r, "SYS", LOG_NOTICE, "CONFIG_I",
                        "Configured from %s by %s", p->from, p->who);
    /* It is over before anybody is told so. */
    r->replace = NULL;
    if (p->done != NULL)
        p->done(p->owner, &p->outcome);
    replace_free(p);
}

/* --- towards a goal ----------------------------------------------------- */

static void
write_config(const struct router *r, const struct config *config,
             struct buf *text)
{
    buf_reset(text);
    cli_write_config(r->language, config, false, text);
}

static void
set_goal(struct replace *p, const struct config *goal)
{
    p->goal = goal;
    p->pass = 0;
    write_config(p->router, goal, &p->wanted);
    begin_pass(p);
}

/*
 * The lines are the same; entries whose order means nothing may stand in
 * another one. They shall not: texts are compared.
 */
static void
take_order(struct replace *p)
{
    struct router *r = p->router;

    write_config(r, &r->config, &p->now);
    if (span_equal(buf_span(&p->now), buf_span(&p->wanted)))
        return;
    config_clear(&r->config);
    config_copy(&r->config, p->goal);
}

/* It says what is wanted, or cannot be made to. */
static void
end_way(struct replace *p, bool reached)
{
    bool going_back = p->goal == &p->before;

    if (reached)
        take_order(p);
    if (!reached && !going_back) {
        buf_put_span(&p->problems_before, buf_span(&p->outcome.problems));
        set_goal(p, &p->before);
        return;
    }
    if (going_back) {
        p->outcome.end = reached ? REPLACE_RESTORED : REPLACE_BROKEN;
        buf_put_span(&p->problems_before, buf_span(&p->outcome.problems));
        buf_reset(&p->outcome.problems);
        buf_put_span(&p->outcome.problems, buf_span(&p->problems_before));
    }
    finish(p);
}

static void
end_pass(struct replace *p)
{
    bool thorough = p->pass > 0;

    p->pass++;
    if (p->acted && p->goal == &p->target)
        p->outcome.passes++;
    if (!buf_ok(&p->wanted) || !buf_ok(&p->now))
        end_way(p, false);
    else if (!p->acted && thorough)
        end_way(p, true);
    else if (p->pass > PASSES_MAX)
        end_way(p, false);
    else
        begin_pass(p);
}

/* --- lines that are carried out ----------------------------------------- */

static void compare(struct replace *p);

static void
on_problem(void *owner, const struct cli_problem *problem)
{
    struct replace *p = owner;
    struct buf *problems = &p->outcome.problems;

    buf_printf(problems, "%s\n", problem->line);
    if (problem->marked)
        buf_printf(problems, "%*s^\n", (int)problem->column, "");
    buf_printf(problems, "%s\n\n", problem->text);
}

static void
on_applied(void *owner)
{
    struct replace *p = owner;

    apply_text_free(p->lines);
    p->lines = NULL;
    if (p->adding) {
        end_pass(p);
    } else {
        p->adding = true;
        compare(p);
    }
}

static void
carry_out(struct replace *p, struct buf *lines)
{
    static const struct apply_calls calls = {
        .problem = on_problem,
        .done = on_applied,
    };
    struct config_author by = {.number = 0};

    p->acted = true;
    if (p->goal == &p->target)
        buf_put_span(&p->outcome.commands, buf_span(lines));
    p->lines = apply_text_begin(p->router, p->router, lines, &calls, p);
    config_author_named(&by, p->by, "replace");
    apply_text_by(p->lines, &by);
}

/* --- what has to be done ------------------------------------------------ */

/* Both texts are read: what has to go, or else what has to come. */
static void
act(struct replace *p)
{
    struct buf lines;
    bool any = false;

    buf_init_secret(&lines, 2 * REPLACE_TEXT_MAX);
    if (!p->adding)
        any = cli_difference_removals(p->difference, p->pass > 0, &lines);
    if (!any) {
        p->adding = true;
        any = cli_difference_additions(p->difference, &lines);
    }
    cli_difference_end(p->difference);
    p->difference = NULL;
    if (any)
        carry_out(p, &lines);
    else
        end_pass(p);
    buf_clear(&lines);
}

static void
on_turn(uv_idle_t *turns)
{
    struct replace *p = turns->data;
    uint64_t end = uv_hrtime() + TURN_NS;

    while (uv_hrtime() < end)
        if (p->difference == NULL || !cli_difference_read(p->difference)) {
            uv_idle_stop(turns);
            if (p->difference != NULL)
                act(p);
            else
                end_pass(p);
            return;
        }
}

/* What is the same as a whole need not be read line by line. */
static void
compare(struct replace *p)
{
    write_config(p->router, &p->router->config, &p->now);
    if (buf_ok(&p->now) && buf_ok(&p->wanted) &&
        !span_equal(buf_span(&p->now), buf_span(&p->wanted)))
        p->difference =
            cli_difference_begin(p->router->language, buf_span(&p->now),
                                 buf_span(&p->wanted), false);
    uv_idle_start(&p->turns, on_turn);
}

static void
begin_pass(struct replace *p)
{
    p->acted = false;
    p->adding = false;
    buf_reset(&p->outcome.problems);
    compare(p);
}

/* --- for others --------------------------------------------------------- */

bool
replace_begin(struct router *r, const struct config *target,
              const struct replace_by *by, replace_done_fn done, void *owner)
{
    struct replace *p;

    if (r->replace != NULL)
        return false;
    p = r->replace = alloc_zero(1, sizeof(*p));
    p->router = r;
    p->done = done;
    p->owner = owner;
    r->replacements++;
    text_copy(p->by, sizeof(p->by), by->user);
    if (by->from != NULL) {
        text_copy(p->from, sizeof(p->from), by->from);
        text_copy(p->who, sizeof(p->who), by->who);
    }
    uv_idle_init(&r->loop, &p->turns);
    p->turns.data = p;
    p->outcome.end = REPLACE_DONE;
    buf_init_secret(&p->outcome.commands, 4 * REPLACE_TEXT_MAX);
    buf_init_secret(&p->outcome.problems, REPLACE_TEXT_MAX);
    buf_init_secret(&p->problems_before, REPLACE_TEXT_MAX);
    buf_init_secret(&p->wanted, REPLACE_TEXT_MAX);
    buf_init_secret(&p->now, REPLACE_TEXT_MAX);
    config_copy(&p->target, target);
    config_copy(&p->before, &r->config);
    set_goal(p, &p->target);
    return true;
}

bool
replace_is_under_way(const struct router *r)
{
    return r->replace != NULL;
}

void
replace_forget(struct router *r, const void *owner)
{
    if (r->replace != NULL && r->replace->owner == owner)
        r->replace->done = NULL;
}

void
replace_stop(struct router *r)
{
    if (r->replace != NULL)
        replace_free(r->replace);
    r->replace = NULL;
}
