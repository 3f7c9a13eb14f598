/*
 * What `copy` says at its end, and what becomes a configuration.
 */
#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "base/text.h"
#include "commands/copy_parts.h"
#include "control/storage.h"

/* --- results ------------------------------------------------------------ */

void
copy_tell_rate(struct command *cmd)
{
    const struct copying *copy = cmd->state;
    uint64_t ns = uv_hrtime() - copy->begun_ns;
    uint64_t ms = ns / 1000000;
    double rate = ns == 0 ? 0 : (double)copy->bytes * 1e9 / (double)ns;

    out_line(cmd,
             "%" PRIu64 " bytes copied in %" PRIu64 ".%03u secs "
             "(%" PRIu64 " bytes/sec)",
             copy->bytes, ms / 1000, (unsigned)(ms % 1000), (uint64_t)rate);
}

void
copy_failed(struct command *cmd, const struct file_result *result)
{
    const struct copying *copy = cmd->state;
    int reason = result->system_error;
    bool writing = reason == ENOSPC || reason == EFBIG || reason == EIO ||
                   reason == EDQUOT || reason == EROFS;

    if (!result->at_target)
        file_failed(cmd,
                    reason == EIO || reason == EFBIG ? "reading" : "opening",
                    copy->from.shown, reason);
    else
        file_failed(cmd, writing ? "writing" : "opening", copy->to.shown,
                    reason);
}

/* --- to running-config -------------------------------------------------- */

static void
on_merged(struct command *cmd)
{
    copy_tell_rate(cmd);
    cmd_done(cmd);
}

static void
cancel_merge(struct command *cmd)
{
    struct copying *copy = cmd->state;

    merge_free(copy->merge);
    copy->merge = NULL;
    file_cancel(cmd);
}

static void
resume_merge(struct command *cmd)
{
    const struct copying *copy = cmd->state;

    if (copy->merge != NULL)
        merge_resume(copy->merge);
}

void
copy_into_running(struct command *cmd, struct buf *text)
{
    struct copying *copy = cmd->state;

    copy->bytes = buf_len(text);
    cmd->cancel = cancel_merge;
    cmd->on_resume = resume_merge;
    copy->merge = merge_begin(cmd, copy->from.shown, text, on_merged);
    if (copy->merge == NULL)
        cmd_done(cmd);
}

/* --- to startup-config -------------------------------------------------- */

static void
on_stored(void *owner, enum err err, int system_error)
{
    struct command *cmd = owner;
    const struct copying *copy = cmd->state;

    if (err == OK) {
        out_line(cmd, "[OK]");
        cmd->router->saved = copy->saved;
        copy_tell_rate(cmd);
    } else {
        file_failed(cmd, "writing", copy->to.shown,
                    err == ERR_BUSY ? EBUSY : system_error);
    }
    cmd_done(cmd);
}

void
copy_into_startup(struct command *cmd, struct span text)
{
    struct copying *copy = cmd->state;

    /* What could not be read back would bring the previous one back. */
    if (text.len == 0 || memchr(text.ptr, '\0', text.len) != NULL) {
        file_failed(cmd, "writing", copy->to.shown, EINVAL);
        cmd_done(cmd);
        return;
    }
    copy->bytes = text.len;
    copy->saved.at = (uint64_t)time(NULL);
    text_copy(copy->saved.user, sizeof(copy->saved.user), cmd->session->user);
    /* It is a matter of an instant, and cannot be taken back. */
    cmd->cancel = NULL;
    storage_save_config(cmd->router, text, on_stored, cmd);
}
