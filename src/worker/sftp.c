#include "worker/sftp.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/reader.h"
#include "base/text.h"
#include "os/flash.h"
#include "transfer/sftp_server.h"
#include "worker/files.h"

#define REQUEST       0 /* one at a time: the engine asks for no more */
#define SCRATCH       SFTP_SLOTS /* a file that is cut to a length */
#define FULL_PATH_MAX (FLASH_PATH_MAX + sizeof("flash:/"))

_Static_assert(FILE_HANDLES_MAX > SCRATCH, "each slot may be a file");
_Static_assert(FILES_PIECES_MAX >= SFTP_PIECES_MAX, "a run is written at once");

/* A directory that is being read: the page that control sent last. */
struct listing {
    char *path;      /* owned */
    struct buf page; /* entries not yet told */
    char after[FLASH_NAME_MAX + 1];
    bool more; /* behind the page */
};

struct sftp_channel {
    struct uplink *up;
    struct ssh_conn *ssh;
    uint32_t number;
    struct sftp_server *engine;
    struct files *files;
    struct listing *listings[SFTP_SLOTS]; /* owned */
    struct buf pending;                   /* of the peer's, not yet used */
    bool input_over;
    int32_t zone_s;

    const struct sftp_action *action; /* the one that is carried out */
    bool awaited;                     /* control has to answer first */
    bool made;    /* MKDIR: it is there, its mode is not yet set */
    bool cutting; /* SETSTAT of a length: the file is being opened */
    bool reading; /* READ: waits until something can be sent */

    uint32_t idle_s; /* 0: for ever */
    uint64_t moved_ms;
    bool given_up;
};

/* --- life --------------------------------------------------------------- */

struct sftp_channel *
sftp_channel_new(struct uplink *up, struct ssh_conn *ssh,
                 const struct msg_serve_sftp *m, uint64_t now_ms)
{
    struct sftp_channel *c = alloc_zero(1, sizeof(*c));

    c->up = up;
    c->ssh = ssh;
    c->number = m->channel;
    c->engine = sftp_server_new();
    c->files = files_new(up, m->channel);
    c->idle_s = m->idle_s;
    c->zone_s = (int32_t)m->zone_s;
    c->moved_ms = now_ms;
    buf_init_secret(&c->pending, SSH_CHANNEL_WINDOW);
    return c;
}

static void
listing_free(struct sftp_channel *c, unsigned slot)
{
    struct listing *listing = c->listings[slot];

    if (listing == NULL)
        return;
    free(listing->path);
    buf_clear(&listing->page);
    free(listing);
    c->listings[slot] = NULL;
}

void
sftp_channel_free(struct sftp_channel *c)
{
    if (c == NULL)
        return;
    for (unsigned i = 0; i < SFTP_SLOTS; i++)
        listing_free(c, i);
    sftp_server_free(c->engine);
    files_free(c->files);
    buf_clear(&c->pending);
    free(c);
}

/* --- answers ------------------------------------------------------------ */

static void
fail_by_errno(struct sftp_channel *c)
{
    sftp_server_done(c->engine, SFTP_FAILURE, strerror(errno));
}

static void
done(struct sftp_channel *c, enum err err)
{
    if (err != OK)
        fail_by_errno(c);
    else
        sftp_server_done(c->engine, SFTP_OK, "");
}

/* What version 3 can say of a reason; the text says the rest. */
static enum sftp_status
status_of(uint8_t status)
{
    switch (status) {
    case FILE_STATUS_OK:
        return SFTP_OK;
    case FILE_STATUS_NOT_FOUND:
    case FILE_STATUS_NO_DIRECTORY:
        return SFTP_NO_SUCH_FILE;
    case FILE_STATUS_DENIED:
    case FILE_STATUS_BAD_NAME:
        return SFTP_PERMISSION_DENIED;
    default:
        return SFTP_FAILURE;
    }
}

/* A name that cannot be is, to whoever looks for it, not there. */
static void
refuse(struct sftp_channel *c, const struct msg_file_result *m)
{
    bool looks =
        c->action->deed == SFTP_DO_STAT || c->action->deed == SFTP_DO_LIST ||
        (c->action->deed == SFTP_DO_OPEN && c->action->how == SFTP_TO_READ);
    char reason[SFTP_REASON_MAX];

    (void)text_copy_span(reason, sizeof(reason), m->text);
    if (looks && m->status == FILE_STATUS_BAD_NAME)
        sftp_server_done(c->engine, SFTP_NO_SUCH_FILE, "");
    else
        sftp_server_done(c->engine, status_of(m->status), reason);
}

/* Version 3 has 32 bits for a time. */
static uint32_t
short_time(uint64_t time_s)
{
    if (time_s > INT64_MAX) /* before 1970 */
        return 0;
    return time_s < UINT32_MAX ? (uint32_t)time_s : UINT32_MAX;
}

static struct sftp_attributes
attributes(uint8_t kind, uint64_t bytes, uint32_t mode, uint64_t accessed_s,
           uint64_t changed_s)
{
    return (struct sftp_attributes){
        .has = SFTP_HAS_SIZE | SFTP_HAS_MODE | SFTP_HAS_TIMES,
        .size = bytes,
        .mode = mode | (kind == 'd' ? SFTP_MODE_DIRECTORY : SFTP_MODE_FILE),
        .read_s = short_time(accessed_s),
        .changed_s = short_time(changed_s),
    };
}

static void
set_clock(struct sftp_channel *c)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    sftp_server_set_clock(c->engine,
                          (struct sftp_clock){now.tv_sec, c->zone_s});
}

static void
tell_attributes(struct sftp_channel *c, const struct msg_file_result *m)
{
    struct sftp_attributes a =
        attributes(m->kind, m->bytes, m->mode, m->accessed_s, m->changed_s);

    set_clock(c);
    sftp_server_attributes(c->engine, &a);
}

/* --- directories -------------------------------------------------------- */

static void
full_path(char path[FULL_PATH_MAX], const char *text)
{
    (void)text_copy(path, FULL_PATH_MAX, "flash:/");
    (void)text_copy(path + strlen(path), FULL_PATH_MAX - strlen(path), text);
}

static void
ask_page(struct sftp_channel *c, const struct listing *listing)
{
    char path[FULL_PATH_MAX];

    full_path(path, listing->path);
    files_list(c->files, REQUEST, path, listing->after);
    c->awaited = true;
}

static void
begin_list(struct sftp_channel *c)
{
    struct listing *listing = alloc_zero(1, sizeof(*listing));

    listing->path = text_dup(c->action->path);
    buf_init(&listing->page, FILE_PAGE_MAX);
    c->listings[c->action->slot] = listing;
    ask_page(c, listing);
}

/* The next entry of the page; false: that was all, or it is none. */
static bool
tell_name(struct sftp_channel *c, struct listing *listing)
{
    struct reader r = reader_over(buf_span(&listing->page));
    struct span name = read_string(&r);
    uint8_t kind = read_u8(&r);
    uint64_t bytes = read_u64(&r);
    uint32_t mode = read_u32(&r);
    uint64_t accessed_s = read_u64(&r);
    struct sftp_attributes a =
        attributes(kind, bytes, mode, accessed_s, read_u64(&r));

    if (!read_ok(&r) || !sftp_server_name(c->engine, name, &a))
        return false;
    (void)text_copy_span(listing->after, sizeof(listing->after), name);
    buf_consume(&listing->page, buf_len(&listing->page) - r.left);
    return true;
}

static void
tell_names(struct sftp_channel *c)
{
    struct listing *listing = c->listings[c->action->slot];

    if (buf_len(&listing->page) == 0 && listing->more) {
        ask_page(c, listing);
        return;
    }
    set_clock(c);
    while (tell_name(c, listing)) {
    }
    sftp_server_names_end(c->engine);
}

static void
on_page(struct sftp_channel *c, const struct msg_file_result *m)
{
    struct listing *listing = c->listings[c->action->slot];

    listing->more = m->more;
    buf_reset(&listing->page);
    buf_put_span(&listing->page, m->page);
    if (c->action->deed == SFTP_DO_NAMES)
        tell_names(c);
    else
        sftp_server_done(c->engine, SFTP_OK, "");
}

/* --- bytes -------------------------------------------------------------- */

/* Straight into the packet that carries it. False: nothing can be sent. */
static bool
read_data(struct sftp_channel *c)
{
    const struct sftp_action *a = c->action;
    size_t wanted =
        sftp_server_output(c->engine).len + SFTP_DATA_HEAD + a->length;
    struct sftp_room rooms[2];
    struct iovec pieces[2];
    uint8_t *place = NULL;
    size_t room, came = 0;
    enum err err;

    room = ssh_channel_reserve(c->ssh, c->number, wanted, &place);
    if (room == 0)
        return false;
    sftp_server_data_begin(c->engine, place, room, rooms);
    for (int i = 0; i < 2; i++)
        pieces[i] = (struct iovec){rooms[i].bytes, rooms[i].len};
    err = files_read_at(c->files, a->slot, a->offset, pieces, 2, &came);
    room = sftp_server_data_end(c->engine, came,
                                err == OK ? SFTP_EOF : SFTP_FAILURE);
    ssh_channel_commit(c->ssh, c->number, room);
    c->reading = false;
    return true;
}

static void
write_data(struct sftp_channel *c)
{
    const struct sftp_action *a = c->action;

    done(c, files_write_at(c->files, a->slot, a->offset, a->pieces,
                           a->piece_count));
}

/* --- deeds -------------------------------------------------------------- */

static struct file_attributes
wanted(const struct sftp_attributes *a)
{
    return (struct file_attributes){
        .has_mode = a->has & SFTP_HAS_MODE,
        .mode = a->mode,
        .has_times = a->has & SFTP_HAS_TIMES,
        .accessed_s = a->read_s,
        .changed_s = a->changed_s,
    };
}

static void
open_file(struct sftp_channel *c, const char *path)
{
    const struct sftp_action *a = c->action;
    struct file_opening how = {
        .access =
            a->how == SFTP_TO_WRITE ? FILE_ACCESS_CREATE : FILE_ACCESS_EDIT,
        .must_exist = a->must_exist,
        .must_be_new = a->must_be_new,
    };

    if (a->how == SFTP_TO_READ)
        files_open(c->files, REQUEST, a->slot, path);
    else
        files_open_as(c->files, REQUEST, a->slot, path, &how);
}

static void
set(struct sftp_channel *c, const char *path)
{
    const struct sftp_attributes *a = &c->action->attributes;
    struct file_attributes set_to = wanted(a);
    struct file_opening how = {
        .access = a->size == 0 ? FILE_ACCESS_CREATE : FILE_ACCESS_EDIT,
        .must_exist = true,
    };

    /* Another length is another file, which takes the place of this one. */
    c->cutting = a->has & SFTP_HAS_SIZE;
    if (c->cutting)
        files_open_as(c->files, REQUEST, SCRATCH, path, &how);
    else
        files_set(c->files, REQUEST, path, &set_to);
}

/* What control does; its answer comes as a FILE_RESULT. */
static void
ask_control(struct sftp_channel *c)
{
    const struct sftp_action *a = c->action;
    struct file_attributes set_to = wanted(&a->attributes);
    char path[FULL_PATH_MAX], to[FULL_PATH_MAX];

    full_path(path, a->path);
    full_path(to, a->to);
    c->awaited = true;
    switch (a->deed) {
    case SFTP_DO_OPEN:
        open_file(c, path);
        break;
    case SFTP_DO_COMMIT:
        files_commit(c->files, REQUEST, a->slot, &set_to);
        break;
    case SFTP_DO_STAT:
        files_stat(c->files, REQUEST, path);
        break;
    case SFTP_DO_SETSTAT:
        set(c, path);
        break;
    case SFTP_DO_REMOVE:
        files_remove(c->files, REQUEST, path);
        break;
    case SFTP_DO_RMDIR:
        files_remove_directory(c->files, REQUEST, path);
        break;
    case SFTP_DO_MKDIR:
        files_make_directory(c->files, REQUEST, path);
        break;
    case SFTP_DO_RENAME:
        files_rename(c->files, REQUEST, path, to, a->replace);
        break;
    default:
        files_space(c->files, REQUEST);
        break;
    }
}

static void
forget(struct sftp_channel *c)
{
    if (c->listings[c->action->slot] != NULL)
        listing_free(c, c->action->slot);
    else
        files_close(c->files, c->action->slot);
    sftp_server_done(c->engine, SFTP_OK, "");
}

/* What is done here, at once, or else asked for. */
static void
perform(struct sftp_channel *c, const struct sftp_action *a)
{
    c->action = a;
    switch (a->deed) {
    case SFTP_DO_READ:
        c->reading = true;
        break;
    case SFTP_DO_WRITE:
        write_data(c);
        break;
    case SFTP_DO_TRUNCATE:
        done(c, files_truncate(c->files, a->slot, a->offset));
        break;
    case SFTP_DO_SYNC:
        done(c, files_sync(c->files, a->slot));
        break;
    case SFTP_DO_FORGET:
        forget(c);
        break;
    case SFTP_DO_LIST:
        begin_list(c);
        break;
    case SFTP_DO_NAMES:
        tell_names(c);
        break;
    default:
        ask_control(c);
        break;
    }
}

/* --- control's answers -------------------------------------------------- */

static void
on_space(struct sftp_channel *c, const struct msg_file_result *m)
{
    struct reader r = reader_over(m->page);
    struct sftp_space space;

    space.block = read_u64(&r);
    space.blocks = read_u64(&r);
    space.blocks_free = read_u64(&r);
    space.files = read_u64(&r);
    space.files_free = read_u64(&r);
    space.name_max = FLASH_NAME_MAX;
    if (read_done(&r))
        sftp_server_space(c->engine, &space);
    else
        sftp_server_done(c->engine, SFTP_FAILURE, "");
}

static void
on_opened(struct sftp_channel *c, const struct msg_file_result *m, int fd)
{
    bool truly = files_opened(c->files, c->action->slot, m, fd);

    if (m->status != FILE_STATUS_OK)
        refuse(c, m);
    else if (!truly)
        sftp_server_done(c->engine, SFTP_FAILURE, strerror(EMFILE));
    else if (m->kind == 'd')
        sftp_server_done(c->engine, SFTP_FAILURE, strerror(EISDIR));
    else
        tell_attributes(c, m);
}

static void
on_made(struct sftp_channel *c)
{
    struct file_attributes set_to = wanted(&c->action->attributes);
    char path[FULL_PATH_MAX];

    c->made = !c->made && set_to.has_mode;
    if (!c->made) {
        sftp_server_done(c->engine, SFTP_OK, "");
        return;
    }
    full_path(path, c->action->path);
    files_set(c->files, REQUEST, path, &set_to);
    c->awaited = true;
}

static void
on_done(struct sftp_channel *c, const struct msg_file_result *m)
{
    switch (c->action->deed) {
    case SFTP_DO_STAT:
        tell_attributes(c, m);
        break;
    case SFTP_DO_LIST:
    case SFTP_DO_NAMES:
        on_page(c, m);
        break;
    case SFTP_DO_MKDIR:
        on_made(c);
        break;
    case SFTP_DO_SPACE:
        on_space(c, m);
        break;
    default:
        sftp_server_done(c->engine, SFTP_OK, "");
        break;
    }
}

/* It is open: cut, and put into its place. */
static void
on_scratch(struct sftp_channel *c, const struct msg_file_result *m, int fd)
{
    const struct sftp_attributes *a = &c->action->attributes;
    struct file_attributes set_to = wanted(a);

    c->cutting = false;
    if (!files_opened(c->files, SCRATCH, m, fd)) {
        sftp_server_done(c->engine, SFTP_FAILURE, strerror(EMFILE));
    } else if (m->status != FILE_STATUS_OK) {
        refuse(c, m);
    } else if (files_truncate(c->files, SCRATCH, a->size) != OK) {
        fail_by_errno(c);
        files_close(c->files, SCRATCH);
    } else {
        files_commit(c->files, REQUEST, SCRATCH, &set_to);
        c->awaited = true;
    }
}

static void
on_result(struct sftp_channel *c, const struct msg_file_result *m, int fd)
{
    c->awaited = false;
    if (c->action->deed == SFTP_DO_OPEN) {
        on_opened(c, m, fd);
        return;
    }
    if (c->cutting) {
        on_scratch(c, m, fd);
        return;
    }
    if (fd >= 0)
        close(fd);
    if (m->status == FILE_STATUS_OK) {
        on_done(c, m);
        return;
    }
    c->made = false;
    if (c->action->deed == SFTP_DO_LIST)
        listing_free(c, c->action->slot);
    refuse(c, m);
}

void
sftp_channel_message(struct sftp_channel *c, const struct message *m, int fd)
{
    /* One that nobody asked for: control does not err. */
    if (m->type != MSG_FILE_RESULT || !c->awaited) {
        if (fd >= 0)
            close(fd);
        c->up->failed = true;
        return;
    }
    on_result(c, &m->file_result, fd);
}

/* --- the channel -------------------------------------------------------- */

/*
 * How many of them the engine takes now; `send`: also do what makes bytes for
 * the peer, which ends the life of those that he sent.
 */
static size_t
feed(struct sftp_channel *c, struct span bytes, bool send)
{
    const struct sftp_action *a;
    struct span left = bytes;

    while (!c->reading && !uplink_is_busy(c->up) &&
           (a = sftp_server_next(c->engine, &left)) != NULL) {
        perform(c, a);
        if (c->reading && send)
            (void)read_data(c);
    }
    /* Only writing is left, which needs nobody. */
    while ((a = sftp_server_flush(c->engine)) != NULL)
        perform(c, a);
    return bytes.len - left.len;
}

void
sftp_channel_data(struct sftp_channel *c, struct span bytes, uint64_t now_ms)
{
    size_t used = 0;

    c->moved_ms = now_ms;
    if (sftp_server_is_broken(c->engine) || c->given_up)
        used = bytes.len; /* nobody reads it any more */
    else if (buf_len(&c->pending) == 0)
        used = feed(c, bytes, false);
    /* The window bounds what a peer may send that is not asked to. */
    buf_put(&c->pending, bytes.ptr + used, bytes.len - used);
    if (used > 0)
        ssh_channel_consumed(c->ssh, c->number, used);
}

void
sftp_channel_data_end(struct sftp_channel *c)
{
    c->input_over = true;
}

static bool
flush(struct sftp_channel *c)
{
    struct span out = sftp_server_output(c->engine);
    size_t sent = out.len == 0 ? 0 : ssh_channel_write(c->ssh, c->number, out);

    if (sent > 0)
        sftp_server_output_sent(c->engine, sent);
    return sent > 0;
}

/* What came before, also when only a request of it is left, taken already. */
static bool
use_pending(struct sftp_channel *c)
{
    size_t used = buf_len(&c->pending);

    if (used == 0 && !sftp_server_has_more(c->engine))
        return false;
    if (!sftp_server_is_broken(c->engine))
        used = feed(c, buf_span(&c->pending), true);
    if (used == 0)
        return false;
    buf_consume(&c->pending, used);
    ssh_channel_consumed(c->ssh, c->number, used);
    return true;
}

bool
sftp_channel_work(struct sftp_channel *c, uint64_t now_ms)
{
    bool moved = false, again, sent;

    do {
        /* What is to be read takes unsent output along. One packet, one
           write(): while the processor's cache has it. */
        sent = again = c->reading && read_data(c);
        again = use_pending(c) || again;
        again = (!c->reading && flush(c)) || again;
        moved = moved || again;
    } while (again && !sent);
    if (moved)
        c->moved_ms = now_ms;
    if (!c->given_up && now_ms >= sftp_channel_deadline(c)) {
        uplink_send_channel(c->up, MSG_IDLE, c->number);
        c->given_up = true;
    }
    return moved;
}

bool
sftp_channel_is_finished(const struct sftp_channel *c, uint32_t *status)
{
    bool broken = sftp_server_is_broken(c->engine);
    bool over = c->input_over && buf_len(&c->pending) == 0 && !c->awaited &&
                !c->reading && !sftp_server_has_more(c->engine);

    *status = broken || c->given_up || !sftp_server_is_idle(c->engine);
    if (c->given_up)
        return true;
    return (broken || over) && sftp_server_output(c->engine).len == 0;
}

uint64_t
sftp_channel_deadline(const struct sftp_channel *c)
{
    /* Control answers; what waits for it is nobody's silence. */
    if (c->idle_s == 0 || c->awaited)
        return UINT64_MAX;
    return c->moved_ms + (uint64_t)c->idle_s * 1000;
}
