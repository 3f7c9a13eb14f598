/* Laws of files that come by descriptor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"

static int
file_with(const char *text)
{
    char path[] = "/tmp/vtyd-test.XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(file_write_all(fd, span_text(text)), OK);
    return fd;
}

static void
test_only_the_owner_may_have_rights(void **state)
{
    static const mode_t open_to_others[] = {0640, 0604, 0660, 0601, 0620};
    int fd = file_with("text");
    size_t size;

    (void)state;
    assert_int_equal(file_check_private(fd, &size), OK);
    assert_int_equal(size, 4);
    assert_int_equal(fchmod(fd, 0400), 0);
    assert_int_equal(file_check_private(fd, &size), OK);
    for (size_t i = 0; i < sizeof(open_to_others) / sizeof(mode_t); i++) {
        assert_int_equal(fchmod(fd, open_to_others[i]), 0);
        assert_int_equal(file_check_private(fd, &size), ERR_REFUSED);
    }
    close(fd);
}

static void
test_only_regular_files_will_do(void **state)
{
    int ends[2];
    size_t size;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(file_check_private(ends[0], &size), ERR_REFUSED);
    assert_int_equal(file_check_private(null, &size), ERR_REFUSED);
    assert_int_equal(file_check_private(-1, &size), ERR_SYSTEM);
    close(ends[0]);
    close(ends[1]);
    close(null);
}

static void
test_a_file_is_read_whole_or_not_at_all(void **state)
{
    int fd = file_with("0123456789");
    uint8_t room[10];
    size_t len;

    (void)state;
    assert_int_equal(file_read_all(fd, room, 10, &len), OK);
    assert_int_equal(len, 10);
    assert_memory_equal(room, "0123456789", 10);
    assert_int_equal(file_read_all(fd, room, 9, &len), ERR_LENGTH);
    close(fd);
    assert_int_equal(file_read_all(fd, room, 10, &len), ERR_SYSTEM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_owner_may_have_rights),
        cmocka_unit_test(test_only_regular_files_will_do),
        cmocka_unit_test(test_a_file_is_read_whole_or_not_at_all),
    };

    return cmocka_run_group_tests_name("os/file", tests, NULL, NULL);
}
