#include "vtyssh/streams.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static uint8_t block[64 * 1024];

/* Read so much at the other end, and write what is pending meanwhile; how many
   bytes left by that. */
static size_t
drain(struct stream *s, int other, uint8_t *to, size_t len)
{
    size_t left = 0, got = 0, gone;

    while (got < len) {
        ssize_t now = read(other, to + got, len - got);

        assert_true(now > 0);
        got += (size_t)now;
        assert_int_equal(stream_flush(s, &gone), OK);
        left += gone;
    }
    return left;
}

/* Write until it takes no more, then read all of it at the other end. */
static void
check_backlog(struct stream *s, int other)
{
    size_t written = 0, gone = 0, left = 0;
    uint8_t *all;

    while (buf_len(&s->pending) == 0) {
        assert_int_equal(stream_write(s, span_of(block, sizeof(block)), &gone),
                         OK);
        written += sizeof(block);
        left += gone;
    }
    assert_int_equal(written - left, buf_len(&s->pending));
    /* In order: what is pending goes first. */
    assert_int_equal(stream_write(s, span_text("end"), &gone), OK);
    assert_int_equal(gone, 0);
    written += 3;
    all = malloc(written);
    assert_non_null(all);
    left += drain(s, other, all, written);
    assert_memory_equal(all + written - 3, "end", 3);
    free(all);
    assert_int_equal(left, written);
    assert_int_equal(buf_len(&s->pending), 0);
}

static void
test_a_pipe_is_never_waited_for(void **state)
{
    struct stream s;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    /* Somebody else's descriptor of the same pipe. */
    int shared = dup(ends[1]);
    stream_open(&s, ends[1]);
    assert_int_equal(s.kind, STREAM_OWN);
    check_backlog(&s, ends[0]);
    assert_int_equal(fcntl(shared, F_GETFL) & O_NONBLOCK, 0);
    stream_close(&s);
    close(shared);
    close(ends[0]);
}

/* As another user's is, which cannot be opened again. */
static void
test_a_pipe_that_blocks_is_not_waited_for_either(void **state)
{
    struct stream s;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    stream_open(&s, ends[1]);
    assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
    s.kind = STREAM_POLLED;
    assert_false(stream_may_have_more(&s));
    check_backlog(&s, ends[0]);
    stream_close(&s);
    close(ends[0]);
}

static void
test_a_socket_is_never_waited_for(void **state)
{
    struct stream s;
    uint8_t byte;
    size_t got;
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    stream_open(&s, ends[1]);
    assert_int_equal(s.kind, STREAM_SOCKET);
    assert_int_equal(stream_read(&s, &byte, 1, &got), ERR_MORE);
    check_backlog(&s, ends[0]);
    assert_int_equal(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
    /* Its end is seen although somebody else has it open. */
    int shared = dup(ends[1]);
    stream_close(&s);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(shared);
    close(ends[0]);
}

/* Collected pieces leave in their order, whatever the first call takes. */
static void
check_collected(struct stream *s, int other)
{
    static uint8_t piece[3][100000], room[sizeof(piece)];
    size_t gone;

    for (uint8_t i = 0; i < 3; i++) {
        memset(piece[i], 'a' + i, sizeof(piece[i]));
        assert_true(stream_collect(s, span_of(piece[i], sizeof(piece[i]))));
    }
    assert_int_equal(stream_write_collected(s, &gone), OK);
    assert_true(gone > 0 && gone < sizeof(piece));
    assert_int_equal(buf_len(&s->pending), sizeof(piece) - gone);
    memset(piece, 0, sizeof(piece));
    /* What is pending goes first. */
    assert_false(stream_collect(s, span_text("later")));
    gone += drain(s, other, room, sizeof(room));
    assert_int_equal(gone, sizeof(room));
    for (size_t i = 0; i < sizeof(room); i++)
        assert_int_equal(room[i], 'a' + i / sizeof(piece[0]));
    assert_int_equal(stream_write_collected(s, &gone), OK);
    assert_int_equal(gone, 0);
}

static void
test_a_pipe_takes_what_was_collected(void **state)
{
    struct stream s;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    stream_open(&s, ends[1]);
    assert_int_equal(fcntl(s.fd, F_SETPIPE_SZ, 128 * 1024), 128 * 1024);
    check_collected(&s, ends[0]);
    stream_close(&s);
    close(ends[0]);
}

static void
test_a_socket_takes_what_was_collected(void **state)
{
    struct stream s;
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    stream_open(&s, ends[1]);
    check_collected(&s, ends[0]);
    stream_close(&s);
    close(ends[0]);
}

static void
test_what_is_collected_has_its_limit_and_its_end(void **state)
{
    struct stream s;
    size_t gone;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    stream_open(&s, ends[1]);
    for (unsigned i = 0; i < STREAM_PIECES; i++)
        assert_true(stream_collect(&s, span_text("xy")));
    assert_false(stream_collect(&s, span_text("z")));
    close(ends[0]);
    assert_int_equal(stream_write_collected(&s, &gone), ERR_CLOSED);
    assert_int_equal(gone, 2 * STREAM_PIECES);
    s.kind = STREAM_POLLED;
    assert_false(stream_collect(&s, span_text("z")));
    stream_close(&s);
    assert_false(stream_collect(&s, span_text("z")));
}

static void
test_the_end_of_a_reader(void **state)
{
    struct stream s;
    size_t gone;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    stream_open(&s, ends[1]);
    close(ends[0]);
    assert_int_equal(stream_write(&s, span_text("x"), &gone), ERR_CLOSED);
    stream_close(&s);
    assert_int_equal(stream_write(&s, span_text("x"), &gone), ERR_CLOSED);
    assert_int_equal(stream_flush(&s, &gone), ERR_CLOSED);
}

static void
test_reading(void **state)
{
    struct stream s;
    uint8_t room[8];
    size_t got;
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    stream_open(&s, ends[0]);
    assert_int_equal(write(ends[1], "abc", 3), 3);
    assert_int_equal(stream_read(&s, room, sizeof(room), &got), OK);
    assert_int_equal(got, 3);
    close(ends[1]);
    assert_int_equal(stream_read(&s, room, sizeof(room), &got), ERR_CLOSED);
    stream_close(&s);
}

static void
test_what_is_not_open(void **state)
{
    struct stream s;
    uint8_t byte;
    size_t got;

    (void)state;
    stream_open(&s, 999);
    assert_int_equal(s.fd, -1);
    assert_int_equal(stream_read(&s, &byte, 1, &got), ERR_CLOSED);
    stream_close(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pipe_is_never_waited_for),
        cmocka_unit_test(test_a_pipe_that_blocks_is_not_waited_for_either),
        cmocka_unit_test(test_a_socket_is_never_waited_for),
        cmocka_unit_test(test_a_pipe_takes_what_was_collected),
        cmocka_unit_test(test_a_socket_takes_what_was_collected),
        cmocka_unit_test(test_what_is_collected_has_its_limit_and_its_end),
        cmocka_unit_test(test_the_end_of_a_reader),
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_what_is_not_open),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
