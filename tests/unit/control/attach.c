#include "control/attach.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/attach_wire.h"

#define TURNS_MAX 1000 /* of the loop, 10 ms each, before a test gives up */

/* Control's end; the far end is a child that runs the real program mode. */
struct fixture {
    uv_loop_t loop;
    char path[64];
    int dir;
    struct attach *attach;
    unsigned asked;
    struct worker_terminal terminal;
    bool refuses;
    unsigned busy;    /* the line is, for so many questions */
    const char *says; /* what the line shows before it ends */
    char heard[256];  /* what came from the far end until its end */
    int line;         /* the descriptor that was passed on, or -1 */
};

static enum attach_answer
on_asked(void *owner, int fd, const struct worker_terminal *terminal, char *why,
         size_t room)
{
    struct fixture *f = owner;

    f->asked++;
    f->terminal = *terminal;
    if (f->refuses || f->asked <= f->busy) {
        snprintf(why, room, "the line is somebody else's");
        return f->refuses ? ATTACH_NO : ATTACH_BUSY;
    }
    f->line = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return ATTACH_YES;
}

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL || uv_loop_init(&f->loop) != 0)
        return -1;
    snprintf(f->path, sizeof(f->path), "/tmp/vtyd-attach-XXXXXX");
    if (mkdtemp(f->path) == NULL)
        return -1;
    f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    f->line = -1;
    f->says = "";
    *state = f;
    return attach_listen(&f->loop, f->dir, on_asked, f, &f->attach) == OK ? 0
                                                                          : -1;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    attach_close(f->attach);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    close(f->dir);
    /* The socket went with its router. */
    if (rmdir(f->path) != 0 || uv_loop_close(&f->loop) != 0)
        return -1;
    free(f);
    return 0;
}

/* Play the line: show, hear everything out, end. */
static void
play_line(struct fixture *f)
{
    size_t len = 0;
    ssize_t n;

    fcntl(f->line, F_SETFL, 0);
    assert_int_equal(write(f->line, f->says, strlen(f->says)),
                     (ssize_t)strlen(f->says));
    while ((n = read(f->line, f->heard + len, sizeof(f->heard) - 1 - len)) > 0)
        len += (size_t)n;
    close(f->line);
    f->line = -1;
}

/*
 * `vtyd attach --state PATH` with `typed` on its standard input: its exit
 * status; what it writes to both of its outputs is in `said`.
 */
static int
run_client(struct fixture *f, const char *path, const char *typed, char *said,
           size_t room)
{
    FILE *in = tmpfile(), *out = tmpfile();
    struct options options = {.mode = PROGRAM_ATTACH, .state = path};
    int status = -1;
    pid_t pid;

    fputs(typed, in);
    fflush(in);
    rewind(in);
    pid = fork();
    if (pid == 0) {
        dup2(fileno(in), STDIN_FILENO);
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(out), STDERR_FILENO);
        _exit(attach_run(&options));
    }
    for (int i = 0; i < TURNS_MAX && waitpid(pid, &status, WNOHANG) == 0; i++) {
        uv_run(&f->loop, UV_RUN_NOWAIT);
        if (f->line >= 0)
            play_line(f);
        usleep(10000);
    }
    rewind(out);
    said[fread(said, 1, room - 1, out)] = '\0';
    fclose(in);
    fclose(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_bytes_go_both_ways_until_the_line_ends(void **state)
{
    struct fixture *f = *state;
    char said[256];

    f->says = "R1#";
    assert_int_equal(
        run_client(f, f->path, "enable\nexit\n", said, sizeof(said)), 0);
    assert_string_equal(said, "R1#");
    assert_string_equal(f->heard, "enable\nexit\n");
    assert_int_equal(f->asked, 1);
    assert_true(f->terminal.attached);
    assert_false(f->terminal.interactive);
}

static void
test_the_reason_of_a_refusal_is_told(void **state)
{
    struct fixture *f = *state;
    char said[256];

    f->refuses = true;
    assert_int_equal(run_client(f, f->path, "", said, sizeof(said)), 1);
    assert_non_null(strstr(said, "the line is somebody else's"));
}

static void
test_a_line_that_is_just_left_is_waited_for(void **state)
{
    struct fixture *f = *state;
    char said[256];

    f->busy = 3;
    assert_int_equal(run_client(f, f->path, "", said, sizeof(said)), 0);
    assert_int_equal(f->asked, 4);
    f->busy = 1000;
    assert_int_equal(run_client(f, f->path, "", said, sizeof(said)), 1);
    assert_non_null(strstr(said, "the line is somebody else's"));
}

static void
test_no_router_is_a_failure(void **state)
{
    struct fixture *f = *state;
    char said[256];

    attach_close(f->attach);
    f->attach = NULL;
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(run_client(f, f->path, "", said, sizeof(said)), 1);
    assert_non_null(strstr(said, "no router is running here"));
    assert_int_equal(run_client(f, "/nowhere", "", said, sizeof(said)), 1);
    assert_non_null(strstr(said, "/nowhere: No such file"));
}

static void
test_what_a_dead_router_left_is_replaced(void **state)
{
    struct fixture *f = *state;
    struct attach *second;
    char said[256];
    struct stat st;

    assert_int_equal(attach_listen(&f->loop, f->dir, on_asked, f, &second), OK);
    assert_int_equal(fstatat(f->dir, ATTACH_SOCKET, &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(run_client(f, f->path, "", said, sizeof(said)), 0);
    attach_close(second);
}

static int
connect_raw(struct fixture *f)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    attach_address(f->dir, &address);
    assert_int_equal(
        connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* What a visitor is told who sends this first. */
static void
expect_refusal(struct fixture *f, const char *first, size_t len)
{
    int fd = connect_raw(f);
    char answer[ATTACH_LINE_MAX] = "";

    assert_int_equal(send(fd, first, len, MSG_NOSIGNAL), (ssize_t)len);
    for (int i = 0; i < 20; i++)
        uv_run(&f->loop, UV_RUN_NOWAIT);
    assert_true(read(fd, answer, sizeof(answer) - 1) > 0);
    assert_string_equal(answer, "no the first line is none of vtyd attach\n");
    /* Reset or closed: in any case over. */
    assert_true(read(fd, answer, sizeof(answer)) <= 0);
    close(fd);
}

static void
test_a_first_line_of_anything_else_is_refused(void **state)
{
    struct fixture *f = *state;
    char endless[ATTACH_LINE_MAX];

    expect_refusal(f, "GET / HTTP/1.0\n", 15);
    expect_refusal(f, "stream\nmore", 11);
    memset(endless, 'x', sizeof(endless));
    expect_refusal(f, endless, sizeof(endless));
    assert_int_equal(f->asked, 0);
}

static void
test_a_visitor_who_goes_is_forgotten(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 20; i++) {
        int fd = connect_raw(f);

        uv_run(&f->loop, UV_RUN_NOWAIT);
        close(fd);
        uv_run(&f->loop, UV_RUN_NOWAIT);
        uv_run(&f->loop, UV_RUN_NOWAIT);
    }
    test_bytes_go_both_ways_until_the_line_ends(state);
}

static void
test_another_user_is_refused(void **state)
{
    struct fixture *f = *state;
    char answer[ATTACH_LINE_MAX] = "";
    int ends[2], status, fd;
    pid_t pid;

    if (geteuid() != 0)
        return; /* there is no other user to be */
    /* The modes alone would keep him out; here they do not. */
    assert_int_equal(chmod(f->path, 0755), 0);
    assert_int_equal(fchmodat(f->dir, ATTACH_SOCKET, 0666, 0), 0);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        if (setuid(65534) != 0)
            _exit(9);
        fd = connect_raw(f);
        /* Whoever listens must have looked before the first line. */
        _exit(read(fd, answer, sizeof(answer) - 1) > 0 &&
                      write(ends[1], answer, strlen(answer)) > 0
                  ? 0
                  : 8);
    }
    for (int i = 0; i < TURNS_MAX && waitpid(pid, &status, WNOHANG) == 0; i++) {
        uv_run(&f->loop, UV_RUN_NOWAIT);
        usleep(10000);
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(read(ends[0], answer, sizeof(answer) - 1) > 0);
    assert_string_equal(answer,
                        "no only the state directory's owner may attach\n");
    assert_int_equal(f->asked, 0);
    close(ends[0]);
    close(ends[1]);
}

static void
test_a_directory_with_a_long_path_will_do(void **state)
{
    struct fixture *f = *state;
    char path[400], said[256];
    size_t len;

    snprintf(path, sizeof(path), "%s", f->path);
    for (int i = 0; i < 100; i++) {
        len = strlen(path);
        snprintf(path + len, sizeof(path) - len, "/.");
    }
    assert_int_equal(run_client(f, path, "", said, sizeof(said)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bytes_go_both_ways_until_the_line_ends),
        TEST(test_the_reason_of_a_refusal_is_told),
        TEST(test_a_line_that_is_just_left_is_waited_for),
        TEST(test_no_router_is_a_failure),
        TEST(test_what_a_dead_router_left_is_replaced),
        TEST(test_a_first_line_of_anything_else_is_refused),
        TEST(test_a_visitor_who_goes_is_forgotten),
        TEST(test_another_user_is_refused),
        TEST(test_a_directory_with_a_long_path_will_do),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
