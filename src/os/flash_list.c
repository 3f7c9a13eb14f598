/*
 * Directories of flash:, whole or page by page: of all names only those that
 * are wanted are looked at more closely.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "os/flash_parts.h"

/* Is it to be in the list, and still there? Then `st` is what it is. */
typedef bool (*wanted_fn)(int dir, const char *name, struct stat *st);

static bool
is_there(int dir, const char *name, struct stat *st)
{
    return fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool
is_of_users(int dir, const char *name, struct stat *st)
{
    return is_there(dir, name, st) && flash_is_ours(st);
}

static bool
is_within_reach(int dir, const char *name, struct stat *st)
{
    return flash_check_path(name) == OK && flash_stat_in(dir, name, st) == OK;
}

void
flash_list_clear(struct flash_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->entries[i].name);
    free(list->entries);
    *list = (struct flash_list){NULL, 0};
}

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

/* The first `max` of them that are wanted. */
static void
keep(int dir, wanted_fn is_wanted, size_t max, struct flash_list *list,
     bool *more)
{
    size_t kept = 0, at = 0;

    for (; at < list->count && kept < max; at++) {
        char *name = list->entries[at].name;
        struct stat st;

        if (!is_wanted(dir, name, &st)) {
            free(name);
            continue;
        }
        flash_entry_set(&list->entries[kept], &st);
        list->entries[kept++].name = name;
    }
    *more = at < list->count;
    for (; at < list->count; at++)
        free(list->entries[at].name);
    list->count = kept;
}

static enum err
read_directory(const struct flash *f, const char *path, const char *after,
               wanted_fn is_wanted, size_t max, struct flash_list *list,
               bool *more)
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
    keep(dirfd(dir), is_wanted, max, &found, more);
    closedir(dir);
    *list = found;
    return OK;
}

enum err
flash_read_list(struct flash *f, const char *path, bool all,
                struct flash_list *list)
{
    bool more;

    return read_directory(f, path, "", all ? is_there : is_of_users, SIZE_MAX,
                          list, &more);
}

enum err
flash_read_page(struct flash *f, const char *path, const char *after,
                size_t max, struct flash_list *list, bool *more)
{
    return read_directory(f, path, after, is_within_reach, max, list, more);
}
