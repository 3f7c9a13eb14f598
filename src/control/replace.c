#include "control/replace.h"

#include <time.h>

#include "base/text.h"
#include "cli/cli.h"

/*
 * The first takes away what is not wanted and says what is; further ones mend
 * what it could not: values that a new line leaves as they were, lines that
 * had to wait for others to go.
 */
#define PASSES_MAX 5

static void
write_config(const struct router *r, const struct config *config,
             struct buf *text)
{
    buf_reset(text);
    cli_write_config(r->language, config, false, text);
}

static void
on_problem(void *reporter, const struct cli_problem *problem)
{
    struct buf *problems = reporter;

    buf_printf(problems, "%s\n", problem->line);
    if (problem->marked)
        buf_printf(problems, "%*s^\n", (int)problem->column, "");
    buf_printf(problems, "%s\n\n", problem->text);
}

static void
carry_out(struct router *r, const struct buf *lines, struct buf *problems)
{
    struct cli_loading *loading = cli_load_begin(
        r->language, &r->config, buf_span(lines), r, on_problem, problems);

    while (cli_load_line(loading)) {
    }
    cli_load_end(loading);
}

/* False: there is nothing left to be done. */
static bool
run_pass(struct router *r, struct span wanted, bool thorough,
         struct replacement *outcome)
{
    struct buf now, lines;
    bool removed, added;

    buf_init_secret(&now, REPLACE_TEXT_MAX);
    buf_init_secret(&lines, 2 * REPLACE_TEXT_MAX);
    write_config(r, &r->config, &now);
    /* What is the same as a whole need not be read line by line. */
    removed = !span_equal(buf_span(&now), wanted) &&
              cli_write_removals(r->language, buf_span(&now), wanted, thorough,
                                 &lines);
    if (removed) {
        carry_out(r, &lines, &outcome->problems);
        buf_put_span(&outcome->commands, buf_span(&lines));
        buf_reset(&lines);
        write_config(r, &r->config, &now);
    }
    added =
        !span_equal(buf_span(&now), wanted) &&
        cli_write_additions(r->language, buf_span(&now), wanted, false, &lines);
    if (added) {
        carry_out(r, &lines, &outcome->problems);
        buf_put_span(&outcome->commands, buf_span(&lines));
    }
    buf_clear(&lines);
    buf_clear(&now);
    return removed || added;
}

/*
 * The lines are the same; entries whose order means nothing may stand in
 * another one. They shall not: texts are compared.
 */
static void
take_order(struct router *r, const struct config *target, struct span wanted)
{
    struct buf now;

    buf_init_secret(&now, REPLACE_TEXT_MAX);
    write_config(r, &r->config, &now);
    if (!span_equal(buf_span(&now), wanted)) {
        config_clear(&r->config);
        config_copy(&r->config, target);
    }
    buf_clear(&now);
}

/* True: the configuration says what is wanted. */
static bool
lead_to(struct router *r, const struct config *target,
        struct replacement *outcome)
{
    struct buf wanted;
    bool done = false;

    buf_init_secret(&wanted, REPLACE_TEXT_MAX);
    write_config(r, target, &wanted);
    for (unsigned pass = 0; buf_ok(&wanted) && !done && pass <= PASSES_MAX;
         pass++) {
        bool thorough = pass > 0;

        buf_reset(&outcome->problems);
        if (run_pass(r, buf_span(&wanted), thorough, outcome))
            outcome->passes++;
        else
            done = thorough;
    }
    if (done)
        take_order(r, target, buf_span(&wanted));
    buf_clear(&wanted);
    return done;
}

void
config_replace(struct router *r, const struct config *target, const char *by,
               struct replacement *outcome)
{
    struct replacement back;
    struct config before;

    *outcome = (struct replacement){.end = REPLACE_DONE};
    buf_init_secret(&outcome->commands, 4 * REPLACE_TEXT_MAX);
    buf_init_secret(&outcome->problems, REPLACE_TEXT_MAX);
    config_copy(&before, &r->config);
    if (!lead_to(r, target, outcome)) {
        back = (struct replacement){.passes = 0};
        buf_init_secret(&back.commands, 4 * REPLACE_TEXT_MAX);
        buf_init_secret(&back.problems, REPLACE_TEXT_MAX);
        outcome->end =
            lead_to(r, &before, &back) ? REPLACE_RESTORED : REPLACE_BROKEN;
        buf_put_span(&outcome->problems, buf_span(&back.problems));
        replacement_clear(&back);
    }
    config_clear(&before);
    if (outcome->passes > 0) {
        r->config_changed = true;
        r->changed.at = (uint64_t)time(NULL);
        text_copy(r->changed.user, sizeof(r->changed.user), by);
    }
}

void
replacement_clear(struct replacement *outcome)
{
    buf_clear(&outcome->commands);
    buf_clear(&outcome->problems);
}
