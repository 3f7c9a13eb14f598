/*
 * Texts of several lines between two delimiters, for `banner` and other
 * settings of that form: a row by ROW_SET_BY, whose last argument is LINE.
 */
#ifndef COMMANDS_BANNER_H
#define COMMANDS_BANNER_H

#include "cli/cli.h"
#include "control/command.h"

#define BANNER_HELP "c banner-text c, where 'c' is a delimiting character"

/* Store the text, or forget it; what is refused is told. */
const char *banner_set(struct cli_change *change, char **banner);
/* The line, its words before the delimiter; nothing for NULL. */
void banner_write(struct cli_writer *writer, const char *words,
                  const char *text);
/* .wants_more of such a row, and .run: further lines are read. */
bool banner_wants_more(const struct cli_match *match, const char *text);
void banner_collect(struct command *cmd);

#endif
