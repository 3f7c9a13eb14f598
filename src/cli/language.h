/*
 * The compiled modes.
 */
#ifndef CLI_LANGUAGE_H
#define CLI_LANGUAGE_H

#include "cli/pattern.h"

struct mode_table {
    const struct cli_mode *mode;
    const struct config_type *base; /* what its rows bind to; NULL in EXEC */
    struct cli_pattern *patterns;   /* in the order of the tables */
    size_t count;
};

struct cli_language {
    struct mode_table *modes;
    size_t count;
    struct mode_table filters;      /* behind a bar: filter.c */
    struct mode_table json_filters; /* of rows that have .json */
};

/* The engine's own rows, in every configuration mode. */
extern const struct cli_row language_no;
extern const struct cli_row language_default;
extern const struct cli_row language_do;

/* A mode that is not one of the language is a programming error. */
const struct mode_table *language_mode(const struct cli_language *language,
                                       const struct cli_mode *mode);

/*
 * language_laws.c: help texts go to their tokens, defaults agree with
 * config.h. False: `problem` (may be NULL) says why not.
 */
bool language_explain(struct mode_table *table, struct buf *problem);
bool language_find_bases(struct cli_language *language, struct buf *problem);
bool language_check_rows(const struct cli_language *language,
                         const struct mode_table *table, struct buf *problem);
/* Always false. */
bool language_problem(struct buf *problem, const struct mode_table *table,
                      const struct cli_row *row, const char *text);

#endif
