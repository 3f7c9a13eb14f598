/* Files that control opens, and this end reads and writes. */
#include "file_rig.h"

#include <errno.h>
#include <fcntl.h>

#define REQUEST 5

static struct files *
begin(struct file_rig *r)
{
    file_rig_init(r);
    return files_new(&r->up, RIG_CHANNEL);
}

static void
end(struct file_rig *r, struct files *f)
{
    files_free(f);
    file_rig_clear(r);
}

/* Handle `handle` is a file with this text; the caller's own end of it. */
static int
opened(struct file_rig *r, struct files *f, unsigned handle, bool created,
       const char *text)
{
    struct message m = result(FILE_STATUS_OK, "");
    int fd = file_of(text), own = dup(fd);

    if (created)
        files_create(f, REQUEST, handle, "flash:/x", 10);
    else
        files_open(f, REQUEST, handle, "flash:/x");
    assert_asked(r, MSG_FILE_OPEN);
    assert_true(files_opened(f, handle, &m.file_result, fd));
    return own;
}

static void
test_requests_say_what_is_wanted(void **state)
{
    const struct file_attributes set_to = {
        .has_mode = true, .mode = 0640, .has_times = true, .changed_s = 77};
    struct file_rig r;
    struct files *f = begin(&r);

    (void)state;
    files_stat(f, 1, "flash:/a");
    assert_asked(&r, MSG_FILE_STAT);
    assert_int_equal(r.got.file_stat.channel, RIG_CHANNEL);
    assert_int_equal(r.got.file_stat.request, 1);
    assert_true(span_is(r.got.file_stat.path, "flash:/a"));
    files_make_directory(f, 2, "flash:/b");
    assert_asked(&r, MSG_FILE_MAKE_DIRECTORY);
    assert_int_equal(r.got.file_make_directory.request, 2);
    assert_true(span_is(r.got.file_make_directory.path, "flash:/b"));
    files_remove(f, 3, "flash:/c");
    assert_asked(&r, MSG_FILE_REMOVE);
    assert_true(span_is(r.got.file_remove.path, "flash:/c"));
    files_remove_directory(f, 4, "flash:/d");
    assert_asked(&r, MSG_FILE_REMOVE_DIRECTORY);
    assert_true(span_is(r.got.file_remove_directory.path, "flash:/d"));
    files_list(f, 5, "flash:/e", "behind");
    assert_asked(&r, MSG_FILE_LIST);
    assert_true(span_is(r.got.file_list.after, "behind"));
    files_rename(f, 6, "flash:/f", "flash:/g", true);
    assert_asked(&r, MSG_FILE_RENAME);
    assert_true(span_is(r.got.file_rename.to, "flash:/g"));
    assert_true(r.got.file_rename.replace);
    files_set(f, 7, "flash:/h", &set_to);
    assert_asked(&r, MSG_FILE_SET);
    assert_int_equal(r.got.file_set.mode, 0640);
    assert_int_equal(r.got.file_set.changed_s, 77);
    files_space(f, 8);
    assert_asked(&r, MSG_FILE_SPACE);
    assert_int_equal(r.got.file_space.request, 8);
    end(&r, f);
}

static void
test_a_file_is_read_at_its_place_and_at_any(void **state)
{
    struct file_rig r;
    struct files *f = begin(&r);
    uint8_t a[4], b[4];
    struct iovec rooms[2] = {{a, 4}, {b, 4}};
    size_t len;
    int own = opened(&r, f, 0, false, "0123456789");

    (void)state;
    assert_int_equal(r.got.file_open.access, FILE_ACCESS_READ);
    assert_int_equal(files_read(f, 0, a, 4, &len), OK);
    assert_int_equal(len, 4);
    assert_memory_equal(a, "0123", 4);
    assert_int_equal(files_read_at(f, 0, 3, rooms, 2, &len), OK);
    assert_int_equal(len, 7);
    assert_memory_equal(a, "3456", 4);
    assert_memory_equal(b, "789", 3);
    assert_int_equal(files_read(f, 0, a, 4, &len), OK);
    assert_memory_equal(a, "4567", 4);
    assert_int_equal(files_read_at(f, 0, 10, rooms, 2, &len), OK);
    assert_int_equal(len, 0);
    files_close(f, 0);
    /* What was only read has nothing to be abandoned. */
    assert_not_asked(&r);
    close(own);
    end(&r, f);
}

static void
test_what_was_written_is_committed_with_its_length(void **state)
{
    const struct file_attributes kept = {.has_mode = true, .mode = 0644};
    struct file_rig r;
    struct files *f = begin(&r);
    int own = opened(&r, f, 2, true, "");

    (void)state;
    assert_int_equal(r.got.file_open.access, FILE_ACCESS_CREATE);
    assert_int_equal(r.got.file_open.handle, 2);
    assert_int_equal(r.got.file_open.bytes, 10);
    assert_int_equal(files_write(f, 2, span_text("hello ")), OK);
    assert_int_equal(files_write(f, 2, span_text("world")), OK);
    assert_int_equal(files_sync(f, 2), OK);
    assert_string_equal(text_of(own), "hello world");
    files_commit(f, REQUEST, 2, &kept);
    assert_asked(&r, MSG_FILE_COMMIT);
    assert_int_equal(r.got.file_commit.handle, 2);
    assert_int_equal(r.got.file_commit.bytes, 11);
    assert_true(r.got.file_commit.has_mode);
    assert_int_equal(r.got.file_commit.mode, 0644);
    assert_false(r.got.file_commit.has_times);
    close(own);
    end(&r, f);
    assert_int_equal(fcntl(own, F_GETFD), -1);
}

static void
test_pieces_go_to_any_place(void **state)
{
    const struct file_attributes none = {.has_mode = false};
    const struct span pieces[] = {span_text("ab"), SPAN_EMPTY, span_text("cde"),
                                  span_text("f")};
    struct file_rig r;
    struct files *f = begin(&r);
    int own = opened(&r, f, 0, true, "0123456789");

    (void)state;
    assert_int_equal(files_write_at(f, 0, 2, pieces, 4), OK);
    assert_string_equal(text_of(own), "01abcdef89");
    assert_int_equal(files_write_at(f, 0, 12, pieces, 1), OK);
    assert_int_equal(lseek(own, 0, SEEK_END), 14);
    assert_int_equal(files_truncate(f, 0, 3), OK);
    assert_string_equal(text_of(own), "01a");
    files_commit(f, REQUEST, 0, &none);
    assert_asked(&r, MSG_FILE_COMMIT);
    assert_int_equal(r.got.file_commit.bytes, 3);
    close(own);
    end(&r, f);
}

/* Beyond what 32 bits count. */
static void
test_large_files(void **state)
{
    const struct file_attributes none = {.has_mode = false};
    const struct span piece = span_text("end");
    const uint64_t at = UINT64_C(5) << 30;
    struct file_rig r;
    struct files *f = begin(&r);
    uint8_t back[3];
    struct iovec room = {back, 3};
    size_t len;
    int own = opened(&r, f, 0, true, "");

    (void)state;
    assert_int_equal(files_write_at(f, 0, at, &piece, 1), OK);
    assert_int_equal(files_read_at(f, 0, at, &room, 1, &len), OK);
    assert_int_equal(len, 3);
    assert_memory_equal(back, "end", 3);
    files_commit(f, REQUEST, 0, &none);
    assert_asked(&r, MSG_FILE_COMMIT);
    assert_true(r.got.file_commit.bytes == at + 3);
    close(own);
    end(&r, f);
}

static void
test_what_is_not_committed_is_abandoned(void **state)
{
    struct file_rig r;
    struct files *f = begin(&r);
    int first = opened(&r, f, 1, true, ""), second = opened(&r, f, 2, true, ""),
        third = opened(&r, f, 3, false, "");

    (void)state;
    files_close(f, 1);
    assert_asked(&r, MSG_FILE_ABANDON);
    assert_int_equal(r.got.file_abandon.handle, 1);
    files_free(f);
    assert_asked(&r, MSG_FILE_ABANDON);
    assert_int_equal(r.got.file_abandon.handle, 2);
    assert_not_asked(&r);
    close(first);
    close(second);
    close(third);
    file_rig_clear(&r);
}

static void
test_a_refusal_frees_the_handle(void **state)
{
    struct file_rig r;
    struct files *f = begin(&r);
    struct message m = result(FILE_STATUS_NOT_FOUND, "no such file");

    (void)state;
    for (int i = 0; i < 2; i++) {
        files_create(f, REQUEST, 0, "flash:/x", 0);
        assert_asked(&r, MSG_FILE_OPEN);
        assert_true(files_opened(f, 0, &m.file_result, -1));
    }
    /* A directory has no descriptor. */
    m = result(FILE_STATUS_OK, "");
    m.file_result.kind = 'd';
    files_open(f, REQUEST, 0, "flash:/d");
    assert_asked(&r, MSG_FILE_OPEN);
    assert_true(files_opened(f, 0, &m.file_result, -1));
    assert_not_asked(&r);
    end(&r, f);
}

/* A process has only so many. */
static void
test_a_descriptor_that_did_not_come_abandons_the_file(void **state)
{
    struct file_rig r;
    struct files *f = begin(&r);
    struct message m = result(FILE_STATUS_OK, "");

    (void)state;
    files_create(f, REQUEST, 7, "flash:/x", 0);
    assert_asked(&r, MSG_FILE_OPEN);
    assert_false(files_opened(f, 7, &m.file_result, -1));
    assert_asked(&r, MSG_FILE_ABANDON);
    assert_int_equal(r.got.file_abandon.handle, 7);
    files_open(f, REQUEST, 7, "flash:/x");
    assert_asked(&r, MSG_FILE_OPEN);
    assert_false(files_opened(f, 7, &m.file_result, -1));
    assert_not_asked(&r);
    end(&r, f);
}

static void
test_a_file_that_cannot_be_written_says_why(void **state)
{
    const struct span piece = span_text("x");
    struct file_rig r;
    struct files *f = begin(&r);
    struct message m = result(FILE_STATUS_OK, "");
    int fd = open("/dev/full", O_RDWR | O_CLOEXEC);

    (void)state;
    assert_true(fd >= 0);
    files_create(f, REQUEST, 0, "flash:/x", 0);
    assert_asked(&r, MSG_FILE_OPEN);
    assert_true(files_opened(f, 0, &m.file_result, fd));
    assert_int_equal(files_write(f, 0, span_text("x")), ERR_SYSTEM);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(files_write_at(f, 0, 0, &piece, 1), ERR_SYSTEM);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(files_truncate(f, 0, 0), ERR_SYSTEM);
    end(&r, f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_say_what_is_wanted),
        cmocka_unit_test(test_a_file_is_read_at_its_place_and_at_any),
        cmocka_unit_test(test_what_was_written_is_committed_with_its_length),
        cmocka_unit_test(test_pieces_go_to_any_place),
        cmocka_unit_test(test_large_files),
        cmocka_unit_test(test_what_is_not_committed_is_abandoned),
        cmocka_unit_test(test_a_refusal_frees_the_handle),
        cmocka_unit_test(test_a_descriptor_that_did_not_come_abandons_the_file),
        cmocka_unit_test(test_a_file_that_cannot_be_written_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
