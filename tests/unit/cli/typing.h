/*
 * A user at the sample language's prompt.
 */
#ifndef TESTS_UNIT_CLI_TYPING_H
#define TESTS_UNIT_CLI_TYPING_H

#include "sample.h"

struct typing {
    struct cli_language *language;
    struct config config;
    struct cli_context context;
    struct sample_seen seen;
    struct buf answer; /* error, refusal, help, or what was written */
};

/* In global configuration at privilege 15. */
void typing_begin(struct typing *t);
void typing_end(struct typing *t);

/* One line; what it was answered: error without caret position 0, or "". */
const char *typing_line(struct typing *t, const char *line);
/* Several lines, separated by LF, none of which may be answered. */
void typing_lines(struct typing *t, const char *lines);
/* `?` behind it. */
const char *typing_help(struct typing *t, const char *line);
/* Tab behind it: the new line, or "" where there is none. */
const char *typing_tab(struct typing *t, const char *line);
/* The running configuration. */
const char *typing_written(struct typing *t, bool all);
/* Its lines in full words, or "" when it is no command. */
const char *typing_full(struct typing *t, const char *line);

#endif
