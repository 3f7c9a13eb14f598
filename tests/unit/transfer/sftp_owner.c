#include "sftp_owner.h"

#include <inttypes.h>
#include <stdio.h>

static const struct sftp_attributes plain = {
    .has = SFTP_HAS_SIZE | SFTP_HAS_MODE | SFTP_HAS_TIMES,
    .mode = SFTP_MODE_FILE | 0600,
    .changed_s = 1000};

static const char *
deed_name(enum sftp_deed deed)
{
    static const char *const names[] = {
        "OPEN",   "LIST",   "NAMES",  "READ",  "WRITE",   "TRUNCATE",
        "SYNC",   "COMMIT", "FORGET", "STAT",  "SETSTAT", "REMOVE",
        "RENAME", "MKDIR",  "RMDIR",  "SPACE",
    };

    return names[deed];
}

static void
note(struct owner *o, const struct sftp_action *a)
{
    buf_printf(&o->diary, "%s", deed_name(a->deed));
    switch (a->deed) {
    case SFTP_DO_OPEN:
        buf_printf(&o->diary, " %s %s%s%s", a->path,
                   a->how == SFTP_TO_READ    ? "read"
                   : a->how == SFTP_TO_WRITE ? "write"
                                             : "edit",
                   a->must_exist ? " old" : "", a->must_be_new ? " new" : "");
        break;
    case SFTP_DO_READ:
        buf_printf(&o->diary, " %" PRIu64 "+%u", a->offset, a->length);
        break;
    case SFTP_DO_WRITE:
        buf_printf(&o->diary, " %" PRIu64 "/%zu", a->offset, a->piece_count);
        break;
    case SFTP_DO_TRUNCATE:
        buf_printf(&o->diary, " %" PRIu64, a->offset);
        break;
    case SFTP_DO_RENAME:
        buf_printf(&o->diary, " %s %s%s", a->path, a->to,
                   a->replace ? " replace" : "");
        break;
    case SFTP_DO_COMMIT:
    case SFTP_DO_SETSTAT:
    case SFTP_DO_MKDIR:
        buf_printf(&o->diary, " %s %x %o",
                   a->deed == SFTP_DO_COMMIT ? "" : a->path, a->attributes.has,
                   a->attributes.mode);
        break;
    case SFTP_DO_STAT:
    case SFTP_DO_LIST:
    case SFTP_DO_REMOVE:
    case SFTP_DO_RMDIR:
        buf_printf(&o->diary, " '%s'", a->path);
        break;
    default:
        break;
    }
    buf_printf(&o->diary, ";");
}

static void
do_read(struct owner *o, const struct sftp_action *a)
{
    uint8_t *place = malloc(o->room + 1);
    struct sftp_room rooms[2];
    size_t left = a->offset < o->size ? o->size - (size_t)a->offset : 0;
    size_t came = left < a->length ? left : a->length, first, used;

    sftp_server_data_begin(o->s, place, o->room, rooms);
    assert_int_equal(rooms[0].len + rooms[1].len, a->length);
    first = came < rooms[0].len ? came : rooms[0].len;
    if (first > 0)
        memcpy(rooms[0].bytes, o->file + a->offset, first);
    if (came > first)
        memcpy(rooms[1].bytes, o->file + a->offset + first, came - first);
    used = sftp_server_data_end(o->s, came, SFTP_EOF);
    assert_true(used <= o->room);
    buf_put(&o->out, place, used);
    free(place);
}

static void
do_write(struct owner *o, const struct sftp_action *a)
{
    size_t at = (size_t)a->offset;

    for (size_t i = 0; i < a->piece_count; i++) {
        struct span piece = a->pieces[i];

        assert_true(at + piece.len <= FILE_MAX);
        memcpy(o->file + at, piece.ptr, piece.len);
        at += piece.len;
    }
    o->size = at > o->size ? at : o->size;
    sftp_server_done(o->s, SFTP_OK, "");
}

static void
do_names(struct owner *o)
{
    while (o->names > 0) {
        char name[200];

        snprintf(name, sizeof(name), "%0150u", o->names);
        if (!sftp_server_name(o->s, span_text(name), &plain))
            break;
        o->names--;
    }
    sftp_server_names_end(o->s);
}

void
perform(struct owner *o, const struct sftp_action *a)
{
    struct sftp_attributes attributes = plain;
    enum sftp_status refusal = o->refusal;

    note(o, a);
    attributes.size = o->size;
    if (refusal != SFTP_OK && a->deed != SFTP_DO_READ) {
        o->refusal = SFTP_OK;
        sftp_server_done(o->s, refusal, "by the owner");
    } else if (a->deed == SFTP_DO_OPEN || a->deed == SFTP_DO_STAT)
        sftp_server_attributes(o->s, &attributes);
    else if (a->deed == SFTP_DO_READ)
        do_read(o, a);
    else if (a->deed == SFTP_DO_WRITE)
        do_write(o, a);
    else if (a->deed == SFTP_DO_NAMES)
        do_names(o);
    else if (a->deed == SFTP_DO_SPACE)
        sftp_server_space(o->s, &(struct sftp_space){.block = 4096,
                                                     .blocks = 7,
                                                     .blocks_free = 5,
                                                     .name_max = 128});
    else
        sftp_server_done(o->s, SFTP_OK, "");
}

static void
take_output(struct owner *o)
{
    struct span out = sftp_server_output(o->s);

    buf_put_span(&o->out, out);
    sftp_server_output_sent(o->s, out.len);
}

/* Give the server these bytes, to their end. */
void
give(struct owner *o, struct span bytes)
{
    const struct sftp_action *a;

    do {
        while ((a = sftp_server_next(o->s, &bytes)) != NULL)
            perform(o, a);
        take_output(o);
    } while (bytes.len > 0 && !sftp_server_is_broken(o->s));
    while ((a = sftp_server_flush(o->s)) != NULL)
        perform(o, a);
    take_output(o);
}

/* All requests so far, in pieces of this length. */
void
ask_in(struct owner *o, size_t piece)
{
    while (buf_len(&o->in) > 0) {
        size_t len = buf_len(&o->in) < piece ? buf_len(&o->in) : piece;
        uint8_t *copy = malloc(len); /* gone as soon as it was given */

        memcpy(copy, buf_bytes(&o->in), len);
        give(o, span_of(copy, len));
        free(copy);
        buf_consume(&o->in, len);
    }
}

void
ask(struct owner *o)
{
    ask_in(o, 1000000);
}

void
put_init(struct owner *o)
{
    size_t mark = buf_begin_string(&o->in);

    buf_put_u8(&o->in, SFTP_INIT);
    buf_put_u32(&o->in, 3);
    buf_end_string(&o->in, mark);
}

struct owner *
owner_new(bool greeted)
{
    struct owner *o = calloc(1, sizeof(*o));

    o->s = sftp_server_new();
    o->room = ROOM;
    buf_init(&o->in, 4000000);
    buf_init(&o->out, 4000000);
    buf_init(&o->diary, 100000);
    if (greeted) {
        put_init(o);
        ask(o);
        buf_reset(&o->out);
    }
    return o;
}

void
owner_free(struct owner *o)
{
    assert_true(buf_ok(&o->out) && buf_ok(&o->diary) && buf_ok(&o->in));
    sftp_server_free(o->s);
    buf_clear(&o->in);
    buf_clear(&o->out);
    buf_clear(&o->diary);
    free(o);
}

void
expect_diary(struct owner *o, const char *text)
{
    assert_string_equal(buf_text(&o->diary), text);
    buf_reset(&o->diary);
}

/* --- answers -------------------------------------------------------------- */

/* The next answer: its type; `*r` stands behind its id. */
enum sftp_type
answer(struct owner *o, uint32_t id, struct reader *r, struct span *body)
{
    struct reader all = reader_over(buf_span(&o->out));
    enum sftp_type type;

    *body = read_string(&all);
    assert_true(read_ok(&all) && body->len >= 5);
    *r = reader_over(*body);
    type = (enum sftp_type)read_u8(r);
    assert_int_equal(read_u32(r), id);
    return type;
}

void
drop_answer(struct owner *o, struct span body)
{
    buf_consume(&o->out, body.len + 4);
}

void
expect_status(struct owner *o, uint32_t id, enum sftp_status status)
{
    struct reader r;
    struct span body;

    assert_int_equal(answer(o, id, &r, &body), SFTP_STATUS);
    assert_int_equal(read_u32(&r), status);
    assert_true(read_string(&r).len > 0);
    assert_true(span_is(read_string(&r), "en"));
    assert_true(read_done(&r));
    drop_answer(o, body);
}

void
expect_handle(struct owner *o, uint32_t id, uint8_t handle[8])
{
    struct reader r;
    struct span body, given;

    assert_int_equal(answer(o, id, &r, &body), SFTP_HANDLE);
    given = read_string(&r);
    assert_int_equal(given.len, 8);
    memcpy(handle, given.ptr, 8);
    drop_answer(o, body);
}

void
expect_size(struct owner *o, uint32_t id, uint64_t size)
{
    struct sftp_attributes a;
    struct reader r;
    struct span body;

    assert_int_equal(answer(o, id, &r, &body), SFTP_ATTRS);
    sftp_read_attributes(&r, &a);
    assert_true(read_done(&r));
    assert_true(a.size == size);
    drop_answer(o, body);
}

void
expect_data(struct owner *o, uint32_t id, size_t at, size_t len)
{
    struct reader r;
    struct span body, data;

    assert_int_equal(answer(o, id, &r, &body), SFTP_DATA);
    data = read_string(&r);
    assert_true(read_done(&r));
    assert_int_equal(data.len, len);
    assert_memory_equal(data.ptr, o->file + at, len);
    drop_answer(o, body);
}

void
expect_nothing(struct owner *o)
{
    assert_int_equal(buf_len(&o->out), 0);
}

/* --- requests ------------------------------------------------------------- */

void
put_path(struct owner *o, enum sftp_type type, uint32_t id, const char *path)
{
    size_t mark = sftp_begin(&o->in, type, id);

    buf_put_text(&o->in, path);
    sftp_end(&o->in, mark);
}

void
put_open(struct owner *o, uint32_t id, const char *path, uint32_t flags)
{
    struct sftp_attributes a = {.has = SFTP_HAS_MODE, .mode = 0100640};
    size_t mark = sftp_begin(&o->in, SFTP_OPEN, id);

    buf_put_text(&o->in, path);
    buf_put_u32(&o->in, flags);
    sftp_put_attributes(&o->in, &a);
    sftp_end(&o->in, mark);
}

void
put_handle(struct owner *o, enum sftp_type type, uint32_t id,
           const uint8_t handle[8])
{
    size_t mark = sftp_begin(&o->in, type, id);

    buf_put_string(&o->in, span_of(handle, 8));
    sftp_end(&o->in, mark);
}

void
put_write(struct owner *o, uint32_t id, const uint8_t handle[8], uint64_t at,
          const char *text)
{
    size_t mark = sftp_begin(&o->in, SFTP_WRITE, id);

    buf_put_string(&o->in, span_of(handle, 8));
    buf_put_u64(&o->in, at);
    buf_put_text(&o->in, text);
    sftp_end(&o->in, mark);
}

void
put_read(struct owner *o, uint32_t id, const uint8_t handle[8], uint64_t at,
         uint32_t len)
{
    size_t mark = sftp_begin(&o->in, SFTP_READ, id);

    buf_put_string(&o->in, span_of(handle, 8));
    buf_put_u64(&o->in, at);
    buf_put_u32(&o->in, len);
    sftp_end(&o->in, mark);
}

void
put_extended(struct owner *o, uint32_t id, const char *name,
             struct span argument)
{
    size_t mark = sftp_begin(&o->in, SFTP_EXTENDED, id);

    buf_put_text(&o->in, name);
    buf_put_span(&o->in, argument);
    sftp_end(&o->in, mark);
}

void
open_file(struct owner *o, const char *path, uint32_t flags, uint8_t handle[8])
{
    put_open(o, 99, path, flags);
    ask(o);
    expect_handle(o, 99, handle);
    buf_reset(&o->diary);
}
