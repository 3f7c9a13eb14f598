/*
 * The server's end, asked by packets; a small owner does the deeds, with one
 * file of memory, and keeps a diary of them.
 */
#include "transfer/sftp_server.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILE_MAX 200000
#define ROOM     32768 /* of one packet of the channel */

struct owner {
    struct sftp_server *s;
    struct buf in;            /* requests not yet given to the server */
    struct buf out;           /* all that it answered */
    struct buf diary;         /* the deeds */
    enum sftp_status refusal; /* of the next deed but reading */
    uint8_t file[FILE_MAX];
    size_t size;
    size_t room; /* for READ; 0: none */
    unsigned names;
};

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

static void
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
static void
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
static void
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

static void
ask(struct owner *o)
{
    ask_in(o, 1000000);
}

static void
put_init(struct owner *o)
{
    size_t mark = buf_begin_string(&o->in);

    buf_put_u8(&o->in, SFTP_INIT);
    buf_put_u32(&o->in, 3);
    buf_end_string(&o->in, mark);
}

static struct owner *
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

static void
owner_free(struct owner *o)
{
    assert_true(buf_ok(&o->out) && buf_ok(&o->diary) && buf_ok(&o->in));
    sftp_server_free(o->s);
    buf_clear(&o->in);
    buf_clear(&o->out);
    buf_clear(&o->diary);
    free(o);
}

static void
expect_diary(struct owner *o, const char *text)
{
    assert_string_equal(buf_text(&o->diary), text);
    buf_reset(&o->diary);
}

/* --- answers ----------------------------------------------------------- */

/* The next answer: its type; `*r` stands behind its id. */
static enum sftp_type
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

static void
drop_answer(struct owner *o, struct span body)
{
    buf_consume(&o->out, body.len + 4);
}

static void
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

static void
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

static void
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

static void
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

static void
expect_nothing(struct owner *o)
{
    assert_int_equal(buf_len(&o->out), 0);
}

/* --- requests ---------------------------------------------------------- */

static void
put_path(struct owner *o, enum sftp_type type, uint32_t id, const char *path)
{
    size_t mark = sftp_begin(&o->in, type, id);

    buf_put_text(&o->in, path);
    sftp_end(&o->in, mark);
}

static void
put_open(struct owner *o, uint32_t id, const char *path, uint32_t flags)
{
    struct sftp_attributes a = {.has = SFTP_HAS_MODE, .mode = 0100640};
    size_t mark = sftp_begin(&o->in, SFTP_OPEN, id);

    buf_put_text(&o->in, path);
    buf_put_u32(&o->in, flags);
    sftp_put_attributes(&o->in, &a);
    sftp_end(&o->in, mark);
}

static void
put_handle(struct owner *o, enum sftp_type type, uint32_t id,
           const uint8_t handle[8])
{
    size_t mark = sftp_begin(&o->in, type, id);

    buf_put_string(&o->in, span_of(handle, 8));
    sftp_end(&o->in, mark);
}

static void
put_write(struct owner *o, uint32_t id, const uint8_t handle[8], uint64_t at,
          const char *text)
{
    size_t mark = sftp_begin(&o->in, SFTP_WRITE, id);

    buf_put_string(&o->in, span_of(handle, 8));
    buf_put_u64(&o->in, at);
    buf_put_text(&o->in, text);
    sftp_end(&o->in, mark);
}

static void
put_read(struct owner *o, uint32_t id, const uint8_t handle[8], uint64_t at,
         uint32_t len)
{
    size_t mark = sftp_begin(&o->in, SFTP_READ, id);

    buf_put_string(&o->in, span_of(handle, 8));
    buf_put_u64(&o->in, at);
    buf_put_u32(&o->in, len);
    sftp_end(&o->in, mark);
}

static void
put_extended(struct owner *o, uint32_t id, const char *name,
             struct span argument)
{
    size_t mark = sftp_begin(&o->in, SFTP_EXTENDED, id);

    buf_put_text(&o->in, name);
    buf_put_span(&o->in, argument);
    sftp_end(&o->in, mark);
}

static void
open_file(struct owner *o, const char *path, uint32_t flags, uint8_t handle[8])
{
    put_open(o, 99, path, flags);
    ask(o);
    expect_handle(o, 99, handle);
    buf_reset(&o->diary);
}

#define PUT (SFTP_OPEN_WRITE | SFTP_OPEN_CREATE | SFTP_OPEN_TRUNCATE)

/* --- beginning --------------------------------------------------------- */

static void
test_the_version_comes_first(void **state)
{
    struct owner *o = owner_new(false);
    struct reader r;

    (void)state;
    put_init(o);
    ask(o);
    r = reader_over(buf_span(&o->out));
    read_u32(&r);
    assert_int_equal(read_u8(&r), SFTP_VERSION_REPLY);
    assert_int_equal(read_u32(&r), 3);
    assert_true(span_is(read_string(&r), SFTP_POSIX_RENAME));
    assert_true(span_is(read_string(&r), "1"));
    put_init(o); /* once */
    ask(o);
    assert_true(sftp_server_is_broken(o->s));
    owner_free(o);

    o = owner_new(false);
    put_path(o, SFTP_STAT, 1, "x");
    ask(o);
    assert_true(sftp_server_is_broken(o->s));
    expect_diary(o, "");
    owner_free(o);
}

static void
test_bad_framing_breaks_it(void **state)
{
    static const struct span bad[] = {
        {(const uint8_t *)"\0\0\0\0\0", 5},
        {(const uint8_t *)"\xff\xff\xff\xff\5", 5},
        {(const uint8_t *)"\0\0\0\4\5\0\0\0", 8}, /* READ without an id */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct owner *o = owner_new(true);

        buf_put_span(&o->in, bad[i]);
        ask(o);
        assert_true(sftp_server_is_broken(o->s));
        owner_free(o);
    }
}

static void
test_what_nobody_knows_is_unsupported(void **state)
{
    struct owner *o = owner_new(true);

    (void)state;
    put_path(o, SFTP_READLINK, 1, "x");
    put_path(o, SFTP_SYMLINK, 2, "x");
    put_path(o, (enum sftp_type)255, 3, "x");
    put_path(o, SFTP_EXTENDED, 4, "hardlink@openssh.com");
    put_path(o, SFTP_DATA, 5, "x");
    ask(o);
    for (uint32_t id = 1; id <= 5; id++)
        expect_status(o, id, SFTP_OP_UNSUPPORTED);
    expect_diary(o, "");
    owner_free(o);
}

static void
test_fields_that_lie_are_bad_messages(void **state)
{
    struct owner *o = owner_new(true);
    size_t mark = sftp_begin(&o->in, SFTP_SETSTAT, 1);

    (void)state;
    buf_put_text(&o->in, "x");
    buf_put_u32(&o->in, SFTP_HAS_SIZE); /* and no size */
    sftp_end(&o->in, mark);
    mark = sftp_begin(&o->in, SFTP_STAT, 2);
    buf_put_u32(&o->in, 1000); /* and no path */
    sftp_end(&o->in, mark);
    mark = sftp_begin(&o->in, SFTP_STAT, 3);
    buf_put_text(&o->in, "x");
    buf_put_u8(&o->in, 0); /* left over */
    sftp_end(&o->in, mark);
    ask(o);
    for (uint32_t id = 1; id <= 3; id++)
        expect_status(o, id, SFTP_BAD_MESSAGE);
    expect_diary(o, "");
    owner_free(o);
}

/* --- paths ------------------------------------------------------------- */

static void
test_no_request_leaves_flash(void **state)
{
    static const char *const up[] = {"..", "/flash:/../x", "a/../../x"};
    static const enum sftp_type requests[] = {
        SFTP_OPENDIR, SFTP_STAT, SFTP_LSTAT, SFTP_REMOVE, SFTP_RMDIR,
    };
    struct owner *o = owner_new(true);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 5; k++)
            put_path(o, requests[k], 1, up[i]);
        put_open(o, 1, up[i], SFTP_OPEN_READ);
        put_open(o, 1, up[i], PUT);
    }
    ask(o);
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 3; k++)
            expect_status(o, 1, SFTP_NO_SUCH_FILE);
        for (size_t k = 0; k < 2; k++)
            expect_status(o, 1, SFTP_PERMISSION_DENIED);
        expect_status(o, 1, SFTP_NO_SUCH_FILE);
        expect_status(o, 1, SFTP_PERMISSION_DENIED);
    }
    expect_nothing(o);
    expect_diary(o, "");
    owner_free(o);
}

static void
test_flash_itself_is_no_file(void **state)
{
    struct owner *o = owner_new(true);

    (void)state;
    put_path(o, SFTP_REMOVE, 1, "/flash:");
    put_path(o, SFTP_RMDIR, 2, "/");
    put_open(o, 3, ".", SFTP_OPEN_READ);
    put_open(o, 4, "/", PUT);
    ask(o);
    expect_status(o, 1, SFTP_PERMISSION_DENIED);
    expect_status(o, 2, SFTP_PERMISSION_DENIED);
    expect_status(o, 3, SFTP_FAILURE);
    expect_status(o, 4, SFTP_FAILURE);
    expect_diary(o, "");
    owner_free(o);
}

static void
test_realpath_is_absolute(void **state)
{
    struct owner *o = owner_new(true);
    struct reader r;
    struct span body;

    (void)state;
    put_path(o, SFTP_REALPATH, 1, ".");
    ask(o);
    assert_int_equal(answer(o, 1, &r, &body), SFTP_NAME);
    assert_int_equal(read_u32(&r), 1);
    assert_true(span_is(read_string(&r), "/flash:"));
    assert_true(span_is(read_string(&r), "/flash:"));
    assert_int_equal(read_u32(&r), 0);
    assert_true(read_done(&r));
    owner_free(o);
}

static void
test_a_path_of_5000_bytes_is_refused(void **state)
{
    static const enum sftp_type requests[] = {SFTP_STAT, SFTP_REALPATH};
    struct owner *o = owner_new(true);
    char path[5001];

    (void)state;
    memset(path, '/', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    for (size_t i = 0; i < 2; i++) {
        put_path(o, requests[i], 1, path);
        ask(o);
        expect_status(o, 1, SFTP_NO_SUCH_FILE);
    }
    owner_free(o);
}

/* --- opening and closing ----------------------------------------------- */

static void
test_flags_of_open(void **state)
{
    static const struct {
        uint32_t flags;
        const char *diary;
    } opens[] = {
        {SFTP_OPEN_READ, "OPEN a/b read old;"},
        {PUT, "OPEN a/b write;"},
        {PUT | SFTP_OPEN_READ, "OPEN a/b write;"},
        {PUT | SFTP_OPEN_NEW, "OPEN a/b write new;"},
        {SFTP_OPEN_WRITE | SFTP_OPEN_CREATE | SFTP_OPEN_NEW,
         "OPEN a/b write new;"},
        {SFTP_OPEN_WRITE | SFTP_OPEN_TRUNCATE, "OPEN a/b write old;"},
        {SFTP_OPEN_WRITE | SFTP_OPEN_CREATE, "OPEN a/b edit;"},
        {SFTP_OPEN_WRITE | SFTP_OPEN_READ, "OPEN a/b edit old;"},
        {SFTP_OPEN_WRITE | SFTP_OPEN_CREATE | SFTP_OPEN_APPEND,
         "OPEN a/b edit;"},
        {0, ""},
        {SFTP_OPEN_CREATE, ""},
        {SFTP_OPEN_READ | SFTP_OPEN_TRUNCATE, ""},
        {PUT | 0x40, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
        struct owner *o = owner_new(true);
        uint8_t handle[8];

        put_open(o, 1, "/flash:/a/b", opens[i].flags);
        ask(o);
        if (opens[i].diary[0] == '\0')
            expect_status(o, 1, SFTP_FAILURE);
        else
            expect_handle(o, 1, handle);
        expect_diary(o, opens[i].diary);
        owner_free(o);
    }
}

static void
test_a_put_is_committed_by_close(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];

    (void)state;
    open_file(o, "x", PUT, handle);
    put_write(o, 1, handle, 0, "hello ");
    put_write(o, 2, handle, 6, "world");
    put_path(o, SFTP_STAT, 3, "/flash:x"); /* one's own is seen */
    put_handle(o, SFTP_FSTAT, 4, handle);
    put_handle(o, SFTP_CLOSE, 5, handle);
    put_handle(o, SFTP_CLOSE, 6, handle);
    ask(o);
    expect_diary(o, "WRITE 0/2;COMMIT  4 640;");
    expect_status(o, 1, SFTP_OK);
    expect_status(o, 2, SFTP_OK);
    expect_size(o, 3, 11);
    expect_size(o, 4, 11);
    expect_status(o, 5, SFTP_OK);
    expect_status(o, 6, SFTP_FAILURE);
    expect_nothing(o);
    assert_memory_equal(o->file, "hello world", 11);
    assert_true(sftp_server_is_idle(o->s));
    owner_free(o);
}

static void
test_a_failed_write_spoils_the_file(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];

    (void)state;
    open_file(o, "x", PUT, handle);
    put_write(o, 1, handle, 0, "a");
    put_write(o, 2, handle, 1, "b");
    o->refusal = SFTP_FAILURE;
    ask(o);
    put_write(o, 3, handle, 2, "c");
    put_handle(o, SFTP_CLOSE, 4, handle);
    put_handle(o, SFTP_FSTAT, 5, handle);
    ask(o);
    for (uint32_t id = 1; id <= 5; id++)
        expect_status(o, id, SFTP_FAILURE);
    expect_diary(o, "WRITE 0/2;FORGET;");
    owner_free(o);
}

/* The first bytes of a WRITE failed: the others are taken and forgotten. */
static void
test_a_write_that_fails_halfway_is_answered_once(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];

    (void)state;
    open_file(o, "x", PUT, handle);
    put_write(o, 1, handle, 0, "0123456789");
    o->refusal = SFTP_FAILURE;
    ask_in(o, 30);
    expect_diary(o, "WRITE 0/1;");
    expect_status(o, 1, SFTP_FAILURE);
    expect_nothing(o);
    assert_true(sftp_server_is_idle(o->s));
    owner_free(o);
}

static void
test_writes_to_other_places_are_others(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t one[8], two[8];

    (void)state;
    open_file(o, "x", PUT, one);
    open_file(o, "y", PUT, two);
    put_write(o, 1, one, 10, "a");
    put_write(o, 2, one, 12, "b");
    put_write(o, 3, two, 13, "c");
    put_write(o, 4, two, 14, "");
    put_write(o, 5, two, 14, "d");
    ask(o);
    expect_diary(o, "WRITE 10/1;WRITE 12/1;WRITE 13/2;");
    expect_status(o, 1, SFTP_OK);
    expect_status(o, 2, SFTP_OK);
    expect_status(o, 4, SFTP_OK); /* there was nothing to wait for */
    expect_status(o, 3, SFTP_OK);
    expect_status(o, 5, SFTP_OK);
    owner_free(o);
}

static void
test_append_writes_at_the_end(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];

    (void)state;
    o->size = 100;
    open_file(o, "x", SFTP_OPEN_WRITE | SFTP_OPEN_APPEND | SFTP_OPEN_CREATE,
              handle);
    put_write(o, 1, handle, 0, "abc");
    put_write(o, 2, handle, 0, "de");
    ask(o);
    expect_diary(o, "WRITE 100/2;");
    assert_int_equal(o->size, 105);
    owner_free(o);
}

static void
test_offsets_beyond_2_63_fail(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];

    (void)state;
    open_file(o, "x", PUT | SFTP_OPEN_READ, handle);
    put_write(o, 1, handle, INT64_MAX, "a");
    put_write(o, 2, handle, UINT64_MAX, "a");
    put_read(o, 3, handle, UINT64_MAX, 1);
    put_read(o, 4, handle, UINT64_C(1) << 63, 1);
    ask(o);
    for (uint32_t id = 1; id <= 4; id++)
        expect_status(o, id, SFTP_FAILURE);
    put_write(o, 5, handle, 0, "a"); /* nothing is spoilt by that */
    ask(o);
    expect_status(o, 5, SFTP_OK);
    expect_diary(o, "WRITE 0/1;");
    owner_free(o);
}

static void
test_many_writes_are_more_than_one_action(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];

    (void)state;
    open_file(o, "x", PUT, handle);
    for (uint32_t i = 0; i < 2 * SFTP_PIECES_MAX + 1; i++)
        put_write(o, i, handle, i, "x");
    ask(o);
    expect_diary(o, "WRITE 0/64;WRITE 64/64;WRITE 128/1;");
    for (uint32_t i = 0; i < 2 * SFTP_PIECES_MAX + 1; i++)
        expect_status(o, i, SFTP_OK);
    owner_free(o);
}

static void
test_bytes_come_in_any_pieces(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 80; piece++) {
        struct owner *o = owner_new(true);
        uint8_t handle[8];

        open_file(o, "x", PUT, handle);
        put_write(o, 1, handle, 0, "hello ");
        put_write(o, 2, handle, 6, "world");
        put_write(o, 3, handle, 20, "!");
        put_handle(o, SFTP_CLOSE, 4, handle);
        ask_in(o, piece);
        for (uint32_t id = 1; id <= 4; id++)
            expect_status(o, id, SFTP_OK);
        assert_memory_equal(o->file, "hello world\0\0\0\0\0\0\0\0\0!", 21);
        owner_free(o);
    }
}

static void
test_foreign_handles_fail(void **state)
{
    static const struct span bad[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"\0\0\0\0", 4},
        {(const uint8_t *)"\0\0\0\0\0\0\0\0", 8},   /* another generation */
        {(const uint8_t *)"\0\0\0\x20\0\0\0\1", 8}, /* one too far */
        {(const uint8_t *)"\xff\xff\xff\xff\xff\xff\xff\xff", 8},
        {(const uint8_t *)"\0\0\0\0\0\0\0\1\0", 9},
    };
    struct owner *o = owner_new(true);
    uint8_t handle[8];
    struct buf big;

    (void)state;
    open_file(o, "x", PUT, handle);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        size_t mark = sftp_begin(&o->in, SFTP_CLOSE, 1);

        buf_put_string(&o->in, bad[i]);
        sftp_end(&o->in, mark);
        mark = sftp_begin(&o->in, SFTP_WRITE, 2);
        buf_put_string(&o->in, bad[i]);
        buf_put_u64(&o->in, 0);
        buf_put_text(&o->in, "bytes");
        sftp_end(&o->in, mark);
        ask(o);
        expect_status(o, 1, SFTP_FAILURE);
        expect_status(o, 2, SFTP_FAILURE);
    }
    expect_diary(o, "");
    buf_init(&big, 300);
    for (int i = 0; i < 257; i++)
        buf_put_u8(&big, 0);
    put_extended(o, 3, SFTP_FSYNC, SPAN_EMPTY);
    {
        size_t mark = sftp_begin(&o->in, SFTP_CLOSE, 4);

        buf_put_string(&o->in, buf_span(&big));
        sftp_end(&o->in, mark);
    }
    ask(o);
    expect_status(o, 3, SFTP_BAD_MESSAGE);
    expect_status(o, 4, SFTP_FAILURE);
    buf_clear(&big);
    owner_free(o);
}

static void
test_a_closed_handle_stays_closed(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t old[8], fresh[8];

    (void)state;
    open_file(o, "x", SFTP_OPEN_READ, old);
    put_handle(o, SFTP_CLOSE, 1, old);
    ask(o);
    expect_status(o, 1, SFTP_OK);
    open_file(o, "y", SFTP_OPEN_READ, fresh);
    assert_memory_not_equal(old, fresh, 8);
    put_read(o, 2, old, 0, 1);
    ask(o);
    expect_status(o, 2, SFTP_FAILURE);
    owner_free(o);
}

static void
test_handles_are_limited(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];

    (void)state;
    for (uint32_t i = 0; i < SFTP_SLOTS; i++)
        put_open(o, i, "x", i % 2 ? SFTP_OPEN_READ : PUT);
    put_open(o, 1000, "x", SFTP_OPEN_READ);
    put_path(o, SFTP_OPENDIR, 1001, "/");
    ask(o);
    for (uint32_t i = 0; i < SFTP_SLOTS; i++)
        expect_handle(o, i, handle);
    expect_status(o, 1000, SFTP_FAILURE);
    expect_status(o, 1001, SFTP_FAILURE);
    put_handle(o, SFTP_CLOSE, 1, handle);
    put_open(o, 2, "x", SFTP_OPEN_READ);
    ask(o);
    expect_status(o, 1, SFTP_OK);
    expect_handle(o, 2, handle);
    owner_free(o);
}

static void
test_a_refused_open_leaves_no_handle(void **state)
{
    struct owner *o = owner_new(true);

    (void)state;
    for (uint32_t i = 0; i < 2 * SFTP_SLOTS; i++) {
        put_open(o, i, "x", SFTP_OPEN_READ);
        o->refusal = SFTP_NO_SUCH_FILE;
        ask(o);
        expect_status(o, i, SFTP_NO_SUCH_FILE);
        put_path(o, SFTP_OPENDIR, i, "x");
        o->refusal = SFTP_NO_SUCH_FILE;
        ask(o);
        expect_status(o, i, SFTP_NO_SUCH_FILE);
    }
    owner_free(o);
}

/* --- reading ----------------------------------------------------------- */

static void
test_reads_fill_whatever_room_there_is(void **state)
{
    static const size_t rooms[] = {0, 1, 13, 14, 100, 20000, 32768, 70000};

    (void)state;
    for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
        struct owner *o = owner_new(true);
        uint8_t handle[8];

        o->room = rooms[i];
        o->size = 70001;
        for (size_t k = 0; k < o->size; k++)
            o->file[k] = (uint8_t)(k * 7 + k / 256);
        open_file(o, "x", SFTP_OPEN_READ, handle);
        put_read(o, 1, handle, 0, 32768);
        put_read(o, 2, handle, 32768, 32768);
        put_path(o, SFTP_RMDIR, 3, "d");
        put_read(o, 4, handle, 65536, 32768);
        put_read(o, 5, handle, 70000, 1);
        put_read(o, 6, handle, 70001, 32768);
        put_read(o, 7, handle, 0, UINT32_MAX);
        put_read(o, 8, handle, 0, 0);
        ask(o);
        expect_data(o, 1, 0, 32768);
        expect_data(o, 2, 32768, 32768);
        expect_status(o, 3, SFTP_OK);
        expect_data(o, 4, 65536, 70001 - 65536);
        expect_data(o, 5, 70000, 1);
        expect_status(o, 6, SFTP_EOF);
        expect_data(o, 7, 0, SFTP_DATA_MAX);
        expect_status(o, 8, SFTP_EOF);
        expect_nothing(o);
        owner_free(o);
    }
}

static void
test_what_was_not_opened_for_it_is_not_read(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t file[8], dir[8], reading[8];

    (void)state;
    open_file(o, "x", PUT, file);
    open_file(o, "y", SFTP_OPEN_READ, reading);
    put_path(o, SFTP_OPENDIR, 1, "d");
    ask(o);
    expect_handle(o, 1, dir);
    buf_reset(&o->diary);
    put_read(o, 2, file, 0, 1);
    put_read(o, 3, dir, 0, 1);
    put_handle(o, SFTP_READDIR, 4, file);
    put_write(o, 5, dir, 0, "x");
    put_write(o, 6, reading, 0, "x");
    ask(o);
    for (uint32_t id = 2; id <= 6; id++)
        expect_status(o, id, SFTP_FAILURE);
    expect_diary(o, "");
    owner_free(o);
}

/* Answers that nobody fetches hold up further requests. */
static void
test_output_is_bounded(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];
    struct span bytes;
    const struct sftp_action *a;

    (void)state;
    o->room = 0;
    o->size = FILE_MAX;
    open_file(o, "x", SFTP_OPEN_READ, handle);
    for (uint32_t i = 0; i < 100; i++)
        put_read(o, i, handle, 0, 32768);
    bytes = buf_span(&o->in);
    while ((a = sftp_server_next(o->s, &bytes)) != NULL)
        perform(o, a);
    assert_true(bytes.len > 0);
    assert_true(sftp_server_output(o->s).len <= SFTP_OUTPUT_MAX);
    give(o, bytes);
    for (uint32_t i = 0; i < 100; i++)
        expect_data(o, i, 0, 32768);
    owner_free(o);
}

static unsigned
expect_names(struct owner *o, uint32_t id)
{
    struct reader r;
    struct span body;
    unsigned count;

    assert_int_equal(answer(o, id, &r, &body), SFTP_NAME);
    assert_true(body.len <= SFTP_PACKET_MAX);
    count = read_u32(&r);
    for (unsigned i = 0; i < count; i++) {
        struct sftp_attributes a;
        struct span name = read_string(&r), line = read_string(&r);

        sftp_read_attributes(&r, &a);
        assert_true(line.len > name.len);
        assert_memory_equal(line.ptr + line.len - name.len, name.ptr, name.len);
    }
    assert_true(read_done(&r));
    drop_answer(o, body);
    return count;
}

static void
test_a_directory_is_read_page_by_page(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];
    unsigned count;

    (void)state;
    o->names = 120;
    put_path(o, SFTP_OPENDIR, 1, "d");
    ask(o);
    expect_handle(o, 1, handle);
    put_handle(o, SFTP_READDIR, 2, handle);
    put_handle(o, SFTP_READDIR, 3, handle);
    put_handle(o, SFTP_READDIR, 4, handle);
    put_handle(o, SFTP_CLOSE, 5, handle);
    ask(o);
    expect_diary(o, "LIST 'd';NAMES;NAMES;NAMES;FORGET;");
    count = expect_names(o, 2);
    assert_true(count < 120);
    assert_int_equal(count + expect_names(o, 3), 120);
    expect_status(o, 4, SFTP_EOF);
    expect_status(o, 5, SFTP_OK);
    owner_free(o);
}

static void
test_the_top_holds_flash(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];
    struct reader r;
    struct span body;

    (void)state;
    put_path(o, SFTP_OPENDIR, 1, "/");
    ask(o);
    expect_handle(o, 1, handle);
    put_handle(o, SFTP_READDIR, 2, handle);
    put_handle(o, SFTP_READDIR, 3, handle);
    put_handle(o, SFTP_CLOSE, 4, handle);
    ask(o);
    expect_diary(o, "STAT '';");
    assert_int_equal(answer(o, 2, &r, &body), SFTP_NAME);
    assert_int_equal(read_u32(&r), 1);
    assert_true(span_is(read_string(&r), "flash:"));
    drop_answer(o, body);
    expect_status(o, 3, SFTP_EOF);
    expect_status(o, 4, SFTP_OK);
    owner_free(o);
}

/* --- changing ---------------------------------------------------------- */

static void
put_setstat(struct owner *o, uint32_t id, const char *path,
            struct sftp_attributes a)
{
    size_t mark = sftp_begin(&o->in, SFTP_SETSTAT, id);

    buf_put_text(&o->in, path);
    sftp_put_attributes(&o->in, &a);
    sftp_end(&o->in, mark);
}

#define MODE(m)                           \
    (struct sftp_attributes)              \
    {                                     \
        .has = SFTP_HAS_MODE, .mode = (m) \
    }

static void
test_what_may_be_set(void **state)
{
    struct owner *o = owner_new(true);

    (void)state;
    put_setstat(o, 1, "x", MODE(0100755));
    put_setstat(o, 2, "x", MODE(04755));
    put_setstat(
        o, 3, "x",
        (struct sftp_attributes){.has = SFTP_HAS_OWNER | SFTP_HAS_MODE});
    put_setstat(o, 4, "x", (struct sftp_attributes){.has = 0});
    put_setstat(o, 5, "x",
                (struct sftp_attributes){.has = SFTP_HAS_SIZE,
                                         .size = UINT64_C(1) << 63});
    ask(o);
    expect_status(o, 1, SFTP_OK);
    expect_status(o, 2, SFTP_PERMISSION_DENIED);
    expect_status(o, 3, SFTP_PERMISSION_DENIED);
    expect_status(o, 4, SFTP_OK);
    expect_status(o, 5, SFTP_PERMISSION_DENIED);
    expect_diary(o, "SETSTAT x 4 755;");
    owner_free(o);
}

static void
test_a_file_that_is_written_is_set_in_the_end(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];
    size_t mark;

    (void)state;
    open_file(o, "x", PUT, handle);
    put_setstat(o, 1, "/flash:/x", MODE(0600));
    mark = sftp_begin(&o->in, SFTP_FSETSTAT, 2);
    buf_put_string(&o->in, span_of(handle, 8));
    sftp_put_attributes(
        &o->in, &(struct sftp_attributes){.has = SFTP_HAS_TIMES | SFTP_HAS_SIZE,
                                          .size = 9});
    sftp_end(&o->in, mark);
    put_handle(o, SFTP_FSTAT, 3, handle);
    put_handle(o, SFTP_CLOSE, 4, handle);
    ask(o);
    expect_diary(o, "TRUNCATE 9;COMMIT  c 600;");
    expect_status(o, 1, SFTP_OK);
    expect_status(o, 2, SFTP_OK);
    expect_size(o, 3, 9);
    expect_status(o, 4, SFTP_OK);
    owner_free(o);
}

static void
put_two(struct buf *b, const char *from, const char *to)
{
    buf_put_text(b, from);
    buf_put_text(b, to);
}

static void
test_renaming(void **state)
{
    struct owner *o = owner_new(true);
    struct buf two;
    size_t mark = sftp_begin(&o->in, SFTP_RENAME, 1);

    (void)state;
    put_two(&o->in, "a", "b");
    sftp_end(&o->in, mark);
    buf_init(&two, 100);
    put_two(&two, "/flash:/a", "flash:d/b");
    put_extended(o, 2, SFTP_POSIX_RENAME, buf_span(&two));
    mark = sftp_begin(&o->in, SFTP_RENAME, 3);
    put_two(&o->in, "a", "../b");
    sftp_end(&o->in, mark);
    mark = sftp_begin(&o->in, SFTP_RENAME, 4);
    put_two(&o->in, "a", "/flash:");
    sftp_end(&o->in, mark);
    ask(o);
    expect_diary(o, "RENAME a b;RENAME a d/b replace;");
    expect_status(o, 1, SFTP_OK);
    expect_status(o, 2, SFTP_OK);
    expect_status(o, 3, SFTP_PERMISSION_DENIED);
    expect_status(o, 4, SFTP_PERMISSION_DENIED);
    buf_clear(&two);
    owner_free(o);
}

static void
test_directories_are_made_with_rights_alone(void **state)
{
    struct owner *o = owner_new(true);
    size_t mark = sftp_begin(&o->in, SFTP_MKDIR, 1);

    (void)state;
    buf_put_text(&o->in, "d");
    sftp_put_attributes(&o->in, &MODE(042755));
    sftp_end(&o->in, mark);
    put_path(o, SFTP_RMDIR, 2, "d");
    put_path(o, SFTP_REMOVE, 3, "f");
    ask(o);
    expect_diary(o, "MKDIR d 4 755;RMDIR 'd';REMOVE 'f';");
    owner_free(o);
}

/* --- extensions -------------------------------------------------------- */

static void
test_extensions(void **state)
{
    struct owner *o = owner_new(true);
    uint8_t handle[8];
    struct buf argument;
    struct reader r;
    struct span body;

    (void)state;
    open_file(o, "x", PUT, handle);
    buf_init(&argument, 100);
    put_extended(o, 1, SFTP_LIMITS, SPAN_EMPTY);
    buf_put_string(&argument, span_of(handle, 8));
    put_extended(o, 2, SFTP_FSYNC, buf_span(&argument));
    put_extended(o, 3, SFTP_FSTATVFS, buf_span(&argument));
    ask(o);
    expect_diary(o, "SYNC;SPACE;");
    assert_int_equal(answer(o, 1, &r, &body), SFTP_EXTENDED_REPLY);
    assert_true(read_u64(&r) == 34000 && read_u64(&r) == 32768 &&
                read_u64(&r) == 32768 && read_u64(&r) == SFTP_SLOTS);
    assert_true(read_done(&r));
    drop_answer(o, body);
    expect_status(o, 2, SFTP_OK);
    assert_int_equal(answer(o, 3, &r, &body), SFTP_EXTENDED_REPLY);
    assert_int_equal(body.len, 5 + 11 * 8);
    assert_true(read_u64(&r) == 4096 && read_u64(&r) == 4096 &&
                read_u64(&r) == 7 && read_u64(&r) == 5);
    buf_clear(&argument);
    owner_free(o);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_version_comes_first),
        cmocka_unit_test(test_bad_framing_breaks_it),
        cmocka_unit_test(test_what_nobody_knows_is_unsupported),
        cmocka_unit_test(test_fields_that_lie_are_bad_messages),
        cmocka_unit_test(test_no_request_leaves_flash),
        cmocka_unit_test(test_flash_itself_is_no_file),
        cmocka_unit_test(test_realpath_is_absolute),
        cmocka_unit_test(test_a_path_of_5000_bytes_is_refused),
        cmocka_unit_test(test_flags_of_open),
        cmocka_unit_test(test_a_put_is_committed_by_close),
        cmocka_unit_test(test_a_failed_write_spoils_the_file),
        cmocka_unit_test(test_a_write_that_fails_halfway_is_answered_once),
        cmocka_unit_test(test_writes_to_other_places_are_others),
        cmocka_unit_test(test_append_writes_at_the_end),
        cmocka_unit_test(test_offsets_beyond_2_63_fail),
        cmocka_unit_test(test_many_writes_are_more_than_one_action),
        cmocka_unit_test(test_bytes_come_in_any_pieces),
        cmocka_unit_test(test_foreign_handles_fail),
        cmocka_unit_test(test_a_closed_handle_stays_closed),
        cmocka_unit_test(test_handles_are_limited),
        cmocka_unit_test(test_a_refused_open_leaves_no_handle),
        cmocka_unit_test(test_reads_fill_whatever_room_there_is),
        cmocka_unit_test(test_what_was_not_opened_for_it_is_not_read),
        cmocka_unit_test(test_output_is_bounded),
        cmocka_unit_test(test_a_directory_is_read_page_by_page),
        cmocka_unit_test(test_the_top_holds_flash),
        cmocka_unit_test(test_what_may_be_set),
        cmocka_unit_test(test_a_file_that_is_written_is_set_in_the_end),
        cmocka_unit_test(test_renaming),
        cmocka_unit_test(test_directories_are_made_with_rights_alone),
        cmocka_unit_test(test_extensions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
