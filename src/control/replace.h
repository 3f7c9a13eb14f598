/*
 * The whole running configuration becomes another one: the lines that differ
 * are carried out as if they were typed, so that listeners, sessions and the
 * kernel follow. All of them, or none. It goes in turns of the loop, so that
 * nobody waits for it; meanwhile nobody else changes the configuration, or
 * saves it.
 */
#ifndef CONTROL_REPLACE_H
#define CONTROL_REPLACE_H

#include "base/buf.h"
#include "control/router.h"

#define REPLACE_TEXT_MAX (16 * 1024 * 1024) /* bytes of a configuration */
/* What is told to who would change or save it meanwhile: a format. */
#define REPLACE_BUSY "The configuration is being replaced; try again"
/* And to who would replace it while a text is carried out. */
#define REPLACE_TEXTS "The configuration is being changed by a file; try again"

/* What came of it. */
struct replacement {
    enum replace_end {
        REPLACE_DONE,
        REPLACE_RESTORED, /* lines were refused; all is as it was before */
        REPLACE_BROKEN,   /* and some of the old ones as well */
    } end;
    unsigned passes;
    struct buf commands; /* lines that were carried out; with secrets */
    /* Those that were refused, each with the reason below; with secrets and
       whatever stood in them: escape before showing. */
    struct buf problems;
};

/* Whose it is, all copied. */
struct replace_by {
    const char *user; /* for `show running-config`, "" if none */
    const char *from; /* "flash:/new": of %SYS-5-CONFIG_I; NULL: not logged */
    const char *who;  /* of that: shell_who() */
};

/* Borrowed for the call. */
typedef void (*replace_done_fn)(void *owner, const struct replacement *outcome);

/*
 * `target` is copied. `done` is called once, never from within this call. Texts
 * that are being carried out (apply_text.h) are not carried on with. False:
 * another one is under way.
 */
MUST_CHECK bool replace_begin(struct router *r, const struct config *target,
                              const struct replace_by *by, replace_done_fn done,
                              void *owner);
bool replace_is_under_way(const struct router *r);
/* The owner goes; what it has begun is finished without it. */
void replace_forget(struct router *r, const void *owner);
/* The router ends, as it is. */
void replace_stop(struct router *r);

#endif
