/*
 * Role server: whole conversations of a client with the worker, as control
 * sees them.
 */
#include "stage.h"

#include <sys/socket.h>
#include <unistd.h>

static const char *program;

/* A worker with a client; change the client, then guest_begin(). */
static void
stage(struct nursery *n, struct guest *g)
{
    nursery_start(n, program);
    guest_start_server(g, n);
}

static void
leave(struct nursery *n, struct guest *g)
{
    guest_clear(g);
    assert_int_equal(guest_status(g), 0);
    nursery_stop(n);
}

/* --- what to wait for ----------------------------------------------------- */

static bool
sees_prompt(struct guest *g)
{
    return guest_sees(g, "R1#");
}

static bool
user_is_closed(struct guest *g)
{
    return g->user.closed;
}

/* --- login ------------------------------------------------------------------
 */

static void
test_keys_login_and_command(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    stage(&n, &g);
    guest_begin(&g);
    guest_run(&g, guest_channels_closed);
    assert_true(guest_sees(&g, "did show version\r\n"));
    assert_int_equal(g.user.channels[0].status, 3);
    assert_true(g.user.channels[0].eof);
    assert_string_equal(buf_text(&g.user.banner), "No trespassing\r\n");
    assert_string_equal(buf_text(&g.log), "SIGN KEYS AUTH_TRY EXEC ");
    leave(&n, &g);
}

static void
test_a_question_is_answered_in_the_same_try(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    stage(&n, &g);
    g.user.method = USER_INTERACTIVE;
    guest_begin(&g);
    guest_run(&g, guest_channels_closed);
    assert_true(g.user.is_in);
    assert_string_equal(buf_text(&g.log),
                        "SIGN KEYS AUTH_TRY AUTH_ANSWER EXEC ");
    leave(&n, &g);
}

static bool
has_failed(struct guest *g)
{
    return g->user.failures > 0;
}

static void
test_a_wrong_password_opens_nothing(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    stage(&n, &g);
    g.user.password = "wrong";
    guest_begin(&g);
    guest_run(&g, has_failed);
    assert_false(g.user.is_in);
    /* The banner comes before the first answer, whatever that is. */
    assert_string_equal(buf_text(&g.user.banner), "No trespassing\r\n");
    leave(&n, &g);
}

/* --- shells ------------------------------------------------------------------
 */

static void
start_shell(struct nursery *n, struct guest *g)
{
    stage(n, g);
    g->user.command = NULL;
    g->user.keeps_open = true;
    guest_begin(g);
    guest_run(g, sees_prompt);
}

static bool
sees_echo(struct guest *g)
{
    return guest_sees(g, "R1#show ");
}

static bool
sees_answer(struct guest *g)
{
    return guest_sees(g, "R1#show x\r\ndid show x\r\nR1#");
}

static void
test_keys_are_echoed_without_control(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    start_shell(&n, &g);
    assert_true(g.shell.pty);
    assert_int_equal(g.shell.columns, 132);
    assert_int_equal(g.shell.rows, 43);
    guest_types(&g, "show ");
    guest_run(&g, sees_echo);
    assert_false(guest_got(&g, "LINE"));
    guest_types(&g, "x\r");
    guest_run(&g, sees_answer);
    guest_types(&g, "exit\r");
    guest_run(&g, guest_channels_closed);
    assert_int_equal(g.user.channels[0].status, 0);
    leave(&n, &g);
}

static bool
sees_interrupted(struct guest *g)
{
    return guest_sees(g, "R1#wait\r\ninterrupted\r\nR1#");
}

static bool
got_line(struct guest *g)
{
    return guest_got(g, "LINE");
}

static void
test_a_running_command_is_interrupted(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    start_shell(&n, &g);
    guest_types(&g, "wait\r");
    guest_run(&g, got_line);
    guest_types(&g, "\003");
    guest_run(&g, sees_interrupted);
    leave(&n, &g);
}

static bool
got_channel_end(struct guest *g)
{
    return guest_got(g, "CHANNEL_END");
}

static void
test_a_close_is_answered_while_a_command_runs(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    start_shell(&n, &g);
    guest_types(&g, "wait\r");
    guest_run(&g, got_line);
    ssh_channel_close(g.user.conn, g.user.channels[0].number);
    guest_run(&g, guest_channels_closed);
    guest_run(&g, got_channel_end);
    leave(&n, &g);
}

static bool
got_window(struct guest *g)
{
    return guest_got(g, "WINDOW");
}

static void
test_a_new_window_size_is_passed_on(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    start_shell(&n, &g);
    ssh_channel_window_size(g.user.conn, g.user.channels[0].number, 100, 50);
    guest_run(&g, got_window);
    assert_int_equal(g.window.columns, 100);
    assert_int_equal(g.window.rows, 50);
    leave(&n, &g);
}

static void
test_the_end_of_input_ends_the_shell(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    stage(&n, &g);
    g.user.command = NULL;
    guest_begin(&g);
    guest_run(&g, guest_channels_closed);
    assert_true(guest_got(&g, "INPUT_END"));
    assert_int_equal(g.user.channels[0].status, 0);
    leave(&n, &g);
}

static void
test_a_flood_of_keys_is_worked_off(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    stage(&n, &g);
    g.user.command = NULL;
    g.user.upload = 1000000;
    guest_begin(&g);
    guest_run(&g, guest_channels_closed);
    /* One line, cut, and the end. */
    assert_string_equal(buf_text(&g.log), "SIGN KEYS AUTH_TRY SHELL ACTIVITY "
                                          "LINE INPUT_END ");
    leave(&n, &g);
}

static bool
has_four_replies(struct guest *g)
{
    return g->user.channels[0].replies == 4;
}

static void
test_requests_are_answered_in_their_order(void **state)
{
    struct nursery n;
    struct guest g;
    uint32_t channel;

    (void)state;
    stage(&n, &g);
    g.user.command = NULL;
    g.user.keeps_open = true;
    guest_begin(&g);
    guest_run(&g, sees_prompt);
    channel = g.user.channels[0].number;
    assert_int_equal(g.user.channels[0].replies, 2);
    assert_int_equal(g.user.channels[0].failures, 0);
    ssh_channel_shell(g.user.conn, channel);
    ssh_channel_exec(g.user.conn, channel, span_text("again"));
    guest_run(&g, has_four_replies);
    assert_int_equal(g.user.channels[0].failures, 2);
    assert_false(guest_got(&g, "EXEC"));
    leave(&n, &g);
}

static bool
has_two_replies(struct guest *g)
{
    return g->user.channels[0].replies == 2;
}

static void
test_a_shell_can_be_refused(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    stage(&n, &g);
    g.refuses = true;
    g.user.command = NULL;
    g.user.keeps_open = true;
    guest_begin(&g);
    guest_run(&g, has_two_replies);
    assert_int_equal(g.user.channels[0].failures, 1);
    /* Nothing is sent for a channel that control does not know. */
    guest_types(&g, "show\r\003");
    ssh_channel_close(g.user.conn, g.user.channels[0].number);
    guest_run(&g, guest_channels_closed);
    assert_string_equal(buf_text(&g.log), "SIGN KEYS AUTH_TRY SHELL ");
    leave(&n, &g);
}

/* --- much output
 * --------------------------------------------------------------- */

/* What `big` looks like on the wire: each LF became CR LF. */
#define BIG_WIRE (STAGE_BIG + STAGE_BIG / 64)

static void
test_a_large_file_arrives_whole(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    stage(&n, &g);
    g.user.command = "big";
    guest_begin(&g);
    guest_run(&g, guest_channels_closed);
    assert_int_equal(buf_len(&g.user.channels[0].received), BIG_WIRE);
    assert_int_equal(g.user.channels[0].status, 3);
    leave(&n, &g);
}

static bool
has_some(struct guest *g)
{
    return buf_len(&g->user.channels[0].received) > 100000;
}

static void
test_keys_change_in_the_middle_of_output(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    stage(&n, &g);
    g.user.command = "big";
    guest_begin(&g);
    guest_run(&g, has_some);
    ssh_conn_rekey(g.user.conn);
    guest_run(&g, guest_channels_closed);
    assert_int_equal(g.user.keys, 2);
    assert_int_equal(buf_len(&g.user.channels[0].received), BIG_WIRE);
    assert_string_equal(buf_text(&g.log),
                        "SIGN KEYS AUTH_TRY EXEC SIGN KEYS SHOWN ");
    leave(&n, &g);
}

static void
test_channels_at_once_all_get_theirs(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    stage(&n, &g);
    g.user.command = "big";
    g.user.sessions = SSH_CHANNELS_MAX;
    guest_begin(&g);
    guest_run(&g, guest_channels_closed);
    for (size_t i = 0; i < SSH_CHANNELS_MAX; i++) {
        assert_int_equal(buf_len(&g.user.channels[i].received), BIG_WIRE);
        assert_int_equal(g.user.channels[i].status, 3);
    }
    leave(&n, &g);
}

/* As much has come as the user's window lets through. */
static bool
window_is_full(struct guest *g)
{
    return buf_len(&g->user.channels[0].received) >= 65536;
}

static bool
second_is_closed(struct guest *g)
{
    return g->user.channels[1].closed;
}

static void
test_a_stalled_channel_stops_only_itself(void **state)
{
    struct nursery n;
    struct guest g;
    size_t stalled;

    (void)state;
    stage(&n, &g);
    g.user.command = "big";
    g.user.hoards = true;
    guest_begin(&g);
    guest_run(&g, window_is_full);
    stalled = buf_len(&g.user.channels[0].received);
    g.user.command = "other";
    g.user.channels[1].number = ssh_conn_open_session(g.user.conn);
    guest_run(&g, second_is_closed);
    assert_int_equal(buf_len(&g.user.channels[0].received), stalled);
    assert_false(guest_got(&g, "SHOWN"));
    leave(&n, &g);
}

/* --- ends
 * ------------------------------------------------------------------------ */

static void
test_a_goodbye_is_told(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    start_shell(&n, &g);
    ssh_conn_disconnect(g.user.conn, SSH_REASON_BY_APPLICATION, "bye");
    guest_run(&g, guest_has_ended);
    assert_true(g.ended.by_peer);
    assert_false(g.ended.broken);
    assert_int_equal(g.ended.reason, SSH_REASON_BY_APPLICATION);
    assert_true(g.ended.bytes_out > 0);
    leave(&n, &g);
}

static void
test_leaving_without_a_word_breaks_nothing(void **state)
{
    struct nursery n;
    struct guest g;

    (void)state;
    start_shell(&n, &g);
    close(g.peer);
    g.peer = -1;
    guest_run(&g, guest_has_ended);
    assert_true(g.ended.by_peer);
    assert_false(g.ended.broken);
    assert_true(g.ended.peer_closed);
    assert_false(g.ended.exchanging);
    leave(&n, &g);
}

static void
test_control_can_end_it(void **state)
{
    struct message m = {.type = MSG_DISCONNECT};
    struct nursery n;
    struct guest g;

    (void)state;
    start_shell(&n, &g);
    m.disconnect.reason = SSH_REASON_BY_APPLICATION;
    m.disconnect.text = span_text("line cleared");
    guest_send(&g, &m, -1);
    guest_run(&g, user_is_closed);
    assert_int_equal(g.user.end.reason, SSH_REASON_BY_APPLICATION);
    assert_string_equal(g.user.end.text, "line cleared");
    guest_run(&g, guest_has_ended);
    assert_false(g.ended.by_peer);
    leave(&n, &g);
}

static void
test_a_broken_protocol_is_told(void **state)
{
    static const char garbage[] = "SSH-2.0-x\r\n\xff\xff\xff\xff garbage";
    struct nursery n;
    struct guest g;
    int peer;

    (void)state;
    stage(&n, &g);
    guest_begin(&g);
    assert_int_equal(send(g.peer, garbage, sizeof(garbage), 0),
                     sizeof(garbage));
    /* The client of the stage stays away. */
    peer = g.peer;
    g.peer = -1;
    guest_run(&g, guest_has_ended);
    g.peer = peer;
    assert_true(g.ended.broken);
    assert_false(g.ended.by_peer);
    /* There were no keys yet. */
    assert_true(g.ended.exchanging);
    assert_false(g.ended.peer_closed);
    leave(&n, &g);
}

static void
test_answers_to_no_question_are_passed_over(void **state)
{
    struct message signature = {.type = MSG_SIGN_REPLY};
    struct message verdict = {.type = MSG_AUTH_RESULT};
    struct message end = {.type = MSG_EXIT};
    struct nursery n;
    struct guest g;

    (void)state;
    stage(&n, &g);
    guest_begin(&g);
    guest_send(&g, &signature, -1);
    guest_send(&g, &verdict, -1);
    guest_send(&g, &end, -1);
    guest_run(&g, guest_channels_closed);
    assert_true(guest_sees(&g, "did show version\r\n"));
    leave(&n, &g);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_login_and_command),
        cmocka_unit_test(test_a_question_is_answered_in_the_same_try),
        cmocka_unit_test(test_a_wrong_password_opens_nothing),
        cmocka_unit_test(test_keys_are_echoed_without_control),
        cmocka_unit_test(test_a_running_command_is_interrupted),
        cmocka_unit_test(test_a_close_is_answered_while_a_command_runs),
        cmocka_unit_test(test_a_new_window_size_is_passed_on),
        cmocka_unit_test(test_the_end_of_input_ends_the_shell),
        cmocka_unit_test(test_a_flood_of_keys_is_worked_off),
        cmocka_unit_test(test_requests_are_answered_in_their_order),
        cmocka_unit_test(test_a_shell_can_be_refused),
        cmocka_unit_test(test_a_large_file_arrives_whole),
        cmocka_unit_test(test_keys_change_in_the_middle_of_output),
        cmocka_unit_test(test_channels_at_once_all_get_theirs),
        cmocka_unit_test(test_a_stalled_channel_stops_only_itself),
        cmocka_unit_test(test_a_goodbye_is_told),
        cmocka_unit_test(test_leaving_without_a_word_breaks_nothing),
        cmocka_unit_test(test_control_can_end_it),
        cmocka_unit_test(test_a_broken_protocol_is_told),
        cmocka_unit_test(test_answers_to_no_question_are_passed_over),
    };

    if (argc != 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
