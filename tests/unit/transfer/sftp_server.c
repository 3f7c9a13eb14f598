/* The server: its stream, its handles, and WRITE. */
#include "sftp_owner.h"

/* --- beginning ------------------------------------------------------------ */

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

/* --- opening and closing -------------------------------------------------- */

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_version_comes_first),
        cmocka_unit_test(test_bad_framing_breaks_it),
        cmocka_unit_test(test_what_nobody_knows_is_unsupported),
        cmocka_unit_test(test_fields_that_lie_are_bad_messages),
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
