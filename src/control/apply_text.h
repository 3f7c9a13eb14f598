/*
 * A text of configuration lines carried out in turns of the loop, so that
 * nobody waits for it.
 */
#ifndef CONTROL_APPLY_TEXT_H
#define CONTROL_APPLY_TEXT_H

#include "base/buf.h"
#include "cli/cli.h"
#include "control/config_log.h"
#include "control/router.h"

struct apply_text;

struct apply_calls {
    cli_problem_fn problem;      /* of one line; it has changed nothing */
    bool (*paused)(void *owner); /* no more until _resume(); NULL: never */
    void (*done)(void *owner);   /* once, never from within _begin() */
};

/*
 * On the loop of `r`, into the configuration of `into`, which may be a router
 * that does not serve: its other members are zero, but for the language. `text`
 * is taken over. When the configuration is replaced meanwhile, the rest of the
 * text is one problem. After `done`, or before: apply_text_free().
 */
struct apply_text *apply_text_begin(struct router *r, struct router *into,
                                    struct buf *text,
                                    const struct apply_calls *calls,
                                    void *owner);
/* Whose lines they are, for config_log.h; right behind _begin(). A copy is
   kept. */
void apply_text_by(struct apply_text *a, const struct config_author *by);
void apply_text_resume(struct apply_text *a);
void apply_text_free(struct apply_text *a); /* NULL is fine */

#endif
