/* What a worker behind a connection may say, and when. */
#include "outgoing_rig.h"

/* --- the dialogue --------------------------------------------------------- */

static void
test_a_whole_session(void **state)
{
    struct message m = {.type = MSG_CLIENT_SHOW};

    (void)state;
    trust(NULL);
    m.client_show.text = span_text("banner");
    say(&m);
    assert_told("shows banner\n");
    say_ask();
    assert_told("asks Password: \n");
    outgoing_answer(world.o, "secret");
    assert_hears(MSG_CLIENT_ANSWER);
    assert_true(world.got.client_answer.given);
    assert_true(span_is(world.got.client_answer.text, "secret"));
    say_only(MSG_CLIENT_READY);
    assert_told("ready\n");
    outgoing_window(world.o, 132, 43);
    assert_hears(MSG_CLIENT_WINDOW);
    assert_int_equal(world.got.client_window.columns, 132);
    outgoing_break(world.o, 700);
    assert_hears(MSG_CLIENT_BREAK);
    assert_int_equal(world.got.client_break.ms, 700);
    m = (struct message){.type = MSG_CLIENT_ENDED};
    m.client_ended.end = CLIENT_DONE;
    m.client_ended.has_status = true;
    m.client_ended.status = 3;
    m.client_ended.text = span_text("bye");
    say(&m);
    /* Its process is gone first. */
    assert_int_equal(world.ends, 0);
    world.on_exit_status(world.watched, world.pid, 0);
    assert_int_equal(world.ends, 1);
    assert_told("said bye\n");
    assert_int_equal(world.end.outcome, OUTGOING_ENDED);
    assert_true(world.end.ready);
    assert_int_equal(world.end.said.status, 3);
}

static void
test_an_untrusted_key_goes_no_further(void **state)
{
    (void)state;
    start_worker(NULL);
    assert_hears(MSG_CLIENT_SETUP);
    say_host_key();
    world.judged(world.judge_owner, HOST_KEY_CHANGED, "it has changed");
    assert_told("shows it has changed\n");
    assert_hears(MSG_HOST_KEY_REPLY);
    assert_false(world.got.host_key_reply.trusted);
    /* Whoever asks for a password all the same is no honest worker. */
    say_ask();
    assert_told("");
    assert_broken_off();
}

static void
test_lines_of_debugging_are_for_who_asked(void **state)
{
    (void)state;
    start_worker(NULL);
    assert_hears(MSG_CLIENT_SETUP);
    assert_int_equal(world.got.client_setup.debug, 0);
    /* Nobody is told that nothing is debugged. */
    outgoings_debug(&world.router);
    world.debug = DEBUG_SSH;
    outgoings_debug(&world.router);
    assert_hears(MSG_TRACE);
    assert_int_equal(world.got.trace.debug, DEBUG_SSH);
    say_only(MSG_TRACED);
    assert_int_equal(world.traced, 1);
    /* What was on its way when it was turned off is no lie. */
    world.debug = 0;
    outgoings_debug(&world.router);
    assert_hears(MSG_TRACE);
    assert_int_equal(world.got.trace.debug, 0);
    say_only(MSG_TRACED);
    assert_int_equal(world.traced, 2);
}

static void
test_lines_that_nobody_asked_for_are_a_lie(void **state)
{
    (void)state;
    start_worker(NULL);
    assert_hears(MSG_CLIENT_SETUP);
    say_only(MSG_TRACED);
    assert_int_equal(world.traced, 0);
    assert_broken_off();
}

static void
test_what_may_not_be_said_before_the_key_is_judged(void **state)
{
    static const enum message_type types[] = {
        MSG_CLIENT_ASK,   MSG_CLIENT_SIGN,    MSG_CLIENT_READY,
        MSG_CLIENT_FILE,  MSG_CLIENT_MOVED,   MSG_CLIENT_STALLED,
        MSG_CLIENT_SETUP, MSG_HOST_KEY_REPLY, MSG_AUTH_TRY,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        start_worker(NULL);
        say_only(types[i]);
        assert_broken_off();
        assert_told("");
        pipe_free(world.worker);
        world.worker = NULL;
        world.ends = 0;
        world.renewed = false;
    }
}

static void
test_two_questions_at_once_are_one_too_many(void **state)
{
    (void)state;
    trust(NULL);
    say_ask();
    say_ask();
    assert_broken_off();
}

static void
test_each_key_signs_once(void **state)
{
    struct message m = {.type = MSG_CLIENT_SIGN};

    (void)state;
    trust(NULL);
    m.client_sign.method = span_text("ssh-ed25519");
    say(&m);
    assert_non_null(world.on_signed);
    world.on_signed(world.signed_owner, span_text("signature"));
    assert_hears(MSG_CLIENT_SIGNED);
    assert_true(span_is(world.got.client_signed.signature, "signature"));
    say(&m);
    assert_broken_off();
}

static void
test_a_key_that_was_not_shown_signs_nothing(void **state)
{
    struct message m = {.type = MSG_CLIENT_SIGN};

    (void)state;
    trust(NULL);
    m.client_sign.key = 1;
    say(&m);
    assert_null(world.on_signed);
    assert_broken_off();
}

static void
test_an_owner_who_leaves_within_his_function(void **state)
{
    (void)state;
    trust(NULL);
    world.abandon_at_ask = true;
    say_ask();
    assert_told("asks Password: \n");
    assert_int_equal(world.ends, 0);
    assert_null(world.on_exit_status);
}

static void
test_a_worker_that_crashes_is_told(void **state)
{
    (void)state;
    trust(NULL);
    world.on_exit_status(world.watched, world.pid, 11);
    assert_int_equal(world.end.outcome, OUTGOING_DIED);
    assert_true(world.renewed);
    assert_string_equal(world.log,
                        "Worker of the connection to %s ended with %s");
}

/* --- files ---------------------------------------------------------------- */

static void
say_moved(uint64_t bytes)
{
    struct message m = {.type = MSG_CLIENT_MOVED};

    m.client_moved.bytes = bytes;
    say(&m);
}

static void
say_stalled(uint32_t parts)
{
    struct message m = {.type = MSG_CLIENT_STALLED};

    m.client_stalled.parts = parts;
    say(&m);
}

/* Up to where it moves. */
static void
open_file_there(void)
{
    struct message m = {.type = MSG_CLIENT_FILE};

    trust("x");
    assert_int_equal(outgoing_stream(world.o), -1);
    say_only(MSG_CLIENT_READY);
    m.client_file.name = span_text("x");
    say(&m);
    assert_told("ready\nfile x\n");
}

static void
test_a_file_moves(void **state)
{
    (void)state;
    open_file_there();
    say_moved(0);
    say_moved(500);
    say_stalled(1);
    /* Faster than any time-out is no news. */
    say_stalled(2);
    world.now_ms += 50;
    say_stalled(3);
    say_moved(BYTES);
    assert_told("moved 0\nmoved 500\nstalled\nstalled\nmoved 1000\n");
}

static void
test_more_than_the_plan_has_is_a_lie(void **state)
{
    (void)state;
    open_file_there();
    say_moved(BYTES + 1);
    assert_told("");
    assert_broken_off();
}

static void
test_what_has_moved_does_not_come_back(void **state)
{
    (void)state;
    open_file_there();
    say_moved(500);
    say_moved(499);
    assert_broken_off();
}

static void
test_no_silence_and_too_much_of_it_are_lies(void **state)
{
    static const uint32_t parts[] = {0, CLIENT_SILENCE_PARTS};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        open_file_there();
        say_stalled(parts[i]);
        assert_broken_off();
        pipe_free(world.worker);
        world.worker = NULL;
        world.ends = 0;
        world.renewed = false;
    }
}

static void
test_a_session_has_no_file(void **state)
{
    (void)state;
    trust(NULL);
    say_only(MSG_CLIENT_READY);
    say_only(MSG_CLIENT_FILE);
    assert_told("ready\n");
    assert_broken_off();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(test_a_whole_session),
        RIG_TEST(test_an_untrusted_key_goes_no_further),
        RIG_TEST(test_lines_of_debugging_are_for_who_asked),
        RIG_TEST(test_lines_that_nobody_asked_for_are_a_lie),
        RIG_TEST(test_what_may_not_be_said_before_the_key_is_judged),
        RIG_TEST(test_two_questions_at_once_are_one_too_many),
        RIG_TEST(test_each_key_signs_once),
        RIG_TEST(test_a_key_that_was_not_shown_signs_nothing),
        RIG_TEST(test_an_owner_who_leaves_within_his_function),
        RIG_TEST(test_a_worker_that_crashes_is_told),
        RIG_TEST(test_a_file_moves),
        RIG_TEST(test_more_than_the_plan_has_is_a_lie),
        RIG_TEST(test_what_has_moved_does_not_come_back),
        RIG_TEST(test_no_silence_and_too_much_of_it_are_lies),
        RIG_TEST(test_a_session_has_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
