/*
 * The line being edited: its characters, the cursor, and what the editing
 * keys do to them. Knows no screen.
 */
#ifndef TERM_LINE_TEXT_H
#define TERM_LINE_TEXT_H

#include "term/utf8.h"

#define LINE_BYTES_MAX 1024 /* of any line */

struct line_text {
    size_t max;    /* bytes this line may have, at most LINE_BYTES_MAX */
    size_t len;    /* bytes */
    size_t cursor; /* byte in front of which it stands */
    uint8_t bytes[LINE_BYTES_MAX];
};

static inline struct span
line_text_span(const struct line_text *t)
{
    return span_of(t->bytes, t->len);
}

/* Empty, every byte overwritten. */
void line_text_wipe(struct line_text *t);
/* A whole new line, cut at a character's end to what fits. */
void line_text_set(struct line_text *t, struct span text, size_t cursor);
/* At the cursor, which moves behind it; false, and unchanged, if too long. */
bool line_text_insert(struct line_text *t, struct span text);
/* Remove from `from` to `to`; the cursor stands at `from` then. */
void line_text_remove(struct line_text *t, size_t from, size_t to);

/* Where these places are, seen from the cursor. */
size_t line_text_left(const struct line_text *t);
size_t line_text_right(const struct line_text *t);
/* Begin of this or the last word; end of this or the next word. */
size_t line_text_word_left(const struct line_text *t);
size_t line_text_word_right(const struct line_text *t);

/* Swap the characters around the cursor; at the end of the line the last two.
 */
void line_text_transpose(struct line_text *t);
/* ASCII letters from the cursor to the word's end; the cursor goes there. */
enum line_case { LINE_CASE_CAPITAL, LINE_CASE_UPPER, LINE_CASE_LOWER };
void line_text_change_case(struct line_text *t, enum line_case to);

#endif
