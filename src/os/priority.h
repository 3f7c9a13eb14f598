/*
 * Who runs first when the processors are busy: a key that is typed before a
 * file that is moved. Wishes; where Linux does not grant them, all goes on as
 * if they had not been made.
 */
#ifndef OS_PRIORITY_H
#define OS_PRIORITY_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * The calling process, and those that it starts from now on, want little time
 * at once, but soon. Linux takes that into account since 6.12; before, whoever
 * has slept is preferred anyway.
 */
void priority_prompt(void);
/*
 * Process `pid` begins to move files: it yields to others, and gets longer
 * turns. Or it ends that: it is again what it was, if we may say so (as root).
 */
void priority_yield(pid_t pid, bool yields);

#endif
