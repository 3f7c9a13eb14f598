/*
 * What users answer to the questions of commands.
 */
#ifndef COMMANDS_ANSWERS_H
#define COMMANDS_ANSWERS_H

#include "control/command.h"

/* A key at `[confirm]`: RETURN, y or Y. NULL is no. */
bool answer_confirms(const char *key);

enum reply { REPLY_NO, REPLY_YES, REPLY_UNCLEAR };

/*
 * A line at `[yes/no]: `: any beginning of the two words. NULL (nobody
 * answered) is no.
 */
enum reply answer_reply(const char *line);

/* What is said to an unclear reply, before the question is asked again. */
void answer_explain(struct command *cmd);

/*
 * A line at `... [NAME]? `: empty is the name in brackets. NULL when nobody
 * answered.
 */
const char *answer_or(const char *line, const char *fallback);

#endif
