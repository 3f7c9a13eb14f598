/*
 * The escape character of a line: how it is typed and shown.
 */
#ifndef COMMANDS_LINE_ESCAPE_H
#define COMMANDS_LINE_ESCAPE_H

#include "cli/cli.h"

/* The syntax of its value, and the texts that go with it. */
#define LINE_ESCAPE "{default|none|WORD:character}"
#define LINE_ESCAPE_HELP                                       \
    "Use default escape character", "Disable escape entirely", \
        "Escape character, ^ and a letter, or its ASCII decimal equivalent"

/*
 * The character of a line with LINE_ESCAPE in it, 0 for none. False: it is
 * no ASCII character.
 */
bool line_escape_typed(const struct cli_match *match, unsigned *escape);

#define LINE_ESCAPE_TEXT 8
/* "^^x": what suspends a session; "none". */
void line_escape_text(unsigned escape, char text[LINE_ESCAPE_TEXT]);

#endif
