#include "control/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"

/* One descriptor; the other half of the relay uses the other one. */
struct side {
    int fd;
    bool polled; /* else a file, that is always ready: read on a thread */
    uv_poll_t poll;
    uv_fs_t file;
};

struct relay {
    uv_loop_t *loop;
    struct side from, to;
    char bytes[RELAY_ROOM]; /* may be typed passwords: wiped */
    size_t start, end;      /* what is held of it */
    bool stopped;
    unsigned busy; /* handles and requests that the loop still has */
    relay_ended_fn ended;
    void *owner;
};

int
relay_reopen(int fd, int access)
{
    char path[64];
    struct stat st;
    int copy = -1;

    /* A regular file would be read from its beginning again. */
    if (fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || isatty(fd))) {
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        copy = open(path, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    return copy >= 0 ? copy : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/* Free when the loop has let go of everything. */
static void
release(struct relay *relay)
{
    if (--relay->busy > 0)
        return;
    if (relay->from.fd >= 0)
        close(relay->from.fd);
    if (relay->to.fd >= 0)
        close(relay->to.fd);
    wipe(relay->bytes, sizeof(relay->bytes));
    free(relay);
}

static void
on_closed(uv_handle_t *handle)
{
    release(handle->data);
}

static void
finish(struct relay *relay, bool broken)
{
    relay_ended_fn ended = relay->ended;
    void *owner = relay->owner;

    relay_stop(relay);
    ended(owner, broken);
}

static void go_on(struct relay *relay);

/* --- reading ----------------------------------------------------------- */

static void
on_read(struct relay *relay, ssize_t n)
{
    if (n > 0) {
        relay->start = 0;
        relay->end = (size_t)n;
        go_on(relay);
    } else {
        /* A terminal that was hung up says EIO: an end like any other. */
        finish(relay, false);
    }
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
    struct relay *relay = poll->data;
    ssize_t n;

    (void)status, (void)events;
    uv_poll_stop(poll);
    n = read(relay->from.fd, relay->bytes, sizeof(relay->bytes));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        go_on(relay);
    else
        on_read(relay, n);
}

static void
on_file_read(uv_fs_t *file)
{
    struct relay *relay = file->data;
    ssize_t n = file->result;

    uv_fs_req_cleanup(file);
    if (!relay->stopped)
        on_read(relay, n);
    release(relay);
}

/* --- writing ----------------------------------------------------------- */

static void
on_written(struct relay *relay, ssize_t n)
{
    if (n < 0) {
        finish(relay, true);
        return;
    }
    relay->start += (size_t)n;
    go_on(relay);
}

static void
on_writable(uv_poll_t *poll, int status, int events)
{
    struct relay *relay = poll->data;
    ssize_t n;

    (void)status, (void)events;
    uv_poll_stop(poll);
    n = write(relay->to.fd, relay->bytes + relay->start,
              relay->end - relay->start);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        go_on(relay);
    else
        on_written(relay, n);
}

static void
on_file_written(uv_fs_t *file)
{
    struct relay *relay = file->data;
    ssize_t n = file->result;

    uv_fs_req_cleanup(file);
    if (!relay->stopped)
        on_written(relay, n);
    release(relay);
}

/* --- the cycle --------------------------------------------------------- */

/* Write what is held; hold nothing: read. */
static void
go_on(struct relay *relay)
{
    size_t held = relay->end - relay->start;
    struct side *side = held > 0 ? &relay->to : &relay->from;
    uv_buf_t bytes;
    int status;

    if (side->polled) {
        status = held > 0
                     ? uv_poll_start(&side->poll, UV_WRITABLE, on_writable)
                     : uv_poll_start(&side->poll, UV_READABLE, on_readable);
    } else if (held > 0) {
        bytes = uv_buf_init(relay->bytes + relay->start, (unsigned)held);
        relay->busy++;
        status = uv_fs_write(relay->loop, &side->file, side->fd, &bytes, 1, -1,
                             on_file_written);
    } else {
        bytes = uv_buf_init(relay->bytes, sizeof(relay->bytes));
        relay->busy++;
        status = uv_fs_read(relay->loop, &side->file, side->fd, &bytes, 1, -1,
                            on_file_read);
    }
    if (status != 0)
        finish(relay, held > 0);
}

static enum err
side_open(struct relay *relay, struct side *side, int fd, int access)
{
    side->poll.data = side->file.data = relay;
    side->fd = relay_reopen(fd, access);
    if (side->fd < 0)
        return ERR_SYSTEM;
    if (uv_poll_init(relay->loop, &side->poll, side->fd) == 0) {
        side->polled = true;
        relay->busy++;
    }
    return OK;
}

enum err
relay_start(uv_loop_t *loop, int from, int to, relay_ended_fn ended,
            void *owner, struct relay **out)
{
    struct relay *relay = alloc_zero(1, sizeof(*relay));

    relay->loop = loop;
    relay->ended = ended;
    relay->owner = owner;
    relay->from.fd = relay->to.fd = -1;
    relay->busy = 1;
    if (side_open(relay, &relay->from, from, O_RDONLY) != OK ||
        side_open(relay, &relay->to, to, O_WRONLY) != OK) {
        relay_stop(relay);
        return ERR_SYSTEM;
    }
    *out = relay;
    go_on(relay);
    return OK;
}

void
relay_stop(struct relay *relay)
{
    if (relay == NULL || relay->stopped)
        return;
    relay->stopped = true;
    if (relay->from.polled)
        uv_close((uv_handle_t *)&relay->from.poll, on_closed);
    if (relay->to.polled)
        uv_close((uv_handle_t *)&relay->to.poll, on_closed);
    release(relay);
}
