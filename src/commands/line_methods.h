/*
 * What a line says of lists of methods: `login authentication`,
 * `authorization ...`, `accounting ...`; line.c has the rows.
 */
#ifndef COMMANDS_LINE_METHODS_H
#define COMMANDS_LINE_METHODS_H

#include "cli/row.h"

const char *line_set_login_list(struct cli_change *change);
void line_write_login_list(struct cli_writer *writer, const void *section,
                           bool all);
const char *line_set_authorization(struct cli_change *change);
void line_write_authorization(struct cli_writer *writer, const void *section,
                              bool all);
/* Of a tty line. */
/* Of a line that connections lead to: only theirs. */
const char *line_set_connection_records(struct cli_change *change);
void line_write_connection_records(struct cli_writer *writer,
                                   const void *section, bool all);
const char *line_set_reverse_access(struct cli_change *change);
void line_write_reverse_access(struct cli_writer *writer, const void *section,
                               bool all);
const char *line_set_accounting(struct cli_change *change);
void line_write_accounting(struct cli_writer *writer, const void *section,
                           bool all);

#endif
