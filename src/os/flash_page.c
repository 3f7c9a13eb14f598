/*
 * A directory page by page: of all names only those that a page has room for
 * are looked at more closely.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "os/flash_parts.h"

/* Every name behind `after`, in no order; nothing else is known of it yet. */
static enum err
read_names(DIR *dir, const char *after, struct flash_list *names)
{
    const struct dirent *entry;

    for (;;) {
        errno = 0;
        entry = readdir(dir);
        if (entry == NULL)
            return errno == 0 ? OK : ERR_SYSTEM;
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, after) <= 0)
            continue;
        if (names->count >= FLASH_LIST_MAX)
            return flash_failed(E2BIG);
        /* Room doubles at each power of two. */
        if ((names->count & (names->count - 1)) == 0)
            names->entries = alloc_resize(
                names->entries, names->count == 0 ? 1 : names->count * 2,
                sizeof(*names->entries));
        names->entries[names->count++] =
            (struct flash_entry){.name = text_dup(entry->d_name)};
    }
}

static int
by_name(const void *a, const void *b)
{
    const struct flash_entry *left = a, *right = b;

    return strcmp(left->name, right->name);
}

/* It can be named, is of a kind that users have, and is still there. */
static bool
look_at(int dir, struct flash_entry *entry)
{
    char *name = entry->name;
    struct stat st;

    if (flash_check_path(name) != OK || flash_stat_in(dir, name, &st) != OK)
        return false;
    flash_entry_set(entry, &st);
    entry->name = name;
    return true;
}

/* The first `max` of them that are any of a user's business. */
static void
keep_page(int dir, size_t max, struct flash_list *list, bool *more)
{
    size_t kept = 0, at = 0;

    for (; at < list->count && kept < max; at++) {
        if (look_at(dir, &list->entries[at]))
            list->entries[kept++] = list->entries[at];
        else
            free(list->entries[at].name);
    }
    *more = at < list->count;
    for (; at < list->count; at++)
        free(list->entries[at].name);
    list->count = kept;
}

enum err
flash_read_page(struct flash *f, const char *path, const char *after,
                size_t max, struct flash_list *list, bool *more)
{
    struct flash_list found = {NULL, 0};
    enum err err;
    DIR *dir;
    int fd;

    if (flash_open_directory(f, path, &fd) != OK)
        return ERR_SYSTEM;
    dir = fdopendir(fd);
    if (dir == NULL) {
        flash_close_quietly(fd);
        return ERR_SYSTEM;
    }
    err = read_names(dir, after, &found);
    if (err != OK) {
        int saved = errno;

        closedir(dir);
        flash_list_clear(&found);
        return flash_failed(saved);
    }
    if (found.count > 1)
        qsort(found.entries, found.count, sizeof(*found.entries), by_name);
    keep_page(dirfd(dir), max, &found, more);
    closedir(dir);
    *list = found;
    return OK;
}
