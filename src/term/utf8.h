/*
 * Characters of a line: UTF-8 as RFC 3629 defines it. In a line that was
 * checked on its way in, stepping needs no further checks.
 */
#ifndef TERM_UTF8_H
#define TERM_UTF8_H

#include "base/span.h"

#define UTF8_MAX 4 /* bytes of one character */

/* Bytes of the character that begins with `first`; 0 if none does. */
size_t utf8_length(uint8_t first);
/*
 * One whole character of two bytes or more, in its only form, that is neither
 * a surrogate nor a control (U+0080 to U+009F).
 */
bool utf8_is_text(const uint8_t *bytes, size_t len);

static inline bool
utf8_continues(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Where the character behind / before the one at `at` begins. */
size_t utf8_next(struct span text, size_t at);
size_t utf8_previous(struct span text, size_t at);
/* Characters in the text; each takes one column. */
size_t utf8_count(struct span text);

#endif
