/*
 * A row's values back to the line that sets them.
 */
#ifndef CLI_WRITE_H
#define CLI_WRITE_H

#include "cli/language.h"
#include "cli/place.h"

struct cli_writer {
    const struct cli_language *language;
    struct buf *out;
    unsigned indent; /* blanks before a line */
    bool all;        /* defaults too */
    bool masked;     /* secrets as "<removed>" */
};

/*
 * The syntax with the fields' values in it, without indentation or LF.
 * `masked`: secrets are not shown. False, and nothing appended: there is a
 * value that cannot be typed.
 */
bool write_pattern(const struct cli_pattern *pattern, const void *fields,
                   bool masked, struct buf *out);

/* All lines of one row of a mode; `base` is the mode's structure. */
void write_row(struct cli_writer *writer, const struct cli_pattern *pattern,
               const void *base);
/* Those of a LIST's entries that have the keys. */
void write_entries(struct cli_writer *writer, const struct cli_pattern *pattern,
                   const void *base, const struct cli_key keys[CLI_KEYS_MAX]);

#endif
