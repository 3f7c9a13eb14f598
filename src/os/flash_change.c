/*
 * What changes files that are there: their attributes, names and end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/flash_parts.h"

enum err
flash_set_open(int fd, const struct flash_attributes *attributes,
               unsigned least)
{
    struct timespec times[2] = {{.tv_sec = attributes->accessed_s},
                                {.tv_sec = attributes->changed_s}};

    if (attributes->has_mode &&
        fchmod(fd, (attributes->mode & FLASH_MODE_ALL) | least) != 0)
        return ERR_SYSTEM;
    if (attributes->has_times && futimens(fd, times) != 0)
        return ERR_SYSTEM;
    return OK;
}

enum err
flash_set(struct flash *f, const char *path,
          const struct flash_attributes *attributes)
{
    struct stat st;
    enum err err = ERR_SYSTEM;
    int fd;

    if (flash_check_path(path) != OK)
        return ERR_SYSTEM;
    fd = flash_open_beneath(f, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno == ENXIO ? flash_failed(EACCES) : ERR_SYSTEM;
    if (fstat(fd, &st) != 0)
        err = ERR_SYSTEM;
    else if (!flash_is_ours(&st))
        err = flash_failed(EACCES);
    else
        err = flash_set_open(fd, attributes,
                             S_ISDIR(st.st_mode) ? S_IRWXU : S_IRUSR);
    flash_close_quietly(fd);
    return err;
}

/* unlinkat(2) of one kind of thing. */
static enum err
remove_kind(struct flash *f, const char *path, bool directory)
{
    const char *name;
    struct stat st;
    enum err err;
    int parent;

    if (flash_open_parent(f, path, &parent, &name) != OK)
        return ERR_SYSTEM;
    err = flash_stat_in(parent, name, &st);
    if (err == OK && !directory && S_ISDIR(st.st_mode))
        err = flash_failed(EISDIR);
    if (err == OK &&
        (unlinkat(parent, name, directory ? AT_REMOVEDIR : 0) != 0 ||
         fsync(parent) != 0))
        err = ERR_SYSTEM;
    flash_close_quietly(parent);
    return err;
}

enum err
flash_remove(struct flash *f, const char *path)
{
    return remove_kind(f, path, false);
}

enum err
flash_remove_directory(struct flash *f, const char *path)
{
    return remove_kind(f, path, true);
}

enum err
flash_make_directory(struct flash *f, const char *path)
{
    const char *name;
    enum err err = OK;
    int parent;

    if (flash_open_parent(f, path, &parent, &name) != OK)
        return ERR_SYSTEM;
    if (mkdirat(parent, name, 0700) != 0 || fsync(parent) != 0)
        err = ERR_SYSTEM;
    flash_close_quietly(parent);
    return err;
}

/* Without replacing anything, also where the kernel cannot promise that. */
enum err
flash_rename_in(int from, const char *from_name, int to, const char *to_name)
{
    struct stat st;

    if (renameat2(from, from_name, to, to_name, RENAME_NOREPLACE) == 0)
        return OK;
    if (errno != EINVAL)
        return ERR_SYSTEM;
    if (fstatat(to, to_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return flash_failed(EEXIST);
    return renameat(from, from_name, to, to_name) == 0 ? OK : ERR_SYSTEM;
}

/* What is there is replaced, a directory if it is empty: rename(2). */
static enum err
replace_in(int from, const char *from_name, int to, const char *to_name)
{
    struct stat st;

    if (flash_stat_in(to, to_name, &st) != OK && errno != ENOENT)
        return ERR_SYSTEM;
    return renameat(from, from_name, to, to_name) == 0 ? OK : ERR_SYSTEM;
}

static enum err
move(struct flash *f, const char *from, const char *to, bool replace)
{
    const char *from_name, *to_name;
    int from_parent = -1, to_parent = -1;
    enum err err = ERR_SYSTEM;
    struct stat st;

    if (flash_open_parent(f, from, &from_parent, &from_name) == OK &&
        flash_open_parent(f, to, &to_parent, &to_name) == OK &&
        flash_stat_in(from_parent, from_name, &st) == OK &&
        (replace ? replace_in : flash_rename_in)(from_parent, from_name,
                                                 to_parent, to_name) == OK &&
        fsync(to_parent) == 0 && fsync(from_parent) == 0)
        err = OK;
    flash_close_quietly(from_parent);
    flash_close_quietly(to_parent);
    return err;
}

enum err
flash_rename(struct flash *f, const char *from, const char *to)
{
    return move(f, from, to, false);
}

enum err
flash_replace(struct flash *f, const char *from, const char *to)
{
    return move(f, from, to, true);
}
