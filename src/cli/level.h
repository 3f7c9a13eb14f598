/*
 * From which privilege level on a command exists: its row's own, or what
 * `privilege exec level` says about the words that it begins with. Of several
 * entries the one with most words counts.
 */
#ifndef CLI_LEVEL_H
#define CLI_LEVEL_H

#include "cli/language.h"

#define LEVEL_CONFIGURE 15 /* of everything in configuration modes */

struct search;
struct candidate;

/* The entries that count in that mode; NULL: none do. */
const struct config_list *level_list(const struct cli_context *context,
                                     const struct mode_table *table);
/* Some form of the row exists for that user. */
bool level_allows(const struct cli_context *context,
                  const struct mode_table *table,
                  const struct cli_pattern *pattern);
/*
 * Behind the words of a search: which ways on through the row are there for
 * him, and whether he may end here.
 */
void level_narrow(const struct search *s, struct candidate *c);

#endif
