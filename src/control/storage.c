#include "control/storage.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "control/durable.h"
#include "control/factory.h"

#define CONFIG_FILE "startup-config"
#define CONFIG_OLD  "startup-config.old"
#define NEW_SUFFIX  ".new"

struct storage {
    struct router *router;
    int dir, keys;    /* directories; `dir` is locked */
    bool saving;      /* a save or erase of startup-config is under way */
    struct list jobs; /* under way on threads */
};

/* One piece of file work; what it needs is copied, so owners may go. */
struct job {
    struct list node;
    uv_work_t work;
    struct storage *storage;
    enum err (*run)(struct job *job); /* on a thread; sets system_error */
    bool is_saving;
    bool is_of_keys; /* one of them at a time */
    struct buf text;
    char file[KEY_FILE_MAX];
    enum err err;
    int system_error;
    saved_fn done; /* NULL: nobody waits any more */
    void *owner;
};

/* --- opening ----------------------------------------------------------- */

/*
 * Open directory `name` below `at`; make it (0700) if it is missing. Others
 * must not be able to put their files in the place of ours.
 */
static enum err
open_directory(int at, const char *name, int *fd)
{
    struct stat st;
    int opened;

    if (mkdirat(at, name, 0700) != 0 && errno != EEXIST) {
        log_line(LOG_ERROR, "Cannot make directory %s: %s", name,
                 strerror(errno));
        return ERR_SYSTEM;
    }
    opened = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0 || fstat(opened, &st) != 0) {
        log_line(LOG_ERROR, "Cannot open directory %s: %s", name,
                 strerror(errno));
        if (opened >= 0)
            close(opened);
        return ERR_SYSTEM;
    }
    if ((st.st_mode & 022) != 0) {
        log_line(LOG_ERROR, "Directory %s can be written by others (mode %o)",
                 name, (unsigned)st.st_mode & 07777);
        close(opened);
        return ERR_SYSTEM;
    }
    *fd = opened;
    return OK;
}

/* Two routers on one directory would lose each other's changes. */
static enum err
lock_directory(int dir, const char *name)
{
    if (flock(dir, LOCK_EX | LOCK_NB) == 0)
        return OK;
    if (errno == EWOULDBLOCK)
        log_line(LOG_ERROR, "State directory %s is in use by another router",
                 name);
    else
        log_line(LOG_ERROR, "Cannot lock state directory %s: %s", name,
                 strerror(errno));
    return ERR_SYSTEM;
}

static bool
is_unfinished(const char *file)
{
    size_t len = strlen(file);

    return len >= strlen(NEW_SUFFIX) &&
           strcmp(file + len - strlen(NEW_SUFFIX), NEW_SUFFIX) == 0;
}

/* Call `fn` for each name in keys/, sorted, that does not begin with a dot. */
static void
each_name(struct storage *s, key_file_fn fn, void *owner)
{
    struct dirent **entries;
    int count = scandirat(s->keys, ".", &entries, NULL, alphasort);

    if (count < 0) {
        log_line(LOG_ERROR, "Cannot read directory keys: %s", strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.')
            fn(owner, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static void
remove_unfinished(void *owner, const char *file)
{
    struct storage *s = owner;

    if (is_unfinished(file))
        unlinkat(s->keys, file, 0);
}

enum err
storage_open(struct router *r, struct storage **out)
{
    struct storage *s = alloc_zero(1, sizeof(*s));

    s->router = r;
    s->dir = s->keys = -1;
    list_init(&s->jobs);
    if (open_directory(AT_FDCWD, r->options.state, &s->dir) != OK ||
        lock_directory(s->dir, r->options.state) != OK ||
        open_directory(s->dir, "keys", &s->keys) != OK) {
        storage_close(s);
        return ERR_SYSTEM;
    }
    /* Keys are nobody else's business, even to look at their names. */
    if (fchmod(s->keys, 0700) != 0)
        log_line(LOG_WARNING, "Cannot set the mode of directory keys: %s",
                 strerror(errno));
    /* Nobody else is at work here, so what is unfinished stays so. */
    durable_sweep(s->dir, CONFIG_FILE);
    each_name(s, remove_unfinished, s);
    *out = s;
    return OK;
}

void
storage_close(struct storage *s)
{
    if (s == NULL)
        return;
    LIST_EACH(node, &s->jobs)
    LIST_ITEM(node, struct job, node)->done = NULL;
    /* A save that has begun is finished: the user was told nothing yet. */
    while (!list_empty(&s->jobs))
        uv_run(&s->router->loop, UV_RUN_ONCE);
    if (s->keys >= 0)
        close(s->keys);
    if (s->dir >= 0)
        close(s->dir);
    free(s);
}

int
storage_fd(const struct storage *s)
{
    return s->dir;
}

/* --- work on threads --------------------------------------------------- */

static void
on_work(uv_work_t *work)
{
    struct job *job = work->data;

    job->err = job->run(job);
    job->system_error = job->err == ERR_SYSTEM ? errno : 0;
}

static void on_worked(uv_work_t *work, int status);

static void
job_run(struct job *job)
{
    int queued;

    queued = uv_queue_work(&job->storage->router->loop, &job->work, on_work,
                           on_worked);
    assert(queued == 0); /* it fails for a missing callback only */
}

/* The first job on key files, but `self`; NULL. */
static struct job *
key_job(struct storage *s, const struct job *self)
{
    LIST_EACH(node, &s->jobs)
    {
        struct job *job = LIST_ITEM(node, struct job, node);

        if (job->is_of_keys && job != self)
            return job;
    }
    return NULL;
}

static void
on_worked(uv_work_t *work, int status)
{
    struct job *job = work->data;
    struct job *next = job->is_of_keys ? key_job(job->storage, job) : NULL;

    (void)status; /* never cancelled */
    list_remove(&job->node);
    if (next != NULL)
        job_run(next);
    if (job->is_saving)
        job->storage->saving = false;
    if (job->done != NULL)
        job->done(job->owner, job->err, job->system_error);
    buf_clear(&job->text);
    free(job);
}

static struct job *
job_new(struct storage *s, enum err (*run)(struct job *), saved_fn done,
        void *owner)
{
    struct job *job = alloc_zero(1, sizeof(*job));

    job->storage = s;
    job->run = run;
    job->done = done;
    job->owner = owner;
    job->work.data = job;
    buf_init_secret(&job->text, STORAGE_CONFIG_MAX);
    return job;
}

static void
job_start(struct job *job)
{
    bool waits = job->is_of_keys && key_job(job->storage, NULL) != NULL;

    list_append(&job->storage->jobs, &job->node);
    if (!waits)
        job_run(job);
}

static enum err
run_refusal(struct job *job)
{
    (void)job;
    return ERR_BUSY;
}

static enum err
run_save(struct job *job)
{
    if (!buf_ok(&job->text)) {
        errno = EFBIG;
        return ERR_SYSTEM;
    }
    return durable_replace(job->storage->dir, CONFIG_FILE,
                           buf_span(&job->text));
}

static enum err
run_erase(struct job *job)
{
    return durable_erase(job->storage->dir, CONFIG_FILE);
}

static enum err
run_commit(struct job *job)
{
    return durable_commit(job->storage->keys, job->file);
}

static enum err
run_remove(struct job *job)
{
    struct span files = buf_span(&job->text);
    const char *file = (const char *)files.ptr;
    const char *end = file + files.len;
    int problem = 0;

    for (; file < end; file += strlen(file) + 1)
        if (durable_remove(job->storage->keys, file) != OK && errno != ENOENT)
            problem = errno;
    errno = problem;
    return problem == 0 ? OK : ERR_SYSTEM;
}

/* A job on startup-config: one at a time, the next is refused. */
static struct job *
saving_job(struct storage *s, enum err (*run)(struct job *), saved_fn done,
           void *owner)
{
    struct job *job = job_new(s, s->saving ? run_refusal : run, done, owner);

    job->is_saving = !s->saving;
    s->saving = true;
    return job;
}

void
storage_save_config(struct router *r, struct span text, saved_fn done,
                    void *owner)
{
    struct job *job = saving_job(r->storage, run_save, done, owner);

    if (job->is_saving)
        buf_put_span(&job->text, text);
    job_start(job);
}

void
storage_erase_config(struct router *r, saved_fn done, void *owner)
{
    job_start(saving_job(r->storage, run_erase, done, owner));
}

void
storage_forget(struct router *r, void *owner)
{
    LIST_EACH(node, &r->storage->jobs)
    {
        struct job *job = LIST_ITEM(node, struct job, node);

        if (job->owner == owner)
            job->done = NULL;
    }
}

/* --- startup-config ---------------------------------------------------- */

static const char *
reading_failure(enum err err)
{
    if (err == ERR_SYSTEM)
        return strerror(errno);
    return err == ERR_LENGTH ? "longer than a configuration may be"
                             : "no text of a configuration";
}

enum err
storage_read_config(struct storage *s, struct buf *text, const char **from)
{
    enum err err = durable_read(s->dir, CONFIG_FILE, STORAGE_CONFIG_MAX, text);
    enum err old;
    char reason[128];

    *from = CONFIG_FILE;
    if (err == OK)
        return OK;
    text_copy(reason, sizeof(reason), reading_failure(err));
    if (err != ERR_SYSTEM || errno != ENOENT)
        log_line(LOG_ERROR, "Cannot read %s: %s", CONFIG_FILE, reason);

    old = durable_read(s->dir, CONFIG_OLD, STORAGE_CONFIG_MAX, text);
    *from = CONFIG_OLD;
    if (old == OK) {
        log_line(LOG_ERROR, "The previous configuration, %s, is used (%s: %s)",
                 CONFIG_OLD, CONFIG_FILE, reason);
        return OK;
    }
    if (old != ERR_SYSTEM || errno != ENOENT)
        log_line(LOG_ERROR, "Cannot read %s: %s", CONFIG_OLD,
                 reading_failure(old));
    *from = "";
    buf_put_span(text, factory_config());
    return buf_ok(text) ? OK : ERR_LIMIT;
}

/* --- key files --------------------------------------------------------- */

enum err
storage_key_create(struct storage *s, const char *file, int *fd)
{
    return durable_create(s->keys, file, fd);
}

void
storage_key_commit(struct router *r, const char *file, saved_fn done,
                   void *owner)
{
    struct job *job = job_new(r->storage, run_commit, done, owner);

    job->is_of_keys = true;
    text_copy(job->file, sizeof(job->file), file);
    job_start(job);
}

void
storage_keys_remove(struct router *r, struct span files, saved_fn done,
                    void *owner)
{
    struct job *job = job_new(r->storage, run_remove, done, owner);

    job->is_of_keys = true;
    buf_put_span(&job->text, files);
    job_start(job);
}

void
storage_key_abandon(struct storage *s, const char *file)
{
    durable_abandon(s->keys, file);
}

enum err
storage_key_open(struct storage *s, const char *file, int *fd)
{
    struct stat st;

    if (durable_open(s->keys, file, fd) != OK)
        return ERR_SYSTEM;
    /* Whoever else owns it may change and read it. */
    if (fstat(*fd, &st) == 0 && st.st_uid == geteuid())
        return OK;
    close(*fd);
    errno = EPERM;
    return ERR_SYSTEM;
}

/* A complete file's name, for the caller of storage_key_each(). */
struct key_visit {
    key_file_fn fn;
    void *owner;
};

static void
visit_complete(void *owner, const char *file)
{
    struct key_visit *visit = owner;

    if (!is_unfinished(file))
        visit->fn(visit->owner, file);
}

void
storage_key_each(struct storage *s, key_file_fn fn, void *owner)
{
    struct key_visit visit = {fn, owner};

    each_name(s, visit_complete, &visit);
}
