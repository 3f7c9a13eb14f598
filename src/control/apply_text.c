#include "control/apply_text.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "control/encoding.h"

#define TURN_NS UINT64_C(2000000) /* of the loop's time at once */

struct apply_text {
    uv_idle_t turns;
    struct buf text;
    struct cli_loading *loading;
    struct router *into;
    uint32_t replacements;     /* of its configuration, before this */
    struct encoding *encoding; /* of secrets in the text */
    bool waiting;              /* for one of them */
    struct apply_calls calls;
    void *owner;
    struct config_author by;
};

/* Only the text's own lines wait for its secrets. */
static bool
load_line(struct apply_text *a)
{
    bool more;

    a->into->encoding = a->encoding;
    more = cli_load_line(a->loading);
    a->into->encoding = NULL;
    return more;
}

/* What the text was written for is no more. */
static bool
is_overtaken(const struct apply_text *a)
{
    return a->into->replacements != a->replacements;
}

static void
tell_overtaken(struct apply_text *a)
{
    static const struct cli_problem problem = {
        .line = "...",
        .text = "% The configuration is being replaced: this line and those "
                "below it were not carried out",
    };

    a->calls.problem(a->owner, &problem);
}

static void
on_turn(uv_idle_t *turns)
{
    struct apply_text *a = turns->data;
    uint64_t end = uv_hrtime() + TURN_NS;

    if (is_overtaken(a)) {
        uv_idle_stop(turns);
        tell_overtaken(a);
        a->calls.done(a->owner);
        return;
    }
    while (uv_hrtime() < end) {
        if (!load_line(a)) {
            uv_idle_stop(turns);
            a->calls.done(a->owner);
            return;
        }
        a->waiting = cli_load_waits(a->loading);
        if (a->waiting) {
            uv_idle_stop(turns);
            return;
        }
        if (a->calls.paused != NULL && a->calls.paused(a->owner)) {
            uv_idle_stop(turns);
            return;
        }
    }
}

void
apply_text_resume(struct apply_text *a)
{
    if (!a->waiting)
        uv_idle_start(&a->turns, on_turn);
}

static void
on_secret(void *owner)
{
    struct apply_text *a = owner;

    a->waiting = false;
    uv_idle_start(&a->turns, on_turn);
}

struct apply_text *
apply_text_begin(struct router *r, struct router *into, struct buf *text,
                 const struct apply_calls *calls, void *owner)
{
    struct apply_text *a = alloc_zero(1, sizeof(*a));

    a->calls = *calls;
    a->owner = owner;
    a->text = *text;
    buf_init_secret(text, 0);
    a->loading =
        cli_load_begin(into->language, &into->config, buf_span(&a->text), into,
                       calls->problem, owner);
    a->into = into;
    a->into->texts++;
    a->replacements = into->replacements;
    a->encoding = encoding_new(r, on_secret, a);
    uv_idle_init(&r->loop, &a->turns);
    a->turns.data = a;
    uv_idle_start(&a->turns, on_turn);
    return a;
}

static void
on_line(void *owner, const struct cli_match *match)
{
    struct apply_text *a = owner;

    config_log_add(a->into, &a->by, match);
}

void
apply_text_by(struct apply_text *a, const struct config_author *by)
{
    config_author_named(&a->by, by->user, by->line);
    cli_load_applied(a->loading, on_line, a);
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
apply_text_free(struct apply_text *a)
{
    if (a == NULL)
        return;
    a->into->texts--;
    encoding_free(a->encoding);
    cli_load_end(a->loading);
    config_author_clear(&a->by);
    buf_clear(&a->text);
    uv_close((uv_handle_t *)&a->turns, on_closed);
}
