/* Laws of terminals that control sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/controlled.h"

/* A child whose session that terminal controls. */
static pid_t
controlled_child(const char *name)
{
    int ready[2];
    char byte;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int fd;

        setsid();
        fd = open(name, O_RDWR);
        if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0)
            _exit(1);
        if (write(ready[1], "x", 1) == 1)
            pause();
        _exit(0);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void
test_who_is_controlled_is_known_for_a_while(void **state)
{
    int near = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct controlled *c = controlled_new(), *before = controlled_new();
    struct stat st;
    char name[64];
    pid_t pid;

    (void)state;
    assert_int_equal(grantpt(near), 0);
    assert_int_equal(unlockpt(near), 0);
    assert_int_equal(ptsname_r(near, name, sizeof(name)), 0);
    assert_int_equal(stat(name, &st), 0);
    assert_int_equal(controlled_by(before, st.st_rdev), 0);
    pid = controlled_child(name);
    assert_int_equal(controlled_by(c, st.st_rdev), pid);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    /* All who ask within a second share a look. */
    assert_int_equal(controlled_by(before, 0), 0);
    controlled_drop(before);
    before = controlled_new();
    assert_int_equal(controlled_by(before, st.st_rdev), 0);
    controlled_drop(before);
    controlled_drop(controlled_share(c));
    controlled_drop(c);
    controlled_drop(NULL);
    close(near);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_controlled_is_known_for_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
