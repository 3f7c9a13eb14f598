#include "transfer/sftp_server.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "transfer/sftp_server_parts.h"

#define NAMES_MAX 32000 /* bytes of names in one answer */

struct sftp_server *
sftp_server_new(void)
{
    struct sftp_server *s = alloc_zero(1, sizeof(*s));

    sftp_receiver_init(&s->rx, SFTP_WRITE);
    buf_init(&s->out, SFTP_OUTPUT_MAX);
    buf_init(&s->names, NAMES_MAX);
    return s;
}

void
sftp_server_free(struct sftp_server *s)
{
    if (s == NULL)
        return;
    sftp_receiver_clear(&s->rx);
    buf_clear(&s->out);
    buf_clear(&s->names);
    free(s);
}

/* --- what both files need ---------------------------------------------- */

void
sftp_put_status(struct sftp_server *s, uint32_t id, enum sftp_status status,
                const char *reason)
{
    size_t mark = sftp_begin(&s->out, SFTP_STATUS, id);

    buf_put_u32(&s->out, status);
    buf_put_text(&s->out,
                 reason[0] == '\0' ? sftp_status_text(status) : reason);
    buf_put_text(&s->out, "en");
    sftp_end(&s->out, mark);
}

void
sftp_refuse(struct sftp_server *s, enum sftp_status status, const char *reason)
{
    sftp_put_status(s, s->id, status, reason);
}

struct sftp_action *
sftp_act(struct sftp_server *s, enum sftp_deed deed)
{
    assert(!s->busy);
    s->busy = true;
    s->for_name = false;
    s->action = (struct sftp_action){
        .deed = deed, .path = s->path.text, .to = s->to.text};
    return &s->action;
}

void
sftp_answer_attributes(struct sftp_server *s, const struct sftp_attributes *a)
{
    size_t mark = sftp_begin(&s->out, SFTP_ATTRS, s->id);

    sftp_put_attributes(&s->out, a);
    sftp_end(&s->out, mark);
}

void
sftp_answer_handle(struct sftp_server *s, unsigned slot)
{
    size_t mark = sftp_begin(&s->out, SFTP_HANDLE, s->id);
    size_t handle = buf_begin_string(&s->out);

    buf_put_u32(&s->out, slot);
    buf_put_u32(&s->out, s->slots[slot].generation);
    buf_end_string(&s->out, handle);
    sftp_end(&s->out, mark);
}

struct sftp_slot *
sftp_slot_of(struct sftp_server *s, struct span handle)
{
    struct reader r = reader_over(handle);
    uint32_t slot = read_u32(&r);
    uint32_t generation = read_u32(&r);

    if (!read_done(&r) || slot >= SFTP_SLOTS ||
        s->slots[slot].use == SFTP_SLOT_FREE ||
        s->slots[slot].generation != generation)
        return NULL;
    return &s->slots[slot];
}

unsigned
sftp_slot_number(const struct sftp_server *s, const struct sftp_slot *slot)
{
    return (unsigned)(slot - s->slots);
}

/* --- WRITE ------------------------------------------------------------- */

/* The run becomes an action. */
static void
act_run(struct sftp_server *s)
{
    struct sftp_action *action = sftp_act(s, SFTP_DO_WRITE);

    action->slot = s->run.slot;
    action->offset = s->run.offset;
    action->pieces = s->run.pieces;
    action->piece_count = s->run.piece_count;
}

/* It was written, or not: all that it was made of is answered. */
static void
on_run_done(struct sftp_server *s, enum sftp_status status, const char *reason)
{
    struct sftp_slot *slot = &s->slots[s->run.slot];

    if (status != SFTP_OK && slot->failure == SFTP_OK) {
        slot->failure = status;
        (void)text_copy(slot->reason, sizeof(slot->reason), reason);
    }
    for (size_t i = 0; i < s->run.id_count; i++)
        sftp_put_status(s, s->run.ids[i], status, reason);
    /* Its first bytes were in that run, or would have come behind it. */
    if (status != SFTP_OK && s->write.coming && s->write.to_slot &&
        s->write.slot == s->run.slot)
        s->write.refused = status;
    s->run.piece_count = s->run.id_count = 0;
}

/* Do the bytes of the coming WRITE continue the run? */
static bool
run_goes_on(const struct sftp_server *s, unsigned slot, uint64_t at)
{
    return s->run.piece_count == 0 ||
           (s->run.slot == slot && s->run.end == at &&
            s->run.piece_count < SFTP_PIECES_MAX &&
            s->run.id_count < SFTP_PIECES_MAX);
}

static void
end_write(struct sftp_server *s, bool in_run)
{
    s->write.coming = false;
    if (s->write.refused != SFTP_OK)
        sftp_put_status(s, s->write.id, s->write.refused,
                        s->write.to_slot ? s->slots[s->write.slot].reason : "");
    else if (in_run)
        s->run.ids[s->run.id_count++] = s->write.id;
    else
        sftp_put_status(s, s->write.id, SFTP_OK, "");
}

/* Its length, type and everything in front of its bytes is there. */
static void
begin_write(struct sftp_server *s, struct span packet)
{
    struct reader r = reader_over(packet);
    uint32_t len = s->rx.data_left;
    struct sftp_slot *slot;
    uint64_t offset;

    (void)read_u8(&r);
    s->write.id = read_u32(&r);
    slot = sftp_slot_of(s, read_string(&r));
    offset = read_u64(&r);
    s->write.coming = true;
    s->write.refused = SFTP_FAILURE;
    s->write.to_slot = slot != NULL && slot->use == SFTP_SLOT_WRITE;
    if (s->write.to_slot) {
        s->write.slot = sftp_slot_number(s, slot);
        if (slot->append)
            offset = slot->file.size;
        if (slot->failure != SFTP_OK || offset <= (uint64_t)INT64_MAX - len)
            s->write.refused = slot->failure;
        s->write.at = offset;
    }
    if (s->write.refused == SFTP_OK && offset + len > slot->file.size)
        slot->file.size = offset + len;
    if (len == 0)
        end_write(s, false);
}

/* Some of its bytes; nothing is taken when the run is to be done first. */
static void
take_write(struct sftp_server *s, struct span *bytes)
{
    struct span piece;

    if (s->write.refused != SFTP_OK) {
        (void)sftp_receive_data(&s->rx, bytes);
    } else {
        if (!run_goes_on(s, s->write.slot, s->write.at)) {
            act_run(s);
            return;
        }
        piece = sftp_receive_data(&s->rx, bytes);
        if (s->run.piece_count == 0) {
            s->run.slot = s->write.slot;
            s->run.offset = s->write.at;
        }
        s->run.pieces[s->run.piece_count++] = piece;
        s->write.at += piece.len;
        s->run.end = s->write.at;
    }
    if (s->rx.data_left == 0)
        end_write(s, true);
}

/* --- the stream -------------------------------------------------------- */

static void
put_extension(struct sftp_server *s, const char *name, const char *version)
{
    buf_put_text(&s->out, name);
    buf_put_text(&s->out, version);
}

/* The first packet, once. Whatever it offers, the answer is version 3. */
static void
on_init(struct sftp_server *s, struct span packet)
{
    size_t mark;

    s->broken = s->greeted || packet.ptr[0] != SFTP_INIT || packet.len < 5;
    if (s->broken)
        return;
    s->greeted = true;
    mark = buf_begin_string(&s->out);
    buf_put_u8(&s->out, SFTP_VERSION_REPLY);
    buf_put_u32(&s->out, SFTP_VERSION);
    put_extension(s, SFTP_POSIX_RENAME, "1");
    put_extension(s, SFTP_FSYNC, "1");
    put_extension(s, SFTP_STATVFS, "2");
    put_extension(s, SFTP_FSTATVFS, "2");
    put_extension(s, SFTP_LIMITS, "1");
    buf_end_string(&s->out, mark);
}

static void
on_packet(struct sftp_server *s, struct span packet)
{
    if (!s->greeted || packet.ptr[0] == SFTP_INIT)
        on_init(s, packet);
    else if (packet.ptr[0] == SFTP_WRITE)
        begin_write(s, packet);
    else
        sftp_on_request(s, packet);
}

/* The next packet, or one that waited for the run in front of it. */
static bool
take_packet(struct sftp_server *s, struct span *bytes)
{
    enum err err = OK;

    if (!s->held)
        err = sftp_receive(&s->rx, bytes, &s->packet);
    if (err != OK) {
        s->broken = err != ERR_MORE;
        return false;
    }
    s->held = s->run.piece_count > 0 && s->packet.ptr[0] != SFTP_WRITE;
    if (s->held)
        act_run(s);
    else
        on_packet(s, s->packet);
    return true;
}

const struct sftp_action *
sftp_server_next(struct sftp_server *s, struct span *bytes)
{
    if (s->busy)
        return NULL;
    while (!s->broken && !s->busy && buf_len(&s->out) < SFTP_OUTPUT_HIGH) {
        if (s->write.coming && bytes->len > 0)
            take_write(s, bytes);
        else if (s->write.coming || !take_packet(s, bytes))
            break;
    }
    return s->busy ? &s->action : NULL;
}

const struct sftp_action *
sftp_server_flush(struct sftp_server *s)
{
    if (s->busy || s->broken || s->run.piece_count == 0)
        return NULL;
    act_run(s);
    return &s->action;
}

void
sftp_server_set_clock(struct sftp_server *s, struct sftp_clock clock)
{
    s->clock = clock;
}

/* --- answers ----------------------------------------------------------- */

static void
free_slot(struct sftp_slot *slot)
{
    *slot = (struct sftp_slot){.generation = slot->generation};
}

/* The slot of an OPEN or a LIST that failed, or of what was closed. */
static void
on_slot_done(struct sftp_server *s, enum sftp_status status, const char *reason)
{
    struct sftp_slot *slot = &s->slots[s->action.slot];

    if (s->action.deed == SFTP_DO_LIST && status == SFTP_OK) {
        sftp_answer_handle(s, s->action.slot);
        return;
    }
    if (slot->failure != SFTP_OK)
        sftp_refuse(s, slot->failure, slot->reason);
    else
        sftp_refuse(s, status, reason);
    free_slot(slot);
}

void
sftp_server_done(struct sftp_server *s, enum sftp_status status,
                 const char *reason)
{
    assert(s->busy);
    s->busy = false;
    switch (s->action.deed) {
    case SFTP_DO_WRITE:
        on_run_done(s, status, reason);
        break;
    case SFTP_DO_OPEN:
    case SFTP_DO_LIST:
    case SFTP_DO_COMMIT:
    case SFTP_DO_FORGET:
        on_slot_done(s, status, reason);
        break;
    case SFTP_DO_TRUNCATE:
        if (status == SFTP_OK)
            s->slots[s->action.slot].file.size = s->action.offset;
        sftp_refuse(s, status, reason);
        break;
    default:
        sftp_refuse(s, status, reason);
        break;
    }
}

static void
end_names(struct sftp_server *s)
{
    size_t mark;

    if (s->name_count == 0) {
        sftp_refuse(s, SFTP_EOF, "");
        return;
    }
    mark = sftp_begin(&s->out, SFTP_NAME, s->id);
    buf_put_u32(&s->out, s->name_count);
    buf_put_span(&s->out, buf_span(&s->names));
    sftp_end(&s->out, mark);
    buf_clear(&s->names);
    s->name_count = 0;
}

void
sftp_server_attributes(struct sftp_server *s, const struct sftp_attributes *a)
{
    assert(s->busy);
    s->busy = false;
    if (s->action.deed == SFTP_DO_OPEN) {
        s->slots[s->action.slot].file = *a;
        sftp_answer_handle(s, s->action.slot);
    } else if (s->for_name) {
        (void)sftp_server_name(s, span_text("flash:"), a);
        end_names(s);
    } else {
        sftp_answer_attributes(s, a);
    }
}

void
sftp_server_data_begin(struct sftp_server *s, uint8_t *place, size_t room,
                       struct sftp_room rooms[2])
{
    struct span unsent = buf_span(&s->out);
    size_t len = s->action.length;

    assert(s->busy && s->action.deed == SFTP_DO_READ);
    s->moved = s->first = 0;
    if (room > unsent.len + SFTP_DATA_HEAD) {
        s->moved = unsent.len;
        if (unsent.len > 0)
            memcpy(place, unsent.ptr, unsent.len);
        buf_consume(&s->out, unsent.len);
        s->head = place + s->moved;
        s->first = room - s->moved - SFTP_DATA_HEAD;
        s->first = s->first < len ? s->first : len;
        rooms[0] = (struct sftp_room){s->head + SFTP_DATA_HEAD, s->first};
        rooms[1] = (struct sftp_room){buf_reserve(&s->out, len - s->first),
                                      len - s->first};
    } else {
        s->head = buf_reserve(&s->out, SFTP_DATA_HEAD + len);
        rooms[0] = (struct sftp_room){place, 0};
        rooms[1] = (struct sftp_room){s->head + SFTP_DATA_HEAD, len};
    }
}

static void
put_u32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

size_t
sftp_server_data_end(struct sftp_server *s, size_t came,
                     enum sftp_status status)
{
    size_t first = came < s->first ? came : s->first;

    assert(s->busy && s->action.deed == SFTP_DO_READ);
    assert(came <= s->action.length);
    s->busy = false;
    if (came == 0) {
        sftp_refuse(s, status, "");
        return s->moved;
    }
    put_u32(s->head, (uint32_t)(SFTP_DATA_HEAD - 4 + came));
    s->head[4] = SFTP_DATA;
    put_u32(s->head + 5, s->id);
    put_u32(s->head + 9, (uint32_t)came);
    if (s->first == 0) {
        buf_commit(&s->out, SFTP_DATA_HEAD + came);
        return 0;
    }
    buf_commit(&s->out, came - first);
    return s->moved + SFTP_DATA_HEAD + first;
}

bool
sftp_server_name(struct sftp_server *s, struct span name,
                 const struct sftp_attributes *a)
{
    /* Both forms of the name, and what stands beside it. */
    if (2 * name.len + 128 > NAMES_MAX - buf_len(&s->names))
        return false;
    buf_put_string(&s->names, name);
    sftp_put_long_name(&s->names, name, a, s->clock);
    sftp_put_attributes(&s->names, a);
    s->name_count++;
    return true;
}

void
sftp_server_names_end(struct sftp_server *s)
{
    assert(s->busy);
    s->busy = false;
    end_names(s);
}

void
sftp_server_space(struct sftp_server *s, const struct sftp_space *space)
{
    size_t mark = sftp_begin(&s->out, SFTP_EXTENDED_REPLY, s->id);

    assert(s->busy);
    s->busy = false;
    buf_put_u64(&s->out, space->block);
    buf_put_u64(&s->out, space->block);
    buf_put_u64(&s->out, space->blocks);
    buf_put_u64(&s->out, space->blocks_free);
    buf_put_u64(&s->out, space->blocks_free);
    buf_put_u64(&s->out, space->files);
    buf_put_u64(&s->out, space->files_free);
    buf_put_u64(&s->out, space->files_free);
    buf_put_u64(&s->out, 0); /* number of the file system */
    buf_put_u64(&s->out, SFTP_SPACE_NO_SETUID);
    buf_put_u64(&s->out, space->name_max);
    sftp_end(&s->out, mark);
}

/* --- output ------------------------------------------------------------ */

struct span
sftp_server_output(const struct sftp_server *s)
{
    return buf_span(&s->out);
}

void
sftp_server_output_sent(struct sftp_server *s, size_t len)
{
    buf_consume(&s->out, len);
}

bool
sftp_server_has_more(const struct sftp_server *s)
{
    return s->held && !s->broken;
}

bool
sftp_server_is_broken(const struct sftp_server *s)
{
    return s->broken;
}

bool
sftp_server_is_idle(const struct sftp_server *s)
{
    return !s->busy && !s->held && !s->write.coming &&
           s->run.piece_count == 0 && sftp_receiver_is_between(&s->rx);
}
