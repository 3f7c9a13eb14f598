/*
 * The log of a line: a file below flash:, appended to by the line's worker.
 * One that is full moves on, F to F.1 and so on, before the next is opened.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "control/files.h"
#include "control/journal.h"
#include "control/tty_parts.h"

#define RETRY_MS 60000 /* after a failure */

static void open_file(struct tty *t);

static void
on_retry(uv_timer_t *timer)
{
    open_file(timer->data);
}

static void
failed(struct tty *t, int error)
{
    journal_limited(t->router, t->source, "LINE", LOG_ERROR, "LOG",
                    "Line %s: %s cannot be written: %s", t->name,
                    t->log.name->shown, strerror(error));
    uv_timer_start(&t->log.retry, on_retry, RETRY_MS, 0);
}

static void
on_opened(void *owner, const struct file_result *result)
{
    struct tty_log *log = owner;
    struct tty *t = log->retry.data;
    struct message m = {.type = MSG_LINE_LOG};

    log->busy = false;
    if (result->err != OK) {
        failed(t, result->system_error);
        return;
    }
    m.line_log.room = result->bytes < t->plan.log_bytes
                          ? t->plan.log_bytes - result->bytes
                          : 1;
    tty_send(t, &m, result->fd);
    close(result->fd);
}

static void
open_file(struct tty *t)
{
    struct tty_log *log = &t->log;

    if (log->name == NULL || log->busy || t->pipe == NULL)
        return;
    log->busy = true;
    uv_timer_stop(&log->retry);
    files_open_log(t->router, log->name, t->plan.log_bytes,
                   t->plan.log_files - 1, on_opened, log);
}

void
tty_log_open(struct tty *t)
{
    /* What was being opened was for the process before. */
    if (t->log.busy)
        files_forget(t->router, &t->log);
    t->log.busy = false;
    open_file(t);
}

void
tty_log_full(struct tty *t, int error)
{
    if (t->log.name == NULL)
        return;
    if (error != 0) {
        failed(t, error);
        return;
    }
    /* Whether it moves on, its length decides, and not who wrote it. */
    open_file(t);
}

void
tty_log_clear(struct tty *t)
{
    if (t->log.busy)
        files_forget(t->router, &t->log);
    t->log.busy = false;
    uv_timer_stop(&t->log.retry);
    free(t->log.name);
    t->log.name = NULL;
}

void
tty_log_set(struct tty *t)
{
    struct message none = {.type = MSG_LINE_LOG};
    int reason;

    tty_log_clear(t);
    if (t->plan.log_file == NULL) {
        tty_send(t, &none, -1);
        return;
    }
    t->log.name = alloc_zero(1, sizeof(*t->log.name));
    if (file_name_parse(t->plan.log_file, "flash:/", t->log.name, &reason) !=
        OK)
        failed(t, reason);
    else
        open_file(t);
}
