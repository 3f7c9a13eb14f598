#include "os/flash_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "os/file.h"

#define FLASH_FOLDER "flash"
/* Files that are being written; no path of a user's leads there. */
#define NEW_FOLDER   ".new"
#define NEW_NAME_MAX 16

/* --- paths -------------------------------------------------------------- */

enum err
flash_failed(int reason)
{
    errno = reason;
    return ERR_SYSTEM;
}

/* Close on the way out of a failure whose errno must survive. */
void
flash_close_quietly(int fd)
{
    int saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
}

/* Never through a link, never out of flash/, never into another disk. */
int
flash_open_beneath(const struct flash *f, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .mode = (flags & O_CREAT) != 0 ? 0600 : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                   RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };
    long fd;

    /* EAGAIN: something was renamed meanwhile, and the kernel is not sure. */
    do
        fd = syscall(SYS_openat2, f->dir, path[0] == '\0' ? "." : path, &how,
                     sizeof(how));
    while (fd < 0 && (errno == EINTR || errno == EAGAIN));
    if (fd < 0 && (errno == ELOOP || errno == EXDEV))
        errno = EACCES;
    return (int)fd;
}

enum err
flash_open_directory(const struct flash *f, const char *path, int *fd)
{
    int opened;

    if (flash_check_path(path) != OK)
        return ERR_SYSTEM;
    opened = flash_open_beneath(f, path, O_RDONLY | O_DIRECTORY);
    if (opened < 0)
        return ERR_SYSTEM;
    *fd = opened;
    return OK;
}

/* The directory that holds the last component, and where that begins. */
enum err
flash_open_parent(const struct flash *f, const char *path, int *fd,
                  const char **name)
{
    char parent[FLASH_PATH_MAX];
    const char *slash = strrchr(path, '/');

    if (path[0] == '\0')
        return flash_failed(EINVAL);
    if (flash_check_path(path) != OK)
        return ERR_SYSTEM;
    *name = slash == NULL ? path : slash + 1;
    text_copy_span(parent, sizeof(parent),
                   span_of(path, slash == NULL ? 0 : (size_t)(slash - path)));
    return flash_open_directory(f, parent, fd);
}

/* --- opening ------------------------------------------------------------ */

static enum err
make_and_open(int at, const char *name, int *fd)
{
    if (mkdirat(at, name, 0700) != 0 && errno != EEXIST)
        return ERR_SYSTEM;
    *fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *fd < 0 ? ERR_SYSTEM : OK;
}

/* What nobody writes any more: there is one router on a state directory. */
static void
sweep(const struct flash *f)
{
    int again = dup(f->fresh);
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    const struct dirent *entry;

    if (dir == NULL) {
        flash_close_quietly(again);
        return;
    }
    while ((entry = readdir(dir)) != NULL)
        unlinkat(f->fresh, entry->d_name, 0);
    closedir(dir);
}

enum err
flash_open(int state, struct flash **out)
{
    struct flash *f = alloc_zero(1, sizeof(*f));
    int probe = -1;

    f->dir = f->fresh = -1;
    if (make_and_open(state, FLASH_FOLDER, &f->dir) != OK ||
        make_and_open(f->dir, NEW_FOLDER, &f->fresh) != OK ||
        (probe = flash_open_beneath(f, "", O_PATH)) < 0) {
        int saved = errno;

        flash_close(f);
        return flash_failed(saved);
    }
    close(probe);
    sweep(f);
    *out = f;
    return OK;
}

void
flash_close(struct flash *f)
{
    if (f == NULL)
        return;
    if (f->dir >= 0)
        close(f->dir);
    if (f->fresh >= 0)
        close(f->fresh);
    free(f);
}

/* --- looking ------------------------------------------------------------ */

bool
flash_is_ours(const struct stat *st)
{
    return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

static enum flash_kind
kind_of(const struct stat *st)
{
    switch (st->st_mode & S_IFMT) {
    case S_IFREG:
        return FLASH_FILE;
    case S_IFDIR:
        return FLASH_DIRECTORY;
    case S_IFLNK:
        return FLASH_LINK;
    case S_IFIFO:
        return FLASH_FIFO;
    case S_IFSOCK:
        return FLASH_SOCKET;
    default:
        return FLASH_DEVICE;
    }
}

void
flash_entry_set(struct flash_entry *entry, const struct stat *st)
{
    entry->name = NULL;
    entry->kind = kind_of(st);
    entry->bytes = (uint64_t)st->st_size;
    entry->mode = st->st_mode & FLASH_MODE_ALL;
    entry->accessed_s = st->st_atime;
    entry->changed_s = st->st_mtime;
}

/* Of what an open parent holds; EACCES when it is nothing of ours. */
enum err
flash_stat_in(int parent, const char *name, struct stat *st)
{
    if (fstatat(parent, name, st, AT_SYMLINK_NOFOLLOW) != 0)
        return ERR_SYSTEM;
    return flash_is_ours(st) ? OK : flash_failed(EACCES);
}

enum err
flash_stat(struct flash *f, const char *path, struct flash_entry *entry)
{
    struct stat st;
    int fd;

    if (flash_check_path(path) != OK)
        return ERR_SYSTEM;
    fd = flash_open_beneath(f, path, O_PATH);
    if (fd < 0)
        return ERR_SYSTEM;
    if (fstat(fd, &st) != 0) {
        flash_close_quietly(fd);
        return ERR_SYSTEM;
    }
    close(fd);
    if (!flash_is_ours(&st))
        return flash_failed(EACCES);
    flash_entry_set(entry, &st);
    return OK;
}

enum err
flash_space(struct flash *f, uint64_t *total, uint64_t *available)
{
    struct statvfs disk;
    uint64_t left;

    if (fstatvfs(f->dir, &disk) != 0)
        return ERR_SYSTEM;
    left = (uint64_t)disk.f_bavail * disk.f_frsize;
    *total = (uint64_t)disk.f_blocks * disk.f_frsize;
    *available = left > FLASH_RESERVE ? left - FLASH_RESERVE : 0;
    return OK;
}

enum err
flash_usage(struct flash *f, struct flash_usage *usage)
{
    struct statvfs disk;
    uint64_t reserve;

    if (fstatvfs(f->dir, &disk) != 0)
        return ERR_SYSTEM;
    reserve = disk.f_frsize == 0 ? 0 : FLASH_RESERVE / disk.f_frsize;
    *usage = (struct flash_usage){
        .block = disk.f_frsize,
        .blocks = disk.f_blocks,
        .blocks_left = disk.f_bavail > reserve ? disk.f_bavail - reserve : 0,
        .files = disk.f_files,
        .files_left = disk.f_favail,
    };
    return OK;
}

/* What is no regular file is refused, and does not stop anybody. */
static enum err
open_regular(const struct flash *f, const char *path, int flags,
             struct stat *st, int *fd)
{
    /* O_NONBLOCK: there may be a FIFO in that place. */
    int opened = flash_open_beneath(f, path, flags | O_NONBLOCK | O_NOCTTY);

    if (opened < 0)
        return errno == ENXIO ? flash_failed(EACCES) : ERR_SYSTEM;
    if (fstat(opened, st) != 0) {
        flash_close_quietly(opened);
        return ERR_SYSTEM;
    }
    if (!S_ISREG(st->st_mode)) {
        close(opened);
        return flash_failed(S_ISDIR(st->st_mode) ? EISDIR : EACCES);
    }
    *fd = opened;
    return OK;
}

enum err
flash_open_file(struct flash *f, const char *path, int *fd)
{
    struct stat st;

    if (flash_check_path(path) != OK)
        return ERR_SYSTEM;
    return open_regular(f, path, O_RDONLY, &st, fd);
}

enum err
flash_append(struct flash *f, const char *path, int *fd, uint64_t *bytes)
{
    struct stat st;

    if (path[0] == '\0' || flash_check_path(path) != OK)
        return flash_failed(EINVAL);
    if (open_regular(f, path, O_WRONLY | O_APPEND | O_CREAT, &st, fd) != OK)
        return ERR_SYSTEM;
    *bytes = (uint64_t)st.st_size;
    return OK;
}

/* --- writing ------------------------------------------------------------ */

static void
new_name(const struct flash_new *fresh, char name[NEW_NAME_MAX])
{
    snprintf(name, NEW_NAME_MAX, "%08x", fresh->serial);
}

/* May a file be put there? */
static enum err
check_target(int parent, const char *name)
{
    struct stat st;

    if (flash_stat_in(parent, name, &st) != OK)
        return errno == ENOENT ? OK : ERR_SYSTEM;
    return S_ISDIR(st.st_mode) ? flash_failed(EISDIR) : OK;
}

enum err
flash_create(struct flash *f, const char *path, struct flash_new *fresh)
{
    char name[NEW_NAME_MAX];
    const char *last;
    enum err err;
    int parent;

    *fresh = (struct flash_new){.fd = -1};
    if (flash_open_parent(f, path, &parent, &last) != OK)
        return ERR_SYSTEM;
    err = check_target(parent, last);
    flash_close_quietly(parent);
    if (err != OK)
        return err;
    fresh->serial = atomic_fetch_add(&f->serial, 1);
    new_name(fresh, name);
    fresh->fd =
        openat(f->fresh, name,
               O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fresh->fd < 0 ? ERR_SYSTEM : OK;
}

enum err
flash_write(struct flash *f, struct flash_new *fresh, struct span bytes)
{
    uint64_t total, available;

    if (flash_space(f, &total, &available) != OK)
        return ERR_SYSTEM;
    if (bytes.len > available)
        return flash_failed(ENOSPC);
    if (file_write_all(fresh->fd, bytes) != OK)
        return ERR_SYSTEM;
    fresh->bytes += bytes.len;
    return OK;
}

enum err
flash_dress(const struct flash_new *fresh,
            const struct flash_attributes *attributes)
{
    return flash_set_open(fresh->fd, attributes, S_IRUSR);
}

/* The finished file takes its place. */
static enum err
put_in_place(struct flash *f, const struct flash_new *fresh, const char *name,
             const char *path)
{
    const char *last;
    enum err err;
    int parent;

    if (flash_open_parent(f, path, &parent, &last) != OK)
        return ERR_SYSTEM;
    err = check_target(parent, last);
    if (err == OK && fresh->must_be_new)
        err = flash_rename_in(f->fresh, name, parent, last);
    else if (err == OK && renameat(f->fresh, name, parent, last) != 0)
        err = ERR_SYSTEM;
    if (err == OK && fsync(parent) != 0)
        err = ERR_SYSTEM;
    flash_close_quietly(parent);
    return err;
}

enum err
flash_commit(struct flash *f, struct flash_new *fresh, const char *path)
{
    char name[NEW_NAME_MAX];
    int fd = fresh->fd;

    new_name(fresh, name);
    if (fsync(fd) != 0) {
        flash_abandon(f, fresh);
        return ERR_SYSTEM;
    }
    /* A disk over the network may find only now that it is full. */
    fresh->fd = -1;
    if (close(fd) != 0 || put_in_place(f, fresh, name, path) != OK) {
        int saved = errno;

        unlinkat(f->fresh, name, 0);
        return flash_failed(saved);
    }
    return OK;
}

void
flash_abandon(struct flash *f, struct flash_new *fresh)
{
    char name[NEW_NAME_MAX];
    int saved = errno;

    if (fresh->fd < 0)
        return;
    close(fresh->fd);
    fresh->fd = -1;
    new_name(fresh, name);
    unlinkat(f->fresh, name, 0);
    errno = saved;
}
