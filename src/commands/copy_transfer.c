/*
 * `copy`: the connection to another host, and the file that goes over it.
 * What comes is a file out of sight until it is whole; a configuration is
 * kept in memory for so long.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/text.h"
#include "commands/copy_parts.h"
#include "control/keys.h"
#include "control/running_config.h"
#include "control/storage.h"
#include "os/file.h"

#define PORT       22
#define MARK_BYTES (8 * 1024) /* that the first `!` stand for */
#define MARKS_LINE 70
#define MARKS_MOST (10 * MARKS_LINE) /* then each stands for twice as much */
#define NAME_SHOWN 256

/* --- marks -------------------------------------------------------------- */

/* A file of known length gets ten lines of them at most. */
static void
begin_marks(struct copying *copy, uint64_t bytes)
{
    uint64_t blocks = bytes / MARK_BYTES / MARKS_MOST + 1;

    copy->mark_bytes = blocks * MARK_BYTES;
    copy->marked = 0;
    copy->marks = 0;
}

static void
put_mark(struct command *cmd, char mark)
{
    struct copying *copy = cmd->state;

    out(cmd, "%c", mark);
    copy->column = (copy->column + 1) % MARKS_LINE;
    if (copy->column == 0)
        out(cmd, "\n");
}

static void
put_progress(struct command *cmd)
{
    struct copying *copy = cmd->state;

    put_mark(cmd, '!');
    if (++copy->marks % MARKS_MOST == 0)
        copy->mark_bytes *= 2;
}

static void
show_marks(struct command *cmd, uint64_t bytes)
{
    struct copying *copy = cmd->state;
    unsigned before = copy->marks;

    while (bytes - copy->marked >= copy->mark_bytes) {
        copy->marked += copy->mark_bytes;
        put_progress(cmd);
    }
    if (copy->marks != before)
        cmd_flush(cmd);
}

/* What is said next begins a line. */
static void
end_marks(struct command *cmd)
{
    struct copying *copy = cmd->state;

    if (copy->column != 0)
        out(cmd, "\n");
    copy->column = 0;
}

/* --- what is ours of it ------------------------------------------------- */

static void
close_file(struct copying *copy)
{
    if (copy->file >= 0)
        close(copy->file);
    copy->file = -1;
}

void
copy_transfer_end(struct copying *copy)
{
    connecting_end(&copy->connecting);
    close_file(copy);
    if (copy->fresh.fd >= 0)
        files_abandon(copy->router, &copy->fresh);
    copy->fresh.fd = -1;
}

static void
cancel(struct command *cmd)
{
    end_marks(cmd);
    copy_transfer_end(cmd->state);
    out_error(cmd, "Connection aborted by user");
    cmd_done(cmd);
}

/* --- how it ended ------------------------------------------------------- */

static const char *
reason_of_end(const struct connecting *connecting)
{
    switch (connecting->end.said.end) {
    case CLIENT_CLOSED:
        return "Connection closed by remote host";
    case CLIENT_NO_ALGORITHM:
        return "No common algorithm";
    case CLIENT_HOST_KEY:
        return "Host key verification failed";
    case CLIENT_NOT_ACCEPTED:
        return "Permission denied";
    case CLIENT_SILENT:
        return "Timed out";
    case CLIENT_VERSION:
    case CLIENT_OLD_VERSION:
        return "Protocol major versions differ";
    case CLIENT_NO_CHANNEL:
    case CLIENT_FILE_REFUSED:
        return connecting->why;
    default:
        return "Protocol error";
    }
}

static const char *
reason_of(const struct connecting *connecting)
{
    switch (connecting->end.outcome) {
    case OUTGOING_ENDED:
        return reason_of_end(connecting);
    case OUTGOING_UNKNOWN:
        return "Unknown host";
    case OUTGOING_DENIED:
        return "Permission denied";
    case OUTGOING_REFUSED:
        return "Connection refused";
    case OUTGOING_UNREACHABLE:
        return "No route to host";
    case OUTGOING_TIMED_OUT:
        return "Timed out";
    case OUTGOING_DOWNGRADE:
        return "SSH version 1 refused, host known with version 2";
    case OUTGOING_DIED:
    case OUTGOING_NO_MEANS:
        break;
    }
    return "Resource temporarily unavailable";
}

/* By our own file, or by the other host or the way to it. */
static void
tell_failure(struct command *cmd)
{
    const struct copying *copy = cmd->state;
    const struct connecting *connecting = &copy->connecting;
    bool get = copy->way == COPY_GET;

    if (connecting->end.outcome == OUTGOING_ENDED &&
        connecting->end.said.end == CLIENT_FILE_FAILED) {
        file_failed(cmd, get ? "writing" : "reading",
                    get ? copy->to.shown : copy->from.shown,
                    (int)connecting->end.said.status);
        return;
    }
    out_line(cmd, "%%Error %s %s (%s)",
             !copy->moving ? "opening"
             : get         ? "reading"
                           : "writing",
             get ? copy->from.shown : copy->to.shown, reason_of(connecting));
    cmd->failed = true;
}

static void
on_committed(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    const struct copying *copy = cmd->state;

    if (result->err == OK)
        copy_tell_rate(cmd);
    else
        file_failed(cmd, "writing", copy->to.shown, result->system_error);
    cmd_done(cmd);
}

/* The configuration that has come. */
static void
use_text(struct command *cmd)
{
    struct copying *copy = cmd->state;
    struct buf text;
    uint8_t *to;
    ssize_t got;

    buf_init_secret(&text, copy->bytes);
    to = buf_reserve(&text, copy->bytes);
    got = copy->bytes == 0 ? 0 : pread(copy->file, to, copy->bytes, 0);
    if (got < 0 || (size_t)got != copy->bytes) {
        file_failed(cmd, "reading", copy->from.shown, EIO);
        cmd_done(cmd);
    } else {
        buf_commit(&text, copy->bytes);
        if (copy->to.system == FILE_SYSTEM)
            copy_into_running(cmd, &text);
        else
            copy_into_startup(cmd, buf_span(&text));
    }
    buf_clear(&text);
}

static void
finish(struct command *cmd)
{
    static const struct flash_attributes as_made;
    struct copying *copy = cmd->state;

    if (copy->marks == 0)
        put_progress(cmd);
    end_marks(cmd);
    /* What is left is a matter of instants, and is not taken back. */
    cmd->cancel = NULL;
    if (copy->way == COPY_PUT || copy->to.system == FILE_NULL) {
        copy_tell_rate(cmd);
        cmd_done(cmd);
    } else if (copy->to.system == FILE_FLASH) {
        struct flash_new fresh = copy->fresh;

        copy->fresh.fd = -1;
        files_commit(cmd->router, &copy->to, &fresh, copy->bytes, &as_made,
                     on_committed, cmd);
        cmd_wait(cmd);
    } else {
        cmd_wait(cmd);
        use_text(cmd);
    }
}

/* --- while it lasts ----------------------------------------------------- */

static void
on_ended(struct command *cmd)
{
    const struct copying *copy = cmd->state;
    const struct outgoing_end *end = &copy->connecting.end;

    if (end->outcome == OUTGOING_ENDED && end->said.end == CLIENT_DONE &&
        copy->moving) {
        finish(cmd);
        return;
    }
    end_marks(cmd);
    copy_transfer_end(cmd->state);
    tell_failure(cmd);
    cmd_done(cmd);
}

static void
on_ready(struct command *cmd)
{
    struct copying *copy = cmd->state;

    cmd->cancel = cancel;
    copy->begun_ns = uv_hrtime();
    cmd_wait(cmd);
}

/* The line of scp that says what comes or goes; sftp has none. */
static void
on_file(struct command *cmd, const struct msg_client_file *m)
{
    struct copying *copy = cmd->state;
    char name[NAME_SHOWN];

    end_marks(cmd);
    copy->moving = true;
    begin_marks(copy, m->bytes);
    if (copy->remote.scheme != REMOTE_SCP)
        return;
    text_escape(name, sizeof(name), m->name);
    out_line(cmd, " %s: C%04o %" PRIu64 " %s",
             copy->way == COPY_GET ? "Sending file modes" : "Sink",
             (unsigned)m->mode & 07777, m->bytes, name);
    cmd_flush(cmd);
}

static void
on_moved(struct command *cmd, uint64_t bytes)
{
    struct copying *copy = cmd->state;

    copy->bytes = bytes;
    show_marks(cmd, bytes);
}

static void
on_stalled(struct command *cmd)
{
    put_mark(cmd, '.');
    cmd_flush(cmd);
}

/* --- the command over there --------------------------------------------- */

/* Bytes that mean themselves to every shell, and to routers without one. */
static bool
is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || strchr("/._+-:,@%=", c) != NULL;
}

/* For the far user's shell, as one word that is no option. */
static void
put_quoted(struct buf *command, const char *path)
{
    const char *at = path;

    if (path[0] == '-')
        buf_printf(command, "./");
    while (*at != '\0' && is_plain(*at))
        at++;
    if (*at == '\0') {
        buf_printf(command, "%s", path);
        return;
    }
    buf_put_u8(command, '\'');
    for (at = path; *at != '\0'; at++)
        if (*at == '\'')
            buf_printf(command, "'\\''");
        else
            buf_put_u8(command, (uint8_t)*at);
    buf_put_u8(command, '\'');
}

/* --- beginning ---------------------------------------------------------- */

static enum client_purpose
purpose_of(const struct copying *copy)
{
    if (copy->remote.scheme == REMOTE_SCP)
        return copy->way == COPY_GET ? CLIENT_SCP_GET : CLIENT_SCP_PUT;
    return copy->way == COPY_GET ? CLIENT_SFTP_GET : CLIENT_SFTP_PUT;
}

/* Our file is open: `bytes` long, or to become so long at most. */
static void
connect_there(struct command *cmd, uint64_t bytes)
{
    struct copying *copy = cmd->state;
    bool get = copy->way == COPY_GET;
    struct buf command;
    struct outgoing_plan plan = {
        .host = copy->remote.host,
        .port = (uint16_t)(copy->remote.port == 0 ? PORT : copy->remote.port),
        .user = copy->remote.user,
        .versions = copy->versions,
        .prompts = OUTGOING_PROMPTS,
        .purpose = purpose_of(copy),
        .path = copy->remote.path,
        .bytes = bytes,
        .file = copy->fresh.fd >= 0 ? copy->fresh.fd : copy->file,
    };

    buf_init(&command, 8 * REMOTE_PATH_MAX);
    buf_printf(&command, "scp -%c ", get ? 'f' : 't');
    put_quoted(&command, copy->remote.path);
    plan.command = buf_text(&command);
    copy->connecting.ready = on_ready;
    copy->connecting.ended = on_ended;
    copy->connecting.file = on_file;
    copy->connecting.moved = on_moved;
    copy->connecting.stalled = on_stalled;
    /* No empty line before what is asked: other questions stand above. */
    copy->connecting.spoken = true;
    if (copy->remote.has_password)
        copy->connecting.password = copy->remote.password;
    if (!get) {
        char shown[NAME_SHOWN];

        text_escape(shown, sizeof(shown),
                    span_text(remote_name_last(&copy->remote)));
        out_line(cmd, "Writing %s ", shown);
    }
    connecting_begin(cmd, &plan);
    buf_clear(&command);
}

static void
fail(struct command *cmd, const char *shown, int reason)
{
    file_failed(cmd, "opening", shown, reason);
    cmd_done(cmd);
}

static void
on_opened(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct copying *copy = cmd->state;

    copy->file = result->fd;
    if (result->err != OK)
        fail(cmd, copy->from.shown, result->system_error);
    else if (result->directory)
        fail(cmd, copy->from.shown, EISDIR);
    else
        connect_there(cmd, result->entry.bytes);
}

static void
on_created(void *owner, const struct file_result *result)
{
    struct command *cmd = owner;
    struct copying *copy = cmd->state;

    copy->fresh = result->fresh;
    if (result->err != OK)
        fail(cmd, copy->to.shown, result->system_error);
    else
        connect_there(cmd, INT64_MAX);
}

/* The running configuration, as a file that nobody else sees. */
static void
put_running(struct command *cmd)
{
    struct copying *copy = cmd->state;
    struct buf text;
    size_t bytes;

    buf_init_secret(&text, RUNNING_CONFIG_MAX);
    running_config_put(cmd->router, &text);
    bytes = buf_len(&text);
    copy->file = memfd_create("running-config", MFD_CLOEXEC);
    if (!buf_ok(&text))
        fail(cmd, copy->from.shown, EFBIG);
    else if (copy->file < 0 ||
             file_write_all(copy->file, buf_span(&text)) != OK)
        fail(cmd, copy->from.shown, errno);
    else
        connect_there(cmd, bytes);
    buf_clear(&text);
}

/* A configuration that comes: in memory, and no longer than one may be. */
static void
get_text(struct command *cmd)
{
    struct copying *copy = cmd->state;

    copy->file = memfd_create("configuration", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (copy->file < 0 || ftruncate(copy->file, STORAGE_CONFIG_MAX) != 0 ||
        fcntl(copy->file, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) != 0)
        fail(cmd, copy->to.shown, errno);
    else
        connect_there(cmd, STORAGE_CONFIG_MAX);
}

static void
get_nothing(struct command *cmd)
{
    struct copying *copy = cmd->state;

    copy->file = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (copy->file < 0)
        fail(cmd, copy->to.shown, errno);
    else
        connect_there(cmd, UINT64_MAX);
}

/* Version 1 has no subsystems, and so no SFTP; false: that is all there is. */
static bool
choose_versions(struct command *cmd)
{
    struct copying *copy = cmd->state;

    copy->versions = keys_wanted_versions(cmd->router);
    if (copy->remote.scheme != REMOTE_SCP)
        copy->versions &= SSH_VERSION_2;
    if (copy->versions != 0)
        return true;
    out_line(cmd, "%%Error opening %s (SFTP needs SSH version 2)",
             copy->way == COPY_GET ? copy->from.shown : copy->to.shown);
    cmd->failed = true;
    return false;
}

void
copy_transfer_begin(struct command *cmd)
{
    /* How long it will be its sender says later. */
    static const struct file_creation fresh = {.bytes = 0};
    struct copying *copy = cmd->state;
    struct router *r = cmd->router;

    cmd->cancel = file_cancel;
    cmd_wait(cmd);
    if (!choose_versions(cmd)) {
        cmd_done(cmd);
        return;
    }
    if (copy->way == COPY_PUT && copy->from.system == FILE_SYSTEM)
        put_running(cmd);
    else if (copy->way == COPY_PUT)
        files_open_one(r, &copy->from, on_opened, cmd);
    else if (copy->to.system == FILE_FLASH)
        files_create(r, &copy->to, &fresh, on_created, cmd);
    else if (copy->to.system == FILE_NULL)
        get_nothing(cmd);
    else
        get_text(cmd);
}
