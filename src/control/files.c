/*
 * Who waits for which work on files, and its turns on the loop's threads.
 */
#include "control/files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "control/files_parts.h"

/* Of libuv's four threads: the rest is for saving and for keys. */
#define THREADS_MAX 2

struct files {
    struct router *router;
    int state;           /* the state directory; storage.c's */
    struct flash *flash; /* NULL: there is none */
    struct list jobs;    /* in the order of their turns */
    unsigned under_way;
};

/* --- life --------------------------------------------------------------- */

void
files_open(struct router *r, int state)
{
    struct files *files = alloc_zero(1, sizeof(*files));

    files->router = r;
    files->state = state;
    list_init(&files->jobs);
    if (flash_open(state, &files->flash) != OK)
        log_line(LOG_ERROR, "There is no flash: %s", strerror(errno));
    r->files = files;
}

void
files_close(struct router *r)
{
    struct files *files = r->files;

    if (files == NULL)
        return;
    LIST_EACH(node, &files->jobs)
    files_forget(r, LIST_ITEM(node, struct file_job, node)->owner);
    while (!list_empty(&files->jobs))
        uv_run(&r->loop, UV_RUN_ONCE);
    flash_close(files->flash);
    free(files);
    r->files = NULL;
}

struct flash *
files_flash(const struct file_job *job)
{
    if (job->files->flash == NULL)
        errno = ENOSYS;
    return job->files->flash;
}

int
files_nvram(const struct file_job *job)
{
    return job->files->state;
}

/* --- turns on the threads ----------------------------------------------- */

static void start_turns(struct files *files);

static void
on_work(uv_work_t *work)
{
    struct file_job *job = work->data;

    if (job->given_up)
        job->result.err = OK;
    else
        job->result.err = job->run(job);
    job->result.system_error = job->result.err == ERR_SYSTEM ? errno : 0;
    if (job->result.err != ERR_MORE)
        file_work_end(job);
}

static void
job_free(struct file_job *job)
{
    list_remove(&job->node);
    flash_list_clear(&job->result.list);
    buf_clear(&job->text);
    free(job);
}

/* Nobody took what was opened. What was created is empty yet. */
static void
drop_opened(struct file_job *job)
{
    if (job->result.fd >= 0)
        close(job->result.fd);
    if (job->result.fresh.fd >= 0)
        flash_abandon(files_flash(job), &job->result.fresh);
}

static void
on_worked(uv_work_t *work, int status)
{
    struct file_job *job = work->data;
    struct files *files = job->files;

    (void)status; /* never cancelled */
    files->under_way--;
    job->under_way = false;
    /* The others are first now. */
    list_remove(&job->node);
    list_append(&files->jobs, &job->node);
    if (job->result.err != ERR_MORE) {
        /* Nothing that is called now finds it any more. */
        list_remove(&job->node);
        job->result.text = buf_span(&job->text);
        if (job->done != NULL)
            job->done(job->owner, &job->result);
        else
            drop_opened(job);
        job_free(job);
    } else if (job->done == NULL) {
        job->given_up = true;
    } else if (job->piece != NULL) {
        job->queued = job->piece(job->owner, buf_span(&job->text));
        buf_reset(&job->text);
        /* The owner may have gone away within that call. */
        if (job->done == NULL)
            job->given_up = job->queued = true;
    }
    start_turns(files);
}

static void
start_turns(struct files *files)
{
    LIST_EACH(node, &files->jobs)
    {
        struct file_job *job = LIST_ITEM(node, struct file_job, node);
        int queued;

        if (files->under_way >= THREADS_MAX)
            return;
        if (!job->queued || job->under_way)
            continue;
        files->under_way++;
        job->under_way = true;
        queued =
            uv_queue_work(&files->router->loop, &job->work, on_work, on_worked);
        assert(queued == 0); /* it fails for a missing callback only */
    }
}

void
files_forget(struct router *r, void *owner)
{
    if (r->files == NULL)
        return;
    LIST_EACH(node, &r->files->jobs)
    {
        struct file_job *job = LIST_ITEM(node, struct file_job, node);

        if (job->owner != owner)
            continue;
        job->done = NULL;
        job->piece = NULL;
        if (job->run == file_work_commit)
            continue; /* all of it has come */
        /* A thread that has it looks at nothing of this. */
        job->given_up = job->given_up || !job->under_way;
        job->queued = true;
    }
    start_turns(r->files);
}

void
files_resume(struct router *r, void *owner)
{
    LIST_EACH(node, &r->files->jobs)
    {
        struct file_job *job = LIST_ITEM(node, struct file_job, node);

        if (job->owner == owner)
            job->queued = true;
    }
    start_turns(r->files);
}

/* --- beginning ---------------------------------------------------------- */

static struct file_job *
job_new(struct router *r, file_work_fn run, const struct file_name *name,
        file_done_fn done, void *owner)
{
    struct file_job *job = alloc_zero(1, sizeof(*job));

    job->files = r->files;
    job->run = run;
    job->from = *name;
    job->done = done;
    job->owner = owner;
    job->work.data = job;
    job->before = job->source = job->fresh.fd = -1;
    job->result.fd = job->result.fresh.fd = -1;
    buf_init_secret(&job->text, 0);
    return job;
}

static void
job_start(struct file_job *job)
{
    job->queued = true;
    list_append(&job->files->jobs, &job->node);
    start_turns(job->files);
}

void
files_read(struct router *r, const struct file_name *name, size_t max,
           file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_read, name, done, owner);

    job->max = max;
    buf_init_secret(&job->text, max);
    job_start(job);
}

void
files_stream(struct router *r, const struct file_name *name,
             file_piece_fn piece, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_stream, name, done, owner);

    job->piece = piece;
    buf_init_secret(&job->text, FILE_STREAM);
    job_start(job);
}

void
files_write(struct router *r, const struct file_name *name, enum file_how how,
            struct span text, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_write, name, done, owner);

    job->to = *name;
    job->how = how;
    buf_init_secret(&job->text, text.len);
    buf_put_span(&job->text, text);
    job_start(job);
}

void
files_write_fd(struct router *r, const struct file_name *name,
               enum file_how how, int fd, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_write, name, done, owner);

    job->to = *name;
    job->how = how;
    job->source = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    job->refused = job->source < 0 ? errno : 0;
    job_start(job);
}

void
files_copy(struct router *r, const struct file_name *from,
           const struct file_name *to, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_write, from, done, owner);

    job->to = *to;
    job->copies = true;
    job_start(job);
}

void
files_list(struct router *r, const struct file_name *name, const char *prefix,
           file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_list, name, done, owner);

    text_copy(job->prefix, sizeof(job->prefix), prefix);
    job_start(job);
}

void
files_list_all(struct router *r, const struct file_name *name,
               file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_list, name, done, owner);

    job->all = true;
    job_start(job);
}

void
files_list_page(struct router *r, const struct file_name *name,
                const char *after, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_page, name, done, owner);

    text_copy(job->prefix, sizeof(job->prefix), after);
    job_start(job);
}

void
files_stat(struct router *r, const struct file_name *name, file_done_fn done,
           void *owner)
{
    job_start(job_new(r, file_work_stat, name, done, owner));
}

void
files_open_one(struct router *r, const struct file_name *name,
               file_done_fn done, void *owner)
{
    job_start(job_new(r, file_work_open, name, done, owner));
}

void
files_open_log(struct router *r, const struct file_name *name, uint64_t max,
               unsigned keep, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_log, name, done, owner);

    job->length = max;
    job->keep = keep;
    job_start(job);
}

void
files_create(struct router *r, const struct file_name *name,
             const struct file_creation *how, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_create, name, done, owner);

    job->creation = *how;
    job_start(job);
}

/* The file that was created is the job's from now on. */
static struct file_job *
job_over(struct router *r, file_work_fn run, const struct file_name *name,
         struct flash_new *fresh, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, run, name, done, owner);

    job->fresh = *fresh;
    fresh->fd = -1;
    return job;
}

void
files_commit(struct router *r, const struct file_name *name,
             struct flash_new *fresh, uint64_t bytes,
             const struct flash_attributes *attributes, file_done_fn done,
             void *owner)
{
    struct file_job *job =
        job_over(r, file_work_commit, name, fresh, done, owner);

    job->length = bytes;
    job->attributes = *attributes;
    job_start(job);
}

void
files_abandon(struct router *r, struct flash_new *fresh)
{
    static const struct file_name nowhere;

    job_start(job_over(r, file_work_abandon, &nowhere, fresh, NULL, NULL));
}

void
files_set(struct router *r, const struct file_name *name,
          const struct flash_attributes *attributes, file_done_fn done,
          void *owner)
{
    struct file_job *job = job_new(r, file_work_set, name, done, owner);

    job->attributes = *attributes;
    job_start(job);
}

void
files_remove(struct router *r, const struct file_name *name, file_done_fn done,
             void *owner)
{
    job_start(job_new(r, file_work_remove, name, done, owner));
}

void
files_remove_tree(struct router *r, const struct file_name *name,
                  file_done_fn done, void *owner)
{
    job_start(job_new(r, file_work_remove_tree, name, done, owner));
}

void
files_make_directory(struct router *r, const struct file_name *name,
                     file_done_fn done, void *owner)
{
    job_start(job_new(r, file_work_make_directory, name, done, owner));
}

void
files_remove_directory(struct router *r, const struct file_name *name,
                       file_done_fn done, void *owner)
{
    job_start(job_new(r, file_work_remove_directory, name, done, owner));
}

void
files_rename(struct router *r, const struct file_name *from,
             const struct file_name *to, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_rename, from, done, owner);

    job->to = *to;
    job_start(job);
}

void
files_replace(struct router *r, const struct file_name *from,
              const struct file_name *to, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_replace, from, done, owner);

    job->to = *to;
    job_start(job);
}

void
files_usage(struct router *r, const struct file_name *name, file_done_fn done,
            void *owner)
{
    job_start(job_new(r, file_work_usage, name, done, owner));
}

void
files_digest(struct router *r, const struct file_name *name, enum hash_id hash,
             file_piece_fn piece, file_done_fn done, void *owner)
{
    struct file_job *job = job_new(r, file_work_digest, name, done, owner);

    job->hash = hash;
    job->piece = piece;
    job_start(job);
}
