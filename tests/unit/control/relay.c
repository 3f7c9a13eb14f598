#include "control/relay.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    uv_loop_t loop;
    struct relay *relay;
    unsigned ends;
    bool broken;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    *state = f;
    return f != NULL && uv_loop_init(&f->loop) == 0 ? 0 : -1;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    uv_run(&f->loop, UV_RUN_DEFAULT);
    /* Everything that was opened has been let go. */
    if (uv_loop_close(&f->loop) != 0)
        return -1;
    free(f);
    return 0;
}

static void
on_ended(void *owner, bool broken)
{
    struct fixture *f = owner;

    f->ends++;
    f->broken = broken;
}

static void
start(struct fixture *f, int from, int to)
{
    f->ends = 0;
    assert_int_equal(relay_start(&f->loop, from, to, on_ended, f, &f->relay),
                     OK);
}

/* A file of `len` bytes that can be told from each other. */
static int
pattern_file(size_t len)
{
    FILE *file = tmpfile();
    int fd;

    assert_non_null(file);
    for (size_t i = 0; i < len; i++)
        fputc((int)(i * 7 % 251), file);
    fflush(file);
    rewind(file);
    fd = dup(fileno(file));
    lseek(fd, 0, SEEK_SET);
    fclose(file);
    return fd;
}

static void
expect_pattern(int fd, size_t len)
{
    uint8_t byte;

    lseek(fd, 0, SEEK_SET);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(read(fd, &byte, 1), 1);
        assert_int_equal(byte, i * 7 % 251);
    }
    assert_int_equal(read(fd, &byte, 1), 0);
}

static void
test_a_file_goes_to_a_file(void **state)
{
    struct fixture *f = *state;
    int from = pattern_file(3 * RELAY_ROOM + 5), to = pattern_file(0);

    start(f, from, to);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->ends, 1);
    assert_false(f->broken);
    expect_pattern(to, 3 * RELAY_ROOM + 5);
    close(from);
    close(to);
}

static void
test_a_slow_reader_holds_the_writer_back(void **state)
{
    struct fixture *f = *state;
    int from[2], to[2];
    size_t put = 0, got = 0;
    char chunk[4096] = {0};
    ssize_t n;

    assert_int_equal(pipe2(from, O_CLOEXEC), 0);
    assert_int_equal(pipe2(to, O_CLOEXEC), 0);
    fcntl(from[1], F_SETFL, O_NONBLOCK);
    fcntl(to[0], F_SETFL, O_NONBLOCK);
    start(f, from[0], to[1]);
    /* Nobody reads: what the pipes and the relay hold is all that goes in. */
    for (int i = 0; i < 2000; i++) {
        n = write(from[1], chunk, sizeof(chunk));
        put += n > 0 ? (size_t)n : 0;
        uv_run(&f->loop, UV_RUN_NOWAIT);
    }
    assert_true(put <= 2 * 65536 + RELAY_ROOM + sizeof(chunk));
    close(from[1]);
    for (int i = 0; i < 2000 && f->ends == 0; i++) {
        uv_run(&f->loop, UV_RUN_NOWAIT);
        n = read(to[0], chunk, sizeof(chunk));
        got += n > 0 ? (size_t)n : 0;
    }
    while ((n = read(to[0], chunk, sizeof(chunk))) > 0)
        got += (size_t)n;
    assert_int_equal(f->ends, 1);
    assert_int_equal(got, put);
    close(from[0]);
    close(to[0]);
    close(to[1]);
}

static void
test_a_pipe_of_others_keeps_its_flags(void **state)
{
    struct fixture *f = *state;
    int from[2], to[2];

    assert_int_equal(pipe2(from, O_CLOEXEC), 0);
    assert_int_equal(pipe2(to, O_CLOEXEC), 0);
    start(f, from[0], to[1]);
    uv_run(&f->loop, UV_RUN_NOWAIT);
    assert_int_equal(fcntl(from[0], F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(fcntl(to[1], F_GETFL) & O_NONBLOCK, 0);
    relay_stop(f->relay);
    close(from[0]);
    close(from[1]);
    close(to[0]);
    close(to[1]);
}

static void
test_a_receiver_that_is_gone_breaks_it(void **state)
{
    struct fixture *f = *state;
    int from = pattern_file(10), to[2];

    assert_int_equal(pipe2(to, O_CLOEXEC), 0);
    close(to[0]);
    start(f, from, to[1]);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->ends, 1);
    assert_true(f->broken);
    close(from);
    close(to[1]);
}

static void
test_sockets_go_both_ways_on_one_descriptor(void **state)
{
    struct fixture *f = *state;
    struct fixture other = {.ends = 0};
    int ends[2], from = pattern_file(100), to = pattern_file(0);
    char got[128];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    start(f, ends[0], to);
    assert_int_equal(
        relay_start(&f->loop, from, ends[0], on_ended, &other, &other.relay),
        OK);
    assert_int_equal(write(ends[1], "answer", 6), 6);
    while (other.ends == 0)
        uv_run(&f->loop, UV_RUN_ONCE);
    assert_int_equal(read(ends[1], got, sizeof(got)), 100);
    close(ends[1]);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->ends, 1);
    assert_int_equal(lseek(to, 0, SEEK_END), 6);
    close(ends[0]);
    close(from);
    close(to);
}

static void
test_nothing_is_told_after_a_stop(void **state)
{
    struct fixture *f = *state;
    int from = pattern_file(RELAY_ROOM), to = pattern_file(0);

    start(f, from, to);
    relay_stop(f->relay);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->ends, 0);
    relay_stop(NULL);
    close(from);
    close(to);
}

static void
test_dev_null_is_an_end_at_once(void **state)
{
    struct fixture *f = *state;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    start(f, null, null);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(f->ends, 1);
    assert_false(f->broken);
    close(null);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_goes_to_a_file),
        TEST(test_a_slow_reader_holds_the_writer_back),
        TEST(test_a_pipe_of_others_keeps_its_flags),
        TEST(test_a_receiver_that_is_gone_breaks_it),
        TEST(test_sockets_go_both_ways_on_one_descriptor),
        TEST(test_nothing_is_told_after_a_stop),
        TEST(test_dev_null_is_an_end_at_once),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
