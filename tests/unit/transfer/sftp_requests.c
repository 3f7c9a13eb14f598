/* All other requests of the server. */
#include "sftp_owner.h"

/* --- paths ---------------------------------------------------------------- */

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

/* --- reading -------------------------------------------------------------- */

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

/* --- changing ------------------------------------------------------------- */

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

/* --- extensions ----------------------------------------------------------- */

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
        cmocka_unit_test(test_no_request_leaves_flash),
        cmocka_unit_test(test_flash_itself_is_no_file),
        cmocka_unit_test(test_realpath_is_absolute),
        cmocka_unit_test(test_a_path_of_5000_bytes_is_refused),
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
