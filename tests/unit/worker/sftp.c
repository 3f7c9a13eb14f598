/* A channel of SFTP, between control and a peer. */
#include "worker/sftp.h"

#include "base/reader.h"
#include "file_rig.h"
#include "transfer/sftp_wire.h"

#define IDLE_S 60
#define NOW_MS 1000000

struct sftp_rig {
    struct file_rig files;
    struct sftp_channel *c;
    struct buf in; /* requests, not yet said */
    uint64_t now_ms;
};

static void
work(struct sftp_rig *r)
{
    while (sftp_channel_work(r->c, r->now_ms))
        continue;
}

/* All that was put. */
static void
say(struct sftp_rig *r)
{
    sftp_channel_data(r->c, buf_span(&r->in), r->now_ms);
    buf_reset(&r->in);
    work(r);
}

static void
begin(struct sftp_rig *r)
{
    const struct msg_serve_sftp m = {.channel = RIG_CHANNEL, .idle_s = IDLE_S};
    size_t mark;

    file_rig_init(&r->files);
    r->now_ms = NOW_MS;
    r->c = sftp_channel_new(&r->files.up, NULL, &m, r->now_ms);
    buf_init(&r->in, 1 << 20);
    mark = buf_begin_string(&r->in);
    buf_put_u8(&r->in, SFTP_INIT);
    buf_put_u32(&r->in, 3);
    buf_end_string(&r->in, mark);
    say(r);
    assert_non_null(strstr(peer_got(NULL), "posix-rename@openssh.com"));
}

static void
end(struct sftp_rig *r)
{
    sftp_channel_free(r->c);
    file_rig_clear(&r->files);
    buf_clear(&r->in);
}

static void
answer(struct sftp_rig *r, const struct message *m, int fd)
{
    sftp_channel_message(r->c, m, fd);
    work(r);
}

static void
put_path(struct sftp_rig *r, enum sftp_type type, const char *path)
{
    size_t mark = sftp_begin(&r->in, type, 1);

    buf_put_text(&r->in, path);
    sftp_end(&r->in, mark);
}

static void
put_open(struct sftp_rig *r, const char *path, uint32_t flags)
{
    const struct sftp_attributes none = {.has = 0};
    size_t mark = sftp_begin(&r->in, SFTP_OPEN, 1);

    buf_put_text(&r->in, path);
    buf_put_u32(&r->in, flags);
    sftp_put_attributes(&r->in, &none);
    sftp_end(&r->in, mark);
}

static void
put_handle(struct sftp_rig *r, enum sftp_type type, const uint8_t handle[8])
{
    size_t mark = sftp_begin(&r->in, type, 1);

    buf_put_string(&r->in, span_of(handle, 8));
    sftp_end(&r->in, mark);
}

/* The first answer since the last look: its type, and what is in it. */
static enum sftp_type
take_answer(struct reader *fields)
{
    struct reader all = reader_over(peer_bytes());
    struct span packet;
    enum sftp_type type;

    packet = read_string(&all);
    assert_true(read_ok(&all));
    *fields = reader_over(packet);
    type = (enum sftp_type)read_u8(fields);
    assert_int_equal(read_u32(fields), 1);
    return type;
}

static void
assert_status(uint32_t expected)
{
    struct reader fields;

    assert_int_equal(take_answer(&fields), SFTP_STATUS);
    assert_int_equal(read_u32(&fields), expected);
}

/* An open file, whose other end is the caller's. */
static int
opened(struct sftp_rig *r, const char *text, uint32_t flags, uint8_t handle[8])
{
    struct message there = result(FILE_STATUS_OK, "");
    int fd = file_of(text), own = dup(fd);
    struct reader fields;
    struct span given;

    there.file_result.bytes = strlen(text);
    put_open(r, "/x", flags);
    say(r);
    assert_asked(&r->files, MSG_FILE_OPEN);
    assert_true(span_is(r->files.got.file_open.path, "flash:/x"));
    answer(r, &there, fd);
    assert_int_equal(take_answer(&fields), SFTP_HANDLE);
    given = read_string(&fields);
    assert_int_equal(given.len, 8);
    memcpy(handle, given.ptr, 8);
    return own;
}

static void
test_a_file_is_read(void **state)
{
    struct sftp_rig r;
    struct reader fields;
    uint8_t handle[8];
    size_t mark;
    int own;

    (void)state;
    begin(&r);
    own = opened(&r, "hello world", SFTP_OPEN_READ, handle);
    assert_int_equal(r.files.got.file_open.access, FILE_ACCESS_READ);
    mark = sftp_begin(&r.in, SFTP_READ, 1);
    buf_put_string(&r.in, span_of(handle, 8));
    buf_put_u64(&r.in, 6);
    buf_put_u32(&r.in, 100);
    sftp_end(&r.in, mark);
    say(&r);
    assert_int_equal(take_answer(&fields), SFTP_DATA);
    assert_true(span_is(read_string(&fields), "world"));
    put_handle(&r, SFTP_CLOSE, handle);
    say(&r);
    assert_status(SFTP_OK);
    assert_not_asked(&r.files);
    close(own);
    end(&r);
}

static void
test_a_file_is_written_and_committed_by_its_close(void **state)
{
    struct message done = result(FILE_STATUS_OK, "");
    struct sftp_rig r;
    uint8_t handle[8];
    size_t mark;
    int own;

    (void)state;
    begin(&r);
    own =
        opened(&r, "", SFTP_OPEN_WRITE | SFTP_OPEN_CREATE | SFTP_OPEN_TRUNCATE,
               handle);
    assert_int_equal(r.files.got.file_open.access, FILE_ACCESS_CREATE);
    mark = sftp_begin(&r.in, SFTP_WRITE, 1);
    buf_put_string(&r.in, span_of(handle, 8));
    buf_put_u64(&r.in, 0);
    buf_put_text(&r.in, "hello");
    sftp_end(&r.in, mark);
    say(&r);
    assert_status(SFTP_OK);
    assert_string_equal(text_of(own), "hello");
    put_handle(&r, SFTP_CLOSE, handle);
    say(&r);
    assert_asked(&r.files, MSG_FILE_COMMIT);
    assert_int_equal(r.files.got.file_commit.bytes, 5);
    answer(&r, &done, -1);
    assert_status(SFTP_OK);
    close(own);
    end(&r);
}

static void
test_what_was_not_closed_is_abandoned(void **state)
{
    struct sftp_rig r;
    uint8_t handle[8];
    int own;

    (void)state;
    begin(&r);
    own = opened(&r, "", SFTP_OPEN_WRITE | SFTP_OPEN_CREATE, handle);
    sftp_channel_free(r.c);
    assert_asked(&r.files, MSG_FILE_ABANDON);
    close(own);
    file_rig_clear(&r.files);
    buf_clear(&r.in);
}

static void
test_reasons_of_control_are_told_in_the_words_of_version_3(void **state)
{
    static const struct {
        enum file_status status;
        uint32_t told;
    } cases[] = {
        {FILE_STATUS_NOT_FOUND, SFTP_NO_SUCH_FILE},
        {FILE_STATUS_NO_DIRECTORY, SFTP_NO_SUCH_FILE},
        {FILE_STATUS_DENIED, SFTP_PERMISSION_DENIED},
        {FILE_STATUS_BAD_NAME, SFTP_PERMISSION_DENIED},
        {FILE_STATUS_NO_SPACE, SFTP_FAILURE},
        {FILE_STATUS_NOT_EMPTY, SFTP_FAILURE},
    };
    struct sftp_rig r;

    (void)state;
    begin(&r);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct message m = result(cases[i].status, "why");

        put_path(&r, SFTP_REMOVE, "/x");
        say(&r);
        assert_asked(&r.files, MSG_FILE_REMOVE);
        answer(&r, &m, -1);
        assert_status(cases[i].told);
    }
    end(&r);
}

/* A name that cannot be is, for whoever looks, not there. */
static void
test_looking_for_a_name_that_cannot_be(void **state)
{
    struct message bad = result(FILE_STATUS_BAD_NAME, "Invalid file name");
    struct sftp_rig r;

    (void)state;
    begin(&r);
    put_path(&r, SFTP_STAT, "/.x");
    say(&r);
    assert_asked(&r.files, MSG_FILE_STAT);
    answer(&r, &bad, -1);
    assert_status(SFTP_NO_SUCH_FILE);
    end(&r);
}

static void
put_entry(struct buf *page, const char *name)
{
    buf_put_text(page, name);
    buf_put_u8(page, '-');
    buf_put_u64(page, 5);
    buf_put_u32(page, 0600);
    buf_put_u64(page, 1);
    buf_put_u64(page, 1);
}

/* One page is asked for when the one before it was told. */
static void
test_a_directory_is_read_by_pages(void **state)
{
    struct message m = result(FILE_STATUS_OK, "");
    struct sftp_rig r;
    struct reader fields;
    struct buf page;
    uint8_t handle[8];

    (void)state;
    begin(&r);
    buf_init(&page, FILE_PAGE_MAX);
    put_path(&r, SFTP_OPENDIR, "/d");
    say(&r);
    assert_asked(&r.files, MSG_FILE_LIST);
    assert_true(span_is(r.files.got.file_list.path, "flash:/d"));
    assert_true(span_is(r.files.got.file_list.after, ""));
    put_entry(&page, "a");
    put_entry(&page, "b");
    m.file_result.page = buf_span(&page);
    m.file_result.more = true;
    answer(&r, &m, -1);
    assert_int_equal(take_answer(&fields), SFTP_HANDLE);
    memcpy(handle, read_string(&fields).ptr, 8);
    put_handle(&r, SFTP_READDIR, handle);
    say(&r);
    assert_int_equal(take_answer(&fields), SFTP_NAME);
    assert_int_equal(read_u32(&fields), 2);
    assert_true(span_is(read_string(&fields), "a"));
    put_handle(&r, SFTP_READDIR, handle);
    say(&r);
    assert_asked(&r.files, MSG_FILE_LIST);
    assert_true(span_is(r.files.got.file_list.after, "b"));
    m.file_result.page = SPAN_EMPTY;
    m.file_result.more = false;
    answer(&r, &m, -1);
    assert_status(SFTP_EOF);
    buf_clear(&page);
    end(&r);
}

/* MKDIR has a mode: two requests of control's, one answer. */
static void
test_a_directory_is_made_and_then_set(void **state)
{
    const struct sftp_attributes mode = {.has = SFTP_HAS_MODE, .mode = 0750};
    struct message done = result(FILE_STATUS_OK, "");
    struct sftp_rig r;
    size_t mark;

    (void)state;
    begin(&r);
    mark = sftp_begin(&r.in, SFTP_MKDIR, 1);
    buf_put_text(&r.in, "/d");
    sftp_put_attributes(&r.in, &mode);
    sftp_end(&r.in, mark);
    say(&r);
    assert_asked(&r.files, MSG_FILE_MAKE_DIRECTORY);
    answer(&r, &done, -1);
    assert_asked(&r.files, MSG_FILE_SET);
    assert_int_equal(r.files.got.file_set.mode, 0750);
    answer(&r, &done, -1);
    assert_status(SFTP_OK);
    end(&r);
}

/* Another length is another file, which takes the place of this one. */
static void
test_a_length_is_set_in_a_copy(void **state)
{
    const struct sftp_attributes length = {.has = SFTP_HAS_SIZE, .size = 5};
    struct message done = result(FILE_STATUS_OK, "");
    struct sftp_rig r;
    int fd = file_of("hello world"), own = dup(fd);
    size_t mark;

    (void)state;
    begin(&r);
    mark = sftp_begin(&r.in, SFTP_SETSTAT, 1);
    buf_put_text(&r.in, "/x");
    sftp_put_attributes(&r.in, &length);
    sftp_end(&r.in, mark);
    say(&r);
    assert_asked(&r.files, MSG_FILE_OPEN);
    assert_int_equal(r.files.got.file_open.access, FILE_ACCESS_EDIT);
    assert_true(r.files.got.file_open.must_exist);
    answer(&r, &done, fd);
    assert_asked(&r.files, MSG_FILE_COMMIT);
    assert_int_equal(r.files.got.file_commit.bytes, 5);
    assert_string_equal(text_of(own), "hello");
    answer(&r, &done, -1);
    assert_status(SFTP_OK);
    close(own);
    end(&r);
}

static void
test_ends(void **state)
{
    struct sftp_rig r;
    uint32_t status;

    (void)state;
    /* In order. */
    begin(&r);
    assert_false(sftp_channel_is_finished(r.c, &status));
    sftp_channel_data_end(r.c);
    work(&r);
    assert_true(sftp_channel_is_finished(r.c, &status));
    assert_int_equal(status, 0);
    end(&r);
    /* In the middle of a request. */
    begin(&r);
    buf_put_u32(&r.in, 100);
    say(&r);
    sftp_channel_data_end(r.c);
    work(&r);
    assert_true(sftp_channel_is_finished(r.c, &status));
    assert_int_equal(status, 1);
    end(&r);
    /* No request at all. */
    begin(&r);
    buf_put_u32(&r.in, UINT32_MAX);
    buf_put_u8(&r.in, SFTP_STAT);
    say(&r);
    assert_true(sftp_channel_is_finished(r.c, &status));
    assert_int_equal(status, 1);
    end(&r);
    /* Silence. */
    begin(&r);
    assert_true(sftp_channel_deadline(r.c) == r.now_ms + IDLE_S * 1000);
    r.now_ms += IDLE_S * 1000;
    work(&r);
    assert_true(sftp_channel_is_finished(r.c, &status));
    assert_int_equal(status, 1);
    end(&r);
}

static void
test_an_answer_to_nothing_ends_the_worker(void **state)
{
    struct message m = result(FILE_STATUS_OK, "");
    struct sftp_rig r;

    (void)state;
    begin(&r);
    answer(&r, &m, file_of("x"));
    assert_true(r.files.up.failed);
    end(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_is_read),
        cmocka_unit_test(test_a_file_is_written_and_committed_by_its_close),
        cmocka_unit_test(test_what_was_not_closed_is_abandoned),
        cmocka_unit_test(
            test_reasons_of_control_are_told_in_the_words_of_version_3),
        cmocka_unit_test(test_looking_for_a_name_that_cannot_be),
        cmocka_unit_test(test_a_directory_is_read_by_pages),
        cmocka_unit_test(test_a_directory_is_made_and_then_set),
        cmocka_unit_test(test_a_length_is_set_in_a_copy),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_an_answer_to_nothing_ends_the_worker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
