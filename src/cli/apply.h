/*
 * assign.c: parsed values into the fields of one structure.
 */
#ifndef CLI_APPLY_H
#define CLI_APPLY_H

#include "cli/place.h"

/*
 * The values of a SET row, or with `no` or `default` what these leave. NULL
 * or a refusal.
 */
const char *assign_set(const struct cli_match *match, void *fields);
/*
 * All values of a line. What was not given becomes its default; with `merge`
 * an optional part of the whole line that was not given stays as it is.
 */
void assign_values(const struct cli_match *match, void *fields, bool merge);
/* Every row of a mode at its default, lists empty. */
void assign_mode_defaults(const struct mode_table *table, void *base);

#endif
