/*
 * The line that a command names, in the ways that IOS has: LINE_PLACE in a
 * row's syntax, LINE_PLACE_HELP among its texts.
 */
#ifndef COMMANDS_LINE_PLACE_H
#define COMMANDS_LINE_PLACE_H

#include "config/line_number.h"
#include "control/command.h"

#define LINE_PLACE                                                        \
    "<0-14097>:absolute|aux <0-0>|console <0-0>|tty <1-4096>:tty-number|" \
    "vty <0-9999>:number"
#define LINE_PLACE_HELP                                                      \
    "Line number", "Auxiliary line", "Line number", "Primary terminal line", \
        "Line number", "Terminal controller", "Line number",                 \
        "Virtual terminal", "Line number"

struct line_place {
    struct config_line_id id;
    unsigned line; /* absolute: as configured, or as the session there has it */
};

/*
 * False: there is no such line, and the user was told so, as IOS does: the
 * number is out of range. An absolute number is that of a tty line first, then
 * of a session that was given it, for sessions keep theirs when lines change.
 */
bool line_place_named(struct command *cmd, struct line_place *place);
/* No line was named at all. */
bool line_place_is_absent(const struct command *cmd);
/* By what it is. */
struct line_place line_place_of(struct command *cmd, struct config_line_id id);
/* Where a session is. */
struct line_place line_place_of_session(const struct session *s);
/* Who is on it; NULL: nobody. A console that waits for RETURN has nobody. */
struct session *line_place_session(struct command *cmd,
                                   const struct line_place *place);
/* How it is configured, never NULL: a line that is gone has the defaults. */
const struct config_line *line_place_settings(struct command *cmd,
                                              const struct line_place *place);

/* The configured line behind this one; line con 0 comes first. False: none. */
bool line_place_next(struct command *cmd, struct line_place *place);

#endif
