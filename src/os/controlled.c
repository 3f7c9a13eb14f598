#include "os/controlled.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/clock.h"

#define ROOM_FIRST 64 /* entries */

struct controlled {
    pthread_mutex_t lock;
    unsigned owners;
    uint64_t seen_ms; /* 0: nothing yet */
    size_t count, room;
    struct entry {
        unsigned long terminal; /* as the kernel writes it */
        pid_t pid;
    } * entries;
};

/* --- looking -------------------------------------------------------------- */

/* The terminal that a process is controlled by; 0: none. */
static unsigned long
terminal_of(const char *pid)
{
    char path[300], text[512];
    unsigned long terminal = 0;
    const char *behind;
    ssize_t got;
    int fd;

    snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got <= 0)
        return 0;
    text[got] = '\0';
    /* Behind the name, which may hold anything. */
    behind = strrchr(text, ')');
    if (behind == NULL ||
        sscanf(behind + 1, " %*c %*d %*d %*d %lu", &terminal) != 1)
        return 0;
    return terminal;
}

static void
keep(struct controlled *c, unsigned long terminal, const char *pid)
{
    if (c->count == c->room) {
        struct entry *more =
            alloc_zero(c->room == 0 ? ROOM_FIRST : 2 * c->room, sizeof(*more));

        if (c->count > 0)
            memcpy(more, c->entries, c->count * sizeof(*more));
        free(c->entries);
        c->entries = more;
        c->room = c->room == 0 ? ROOM_FIRST : 2 * c->room;
    }
    c->entries[c->count++] = (struct entry){
        .terminal = terminal, .pid = (pid_t)strtol(pid, NULL, 10)};
}

static void
look(struct controlled *c)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;

    c->count = 0;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        unsigned long terminal = 0;

        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            terminal = terminal_of(entry->d_name);
        if (terminal != 0)
            keep(c, terminal, entry->d_name);
    }
    if (dir != NULL)
        closedir(dir);
    c->seen_ms = clock_now_ms();
}

pid_t
controlled_by(struct controlled *c, dev_t device)
{
    unsigned long sought = (minor(device) & 0xff) | (major(device) << 8) |
                           ((minor(device) & ~0xffu) << 12);
    pid_t found = 0;

    pthread_mutex_lock(&c->lock);
    if (c->seen_ms == 0 || clock_now_ms() >= c->seen_ms + CONTROLLED_KEEP_MS)
        look(c);
    for (size_t i = 0; found == 0 && i < c->count; i++)
        if (c->entries[i].terminal == sought)
            found = c->entries[i].pid;
    pthread_mutex_unlock(&c->lock);
    return found;
}

/* --- life ----------------------------------------------------------------- */

struct controlled *
controlled_new(void)
{
    struct controlled *c = alloc_zero(1, sizeof(*c));

    pthread_mutex_init(&c->lock, NULL);
    c->owners = 1;
    return c;
}

struct controlled *
controlled_share(struct controlled *c)
{
    pthread_mutex_lock(&c->lock);
    c->owners++;
    pthread_mutex_unlock(&c->lock);
    return c;
}

void
controlled_drop(struct controlled *c)
{
    unsigned left;

    if (c == NULL)
        return;
    pthread_mutex_lock(&c->lock);
    left = --c->owners;
    pthread_mutex_unlock(&c->lock);
    if (left > 0)
        return;
    pthread_mutex_destroy(&c->lock);
    free(c->entries);
    free(c);
}
