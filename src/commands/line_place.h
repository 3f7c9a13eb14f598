/*
 * The line that a command names, in the three ways that IOS has:
 * LINE_PLACE in a row's syntax, LINE_PLACE_HELP among its texts.
 */
#ifndef COMMANDS_LINE_PLACE_H
#define COMMANDS_LINE_PLACE_H

#include "control/command.h"

#define LINE_PLACE "<0-10000>:absolute|console <0-0>|vty <0-9999>:number"
#define LINE_PLACE_HELP                                                        \
    "Line number", "Primary terminal line", "Line number", "Virtual terminal", \
        "Line number"

struct line_place {
    unsigned line; /* absolute */
    bool console;
    unsigned vty;
};

/*
 * False: there is no such line, and the user was told so, as IOS does: the
 * number is out of range.
 */
bool line_place_named(struct command *cmd, struct line_place *place);
/* By its absolute number, which exists. */
struct line_place line_place_of(unsigned line);
/* Who is on it; NULL: nobody. A console that waits for RETURN has nobody. */
struct session *line_place_session(struct command *cmd,
                                   const struct line_place *place);

#endif
