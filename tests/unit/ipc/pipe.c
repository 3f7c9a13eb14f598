/* Laws of the pipes between processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ipc/pipe.h"

struct pair {
    struct pipe *a, *b;
};

static struct pair
pair_new(void)
{
    int ends[2];

    assert_int_equal(pipe_pair(ends), OK);
    return (struct pair){pipe_new(ends[0]), pipe_new(ends[1])};
}

static void
pair_free(struct pair pair)
{
    pipe_free(pair.a);
    pipe_free(pair.b);
}

static size_t
count_open_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static void
expect_message(struct pipe *p, const char *text)
{
    int fds[PIPE_FDS_MAX];
    struct span message;

    assert_int_equal(pipe_receive(p, &message, fds), OK);
    assert_true(span_is(message, text));
    assert_int_equal(fds[0], -1);
    assert_int_equal(fds[1], -1);
}

static void
expect_result(struct pipe *p, enum err expected)
{
    int fds[PIPE_FDS_MAX];
    struct span message;

    assert_int_equal(pipe_receive(p, &message, fds), expected);
}

static void
test_messages_arrive_whole_and_in_order(void **state)
{
    struct pair pair = pair_new();

    (void)state;
    assert_int_equal(pipe_send(pair.a, span_text("one"), NULL, 0), OK);
    assert_int_equal(pipe_send(pair.a, span_text("second"), NULL, 0), OK);
    assert_int_equal(pipe_send(pair.b, span_text("back"), NULL, 0), OK);
    expect_message(pair.b, "one");
    expect_message(pair.b, "second");
    expect_message(pair.a, "back");
    expect_result(pair.b, ERR_MORE);
    pair_free(pair);
}

static void
test_a_message_of_the_greatest_length_passes(void **state)
{
    uint8_t *large = alloc_zero(PIPE_MESSAGE_MAX + 1, 1);
    struct pair pair = pair_new();
    int fds[PIPE_FDS_MAX];
    struct span message;

    (void)state;
    memset(large, 'x', PIPE_MESSAGE_MAX);
    assert_int_equal(
        pipe_send(pair.a, span_of(large, PIPE_MESSAGE_MAX), NULL, 0), OK);
    assert_int_equal(pipe_receive(pair.b, &message, fds), OK);
    assert_true(span_equal(message, span_of(large, PIPE_MESSAGE_MAX)));
    assert_int_equal(
        pipe_send(pair.a, span_of(large, PIPE_MESSAGE_MAX + 1), NULL, 0),
        ERR_LENGTH);
    assert_int_equal(pipe_send(pair.a, SPAN_EMPTY, NULL, 0), ERR_LENGTH);
    pair_free(pair);
    free(large);
}

static void
test_a_longer_message_of_a_stranger_is_refused(void **state)
{
    uint8_t *large = alloc_zero(PIPE_MESSAGE_MAX + 1, 1);
    struct pair pair = pair_new();

    (void)state;
    assert_int_equal(send(pipe_fd(pair.a), large, PIPE_MESSAGE_MAX + 1, 0),
                     PIPE_MESSAGE_MAX + 1);
    assert_int_equal(send(pipe_fd(pair.a), "next", 4, 0), 4);
    expect_result(pair.b, ERR_LENGTH);
    expect_message(pair.b, "next");
    expect_result(pair.b, ERR_MORE);
    pair_free(pair);
    free(large);
}

static void
test_descriptors_arrive_close_on_exec(void **state)
{
    struct pair pair = pair_new();
    int sent[2] = {open("/dev/null", O_RDONLY), open("/dev/zero", O_RDONLY)};
    int fds[PIPE_FDS_MAX];
    struct span message;
    char byte = 'x';

    (void)state;
    assert_int_equal(pipe_send(pair.a, span_text("m"), sent, 2), OK);
    close(sent[0]);
    close(sent[1]);
    assert_int_equal(pipe_receive(pair.b, &message, fds), OK);
    assert_int_equal(read(fds[0], &byte, 1), 0);
    assert_int_equal(read(fds[1], &byte, 1), 1);
    assert_int_equal(byte, 0);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
        close(fds[i]);
    }
    pair_free(pair);
}

static void
test_surplus_descriptors_are_closed(void **state)
{
    struct pair pair = pair_new();
    size_t before = count_open_fds();
    int sent[5];
    char room[CMSG_SPACE(sizeof(sent))] = {0};
    struct iovec piece = {(char[]){'m'}, 1};
    struct msghdr header = {.msg_iov = &piece,
                            .msg_iovlen = 1,
                            .msg_control = room,
                            .msg_controllen = sizeof(room)};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
    int fds[PIPE_FDS_MAX];
    struct span message;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        sent[i] = pipe_fd(pair.a);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(sent));
    memcpy(CMSG_DATA(rights), sent, sizeof(sent));
    assert_int_equal(sendmsg(pipe_fd(pair.a), &header, 0), 1);
    assert_int_equal(pipe_receive(pair.b, &message, fds), OK);
    assert_int_equal(count_open_fds(), before + PIPE_FDS_MAX);
    close(fds[0]);
    close(fds[1]);
    pair_free(pair);
}

static void
test_what_the_socket_does_not_take_is_queued_up_to_a_limit(void **state)
{
    static const uint8_t bytes[8000];
    struct pair pair = pair_new();
    int null = open("/dev/null", O_RDONLY);
    size_t fds_before = count_open_fds();
    size_t sent = 0, received = 0;
    int fds[PIPE_FDS_MAX];
    struct span message;
    enum err err;

    (void)state;
    while ((err = pipe_send(pair.a, span_of(bytes, sizeof(bytes)), &null, 1)) ==
           OK)
        sent++;
    assert_int_equal(err, ERR_LIMIT);
    assert_true(pipe_wants_write(pair.a));
    assert_in_range(pipe_queued(pair.a), PIPE_QUEUE_MAX - 2 * sizeof(bytes),
                    PIPE_QUEUE_MAX);
    for (;;) {
        err = pipe_receive(pair.b, &message, fds);
        if (err == ERR_MORE) {
            if (!pipe_wants_write(pair.a))
                break;
            assert_int_equal(pipe_flush(pair.a), OK);
            continue;
        }
        assert_int_equal(err, OK);
        assert_int_equal(message.len, sizeof(bytes));
        assert_true(fds[0] >= 0);
        close(fds[0]);
        received++;
    }
    assert_int_equal(received, sent);
    assert_int_equal(pipe_queued(pair.a), 0);
    assert_int_equal(count_open_fds(), fds_before);
    close(null);
    pair_free(pair);
}

static void
test_freeing_closes_what_was_queued(void **state)
{
    static const uint8_t bytes[8000];
    int null = open("/dev/null", O_RDONLY);
    size_t before = count_open_fds();
    struct pair pair = pair_new();

    (void)state;
    while (pipe_send(pair.a, span_of(bytes, sizeof(bytes)), &null, 1) == OK)
        continue;
    pair_free(pair);
    assert_int_equal(count_open_fds(), before);
    close(null);
}

static void
test_the_end_comes_behind_the_last_message(void **state)
{
    struct pair pair = pair_new();

    (void)state;
    /* Unread messages make the kernel report a reset first. */
    assert_int_equal(pipe_send(pair.a, span_text("unread"), NULL, 0), OK);
    assert_int_equal(pipe_send(pair.b, span_text("last"), NULL, 0), OK);
    pipe_free(pair.b);
    expect_message(pair.a, "last");
    expect_result(pair.a, ERR_CLOSED);
    expect_result(pair.a, ERR_CLOSED);
    assert_int_equal(pipe_send(pair.a, span_text("m"), NULL, 0), ERR_CLOSED);
    pipe_free(pair.a);
}

static void
test_without_free_descriptors_the_message_comes_alone(void **state)
{
    struct pair pair = pair_new();
    struct rlimit limit, none;
    int fds[PIPE_FDS_MAX];
    struct span message;
    int null = open("/dev/null", O_RDONLY);

    (void)state;
    assert_int_equal(pipe_send(pair.a, span_text("m"), &null, 1), OK);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){3, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(pipe_receive(pair.b, &message, fds), OK);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(span_is(message, "m"));
    assert_int_equal(fds[0], -1);
    close(null);
    pair_free(pair);
}

static void
test_a_received_message_is_wiped_at_the_next_receive(void **state)
{
    struct pair pair = pair_new();
    int fds[PIPE_FDS_MAX];
    struct span message;

    (void)state;
    assert_int_equal(pipe_send(pair.a, span_text("sesame!"), NULL, 0), OK);
    assert_int_equal(pipe_receive(pair.b, &message, fds), OK);
    expect_result(pair.b, ERR_MORE);
    /* Small buffers are kept: the memory is still the pipe's. */
    for (size_t i = 0; i < message.len; i++)
        assert_int_equal(message.ptr[i], 0);
    pair_free(pair);
}

static void
test_a_message_is_forgotten_at_once(void **state)
{
    struct pair pair = pair_new();
    int fds[PIPE_FDS_MAX];
    struct span message;

    (void)state;
    assert_int_equal(pipe_send(pair.a, span_text("secret"), NULL, 0), OK);
    assert_int_equal(pipe_receive(pair.b, &message, fds), OK);
    pipe_forget(pair.b);
    for (size_t i = 0; i < message.len; i++)
        assert_int_equal(message.ptr[i], 0);
    pipe_forget(pair.b);
    pair_free(pair);
}

static void
test_held_messages_go_together_and_in_order(void **state)
{
    struct pair pair = pair_new();

    (void)state;
    pipe_hold(pair.a);
    assert_int_equal(pipe_send(pair.a, span_text("one"), NULL, 0), OK);
    assert_int_equal(pipe_send(pair.a, span_text("two"), NULL, 0), OK);
    assert_false(pipe_wants_write(pair.a));
    assert_int_equal(pipe_queued(pair.a), 0);
    expect_result(pair.b, ERR_MORE);
    assert_int_equal(pipe_flush(pair.a), OK);
    expect_message(pair.b, "one");
    expect_message(pair.b, "two");
    assert_int_equal(pipe_send(pair.a, span_text("three"), NULL, 0), OK);
    expect_message(pair.b, "three");
    pair_free(pair);
}

static void
test_little_is_held(void **state)
{
    struct pair pair = pair_new();
    uint8_t large[8192] = {0};
    int fds[PIPE_FDS_MAX], given = STDIN_FILENO;
    struct span message;

    (void)state;
    pipe_hold(pair.a);
    assert_int_equal(pipe_send(pair.a, span_text("one"), NULL, 0), OK);
    assert_int_equal(pipe_send(pair.a, span_of(large, sizeof(large)), NULL, 0),
                     OK);
    expect_message(pair.b, "one");
    assert_int_equal(pipe_receive(pair.b, &message, fds), OK);
    assert_int_equal(message.len, sizeof(large));
    pipe_hold(pair.a);
    assert_int_equal(pipe_send(pair.a, span_text("two"), NULL, 0), OK);
    assert_int_equal(pipe_send(pair.a, span_text("fd"), &given, 1), OK);
    expect_message(pair.b, "two");
    assert_int_equal(pipe_receive(pair.b, &message, fds), OK);
    assert_true(fds[0] >= 0);
    pipe_close_fds(fds);
    pair_free(pair);
}

static void
test_what_is_held_meets_a_closed_end(void **state)
{
    struct pair pair = pair_new();

    (void)state;
    pipe_hold(pair.a);
    assert_int_equal(pipe_send(pair.a, span_text("one"), NULL, 0), OK);
    pipe_free(pair.b);
    assert_int_equal(pipe_flush(pair.a), ERR_CLOSED);
    pipe_free(pair.a);
}

static void
test_only_an_end_of_a_pair_is_taken_for_one(void **state)
{
    struct pair pair = pair_new();
    int null = open("/dev/null", O_RDONLY);
    int ends[2];

    (void)state;
    assert_true(pipe_is_end(pipe_fd(pair.a)));
    assert_false(pipe_is_end(null));
    close(null);
    assert_false(pipe_is_end(null));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_false(pipe_is_end(ends[0]));
    close(ends[0]);
    close(ends[1]);
    pair_free(pair);
}

static void
test_descriptors_nobody_wants_are_closed(void **state)
{
    int fds[PIPE_FDS_MAX] = {-1, -1};
    size_t before = count_open_fds();

    (void)state;
    fds[1] = open("/dev/null", O_RDONLY);
    pipe_close_fds(fds);
    assert_int_equal(fds[1], -1);
    pipe_close_fds(fds);
    assert_int_equal(count_open_fds(), before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_arrive_whole_and_in_order),
        cmocka_unit_test(test_a_message_of_the_greatest_length_passes),
        cmocka_unit_test(test_a_longer_message_of_a_stranger_is_refused),
        cmocka_unit_test(test_descriptors_arrive_close_on_exec),
        cmocka_unit_test(test_surplus_descriptors_are_closed),
        cmocka_unit_test(
            test_what_the_socket_does_not_take_is_queued_up_to_a_limit),
        cmocka_unit_test(test_freeing_closes_what_was_queued),
        cmocka_unit_test(test_the_end_comes_behind_the_last_message),
        cmocka_unit_test(test_without_free_descriptors_the_message_comes_alone),
        cmocka_unit_test(test_a_received_message_is_wiped_at_the_next_receive),
        cmocka_unit_test(test_a_message_is_forgotten_at_once),
        cmocka_unit_test(test_held_messages_go_together_and_in_order),
        cmocka_unit_test(test_little_is_held),
        cmocka_unit_test(test_what_is_held_meets_a_closed_end),
        cmocka_unit_test(test_only_an_end_of_a_pair_is_taken_for_one),
        cmocka_unit_test(test_descriptors_nobody_wants_are_closed),
    };

    return cmocka_run_group_tests_name("ipc/pipe", tests, NULL, NULL);
}
