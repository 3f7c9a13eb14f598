/*
 * What holds for every table of rows, whatever its commands are.
 */
#ifndef TESTS_COMMANDS_LAWS_H
#define TESTS_COMMANDS_LAWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cli/cli.h"

struct laws {
    const struct cli_language *language;
    void *owner; /* given to the rows' functions */
};

/*
 * Run all laws as tests; the exit status of main(). `begin` leaves a struct
 * laws as the state, `end` frees what it made. The laws:
 *
 * Random lines of every setting, each alone and then all together: what is
 * accepted is written, read into a fresh configuration that is then equal,
 * and written again to the same text.
 * A `no` or `default` before the line, or before its words alone, undoes it.
 * A line with something wrong in it, when it is refused, changes nothing.
 * No line is the line of two rows of one mode.
 * Every prefix of every keyword gives the same full text, or is ambiguous.
 * However a line is typed, its canonical text is the same: canonical.h.
 * Behind every word `?` offers what comes next, and Tab completes it.
 */
int laws_run(CMFixtureFunction begin, CMFixtureFunction end);

#endif
