/*
 * The requests of SFTP: each is refused, answered, or made an action.
 */
#include <string.h>

#include "transfer/sftp_server_parts.h"

#define RIGHTS     0777u
#define SPECIAL    07000u /* set-user-id, set-group-id, sticky */
#define BAD_HANDLE "Invalid handle"

typedef void (*request_fn)(struct sftp_server *s, struct reader *r);

/* --- fields ------------------------------------------------------------ */

/* Read to its end; false: it was refused. */
static bool
is_read(struct sftp_server *s, const struct reader *r)
{
    if (!read_done(r))
        sftp_refuse(s, SFTP_BAD_MESSAGE, "");
    return read_done(r);
}

/*
 * What cannot be a path names nothing: so says STAT, for which `refusal` is
 * NO_SUCH_FILE.
 */
static bool
take_path(struct sftp_server *s, struct span from, struct sftp_path *path,
          enum sftp_status refusal)
{
    if (from.len <= SFTP_PATH_MAX && sftp_path_read(from, false, path) == OK)
        return true;
    sftp_refuse(s, refusal, "");
    return false;
}

/* One path and no more, of something below flash:. */
static bool
take_only_path(struct sftp_server *s, struct reader *r)
{
    struct span from = read_string(r);

    if (!is_read(s, r) || !take_path(s, from, &s->path, SFTP_PERMISSION_DENIED))
        return false;
    if (s->path.text[0] != '\0')
        return true;
    sftp_refuse(s, SFTP_PERMISSION_DENIED, "");
    return false;
}

static struct sftp_slot *
take_handle(struct sftp_server *s, struct span handle)
{
    struct sftp_slot *slot = sftp_slot_of(s, handle);

    if (slot == NULL)
        sftp_refuse(s, SFTP_FAILURE, BAD_HANDLE);
    return slot;
}

static struct sftp_slot *
take_only_handle(struct sftp_server *s, struct reader *r)
{
    struct span handle = read_string(r);

    return is_read(s, r) ? take_handle(s, handle) : NULL;
}

/* A file that this client is writing, and nobody else can see. */
static struct sftp_slot *
find_written(struct sftp_server *s, const struct sftp_path *path)
{
    for (size_t i = 0; i < SFTP_SLOTS; i++)
        if (s->slots[i].use == SFTP_SLOT_WRITE &&
            strcmp(s->slots[i].path.text, path->text) == 0)
            return &s->slots[i];
    return NULL;
}

/* --- opening ----------------------------------------------------------- */

static struct sftp_slot *
new_slot(struct sftp_server *s, enum sftp_use use)
{
    for (size_t i = 0; i < SFTP_SLOTS; i++) {
        struct sftp_slot *slot = &s->slots[i];

        if (slot->use != SFTP_SLOT_FREE)
            continue;
        *slot = (struct sftp_slot){
            .use = use, .generation = slot->generation + 1, .path = s->path};
        return slot;
    }
    sftp_refuse(s, SFTP_FAILURE, "Too many open files");
    return NULL;
}

/* What is neither read nor written, or made without being written. */
static bool
makes_sense(uint32_t flags)
{
    const uint32_t making = SFTP_OPEN_CREATE | SFTP_OPEN_TRUNCATE |
                            SFTP_OPEN_NEW | SFTP_OPEN_APPEND;

    if (flags & SFTP_OPEN_WRITE)
        return (flags & ~(making | SFTP_OPEN_READ | SFTP_OPEN_WRITE)) == 0;
    return flags == SFTP_OPEN_READ;
}

static void
open_file(struct sftp_server *s, uint32_t flags,
          const struct sftp_attributes *a)
{
    bool writes = flags & SFTP_OPEN_WRITE;
    struct sftp_slot *slot =
        new_slot(s, writes ? SFTP_SLOT_WRITE : SFTP_SLOT_READ);
    struct sftp_action *action;

    if (slot == NULL)
        return;
    slot->readable = flags & SFTP_OPEN_READ;
    slot->append = flags & SFTP_OPEN_APPEND;
    if (writes && (a->has & SFTP_HAS_MODE)) {
        slot->wanted.has = SFTP_HAS_MODE;
        slot->wanted.mode = a->mode & RIGHTS;
    }
    action = sftp_act(s, SFTP_DO_OPEN);
    action->slot = sftp_slot_number(s, slot);
    if (writes)
        action->how = flags & (SFTP_OPEN_TRUNCATE | SFTP_OPEN_NEW)
                          ? SFTP_TO_WRITE
                          : SFTP_TO_EDIT;
    action->must_exist = !(flags & SFTP_OPEN_CREATE);
    action->must_be_new = flags & SFTP_OPEN_NEW;
}

static void
on_open(struct sftp_server *s, struct reader *r)
{
    struct span from = read_string(r);
    uint32_t flags = read_u32(r);
    struct sftp_attributes a;

    sftp_read_attributes(r, &a);
    if (!is_read(s, r) ||
        !take_path(s, from, &s->path,
                   flags & SFTP_OPEN_WRITE ? SFTP_PERMISSION_DENIED
                                           : SFTP_NO_SUCH_FILE))
        return;
    if (s->path.text[0] == '\0')
        sftp_refuse(s, SFTP_FAILURE, "Is a directory");
    else if (!makes_sense(flags))
        sftp_refuse(s, SFTP_FAILURE, "Invalid argument");
    else
        open_file(s, flags, &a);
}

static void
on_opendir(struct sftp_server *s, struct reader *r)
{
    struct span from = read_string(r);
    struct sftp_slot *slot;

    if (!is_read(s, r) || !take_path(s, from, &s->path, SFTP_NO_SUCH_FILE))
        return;
    slot = new_slot(s, s->path.top ? SFTP_SLOT_TOP : SFTP_SLOT_LIST);
    if (slot == NULL)
        return;
    if (s->path.top)
        sftp_answer_handle(s, sftp_slot_number(s, slot));
    else
        sftp_act(s, SFTP_DO_LIST)->slot = sftp_slot_number(s, slot);
}

static void
on_close(struct sftp_server *s, struct reader *r)
{
    struct sftp_slot *slot = take_only_handle(s, r);
    struct sftp_action *action;

    if (slot == NULL)
        return;
    if (slot->use == SFTP_SLOT_TOP) {
        slot->use = SFTP_SLOT_FREE;
        sftp_refuse(s, SFTP_OK, "");
        return;
    }
    action =
        sftp_act(s, slot->use == SFTP_SLOT_WRITE && slot->failure == SFTP_OK
                        ? SFTP_DO_COMMIT
                        : SFTP_DO_FORGET);
    action->slot = sftp_slot_number(s, slot);
    action->attributes = slot->wanted;
}

/* --- reading ----------------------------------------------------------- */

static void
on_read(struct sftp_server *s, struct reader *r)
{
    struct span handle = read_string(r);
    uint64_t offset = read_u64(r);
    uint32_t len = read_u32(r);
    const struct sftp_slot *slot;
    struct sftp_action *action;

    if (!is_read(s, r))
        return;
    slot = take_handle(s, handle);
    if (slot == NULL)
        return;
    if (!slot->readable || offset > INT64_MAX - SFTP_DATA_MAX) {
        sftp_refuse(s, SFTP_FAILURE, "");
        return;
    }
    if (len == 0) {
        sftp_refuse(s, SFTP_EOF, "");
        return;
    }
    action = sftp_act(s, SFTP_DO_READ);
    action->slot = sftp_slot_number(s, slot);
    action->offset = offset;
    action->length = len < SFTP_DATA_MAX ? len : SFTP_DATA_MAX;
}

static void
on_readdir(struct sftp_server *s, struct reader *r)
{
    struct sftp_slot *slot = take_only_handle(s, r);

    if (slot == NULL)
        return;
    if (slot->use == SFTP_SLOT_LIST) {
        sftp_act(s, SFTP_DO_NAMES)->slot = sftp_slot_number(s, slot);
    } else if (slot->use != SFTP_SLOT_TOP) {
        sftp_refuse(s, SFTP_FAILURE, BAD_HANDLE);
    } else if (slot->told) {
        sftp_refuse(s, SFTP_EOF, "");
    } else {
        slot->told = true;
        s->path = (struct sftp_path){.top = true};
        (void)sftp_act(s, SFTP_DO_STAT);
        s->for_name = true;
    }
}

/* As it will be when it is complete. */
static void
answer_written(struct sftp_server *s, const struct sftp_slot *slot)
{
    struct sftp_attributes a = slot->file;

    if (slot->wanted.has & SFTP_HAS_MODE)
        a.mode = SFTP_MODE_FILE | slot->wanted.mode;
    if (slot->wanted.has & SFTP_HAS_TIMES) {
        a.read_s = slot->wanted.read_s;
        a.changed_s = slot->wanted.changed_s;
    }
    a.has |= slot->wanted.has;
    sftp_answer_attributes(s, &a);
}

static void
on_stat(struct sftp_server *s, struct reader *r)
{
    struct span from = read_string(r);
    const struct sftp_slot *written;

    if (!is_read(s, r) || !take_path(s, from, &s->path, SFTP_NO_SUCH_FILE))
        return;
    written = find_written(s, &s->path);
    if (written != NULL)
        answer_written(s, written);
    else
        (void)sftp_act(s, SFTP_DO_STAT);
}

static void
on_fstat(struct sftp_server *s, struct reader *r)
{
    const struct sftp_slot *slot = take_only_handle(s, r);

    if (slot == NULL)
        return;
    if (slot->use == SFTP_SLOT_WRITE || slot->use == SFTP_SLOT_READ) {
        answer_written(s, slot);
        return;
    }
    s->path = slot->path;
    (void)sftp_act(s, SFTP_DO_STAT);
}

static void
on_realpath(struct sftp_server *s, struct reader *r)
{
    struct span from = read_string(r);
    struct sftp_attributes none = {.has = 0};
    size_t mark, name;

    if (!is_read(s, r))
        return;
    if (from.len > SFTP_PATH_MAX ||
        sftp_path_read(from, true, &s->path) != OK) {
        sftp_refuse(s, SFTP_NO_SUCH_FILE, "");
        return;
    }
    mark = sftp_begin(&s->out, SFTP_NAME, s->id);
    buf_put_u32(&s->out, 1);
    for (int i = 0; i < 2; i++) { /* the long name is the same */
        name = buf_begin_string(&s->out);
        sftp_path_put(&s->out, &s->path);
        buf_end_string(&s->out, name);
    }
    sftp_put_attributes(&s->out, &none);
    sftp_end(&s->out, mark);
}

/* --- changing ---------------------------------------------------------- */

/* Nobody owns a file here, and no mode makes a program more than a file. */
static bool
may_set(struct sftp_server *s, struct sftp_attributes *a)
{
    if ((a->has & SFTP_HAS_OWNER) ||
        ((a->has & SFTP_HAS_MODE) && (a->mode & SPECIAL)) ||
        ((a->has & SFTP_HAS_SIZE) && a->size > INT64_MAX)) {
        sftp_refuse(s, SFTP_PERMISSION_DENIED, "");
        return false;
    }
    a->mode &= RIGHTS;
    return true;
}

/* A file that is being written gets them in the end, but its length now. */
static void
set_written(struct sftp_server *s, struct sftp_slot *slot,
            const struct sftp_attributes *a)
{
    struct sftp_action *action;

    slot->wanted.has |= a->has & ~SFTP_HAS_SIZE;
    if (a->has & SFTP_HAS_MODE)
        slot->wanted.mode = a->mode;
    if (a->has & SFTP_HAS_TIMES) {
        slot->wanted.read_s = a->read_s;
        slot->wanted.changed_s = a->changed_s;
    }
    if (!(a->has & SFTP_HAS_SIZE)) {
        sftp_refuse(s, SFTP_OK, "");
        return;
    }
    action = sftp_act(s, SFTP_DO_TRUNCATE);
    action->slot = sftp_slot_number(s, slot);
    action->offset = a->size;
}

/* By s->path, or by the handle of a file that is being written. */
static void
set(struct sftp_server *s, struct sftp_slot *written, struct sftp_attributes *a)
{
    if (!may_set(s, a))
        return;
    if (written != NULL)
        set_written(s, written, a);
    else if (a->has == 0)
        sftp_refuse(s, SFTP_OK, "");
    else
        sftp_act(s, SFTP_DO_SETSTAT)->attributes = *a;
}

static void
on_setstat(struct sftp_server *s, struct reader *r)
{
    struct span from = read_string(r);
    struct sftp_attributes a;

    sftp_read_attributes(r, &a);
    if (is_read(s, r) && take_path(s, from, &s->path, SFTP_NO_SUCH_FILE))
        set(s, find_written(s, &s->path), &a);
}

static void
on_fsetstat(struct sftp_server *s, struct reader *r)
{
    struct span handle = read_string(r);
    struct sftp_attributes a;
    struct sftp_slot *slot;

    sftp_read_attributes(r, &a);
    if (!is_read(s, r))
        return;
    slot = take_handle(s, handle);
    if (slot == NULL)
        return;
    s->path = slot->path;
    if (slot->use == SFTP_SLOT_READ && (a.has & SFTP_HAS_SIZE))
        sftp_refuse(s, SFTP_PERMISSION_DENIED, "");
    else
        set(s, slot->use == SFTP_SLOT_WRITE ? slot : NULL, &a);
}

static void
on_remove(struct sftp_server *s, struct reader *r)
{
    if (take_only_path(s, r))
        (void)sftp_act(s, SFTP_DO_REMOVE);
}

static void
on_rmdir(struct sftp_server *s, struct reader *r)
{
    if (take_only_path(s, r))
        (void)sftp_act(s, SFTP_DO_RMDIR);
}

static void
on_mkdir(struct sftp_server *s, struct reader *r)
{
    struct span from = read_string(r);
    struct sftp_attributes a;

    sftp_read_attributes(r, &a);
    if (!is_read(s, r) || !take_path(s, from, &s->path, SFTP_PERMISSION_DENIED))
        return;
    if (s->path.text[0] == '\0') {
        sftp_refuse(s, SFTP_FAILURE, "File exists");
        return;
    }
    a.has &= SFTP_HAS_MODE;
    a.mode &= RIGHTS;
    sftp_act(s, SFTP_DO_MKDIR)->attributes = a;
}

static void
rename_file(struct sftp_server *s, struct reader *r, bool replace)
{
    struct span from = read_string(r), to = read_string(r);

    if (!is_read(s, r) || !take_path(s, from, &s->path, SFTP_NO_SUCH_FILE) ||
        !take_path(s, to, &s->to, SFTP_PERMISSION_DENIED))
        return;
    if (s->path.text[0] == '\0' || s->to.text[0] == '\0')
        sftp_refuse(s, SFTP_PERMISSION_DENIED, "");
    else
        sftp_act(s, SFTP_DO_RENAME)->replace = replace;
}

static void
on_rename(struct sftp_server *s, struct reader *r)
{
    rename_file(s, r, false);
}

/* --- extensions -------------------------------------------------------- */

static void
on_posix_rename(struct sftp_server *s, struct reader *r)
{
    rename_file(s, r, true);
}

static void
on_fsync(struct sftp_server *s, struct reader *r)
{
    const struct sftp_slot *slot = take_only_handle(s, r);

    if (slot == NULL)
        return;
    if (slot->use == SFTP_SLOT_WRITE)
        sftp_act(s, SFTP_DO_SYNC)->slot = sftp_slot_number(s, slot);
    else
        sftp_refuse(s, SFTP_OK, ""); /* what is read is on the disk */
}

static void
on_statvfs(struct sftp_server *s, struct reader *r)
{
    struct span from = read_string(r);

    if (is_read(s, r) && take_path(s, from, &s->path, SFTP_NO_SUCH_FILE))
        (void)sftp_act(s, SFTP_DO_SPACE);
}

static void
on_fstatvfs(struct sftp_server *s, struct reader *r)
{
    if (take_only_handle(s, r) != NULL)
        (void)sftp_act(s, SFTP_DO_SPACE);
}

static void
on_limits(struct sftp_server *s, struct reader *r)
{
    size_t mark;

    if (!is_read(s, r))
        return;
    mark = sftp_begin(&s->out, SFTP_EXTENDED_REPLY, s->id);
    buf_put_u64(&s->out, SFTP_PACKET_MAX);
    buf_put_u64(&s->out, SFTP_DATA_MAX);
    buf_put_u64(&s->out, SFTP_DATA_MAX);
    buf_put_u64(&s->out, SFTP_SLOTS);
    sftp_end(&s->out, mark);
}

static void
on_extended(struct sftp_server *s, struct reader *r)
{
    static const struct {
        const char *name;
        request_fn run;
    } extensions[] = {
        {SFTP_POSIX_RENAME, on_posix_rename},
        {SFTP_FSYNC, on_fsync},
        {SFTP_STATVFS, on_statvfs},
        {SFTP_FSTATVFS, on_fstatvfs},
        {SFTP_LIMITS, on_limits},
    };
    struct span name = read_string(r);

    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
        if (span_is(name, extensions[i].name)) {
            extensions[i].run(s, r);
            return;
        }
    sftp_refuse(s, SFTP_OP_UNSUPPORTED, "");
}

/* --- all --------------------------------------------------------------- */

/* READLINK and SYMLINK have no row: there are no links. */
static const struct {
    enum sftp_type type;
    request_fn run;
} requests[] = {
    {SFTP_OPEN, on_open},         {SFTP_CLOSE, on_close},
    {SFTP_READ, on_read},         {SFTP_LSTAT, on_stat},
    {SFTP_FSTAT, on_fstat},       {SFTP_SETSTAT, on_setstat},
    {SFTP_FSETSTAT, on_fsetstat}, {SFTP_OPENDIR, on_opendir},
    {SFTP_READDIR, on_readdir},   {SFTP_REMOVE, on_remove},
    {SFTP_MKDIR, on_mkdir},       {SFTP_RMDIR, on_rmdir},
    {SFTP_REALPATH, on_realpath}, {SFTP_STAT, on_stat},
    {SFTP_RENAME, on_rename},     {SFTP_EXTENDED, on_extended},
};

void
sftp_on_request(struct sftp_server *s, struct span packet)
{
    struct reader r = reader_over(packet);
    uint8_t type = read_u8(&r);

    s->id = read_u32(&r);
    if (!read_ok(&r)) {
        s->broken = true; /* there is nothing to answer to */
        return;
    }
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        if (type == (uint8_t)requests[i].type) {
            requests[i].run(s, &r);
            return;
        }
    sftp_refuse(s, SFTP_OP_UNSUPPORTED, "");
}
