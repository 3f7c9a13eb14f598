#include "os/priority.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROMPT_NS  100000 /* the shortest turn that Linux takes for one */
#define DEFAULT_NS 0      /* Linux's own choice, some milliseconds */
#define YIELD_NICE 5      /* a third of the time of one that does not yield */

/* struct sched_attr of sched_setattr(2), which libc does not declare. */
struct attributes {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
};

/* Niceness is added to what it is. */
static void
change(pid_t pid, int nice, uint64_t runtime_ns)
{
    struct attributes a;

    if (syscall(SYS_sched_getattr, pid, &a, sizeof(a), 0) != 0)
        return;
    a.size = sizeof(a);
    a.nice += nice;
    a.runtime_ns = runtime_ns;
    (void)!syscall(SYS_sched_setattr, pid, &a, 0);
}

void
priority_prompt(void)
{
    change(0, 0, PROMPT_NS);
}

void
priority_yield(pid_t pid, bool yields)
{
    if (yields)
        change(pid, YIELD_NICE, DEFAULT_NS);
    else
        change(pid, -YIELD_NICE, PROMPT_NS);
}
