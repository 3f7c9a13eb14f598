#include "control/known_hosts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/text.h"
#include "control/durable.h"
#include "control/known_hosts_parts.h"

#define FILE_NAME "known_hosts"
#define OLD_NAME  "known_hosts.old"

struct known_hosts {
    struct router *router;
    int state;
    struct list jobs; /* the first one is under way */
};

/* --- work, one after the other ------------------------------------------ */

static void
on_work(uv_work_t *work)
{
    struct known_job *job = work->data;

    job->run(job);
    job->system_error = job->err == ERR_SYSTEM ? errno : 0;
}

static void on_worked(uv_work_t *work, int status);

static void
start_first(struct known_hosts *known)
{
    struct known_job *job;
    int queued;

    if (list_empty(&known->jobs))
        return;
    job = LIST_ITEM(known->jobs.next, struct known_job, node);
    queued =
        uv_queue_work(&known->router->loop, &job->work, on_work, on_worked);
    assert(queued == 0); /* it fails for a missing callback only */
}

static void
on_worked(uv_work_t *work, int status)
{
    struct known_job *job = work->data;
    struct known_hosts *known = job->router->known_hosts;

    (void)status; /* never cancelled */
    list_remove(&job->node);
    start_first(known);
    if (job->finish != NULL)
        job->finish(job);
    if (job->owner != NULL)
        job->tell(job);
    buf_clear(&job->text);
    buf_clear(&job->blob);
    free(job);
}

struct known_job *
known_job_new(struct router *r, const char *host, unsigned port, void *owner)
{
    struct known_job *job = alloc_zero(1, sizeof(*job));

    job->router = r;
    job->work.data = job;
    job->port = port;
    job->owner = owner;
    buf_init(&job->text, KNOWN_HOSTS_MAX);
    buf_init(&job->blob, KEY_BLOB_MAX);
    if (!text_copy(job->host, sizeof(job->host), host))
        job->err = ERR_LENGTH;
    return job;
}

void
known_job_start(struct known_job *job)
{
    struct known_hosts *known = job->router->known_hosts;
    bool is_first = list_empty(&known->jobs);

    list_append(&known->jobs, &job->node);
    if (is_first)
        start_first(known);
}

/* --- life --------------------------------------------------------------- */

void
known_hosts_open(struct router *r, int state)
{
    struct known_hosts *known = alloc_zero(1, sizeof(*known));

    known->router = r;
    known->state = state;
    list_init(&known->jobs);
    durable_sweep(state, FILE_NAME);
    r->known_hosts = known;
}

void
known_hosts_close(struct router *r)
{
    struct known_hosts *known = r->known_hosts;

    if (known == NULL)
        return;
    LIST_EACH(node, &known->jobs)
    LIST_ITEM(node, struct known_job, node)->owner = NULL;
    while (!list_empty(&known->jobs))
        uv_run(&r->loop, UV_RUN_ONCE);
    free(known);
    r->known_hosts = NULL;
}

void
known_hosts_forget(struct router *r, const void *owner)
{
    if (r->known_hosts == NULL)
        return;
    LIST_EACH(node, &r->known_hosts->jobs)
    {
        struct known_job *job = LIST_ITEM(node, struct known_job, node);

        if (job->owner == owner)
            job->owner = NULL;
    }
}

/* --- the file, on a thread ---------------------------------------------- */

/*
 * No file is as good as an empty one. What a disk has damaged as a whole is
 * replaced by the text before the last change; what cannot be read at all is
 * not: whoever answers for nothing must not be trusted.
 */
enum err
known_job_read_file(struct known_job *job)
{
    int state = job->router->known_hosts->state;
    enum err err = durable_read(state, FILE_NAME, KNOWN_HOSTS_MAX, &job->text);

    if (err == ERR_FORMAT || (err == ERR_SYSTEM && errno == ENOENT)) {
        enum err old =
            durable_read(state, OLD_NAME, KNOWN_HOSTS_MAX, &job->text);

        if (old == OK ||
            (err == ERR_SYSTEM && old == ERR_SYSTEM && errno == ENOENT))
            return OK;
    }
    return err;
}

/* An empty file would be taken for a damaged one. */
enum err
known_job_write_file(struct known_job *job, struct span text)
{
    int state = job->router->known_hosts->state;

    return text.len == 0 ? durable_erase(state, FILE_NAME)
                         : durable_replace(state, FILE_NAME, text);
}

/* --- showing and clearing ----------------------------------------------- */

static void
run_read(struct known_job *job)
{
    job->err = known_job_read_file(job);
}

static void
tell_read(struct known_job *job)
{
    job->read(job->owner, job->err, job->system_error, buf_span(&job->text));
}

void
known_hosts_read(struct router *r, known_hosts_read_fn done, void *owner)
{
    struct known_job *job = known_job_new(r, "", 0, owner);

    job->run = run_read;
    job->tell = tell_read;
    job->read = done;
    known_job_start(job);
}

/* "[name]:port": true, and what it is made of. */
static bool
split_name(struct span name, struct span *host, unsigned *port)
{
    const uint8_t *end = memchr(name.ptr, ']', name.len);
    uint64_t number;
    size_t len;

    if (name.len < 4 || name.ptr[0] != '[' || end == NULL)
        return false;
    len = (size_t)(end - name.ptr);
    if (len + 2 > name.len || end[1] != ':' ||
        text_number(span_of(end + 2, name.len - len - 2), UINT16_MAX,
                    &number) != OK)
        return false;
    *host = span_of(name.ptr + 1, len - 1);
    *port = (unsigned)number;
    return true;
}

/* A port at which the text knows the host; 0: none but the usual one. */
static unsigned
port_in(struct span text, const char *host)
{
    struct known_host_line line = {0};

    while (known_hosts_next(&text, &line)) {
        struct span names = line.names, name, found;
        char other[KNOWN_HOST_NAME_MAX + 1];
        unsigned port;

        while (line.marker.len == 0 && names_next(&names, &name))
            if (split_name(name, &found, &port) &&
                text_copy_span(other, sizeof(other), found) &&
                text_equal_nocase(other, host))
                return port;
    }
    return 0;
}

static void
remove_at(struct known_job *job, unsigned port)
{
    struct buf left;

    buf_init(&left, KNOWN_HOSTS_MAX);
    job->count +=
        known_hosts_remove(buf_span(&job->text), job->host, port, &left);
    buf_clear(&job->text);
    job->text = left;
}

static void
run_clear(struct known_job *job)
{
    unsigned port = job->port != 0 ? job->port : KNOWN_HOSTS_PORT;
    size_t before;

    if (job->err == OK)
        job->err = known_job_read_file(job);
    if (job->err != OK)
        return;
    remove_at(job, port);
    do {
        before = job->count;
        port = job->port != 0 ? 0 : port_in(buf_span(&job->text), job->host);
        if (port != 0)
            remove_at(job, port);
    } while (job->count > before);
    if (job->count > 0)
        job->err = known_job_write_file(job, buf_span(&job->text));
}

static void
tell_cleared(struct known_job *job)
{
    job->cleared(job->owner, job->err, job->system_error, job->count);
}

void
known_hosts_clear(struct router *r, const char *host,
                  known_hosts_cleared_fn done, void *owner)
{
    char name[KNOWN_HOST_NAME_MAX + 1];
    struct span plain;
    unsigned port = 0;
    struct known_job *job;

    if (split_name(span_text(host), &plain, &port) &&
        text_copy_span(name, sizeof(name), plain))
        host = name;
    job = known_job_new(r, host, port, owner);
    job->run = run_clear;
    job->tell = tell_cleared;
    job->cleared = done;
    known_job_start(job);
}
