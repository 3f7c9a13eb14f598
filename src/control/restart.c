#include "control/restart.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "control/durable.h"
#include "control/identity.h"
#include "control/router.h"
#include "control/storage.h"
#include "os/file.h"

/* Three lines: Linux's boot, how the run ended, why. */
#define FILE_NAME "last-run"
#define FILE_MAX  1024
#define RUNNING   "running"

static enum err
write_file(struct router *r, const char *how, const char *reason)
{
    int dir = storage_fd(r->storage);
    struct buf text;
    enum err err;
    int fd;

    durable_abandon(dir, FILE_NAME);
    err = durable_create(dir, FILE_NAME, &fd);
    if (err != OK)
        return err;
    buf_init(&text, FILE_MAX);
    buf_printf(&text, "%s\n%s\n%s\n", r->identity->machine.boot_id, how,
               reason);
    err = file_write_all(fd, buf_span(&text));
    if (err == OK && fsync(fd) != 0)
        err = ERR_SYSTEM;
    close(fd);
    buf_clear(&text);
    if (err == OK)
        return durable_commit(dir, FILE_NAME);
    durable_abandon(dir, FILE_NAME);
    return err;
}

static void
write_or_tell(struct router *r, const char *how, const char *reason)
{
    if (write_file(r, how, reason) != OK)
        log_line(LOG_WARNING, "Cannot write %s: %s", FILE_NAME,
                 strerror(errno));
}

/* One line of the file into `to`; what stands behind it. */
static struct span
take_line(struct span text, char to[RESTART_TEXT_MAX])
{
    const uint8_t *end = memchr(text.ptr, '\n', text.len);
    size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);

    text_escape(to, RESTART_TEXT_MAX, span_of(text.ptr, len));
    len += end != NULL;
    return span_of(text.ptr + len, text.len - len);
}

/* The run before this one left `how`, in the machine's life `boot`. */
static void
judge_last(struct router *r, const char *boot)
{
    struct restart *restart = &r->restart;
    const char *how = NULL;

    if (strcmp(restart->how, RUNNING) == 0)
        how = strcmp(boot, r->identity->machine.boot_id) == 0
                  ? "error - the program ended unexpectedly"
                  : "power-on";
    /* Nothing: somebody else wrote the file. */
    if (restart->how[0] == '\0')
        how = "unknown reason";
    if (how != NULL)
        text_copy(restart->how, sizeof(restart->how), how);
    if (how != NULL || restart->reason[0] == '\0')
        text_copy(restart->reason, sizeof(restart->reason), restart->how);
}

void
restart_begin(struct router *r)
{
    struct restart *restart = &r->restart;
    char boot[RESTART_TEXT_MAX];
    struct buf text;
    struct span left;

    text_copy(restart->how, sizeof(restart->how), "power-on");
    text_copy(restart->reason, sizeof(restart->reason), "power-on");
    buf_init(&text, FILE_MAX);
    if (durable_read(storage_fd(r->storage), FILE_NAME, FILE_MAX, &text) ==
        OK) {
        left = take_line(buf_span(&text), boot);
        left = take_line(left, restart->how);
        take_line(left, restart->reason);
        judge_last(r, boot);
    }
    buf_clear(&text);
    write_or_tell(r, RUNNING, "");
}

void
restart_note(struct router *r, const char *how, const char *reason)
{
    if (r->restart.ending[0] != '\0')
        return;
    text_copy(r->restart.ending, sizeof(r->restart.ending), how);
    text_copy(r->restart.ending_reason, sizeof(r->restart.ending_reason),
              reason);
}

void
restart_finish(struct router *r)
{
    if (r->storage == NULL || r->restart.ending[0] == '\0')
        return;
    write_or_tell(r, r->restart.ending, r->restart.ending_reason);
}
