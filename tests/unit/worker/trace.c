/*
 * Laws of the lines that whoever debugs gets: of what there are any, how long
 * and how many they are, and when they go. trace_words.c has their words.
 */
#include "trace_rig.h"

#include <stdio.h>

/* So many short lines, each in a turn of its own; how many were sent. */
static unsigned
flood(unsigned lines)
{
    unsigned before = play.lines;

    for (unsigned i = 0; i < lines; i++) {
        FACT(SSH_TRACE_CHANNEL);
        turn();
    }
    buf_reset(&play.said);
    return play.lines - before;
}

/* --- what is switched on, and off ----------------------------------------- */

static bool
is_wanted(enum ssh_trace_type type, unsigned kinds)
{
    if (type == SSH_TRACE_RECEIVED)
        return (kinds & DEBUG_SSH) != 0;
    if (type == SSH_TRACE_METHOD || type == SSH_TRACE_PROOF)
        return (kinds & DEBUG_SSH_DETAIL) != 0;
    if (type >= SSH_TRACE_BYTES && type <= SSH_TRACE_SIGNATURE)
        return (kinds & (DEBUG_SSH | DEBUG_SSH_PACKET)) != 0;
    return (kinds & (DEBUG_SSH | DEBUG_SSH_DETAIL)) != 0;
}

static void
test_what_is_switched_off_sends_nothing(void **state)
{
    (void)state;
    for (unsigned kinds = 0; kinds <= DEBUG_ALL; kinds++)
        for (unsigned type = 0; type <= SSH_TRACE_INVALID; type++) {
            start(kinds, 2);
            FACT(type, .name = "name", .other = "other");
            assert_int_equal(play.trace.pace.left < LINES_BURST,
                             is_wanted(type, kinds));
            turn();
            assert_int_equal(play.messages, is_wanted(type, kinds));
            assert_int_equal(play.trace.pace.left_out, 0);
        }
}

static void
test_the_core_is_heard_only_while_somebody_debugs_it(void **state)
{
    (void)state;
    for (unsigned kinds = 0; kinds <= DEBUG_ALL; kinds++) {
        bool any = (kinds & (DEBUG_SSH | DEBUG_SSH_DETAIL | DEBUG_SSH_PACKET));

        start(kinds, 2);
        assert_int_equal(play.tell != NULL, any);
        play.tell = NULL;
        trace_set(&play.trace, kinds);
        assert_int_equal(play.tell != NULL, any);
    }
}

static void
test_it_is_switched_while_it_goes_on(void **state)
{
    (void)state;
    start(0, 2);
    FACT(SSH_TRACE_CHANNEL);
    trace_set(&play.trace, DEBUG_SSH);
    FACT(SSH_TRACE_DERIVED);
    FACT(SSH_TRACE_PADDING, {4});
    trace_set(&play.trace, DEBUG_SSH_PACKET);
    FACT(SSH_TRACE_CHANNEL);
    FACT(SSH_TRACE_PADDING, {5});
    trace_set(&play.trace, 0);
    FACT(SSH_TRACE_CHANNEL);
    trace_scp(&play.trace, true, span_text("<OK>"));
    turn();
    assert_int_equal(play.messages, 1);
    assert_said("SSH2: kex_derive_keys complete\n"
                "SSH2 1: input: padlen 4\n"
                "SSH2 1: input: padlength 5 bytes\n");
}

static void
test_a_server_begins_with_a_line(void **state)
{
    (void)state;
    for (unsigned kinds = 0; kinds <= DEBUG_ALL; kinds++) {
        start(kinds, 0);
        trace_starting(&play.trace);
        turn();
        assert_said(kinds & (DEBUG_SSH | DEBUG_SSH_DETAIL)
                        ? "SSH1: starting SSH control process\n"
                        : "");
    }
}

/* The core says its first line before anybody has the connection. */
static void
test_a_connection_that_is_being_made_tells_too(void **state)
{
    (void)state;
    trace_watch(&play.trace, NULL);
    trace_starting(&play.trace);
    FACT(SSH_TRACE_IDENT_SENT, .text = span_text("SSH-2.0-a"));
    turn();
    assert_said("SSH1: starting SSH control process\n"
                "SSH1: sent protocol version id SSH-2.0-a\n");
}

/* --- what strangers say --------------------------------------------------- */

#define LONG 5000

/* Bytes of the line after its head, when a text of `len` is in it. */
static size_t
length_with(enum ssh_trace_type type, size_t len)
{
    static char text[LONG];

    memset(text, 'x', sizeof(text));
    start(DEBUG_SSH, 2);
    FACT(type, .text = span_of((const uint8_t *)text, len));
    turn();
    assert_int_equal(play.lines, 1);
    return play.bytes - 1 - 4;
}

static void
test_a_long_text_is_cut(void **state)
{
    static const enum ssh_trace_type types[] = {
        SSH_TRACE_IDENT_SENT, SSH_TRACE_IDENT_RECEIVED, SSH_TRACE_PEER_DEBUG,
        SSH_TRACE_LOGGED_IN,  SSH_TRACE_USER,           SSH_TRACE_WRONG,
    };

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        size_t before = length_with(types[i], 1) - 1;

        assert_true(before < LINE_BYTES - SHOWN_MAX);
        assert_int_equal(length_with(types[i], SHOWN_MAX - 1),
                         before + SHOWN_MAX - 1);
        assert_int_equal(length_with(types[i], SHOWN_MAX), before + SHOWN_MAX);
        assert_int_equal(length_with(types[i], SHOWN_MAX + 1),
                         before + SHOWN_MAX);
        assert_int_equal(length_with(types[i], LONG), before + SHOWN_MAX);
    }
}

static void
test_a_long_file_name_is_cut(void **state)
{
    char name[LONG];

    (void)state;
    memset(name, 'x', sizeof(name));
    start(DEBUG_SCP, 2);
    trace_scp(&play.trace, false, span_of((const uint8_t *)name, LONG));
    turn();
    assert_int_equal(play.lines, 1);
    assert_int_equal(play.bytes, 1 + 4 + strlen("recv ") + SHOWN_MAX);
}

/* Names are constants of ours; the line holds whatever they are. */
static void
test_a_long_name_does_not_pass_the_line(void **state)
{
    char name[LONG];

    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    FACT(SSH_TRACE_CHOSEN, .name = name, .other = name);
    turn();
    assert_int_equal(play.lines, 1);
    assert_int_equal(play.bytes, 1 + 4 + LINE_BYTES - 1);
}

static void
test_hostile_text_stays_in_its_line(void **state)
{
    /* Ends of a line, a format, a line as the message has it, a terminal's
       commands, what is not UTF-8. */
    static const char text[] = "a\r\nSSH1: b%s%n\0\1\0\0\0\1c\033[2J\x9b\xff";

    (void)state;
    FACT(SSH_TRACE_IDENT_RECEIVED,
         .text = span_of((const uint8_t *)text, sizeof(text) - 1));
    FACT(SSH_TRACE_CHANNEL);
    turn();
    assert_int_equal(play.lines, 2);
    assert_said("SSH1: protocol version id is - a\\x0d\\x0aSSH1: b%s%n"
                "\\x00\\x01\\x00\\x00\\x00\\x01c\\x1b[2J\\x9b\\xff\n"
                "SSH2 1: channel open request\n");
}

/* --- bursts --------------------------------------------------------------- */

static void
test_a_burst_is_limited_and_the_rest_told_once(void **state)
{
    (void)state;
    assert_int_equal(trace_deadline(&play.trace), UINT64_MAX);
    assert_int_equal(flood(LINES_BURST), LINES_BURST);
    assert_int_equal(trace_deadline(&play.trace), UINT64_MAX);
    assert_int_equal(flood(1), 0);
    assert_int_equal(trace_deadline(&play.trace), BEGUN_MS + LEFT_OUT_MS);
    play.now_ms += 4; /* no new line's worth */
    assert_int_equal(flood(6), 0);
    /* Those that come later do not put it off. */
    assert_int_equal(trace_deadline(&play.trace), BEGUN_MS + LEFT_OUT_MS);
    play.now_ms = BEGUN_MS + LEFT_OUT_MS - 1;
    turn();
    assert_said("");
    play.now_ms++;
    turn();
    assert_said("SSH1: 7 more lines left out\n");
    assert_int_equal(trace_deadline(&play.trace), UINT64_MAX);
    play.now_ms += 10 * LEFT_OUT_MS;
    turn();
    trace_flush(&play.trace, true);
    assert_said("");
}

static void
test_the_next_line_tells_what_is_missing_before_it(void **state)
{
    (void)state;
    flood(LINES_BURST + 3);
    play.now_ms += 1000 / LINES_A_S;
    FACT(SSH_TRACE_DERIVED);
    FACT(SSH_TRACE_CHANNEL);
    turn();
    assert_said("SSH1: 3 more lines left out\n"
                "SSH2: kex_derive_keys complete\n");
    /* The one behind it is another case, with a time of its own. */
    assert_int_equal(trace_deadline(&play.trace),
                     BEGUN_MS + 1000 / LINES_A_S + LEFT_OUT_MS);
    play.now_ms += LEFT_OUT_MS;
    turn();
    assert_said("SSH1: 1 more lines left out\n");
}

static void
test_so_many_come_in_a_second(void **state)
{
    (void)state;
    flood(LINES_BURST);
    play.now_ms += 1000;
    assert_int_equal(flood(LINES_A_S + 50), LINES_A_S);
    play.now_ms += 1000;
    /* The number left out costs nothing. */
    assert_int_equal(flood(LINES_A_S + 50), LINES_A_S + 1);
    /* Silence gives one burst back, and no more. */
    play.now_ms += 1000 * 1000;
    turn();
    assert_int_equal(flood(2 * LINES_BURST), LINES_BURST);
}

static void
test_texts_and_transfers_count_as_well(void **state)
{
    (void)state;
    start(DEBUG_SSH | DEBUG_SCP, 2);
    flood(LINES_BURST - 2);
    FACT(SSH_TRACE_PEER_DEBUG, .text = span_text("a"));
    trace_scp(&play.trace, true, span_text("b"));
    FACT(SSH_TRACE_PEER_DEBUG, .text = span_text("c"));
    trace_scp(&play.trace, false, span_text("d"));
    trace_starting(&play.trace);
    turn();
    assert_said("SSH2 1: debug message: a\nSCP: -> send b\n");
    trace_flush(&play.trace, true);
    assert_said("SSH1: 3 more lines left out\n");
}

/* Nobody gets a new burst by switching. */
static void
test_switching_does_not_change_what_is_left(void **state)
{
    (void)state;
    flood(LINES_BURST + 1);
    trace_set(&play.trace, 0);
    assert_int_equal(flood(5), 0);
    trace_set(&play.trace, DEBUG_SSH_DETAIL);
    assert_int_equal(flood(1), 0);
    play.now_ms += LEFT_OUT_MS;
    turn();
    assert_said("SSH1: 2 more lines left out\n");
}

/* --- control that is slow ------------------------------------------------- */

static void
test_all_of_a_turn_goes_at_once(void **state)
{
    (void)state;
    turn();
    trace_flush(&play.trace, true);
    assert_int_equal(play.messages, 0);
    FACT(SSH_TRACE_CHANNEL);
    FACT(SSH_TRACE_DERIVED);
    assert_int_equal(play.messages, 0);
    turn();
    assert_int_equal(play.messages, 1);
    turn();
    assert_int_equal(play.messages, 1);
    assert_said("SSH2 1: channel open request\n"
                "SSH2: kex_derive_keys complete\n");
}

static void
test_lines_wait_until_control_has_taken_the_others(void **state)
{
    (void)state;
    play.queued = 1;
    FACT(SSH_TRACE_CHANNEL);
    turn();
    FACT(SSH_TRACE_DERIVED);
    turn();
    assert_int_equal(play.messages, 0);
    play.queued = 0;
    turn();
    assert_int_equal(play.messages, 1);
    assert_said("SSH2 1: channel open request\n"
                "SSH2: kex_derive_keys complete\n");
}

static void
test_no_more_waits_than_there_is_room_for(void **state)
{
    char wanted[64];
    unsigned kept;

    (void)state;
    play.queued = 1;
    flood(LINES_BURST);
    /* Nothing can be told: nobody is to wake up for it. */
    assert_int_equal(trace_deadline(&play.trace), UINT64_MAX);
    play.now_ms += 2 * LEFT_OUT_MS;
    turn();
    assert_int_equal(play.messages, 0);
    play.queued = 0;
    turn();
    assert_int_equal(play.messages, 1);
    assert_in_range(play.bytes, WAITING_MAX - LINE_BYTES, WAITING_MAX);
    kept = play.lines;
    assert_true(kept < LINES_BURST);
    buf_reset(&play.said);
    /* Now there is room, and it is late. */
    assert_int_equal(trace_deadline(&play.trace), BEGUN_MS + LEFT_OUT_MS);
    turn();
    snprintf(wanted, sizeof(wanted), "SSH1: %u more lines left out\n",
             LINES_BURST - kept);
    assert_said(wanted);
}

/* What had no room has not used up a place of the burst. */
static void
test_what_had_no_room_is_no_part_of_the_burst(void **state)
{
    unsigned kept;

    (void)state;
    play.queued = 1;
    flood(10 * LINES_BURST);
    play.queued = 0;
    turn();
    kept = play.lines;
    assert_int_equal(flood(2 * LINES_BURST), LINES_BURST - kept + 1);
}

static void
test_the_longest_lines_fit_and_the_number_behind_them(void **state)
{
    char name[LONG];

    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    /* Whatever is there when the last one comes. */
    for (size_t first = 1; first < LINE_BYTES; first += 7) {
        start(DEBUG_SSH, 2);
        play.queued = 1;
        FACT(SSH_TRACE_REQUEST, .name = name + sizeof(name) - first);
        for (unsigned i = 0; i < 100; i++)
            FACT(SSH_TRACE_REQUEST, .name = name);
        assert_true(buf_ok(&play.trace.lines));
        trace_flush(&play.trace, true);
        assert_int_equal(play.messages, 1);
        assert_true(play.lines > 2 && play.lines < 100);
    }
}

/* The longest line after a number, at the last byte where there is room. */
static void
test_the_fullest_message_is_whole(void **state)
{
    const unsigned many = 41;
    const size_t long_line = 1 + 4 + LINE_BYTES - 1;
    size_t first = WAITING_MAX - LINE_BYTES - many * long_line;
    char name[LONG];

    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    first -= 1 + 4 + strlen(" request");
    flood(LINES_BURST - 1 - many);
    play.messages = play.lines = 0;
    play.queued = 1;
    FACT(SSH_TRACE_REQUEST, .name = name + sizeof(name) - 1 - first);
    for (unsigned i = 0; i < many; i++)
        FACT(SSH_TRACE_REQUEST, .name = name);
    assert_int_equal(flood(2 * LINES_BURST), 0);
    play.now_ms += 1000 / LINES_A_S;
    FACT(SSH_TRACE_REQUEST, .name = name);
    assert_int_equal(flood(2 * LINES_BURST), 0);
    trace_flush(&play.trace, true);
    assert_int_equal(play.messages, 1);
    assert_int_equal(play.lines, 1 + many + 2 + 1);
    assert_int_equal(play.bytes,
                     WAITING_MAX - LINE_BYTES + long_line +
                         2 * (1 + 4 + strlen("2000 more lines left out")));
}

static void
test_the_number_waits_for_control_too(void **state)
{
    (void)state;
    flood(LINES_BURST + 2);
    play.queued = 1;
    play.now_ms += LEFT_OUT_MS;
    turn();
    assert_said("");
    /* It is on its way: nobody wakes up for it again. */
    assert_int_equal(trace_deadline(&play.trace), UINT64_MAX);
    turn();
    play.queued = 0;
    turn();
    assert_said("SSH1: 2 more lines left out\n");
}

static void
test_the_last_words_wait_for_nothing(void **state)
{
    (void)state;
    flood(LINES_BURST + 2);
    play.queued = 1;
    trace_flush(&play.trace, true);
    assert_said("SSH1: 2 more lines left out\n");
    trace_flush(&play.trace, true);
    assert_said("");
    start(DEBUG_SSH, 2);
    FACT(SSH_TRACE_ENDED, {SSH_REASON_NONE, 0});
    trace_flush(&play.trace, true);
    assert_said("SSH1: Session terminated normally\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LAW(test_what_is_switched_off_sends_nothing),
        LAW(test_the_core_is_heard_only_while_somebody_debugs_it),
        LAW(test_it_is_switched_while_it_goes_on),
        LAW(test_a_server_begins_with_a_line),
        LAW(test_a_connection_that_is_being_made_tells_too),
        LAW(test_a_long_text_is_cut),
        LAW(test_a_long_file_name_is_cut),
        LAW(test_a_long_name_does_not_pass_the_line),
        LAW(test_hostile_text_stays_in_its_line),
        LAW(test_a_burst_is_limited_and_the_rest_told_once),
        LAW(test_the_next_line_tells_what_is_missing_before_it),
        LAW(test_so_many_come_in_a_second),
        LAW(test_texts_and_transfers_count_as_well),
        LAW(test_switching_does_not_change_what_is_left),
        LAW(test_all_of_a_turn_goes_at_once),
        LAW(test_lines_wait_until_control_has_taken_the_others),
        LAW(test_no_more_waits_than_there_is_room_for),
        LAW(test_what_had_no_room_is_no_part_of_the_burst),
        LAW(test_the_longest_lines_fit_and_the_number_behind_them),
        LAW(test_the_fullest_message_is_whole),
        LAW(test_the_number_waits_for_control_too),
        LAW(test_the_last_words_wait_for_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
