#include "expect.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

void
expect_finished(struct pump *pump, size_t sessions)
{
    struct user *client = &pump->client;

    if (client->closed)
        fail_msg("the client closed: %s", client->end.text);
    if (pump->server.closed)
        fail_msg("the server closed: %s", pump->server.end.text);
    assert_true(client->is_in);
    assert_int_equal(client->finished, sessions);
}

void
expect_answered(struct pump *pump, size_t i, const char *text)
{
    struct user_channel *ch = &pump->client.channels[i];

    assert_string_equal(buf_text(&ch->received), text);
    assert_true(ch->eof);
    assert_true(ch->closed);
    assert_int_equal(ch->status, 0);
    assert_int_equal(ch->failures, 0);
}

/* Every byte of an upload came back. */
void
expect_echoed(struct pump *pump, size_t i)
{
    struct user_channel *ch = &pump->client.channels[i];
    const uint8_t *bytes = buf_bytes(&ch->received);

    assert_int_equal(buf_len(&ch->received), pump->client.upload);
    for (size_t j = 0; j < pump->client.upload; j++)
        if (bytes[j] != 'A' + j % 25)
            fail_msg("byte %zu of channel %zu is wrong", j, i);
    assert_true(ch->closed);
}

void
run_echo(struct pump *pump, size_t sessions, size_t upload)
{
    pump->client.command = NULL;
    pump->client.sessions = sessions;
    pump->client.upload = upload;
    pump_start(pump);
    pump_run(pump);
    expect_finished(pump, sessions);
    for (size_t i = 0; i < sessions; i++)
        expect_echoed(pump, i);
}
