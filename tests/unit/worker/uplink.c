#include "worker/uplink.h"

#include <fcntl.h>
#include <unistd.h>

#include "rig.h"

struct link {
    struct uplink up;
    struct pipe *control;
};

static void
link_init(struct link *l)
{
    int ends[2];

    assert_int_equal(pipe_pair(ends), OK);
    uplink_init(&l->up, ends[1]);
    l->control = pipe_new(ends[0]);
}

static void
link_clear(struct link *l)
{
    uplink_clear(&l->up);
    pipe_free(l->control);
}

static void
say(struct link *l, enum message_type type, const int *fds, size_t count)
{
    struct message m = {.type = type};
    struct buf encoded;

    buf_init(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, &m);
    assert_int_equal(pipe_send(l->control, buf_span(&encoded), fds, count), OK);
    buf_clear(&encoded);
}

static void
test_messages_come_in_order(void **state)
{
    struct span encoded;
    struct message m;
    struct link l;
    int fd;

    (void)state;
    link_init(&l);
    say(&l, MSG_PROMPT, NULL, 0);
    say(&l, MSG_EXIT, NULL, 0);
    assert_true(uplink_receive(&l.up, &m, &encoded, &fd));
    assert_int_equal(m.type, MSG_PROMPT);
    assert_int_equal(fd, -1);
    assert_true(uplink_receive(&l.up, &m, &encoded, &fd));
    assert_int_equal(m.type, MSG_EXIT);
    assert_false(uplink_receive(&l.up, &m, &encoded, &fd));
    assert_false(l.up.failed);
    link_clear(&l);
}

static void
test_one_descriptor_comes_along(void **state)
{
    int ends[2];
    struct span encoded;
    struct message m;
    struct link l;
    int fd;

    (void)state;
    link_init(&l);
    assert_int_equal(pipe(ends), 0);
    say(&l, MSG_OUTPUT_FILE, ends, 2);
    assert_true(uplink_receive(&l.up, &m, &encoded, &fd));
    assert_true(fd >= 0);
    close(ends[0]);
    close(ends[1]);
    /* The second was closed at once: this is the lowest free number again. */
    assert_int_equal(fcntl(fd, F_DUPFD_CLOEXEC, 0), ends[0]);
    close(fd);
    close(ends[0]);
    link_clear(&l);
}

static void
test_the_end_of_control_is_a_failure(void **state)
{
    struct span encoded;
    struct message m;
    struct link l;
    int fd;

    (void)state;
    link_init(&l);
    pipe_free(l.control);
    assert_false(uplink_receive(&l.up, &m, &encoded, &fd));
    assert_true(l.up.failed);
    assert_true(uplink_is_busy(&l.up));
    uplink_send_channel(&l.up, MSG_IDLE, 0);
    uplink_clear(&l.up);
}

static void
test_what_does_not_decode_is_a_failure(void **state)
{
    struct span encoded;
    struct message m;
    struct link l;
    int fd;

    (void)state;
    link_init(&l);
    assert_int_equal(pipe_send(l.control, span_text("nonsense"), NULL, 0), OK);
    assert_false(uplink_receive(&l.up, &m, &encoded, &fd));
    assert_true(l.up.failed);
    link_clear(&l);
}

static void
test_a_control_that_does_not_read_is_a_failure(void **state)
{
    struct link l;
    size_t sent = 0;

    (void)state;
    link_init(&l);
    while (!uplink_is_busy(&l.up)) {
        uplink_send_channel(&l.up, MSG_IDLE, 0);
        sent++;
    }
    assert_false(l.up.failed);
    while (!l.up.failed) {
        uplink_send_channel(&l.up, MSG_IDLE, 0);
        sent++;
    }
    assert_true(sent < 100000);
    link_clear(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_come_in_order),
        cmocka_unit_test(test_one_descriptor_comes_along),
        cmocka_unit_test(test_the_end_of_control_is_a_failure),
        cmocka_unit_test(test_what_does_not_decode_is_a_failure),
        cmocka_unit_test(test_a_control_that_does_not_read_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
