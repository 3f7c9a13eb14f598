#include "control/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"

/* A name with its suffix. */
struct path {
    char text[DURABLE_NAME_MAX];
};

MUST_CHECK static enum err
path_make(struct path *p, const char *name, const char *suffix)
{
    int len = snprintf(p->text, sizeof(p->text), "%s%s", name, suffix);

    if (len < 0 || (size_t)len >= sizeof(p->text)) {
        errno = ENAMETOOLONG;
        return ERR_SYSTEM;
    }
    return OK;
}

/* Remove it; that it was not there is as good. */
static enum err
remove_if_there(int dir, const char *name)
{
    if (unlinkat(dir, name, 0) != 0 && errno != ENOENT)
        return ERR_SYSTEM;
    return OK;
}

/* Remove on the way out of a failure whose errno must survive. */
static void
discard(int dir, const char *name)
{
    int saved = errno;

    unlinkat(dir, name, 0);
    errno = saved;
}

static enum err
write_all(int fd, struct span text)
{
    while (text.len > 0) {
        ssize_t n = write(fd, text.ptr, text.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_SYSTEM;
        text = span_of(text.ptr + n, text.len - (size_t)n);
    }
    return fsync(fd) == 0 ? OK : ERR_SYSTEM;
}

/* NAME.new with `text` in it, on the disk; removed again if that fails. */
static enum err
write_new(int dir, const char *fresh, struct span text)
{
    int fd;
    enum err err;

    if (remove_if_there(dir, fresh) != OK)
        return ERR_SYSTEM;
    fd = openat(dir, fresh,
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return ERR_SYSTEM;
    err = write_all(fd, text);
    if (err != OK) {
        int saved = errno;

        close(fd);
        errno = saved;
    } else if (close(fd) != 0) {
        err = ERR_SYSTEM;
    }
    if (err != OK)
        discard(dir, fresh);
    return err;
}

/*
 * Give what stands at `name` the second name `old`, without an instant at
 * which `name` is missing: a link, which cannot replace, under a third name,
 * and a rename, which can.
 */
static enum err
keep_old(int dir, const char *name, const char *old)
{
    struct path link;

    if (path_make(&link, name, ".link") != OK ||
        remove_if_there(dir, link.text) != OK)
        return ERR_SYSTEM;
    if (linkat(dir, name, dir, link.text, 0) != 0) {
        if (errno == ENOENT)
            return OK; /* the first save: there is no previous one */
        if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
            return ERR_SYSTEM;
        /* A file system without links: `old` is the whole one meanwhile. */
        return renameat(dir, name, dir, old) == 0 ? OK : ERR_SYSTEM;
    }
    if (renameat(dir, link.text, dir, old) != 0) {
        discard(dir, link.text);
        return ERR_SYSTEM;
    }
    /* If both were the same file already, rename() has left the link. */
    return remove_if_there(dir, link.text);
}

enum err
durable_replace(int dir, const char *name, struct span text)
{
    struct path fresh, old;

    if (path_make(&fresh, name, ".new") != OK ||
        path_make(&old, name, ".old") != OK)
        return ERR_SYSTEM;
    if (write_new(dir, fresh.text, text) != OK)
        return ERR_SYSTEM;
    if (keep_old(dir, name, old.text) != OK ||
        renameat(dir, fresh.text, dir, name) != 0) {
        discard(dir, fresh.text);
        return ERR_SYSTEM;
    }
    return fsync(dir) == 0 ? OK : ERR_SYSTEM;
}

enum err
durable_create(int dir, const char *name, int *fd)
{
    struct path fresh;
    int created;

    if (path_make(&fresh, name, ".new") != OK)
        return ERR_SYSTEM;
    created =
        openat(dir, fresh.text,
               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (created < 0)
        return errno == EEXIST ? ERR_BUSY : ERR_SYSTEM;
    *fd = created;
    return OK;
}

enum err
durable_commit(int dir, const char *name)
{
    struct path fresh;

    if (path_make(&fresh, name, ".new") != OK)
        return ERR_SYSTEM;
    if (renameat(dir, fresh.text, dir, name) != 0) {
        discard(dir, fresh.text);
        return ERR_SYSTEM;
    }
    return fsync(dir) == 0 ? OK : ERR_SYSTEM;
}

void
durable_abandon(int dir, const char *name)
{
    struct path fresh;

    if (path_make(&fresh, name, ".new") == OK)
        unlinkat(dir, fresh.text, 0);
}

enum err
durable_erase(int dir, const char *name)
{
    struct path old;

    if (path_make(&old, name, ".old") != OK)
        return ERR_SYSTEM;
    /* On the disk in this order, or a power cut would bring the old one back
       as the configuration. */
    if (remove_if_there(dir, old.text) != OK || fsync(dir) != 0 ||
        remove_if_there(dir, name) != OK)
        return ERR_SYSTEM;
    return fsync(dir) == 0 ? OK : ERR_SYSTEM;
}

enum err
durable_remove(int dir, const char *name)
{
    if (unlinkat(dir, name, 0) != 0)
        return ERR_SYSTEM;
    return fsync(dir) == 0 ? OK : ERR_SYSTEM;
}

void
durable_sweep(int dir, const char *name)
{
    struct path path;

    if (path_make(&path, name, ".new") == OK)
        unlinkat(dir, path.text, 0);
    if (path_make(&path, name, ".link") == OK)
        unlinkat(dir, path.text, 0);
}

enum err
durable_open(int dir, const char *name, int *fd)
{
    struct stat st;
    /* O_NONBLOCK: a FIFO in that place must not stop the router. */
    int opened =
        openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (opened < 0)
        return ERR_SYSTEM;
    if (fstat(opened, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(opened);
        errno = EINVAL;
        return ERR_SYSTEM;
    }
    *fd = opened;
    return OK;
}

/* Append at most `max` bytes; one more is too long. */
static enum err
read_all(int fd, size_t max, struct buf *text)
{
    uint8_t chunk[8192];
    size_t total = 0;
    enum err err = OK;

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            err = ERR_SYSTEM;
        if (n <= 0)
            break;
        total += (size_t)n;
        if (total > max) {
            err = ERR_LENGTH;
            break;
        }
        buf_put(text, chunk, (size_t)n);
    }
    /* A configuration holds secrets. */
    wipe(chunk, sizeof(chunk));
    return err == OK && !buf_ok(text) ? ERR_LENGTH : err;
}

/* What a disk gives for blocks that were never written: zeros, all of it. */
static bool
is_blank(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '\0')
            return false;
    return text.len > 0;
}

enum err
durable_read_text(int fd, size_t max, struct buf *text)
{
    size_t before = buf_len(text);
    enum err err = read_all(fd, max, text);
    struct span all = buf_span(text);

    if (err == OK && is_blank(span_of(all.ptr + before, all.len - before)))
        err = ERR_FORMAT;
    if (err != OK)
        buf_truncate(text, before);
    return err;
}

enum err
durable_read(int dir, const char *name, size_t max, struct buf *text)
{
    size_t before = buf_len(text);
    enum err err;
    int saved, fd;

    if (durable_open(dir, name, &fd) != OK)
        return ERR_SYSTEM;
    err = durable_read_text(fd, max, text);
    /* We never write an empty one: it is damage of the disk's. */
    if (err == OK && buf_len(text) == before)
        err = ERR_FORMAT;
    saved = errno;
    close(fd);
    errno = saved;
    return err;
}
