/* Laws of starting programs. This program starts itself, with a role. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/spawn.h"

#define ANSWER_MAX 512

/* --- the started program ------------------------------------------------ */

static void
answer(const char *text)
{
    if (send(SPAWN_PIPE_FD, text, strlen(text), 0) < 0)
        _exit(9);
}

/* "0 1 2 3 ": every open descriptor but the one that lists them. */
static void
answer_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    char text[ANSWER_MAX] = "";
    bool open_fds[64] = {false};
    const struct dirent *entry;

    if (dir == NULL)
        _exit(8);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) < 64 &&
            atoi(entry->d_name) != dirfd(dir))
            open_fds[atoi(entry->d_name)] = true;
    closedir(dir);
    for (int fd = 0; fd < 64; fd++)
        if (open_fds[fd])
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%d ",
                     fd);
    answer(text);
}

static bool
is_null(int fd)
{
    struct stat here, null;

    return fstat(fd, &here) == 0 && stat("/dev/null", &null) == 0 &&
           here.st_rdev == null.st_rdev;
}

static bool
is_ignored(int signal)
{
    struct sigaction action;

    return sigaction(signal, NULL, &action) == 0 &&
           action.sa_handler == SIG_IGN;
}

/* The environment is what the C library is told, and nothing else. */
static bool
is_told_only(void)
{
    static const char *const expected[] = {
        "LD_BIND_NOW=1",
        "GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.pthread.rseq=0"};
    extern char **environ;

    return environ[0] != NULL && strcmp(environ[0], expected[0]) == 0 &&
           environ[1] != NULL && strcmp(environ[1], expected[1]) == 0 &&
           environ[2] == NULL;
}

static void
answer_state(void)
{
    char text[ANSWER_MAX];
    int death = 0;
    sigset_t blocked;

    prctl(PR_GET_PDEATHSIG, &death);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    snprintf(text, sizeof(text),
             "environment %s death %d blocked %d streams %d%d "
             "int %d usr1 %d uid %d",
             is_told_only() ? "told" : "?", death,
             sigismember(&blocked, SIGUSR1), is_null(0), is_null(1),
             is_ignored(SIGINT), is_ignored(SIGUSR1), (int)getuid());
    answer(text);
}

static void
answer_title(int argc, char **argv)
{
    const char *role = strcmp(argv[1], "title") == 0 ? "server" : "";
    char text[ANSWER_MAX] = "";
    char comm[64] = "";
    struct process_title title;
    FILE *file;

    title_init(&title, argc, argv);
    title_set(&title, "vtyd-worker", role);
    file = fopen("/proc/self/cmdline", "re");
    if (file == NULL || fgets(text, sizeof(text), file) == NULL)
        _exit(8);
    fclose(file);
    prctl(PR_GET_NAME, comm);
    snprintf(text + strlen(text), sizeof(text) - strlen(text), "|%s", comm);
    answer(text);
}

static int
run_role(int argc, char **argv)
{
    if (strcmp(argv[1], "descriptors") == 0)
        answer_descriptors();
    else if (strcmp(argv[1], "state") == 0)
        answer_state();
    else if (strncmp(argv[1], "title", 5) == 0)
        answer_title(argc, argv);
    else if (strcmp(argv[1], "wait") == 0) {
        char byte;

        answer("waiting");
        recv(SPAWN_PIPE_FD, &byte, 1, 0);
    }
    return 0;
}

/* --- tests -------------------------------------------------------------- */

static pid_t
start_self(const char *role, int *pipe_fd, uid_t uid)
{
    char name[] = "test", argument[32];
    char *argv[] = {name, argument, NULL};
    int ends[2];
    pid_t pid;

    snprintf(argument, sizeof(argument), "%s", role);
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(
        spawn_program("/proc/self/exe", argv, ends[1], uid, uid, &pid), OK);
    close(ends[1]);
    *pipe_fd = ends[0];
    return pid;
}

static void
assert_answer(const char *role, uid_t uid, const char *expected)
{
    char text[ANSWER_MAX] = "";
    int pipe_fd, status;
    pid_t pid = start_self(role, &pipe_fd, uid);

    assert_true(recv(pipe_fd, text, sizeof(text) - 1, 0) > 0);
    assert_string_equal(text, expected);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(pipe_fd);
}

static void
test_a_program_gets_its_pipe_and_no_other_descriptor(void **state)
{
    int leaked = open("/dev/zero", O_RDONLY); /* not close-on-exec */

    (void)state;
    assert_answer("descriptors", 0, "0 1 2 3 ");
    close(leaked);
}

static void
test_the_pipe_may_lie_on_any_descriptor(void **state)
{
    char name[] = "test", role[] = "descriptors";
    char *argv[] = {name, role, NULL};

    (void)state;
    for (int at = 3; at < 6; at++) {
        char text[ANSWER_MAX] = "";
        int ends[2], saved = fcntl(at, F_DUPFD_CLOEXEC, 20);
        pid_t pid;

        assert_int_equal(
            socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        if (ends[0] == at || ends[1] != at) {
            ends[0] = fcntl(ends[0], F_DUPFD_CLOEXEC, 30);
            ends[1] =
                dup3(ends[1], at, O_CLOEXEC) == at || ends[1] == at ? at : -1;
        }
        assert_int_equal(
            spawn_program("/proc/self/exe", argv, ends[1], 0, 0, &pid), OK);
        assert_true(recv(ends[0], text, sizeof(text) - 1, 0) > 0);
        assert_string_equal(text, "0 1 2 3 ");
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        close(ends[0]);
        close(ends[1]);
        if (saved >= 0) {
            dup2(saved, at);
            close(saved);
        }
    }
}

static void
test_a_program_starts_with_nothing_of_its_parent(void **state)
{
    sigset_t usr1;
    char expected[ANSWER_MAX];

    (void)state;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    snprintf(expected, sizeof(expected),
             "environment told death 9 blocked 0 streams 11 int 1 "
             "usr1 0 uid %d",
             (int)getuid());
    assert_answer("state", 0, expected);
    sigprocmask(SIG_UNBLOCK, &usr1, NULL);
}

static void
test_root_starts_it_as_the_user_it_shall_be(void **state)
{
    (void)state;
    if (geteuid() == 0)
        assert_answer("state", 65534,
                      "environment told death 9 blocked 0 streams 11 int 1 "
                      "usr1 0 uid 65534");
}

static void
test_a_program_that_is_not_there_is_an_error(void **state)
{
    char name[] = "test";
    char *argv[] = {name, NULL};
    int ends[2];
    pid_t pid = -5;

    (void)state;
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(
        spawn_program("/nonexistent/program", argv, ends[1], 0, 0, &pid),
        ERR_SYSTEM);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(pid, -5);
    /* Nothing is left to reap. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    close(ends[0]);
    close(ends[1]);
}

static void
test_a_program_dies_with_its_parent(void **state)
{
    int ends[2];
    char byte;
    pid_t middle;

    (void)state;
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    middle = fork();
    assert_true(middle >= 0);
    if (middle == 0) {
        char name[] = "test", role[] = "wait";
        char *argv[] = {name, role, NULL};
        pid_t pid;

        if (spawn_program("/proc/self/exe", argv, ends[1], 0, 0, &pid) != OK)
            _exit(1);
        /* Until it waits. */
        if (recv(ends[0], &byte, 1, 0) <= 0)
            _exit(2);
        _exit(0);
    }
    close(ends[1]);
    /* Its end of the pipe closes when it dies, and only then. */
    assert_int_equal(waitpid(middle, NULL, 0), middle);
    assert_int_equal(recv(ends[0], &byte, 1, 0), 0);
    close(ends[0]);
}

static void
test_a_sibling_is_the_parents_child(void **state)
{
    int ends[2];
    pid_t middle, sibling = 0;
    int status;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    middle = fork();
    assert_true(middle >= 0);
    if (middle == 0) {
        pid_t parent = getppid();
        pid_t pid = spawn_sibling();

        if (pid == 0)
            _exit(getppid() == parent ? 7 : 8);
        _exit(write(ends[1], &pid, sizeof(pid)) == sizeof(pid) ? 0 : 1);
    }
    assert_int_equal(read(ends[0], &sibling, sizeof(sibling)), sizeof(sibling));
    assert_int_equal(waitpid(sibling, &status, 0), sibling);
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_int_equal(waitpid(middle, &status, 0), middle);
    assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
}

static void
test_ps_shows_the_role(void **state)
{
    (void)state;
    assert_answer("title", 0, "vtyd-worker: server|vtyd-worker");
    assert_answer("title-alone", 0, "vtyd-worker|vtyd-worker");
}

static void
test_users_are_found_by_name(void **state)
{
    uid_t uid = 1;
    gid_t gid = 1;

    (void)state;
    assert_int_equal(user_find("root", &uid, &gid), OK);
    assert_int_equal(uid, 0);
    assert_int_equal(gid, 0);
    assert_int_equal(user_find("no-such-user-here", &uid, &gid), ERR_NOT_FOUND);
}

static void
test_a_program_beside_this_one_is_found(void **state)
{
    char self[4096], path[4096], small[4];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

    (void)state;
    assert_true(len > 0);
    self[len] = '\0';
    assert_int_equal(program_path(strrchr(self, '/') + 1, path, sizeof(path)),
                     OK);
    assert_string_equal(path, self);
    assert_int_equal(program_path("no-such-program", path, sizeof(path)),
                     ERR_NOT_FOUND);
    assert_int_equal(program_path(strrchr(self, '/') + 1, small, sizeof(small)),
                     ERR_NOT_FOUND);
}

static void
test_user_and_group_are_the_last_two_arguments(void **state)
{
    char name[] = "program", role[] = "role", uid[] = "65534", gid[] = "7";
    char none[] = "4294967295", bad[] = "12x";
    char *argv[] = {name, role, uid, gid, NULL};
    unsigned got_uid = 1, got_gid = 1;

    (void)state;
    assert_int_equal(user_from_arguments(4, argv, 2, &got_uid, &got_gid), OK);
    assert_int_equal(got_uid, 65534);
    assert_int_equal(got_gid, 7);
    assert_int_equal(user_from_arguments(2, argv, 2, &got_uid, &got_gid), OK);
    assert_int_equal(got_uid, 0);
    assert_int_equal(got_gid, 0);
    assert_int_equal(user_from_arguments(3, argv, 2, &got_uid, &got_gid),
                     ERR_FORMAT);
    assert_int_equal(user_from_arguments(1, argv, 2, &got_uid, &got_gid),
                     ERR_FORMAT);
    argv[2] = none;
    assert_int_equal(user_from_arguments(4, argv, 2, &got_uid, &got_gid),
                     ERR_FORMAT);
    argv[2] = bad;
    assert_int_equal(user_from_arguments(4, argv, 2, &got_uid, &got_gid),
                     ERR_FORMAT);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_program_gets_its_pipe_and_no_other_descriptor),
        cmocka_unit_test(test_the_pipe_may_lie_on_any_descriptor),
        cmocka_unit_test(test_a_program_starts_with_nothing_of_its_parent),
        cmocka_unit_test(test_root_starts_it_as_the_user_it_shall_be),
        cmocka_unit_test(test_a_program_that_is_not_there_is_an_error),
        cmocka_unit_test(test_a_program_dies_with_its_parent),
        cmocka_unit_test(test_a_sibling_is_the_parents_child),
        cmocka_unit_test(test_ps_shows_the_role),
        cmocka_unit_test(test_users_are_found_by_name),
        cmocka_unit_test(test_a_program_beside_this_one_is_found),
        cmocka_unit_test(test_user_and_group_are_the_last_two_arguments),
    };

    if (argc > 1)
        return run_role(argc, argv);
    return cmocka_run_group_tests_name("os/spawn", tests, NULL, NULL);
}
