/*
 * A command that asks one question after the other, as `ping` without an
 * address does.
 */
#ifndef COMMANDS_DIALOGUE_H
#define COMMANDS_DIALOGUE_H

#include "control/command.h"

struct question {
    const char *prompt; /* NULL closes a list */
    /*
     * The answer without blanks around it; "" is RETURN alone. False: the user
     * was told what is wrong, and it is asked again.
     */
    bool (*take)(struct command *cmd, const char *answer);
};

/* The first member of such a command's state. */
struct dialogue {
    const struct question *next; /* `take` may set another one */
    void (*done)(struct command *cmd);
};

/*
 * Ask `questions`, then call `done`. The command ends when the user gives up.
 */
void dialogue_begin(struct command *cmd, const struct question *questions,
                    void (*done)(struct command *cmd));
/* From a `take`, which then returns true: the command ends behind it. */
void dialogue_stop(struct command *cmd);

/*
 * A number; empty is what `value` holds. False: there is none from `low` to
 * `high`, and the user was told.
 */
bool dialogue_number(struct command *cmd, const char *answer, uint32_t low,
                     uint32_t high, uint32_t *value);
/* Yes or no; empty is no. False: neither, and the user was told. */
bool dialogue_yes(struct command *cmd, const char *answer, bool *yes);

/* Answers to what nothing here can do: RETURN or `none`; RETURN or no. */
bool dialogue_take_none(struct command *cmd, const char *answer);
bool dialogue_take_no(struct command *cmd, const char *answer);

#endif
