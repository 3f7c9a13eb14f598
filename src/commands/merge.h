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
 * called, once, never from within this call, unless merge_free() came first:
 * this logs %SYS-5-CONFIG_I, however far it has come. `from` is its source.
 * NULL: the configuration is being replaced; that is told.
 */
struct merge *merge_begin(struct command *cmd, const char *from,
                          struct buf *text, void (*done)(struct command *cmd));
/*
 * The same into the configuration of a router that does not serve: one whose
 * other members are all zero, but for the language. It is the caller's, and
 * outlives the merge.
 */
struct merge *merge_try(struct command *cmd, struct router *into,
                        struct buf *text, void (*done)(struct command *cmd));
/* For cmd->on_resume: it pauses while the user has much to read. */
void merge_resume(struct merge *merge);
void merge_free(struct merge *merge); /* NULL is fine */

#endif
