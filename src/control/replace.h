/*
 * The whole running configuration becomes another one, at once: the lines that
 * differ are carried out as if they were typed, so that listeners, sessions
 * and the kernel follow. All of them, or none.
 */
#ifndef CONTROL_REPLACE_H
#define CONTROL_REPLACE_H

#include "base/buf.h"
#include "control/router.h"

#define REPLACE_TEXT_MAX (16 * 1024 * 1024) /* bytes of a configuration */

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

/*
 * `by`: the user's name for `show running-config`, "" if none. Nobody else
 * runs meanwhile. replacement_clear() in every case.
 */
void config_replace(struct router *r, const struct config *target,
                    const char *by, struct replacement *outcome);
void replacement_clear(struct replacement *outcome);

#endif
