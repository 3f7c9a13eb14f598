/*
 * What of a line is on the screen behind its prompt, and the bytes that turn
 * one view into another: characters, blanks and backspaces, nothing else, so
 * that every terminal and every script understands them.
 *
 * A line that does not fit scrolls in steps of ten columns; `$` stands where
 * it is cut.
 */
#ifndef TERM_LINE_VIEW_H
#define TERM_LINE_VIEW_H

#include "base/buf.h"
#include "term/line_text.h"

#define LINE_SCROLL  10         /* columns */
#define LINE_UNBOUND UINT32_MAX /* columns of a screen that never ends */

struct line_view {
    size_t len; /* bytes */
    uint8_t bytes[LINE_BYTES_MAX];
    size_t columns; /* of these bytes */
    size_t cursor;  /* column, from the prompt's end */
};

/*
 * The first column to show, counted in characters: `offset` if the cursor can
 * be seen so, else moved by steps of LINE_SCROLL. `columns` are those between
 * prompt and right edge.
 */
size_t line_view_scroll(const struct line_text *text, size_t offset,
                        uint32_t columns);
void line_view_make(struct line_view *v, const struct line_text *text,
                    size_t offset, uint32_t columns);
/* Show `to`, cursor included, where `from` is on the screen. */
void line_view_change(const struct line_view *from, const struct line_view *to,
                      struct buf *out);

#endif
