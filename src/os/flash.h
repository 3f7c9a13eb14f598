/*
 * The files that users know as `flash:`: what lies below one directory of the
 * state directory. Regular files and directories only; symbolic links,
 * devices, FIFOs and sockets that somebody put there are never followed and
 * never opened, and no path leads out of it (openat2(2)).
 *
 * A path is relative: "name", "dir/name", "" for the directory itself. Its
 * components are valid UTF-8 that may go to a terminal as it is (base/text.h),
 * without a colon; blanks stand between other characters, and none begins with
 * a dot. Control's file_name.h makes one of what a user types.
 *
 * Every function may block for as long as the disk needs: for the loop's
 * threads, which may call them at the same time. All fail with ERR_SYSTEM and
 * the reason in errno; of our own: EINVAL (not a path), ENAMETOOLONG, EACCES
 * (neither file nor directory), ENOSPC (the reserve is touched), E2BIG (too
 * many files in a directory).
 */
#ifndef OS_FLASH_H
#define OS_FLASH_H

#include "base/err.h"
#include "base/span.h"

#define FLASH_PATH_MAX  1024  /* bytes of a path, NUL included */
#define FLASH_NAME_MAX  128   /* bytes of a component, NUL not included */
#define FLASH_DEPTH_MAX 16    /* components */
#define FLASH_LIST_MAX  16384 /* files of a directory that is listed */
/* Bytes that stay free on the disk, so that the configuration can be saved. */
#define FLASH_RESERVE (UINT64_C(1) << 20)

struct flash;

/*
 * Open or make flash/ (0700) below the directory `state`, and remove what an
 * end in the middle of a write left. ENOSYS: this kernel cannot keep paths
 * below a directory, and without that there is no flash.
 */
MUST_CHECK enum err flash_open(int state, struct flash **out);
void flash_close(struct flash *f); /* NULL is fine */

/* Whether it is a path at all, whatever is there. EINVAL, ENAMETOOLONG. */
MUST_CHECK enum err flash_check_path(const char *path);

enum flash_kind {
    FLASH_FILE = '-',
    FLASH_DIRECTORY = 'd',
    FLASH_LINK = 'l',
    FLASH_FIFO = 'p',
    FLASH_SOCKET = 's',
    FLASH_DEVICE = 'b',
};

struct flash_entry {
    char *name; /* last component; of a listing: owned by it */
    enum flash_kind kind;
    uint64_t bytes;
    unsigned mode;                 /* rwx for user, group and others */
    int64_t accessed_s, changed_s; /* seconds since 1970 */
};

/* What is at `path`; `name` is NULL. ENOENT. */
MUST_CHECK enum err flash_stat(struct flash *f, const char *path,
                               struct flash_entry *entry);

struct flash_list {
    struct flash_entry *entries; /* sorted by name */
    size_t count;
};

/*
 * The files and directories in directory `path`, `all`: and everything else
 * that is there. Names may hold any byte but "/" and NUL: other programs may
 * have put them there.
 */
MUST_CHECK enum err flash_read_list(struct flash *f, const char *path, bool all,
                                    struct flash_list *list);
void flash_list_clear(struct flash_list *list);
/*
 * The first `max` of those that stand behind `after`, "" for the beginning, and
 * whether there are `more`. Names that are no path are left out.
 */
MUST_CHECK enum err flash_read_page(struct flash *f, const char *path,
                                    const char *after, size_t max,
                                    struct flash_list *list, bool *more);

/* Of the disk: all, and what files may still take. */
MUST_CHECK enum err flash_space(struct flash *f, uint64_t *total,
                                uint64_t *available);
/* The same as statvfs(3) counts it. */
struct flash_usage {
    uint64_t block;               /* bytes */
    uint64_t blocks, blocks_left; /* all, and what files may still take */
    uint64_t files, files_left;   /* 0: this disk does not count them */
};
MUST_CHECK enum err flash_usage(struct flash *f, struct flash_usage *usage);

/* What users may set; owners and other bits of a mode are nobody's business. */
struct flash_attributes {
    bool has_mode, has_times;
    unsigned mode; /* rwx; its owner, the router, can always read it */
    int64_t accessed_s, changed_s;
};

/* A regular file for reading; the caller closes it. EISDIR. */
MUST_CHECK enum err flash_open_file(struct flash *f, const char *path, int *fd);

/*
 * A regular file, made if need be, to be appended to in sight of everybody;
 * `bytes` are in it. The caller closes it. EISDIR.
 */
MUST_CHECK enum err flash_append(struct flash *f, const char *path, int *fd,
                                 uint64_t *bytes);

/* A file that is being written, out of everybody's sight until its end. */
struct flash_new {
    int fd; /* -1: none; read and written */
    unsigned serial;
    uint64_t bytes;
    bool must_be_new; /* the owner's to set: it replaces nothing */
};

/* EISDIR when `path` is a directory, ENOENT when its directory is missing. */
MUST_CHECK enum err flash_create(struct flash *f, const char *path,
                                 struct flash_new *fresh);
MUST_CHECK enum err flash_write(struct flash *f, struct flash_new *fresh,
                                struct span bytes);
MUST_CHECK enum err flash_dress(const struct flash_new *fresh,
                                const struct flash_attributes *attributes);
/*
 * On the disk and in its place; what was there before is replaced in one
 * instant. On failure that stays (EEXIST: it had to be new). Ends `fresh`
 * either way.
 */
MUST_CHECK enum err flash_commit(struct flash *f, struct flash_new *fresh,
                                 const char *path);
/* It will not be completed; also one that has ended already. */
void flash_abandon(struct flash *f, struct flash_new *fresh);

/* Of a file or directory that is there. */
MUST_CHECK enum err flash_set(struct flash *f, const char *path,
                              const struct flash_attributes *attributes);

/* A file; EISDIR for a directory. */
MUST_CHECK enum err flash_remove(struct flash *f, const char *path);
/* EEXIST. */
MUST_CHECK enum err flash_make_directory(struct flash *f, const char *path);
/* ENOTEMPTY, ENOTDIR. */
MUST_CHECK enum err flash_remove_directory(struct flash *f, const char *path);
/* File or directory. EEXIST: nothing is replaced. */
MUST_CHECK enum err flash_rename(struct flash *f, const char *from,
                                 const char *to);
/* The same, and what is there is replaced: a file, or an empty directory.
   EISDIR, ENOTDIR: it is of the other kind; ENOTEMPTY. */
MUST_CHECK enum err flash_replace(struct flash *f, const char *from,
                                  const char *to);

#endif
