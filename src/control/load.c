#include "control/load.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "control/helpers.h"
#include "control/workers.h"
#include "os/machine.h"

#define INTERVAL_MS 5000
/*
 * For so long after somebody asked, all processes are looked at; else only
 * those that are always there: a thousand idle workers shall cost nothing.
 */
#define WATCH_MS      300000
#define PROCESSES_MAX 4096
#define STANDING_MAX  (2 + HELPER_COUNT)

/* What was seen of a process, and what followed from it. */
struct seen {
    pid_t pid;
    uint64_t started, cpu_ms;
    struct load_figures share;
};

struct load {
    struct router *router;
    uv_timer_t timer;
    bool asked; /* somebody did, */
    uint64_t asked_ms;
    bool measured;          /* an interval is over */
    struct machine_cpu cpu; /* at its end */
    struct load_figures total;
    double interrupts;
    uint64_t lowest_memory; /* bytes */
    struct seen *processes; /* owned */
    size_t process_count;
};

static double
per_cent(double part, double whole)
{
    double value = whole > 0 ? 100.0 * part / whole : 0;

    return value > 100 ? 100 : value;
}

/* One more interval; the first one is all that is known. */
static void
take_figure(struct load_figures *figures, double now, bool first)
{
    const double step_s = INTERVAL_MS / 1000.0;

    figures->five_s = now;
    if (first)
        figures->one_min = figures->five_min = now;
    figures->one_min += (now - figures->one_min) * step_s / (60 + step_s);
    figures->five_min += (now - figures->five_min) * step_s / (300 + step_s);
}

/* Over all its life: what is known of one that was not looked at before. */
static struct load_figures
share_of_life(const struct process *p)
{
    long tick = sysconf(_SC_CLK_TCK),
         processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct load_figures share = {0, 0, 0};
    struct timespec now;
    double age_ms;

    if (tick <= 0 || processors <= 0 ||
        clock_gettime(CLOCK_BOOTTIME, &now) != 0)
        return share;
    age_ms = (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6 -
             (double)p->started * 1000 / (double)tick;
    take_figure(&share,
                per_cent((double)p->cpu_ms, age_ms * (double)processors), true);
    return share;
}

/* The kernel lists children by age, so the search goes on where it ended. */
static const struct seen *
seen_find(const struct seen *all, size_t count, size_t *from,
          const struct process *p)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = (*from + i) % count;

        if (all[at].pid == p->pid && all[at].started == p->started) {
            *from = at + 1;
            return &all[at];
        }
    }
    return NULL;
}

static bool
is_watched(const struct load *load)
{
    return load->asked &&
           router_now_ms(load->router) - load->asked_ms < WATCH_MS;
}

/* Ourselves, the helpers and the nursery. */
static size_t
standing(struct router *r, pid_t *pids)
{
    pid_t others[STANDING_MAX - 1];
    size_t count = 0;

    pids[count++] = getpid();
    for (enum helper_name name = 0; name < HELPER_COUNT; name++)
        others[name] = helper_pid(r, name);
    others[HELPER_COUNT] = workers_nursery_pid(r);
    for (size_t i = 0; i < STANDING_MAX - 1; i++)
        if (others[i] > 0)
            pids[count++] = others[i];
    return count;
}

/* `ticks`: of all processors, that went by since the last time. */
static void
measure_processes(struct load *load, double ticks)
{
    double tick_ms = 1000.0 / (double)sysconf(_SC_CLK_TCK);
    bool all = is_watched(load);
    pid_t *pids = alloc_zero(all ? PROCESSES_MAX : STANDING_MAX, sizeof(*pids));
    size_t family = all ? process_family(pids, PROCESSES_MAX)
                        : standing(load->router, pids);
    struct seen *now = alloc_zero(family, sizeof(*now));
    size_t count = 0, from = 0;

    for (size_t i = 0; i < family; i++) {
        const struct seen *before;
        struct process p;

        if (process_read("", pids[i], false, &p) != OK)
            continue;
        before = seen_find(load->processes, load->process_count, &from, &p);
        now[count] = (struct seen){p.pid, p.started, p.cpu_ms, {0, 0, 0}};
        if (before == NULL) {
            now[count++].share = share_of_life(&p);
            continue;
        }
        now[count].share = before->share;
        take_figure(
            &now[count++].share,
            per_cent((double)(p.cpu_ms - before->cpu_ms) / tick_ms, ticks),
            false);
    }
    free(pids);
    free(load->processes);
    load->processes = now;
    load->process_count = count;
}

static void
look_at_memory(struct load *load)
{
    struct machine_memory memory;

    if (machine_memory_read("", &memory) == OK &&
        (load->lowest_memory == 0 || memory.available < load->lowest_memory))
        load->lowest_memory = memory.available;
}

static void
on_interval(uv_timer_t *timer)
{
    struct load *load = timer->data;
    struct machine_cpu now;
    double ticks;

    look_at_memory(load);
    if (machine_cpu_read("", &now) != OK || now.total <= load->cpu.total)
        return;
    ticks = (double)(now.total - load->cpu.total);
    take_figure(&load->total,
                per_cent((double)(now.busy - load->cpu.busy), ticks),
                !load->measured);
    load->interrupts =
        per_cent((double)(now.interrupts - load->cpu.interrupts), ticks);
    measure_processes(load, ticks);
    load->cpu = now;
    load->measured = true;
}

struct load *
load_new(struct router *r)
{
    struct load *load = alloc_zero(1, sizeof(*load));

    if (machine_cpu_read("", &load->cpu) != OK)
        load->cpu = (struct machine_cpu){0};
    look_at_memory(load);
    load->router = r;
    uv_timer_init(&r->loop, &load->timer);
    load->timer.data = load;
    uv_timer_start(&load->timer, on_interval, INTERVAL_MS, INTERVAL_MS);
    /* Alone it is no reason for the loop to go on. */
    uv_unref((uv_handle_t *)&load->timer);
    return load;
}

static void
on_closed(uv_handle_t *handle)
{
    struct load *load = handle->data;

    free(load->processes);
    free(load);
}

void
load_free(struct load *load)
{
    if (load != NULL)
        uv_close((uv_handle_t *)&load->timer, on_closed);
}

/* --- what is told ------------------------------------------------------- */

void
load_total(struct load *load, struct load_figures *total, double *interrupts)
{
    struct machine_cpu now;
    double ticks;

    *total = load->total;
    *interrupts = load->interrupts;
    if (load->measured || machine_cpu_read("", &now) != OK)
        return;
    ticks = (double)(now.total - load->cpu.total);
    take_figure(total, per_cent((double)(now.busy - load->cpu.busy), ticks),
                true);
    *interrupts =
        per_cent((double)(now.interrupts - load->cpu.interrupts), ticks);
}

void
load_watch(struct load *load)
{
    load->asked = true;
    load->asked_ms = router_now_ms(load->router);
}

struct load_figures
load_process(const struct load *load, const struct process *process)
{
    size_t from = 0;
    const struct seen *seen =
        seen_find(load->processes, load->process_count, &from, process);

    return seen == NULL ? share_of_life(process) : seen->share;
}

uint64_t
load_lowest_memory(struct load *load)
{
    look_at_memory(load);
    return load->lowest_memory;
}
