/* Laws of taking control's requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "ipc/requests.h"
#include "ipc/send.h"

static struct pipe *control, *helper;
static uint64_t handled; /* the request that was handled last */

static int
begin(void **state)
{
    int ends[2];

    (void)state;
    if (pipe_pair(ends) != OK)
        return -1;
    control = pipe_new(ends[0]);
    helper = pipe_new(ends[1]);
    handled = 0;
    return 0;
}

static int
end(void **state)
{
    (void)state;
    pipe_free(control);
    pipe_free(helper);
    control = helper = NULL;
    return 0;
}

/* Knows of verdicts; keeps a descriptor for whom `owner` has room. */
static bool
handle(void *owner, const struct message *m, struct span bytes, int *fd)
{
    int *kept = owner;

    assert_true(bytes.len > 0);
    if (m->type != MSG_VERDICT)
        return false;
    handled = m->verdict.request;
    if (kept != NULL) {
        *kept = *fd;
        *fd = -1;
    }
    return true;
}

static void
send_verdict(uint64_t request, int fd)
{
    struct message m = {.type = MSG_VERDICT};
    struct buf bytes;

    m.verdict.request = request;
    buf_init(&bytes, PIPE_MESSAGE_MAX);
    message_encode(&bytes, &m);
    assert_int_equal(pipe_send(control, buf_span(&bytes), &fd, fd >= 0), OK);
    buf_clear(&bytes);
}

static void
test_requests_are_handled_one_by_one_in_order(void **state)
{
    (void)state;
    assert_int_equal(request_take(helper, handle, NULL), ERR_MORE);
    send_verdict(7, -1);
    send_verdict(8, -1);
    assert_int_equal(request_take(helper, handle, NULL), OK);
    assert_int_equal(handled, 7);
    assert_int_equal(request_take(helper, handle, NULL), OK);
    assert_int_equal(handled, 8);
    assert_int_equal(request_take(helper, handle, NULL), ERR_MORE);
}

/* Whether the other end of a pipe(2) is open nowhere any more. */
static bool
is_closed_elsewhere(int reader)
{
    char byte;

    return read(reader, &byte, 1) == 0;
}

static void
test_a_descriptor_is_kept_or_closed(void **state)
{
    int kept = -1, ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    send_verdict(1, ends[1]);
    send_verdict(2, ends[1]);
    close(ends[1]);
    assert_int_equal(request_take(helper, handle, &kept), OK);
    assert_true(kept >= 0);
    assert_int_equal(request_take(helper, handle, NULL), OK);
    assert_int_equal(write(kept, "x", 1), 1);
    close(kept);
    assert_false(is_closed_elsewhere(ends[0])); /* the byte */
    assert_true(is_closed_elsewhere(ends[0]));
    close(ends[0]);
}

static void
test_what_is_not_for_us_is_refused(void **state)
{
    struct message m = {.type = MSG_REPORT,
                        .report = message_report(LOG_NOTICE, "a line")};

    (void)state;
    assert_int_equal(message_send(control, &m), OK);
    assert_int_equal(request_take(helper, handle, NULL), ERR_REFUSED);
    assert_int_equal(pipe_send(control, span_text("no message"), NULL, 0), OK);
    assert_int_equal(request_take(helper, handle, NULL), ERR_REFUSED);
    assert_int_equal(handled, 0);
}

static void
test_the_end_of_control_is_told(void **state)
{
    (void)state;
    send_verdict(9, -1);
    pipe_free(control);
    control = NULL;
    assert_int_equal(request_take(helper, handle, NULL), OK);
    assert_int_equal(request_take(helper, handle, NULL), ERR_CLOSED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_requests_are_handled_one_by_one_in_order, begin, end),
        cmocka_unit_test_setup_teardown(test_a_descriptor_is_kept_or_closed,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_not_for_us_is_refused,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_the_end_of_control_is_told, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
