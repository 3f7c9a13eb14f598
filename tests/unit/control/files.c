#include "control/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

#define LARGE (9u * 1024 * 1024) /* bytes: several turns */

/* A router that has files and nothing else. */
struct fixture {
    struct router router;
    char path[64];
    int dir;
    unsigned answers, pieces;
    unsigned stop_after; /* pieces */
    struct file_result result;
    char text[256];
    char names[256];
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL || uv_loop_init(&f->router.loop) != 0)
        return -1;
    snprintf(f->path, sizeof(f->path), "/tmp/vtyd-files-XXXXXX");
    if (mkdtemp(f->path) == NULL)
        return -1;
    f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    files_open(&f->router, f->dir);
    *state = f;
    return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    files_close(&f->router);
    close(f->dir);
    nftw(f->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (uv_loop_close(&f->router.loop) != 0)
        return -1;
    free(f);
    return 0;
}

static struct file_name
named(const char *typed)
{
    struct file_name name;
    int reason;

    assert_int_equal(file_name_parse(typed, "flash:/", &name, &reason), OK);
    return name;
}

static void
on_done(void *owner, const struct file_result *result)
{
    struct fixture *f = owner;

    f->answers++;
    f->result = *result;
    f->names[0] = '\0';
    for (size_t i = 0; i < result->list.count; i++) {
        size_t len = strlen(f->names);

        snprintf(f->names + len, sizeof(f->names) - len, "%s ",
                 result->list.entries[i].name);
    }
    text_copy_span(f->text, sizeof(f->text), result->text);
}

/* Until `done` was called once more; never from within the call. */
static void
wait_answer(struct fixture *f)
{
    unsigned before = f->answers;

    while (f->answers == before)
        uv_run(&f->router.loop, UV_RUN_ONCE);
}

static void
expect_ok(struct fixture *f)
{
    wait_answer(f);
    assert_int_equal(f->result.err, OK);
}

static void
expect_error(struct fixture *f, int reason)
{
    wait_answer(f);
    assert_int_equal(f->result.err, ERR_SYSTEM);
    assert_string_equal(strerror(f->result.system_error), strerror(reason));
}

static void
put(struct fixture *f, const char *typed, enum file_how how, const char *text)
{
    struct file_name name = named(typed);

    files_write(&f->router, &name, how, span_text(text), on_done, f);
    expect_ok(f);
    assert_int_equal(f->result.bytes, strlen(text));
}

static void
expect_text(struct fixture *f, const char *typed, const char *text)
{
    struct file_name name = named(typed);

    files_read(&f->router, &name, FILE_TEXT_MAX, on_done, f);
    expect_ok(f);
    assert_string_equal(f->text, text);
}

static void
put_large(struct fixture *f, const char *name)
{
    int fd = openat(f->dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, LARGE), 0);
    close(fd);
}

static void
test_write_append_read(void **state)
{
    struct fixture *f = *state;
    struct file_name name = named("flash:a");

    put(f, "flash:a", FILE_REPLACE, "one\n");
    put(f, "flash:a", FILE_APPEND, "two\n");
    put(f, "flash:new", FILE_APPEND, "first\n");
    put(f, "null:", FILE_REPLACE, "gone\n");
    expect_text(f, "flash:a", "one\ntwo\n");
    expect_text(f, "flash:new", "first\n");
    put(f, "flash:a", FILE_REPLACE, "three\n");
    expect_text(f, "flash:a", "three\n");
    files_read(&f->router, &name, 5, on_done, f);
    expect_error(f, EFBIG);
}

static void
test_a_descriptor_is_written_from_its_beginning(void **state)
{
    struct fixture *f = *state;
    struct file_name name = named("flash:a");
    int fd = memfd_create("test", MFD_CLOEXEC);

    assert_int_equal(write(fd, "text\n", 5), 5);
    files_write_fd(&f->router, &name, FILE_REPLACE, fd, on_done, f);
    expect_ok(f);
    assert_int_equal(f->result.bytes, 5);
    files_write_fd(&f->router, &name, FILE_APPEND, fd, on_done, f);
    expect_ok(f);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
    close(fd);
    expect_text(f, "flash:a", "text\ntext\n");
    files_write_fd(&f->router, &name, FILE_REPLACE, -1, on_done, f);
    expect_error(f, EBADF);
}

static void
test_what_cannot_be_written_or_read(void **state)
{
    static const struct {
        const char *name;
        int reason;
    } targets[] = {
        {"nvram:startup-config", EACCES},
        {"system:running-config", EACCES},
        {"flash:", EINVAL},
        {"flash:none/x", ENOENT},
        {"flash:x/", EISDIR},
    };
    struct fixture *f = *state;
    struct file_name name;

    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        name = named(targets[i].name);
        files_write(&f->router, &name, FILE_REPLACE, span_text("x"), on_done,
                    f);
        expect_error(f, targets[i].reason);
        assert_true(f->result.at_target);
    }
    name = named("flash:none");
    files_read(&f->router, &name, 10, on_done, f);
    expect_error(f, ENOENT);
    name = named("nvram:");
    files_read(&f->router, &name, 10, on_done, f);
    expect_error(f, EISDIR);
    name = named("system:running-config");
    files_read(&f->router, &name, 10, on_done, f);
    expect_error(f, EACCES);
}

static void
test_copies_of_large_files(void **state)
{
    struct fixture *f = *state;
    struct file_name from = named("flash:a"), to = named("flash:b"),
                     null = named("null:");

    put_large(f, "flash/a");
    files_copy(&f->router, &from, &to, on_done, f);
    expect_ok(f);
    assert_int_equal(f->result.bytes, LARGE);
    files_stat(&f->router, &to, on_done, f);
    expect_ok(f);
    assert_int_equal(f->result.bytes, LARGE);
    files_copy(&f->router, &to, &null, on_done, f);
    expect_ok(f);
    assert_int_equal(f->result.bytes, LARGE);
}

/* Neither an answer, nor a file, nor something unfinished. */
static void
test_what_nobody_waits_for_leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    struct file_name from = named("flash:a"), to = named("flash:b");
    struct stat st;

    put_large(f, "flash/a");
    files_copy(&f->router, &from, &to, on_done, f);
    uv_run(&f->router.loop, UV_RUN_ONCE);
    files_forget(&f->router, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->answers, 0);
    assert_int_not_equal(fstatat(f->dir, "flash/b", &st, 0), 0);
    assert_int_not_equal(fstatat(f->dir, "flash/.new/00000000", &st, 0), 0);
}

static bool
on_piece(void *owner, struct span bytes)
{
    struct fixture *f = owner;

    f->result.bytes += bytes.len;
    return ++f->pieces != f->stop_after;
}

static void
test_a_stream_waits_for_its_reader(void **state)
{
    struct fixture *f = *state;
    struct file_name name = named("flash:a");

    put_large(f, "flash/a");
    f->stop_after = 3;
    files_stream(&f->router, &name, on_piece, on_done, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->pieces, 3);
    assert_int_equal(f->answers, 0);
    files_resume(&f->router, f);
    expect_ok(f);
    assert_int_equal(f->result.bytes, LARGE);
}

static void
test_a_stream_that_waits_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct file_name name = named("flash:a");

    put_large(f, "flash/a");
    f->stop_after = 1;
    files_stream(&f->router, &name, on_piece, on_done, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    files_forget(&f->router, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->answers, 0);
}

static void
test_digests(void **state)
{
    static const uint8_t md5_of_abc[] = {0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2,
                                         0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d,
                                         0x28, 0xe1, 0x7f, 0x72};
    struct fixture *f = *state;
    struct file_name name = named("flash:a");

    put(f, "flash:a", FILE_REPLACE, "abc");
    files_digest(&f->router, &name, HASH_MD5, on_piece, on_done, f);
    expect_ok(f);
    assert_memory_equal(f->result.digest, md5_of_abc, sizeof(md5_of_abc));
    put_large(f, "flash/b");
    name = named("flash:b");
    f->pieces = 0;
    files_digest(&f->router, &name, HASH_MD5, on_piece, on_done, f);
    expect_ok(f);
    assert_true(f->pieces >= 2);
}

static void
test_lists(void **state)
{
    struct fixture *f = *state;
    struct file_name name = named("flash:");
    int fd;

    put(f, "flash:R1-2", FILE_REPLACE, "x");
    put(f, "flash:R1-1", FILE_REPLACE, "x");
    put(f, "flash:other", FILE_REPLACE, "x");
    files_list(&f->router, &name, "", on_done, f);
    expect_ok(f);
    assert_string_equal(f->names, "R1-1 R1-2 other ");
    assert_true(f->result.directory && f->result.total > 0);
    files_list(&f->router, &name, "R1-", on_done, f);
    expect_ok(f);
    assert_string_equal(f->names, "R1-1 R1-2 ");
    name = named("flash:other");
    files_list(&f->router, &name, "", on_done, f);
    expect_ok(f);
    assert_string_equal(f->names, "other ");
    assert_false(f->result.directory);
    name = named("nvram:");
    files_list(&f->router, &name, "", on_done, f);
    expect_ok(f);
    assert_string_equal(f->names, "");
    fd = openat(f->dir, "startup-config", O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    files_list(&f->router, &name, "", on_done, f);
    expect_ok(f);
    assert_string_equal(f->names, "startup-config ");
}

static void
test_changes(void **state)
{
    struct fixture *f = *state;
    struct file_name d = named("flash:d"), file = named("flash:a"),
                     moved = named("flash:d/b"), top = named("flash:");

    files_make_directory(&f->router, &d, on_done, f);
    expect_ok(f);
    put(f, "flash:a", FILE_REPLACE, "x");
    files_rename(&f->router, &file, &moved, on_done, f);
    expect_ok(f);
    files_remove(&f->router, &file, on_done, f);
    expect_error(f, ENOENT);
    files_remove_directory(&f->router, &d, on_done, f);
    expect_error(f, ENOTEMPTY);
    files_remove_tree(&f->router, &top, on_done, f);
    expect_error(f, EINVAL);
    files_remove_tree(&f->router, &d, on_done, f);
    expect_ok(f);
    files_stat(&f->router, &d, on_done, f);
    expect_error(f, ENOENT);
    put(f, "flash:a", FILE_REPLACE, "x");
    files_remove(&f->router, &file, on_done, f);
    expect_ok(f);
    files_make_directory(&f->router, &d, on_done, f);
    expect_ok(f);
    files_remove_directory(&f->router, &d, on_done, f);
    expect_ok(f);
}

/* Open F, append to it, close it; how long it was before. */
static uint64_t
append(struct fixture *f, uint64_t max, unsigned keep, const char *text)
{
    struct file_name name = named("console.log");

    files_open_log(&f->router, &name, max, keep, on_done, f);
    expect_ok(f);
    assert_int_equal(write(f->result.fd, text, strlen(text)), strlen(text));
    close(f->result.fd);
    return f->result.bytes;
}

static void
test_logs_move_on_when_they_are_full(void **state)
{
    struct fixture *f = *state;
    struct file_name third = named("console.log.3");

    assert_int_equal(append(f, 4, 2, "one"), 0);
    assert_int_equal(append(f, 4, 2, "+"), 3);
    assert_int_equal(append(f, 4, 2, "two "), 0);
    expect_text(f, "console.log.1", "one+");
    assert_int_equal(append(f, 4, 2, "three"), 0);
    assert_int_equal(append(f, 4, 2, "x"), 0);
    expect_text(f, "console.log", "x");
    expect_text(f, "console.log.1", "three");
    expect_text(f, "console.log.2", "two ");
    files_read(&f->router, &third, 100, on_done, f);
    expect_error(f, ENOENT);
    /* Full, whatever it holds; and none that are older. */
    assert_int_equal(append(f, 0, 0, "alone"), 0);
    expect_text(f, "console.log", "alone");
    expect_text(f, "console.log.1", "three");
}

static void
test_logs_go_to_files_of_flash_alone(void **state)
{
    static const char *const names[] = {"nvram:startup-config", "null:"};
    struct fixture *f = *state;
    struct file_name name;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        name = named(names[i]);
        files_open_log(&f->router, &name, 4, 2, on_done, f);
        expect_error(f, EACCES);
    }
    name = named("link");
    assert_int_equal(symlinkat("/etc/passwd", f->dir, "flash/link"), 0);
    files_open_log(&f->router, &name, 4, 2, on_done, f);
    expect_error(f, EACCES);
    name = named("folder");
    files_make_directory(&f->router, &name, on_done, f);
    expect_ok(f);
    files_open_log(&f->router, &name, 4, 2, on_done, f);
    expect_error(f, EISDIR);
    name = named("missing/log");
    files_open_log(&f->router, &name, 4, 2, on_done, f);
    expect_error(f, ENOENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_write_append_read),
        TEST(test_logs_move_on_when_they_are_full),
        TEST(test_logs_go_to_files_of_flash_alone),
        TEST(test_a_descriptor_is_written_from_its_beginning),
        TEST(test_what_cannot_be_written_or_read),
        TEST(test_copies_of_large_files),
        TEST(test_what_nobody_waits_for_leaves_no_trace),
        TEST(test_a_stream_waits_for_its_reader),
        TEST(test_a_stream_that_waits_is_given_up),
        TEST(test_digests),
        TEST(test_lists),
        TEST(test_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
