#include "worker/scp.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/text.h"
#include "transfer/scp.h"
#include "worker/files.h"

/* One request and one file at a time: the protocol has no more. */
#define REQUEST 0
#define HANDLE  0

#define TEXT_MAX 1024 /* bytes of a reason, NUL included */

struct scp_channel {
    struct uplink *up;
    struct ssh_conn *ssh;
    uint32_t number;
    struct scp *engine;
    struct files *files;
    struct buf pending; /* of the peer's, not yet used */
    bool input_over;

    struct scp_action action; /* the one that is being carried out */
    bool awaited;             /* control has to answer first */
    bool readable;            /* READ: there is room for what it sends */

    uint32_t idle_s; /* 0: for ever */
    uint64_t moved_ms;
    bool finished, given_up;
    uint32_t status;
};

struct scp_channel *
scp_channel_new(struct uplink *up, struct ssh_conn *ssh, struct trace *trace,
                const struct msg_serve_scp *m, uint64_t now_ms)
{
    struct scp_channel *c = alloc_zero(1, sizeof(*c));
    struct scp_setup setup = {
        .role = m->sink ? SCP_SINK : SCP_SOURCE,
        .recursive = m->recursive,
        .times = m->times,
        .directory = m->directory,
        .path = m->path,
    };
    char *refusal = text_dup_span(m->refusal);

    c->up = up;
    c->ssh = ssh;
    c->number = m->channel;
    c->engine = m->refusal.len > 0 ? scp_new_refusal(refusal) : scp_new(&setup);
    scp_set_trace(c->engine, trace_scp, trace);
    c->files = files_new(up, m->channel);
    c->idle_s = m->idle_s;
    c->moved_ms = now_ms;
    buf_init_secret(&c->pending, SSH_CHANNEL_WINDOW);
    free(refusal);
    return c;
}

void
scp_channel_free(struct scp_channel *c)
{
    if (c == NULL)
        return;
    scp_free(c->engine);
    files_free(c->files);
    buf_clear(&c->pending);
    free(c);
}

/* --- actions ------------------------------------------------------------ */

static struct file_attributes
attributes_of(const struct scp_action *action)
{
    return (struct file_attributes){
        .has_mode = action->attributes.has_mode,
        .mode = action->attributes.mode,
        .has_times = action->attributes.has_times,
        .accessed_s = action->attributes.accessed_s,
        .changed_s = action->attributes.changed_s,
    };
}

static void
fail(struct scp_channel *c, const char *why)
{
    scp_failed(c->engine, why);
}

static void
write_data(struct scp_channel *c)
{
    if (files_write(c->files, HANDLE, c->action.data) != OK)
        fail(c, strerror(errno));
}

/* Straight into the packet that carries it. */
static void
read_data(struct scp_channel *c)
{
    uint64_t left = c->action.bytes;
    size_t wanted =
        left < SSH_CHANNEL_PACKET_MAX ? (size_t)left : SSH_CHANNEL_PACKET_MAX;
    uint8_t *place;
    size_t room, got = 0;
    enum err err;

    room = ssh_channel_reserve(c->ssh, c->number, wanted, &place);
    if (room == 0)
        return;
    err = files_read(c->files, HANDLE, place, room, &got);
    ssh_channel_commit(c->ssh, c->number, got);
    c->readable = false;
    if (err != OK || got == 0)
        fail(c, "it became shorter"); /* nobody is told: the channel ends */
    else
        scp_sent(c->engine, got);
}

static void
perform(struct scp_channel *c)
{
    struct scp_action *a = &c->action;
    struct file_attributes attributes = attributes_of(a);

    c->awaited = true;
    switch (a->type) {
    case SCP_STAT:
        files_stat(c->files, REQUEST, a->path);
        break;
    case SCP_CREATE:
        files_create(c->files, REQUEST, HANDLE, a->path, a->bytes);
        break;
    case SCP_OPEN:
        files_open(c->files, REQUEST, HANDLE, a->path);
        break;
    case SCP_COMMIT:
        files_commit(c->files, REQUEST, HANDLE, &attributes);
        break;
    case SCP_MAKE_DIRECTORY:
        files_make_directory(c->files, REQUEST, a->path);
        break;
    case SCP_SET:
        files_set(c->files, REQUEST, a->path, &attributes);
        break;
    case SCP_LIST:
        files_list(c->files, REQUEST, a->path, a->after);
        break;
    default:
        c->awaited = false;
        break;
    }
    if (a->type == SCP_WRITE)
        write_data(c);
    else if (a->type == SCP_ABANDON || a->type == SCP_CLOSE)
        files_close(c->files, HANDLE);
    else if (a->type == SCP_READ)
        c->readable = true;
    else if (a->type == SCP_END) {
        c->finished = true;
        c->status = a->ok ? 0 : 1;
    }
}

/* --- control's answers -------------------------------------------------- */

static void
on_opened(struct scp_channel *c, const struct msg_file_result *m,
          const char *text, int fd)
{
    struct scp_attributes attributes = {
        .has_mode = true,
        .mode = m->mode,
        .has_times = true,
        .accessed_s = m->accessed_s,
        .changed_s = m->changed_s,
    };

    /* The running configuration is made when it is asked for. libssh2 (curl)
       wants times of every file. */
    if (m->changed_s == 0)
        attributes.accessed_s = attributes.changed_s = (uint64_t)time(NULL);

    if (!files_opened(c->files, HANDLE, m, fd))
        fail(c, strerror(EMFILE));
    else if (m->status != FILE_STATUS_OK)
        fail(c, text);
    else if (c->action.type == SCP_CREATE)
        scp_done(c->engine);
    else
        scp_opened(c->engine, m->kind == 'd' ? SCP_DIRECTORY : SCP_FILE,
                   m->bytes, &attributes);
}

static enum scp_kind
kind_of(uint8_t kind)
{
    return kind == 'd' ? SCP_DIRECTORY : SCP_FILE;
}

/* The names of a page, each ended by NUL. */
static void
on_listed(struct scp_channel *c, const struct msg_file_result *m)
{
    struct reader r = reader_over(m->page);
    struct buf names;

    buf_init(&names, SCP_PAGE_MAX);
    while (r.left > 0 && read_ok(&r)) {
        buf_put_span(&names, read_string(&r));
        buf_put_u8(&names, 0);
        (void)read_u8(&r);
        (void)read_u64(&r);
        (void)read_u32(&r);
        (void)read_u64(&r);
        (void)read_u64(&r);
    }
    scp_listed(c->engine, buf_span(&names), m->more);
    buf_clear(&names);
}

static void
on_result(struct scp_channel *c, const struct msg_file_result *m, int fd)
{
    char text[TEXT_MAX];

    c->awaited = false;
    text_copy_span(text, sizeof(text), m->text);
    if (c->action.type == SCP_CREATE || c->action.type == SCP_OPEN) {
        on_opened(c, m, text, fd);
        return;
    }
    if (c->action.type == SCP_STAT && m->status == FILE_STATUS_NOT_FOUND)
        scp_found(c->engine, SCP_NOTHING);
    else if (c->action.type == SCP_MAKE_DIRECTORY &&
             m->status == FILE_STATUS_EXISTS)
        scp_found(c->engine, kind_of(m->kind));
    else if (m->status != FILE_STATUS_OK)
        fail(c, text);
    else if (c->action.type == SCP_STAT)
        scp_found(c->engine, kind_of(m->kind));
    else if (c->action.type == SCP_LIST)
        on_listed(c, m);
    else
        scp_done(c->engine);
}

void
scp_channel_message(struct scp_channel *c, const struct message *m, int fd)
{
    /* One that nobody asked for: control does not err. */
    if (m->type != MSG_FILE_RESULT || !c->awaited)
        c->up->failed = true;
    else
        on_result(c, &m->file_result, fd);
}

/* --- bytes -------------------------------------------------------------- */

static bool
flush(struct scp_channel *c)
{
    struct span out = scp_output(c->engine);
    size_t sent = out.len == 0 ? 0 : ssh_channel_write(c->ssh, c->number, out);

    if (sent > 0)
        scp_output_sent(c->engine, sent);
    return sent > 0;
}

/*
 * What can be done without bytes of the peer's; `send`: also what makes bytes
 * for him, which ends the life of those that he sent. Control is never asked
 * for a second thing before it has answered the first, so nothing piles up, and
 * what is to be written is written while its bytes are there.
 */
static bool
act(struct scp_channel *c, bool send)
{
    bool moved = false;

    while (!c->finished && !c->awaited) {
        if (c->readable && !send)
            return moved;
        if (c->readable) {
            if (flush(c))
                moved = true;
            if (scp_output(c->engine).len > 0)
                return moved;
            read_data(c);
            /* One packet, one write(): while the processor's cache has it. */
            return moved || !c->readable;
        } else if (scp_next(c->engine, &c->action)) {
            perform(c);
        } else {
            return moved;
        }
        moved = true;
    }
    return moved;
}

/* How many of them the engine takes now. */
static size_t
feed(struct scp_channel *c, struct span bytes)
{
    size_t used = 0, taken = 1;

    while (taken > 0 && used < bytes.len) {
        act(c, false);
        taken =
            scp_input(c->engine, span_of(bytes.ptr + used, bytes.len - used));
        used += taken;
    }
    act(c, false);
    return used;
}

void
scp_channel_data(struct scp_channel *c, struct span bytes, uint64_t now_ms)
{
    size_t used = 0;

    c->moved_ms = now_ms;
    if (buf_len(&c->pending) == 0)
        used = feed(c, bytes);
    /* The window bounds what a peer may send that is not asked to. */
    buf_put(&c->pending, bytes.ptr + used, bytes.len - used);
    if (used > 0)
        ssh_channel_consumed(c->ssh, c->number, used);
}

void
scp_channel_data_end(struct scp_channel *c)
{
    c->input_over = true;
    /* The channel's end may come next: nothing waits for a turn. */
    if (buf_len(&c->pending) == 0) {
        scp_input_end(c->engine);
        act(c, false);
    }
}

/* --- life --------------------------------------------------------------- */

static bool
use_pending(struct scp_channel *c)
{
    size_t used;

    if (buf_len(&c->pending) == 0)
        return false;
    used = feed(c, buf_span(&c->pending));
    if (used == 0)
        return false;
    buf_consume(&c->pending, used);
    ssh_channel_consumed(c->ssh, c->number, used);
    return true;
}

bool
scp_channel_work(struct scp_channel *c, uint64_t now_ms)
{
    bool moved = use_pending(c);

    if (c->input_over && buf_len(&c->pending) == 0)
        scp_input_end(c->engine);
    moved = act(c, true) || moved;
    moved = flush(c) || moved;
    if (moved)
        c->moved_ms = now_ms;
    if (!c->given_up && now_ms >= scp_channel_deadline(c)) {
        uplink_send_channel(c->up, MSG_IDLE, c->number);
        c->finished = c->given_up = true;
        c->status = 1;
    }
    return moved;
}

bool
scp_channel_is_finished(const struct scp_channel *c, uint32_t *status)
{
    *status = c->status;
    return c->given_up || (c->finished && scp_output(c->engine).len == 0);
}

uint64_t
scp_channel_deadline(const struct scp_channel *c)
{
    /* Control answers; what waits for it is nobody's silence. */
    if (c->idle_s == 0 || c->awaited)
        return UINT64_MAX;
    return c->moved_ms + (uint64_t)c->idle_s * 1000;
}
