/*
 * What holds for every table of rows, whatever its commands are.
 */
#ifndef TESTS_COMMANDS_LAWS_H
#define TESTS_COMMANDS_LAWS_H

#include "cli/cli.h"

struct laws {
    const struct cli_language *language;
    void *owner; /* given to the rows' functions */
};

/*
 * Random lines of every setting, each alone and then all together: what is
 * accepted is written, read into a fresh configuration that is then equal,
 * and written again to the same text.
 */
void law_settings_survive_writing_and_reading(const struct laws *laws);
/* A `no` before the line, or before its words alone, undoes it. */
void law_no_undoes_a_setting(const struct laws *laws);
/* No line is the line of two rows of one mode. */
void law_rows_are_unambiguous(const struct laws *laws);
/* Every prefix of every keyword gives the same full text, or is ambiguous. */
void law_abbreviations_mean_the_same(const struct laws *laws);
/* Behind every word `?` offers what comes next, and Tab completes it. */
void law_help_offers_every_word(const struct laws *laws);

#endif
