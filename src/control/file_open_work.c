/*
 * The work on files that somebody else reads or writes: opened, created, put
 * into their place. On the loop's threads, where it may block.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "control/files_parts.h"

/* Of a directory: looked at in one go. */
#define PAGE_ENTRIES 512

static enum err
failed(int reason)
{
    errno = reason;
    return ERR_SYSTEM;
}

enum err
file_work_open(struct file_job *job)
{
    struct flash_entry *entry = &job->result.entry;

    if (file_work_entry(job, entry) != OK)
        return ERR_SYSTEM;
    job->result.directory = entry->kind == FLASH_DIRECTORY;
    if (job->result.directory)
        return OK;
    return file_work_open_name(job, &job->from, &job->result.fd);
}

/* The flash that a name is in. */
static enum err
find_flash(const struct file_job *job, struct flash **flash)
{
    if (job->from.system != FILE_FLASH)
        return failed(EACCES);
    *flash = files_flash(job);
    return *flash == NULL ? ERR_SYSTEM : OK;
}

/* What is there already: may it be replaced, and its rights are kept. */
static enum err
begin_over(struct file_job *job, struct flash *flash, bool exists,
           const struct flash_entry *old)
{
    struct flash_attributes kept = {.has_mode = true, .mode = old->mode};

    if (exists ? job->creation.must_be_new : job->creation.must_exist)
        return failed(exists ? EEXIST : ENOENT);
    if (flash_create(flash, job->from.path, &job->fresh) != OK)
        return ERR_SYSTEM;
    job->started = true;
    if (!exists)
        return OK;
    if (flash_dress(&job->fresh, &kept) != OK)
        return ERR_SYSTEM;
    return job->creation.copies
               ? flash_open_file(flash, job->from.path, &job->source)
               : OK;
}

static enum err
begin_creating(struct file_job *job, struct flash *flash)
{
    struct flash_entry old = {.mode = 0};
    uint64_t total, available;
    bool exists;

    if (job->from.as_directory)
        return failed(EISDIR);
    if (flash_space(flash, &total, &available) != OK)
        return ERR_SYSTEM;
    if (job->creation.bytes > available)
        return failed(ENOSPC);
    exists = flash_stat(flash, job->from.path, &old) == OK;
    if (!exists && errno != ENOENT)
        return ERR_SYSTEM;
    return begin_over(job, flash, exists, &old);
}

/* ERR_MORE: there is more, but others have a turn. */
static enum err
copy_old(struct file_job *job, struct flash *flash)
{
    uint8_t piece[FILE_PIECE];
    size_t len = 1;

    for (size_t turn = 0; turn < FILE_TURN && len > 0; turn += len)
        if (file_work_read_piece(job->source, &job->at, piece, sizeof(piece),
                                 &len) != OK ||
            flash_write(flash, &job->fresh, span_of(piece, len)) != OK)
            return ERR_SYSTEM;
    return len > 0 ? ERR_MORE : OK;
}

static enum err
look_at_fresh(const struct file_job *job, struct flash_entry *entry)
{
    struct stat st;

    if (fstat(job->fresh.fd, &st) != 0)
        return ERR_SYSTEM;
    *entry = (struct flash_entry){
        .kind = FLASH_FILE,
        .bytes = (uint64_t)st.st_size,
        .mode = st.st_mode & 0777,
        .accessed_s = st.st_atime,
        .changed_s = st.st_mtime,
    };
    return OK;
}

enum err
file_work_create(struct file_job *job)
{
    struct flash *flash;

    if (find_flash(job, &flash) != OK ||
        (!job->started && begin_creating(job, flash) != OK))
        return ERR_SYSTEM;
    if (job->source >= 0) {
        enum err err = copy_old(job, flash);

        if (err != OK)
            return err;
    }
    if (look_at_fresh(job, &job->result.entry) != OK)
        return ERR_SYSTEM;
    job->result.fresh = job->fresh;
    job->fresh.fd = -1;
    return OK;
}

/* F.1 becomes F.2, F becomes F.1; one that is missing is passed over. */
static enum err
move_on(struct flash *flash, const char *path, unsigned keep)
{
    char from[FLASH_PATH_MAX], to[FLASH_PATH_MAX];

    if (keep == 0)
        return flash_remove(flash, path);
    for (unsigned i = keep; i > 0; i--) {
        int len = i == 1 ? snprintf(from, sizeof(from), "%s", path)
                         : snprintf(from, sizeof(from), "%s.%u", path, i - 1);

        if (len >= FLASH_PATH_MAX - 11)
            return failed(ENAMETOOLONG);
        snprintf(to, sizeof(to), "%s.%u", path, i);
        if (flash_replace(flash, from, to) != OK && errno != ENOENT)
            return ERR_SYSTEM;
    }
    return OK;
}

enum err
file_work_log(struct file_job *job)
{
    struct file_result *result = &job->result;
    struct flash_entry entry;
    struct flash *flash;
    bool exists;

    if (find_flash(job, &flash) != OK)
        return ERR_SYSTEM;
    exists = flash_stat(flash, job->from.path, &entry) == OK;
    if (!exists && errno != ENOENT)
        return ERR_SYSTEM;
    if (exists && entry.kind == FLASH_DIRECTORY)
        return failed(EISDIR);
    if (exists && entry.bytes >= job->length &&
        move_on(flash, job->from.path, job->keep) != OK)
        return ERR_SYSTEM;
    return flash_append(flash, job->from.path, &result->fd, &result->bytes);
}

enum err
file_work_commit(struct file_job *job)
{
    struct stat st;

    if (fstat(job->fresh.fd, &st) != 0)
        return ERR_SYSTEM;
    if ((uint64_t)st.st_size != job->length)
        return failed(EIO);
    if (flash_dress(&job->fresh, &job->attributes) != OK)
        return ERR_SYSTEM;
    return flash_commit(files_flash(job), &job->fresh, job->from.path);
}

/* Its end does it: that of the job. */
enum err
file_work_abandon(struct file_job *job)
{
    (void)job;
    return OK;
}

enum err
file_work_set(struct file_job *job)
{
    struct flash *flash;

    if (find_flash(job, &flash) != OK)
        return ERR_SYSTEM;
    return flash_set(flash, job->from.path, &job->attributes);
}

enum err
file_work_usage(struct file_job *job)
{
    struct flash *flash;

    if (find_flash(job, &flash) != OK)
        return ERR_SYSTEM;
    return flash_usage(flash, &job->result.usage);
}

enum err
file_work_page(struct file_job *job)
{
    struct file_result *result = &job->result;
    struct flash *flash;

    if (find_flash(job, &flash) != OK)
        return ERR_SYSTEM;
    result->directory = true;
    return flash_read_page(flash, job->from.path, job->prefix, PAGE_ENTRIES,
                           &result->list, &result->more);
}
