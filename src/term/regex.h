/*
 * The router's dialect of regular expressions, written anew as PCRE2 reads
 * them: `. * + ? ^ $ | ( ) [ ]` and \1 as usual, `_` for the start, the end, a
 * blank, a comma, a brace or a parenthesis; everything else, braces too, is
 * itself, and so is what stands behind a backslash.
 */
#ifndef TERM_REGEX_H
#define TERM_REGEX_H

#include "base/buf.h"
#include "base/err.h"

#define REGEX_MAX 512 /* bytes of a pattern as typed */

/*
 * ERR_FORMAT: no regular expression (a bracket that is not closed, a `*` that
 * has nothing before it). ERR_LIMIT: longer than REGEX_MAX.
 */
MUST_CHECK enum err regex_translate(struct span pattern, struct buf *out);

#endif
