#include "os/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

bool
proc_path(char path[PROC_PATH_MAX], const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(path, PROC_PATH_MAX, format, args);
    va_end(args);
    return len >= 0 && len < PROC_PATH_MAX;
}

static enum err
read_start(int fd, char *text, size_t room)
{
    size_t have = 0;

    while (have + 1 < room) {
        ssize_t got = read(fd, text + have, room - 1 - have);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_SYSTEM;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    text[have] = '\0';
    return OK;
}

enum err
proc_read(const char *root, const char *path, char *text, size_t room)
{
    char whole[PROC_PATH_MAX];
    enum err err;
    int fd;

    if (!proc_path(whole, "%s%s", root, path))
        return ERR_SYSTEM;
    fd = open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return ERR_SYSTEM;
    err = read_start(fd, text, room);
    close(fd);
    return err;
}

void
proc_show(const char *bytes, size_t len, char *to, size_t room)
{
    size_t kept = 0;

    while (len > 0 && strchr(" \t\n", bytes[len - 1]) != NULL)
        len--;
    while (len > 0 && strchr(" \t\n", bytes[0]) != NULL) {
        bytes++;
        len--;
    }
    text_escape(to, room, span_of(bytes, len));
    for (size_t i = 0; to[i] != '\0'; i++)
        if (to[i] != '"')
            to[kept++] = to[i];
    to[kept] = '\0';
}

/* --- processes ---------------------------------------------------------- */

/* "12 (name) S 1 ...": the name may hold anything, also a parenthesis. */
static enum err
read_stat(const char *root, struct process *p)
{
    char path[PROC_PATH_MAX], text[1024];
    unsigned long long user, kernel, started, size;
    long ticks = sysconf(_SC_CLK_TCK), page = sysconf(_SC_PAGESIZE), pages;
    const char *rest;

    if (!proc_path(path, "/proc/%d/stat", (int)p->pid) ||
        proc_read(root, path, text, sizeof(text)) != OK)
        return ERR_SYSTEM;
    rest = strrchr(text, ')');
    if (rest == NULL || ticks <= 0 || page <= 0 ||
        sscanf(rest + 1,
               " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d "
               "%*d %*d %*d %*d %*d %llu %llu %ld",
               &p->state, &user, &kernel, &started, &size, &pages) != 6)
        return ERR_FORMAT;
    p->cpu_ms = (user + kernel) * 1000 / (unsigned long)ticks;
    p->started = started;
    p->virtual = size;
    p->resident = pages < 0 ? 0 : (uint64_t)pages * (unsigned long)page;
    return OK;
}

/* Each change of context away from it follows a time it had a processor. */
static void
read_switches(const char *root, struct process *p)
{
    static const char *const keys[] = {"\nvoluntary_ctxt_switches:",
                                       "\nnonvoluntary_ctxt_switches:"};
    char path[PROC_PATH_MAX], text[PROC_TEXT_MAX];

    if (!proc_path(path, "/proc/%d/status", (int)p->pid) ||
        proc_read(root, path, text, sizeof(text)) != OK)
        return;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *at = strstr(text, keys[i]);

        if (at != NULL)
            p->switches += strtoull(at + strlen(keys[i]), NULL, 10);
    }
}

/* Up to the first NUL: titles are written over the arguments. */
static void
read_title(const char *root, struct process *p)
{
    char path[PROC_PATH_MAX], text[sizeof(p->name)];
    const char *base;

    if (!proc_path(path, "/proc/%d/cmdline", (int)p->pid) ||
        proc_read(root, path, text, sizeof(text)) != OK)
        return;
    base = strchr(text, ':') == NULL ? strrchr(text, '/') : NULL;
    base = base == NULL ? text : base + 1;
    proc_show(base, strlen(base), p->name, sizeof(p->name));
}

enum err
process_read(const char *root, pid_t pid, bool details, struct process *process)
{
    struct process p = {.pid = pid};
    enum err err = read_stat(root, &p);

    if (err != OK)
        return err;
    if (details) {
        read_switches(root, &p);
        read_title(root, &p);
    }
    *process = p;
    return OK;
}

size_t
process_family(pid_t *pids, size_t most)
{
    char path[PROC_PATH_MAX], text[PROC_TEXT_MAX];
    size_t count = 0;
    char *at = text;

    if (most == 0)
        return 0;
    pids[count++] = getpid();
    /* Children belong to the thread that made them: the first one. */
    if (!proc_path(path, "/proc/self/task/%d/children", (int)getpid()) ||
        proc_read("", path, text, sizeof(text)) != OK)
        return count;
    while (count < most) {
        char *end;
        long pid = strtol(at, &end, 10);

        if (end == at || *end == '\0')
            break; /* what is cut off is no number */
        pids[count++] = (pid_t)pid;
        at = end;
    }
    return count;
}
