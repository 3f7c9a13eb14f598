/*
 * Servers that misuse the one session of a client: hardening 5.3 to 5.8 from
 * the client's side, and what is said of a command's end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/channel.h"
#include "ssh/v2/ssh2.h"

static const uint8_t bytes[SSH_CHANNEL_PACKET_MAX + 1];

/* A command runs in our channel 7, the client's 0. */
static void
reach_session(struct fixture *f)
{
    fixture_client(f);
    fixture_there_session(f);
    send_channel(&f->raw, SSH2_MSG_CHANNEL_SUCCESS, 0);
}

static void
send_stderr(struct fixture *f, struct span text)
{
    struct buf *to = raw_begin(&f->raw, SSH2_MSG_CHANNEL_EXTENDED_DATA);

    buf_put_u32(to, 0);
    buf_put_u32(to, SSH2_EXTENDED_STDERR);
    buf_put_string(to, text);
    raw_end(&f->raw);
}

/* --- windows ----------------------------------------------------------- */

static void
test_5_6_channels_of_every_size(void **state)
{
    static const struct {
        uint32_t window, packet_max;
        bool lives;
    } cases[] = {
        {0, 0, false},
        {UINT32_MAX, 63, false},
        {0, 64, true},
        {UINT32_MAX, UINT32_MAX, true},
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_client(&f);
        f.user.command = NULL;
        f.user.upload = 200000;
        fixture_there_opening(&f);
        send_confirmation(&f.raw, cases[i].window, cases[i].packet_max);
        if (!cases[i].lives) {
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
            fixture_clear(&f);
            continue;
        }
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_REQUEST);
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_REQUEST);
        while (raw_next(&f.raw) == SSH2_MSG_CHANNEL_DATA) {
            assert_true(cases[i].window > 0);
            assert_true(f.raw.payload.len <= 9 + SSH_CHANNEL_PACKET_MAX);
        }
        assert_false(f.user.closed);
        fixture_clear(&f);
    }
}

static void
test_5_5_a_window_beyond_32_bits_ends(void **state)
{
    struct fixture f;

    (void)state;
    reach_session(&f);
    send_adjust(&f.raw, 0, UINT32_MAX - 100000);
    raw_expect_quiet(&f.raw);
    send_adjust(&f.raw, 0, 1);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

/* Output and stderr share the window; neither may pass it. */
static void
test_5_7_data_beyond_the_window_ends(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 5; i++) {
        reach_session(&f);
        f.user.hoards = true;
        for (int j = 0; i < 3 && j < 2; j++) { /* all of 64 KiB */
            if ((i + j) % 2 == 0)
                send_data(&f.raw, 0, span_of(bytes, 32768));
            else
                send_stderr(&f, span_of(bytes, 32768));
        }
        if (i == 0)
            send_data(&f.raw, 0, span_of(bytes, 1));
        else if (i == 1)
            send_stderr(&f, span_of(bytes, 1));
        else if (i == 2)
            send_stderr(&f, span_of(bytes, 0)); /* nothing is no excess */
        else if (i == 3)
            send_data(&f.raw, 0, span_of(bytes, SSH_CHANNEL_PACKET_MAX + 1));
        else
            send_stderr(&f, span_of(bytes, SSH_CHANNEL_PACKET_MAX + 1));
        if (i == 2)
            raw_expect_quiet(&f.raw);
        else
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_what_is_not_consumed_is_not_granted(void **state)
{
    struct fixture f;
    struct reader r;

    (void)state;
    reach_session(&f);
    f.user.hoards = true;
    send_data(&f.raw, 0, span_of(bytes, 32768));
    send_stderr(&f, span_of(bytes, 32768));
    raw_expect_quiet(&f.raw);
    ssh_channel_consumed(f.user.conn, 0, 65536);
    raw_take(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_WINDOW_ADJUST);
    r = raw_fields(&f.raw);
    assert_int_equal(read_u32(&r), 7);
    assert_true(read_u32(&r) >= 65536);
    fixture_clear(&f);
}

/* --- the end ------------------------------------------------------------- */

static void
send_exit(struct fixture *f, const char *name, const char *signal,
          uint32_t status)
{
    struct buf *to = raw_begin(&f->raw, SSH2_MSG_CHANNEL_REQUEST);

    buf_put_u32(to, 0);
    buf_put_text(to, name);
    buf_put_bool(to, false);
    if (signal == NULL) {
        buf_put_u32(to, status);
    } else {
        buf_put_text(to, signal);
        buf_put_bool(to, false);
        buf_put_text(to, "\033[2J");
        buf_put_text(to, "");
    }
    raw_end(&f->raw);
}

/* Events that tell of an end, since the last look. */
static unsigned
count_ends(struct fixture *f)
{
    struct ssh_event event;
    unsigned count = 0;

    while (ssh_conn_next_event(f->user.conn, &event))
        count += event.type == SSH_EVENT_EXIT_STATUS ||
                 event.type == SSH_EVENT_EXIT_SIGNAL;
    return count;
}

static void
test_a_command_ends_once(void **state)
{
    struct fixture f;

    (void)state;
    reach_session(&f);
    send_exit(&f, "exit-status", NULL, 3);
    send_exit(&f, "exit-status", NULL, 0);
    assert_int_equal(f.user.channels[0].status, 3);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);

    for (int signal_first = 0; signal_first < 2; signal_first++) {
        reach_session(&f);
        fixture_let_alone(&f);
        for (int i = 0; i < 3; i++) {
            if ((i + signal_first) % 2 == 1)
                send_exit(&f, "exit-signal", "TERM", 0);
            else
                send_exit(&f, "exit-status", NULL, 1);
            assert_int_equal(count_ends(&f), i == 0);
        }
        fixture_clear(&f);
    }
}

static void
test_an_end_that_does_not_parse_ends_all(void **state)
{
    struct fixture f;
    struct buf *to;

    (void)state;
    for (int i = 0; i < 3; i++) {
        reach_session(&f);
        to = raw_begin(&f.raw, SSH2_MSG_CHANNEL_REQUEST);
        buf_put_u32(to, 0);
        buf_put_text(to, i == 2 ? "exit-signal" : "exit-status");
        buf_put_bool(to, false);
        buf_put_u8(to, 0);
        if (i == 1)
            buf_put_u32(to, 7);
        raw_end(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_5_4_messages_behind_the_end(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 6; i++) {
        bool closes = i >= 3;

        reach_session(&f);
        send_channel(&f.raw,
                     closes ? SSH2_MSG_CHANNEL_CLOSE : SSH2_MSG_CHANNEL_EOF, 0);
        if (closes)
            raw_expect(&f.raw, SSH2_MSG_CHANNEL_CLOSE);
        switch (i) {
        case 0: /* a second EOF is passed over */
            send_channel(&f.raw, SSH2_MSG_CHANNEL_EOF, 0);
            raw_expect_quiet(&f.raw);
            break;
        case 1: /* the status comes behind EOF */
            send_exit(&f, "exit-status", NULL, 4);
            assert_int_equal(f.user.channels[0].status, 4);
            raw_expect_quiet(&f.raw);
            break;
        case 2:
        case 3:
            send_data(&f.raw, 0, span_of(bytes, 1));
            break;
        case 4:
            send_exit(&f, "exit-status", NULL, 4);
            break;
        default:
            send_channel(&f.raw, SSH2_MSG_CHANNEL_CLOSE, 0);
            break;
        }
        if (i >= 2)
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_5_3_channels_that_do_not_exist(void **state)
{
    static const uint32_t numbers[] = {1, 7, 8, 0x80000000, UINT32_MAX};
    static const uint8_t messages[] = {
        SSH2_MSG_CHANNEL_WINDOW_ADJUST, SSH2_MSG_CHANNEL_DATA,
        SSH2_MSG_CHANNEL_EXTENDED_DATA, SSH2_MSG_CHANNEL_EOF,
        SSH2_MSG_CHANNEL_CLOSE,         SSH2_MSG_CHANNEL_REQUEST,
        SSH2_MSG_CHANNEL_SUCCESS,       SSH2_MSG_CHANNEL_FAILURE,
    };
    struct fixture f;

    (void)state;
    for (size_t m = 0; m < sizeof(messages); m++) {
        for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++) {
            struct buf *to;

            reach_session(&f);
            to = raw_begin(&f.raw, messages[m]);
            buf_put_u32(to, numbers[n]);
            if (messages[m] == SSH2_MSG_CHANNEL_WINDOW_ADJUST ||
                messages[m] == SSH2_MSG_CHANNEL_EXTENDED_DATA)
                buf_put_u32(to, 1);
            if (messages[m] == SSH2_MSG_CHANNEL_DATA ||
                messages[m] == SSH2_MSG_CHANNEL_EXTENDED_DATA ||
                messages[m] == SSH2_MSG_CHANNEL_REQUEST)
                buf_put_text(to, "x");
            if (messages[m] == SSH2_MSG_CHANNEL_REQUEST)
                buf_put_bool(to, true);
            raw_end(&f.raw);
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
            fixture_clear(&f);
        }
    }
}

/* Its description is the server's text: nobody sees it. */
static void
test_a_session_that_is_refused(void **state)
{
    struct fixture f;
    struct buf *to;

    (void)state;
    fixture_client(&f);
    fixture_there_opening(&f);
    to = raw_begin(&f.raw, SSH2_MSG_CHANNEL_OPEN_FAILURE);
    buf_put_u32(to, 0);
    buf_put_u32(to, SSH2_OPEN_PROHIBITED);
    buf_put_text(to, "\033[2J go away");
    buf_put_text(to, "");
    raw_end(&f.raw);
    assert_true(f.user.channels[0].failed);
    raw_expect_quiet(&f.raw);
    send_confirmation(&f.raw, 1000, 1000);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_5_6_channels_of_every_size),
        cmocka_unit_test(test_5_5_a_window_beyond_32_bits_ends),
        cmocka_unit_test(test_5_7_data_beyond_the_window_ends),
        cmocka_unit_test(test_what_is_not_consumed_is_not_granted),
        cmocka_unit_test(test_a_command_ends_once),
        cmocka_unit_test(test_an_end_that_does_not_parse_ends_all),
        cmocka_unit_test(test_5_4_messages_behind_the_end),
        cmocka_unit_test(test_5_3_channels_that_do_not_exist),
        cmocka_unit_test(test_a_session_that_is_refused),
    };

    return cmocka_run_group_tests_name("client, channels", tests, NULL, NULL);
}
