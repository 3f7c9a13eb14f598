/*
 * A file that goes over a connection: what SCP or SFTP says, and the bytes of
 * our file, which control has opened, read to where they are encrypted and
 * written from where they were decrypted.
 *
 * The peer gets no say about what is ours: one file was asked for, so one is
 * taken, whatever it is called over there and whatever its mode (hardening
 * 8.2).
 */
#include <errno.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/text.h"
#include "os/flash.h"
#include "transfer/sftp_wire.h"
#include "worker/client_parts.h"

#define MODE          0644 /* of a file that is sent, as IOS says it */
#define TELL_MS       100  /* between two words about how far it is */
#define COMPLAINT_MAX 1024 /* bytes of its stderr that are kept */
#define HELD_MAX      (2 * SSH_CHANNEL_WINDOW)

/* --- beginning ---------------------------------------------------------- */

bool
transfer_is_wanted(enum client_purpose purpose)
{
    return purpose == CLIENT_SCP_GET || purpose == CLIENT_SCP_PUT ||
           purpose == CLIENT_SFTP_GET || purpose == CLIENT_SFTP_PUT;
}

void
transfer_init(struct client_transfer *t, const struct msg_client_setup *m,
              int fd)
{
    struct scp_setup scp = {.path = m->path};
    struct sftp_client_setup sftp = {.path = m->path, .bytes = m->bytes};

    *t = (struct client_transfer){.fd = fd, .bytes = m->bytes};
    t->get = m->purpose == CLIENT_SCP_GET || m->purpose == CLIENT_SFTP_GET;
    buf_init(&t->held, HELD_MAX);
    buf_init(&t->complaint, COMPLAINT_MAX);
    scp.role = t->get ? SCP_SINK : SCP_SOURCE;
    sftp.put = !t->get;
    if (m->purpose == CLIENT_SCP_GET || m->purpose == CLIENT_SCP_PUT)
        t->scp = scp_new(&scp);
    else
        t->sftp = sftp_client_new(&sftp);
}

/* --- news for control --------------------------------------------------- */

static void
tell_file(struct client *c, unsigned mode, uint64_t bytes, struct span name)
{
    struct message m = {.type = MSG_CLIENT_FILE};

    if (c->transfer.told_file)
        return;
    c->transfer.told_file = true;
    m.client_file.mode = mode;
    m.client_file.bytes = bytes;
    m.client_file.name = name;
    uplink_send(c->up, &m);
}

static void
tell_moved(struct client *c)
{
    struct client_transfer *t = &c->transfer;
    struct message m = {.type = MSG_CLIENT_MOVED};

    if (t->moved == t->moved_told)
        return;
    t->moved_told = t->moved;
    t->told_ms = c->now_ms;
    m.client_moved.bytes = t->moved;
    uplink_send(c->up, &m);
}

/* --- the end ------------------------------------------------------------ */

static bool send_output(struct client *c);

static void
finish(struct client *c, enum client_end end, const char *why)
{
    struct client_transfer *t = &c->transfer;

    if (t->over)
        return;
    t->over = true;
    if (c->channel != CLIENT_CHANNEL_NONE) {
        (void)send_output(c);
        ssh_channel_eof(c->ssh, c->channel);
    }
    if (end == CLIENT_DONE)
        tell_moved(c);
    client_set_end(c, end, why);
    ssh_conn_disconnect(c->ssh, SSH_REASON_BY_APPLICATION, "done");
}

/* Our own file is at fault. */
static void
fail_here(struct client *c, int reason)
{
    c->status = (uint32_t)reason;
    finish(c, CLIENT_FILE_FAILED, "");
}

/*
 * The reason in a line that is meant for people: "scp: x: No such file", or
 * "%Error opening flash:/x (No such file)".
 */
static struct span
reason_in(struct span line)
{
    size_t end = line.len, at;

    while (end > 0 && (line.ptr[end - 1] == '\n' || line.ptr[end - 1] == '\r'))
        end--;
    if (end > 0 && line.ptr[end - 1] == ')') {
        for (at = end; at > 0 && line.ptr[at - 1] != '('; at--)
            continue;
        if (at > 0 && at < end - 1)
            return span_of(line.ptr + at, end - 1 - at);
    }
    for (at = end; at >= 2; at--)
        if (line.ptr[at - 2] == ':' && line.ptr[at - 1] == ' ' && at < end)
            return span_of(line.ptr + at, end - at);
    return span_of(line.ptr, end);
}

/* What is behind the last line end but one. */
static struct span
last_line(struct span text)
{
    size_t end = text.len, at;

    while (end > 0 && (text.ptr[end - 1] == '\n' || text.ptr[end - 1] == '\r'))
        end--;
    for (at = end; at > 0 && text.ptr[at - 1] != '\n'; at--)
        continue;
    return span_of(text.ptr + at, end - at);
}

/* By its own words, or by what it said beside the protocol. */
static void
fail_there(struct client *c, struct span words, const char *otherwise)
{
    struct span complaint = last_line(buf_span(&c->transfer.complaint));
    char why[LOG_LINE_MAX];

    text_copy(why, sizeof(why), otherwise);
    if (words.len > 0)
        text_copy_span(why, sizeof(why), reason_in(words));
    else if (complaint.len > 0)
        text_copy_span(why, sizeof(why), complaint);
    finish(c, CLIENT_FILE_REFUSED, why);
}

#define NO_WORDS "Connection closed by remote host"

/* --- our file ----------------------------------------------------------- */

/* How much may be written before it is asked again. */
static bool
look_at_disk(struct client_transfer *t, size_t wanted)
{
    struct statfs disk;
    uint64_t left;

    if (fstatfs(t->fd, &disk) != 0)
        return false;
    t->allowed = wanted;
    /* Memory of control's has its own limit. */
    if (disk.f_blocks == 0)
        return true;
    left = (uint64_t)disk.f_bavail * (uint64_t)disk.f_bsize;
    if (left < FLASH_RESERVE || left - FLASH_RESERVE < wanted) {
        errno = ENOSPC;
        return false;
    }
    /* Others write as well. */
    left = (left - FLASH_RESERVE) / 16;
    if (left > wanted)
        t->allowed = left;
    return true;
}

static bool
write_at(struct client_transfer *t, uint64_t offset, struct span bytes)
{
    if (bytes.len > t->allowed && !look_at_disk(t, bytes.len))
        return false;
    t->allowed -= bytes.len;
    if (offset != t->place && lseek(t->fd, (off_t)offset, SEEK_SET) < 0)
        return false;
    t->place = offset;
    while (bytes.len > 0) {
        ssize_t done = write(t->fd, bytes.ptr, bytes.len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        t->place += (uint64_t)done;
        bytes = span_of(bytes.ptr + done, bytes.len - (size_t)done);
    }
    return true;
}

static void
store(struct client *c, uint64_t offset, struct span bytes)
{
    struct client_transfer *t = &c->transfer;

    if (write_at(t, offset, bytes))
        t->moved += bytes.len;
    else
        fail_here(c, errno);
}

static void
engine_sent(struct client_transfer *t, size_t len)
{
    t->due_at += len;
    t->due -= len;
    if (t->scp == NULL) {
        sftp_client_sent(t->sftp, len);
        return;
    }
    /* It asks again for what is left. */
    t->due = 0;
    scp_sent(t->scp, len);
}

/* What the engine asked for goes out behind all that it said. */
static bool
send_data(struct client *c)
{
    struct client_transfer *t = &c->transfer;
    uint8_t *place;
    size_t room;
    ssize_t got;

    if (t->over || t->due == 0)
        return false;
    room = ssh_channel_reserve(c->ssh, c->channel,
                               t->due < SIZE_MAX ? (size_t)t->due : SIZE_MAX,
                               &place);
    if (room == 0)
        return false;
    do
        got = pread(t->fd, place, room, (off_t)t->due_at);
    while (got < 0 && errno == EINTR);
    ssh_channel_commit(c->ssh, c->channel, got > 0 ? (size_t)got : 0);
    if (got <= 0) {
        /* It has become shorter than it was when it was opened. */
        fail_here(c, got == 0 ? EIO : errno);
        return true;
    }
    t->moved += (uint64_t)got;
    engine_sent(t, (size_t)got);
    return true;
}

/* --- SCP ---------------------------------------------------------------- */

/* The one file that was asked for. */
static void
on_scp_create(struct client *c, const struct scp_action *a)
{
    struct client_transfer *t = &c->transfer;

    if (t->told_file) {
        finish(c, CLIENT_PROTOCOL, "the peer sends more than one file");
    } else if (a->bytes > t->bytes) {
        fail_here(c, EFBIG);
    } else if (!look_at_disk(t, (size_t)a->bytes)) {
        fail_here(c, errno);
    } else {
        tell_file(c, a->attributes.mode, a->bytes, span_text(a->name));
        scp_done(t->scp);
    }
}

static void
on_scp_open(struct client *c, const char *path)
{
    static const struct scp_attributes attributes = {.has_mode = true,
                                                     .mode = MODE};
    const char *slash = strrchr(path, '/');

    tell_file(c, MODE, c->transfer.bytes,
              span_text(slash == NULL ? path : slash + 1));
    scp_opened(c->transfer.scp, SCP_FILE, c->transfer.bytes, &attributes);
}

static void
on_scp_end(struct client *c, const struct scp_action *a)
{
    if (a->ok && c->transfer.complete)
        finish(c, CLIENT_DONE, "");
    else
        fail_there(c, a->data, NO_WORDS);
}

static bool
step_scp(struct client *c)
{
    struct client_transfer *t = &c->transfer;
    struct scp_action a;

    if (!scp_next(t->scp, &a))
        return false;
    switch (a.type) {
    case SCP_STAT:
        scp_found(t->scp, SCP_NOTHING);
        break;
    case SCP_CREATE:
        on_scp_create(c, &a);
        break;
    case SCP_WRITE:
        store(c, t->moved, a.data);
        break;
    case SCP_COMMIT:
        t->complete = true;
        scp_done(t->scp);
        break;
    case SCP_OPEN:
        on_scp_open(c, a.path);
        break;
    case SCP_READ:
        t->due_at = t->moved;
        t->due = a.bytes;
        break;
    case SCP_CLOSE:
        t->complete = true;
        break;
    case SCP_END:
        on_scp_end(c, &a);
        break;
    case SCP_ABANDON:
        break;
    case SCP_MAKE_DIRECTORY:
    case SCP_SET:
    case SCP_LIST:
        finish(c, CLIENT_PROTOCOL, "the peer sends a directory");
        break;
    }
    return true;
}

/* --- SFTP --------------------------------------------------------------- */

static const char *
reason_of_sftp(const struct sftp_client_action *a)
{
    switch (a->end) {
    case SFTP_CLIENT_SPECIAL:
        return "Not a regular file";
    case SFTP_CLIENT_SHORT:
        return "Unexpected end of file";
    case SFTP_CLIENT_REFUSED:
        return sftp_status_text(a->status);
    default:
        return NO_WORDS;
    }
}

static void
on_sftp_end(struct client *c, const struct sftp_client_action *a)
{
    struct client_transfer *t = &c->transfer;
    /* What the numbers say is said in the same words everywhere. */
    bool in_words = a->end == SFTP_CLIENT_REFUSED &&
                    a->status != SFTP_NO_SUCH_FILE &&
                    a->status != SFTP_PERMISSION_DENIED;

    if (a->end == SFTP_CLIENT_DONE) {
        tell_file(c, 0, t->moved, SPAN_EMPTY);
        finish(c, CLIENT_DONE, "");
    } else if (a->end == SFTP_CLIENT_LARGE) {
        fail_here(c, EFBIG);
    } else if (a->end == SFTP_CLIENT_BROKEN && !t->input_ended) {
        finish(c, CLIENT_PROTOCOL, "the peer breaks the rules of SFTP");
    } else {
        fail_there(c, in_words ? a->data : SPAN_EMPTY, reason_of_sftp(a));
    }
}

static bool
step_sftp(struct client *c)
{
    struct client_transfer *t = &c->transfer;
    struct sftp_client_action a;

    if (!sftp_client_next(t->sftp, &a))
        return false;
    switch (a.type) {
    case SFTP_CLIENT_SIZE:
        tell_file(c, 0, a.bytes, SPAN_EMPTY);
        break;
    case SFTP_CLIENT_WRITE:
        tell_file(c, 0, 0, SPAN_EMPTY);
        store(c, a.offset, a.data);
        break;
    case SFTP_CLIENT_READ:
        tell_file(c, 0, t->bytes, SPAN_EMPTY);
        t->due_at = a.offset;
        t->due = a.bytes;
        break;
    case SFTP_CLIENT_END:
        on_sftp_end(c, &a);
        break;
    }
    return true;
}

/* --- the channel -------------------------------------------------------- */

static bool
step(struct client *c)
{
    if (c->transfer.over)
        return false;
    return c->transfer.scp != NULL ? step_scp(c) : step_sftp(c);
}

/* Give the engine what it takes, and carry out what it wants; how much. */
static size_t
feed(struct client *c, struct span bytes)
{
    struct client_transfer *t = &c->transfer;
    size_t used = 0;

    while (!t->over) {
        struct span rest = span_of(bytes.ptr + used, bytes.len - used);
        size_t taken = t->scp != NULL ? scp_input(t->scp, rest)
                                      : sftp_client_input(t->sftp, rest);
        bool any = taken > 0;

        used += taken;
        while (step(c))
            any = true;
        if (!any || used == bytes.len)
            break;
    }
    return t->over ? bytes.len : used;
}

static void
consumed(struct client *c, size_t len)
{
    if (c->channel != CLIENT_CHANNEL_NONE && len > 0)
        ssh_channel_consumed(c->ssh, c->channel, len);
}

void
transfer_take(struct client *c, struct span bytes)
{
    struct client_transfer *t = &c->transfer;
    size_t used = 0;

    if (c->ready && buf_len(&t->held) == 0)
        used = feed(c, bytes);
    buf_put_span(&t->held, span_of(bytes.ptr + used, bytes.len - used));
    consumed(c, used);
}

void
transfer_complain(struct client *c, struct span bytes)
{
    struct buf *complaint = &c->transfer.complaint;
    size_t room = COMPLAINT_MAX - buf_len(complaint);

    buf_put(complaint, bytes.ptr, bytes.len < room ? bytes.len : room);
    consumed(c, bytes.len);
}

static bool
take_held(struct client *c)
{
    struct client_transfer *t = &c->transfer;
    size_t used;

    if (buf_len(&t->held) == 0)
        return false;
    used = feed(c, buf_span(&t->held));
    buf_consume(&t->held, used);
    consumed(c, used);
    return used > 0;
}

static bool
send_output(struct client *c)
{
    struct client_transfer *t = &c->transfer;
    struct span bytes =
        t->scp != NULL ? scp_output(t->scp) : sftp_client_output(t->sftp);
    size_t sent;

    if (bytes.len == 0)
        return false;
    sent = ssh_channel_write(c->ssh, c->channel, bytes);
    if (t->scp != NULL)
        scp_output_sent(t->scp, sent);
    else
        sftp_client_output_sent(t->sftp, sent);
    return sent > 0;
}

/* Something said by the engine is not yet on its way. */
static bool
has_output(const struct client_transfer *t)
{
    return (t->scp != NULL ? scp_output(t->scp) : sftp_client_output(t->sftp))
               .len > 0;
}

/* All that the peer said was taken. */
static void
give_end(struct client *c)
{
    struct client_transfer *t = &c->transfer;

    if (t->over || t->end_given)
        return;
    t->end_given = true;
    if (t->scp != NULL)
        scp_input_end(t->scp);
    else
        sftp_client_input_end(t->sftp);
    while (step(c))
        continue;
}

bool
transfer_pump(struct client *c)
{
    struct client_transfer *t = &c->transfer;
    bool any, moved = false;

    if (!c->ready || c->channel == CLIENT_CHANNEL_NONE)
        return false;
    do {
        any = step(c);
        any = (!t->over && send_output(c)) || any;
        any = (!t->over && !has_output(t) && send_data(c)) || any;
        any = (!t->over && take_held(c)) || any;
        moved = moved || any;
    } while (any);
    if (t->input_ended && buf_len(&t->held) == 0)
        give_end(c);
    if (!t->over && !uplink_is_busy(c->up) &&
        c->now_ms - t->told_ms >= TELL_MS && t->told_file)
        tell_moved(c);
    return moved;
}

void
transfer_input_end(struct client *c)
{
    c->transfer.input_ended = true;
}

void
transfer_closed(struct client *c)
{
    c->transfer.input_ended = true;
    while (take_held(c))
        continue;
    give_end(c);
    /* It waits for room to answer, which will not come. */
    fail_there(c, SPAN_EMPTY, NO_WORDS);
}

void
transfer_refused(struct client *c, const char *otherwise)
{
    fail_there(c, SPAN_EMPTY, otherwise);
}
