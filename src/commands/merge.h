/*
 * A text of configuration lines added to the running configuration.
 */
#ifndef COMMANDS_MERGE_H
#define COMMANDS_MERGE_H

#include "control/command.h"

struct merge;

/*
 * Carry the lines out in turns, so that nobody waits for them; lines that are
 * refused are shown with what is wrong. `text` is taken over. Then `done` is
 * called, once, never from within this call, unless merge_free() came first.
 */
struct merge *merge_begin(struct command *cmd, struct buf *text,
                          void (*done)(struct command *cmd));
/* For cmd->on_resume: it pauses while the user has much to read. */
void merge_resume(struct merge *merge);
void merge_free(struct merge *merge); /* NULL is fine */

#endif
