/*
 * Aliases of EXEC commands: replaced before anything is parsed, once, so that
 * whatever is decided about a line is decided about what it stands for.
 */
#ifndef CLI_ALIAS_H
#define CLI_ALIAS_H

#include "cli/language.h"

/* A line in which an alias was replaced, and where that was; all in bytes. */
struct expansion {
    char line[CLI_LINE_MAX + 2]; /* cut behind CLI_LINE_MAX + 1 */
    size_t at;                   /* where the alias stands */
    size_t typed;                /* its length */
    size_t put;                  /* the length of what stands for it */
};

/*
 * The line to be parsed: `line` itself, or e->line. `begun`: the last word is
 * not finished and thus no alias yet.
 */
const char *alias_expand(const struct cli_language *language,
                         const struct cli_context *context, const char *line,
                         bool begun, struct expansion *e);
/* Where byte `at` of the expanded line was typed: all of an alias at its
   beginning. */
size_t alias_typed_at(const struct expansion *e, size_t at);
/* The word that could be an alias: 0, behind `do` 1; no words at all: -1. */
int alias_word(const struct cli_context *context, const char *line, size_t *at,
               size_t *length);

#endif
