/* Whole conversations of a server and a client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "pump.h"

static void
assert_finished(struct pump *pump, size_t sessions)
{
    struct user *client = &pump->client;

    if (client->closed)
        fail_msg("closed: %s", client->end.text);
    if (pump->server.closed)
        fail_msg("closed: %s", pump->server.end.text);
    assert_true(client->is_in);
    assert_int_equal(client->finished, sessions);
}

static void
assert_answered(struct pump *pump, size_t i, const char *text)
{
    struct user_channel *ch = &pump->client.channels[i];

    assert_string_equal(buf_text(&ch->received), text);
    assert_true(ch->eof);
    assert_true(ch->closed);
    assert_int_equal(ch->status, 0);
}

static void
test_exec_comes_back_with_its_status(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump_start(&pump);
    pump_run(&pump);
    assert_finished(&pump, 1);
    assert_answered(&pump, 0, "ran: show version\r\n");
    assert_int_equal(pump.client.failures, 0);
    pump_clear(&pump);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exec_comes_back_with_its_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
