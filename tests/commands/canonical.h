/*
 * One command, one text: what is asked of an authorizer and kept in a log does
 * not depend on how it was typed (hardening 10.6).
 */
#ifndef TESTS_COMMANDS_CANONICAL_H
#define TESTS_COMMANDS_CANONICAL_H

#include "laws.h"
#include "sentence.h"

/*
 * A random line of the row, then the same in shortest words, in any case, with
 * any blanks, behind `do` in every configuration mode, and by an alias for any
 * number of its words: the canonical text is always the same, and holds no
 * secret.
 */
void canonical_try(const struct laws *laws, const struct mode_table *table,
                   const struct cli_pattern *pattern, struct dice *dice);

#endif
