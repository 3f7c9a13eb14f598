/*
 * The user's side of a connection, with the core of the far side played: how
 * much its channel takes, and what of its window was opened again.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "worker/client_parts.h"

#define CHANNEL 3

static struct {
    struct client client;
    int user;        /* the other end of the stream */
    size_t room;     /* what the channel takes */
    struct buf sent; /* what it took */
    size_t consumed;
    unsigned ends;
    bool disconnected;
} play;

/* --- what is played ------------------------------------------------------ */

size_t
ssh_channel_write(struct ssh_conn *c, uint32_t channel, struct span bytes)
{
    size_t taken = bytes.len < play.room ? bytes.len : play.room;

    assert_null(c);
    assert_int_equal(channel, CHANNEL);
    buf_put(&play.sent, bytes.ptr, taken);
    play.room -= taken;
    return taken;
}

void
ssh_channel_consumed(struct ssh_conn *c, uint32_t channel, size_t len)
{
    assert_null(c);
    assert_int_equal(channel, CHANNEL);
    play.consumed += len;
}

void
ssh_channel_eof(struct ssh_conn *c, uint32_t channel)
{
    assert_null(c);
    assert_int_equal(channel, CHANNEL);
    play.ends++;
}

void
ssh_conn_disconnect(struct ssh_conn *c, enum ssh_reason reason,
                    const char *text)
{
    assert_null(c);
    (void)reason;
    (void)text;
    play.disconnected = true;
}

void
client_set_end(struct client *c, enum client_end end, const char *why)
{
    (void)why;
    c->end = end;
    c->end_known = true;
}

/* --- a stage ------------------------------------------------------------- */

static void
begin(bool cooked)
{
    int ends[2];

    memset(&play, 0, sizeof(play));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends),
                     0);
    play.user = ends[0];
    play.room = SIZE_MAX;
    play.client.channel = CHANNEL;
    play.client.ready = true;
    buf_init(&play.sent, 4 * 1024 * 1024);
    stream_init(&play.client.stream, ends[1], cooked);
}

static void
end(void)
{
    struct client_stream *s = &play.client.stream;

    if (play.user >= 0)
        close(play.user);
    close(s->fd);
    buf_clear(&s->typed);
    buf_clear(&s->raw);
    buf_clear(&s->shown);
    buf_clear(&play.sent);
}

static void
type(const char *text)
{
    assert_int_equal(send(play.user, text, strlen(text), 0), strlen(text));
    stream_pump(&play.client);
}

static void
arrive(const char *text)
{
    stream_take(&play.client.stream, span_text(text));
    stream_pump(&play.client);
}

static void
assert_seen(const char *text)
{
    char seen[256] = "";

    (void)recv(play.user, seen, sizeof(seen) - 1, 0);
    assert_string_equal(seen, text);
}

/* --- laws ---------------------------------------------------------------- */

static void
test_bytes_pass_unchanged(void **state)
{
    (void)state;
    begin(false);
    type("a\r\n\003\036x");
    assert_string_equal(buf_text(&play.sent), "a\r\n\003\036x");
    arrive("b\n\r\nc\r");
    assert_seen("b\n\r\nc\r");
    assert_int_equal(play.consumed, 6);
    end();
}

static void
test_lines_of_a_command_are_for_a_screen(void **state)
{
    (void)state;
    begin(true);
    arrive("1\n2\r\n3\r");
    arrive("\n\n");
    assert_seen("1\r\n2\r\n3\r\n\r\n");
    /* The window opens for what came, not for what it became. */
    assert_int_equal(play.consumed, 9);
    type("yes\rno\n");
    assert_string_equal(buf_text(&play.sent), "yes\nno\n");
    end();
}

static void
test_keys_end_a_command(void **state)
{
    static const char *const keys[] = {"\003", "\036"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin(true);
        type(keys[i]);
        assert_true(play.disconnected);
        assert_int_equal(play.client.end, CLIENT_INTERRUPTED);
        end();
    }
    begin(false);
    type("\003\036");
    assert_false(play.disconnected);
    end();
}

/* Nothing is taken from him that the channel does not take. */
static void
test_a_full_channel_stops_the_user(void **state)
{
    (void)state;
    begin(false);
    play.room = 3;
    type("abcdef");
    assert_string_equal(buf_text(&play.sent), "abc");
    assert_int_equal(stream_events(&play.client), 0);
    type("ghi");
    assert_string_equal(buf_text(&play.sent), "abc");
    play.room = SIZE_MAX;
    assert_true(stream_pump(&play.client));
    assert_string_equal(buf_text(&play.sent), "abcdefghi");
    assert_int_equal(stream_events(&play.client), POLLIN);
    end();
}

/* The window opens only for what his stream has taken. */
static void
test_a_user_who_does_not_read_stops_his_peer(void **state)
{
    static uint8_t piece[64 * 1024];
    size_t given = 0, taken = 0;
    ssize_t got;

    (void)state;
    begin(false);
    while (given < SSH_CHANNEL_WINDOW) {
        stream_take(&play.client.stream, span_of(piece, sizeof(piece)));
        given += sizeof(piece);
    }
    stream_pump(&play.client);
    assert_true(play.consumed < given);
    assert_false(stream_is_empty(&play.client.stream));
    assert_int_equal(stream_events(&play.client), POLLIN | POLLOUT);
    while ((got = recv(play.user, piece, sizeof(piece), 0)) > 0) {
        taken += (size_t)got;
        stream_pump(&play.client);
    }
    assert_int_equal(taken, given);
    assert_int_equal(play.consumed, given);
    assert_true(stream_is_empty(&play.client.stream));
    end();
}

static void
test_the_end_of_the_input_comes_behind_it(void **state)
{
    (void)state;
    begin(false);
    play.room = 2;
    assert_int_equal(send(play.user, "abc", 3, 0), 3);
    assert_int_equal(shutdown(play.user, SHUT_WR), 0);
    stream_pump(&play.client);
    assert_int_equal(play.ends, 0);
    play.room = SIZE_MAX;
    stream_pump(&play.client);
    assert_string_equal(buf_text(&play.sent), "abc");
    assert_int_equal(play.ends, 1);
    /* What still comes for him is shown. */
    arrive("still\n");
    assert_seen("still\n");
    assert_int_equal(play.ends, 1);
    end();
}

static void
test_nothing_is_typed_before_it_begins(void **state)
{
    (void)state;
    begin(false);
    play.client.ready = false;
    type("early");
    assert_int_equal(buf_len(&play.sent), 0);
    play.client.ready = true;
    stream_pump(&play.client);
    assert_string_equal(buf_text(&play.sent), "early");
    end();
}

static void
test_a_stream_that_nobody_reads_any_more(void **state)
{
    (void)state;
    begin(false);
    close(play.user);
    play.user = -1;
    arrive("lost");
    assert_true(stream_is_empty(&play.client.stream));
    assert_int_equal(play.ends, 1);
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_pass_unchanged),
        cmocka_unit_test(test_lines_of_a_command_are_for_a_screen),
        cmocka_unit_test(test_keys_end_a_command),
        cmocka_unit_test(test_a_full_channel_stops_the_user),
        cmocka_unit_test(test_a_user_who_does_not_read_stops_his_peer),
        cmocka_unit_test(test_the_end_of_the_input_comes_behind_it),
        cmocka_unit_test(test_nothing_is_typed_before_it_begins),
        cmocka_unit_test(test_a_stream_that_nobody_reads_any_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
