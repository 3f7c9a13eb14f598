/*
 * A large program's code in huge pages, for a process that forks often: a
 * child then takes no page fault for code and has next to nothing to unmap
 * when it ends.
 */
#ifndef OS_HUGE_TEXT_H
#define OS_HUGE_TEXT_H

#include <stdbool.h>

/*
 * Put the program's code and constants into huge pages, with the rights they
 * had. They are copies in memory: gdb reads them as ever, while perf, which
 * goes by the file behind a mapping, sees addresses without names. Before any
 * sandbox and any thread. False: some or all stayed as it was, which costs
 * time and nothing else (not aligned for it, no huge page to be had, Linux
 * before 6.1).
 */
bool huge_text(void);

#endif
