/*
 * The privilege level from which a row exists: its own, or what
 * `privilege exec level` says about the words it begins with.
 */
#ifndef CLI_LEVEL_H
#define CLI_LEVEL_H

#include "cli/language.h"

#define LEVEL_CONFIGURE 15 /* of everything in configuration modes */

unsigned level_of(const struct cli_context *context,
                  const struct mode_table *table,
                  const struct cli_pattern *pattern);

#endif
