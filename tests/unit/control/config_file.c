/* Both configurations as files for somebody else, on a router that is played.
 */
#include "control/config_file.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "control/replace.h"
#include "stage.h"

static struct {
    unsigned calls;
    bool well;
    char problem[512];
} stored;

static void
on_stored(void *owner, const char *problem)
{
    assert_ptr_equal(owner, &stored);
    stored.calls++;
    stored.well = problem == NULL;
    text_copy(stored.problem, sizeof(stored.problem),
              problem == NULL ? "" : problem);
}

/* As a worker that got it: so many of its bytes are said to be the text. */
static enum err
store_bytes(enum file_system which, const char *text, size_t len, uint64_t said)
{
    enum err err;
    int fd;

    stored.calls = 0;
    assert_int_equal(config_file_create(&fd), OK);
    assert_int_equal(pwrite(fd, text, len, 0), len);
    err = config_file_store(&stage.router, which, fd, said, "lab",
                            "lab on vty0 (192.0.2.9)", on_stored, &stored);
    close(fd);
    assert_int_equal(stored.calls, 0);
    return err;
}

static void
store(enum file_system which, const char *text)
{
    assert_int_equal(store_bytes(which, text, strlen(text), strlen(text)), OK);
}

static void
wait_stored(void)
{
    while (stored.calls == 0)
        uv_run(&stage.router.loop, UV_RUN_ONCE);
    assert_int_equal(stored.calls, 1);
}

static void
test_the_running_configuration_is_read_whole(void **state)
{
    char text[4096];
    uint64_t bytes;
    ssize_t got;
    int fd;

    (void)state;
    stage_configure("hostname R9\nenable password clear\n");
    assert_int_equal(config_file_read(&stage.router, &fd, &bytes), OK);
    got = read(fd, text, sizeof(text) - 1);
    assert_true(got > 0 && (uint64_t)got == bytes);
    text[got] = '\0';
    assert_non_null(strstr(text, "\nhostname R9\n"));
    assert_non_null(strstr(text, "\nenable password clear\n"));
    close(fd);
}

static void
test_what_comes_cannot_be_larger_than_a_configuration(void **state)
{
    int fd;

    (void)state;
    assert_int_equal(config_file_create(&fd), OK);
    assert_int_equal(pwrite(fd, "x", 1, STORAGE_CONFIG_MAX - 1), 1);
    assert_int_equal(pwrite(fd, "x", 1, STORAGE_CONFIG_MAX), -1);
    assert_int_equal(ftruncate(fd, STORAGE_CONFIG_MAX + 1), -1);
    assert_int_equal(ftruncate(fd, 0), -1);
    close(fd);
}

static void
test_lines_are_added_to_the_running_configuration(void **state)
{
    (void)state;
    store(FILE_SYSTEM, "hostname R8\nip domain name example.net\n");
    wait_stored();
    assert_true(stored.well);
    assert_string_equal(stage.router.config.hostname, "R8");
    assert_true(stage.router.config_changed);
    assert_string_equal(stage.router.changed.user, "lab");
    assert_string_equal(stage_log(),
                        "%SYS-5-CONFIG_I: Configured from scp by lab on vty0 "
                        "(192.0.2.9)\n");
}

static void
test_lines_that_are_refused_are_told(void **state)
{
    (void)state;
    store(FILE_SYSTEM, "hostname R7\nno such\033line\nnor this\n"
                       "ip domain name example.org\n");
    wait_stored();
    assert_false(stored.well);
    assert_non_null(
        strstr(stored.problem, "2 lines were refused, first \"no such"));
    assert_null(strchr(stored.problem, '\033'));
    /* The others count. */
    assert_string_equal(stage.router.config.hostname, "R7");
    store(FILE_SYSTEM, "nor this\n");
    wait_stored();
    assert_non_null(strstr(stored.problem, "1 line was refused"));
}

static void
test_startup_config_is_stored_as_it_came(void **state)
{
    (void)state;
    store(FILE_NVRAM, "hostname R6\n");
    assert_string_equal(buf_text(&stage.saved_text), "hostname R6\n");
    stage_saved(OK, 0);
    assert_int_equal(stored.calls, 1);
    assert_true(stored.well);
    assert_string_equal(stage.router.saved.user, "lab");
    store(FILE_NVRAM, "hostname R5\n");
    stage_saved(ERR_SYSTEM, ENOSPC);
    assert_string_equal(stored.problem, strerror(ENOSPC));
    store(FILE_NVRAM, "hostname R5\n");
    stage_saved(ERR_BUSY, 0);
    assert_string_equal(stored.problem, strerror(EBUSY));
}

static void
test_what_could_not_be_read_back_is_not_stored(void **state)
{
    (void)state;
    assert_int_equal(store_bytes(FILE_NVRAM, "", 0, 0), ERR_FORMAT);
    assert_int_equal(store_bytes(FILE_NVRAM, "a\0b", 3, 3), ERR_FORMAT);
    /* Nobody wrote so much. */
    assert_int_equal(
        store_bytes(FILE_NVRAM, "a", 1, (uint64_t)STORAGE_CONFIG_MAX + 1),
        ERR_SYSTEM);
    assert_int_equal(store_bytes(FILE_SYSTEM, "a", 1, UINT64_MAX), ERR_SYSTEM);
    assert_int_equal(buf_len(&stage.saved_text), 0);
}

static void
test_it_goes_on_when_nobody_waits(void **state)
{
    (void)state;
    store(FILE_SYSTEM, "hostname R4\n");
    config_file_forget(&stage.router, &stored);
    while (strcmp(stage.router.config.hostname, "R4") != 0)
        uv_run(&stage.router.loop, UV_RUN_ONCE);
    store(FILE_NVRAM, "hostname R3\n");
    config_file_forget(&stage.router, &stored);
    stage_saved(OK, 0);
    assert_int_equal(stored.calls, 0);
}

static void
test_an_end_of_the_router_tells_nobody(void **state)
{
    (void)state;
    store(FILE_SYSTEM, "hostname R2\n");
    store(FILE_NVRAM, "hostname R2\n");
    config_files_clear(&stage.router);
    assert_int_equal(stored.calls, 0);
    config_files_clear(&stage.router);
}

static void
on_replaced(void *owner, const struct replacement *outcome)
{
    enum replace_end *how = owner;

    *how = outcome->end;
}

static void
test_nothing_is_read_or_added_while_it_is_replaced(void **state)
{
    enum replace_end how = REPLACE_BROKEN;
    struct config target;
    uint64_t bytes;
    int fd;

    (void)state;
    config_init(&target);
    text_copy(target.hostname, sizeof(target.hostname), "R7");
    /* The text that came before is not carried on with. */
    store(FILE_SYSTEM, "hostname R8\n");
    assert_true(replace_begin(&stage.router, &target,
                              &(struct replace_by){.user = "lab"}, on_replaced,
                              &how));
    config_clear(&target);
    assert_int_equal(config_file_read(&stage.router, &fd, &bytes), ERR_BUSY);
    wait_stored();
    assert_non_null(strstr(stored.problem, "being replaced"));
    assert_int_equal(store_bytes(FILE_SYSTEM, "hostname R6\n", 12, 12),
                     ERR_BUSY);
    while (replace_is_under_way(&stage.router))
        uv_run(&stage.router.loop, UV_RUN_ONCE);
    assert_int_equal(how, REPLACE_DONE);
    assert_string_equal(stage.router.config.hostname, "R7");
    store(FILE_SYSTEM, "hostname R6\n");
    wait_stored();
    assert_true(stored.well);
}

static int
end(void **state)
{
    config_files_clear(&stage.router);
    return stage_end(state);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, stage_begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_running_configuration_is_read_whole),
        TEST(test_what_comes_cannot_be_larger_than_a_configuration),
        TEST(test_lines_are_added_to_the_running_configuration),
        TEST(test_lines_that_are_refused_are_told),
        TEST(test_startup_config_is_stored_as_it_came),
        TEST(test_what_could_not_be_read_back_is_not_stored),
        TEST(test_it_goes_on_when_nobody_waits),
        TEST(test_an_end_of_the_router_tells_nobody),
        TEST(test_nothing_is_read_or_added_while_it_is_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
