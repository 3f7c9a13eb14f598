/*
 * What may be kept of a line that was not understood: its user may have meant
 * to type a secret.
 */
#ifndef CLI_HIDE_H
#define CLI_HIDE_H

#include "cli/language.h"
#include "cli/words.h"

/*
 * The byte where what must be hidden begins: behind the first word that stands
 * before a secret in every row that has it, or in one that has the word before
 * it as well; the line's length if there is none.
 */
size_t hide_from(const struct cli_language *language,
                 const struct words *words);

#endif
