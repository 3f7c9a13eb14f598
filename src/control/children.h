/*
 * Every child of control ends here: workers, nurseries, helpers, key makers.
 * One SIGCHLD watcher, and the status goes to whoever watches that pid.
 *
 * waitpid(-1) passes over all children that live, a thousand workers, so those
 * that are known to be ending are asked for one by one instead. A signal that
 * stood for somebody else as well is made good by a look at all of them, soon,
 * and once for many signals.
 */
#ifndef CONTROL_CHILDREN_H
#define CONTROL_CHILDREN_H

#include <sys/types.h>

#include "base/err.h"
#include "control/router.h"

/* `status` is that of waitpid(2): WIFEXITED(), WTERMSIG(), ... */
typedef void (*child_fn)(void *owner, pid_t pid, int status);

/* ERR_SYSTEM: no signal watcher could be had. */
MUST_CHECK enum err children_start(struct router *r);
void children_stop(struct router *r);

/*
 * Call `fn` once, when `pid` has ended. A child whose number came by message
 * may have been reaped before: then `fn` is called from within this call.
 */
void children_watch(struct router *r, pid_t pid, child_fn fn, void *owner);
/* A watched child is about to end: it says so, or its pipe is closed. */
void children_expect(struct router *r, pid_t pid);
/* The owner is gone: nobody is told about this child any more. */
void children_forget(struct router *r, pid_t pid);

/*
 * Kill a child that nobody watches, whose number came by message; nothing if
 * it has ended, or is no child of ours.
 */
void children_kill(struct router *r, pid_t pid);

/* "exit status 1", "signal 11 (Segmentation fault)". */
void child_status_text(int status, char *to, size_t room);
/* Not exit status 0; whether the signal was ours, the caller knows. */
bool child_crashed(int status);

#endif
