/*
 * On which processor a process runs. Wishes; where Linux does not grant them,
 * all goes on as if they had not been made.
 */
#ifndef OS_AFFINITY_H
#define OS_AFFINITY_H

#include <sched.h>
#include <stdbool.h>

/* Where a process might run before it stayed. */
struct affinity {
    bool stays;
    cpu_set_t before;
};

/*
 * The calling process, and those that it forks, stay on the processor where it
 * is now. A fork must interrupt each processor on which the parent has run
 * since, to empty its table of addresses; of one that stays, none. In a virtual
 * machine these interrupts cost as much as the rest of a small fork.
 */
void affinity_stay(struct affinity *a);
/* The calling process, a child of one that stays, runs where that might have.
 */
void affinity_roam(const struct affinity *a);

#endif
