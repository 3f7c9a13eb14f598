/*
 * `SHOW | FILTER PATTERN`: the part behind the bar.
 */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "cli/offer.h"

/*
 * The rows behind a bar, one for each enum cli_filter; the second for rows
 * that have .json.
 */
extern const struct cli_mode filter_mode, filter_json_mode;

/* Those behind the bar of this row. */
const struct mode_table *filter_table(const struct cli_language *language,
                                      const struct cli_row *shown);

/*
 * Cut a line where a word begins with a bar: the words before it, and those
 * behind it, at their places in the line. False: there is none.
 */
bool filter_cut(const struct words *words, struct words *before,
                struct words *behind);
/*
 * What stands behind the bar of a SHOW row's line, into `match`, which has
 * that row; `*fault` as search_step() has it.
 */
enum cli_result filter_take(const struct cli_language *language,
                            const struct cli_context *context,
                            const struct words *behind, struct cli_match *match,
                            size_t *fault);

#endif
