/*
 * The line that a user wants to reach: "lab:7" logs lab in and asks for line
 * 7, "lab:rotary1" for the first free line of group 1 (ios-ssh.md 9.4); a
 * connection to a port of `ip ssh port` asks for its group by itself.
 */
#ifndef CONTROL_LINE_TARGET_H
#define CONTROL_LINE_TARGET_H

#include "base/span.h"
#include "config/config.h"

enum line_target_kind {
    LINE_TARGET_NONE, /* an EXEC, on the vty */
    LINE_TARGET_LINE,
    LINE_TARGET_ROTARY,
};

struct line_target {
    enum line_target_kind kind;
    uint32_t number; /* absolute, of the line; or of the group */
};

/*
 * What stands before the target, which is set if there is one, and left alone
 * if there is none. "lab:x" has none: it is a name of its own.
 */
struct span line_target_split(struct span name, struct line_target *target);

/* The settings of tty line or line aux with this absolute number, or NULL. */
const struct config_tty *line_target_tty(const struct config *config,
                                         uint32_t line);
/*
 * The lowest line of a group above `after` (0: of all), or 0. A line of its
 * own is a group of one.
 */
uint32_t line_target_next(const struct config *config,
                          const struct line_target *target, uint32_t after);
/*
 * How somebody logs in who wants to go there: the settings of the first line
 * that it names, if these say anything about it; else NULL.
 */
const struct config_line *line_target_login(const struct config *config,
                                            const struct line_target *target);

#endif
