/*
 * An output filter: text of any length goes in, piece by piece, and those of
 * its lines come out that the user asked for. A line is looked at up to
 * FILTER_LINE_MAX bytes; the rest of a longer one shares its fate.
 */
#ifndef TERM_FILTER_H
#define TERM_FILTER_H

#include "base/buf.h"
#include "base/err.h"

#define FILTER_LINE_MAX 8192 /* bytes of a line that are compared */

enum filter_kind {
    FILTER_INCLUDE,
    FILTER_EXCLUDE,
    FILTER_BEGIN,       /* everything from the first line that matches */
    FILTER_SECTION,     /* lines that match, each with those indented below */
    FILTER_NOT_SECTION, /* all but these */
    FILTER_COUNT,       /* only how many match */
};

struct filter;

/*
 * `pattern` as regex.h has it. ERR_FORMAT, ERR_LIMIT: it is no regular
 * expression, or too long a one. Free with filter_free().
 */
MUST_CHECK enum err filter_new(enum filter_kind kind, struct span pattern,
                               struct filter **filter);
void filter_free(struct filter *f); /* NULL is fine; wipes */

/*
 * Take more of the text; what passes is appended to `out`: no more than the
 * text and FILTER_LINE_MAX bytes. ERR_LIMIT: to compare one of its lines takes
 * too long; nothing more is taken then.
 */
MUST_CHECK enum err filter_put(struct filter *f, struct span text,
                               struct buf *out);
/* The beginning of a line that was taken and not judged yet; borrowed. */
struct span filter_held(const struct filter *f);
/* The text is over: a last line without its end; the number of matches. */
MUST_CHECK enum err filter_end(struct filter *f, struct buf *out);

#endif
