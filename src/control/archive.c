#include "control/archive.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/cli.h"
#include "control/clock.h"
#include "control/journal.h"
#include "control/local_time.h"
#include "control/replace.h"

#define TEXT_MAX (16 * 1024 * 1024) /* bytes of a configuration */
/* Of a file's last component: 0 a digit, A a letter, - a digit or blank. */
#define STAMP_FORM "AAA-%0-00-00-00.000"
#define STAMP_MAX  32
#define AGAIN_MS   1000 /* while the configuration is being replaced */
#define PATH_MAX_  (2 * FLASH_PATH_MAX)

struct archive {
    struct router *router;
    uv_timer_t period;
    struct list jobs; /* one after the other: each takes the next number */
};

/* Save or list, in this order: look, write, remove what is too much. */
struct archive_job {
    struct list node;
    struct archive *archive;
    archive_fn done; /* NULL: nobody waits */
    void *owner;
    bool stores;
    struct buf text;         /* to be saved */
    struct file_name target; /* without the number */
    uint32_t next;
    struct archive_state state;
    struct archive_file *files;
    size_t removed; /* of the oldest */
};

static void start(struct archive *a);

/* --- names -------------------------------------------------------------- */

/* "Mar--1-13-01-01.123" */
static void
stamp_now(const struct config *config, char to[STAMP_MAX])
{
    struct timespec now;
    time_t local;
    struct tm tm;
    char month[8];

    clock_gettime(CLOCK_REALTIME, &now);
    local = now.tv_sec + local_offset_s(config, (uint64_t)now.tv_sec);
    gmtime_r(&local, &tm);
    strftime(month, sizeof(month), "%b", &tm);
    snprintf(to, STAMP_MAX, "%.3s-%s%d-%02d-%02d-%02d.%03d", month,
             tm.tm_mday < 10 ? "-" : "", tm.tm_mday, tm.tm_hour, tm.tm_min,
             tm.tm_sec, (int)(now.tv_nsec / 1000000));
}

/* The path with $h and, unless `stamp` is NULL, $t replaced. */
static void
expand(const char *path, const char *hostname, const char *stamp,
       char to[PATH_MAX_])
{
    size_t at = 0;

    for (const char *p = path; *p != '\0' && at + 1 < PATH_MAX_; p++) {
        const char *in_place = NULL;

        if (p[0] == '$' && p[1] == 'h')
            in_place = hostname;
        else if (p[0] == '$' && p[1] == 't')
            in_place = stamp;
        if (in_place == NULL) {
            to[at++] = *p;
            continue;
        }
        at += (size_t)snprintf(to + at, PATH_MAX_ - at, "%s", in_place);
        if (at >= PATH_MAX_)
            at = PATH_MAX_ - 1;
        p++;
    }
    to[at] = '\0';
}

/* Bytes of a time stamp at `text`, or 0. */
static size_t
stamp_length(const char *text)
{
    const char *form = STAMP_FORM;
    size_t i = 0;

    for (; form[i] != '\0'; i++) {
        unsigned char c = (unsigned char)text[i];

        if (form[i] == 'A'   ? !isalpha(c)
            : form[i] == '0' ? !isdigit(c)
            : form[i] == '%' ? c != '-' && !isdigit(c)
                             : c != form[i])
            return 0;
    }
    return i;
}

/* The number at the end of a file's name that was made by `form`; 0: none. */
static uint32_t
number_of(const char *name, const char *form)
{
    uint64_t number = 0;

    while (*form != '\0') {
        size_t stamp =
            form[0] == '$' && form[1] == 't' ? stamp_length(name) : 0;

        if (stamp == 0 && *form != *name)
            return 0;
        name += stamp == 0 ? 1 : stamp;
        form += stamp == 0 ? 1 : 2;
    }
    if (*name++ != '-' || *name == '0' ||
        text_number(span_text(name), UINT32_MAX - 1, &number) != OK)
        return 0;
    return (uint32_t)number;
}

const char *
archive_check_path(const char *path)
{
    char expanded[PATH_MAX_];
    const char *stamp = strstr(path, "$t");
    struct file_name name;
    int reason;

    if (stamp != NULL && strchr(stamp, '/') != NULL)
        return "% $t belongs into the last part of the path";
    expand(path, "h", "t", expanded);
    /* $h and $t are all that there is. */
    if (strchr(expanded, '$') != NULL ||
        file_name_parse(expanded, "flash:/", &name, &reason) != OK ||
        name.system != FILE_FLASH || name.as_directory || name.path[0] == '\0')
        return "% The path is no file of flash:";
    return NULL;
}

bool
archive_is_on(const struct router *r)
{
    return r->config.archive.path != NULL;
}

/* --- jobs --------------------------------------------------------------- */

static void
finish(struct archive_job *job, int system_error)
{
    struct archive *a = job->archive;

    job->state.system_error = system_error;
    job->state.files = job->files + job->removed;
    job->state.count -= job->removed;
    if (system_error != 0 && job->stores)
        journal_message(a->router, "SYS", LOG_WARNING, "CONFIG_ARCHIVE",
                        "The configuration could not be archived (%s)",
                        strerror(system_error));
    list_remove(&job->node);
    if (job->done != NULL)
        job->done(job->owner, &job->state);
    buf_clear(&job->text);
    free(job->files);
    free(job);
    start(a);
}

static void on_removed(void *owner, const struct file_result *result);

/* What could not be removed is tried again with the next one. */
static void
remove_oldest(struct archive_job *job)
{
    struct router *r = job->archive->router;
    struct file_name name;
    int reason;

    if (job->state.count - job->removed <= r->config.archive.maximum ||
        file_name_parse(job->files[job->removed].shown, "flash:/", &name,
                        &reason) != OK)
        finish(job, 0);
    else
        files_remove(r, &name, on_removed, job);
}

static void
on_removed(void *owner, const struct file_result *result)
{
    struct archive_job *job = owner;

    if (result->err == OK || result->system_error == ENOENT) {
        job->removed++;
        remove_oldest(job);
    } else {
        finish(job, 0);
    }
}

static void
on_written(void *owner, const struct file_result *result)
{
    struct archive_job *job = owner;
    struct archive_file *file;

    if (result->err != OK) {
        finish(job, result->system_error);
        return;
    }
    file = &job->files[job->state.count++];
    file->number = job->next;
    text_copy(file->shown, sizeof(file->shown), job->state.shown);
    remove_oldest(job);
}

static int
by_number(const void *a, const void *b)
{
    const struct archive_file *one = a, *other = b;

    return one->number < other->number ? -1 : one->number > other->number;
}

/* The files of the directory that are the archive's. */
static void
take_files(struct archive_job *job, const struct flash_list *list,
           const char *directory, const char *form)
{
    job->files = alloc_zero(list->count + 1, sizeof(*job->files));
    for (size_t i = 0; i < list->count; i++) {
        const struct flash_entry *entry = &list->entries[i];
        uint32_t number = number_of(entry->name, form);
        struct archive_file *file = &job->files[job->state.count];

        if (entry->kind != FLASH_FILE || number == 0)
            continue;
        file->number = number;
        if (snprintf(file->shown, sizeof(file->shown), "%s%.*s", directory,
                     FLASH_NAME_MAX, entry->name) >= (int)sizeof(file->shown))
            continue;
        job->state.count++;
    }
    qsort(job->files, job->state.count, sizeof(*job->files), by_number);
    job->next =
        job->state.count == 0 ? 1 : job->files[job->state.count - 1].number + 1;
}

/* "flash:/dir/" of "flash:/dir/name". */
static void
directory_of(const struct file_name *name, char to[FILE_SHOWN_MAX])
{
    text_copy(to, FILE_SHOWN_MAX, name->shown);
    to[strlen(to) - strlen(file_name_last(name))] = '\0';
}

static void
on_listed(void *owner, const struct file_result *result)
{
    struct archive_job *job = owner;
    struct router *r = job->archive->router;
    char path[PATH_MAX_], directory[FILE_SHOWN_MAX];
    const char *configured = r->config.archive.path;
    const char *form;
    struct file_name name;
    int reason = ENOENT;

    if (result->err != OK || configured == NULL) {
        finish(job, result->err != OK ? result->system_error : ENOENT);
        return;
    }
    expand(configured, r->config.hostname, NULL, path);
    form = strrchr(path, '/') != NULL  ? strrchr(path, '/') + 1
           : strchr(path, ':') != NULL ? strchr(path, ':') + 1
                                       : path;
    directory_of(&job->target, directory);
    take_files(job, &result->list, directory, form);
    if (snprintf(path, sizeof(path), "%s-%u", job->target.shown, job->next) >=
            FLASH_PATH_MAX ||
        file_name_parse(path, "flash:/", &name, &reason) != OK) {
        finish(job, reason);
        return;
    }
    text_copy(job->state.shown, sizeof(job->state.shown), name.shown);
    if (job->stores)
        files_write(r, &name, FILE_REPLACE, buf_span(&job->text), on_written,
                    job);
    else
        finish(job, 0);
}

/* The first job; the others wait for it. */
static void
start(struct archive *a)
{
    struct router *r = a->router;
    char path[PATH_MAX_], stamp[STAMP_MAX], directory[FILE_SHOWN_MAX];
    struct archive_job *job;
    struct file_name name;
    int reason;

    if (list_empty(&a->jobs))
        return;
    job = LIST_ITEM(a->jobs.next, struct archive_job, node);
    stamp_now(&r->config, stamp);
    expand(r->config.archive.path == NULL ? "none" : r->config.archive.path,
           r->config.hostname, stamp, path);
    if (file_name_parse(path, "flash:/", &job->target, &reason) != OK)
        text_copy(job->target.shown, sizeof(job->target.shown), "flash:/");
    directory_of(&job->target, directory);
    /* A path that is none fails where the files are looked at. */
    if (file_name_parse(directory, "flash:/", &name, &reason) == OK)
        files_list(r, &name, "", on_listed, job);
}

static void
add_job(struct router *r, bool stores, archive_fn done, void *owner)
{
    struct archive_job *job = alloc_zero(1, sizeof(*job));
    bool first = list_empty(&r->archive->jobs);

    job->archive = r->archive;
    job->stores = stores;
    job->done = done;
    job->owner = owner;
    buf_init_secret(&job->text, TEXT_MAX);
    if (stores) {
        cli_write_config(r->language, &r->config, false, &job->text);
        buf_printf(&job->text, "end\n");
    }
    list_append(&r->archive->jobs, &job->node);
    if (first)
        start(r->archive);
}

void
archive_store(struct router *r, archive_fn done, void *owner)
{
    add_job(r, true, done, owner);
}

void
archive_list(struct router *r, archive_fn done, void *owner)
{
    add_job(r, false, done, owner);
}

void
archive_forget(struct router *r, void *owner)
{
    if (r->archive == NULL)
        return;
    LIST_EACH(node, &r->archive->jobs)
    {
        struct archive_job *job = LIST_ITEM(node, struct archive_job, node);

        if (job->owner == owner)
            job->done = NULL;
    }
}

/* --- life --------------------------------------------------------------- */

static void
on_period(uv_timer_t *timer)
{
    struct archive *a = timer->data;

    /* Half of one configuration and half of another is none. */
    if (replace_is_under_way(a->router))
        uv_timer_start(timer, on_period, AGAIN_MS, uv_timer_get_repeat(timer));
    else if (archive_is_on(a->router))
        archive_store(a->router, NULL, NULL);
}

void
archive_update(struct router *r)
{
    uint64_t period_ms;

    if (r->archive == NULL)
        return;
    period_ms = (uint64_t)r->config.archive.time_period_min * 60000;
    if (period_ms == 0)
        uv_timer_stop(&r->archive->period);
    else
        uv_timer_start(&r->archive->period, on_period, period_ms, period_ms);
}

struct archive *
archive_new(struct router *r)
{
    struct archive *a = alloc_zero(1, sizeof(*a));

    a->router = r;
    list_init(&a->jobs);
    uv_timer_init(&r->loop, &a->period);
    a->period.data = a;
    return a;
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
archive_free(struct archive *a)
{
    if (a == NULL)
        return;
    LIST_EACH(node, &a->jobs)
    {
        struct archive_job *job = LIST_ITEM(node, struct archive_job, node);

        files_forget(a->router, job);
        list_remove(&job->node);
        buf_clear(&job->text);
        free(job->files);
        free(job);
    }
    uv_close((uv_handle_t *)&a->period, on_closed);
}
