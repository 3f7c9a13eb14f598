/* Laws of sending a message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ipc/send.h"

static struct pipe *near_end, *far_end;

static int
begin(void **state)
{
    int ends[2];

    (void)state;
    if (pipe_pair(ends) != OK)
        return -1;
    near_end = pipe_new(ends[0]);
    far_end = pipe_new(ends[1]);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    pipe_free(near_end);
    pipe_free(far_end);
    near_end = far_end = NULL;
    return 0;
}

static void
test_a_message_arrives_as_it_was_sent(void **state)
{
    struct message m = {.type = MSG_VERDICT}, received;
    struct span bytes;
    int fds[PIPE_FDS_MAX];

    (void)state;
    m.verdict.request = 7;
    m.verdict.accepted = true;
    assert_int_equal(message_send(near_end, &m), OK);
    assert_int_equal(pipe_receive(far_end, &bytes, fds), OK);
    assert_int_equal(message_decode(bytes, &received), OK);
    assert_int_equal(received.type, MSG_VERDICT);
    assert_int_equal(received.verdict.request, 7);
    assert_true(received.verdict.accepted);
}

static void
test_a_message_that_cannot_be_encoded_is_not_sent(void **state)
{
    static uint8_t text[PIPE_MESSAGE_MAX];
    struct message m = {.type = MSG_OUTPUT};
    struct span bytes;
    int fds[PIPE_FDS_MAX];

    (void)state;
    m.output.text = span_of(text, sizeof(text));
    assert_int_equal(message_send(near_end, &m), ERR_LENGTH);
    m = (struct message){.type = MSG_PROMPT};
    m.prompt.prompt = span_of(text, 1); /* a NUL */
    assert_int_equal(message_send(near_end, &m), ERR_LENGTH);
    assert_int_equal(pipe_receive(far_end, &bytes, fds), ERR_MORE);
}

static void
test_the_end_of_the_pipe_is_told(void **state)
{
    struct message m = {.type = MSG_VERDICT};

    (void)state;
    pipe_free(far_end);
    far_end = NULL;
    assert_int_equal(message_send(near_end, &m), ERR_CLOSED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_message_arrives_as_it_was_sent,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_message_that_cannot_be_encoded_is_not_sent, begin, end),
        cmocka_unit_test_setup_teardown(test_the_end_of_the_pipe_is_told, begin,
                                        end),
    };

    return cmocka_run_group_tests_name("ipc/send", tests, NULL, NULL);
}
