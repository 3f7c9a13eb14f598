#include "control/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_MAX 1000 /* bytes */

/* A directory of its own for each test; its descriptor is *state. */
struct place {
    char path[64];
    int dir;
};

static int
setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    if (place == NULL)
        return -1;
    snprintf(place->path, sizeof(place->path), "/tmp/vtyd-durable-XXXXXX");
    if (mkdtemp(place->path) == NULL)
        return -1;
    place->dir = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = place;
    return place->dir < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
    static const char *const names[] = {"f", "f.new", "f.old", "f.link"};
    struct place *place = *state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (unlinkat(place->dir, names[i], 0) != 0 && errno == EISDIR)
            unlinkat(place->dir, names[i], AT_REMOVEDIR);
    close(place->dir);
    rmdir(place->path);
    free(place);
    return 0;
}

static bool
is_there(int dir, const char *name)
{
    return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
expect_text(int dir, const char *name, const char *text)
{
    struct buf got;

    buf_init(&got, FILE_MAX);
    assert_int_equal(durable_read(dir, name, FILE_MAX, &got), OK);
    assert_true(span_is(buf_span(&got), text));
    buf_clear(&got);
}

static void
put_bytes(int dir, const char *name, const char *bytes, size_t len)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static void
put_file(int dir, const char *name, const char *text)
{
    put_bytes(dir, name, text, strlen(text));
}

static void
replace(int dir, const char *text)
{
    assert_int_equal(durable_replace(dir, "f", span_text(text)), OK);
}

static void
test_a_replaced_file_is_kept_as_old(void **state)
{
    const struct place *place = *state;
    struct stat st;

    replace(place->dir, "one");
    expect_text(place->dir, "f", "one");
    assert_false(is_there(place->dir, "f.old"));
    replace(place->dir, "two");
    expect_text(place->dir, "f", "two");
    expect_text(place->dir, "f.old", "one");
    replace(place->dir, "three");
    expect_text(place->dir, "f.old", "two");
    assert_false(is_there(place->dir, "f.new"));
    assert_false(is_there(place->dir, "f.link"));
    assert_int_equal(fstatat(place->dir, "f", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

/* A process that ended at any step is followed by one that replaces again. */
static void
test_leftovers_of_any_step_do_not_hinder(void **state)
{
    const struct place *place = *state;

    replace(place->dir, "one");
    put_file(place->dir, "f.new", "half");
    replace(place->dir, "two");
    expect_text(place->dir, "f.old", "one");

    assert_int_equal(linkat(place->dir, "f", place->dir, "f.link", 0), 0);
    replace(place->dir, "three");
    expect_text(place->dir, "f.old", "two");

    /* The link has become .old, the new file has not taken the place. */
    unlinkat(place->dir, "f.old", 0);
    assert_int_equal(linkat(place->dir, "f", place->dir, "f.old", 0), 0);
    replace(place->dir, "four");
    expect_text(place->dir, "f", "four");
    expect_text(place->dir, "f.old", "three");
    assert_false(is_there(place->dir, "f.link"));
}

static void
test_a_failed_write_leaves_everything_as_it_was(void **state)
{
    const struct place *place = *state;
    const struct rlimit small = {5, RLIM_INFINITY};
    struct rlimit before;

    replace(place->dir, "one");
    replace(place->dir, "two");
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &small);
    assert_int_equal(durable_replace(place->dir, "f", span_text("too long")),
                     ERR_SYSTEM);
    assert_int_equal(errno, EFBIG);
    setrlimit(RLIMIT_FSIZE, &before);
    expect_text(place->dir, "f", "two");
    expect_text(place->dir, "f.old", "one");
    assert_false(is_there(place->dir, "f.new"));
}

static void
test_a_failed_rename_leaves_the_file(void **state)
{
    const struct place *place = *state;

    replace(place->dir, "one");
    /* A directory in the place of the old copy cannot be replaced. */
    assert_int_equal(mkdirat(place->dir, "f.old", 0700), 0);
    assert_int_equal(durable_replace(place->dir, "f", span_text("two")),
                     ERR_SYSTEM);
    assert_int_equal(errno, EISDIR);
    expect_text(place->dir, "f", "one");
    assert_false(is_there(place->dir, "f.new"));
    assert_false(is_there(place->dir, "f.link"));
}

static void
test_erase_takes_the_old_copy_too(void **state)
{
    const struct place *place = *state;

    assert_int_equal(durable_erase(place->dir, "f"), OK);
    replace(place->dir, "one");
    replace(place->dir, "two");
    assert_int_equal(durable_erase(place->dir, "f"), OK);
    assert_false(is_there(place->dir, "f"));
    assert_false(is_there(place->dir, "f.old"));
}

static void
test_erase_stops_when_the_old_copy_stays(void **state)
{
    const struct place *place = *state;

    replace(place->dir, "one");
    assert_int_equal(mkdirat(place->dir, "f.old", 0700), 0);
    assert_int_equal(durable_erase(place->dir, "f"), ERR_SYSTEM);
    expect_text(place->dir, "f", "one");
}

static void
test_a_created_file_counts_when_committed(void **state)
{
    const struct place *place = *state;
    struct stat st;
    int fd, second;

    assert_int_equal(durable_create(place->dir, "f", &fd), OK);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(durable_create(place->dir, "f", &second), ERR_BUSY);
    assert_int_equal(write(fd, "key", 3), 3);
    close(fd);
    assert_false(is_there(place->dir, "f"));
    assert_int_equal(durable_commit(place->dir, "f"), OK);
    expect_text(place->dir, "f", "key");
    assert_false(is_there(place->dir, "f.new"));

    assert_int_equal(durable_create(place->dir, "f", &fd), OK);
    close(fd);
    durable_abandon(place->dir, "f");
    assert_false(is_there(place->dir, "f.new"));
    expect_text(place->dir, "f", "key");

    assert_int_equal(durable_remove(place->dir, "f"), OK);
    assert_int_equal(durable_remove(place->dir, "f"), ERR_SYSTEM);
    assert_int_equal(errno, ENOENT);
}

static void
test_only_a_bounded_regular_text_is_read(void **state)
{
    const struct place *place = *state;
    struct buf got;

    buf_init(&got, FILE_MAX);
    buf_put(&got, "before", 6);
    assert_int_equal(durable_read(place->dir, "f", FILE_MAX, &got), ERR_SYSTEM);
    assert_int_equal(errno, ENOENT);
    put_file(place->dir, "f", "");
    assert_int_equal(durable_read(place->dir, "f", FILE_MAX, &got), ERR_FORMAT);
    put_file(place->dir, "f", "12345");
    assert_int_equal(durable_read(place->dir, "f", 4, &got), ERR_LENGTH);
    assert_int_equal(durable_read(place->dir, "f", 5, &got), OK);
    assert_true(span_is(buf_span(&got), "before12345"));
    put_bytes(place->dir, "f", "\0\0\0", 3);
    assert_int_equal(durable_read(place->dir, "f", FILE_MAX, &got), ERR_FORMAT);
    assert_true(span_is(buf_span(&got), "before12345"));
    put_bytes(place->dir, "f", "a\0b", 3);
    assert_int_equal(durable_read(place->dir, "f", FILE_MAX, &got), OK);
    assert_int_equal(buf_len(&got), strlen("before12345") + 3);
    buf_clear(&got);
}

static void
test_links_and_fifos_are_not_read(void **state)
{
    const struct place *place = *state;
    struct buf got;

    buf_init(&got, FILE_MAX);
    assert_int_equal(symlinkat("/etc/passwd", place->dir, "f"), 0);
    assert_int_equal(durable_read(place->dir, "f", FILE_MAX, &got), ERR_SYSTEM);
    assert_int_equal(errno, ELOOP);
    unlinkat(place->dir, "f", 0);
    assert_int_equal(mkfifoat(place->dir, "f", 0600), 0);
    assert_int_equal(durable_read(place->dir, "f", FILE_MAX, &got), ERR_SYSTEM);
    assert_int_equal(errno, EINVAL);
    buf_clear(&got);
}

static void
test_a_name_too_long_is_no_overrun(void **state)
{
    const struct place *place = *state;
    char name[DURABLE_NAME_MAX + 10];

    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(durable_replace(place->dir, name, span_text("x")),
                     ERR_SYSTEM);
    assert_int_equal(errno, ENAMETOOLONG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_replaced_file_is_kept_as_old),
        TEST(test_leftovers_of_any_step_do_not_hinder),
        TEST(test_a_failed_write_leaves_everything_as_it_was),
        TEST(test_a_failed_rename_leaves_the_file),
        TEST(test_erase_takes_the_old_copy_too),
        TEST(test_erase_stops_when_the_old_copy_stays),
        TEST(test_a_created_file_counts_when_committed),
        TEST(test_only_a_bounded_regular_text_is_read),
        TEST(test_links_and_fifos_are_not_read),
        TEST(test_a_name_too_long_is_no_overrun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
