/*
 * The heap of a process whose children live long and are many: what each of
 * them writes to is a page of its own, so their memory is to lie together and
 * whole pages are to be free when it is freed.
 */
#ifndef WORKER_HEAP_H
#define WORKER_HEAP_H

/* First act of the program, which control has started without a cache of
   freed blocks (os/spawn.c). */
void heap_begin(void);
/*
 * Last act before the first fork: the holes that are left in shared pages are
 * closed, so that children put their own memory behind them (8 KiB).
 */
void heap_close_holes(void);
/* Give whole free pages back, before a long idle. */
void heap_trim(void);

#endif
