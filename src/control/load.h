/*
 * How busy the processors are, and what of it is ours: read every five
 * seconds, as IOS does. The load averages of Linux count processes that wait;
 * they are no utilisation.
 */
#ifndef CONTROL_LOAD_H
#define CONTROL_LOAD_H

#include "control/router.h"
#include "os/proc.h"

/* Per cent of all processors together, 0 to 100. */
struct load_figures {
    double five_s;            /* the last five seconds that are over */
    double one_min, five_min; /* averages that forget exponentially */
};

struct load;

struct load *load_new(struct router *r);
/* Freed when the loop has let go of it. NULL is fine. */
void load_free(struct load *load);

/*
 * All processes of the machine, and the time spent for interrupts in the last
 * five seconds. In a router's first five seconds: since its start.
 */
void load_total(struct load *load, struct load_figures *total,
                double *interrupts);
/* Somebody asks for shares: for five minutes all our processes are sampled. */
void load_watch(struct load *load);
/*
 * The share of one of our processes. Of one that is not sampled, or not twice
 * yet, it is the share over its life, in all three figures.
 */
struct load_figures load_process(const struct load *load,
                                 const struct process *process);
/* Least bytes of available memory seen since the start. */
uint64_t load_lowest_memory(struct load *load);

#endif
