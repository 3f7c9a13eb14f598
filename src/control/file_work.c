/*
 * The work on files itself: on the loop's threads, where it may block.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "control/durable.h"
#include "control/files_parts.h"
#include "control/storage.h"

static enum err
failed(int reason)
{
    errno = reason;
    return ERR_SYSTEM;
}

/* --- opening and closing ------------------------------------------------ */

enum err
file_work_open_name(const struct file_job *job, const struct file_name *name,
                    int *fd)
{
    if (name->system == FILE_NVRAM && name->path[0] == '\0')
        return failed(EISDIR);
    if (name->system == FILE_NVRAM)
        return durable_open(files_nvram(job), name->path, fd);
    if (name->system != FILE_FLASH)
        return failed(EACCES);
    if (name->as_directory)
        return failed(EISDIR);
    if (files_flash(job) == NULL)
        return ERR_SYSTEM;
    return flash_open_file(files_flash(job), name->path, fd);
}

static void
close_file(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void
file_work_end(struct file_job *job)
{
    int saved = errno;

    close_file(&job->before);
    close_file(&job->source);
    if (job->fresh.fd >= 0)
        flash_abandon(files_flash(job), &job->fresh);
    hash_stream_free(job->hashing);
    job->hashing = NULL;
    errno = saved;
}

/*
 * Up to `room` bytes of an open file, from *at on, which moves on. 0: the end.
 * The offset of the descriptor is not touched: somebody else may share it.
 */
enum err
file_work_read_piece(int fd, uint64_t *at, uint8_t *to, size_t room,
                     size_t *len)
{
    ssize_t got;

    do
        got = pread(fd, to, room, (off_t)*at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return ERR_SYSTEM;
    *at += (uint64_t)got;
    *len = (size_t)got;
    return OK;
}

/* --- reading ------------------------------------------------------------ */

enum err
file_work_read(struct file_job *job)
{
    uint8_t piece[FILE_PIECE];
    size_t len = 1;
    enum err err = file_work_open_name(job, &job->from, &job->source);

    while (err == OK && len > 0) {
        err = file_work_read_piece(job->source, &job->at, piece, sizeof(piece),
                                   &len);
        if (err != OK)
            break;
        buf_put(&job->text, piece, len);
        if (!buf_ok(&job->text))
            err = failed(EFBIG);
    }
    job->result.bytes = buf_len(&job->text);
    wipe(piece, sizeof(piece));
    return err;
}

enum err
file_work_stream(struct file_job *job)
{
    uint8_t *room;
    size_t len;

    if (job->source < 0 &&
        file_work_open_name(job, &job->from, &job->source) != OK)
        return ERR_SYSTEM;
    room = buf_reserve(&job->text, FILE_STREAM);
    if (file_work_read_piece(job->source, &job->at, room, FILE_STREAM, &len) !=
        OK)
        return ERR_SYSTEM;
    buf_commit(&job->text, len);
    job->result.bytes = job->at;
    return len > 0 ? ERR_MORE : OK;
}

enum err
file_work_digest(struct file_job *job)
{
    uint8_t piece[FILE_PIECE];
    size_t len;

    if (job->source < 0) {
        if (file_work_open_name(job, &job->from, &job->source) != OK)
            return ERR_SYSTEM;
        job->hashing = hash_stream_new(job->hash);
    }
    for (size_t turn = 0; turn < FILE_TURN; turn += len) {
        if (file_work_read_piece(job->source, &job->at, piece, sizeof(piece),
                                 &len) != OK)
            return ERR_SYSTEM;
        job->result.bytes = job->at;
        if (len == 0)
            return hash_stream_end(job->hashing, job->result.digest) == OK
                       ? OK
                       : failed(EIO);
        hash_stream_add(job->hashing, span_of(piece, len));
    }
    return ERR_MORE;
}

/* --- writing ------------------------------------------------------------ */

static enum err
open_target(struct file_job *job)
{
    enum err err;

    if (job->to.system == FILE_NULL)
        return OK;
    if (job->to.system != FILE_FLASH)
        return failed(EACCES);
    if (job->to.as_directory)
        return failed(EISDIR);
    if (files_flash(job) == NULL)
        return ERR_SYSTEM;
    err = flash_create(files_flash(job), job->to.path, &job->fresh);
    if (err != OK || job->how == FILE_REPLACE)
        return err;
    /* What is there already comes first. */
    err = flash_open_file(files_flash(job), job->to.path, &job->before);
    return err == OK || errno == ENOENT ? OK : err;
}

static enum err
begin_writing(struct file_job *job)
{
    if (job->refused != 0)
        return failed(job->refused);
    if (job->copies && file_work_open_name(job, &job->from, &job->source) != OK)
        return ERR_SYSTEM;
    job->result.at_target = true;
    if (open_target(job) != OK)
        return ERR_SYSTEM;
    job->result.at_target = false;
    job->started = true;
    return OK;
}

static enum err
put_piece(struct file_job *job, struct span bytes)
{
    enum err err = OK;

    job->result.at_target = true;
    if (job->fresh.fd >= 0)
        err = flash_write(files_flash(job), &job->fresh, bytes);
    if (err == OK)
        job->result.at_target = false;
    return err;
}

/* The end of the text, and the file is in its place. */
static enum err
finish_writing(struct file_job *job)
{
    enum err err = put_piece(job, buf_span(&job->text));

    if (err != OK)
        return err;
    job->result.bytes += buf_len(&job->text);
    job->result.at_target = true;
    if (job->fresh.fd >= 0)
        err = flash_commit(files_flash(job), &job->fresh, job->to.path);
    return err;
}

enum err
file_work_write(struct file_job *job)
{
    uint8_t piece[FILE_PIECE];
    enum err err = OK;
    size_t len;

    if (!job->started && begin_writing(job) != OK)
        return ERR_SYSTEM;
    for (size_t turn = 0; turn < FILE_TURN && err == OK; turn += len) {
        int *fd = job->before >= 0 ? &job->before : &job->source;

        len = 0;
        if (*fd < 0)
            return finish_writing(job);
        err = file_work_read_piece(*fd, &job->at, piece, sizeof(piece), &len);
        if (err == OK && len == 0) {
            close_file(fd);
            job->at = 0;
        } else if (err == OK) {
            if (fd == &job->source)
                job->result.bytes += len;
            err = put_piece(job, span_of(piece, len));
        }
    }
    wipe(piece, sizeof(piece));
    return err == OK ? ERR_MORE : err;
}

/* --- looking ------------------------------------------------------------ */

/* The one file that nvram: has. */
static enum err
stat_startup(const struct file_job *job, struct flash_entry *entry)
{
    struct stat st;

    if (fstatat(files_nvram(job), FILE_STARTUP, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return ERR_SYSTEM;
    if (!S_ISREG(st.st_mode))
        return failed(EACCES);
    entry->name = NULL;
    entry->kind = FLASH_FILE;
    entry->bytes = (uint64_t)st.st_size;
    entry->mode = st.st_mode & 0777;
    entry->accessed_s = st.st_atime;
    entry->changed_s = st.st_mtime;
    return OK;
}

enum err
file_work_entry(const struct file_job *job, struct flash_entry *entry)
{
    const struct file_name *name = &job->from;

    if (name->system == FILE_FLASH) {
        if (files_flash(job) == NULL ||
            flash_stat(files_flash(job), name->path, entry) != OK)
            return ERR_SYSTEM;
        return name->as_directory && entry->kind != FLASH_DIRECTORY
                   ? failed(ENOTDIR)
                   : OK;
    }
    if (name->system != FILE_NVRAM)
        return failed(EACCES);
    if (name->path[0] != '\0')
        return stat_startup(job, entry);
    *entry = (struct flash_entry){.kind = FLASH_DIRECTORY};
    return OK;
}

enum err
file_work_stat(struct file_job *job)
{
    struct flash_entry entry;

    if (file_work_entry(job, &entry) != OK)
        return ERR_SYSTEM;
    job->result.directory = entry.kind == FLASH_DIRECTORY;
    job->result.bytes = entry.bytes;
    job->result.entry = entry;
    return OK;
}

/* A list of one. */
static void
list_one(struct file_job *job, const char *name, struct flash_entry entry)
{
    struct flash_list *list = &job->result.list;

    list->entries = alloc_zero(1, sizeof(*list->entries));
    list->entries[0] = entry;
    list->entries[0].name = text_dup(name);
    list->count = 1;
}

static enum err
list_nvram(struct file_job *job)
{
    struct flash_entry entry = {.bytes = 0};

    if (stat_startup(job, &entry) == OK)
        list_one(job, FILE_STARTUP, entry);
    else if (errno != ENOENT || job->from.path[0] != '\0')
        return ERR_SYSTEM;
    job->result.total = STORAGE_CONFIG_MAX;
    job->result.available =
        entry.bytes < STORAGE_CONFIG_MAX ? STORAGE_CONFIG_MAX - entry.bytes : 0;
    return OK;
}

/* Take out what does not begin with the prefix. */
static void
keep_prefix(struct flash_list *list, const char *prefix)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        struct flash_entry entry = list->entries[i];

        if (strncmp(entry.name, prefix, strlen(prefix)) == 0)
            list->entries[kept++] = entry;
        else
            free(entry.name);
    }
    list->count = kept;
}

enum err
file_work_list(struct file_job *job)
{
    struct file_result *result = &job->result;
    struct flash_entry entry;

    if (file_work_entry(job, &entry) != OK)
        return ERR_SYSTEM;
    result->directory = entry.kind == FLASH_DIRECTORY;
    if (job->from.system == FILE_NVRAM)
        return list_nvram(job);
    if (!result->directory)
        list_one(job, file_name_last(&job->from), entry);
    else if (flash_read_list(files_flash(job), job->from.path, job->all,
                             &result->list) != OK)
        return ERR_SYSTEM;
    keep_prefix(&result->list, job->prefix);
    return flash_space(files_flash(job), &result->total, &result->available);
}

/* --- changing ----------------------------------------------------------- */

/* Only flash: can be changed by name. */
static enum err
check_changeable(const struct file_job *job, const struct file_name *name)
{
    if (name->system != FILE_FLASH)
        return failed(EACCES);
    return files_flash(job) == NULL ? ERR_SYSTEM : OK;
}

enum err
file_work_remove(struct file_job *job)
{
    if (check_changeable(job, &job->from) != OK)
        return ERR_SYSTEM;
    if (job->from.as_directory)
        return failed(EISDIR);
    return flash_remove(files_flash(job), job->from.path);
}

/* `path` has room for FLASH_PATH_MAX bytes; as it was afterwards. */
static enum err
remove_tree(struct flash *flash, char *path)
{
    struct flash_list list;
    size_t len = strlen(path);
    enum err err = OK;

    if (flash_read_list(flash, path, true, &list) != OK)
        return ERR_SYSTEM;
    for (size_t i = 0; i < list.count && err == OK; i++) {
        const struct flash_entry *entry = &list.entries[i];

        path[len] = '/';
        if (!text_copy(path + len + 1, FLASH_PATH_MAX - len - 1, entry->name))
            err = failed(ENAMETOOLONG);
        else if (entry->kind == FLASH_DIRECTORY)
            err = remove_tree(flash, path);
        else
            err = flash_remove(flash, path);
    }
    path[len] = '\0';
    flash_list_clear(&list);
    return err == OK ? flash_remove_directory(flash, path) : err;
}

enum err
file_work_remove_tree(struct file_job *job)
{
    struct flash_entry entry;

    if (check_changeable(job, &job->from) != OK ||
        flash_stat(files_flash(job), job->from.path, &entry) != OK)
        return ERR_SYSTEM;
    /* The device itself stays. */
    if (job->from.path[0] == '\0')
        return failed(EINVAL);
    if (entry.kind != FLASH_DIRECTORY)
        return file_work_remove(job);
    return remove_tree(files_flash(job), job->from.path);
}

enum err
file_work_make_directory(struct file_job *job)
{
    if (check_changeable(job, &job->from) != OK)
        return ERR_SYSTEM;
    return flash_make_directory(files_flash(job), job->from.path);
}

enum err
file_work_remove_directory(struct file_job *job)
{
    if (check_changeable(job, &job->from) != OK)
        return ERR_SYSTEM;
    return flash_remove_directory(files_flash(job), job->from.path);
}

static enum err
move(struct file_job *job,
     enum err (*rename_)(struct flash *f, const char *from, const char *to))
{
    if (check_changeable(job, &job->from) != OK)
        return ERR_SYSTEM;
    job->result.at_target = true;
    if (check_changeable(job, &job->to) != OK)
        return ERR_SYSTEM;
    return rename_(files_flash(job), job->from.path, job->to.path);
}

enum err
file_work_rename(struct file_job *job)
{
    return move(job, flash_rename);
}

enum err
file_work_replace(struct file_job *job)
{
    return move(job, flash_replace);
}
