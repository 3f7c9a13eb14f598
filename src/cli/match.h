/*
 * From rows that agree with a line to the values of one row.
 */
#ifndef CLI_MATCH_H
#define CLI_MATCH_H

#include "cli/search.h"

/* Raw memory made an empty match. */
void match_init(struct cli_match *match);

/*
 * match_values.c: the row of `candidate`, its values and the line's full
 * text, behind whatever match->text holds already.
 */
void match_take(struct cli_match *match, struct search *s,
                const struct candidate *candidate);

/*
 * The row of a line that shows something, and what stands behind its bar;
 * NULL: it is no such line.
 */
const struct cli_row *match_behind_bar(const struct cli_language *language,
                                       const struct cli_context *context,
                                       const struct words *words,
                                       struct words *behind);

/* The tokens that were given. */
token_set match_given(const struct cli_match *match);

/*
 * Which alternative of a group was given, from 1; 0: none. In `alternative`
 * (may be NULL) its node.
 */
unsigned match_alternative(const struct cli_match *match, unsigned group,
                           unsigned *alternative);

#endif
