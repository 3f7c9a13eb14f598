/*
 * What may be kept of a line that was not understood: its user may have meant
 * to type a secret. And passwords inside of words.
 */
#ifndef CLI_HIDE_H
#define CLI_HIDE_H

#include "cli/language.h"
#include "cli/words.h"

/*
 * The password of a URL, `scp://user:password@host/path`: where in the word it
 * begins, and its bytes. Without an `@` it is all behind the colon, unless that
 * is the number of a port. False: there is none.
 */
MUST_CHECK bool hide_password(struct span word, size_t *at, size_t *len);

/*
 * The byte where what must be hidden begins: behind the first word that stands
 * before a secret in every row that has it, or in one that has the word before
 * it as well; where the words of a row have led to a secret; a password of a
 * URL; the line's length if there is nothing of the kind.
 */
size_t hide_from(const struct cli_language *language,
                 const struct words *words);

#endif
