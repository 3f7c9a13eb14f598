#include "control/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "control/factory.h"

#define TEXT_MAX (8 * 1024 * 1024)

/* A router that has a state directory and nothing else. */
struct fixture {
    struct router router;
    char path[64];
    char log[4096]; /* lines, each ended by LF */
    unsigned answers;
    enum err err;
    int system_error;
};

static void
on_log(void *owner, enum log_level level, const char *line)
{
    struct fixture *f = owner;
    size_t len = strlen(f->log);

    (void)level;
    snprintf(f->log + len, sizeof(f->log) - len, "%s\n", line);
}

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL || uv_loop_init(&f->router.loop) != 0)
        return -1;
    snprintf(f->path, sizeof(f->path), "/tmp/vtyd-storage-XXXXXX");
    if (mkdtemp(f->path) == NULL || rmdir(f->path) != 0)
        return -1;
    f->router.options.state = f->path;
    log_set_sink(on_log, f);
    *state = f;
    return storage_open(&f->router, &f->router.storage) == OK ? 0 : -1;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;
    char path[128];

    storage_close(f->router.storage);
    log_set_sink(NULL, NULL);
    for (const char *const *name =
             (const char *const[]){"startup-config", "startup-config.old",
                                   "startup-config.new", "keys/a.rsa",
                                   "keys/a.rsa.new", "keys/b.rsa", "keys", "",
                                   NULL};
         *name != NULL; name++) {
        snprintf(path, sizeof(path), "%s/%s", f->path, *name);
        if (unlink(path) != 0)
            rmdir(path);
    }
    if (uv_loop_close(&f->router.loop) != 0)
        return -1;
    free(f);
    return 0;
}

static void
on_done(void *owner, enum err err, int system_error)
{
    struct fixture *f = owner;

    f->answers++;
    f->err = err;
    f->system_error = system_error;
}

static void
put_file(struct fixture *f, const char *name, const char *text)
{
    int fd = openat(storage_fd(f->router.storage), name,
                    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static bool
is_there(struct fixture *f, const char *name)
{
    return faccessat(storage_fd(f->router.storage), name, F_OK, 0) == 0;
}

static unsigned
mode_of(struct fixture *f, const char *name)
{
    struct stat st;

    assert_int_equal(fstatat(storage_fd(f->router.storage), name, &st, 0), 0);
    return st.st_mode & 07777;
}

static void
expect_config(struct fixture *f, struct span text, const char *from)
{
    struct buf got;
    const char *source;

    buf_init_secret(&got, TEXT_MAX);
    assert_int_equal(storage_read_config(f->router.storage, &got, &source), OK);
    assert_string_equal(source, from);
    assert_true(span_equal(buf_span(&got), text));
    buf_clear(&got);
}

static void
save(struct fixture *f, const char *text)
{
    f->answers = 0;
    storage_save_config(&f->router, span_text(text), on_done, f);
    assert_int_equal(f->answers, 0);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->answers, 1);
    assert_int_equal(f->err, OK);
}

static void
test_a_fresh_directory_is_private_and_has_the_factory_config(void **state)
{
    struct fixture *f = *state;
    struct stat st;

    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(mode_of(f, "keys"), 0700);
    expect_config(f, factory_config(), "");
    assert_string_equal(f->log, "");
}

static void
test_what_was_saved_is_read_and_the_previous_one_kept(void **state)
{
    struct fixture *f = *state;

    save(f, "hostname R1\n");
    expect_config(f, span_text("hostname R1\n"), "startup-config");
    assert_int_equal(mode_of(f, "startup-config"), 0600);
    assert_false(is_there(f, "startup-config.old"));
    save(f, "hostname R2\n");
    expect_config(f, span_text("hostname R2\n"), "startup-config");
    assert_int_equal(mode_of(f, "startup-config.old"), 0600);
    assert_string_equal(f->log, "");
}

static void
test_the_old_one_stands_in_with_a_log_line(void **state)
{
    struct fixture *f = *state;

    save(f, "hostname R1\n");
    save(f, "hostname R2\n");
    unlinkat(storage_fd(f->router.storage), "startup-config", 0);
    expect_config(f, span_text("hostname R1\n"), "startup-config.old");
    assert_non_null(strstr(f->log, "startup-config.old"));

    /* Damaged: empty, as a file system may leave it after a power cut. */
    put_file(f, "startup-config", "");
    expect_config(f, span_text("hostname R1\n"), "startup-config.old");
    assert_non_null(strstr(f->log, "Cannot read startup-config: "));
    put_file(f, "startup-config.old", "");
    expect_config(f, factory_config(), "");
    assert_non_null(strstr(f->log, "Cannot read startup-config.old: "));
}

static void
test_a_second_save_at_once_is_refused(void **state)
{
    struct fixture *f = *state;
    struct fixture second = {.answers = 0};

    storage_save_config(&f->router, span_text("first\n"), on_done, f);
    storage_save_config(&f->router, span_text("second\n"), on_done, &second);
    assert_int_equal(second.answers, 0);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->err, OK);
    assert_int_equal(second.answers, 1);
    assert_int_equal(second.err, ERR_BUSY);
    expect_config(f, span_text("first\n"), "startup-config");
    /* And afterwards the way is free again. */
    save(f, "third\n");
    storage_erase_config(&f->router, on_done, f);
    storage_erase_config(&f->router, on_done, &second);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(second.err, ERR_BUSY);
}

static void
test_erase_leaves_the_factory_config(void **state)
{
    struct fixture *f = *state;

    save(f, "hostname R1\n");
    save(f, "hostname R2\n");
    f->answers = 0;
    storage_erase_config(&f->router, on_done, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->answers, 1);
    assert_int_equal(f->err, OK);
    assert_false(is_there(f, "startup-config"));
    assert_false(is_there(f, "startup-config.old"));
    expect_config(f, factory_config(), "");
}

static void
test_a_failure_tells_the_errno_and_leaves_the_old_file(void **state)
{
    struct fixture *f = *state;

    save(f, "hostname R1\n");
    assert_int_equal(
        mkdirat(storage_fd(f->router.storage), "startup-config.old", 0700), 0);
    storage_save_config(&f->router, span_text("hostname R2\n"), on_done, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->err, ERR_SYSTEM);
    assert_int_equal(f->system_error, EISDIR);
    expect_config(f, span_text("hostname R1\n"), "startup-config");
    assert_false(is_there(f, "startup-config.new"));
}

static void
test_an_owner_who_went_is_not_told_but_the_save_is_done(void **state)
{
    struct fixture *f = *state;

    storage_save_config(&f->router, span_text("hostname R1\n"), on_done, f);
    storage_forget(&f->router, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->answers, 0);
    expect_config(f, span_text("hostname R1\n"), "startup-config");
}

static void
test_closing_finishes_a_save_that_has_begun(void **state)
{
    struct fixture *f = *state;

    storage_save_config(&f->router, span_text("hostname R1\n"), on_done, f);
    storage_close(f->router.storage);
    assert_int_equal(storage_open(&f->router, &f->router.storage), OK);
    expect_config(f, span_text("hostname R1\n"), "startup-config");
}

static void
test_two_routers_cannot_share_a_directory(void **state)
{
    struct fixture *f = *state;
    struct storage *second;

    assert_int_equal(storage_open(&f->router, &second), ERR_SYSTEM);
    assert_non_null(strstr(f->log, "in use by another router"));
}

static void
test_a_directory_that_others_may_write_is_refused(void **state)
{
    struct fixture *f = *state;
    struct storage *second;

    storage_close(f->router.storage);
    assert_int_equal(chmod(f->path, 0770), 0);
    f->router.storage = NULL;
    assert_int_equal(storage_open(&f->router, &second), ERR_SYSTEM);
    assert_non_null(strstr(f->log, "can be written by others"));
}

static void
on_key_file(void *owner, const char *file)
{
    struct fixture *f = owner;
    size_t len = strlen(f->log);

    snprintf(f->log + len, sizeof(f->log) - len, "%s ", file);
}

static void
test_key_files_count_when_they_are_complete(void **state)
{
    struct fixture *f = *state;
    int fd, again;

    assert_int_equal(storage_key_create(f->router.storage, "b.rsa", &fd), OK);
    assert_int_equal(storage_key_create(f->router.storage, "b.rsa", &again),
                     ERR_BUSY);
    close(fd);
    assert_int_equal(mode_of(f, "keys/b.rsa.new"), 0600);
    put_file(f, "keys/a.rsa", "a");
    storage_key_each(f->router.storage, on_key_file, f);
    assert_string_equal(f->log, "a.rsa ");

    storage_key_commit(&f->router, "b.rsa", on_done, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->err, OK);
    f->log[0] = '\0';
    storage_key_each(f->router.storage, on_key_file, f);
    assert_string_equal(f->log, "a.rsa b.rsa ");
    assert_int_equal(storage_key_open(f->router.storage, "a.rsa", &fd), OK);
    close(fd);
    storage_keys_remove(&f->router, span_of("a.rsa\0none", 11), on_done, f);
    uv_run(&f->router.loop, UV_RUN_DEFAULT);
    assert_int_equal(f->err, OK);
    assert_int_equal(storage_key_open(f->router.storage, "a.rsa", &fd),
                     ERR_SYSTEM);
}

static void
test_what_a_dead_router_left_unfinished_is_removed(void **state)
{
    struct fixture *f = *state;

    put_file(f, "keys/a.rsa.new", "half");
    put_file(f, "keys/b.rsa", "whole");
    put_file(f, "startup-config.new", "half");
    storage_close(f->router.storage);
    assert_int_equal(storage_open(&f->router, &f->router.storage), OK);
    assert_false(is_there(f, "keys/a.rsa.new"));
    assert_true(is_there(f, "keys/b.rsa"));
    assert_false(is_there(f, "startup-config.new"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_fresh_directory_is_private_and_has_the_factory_config),
        TEST(test_what_was_saved_is_read_and_the_previous_one_kept),
        TEST(test_the_old_one_stands_in_with_a_log_line),
        TEST(test_a_second_save_at_once_is_refused),
        TEST(test_erase_leaves_the_factory_config),
        TEST(test_a_failure_tells_the_errno_and_leaves_the_old_file),
        TEST(test_an_owner_who_went_is_not_told_but_the_save_is_done),
        TEST(test_closing_finishes_a_save_that_has_begun),
        TEST(test_two_routers_cannot_share_a_directory),
        TEST(test_a_directory_that_others_may_write_is_refused),
        TEST(test_key_files_count_when_they_are_complete),
        TEST(test_what_a_dead_router_left_unfinished_is_removed),
    };

    umask(077);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
