/*
 * What a user types between keyboard and channel: the escape sequences of
 * ssh(1), which begin with a tilde at the start of a line.
 */
#ifndef VTYSSH_ESCAPE_H
#define VTYSSH_ESCAPE_H

#include "base/span.h"

enum escape_wish {
    ESCAPE_NOTHING, /* all was taken */
    ESCAPE_SEND,    /* bytes for the channel */
    ESCAPE_CLOSE,   /* ~. */
    ESCAPE_SUSPEND, /* ~^Z */
    ESCAPE_HELP,    /* ~? */
    ESCAPE_BREAK,   /* ~B */
    ESCAPE_REKEY,   /* ~R */
};

struct escape {
    bool in_line;  /* a character of this line was sent */
    bool is_begun; /* a tilde is held back */
};

/* What ~? shows; lines end in CR LF, for the terminal is raw. */
extern const char escape_help[];

/*
 * Take what leads to one wish off the front of `typed`. SEND: `bytes` go to
 * the channel, borrowed from it or constant.
 */
enum escape_wish escape_next(struct escape *e, struct span *typed,
                             struct span *bytes);

#endif
