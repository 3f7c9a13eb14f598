/*
 * `show processes`, `show processes cpu`, `show processes memory`, `show
 * memory`: the machine's processors and memory, and what vtyd's own processes
 * take of them. Columns of IOS that Linux has nothing for are not there.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "commands/rows.h"
#include "control/command.h"
#include "control/load.h"
#include "os/machine.h"

#define PROCESSES_MAX 4096 /* that are shown */

typedef void (*show_process_fn)(struct command *cmd, const struct process *p,
                                unsigned line);

/* The line that a worker serves; 0 of those that serve none. */
static unsigned
line_of(struct router *r, pid_t pid)
{
    LIST_EACH(node, sessions_all(r))
    {
        const struct session *s = LIST_ITEM(node, struct session, node);

        if (s->pid == pid)
            return s->line;
    }
    return 0;
}

static void
show_each(struct command *cmd, show_process_fn show)
{
    pid_t *pids = alloc_zero(PROCESSES_MAX, sizeof(*pids));
    size_t count = process_family(pids, PROCESSES_MAX);

    for (size_t i = 0; i < count; i++) {
        struct process p;

        if (process_read("", pids[i], true, &p) == OK)
            show(cmd, &p, line_of(cmd->router, p.pid));
    }
    free(pids);
}

/* --- processors --------------------------------------------------------- */

static void
show_utilization(struct command *cmd)
{
    struct load_figures total;
    double interrupts;

    load_total(cmd->router->load, &total, &interrupts);
    out_line(cmd,
             "CPU utilization for five seconds: %.0f%%/%.0f%%; one minute: "
             "%.0f%%; five minutes: %.0f%%",
             total.five_s, interrupts, total.one_min, total.five_min);
}

/* Microseconds of processor time each time it had a processor. */
static unsigned long long
slice_us(const struct process *p)
{
    return p->switches == 0 ? 0 : p->cpu_ms * 1000 / p->switches;
}

static void
show_cpu_of(struct command *cmd, const struct process *p, unsigned line)
{
    struct load_figures share = load_process(cmd->router->load, p);

    out_line(cmd, "%7d %11llu %9llu %10llu %6.2f%% %6.2f%% %6.2f%% %3u %s",
             (int)p->pid, (unsigned long long)p->cpu_ms,
             (unsigned long long)p->switches, slice_us(p), share.five_s,
             share.one_min, share.five_min, line, p->name);
}

static void
show_processes_cpu(struct command *cmd)
{
    show_utilization(cmd);
    out_line(cmd, "    PID Runtime(ms)   Invoked      uSecs    5Sec    1Min    "
                  "5Min TTY Process");
    load_watch(cmd->router->load);
    show_each(cmd, show_cpu_of);
}

static void
show_one(struct command *cmd, const struct process *p, unsigned line)
{
    out_line(cmd, "%7d %c %11llu %9llu %10llu %3u %s", (int)p->pid, p->state,
             (unsigned long long)p->cpu_ms, (unsigned long long)p->switches,
             slice_us(p), line, p->name);
}

static void
show_processes(struct command *cmd)
{
    show_utilization(cmd);
    out_line(cmd, "    PID S Runtime(ms)   Invoked      uSecs TTY Process");
    show_each(cmd, show_one);
}

/* --- memory ------------------------------------------------------------- */

static bool
memory_is_known(struct command *cmd, struct machine_memory *memory)
{
    if (machine_memory_read("", memory) == OK)
        return true;
    out_error(cmd, "The machine's memory is not known");
    return false;
}

static void
show_memory_of(struct command *cmd, const struct process *p, unsigned line)
{
    out_line(cmd, "%7d %3u %11llu %11llu %s", (int)p->pid, line,
             (unsigned long long)p->virtual, (unsigned long long)p->resident,
             p->name);
}

static void
show_processes_memory(struct command *cmd)
{
    struct machine_memory memory;

    if (!memory_is_known(cmd, &memory))
        return;
    out_line(cmd, "Processor Pool Total: %10llu Used: %10llu Free: %10llu\n",
             (unsigned long long)memory.total,
             (unsigned long long)(memory.total - memory.available),
             (unsigned long long)memory.available);
    out_line(cmd, "    PID TTY   Allocated     Holding Process");
    show_each(cmd, show_memory_of);
}

static void
show_memory(struct command *cmd)
{
    struct machine_memory memory;

    if (!memory_is_known(cmd, &memory))
        return;
    out_line(cmd,
             "                Head     Total(b)      Used(b)      Free(b)    "
             "Lowest(b)   Largest(b)");
    /* Two blanks, or Ansible sees only every second number. */
    out_line(cmd, "Processor          -  %11llu  %11llu  %11llu  %11llu  %11s",
             (unsigned long long)memory.total,
             (unsigned long long)(memory.total - memory.available),
             (unsigned long long)memory.available,
             (unsigned long long)load_lowest_memory(cmd->router->load), "-");
}

static void
show_some(struct command *cmd)
{
    if (cli_given(cmd->match, "cpu"))
        show_processes_cpu(cmd);
    else if (cli_given(cmd->match, "memory"))
        show_processes_memory(cmd);
    else
        show_processes(cmd);
}

const struct cli_row processes_rows[] = {
    SHOW("show processes [cpu|memory]", 1, show_some,
         "Active process statistics", "Show CPU use per process",
         "Show memory use per process"),
    SHOW("show memory [statistics]", 1, show_memory, "Memory statistics",
         "Show memory pool statistics"),
    ROWS_END,
};
