/*
 * The work on files that somebody else reads or writes: opened, created, put
 * into their place. On the loop's threads, where it may block.
 */
#include <errno.h>
#include <sys/stat.h>

#include "control/files_parts.h"

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

enum err
file_work_create(struct file_job *job)
{
    uint64_t total, available;
    struct flash *flash;

    if (find_flash(job, &flash) != OK)
        return ERR_SYSTEM;
    if (job->from.as_directory)
        return failed(EISDIR);
    if (flash_space(flash, &total, &available) != OK)
        return ERR_SYSTEM;
    if (job->length > available)
        return failed(ENOSPC);
    return flash_create(flash, job->from.path, &job->result.fresh);
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
