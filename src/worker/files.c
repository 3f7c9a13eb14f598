#include "worker/files.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "os/file.h"
#include "os/flash.h"

/*
 * The free space is looked at again when this part of it was written: others
 * write at the same time, who look as often.
 */
#define LOOK_PART 256

struct open_file {
    bool used;
    bool created;
    int fd;           /* -1: not opened yet */
    uint64_t bytes;   /* of a created one: its length */
    uint64_t allowed; /* bytes that may be written before the next look */
};

struct files {
    struct uplink *up;
    uint32_t channel;
    struct open_file open[FILE_HANDLES_MAX];
};

struct files *
files_new(struct uplink *up, uint32_t channel)
{
    struct files *f = alloc_zero(1, sizeof(*f));

    f->up = up;
    f->channel = channel;
    return f;
}

void
files_free(struct files *f)
{
    if (f == NULL)
        return;
    /* What is not open yet, control abandons at the channel's end. */
    for (unsigned i = 0; i < FILE_HANDLES_MAX; i++)
        if (f->open[i].used && f->open[i].fd >= 0)
            files_close(f, i);
    free(f);
}

static struct open_file *
file_at(struct files *f, unsigned handle)
{
    assert(handle < FILE_HANDLES_MAX && f->open[handle].used);
    return &f->open[handle];
}

/* --- requests ----------------------------------------------------------- */

static void
open_file(struct files *f, uint32_t request, unsigned handle, const char *path,
          const struct file_opening *how, uint64_t bytes)
{
    struct message m = {.type = MSG_FILE_OPEN};

    assert(handle < FILE_HANDLES_MAX && !f->open[handle].used);
    f->open[handle] = (struct open_file){
        .used = true, .created = how->access != FILE_ACCESS_READ, .fd = -1};
    m.file_open.channel = f->channel;
    m.file_open.request = request;
    m.file_open.handle = handle;
    m.file_open.access = (uint8_t)how->access;
    m.file_open.must_exist = how->must_exist;
    m.file_open.must_be_new = how->must_be_new;
    m.file_open.path = span_text(path);
    m.file_open.bytes = bytes;
    uplink_send(f->up, &m);
}

void
files_open(struct files *f, uint32_t request, unsigned handle, const char *path)
{
    const struct file_opening how = {.access = FILE_ACCESS_READ};

    open_file(f, request, handle, path, &how, 0);
}

void
files_create(struct files *f, uint32_t request, unsigned handle,
             const char *path, uint64_t bytes)
{
    const struct file_opening how = {.access = FILE_ACCESS_CREATE};

    open_file(f, request, handle, path, &how, bytes);
}

void
files_open_as(struct files *f, uint32_t request, unsigned handle,
              const char *path, const struct file_opening *how)
{
    open_file(f, request, handle, path, how, 0);
}

static void
abandon(struct files *f, unsigned handle)
{
    struct message m = {.type = MSG_FILE_ABANDON};

    m.file_abandon.channel = f->channel;
    m.file_abandon.handle = handle;
    uplink_send(f->up, &m);
}

bool
files_opened(struct files *f, unsigned handle, const struct msg_file_result *m,
             int fd)
{
    struct open_file *file = file_at(f, handle);

    if (m->status == FILE_STATUS_OK && fd >= 0) {
        file->fd = fd;
        file->bytes = file->created ? m->bytes : 0;
        return true;
    }
    if (fd >= 0)
        close(fd);
    file->used = false;
    if (m->status != FILE_STATUS_OK || m->kind == 'd')
        return true;
    /* There was no free descriptor for it to come in. */
    if (file->created)
        abandon(f, handle);
    return false;
}

void
files_commit(struct files *f, uint32_t request, unsigned handle,
             const struct file_attributes *attributes)
{
    struct open_file *file = file_at(f, handle);
    struct message m = {.type = MSG_FILE_COMMIT};

    m.file_commit.channel = f->channel;
    m.file_commit.request = request;
    m.file_commit.handle = handle;
    m.file_commit.bytes = file->bytes;
    m.file_commit.has_mode = attributes->has_mode;
    m.file_commit.mode = attributes->mode;
    m.file_commit.has_times = attributes->has_times;
    m.file_commit.accessed_s = attributes->accessed_s;
    m.file_commit.changed_s = attributes->changed_s;
    close(file->fd);
    file->used = false;
    uplink_send(f->up, &m);
}

void
files_close(struct files *f, unsigned handle)
{
    struct open_file *file = file_at(f, handle);

    close(file->fd);
    file->used = false;
    if (file->created)
        abandon(f, handle);
}

/* One of those with FILE_NAME_FIELDS, which lie alike in each of them. */
static void
send_named(struct files *f, enum message_type type, uint32_t request,
           const char *path)
{
    struct message m = {.type = type};

    m.file_stat.channel = f->channel;
    m.file_stat.request = request;
    m.file_stat.path = span_text(path);
    uplink_send(f->up, &m);
}

void
files_stat(struct files *f, uint32_t request, const char *path)
{
    send_named(f, MSG_FILE_STAT, request, path);
}

void
files_list(struct files *f, uint32_t request, const char *path,
           const char *after)
{
    struct message m = {.type = MSG_FILE_LIST};

    m.file_list.channel = f->channel;
    m.file_list.request = request;
    m.file_list.path = span_text(path);
    m.file_list.after = span_text(after);
    uplink_send(f->up, &m);
}

void
files_make_directory(struct files *f, uint32_t request, const char *path)
{
    send_named(f, MSG_FILE_MAKE_DIRECTORY, request, path);
}

void
files_set(struct files *f, uint32_t request, const char *path,
          const struct file_attributes *attributes)
{
    struct message m = {.type = MSG_FILE_SET};

    m.file_set.channel = f->channel;
    m.file_set.request = request;
    m.file_set.path = span_text(path);
    m.file_set.has_mode = attributes->has_mode;
    m.file_set.mode = attributes->mode;
    m.file_set.has_times = attributes->has_times;
    m.file_set.accessed_s = attributes->accessed_s;
    m.file_set.changed_s = attributes->changed_s;
    uplink_send(f->up, &m);
}

void
files_remove(struct files *f, uint32_t request, const char *path)
{
    send_named(f, MSG_FILE_REMOVE, request, path);
}

void
files_remove_directory(struct files *f, uint32_t request, const char *path)
{
    send_named(f, MSG_FILE_REMOVE_DIRECTORY, request, path);
}

void
files_rename(struct files *f, uint32_t request, const char *path,
             const char *to, bool replace)
{
    struct message m = {.type = MSG_FILE_RENAME};

    m.file_rename.channel = f->channel;
    m.file_rename.request = request;
    m.file_rename.path = span_text(path);
    m.file_rename.to = span_text(to);
    m.file_rename.replace = replace;
    uplink_send(f->up, &m);
}

void
files_space(struct files *f, uint32_t request)
{
    struct message m = {.type = MSG_FILE_SPACE};

    m.file_space.channel = f->channel;
    m.file_space.request = request;
    uplink_send(f->up, &m);
}

/* --- bytes -------------------------------------------------------------- */

enum err
files_read(struct files *f, unsigned handle, uint8_t *to, size_t room,
           size_t *len)
{
    const struct open_file *file = file_at(f, handle);
    ssize_t got;

    do
        got = read(file->fd, to, room);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return ERR_SYSTEM;
    *len = (size_t)got;
    return OK;
}

/* How much of the disk this file may take before the next look. */
static enum err
look_at_disk(struct open_file *file, size_t wanted)
{
    struct statfs disk;
    uint64_t left;

    if (fstatfs(file->fd, &disk) != 0)
        return ERR_SYSTEM;
    file->allowed = wanted;
    /* Memory of control's, which has its own limit. */
    if (disk.f_blocks == 0)
        return OK;
    left = (uint64_t)disk.f_bavail * (uint64_t)disk.f_frsize;
    if (left < FLASH_RESERVE || left - FLASH_RESERVE < wanted) {
        errno = ENOSPC;
        return ERR_SYSTEM;
    }
    left = (left - FLASH_RESERVE) / LOOK_PART;
    if (left > wanted)
        file->allowed = left;
    return OK;
}

enum err
files_write(struct files *f, unsigned handle, struct span bytes)
{
    struct open_file *file = file_at(f, handle);

    if (bytes.len > file->allowed && look_at_disk(file, bytes.len) != OK)
        return ERR_SYSTEM;
    file->allowed -= bytes.len;
    file->bytes += bytes.len;
    return file_write_all(file->fd, bytes);
}

/* --- bytes at any place ------------------------------------------------- */

enum err
files_read_at(struct files *f, unsigned handle, uint64_t offset,
              const struct iovec *rooms, int count, size_t *len)
{
    const struct open_file *file = file_at(f, handle);
    ssize_t got;

    do
        got = preadv(file->fd, rooms, count, (off_t)offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return ERR_SYSTEM;
    *len = (size_t)got;
    return OK;
}

/* All of them, though the system takes them in parts. */
static enum err
write_pieces(int fd, off_t at, struct iovec *pieces, size_t count)
{
    while (count > 0) {
        ssize_t written = pwritev(fd, pieces, (int)count, at);

        if (written == 0)
            errno = EIO;
        if (written == 0 || (written < 0 && errno != EINTR))
            return ERR_SYSTEM;
        if (written > 0)
            at += written;
        while (count > 0 && written >= (ssize_t)pieces->iov_len) {
            written -= (ssize_t)pieces->iov_len;
            pieces++;
            count--;
        }
        if (count > 0 && written > 0) {
            pieces->iov_base = (uint8_t *)pieces->iov_base + written;
            pieces->iov_len -= (size_t)written;
        }
    }
    return OK;
}

enum err
files_write_at(struct files *f, unsigned handle, uint64_t offset,
               const struct span *pieces, size_t count)
{
    struct open_file *file = file_at(f, handle);
    struct iovec rooms[FILES_PIECES_MAX];
    size_t len = 0;

    assert(count <= FILES_PIECES_MAX);
    for (size_t i = 0; i < count; i++) {
        rooms[i] =
            (struct iovec){(void *)(uintptr_t)pieces[i].ptr, pieces[i].len};
        len += pieces[i].len;
    }
    if (len > file->allowed && look_at_disk(file, len) != OK)
        return ERR_SYSTEM;
    file->allowed -= len;
    if (write_pieces(file->fd, (off_t)offset, rooms, count) != OK)
        return ERR_SYSTEM;
    if (offset + len > file->bytes)
        file->bytes = offset + len;
    return OK;
}

enum err
files_truncate(struct files *f, unsigned handle, uint64_t bytes)
{
    struct open_file *file = file_at(f, handle);

    if (ftruncate(file->fd, (off_t)bytes) != 0)
        return ERR_SYSTEM;
    file->bytes = bytes;
    return OK;
}

enum err
files_sync(struct files *f, unsigned handle)
{
    return fsync(file_at(f, handle)->fd) == 0 ? OK : ERR_SYSTEM;
}
