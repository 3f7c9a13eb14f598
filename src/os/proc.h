/*
 * Files of /proc and /sys: read whole or their beginning, made fit to show;
 * and processes as /proc tells of them.
 */
#ifndef OS_PROC_H
#define OS_PROC_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"

#define PROC_TEXT_MAX (16 * 1024) /* bytes of a file that are looked at */
#define PROC_PATH_MAX 512

/* False: it does not fit. */
bool proc_path(char path[PROC_PATH_MAX], const char *format, ...) PRINTF(2, 3);
/*
 * The file ROOT + PATH, or as much of it as `room` takes, ended by NUL.
 * ERR_SYSTEM.
 */
MUST_CHECK enum err proc_read(const char *root, const char *path, char *text,
                              size_t room);
/*
 * `len` bytes as a text that can be shown: blanks at its ends taken off,
 * control bytes escaped, quotation marks left out.
 */
void proc_show(const char *bytes, size_t len, char *to, size_t room);

struct process {
    pid_t pid;
    char state;        /* 'R', 'S', ... of proc(5) */
    uint64_t cpu_ms;   /* user and system time it has used */
    uint64_t started;  /* clock ticks since boot: tells a pid used again */
    uint64_t switches; /* how often it was given a processor, about */
    uint64_t virtual;  /* bytes of address space */
    uint64_t resident; /* bytes in memory */
    char name[64];     /* its title, as `ps` shows it */
};

/* ERR_SYSTEM: it is gone; ERR_FORMAT. `name` and `switches` only if asked. */
MUST_CHECK enum err process_read(const char *root, pid_t pid, bool details,
                                 struct process *process);
/*
 * The pids of the calling process and of its children, at most `most`; how
 * many. In a kernel without that list only the process itself.
 */
size_t process_family(pid_t *pids, size_t most);

#endif
