/*
 * Why the router runs again: what its last run left in the state directory.
 */
#ifndef CONTROL_RESTART_H
#define CONTROL_RESTART_H

struct router;

#define RESTART_TEXT_MAX 256 /* bytes, NUL included */

/* How a run began and how it will have ended. */
struct restart {
    char how[RESTART_TEXT_MAX];    /* "Reload Command", "power-on", ... */
    char reason[RESTART_TEXT_MAX]; /* given with the command, or as `how` */
    char ending[RESTART_TEXT_MAX]; /* of this run, "" until it is known */
    char ending_reason[RESTART_TEXT_MAX];
};

/*
 * Read how the last run ended and note that one is under way: if nothing
 * else is noted, it ends by an error, or with the machine. Blocks for the
 * disk, so before the loop runs; without storage nothing is known.
 */
void restart_begin(struct router *r);
/* The router ends in order: "Reload Command", "shutdown"; the first counts. */
void restart_note(struct router *r, const char *how, const char *reason);
/* Write what was noted; blocks, when nobody is served any more. */
void restart_finish(struct router *r);

#endif
