/*
 * Laws of what a worker may ask when: for every message, state and kind of
 * session. Those who act on requests are played here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/alarms.h"
#include "control/auth.h"
#include "control/debug.h"
#include "control/journal.h"
#include "control/listener.h"
#include "control/metrics.h"
#include "control/requests.h"
#include "control/serving.h"
#include "control/sessions.h"
#include "control/shell.h"
#include "control/signing.h"
#include "control/ssh_events.h"
#include "control/workers.h"

static struct world {
    unsigned acted; /* requests that reached somebody */
    bool lie;       /* whoever is asked says that it makes no sense */
    unsigned faults, lines, left;
    enum listener_fault fault;
    bool busy; /* a shell is still there */
} world;

static bool
act(void)
{
    world.acted++;
    return !world.lie;
}

#define PLAY(name, type)                   \
    bool name(struct session *s, type arg) \
    {                                      \
        (void)s;                           \
        (void)arg;                         \
        return act();                      \
    }
PLAY(signing_ask, const struct msg_sign *)
PLAY(signing_open, const struct msg_session_key *)
PLAY(shell_open, const struct msg_shell *)
PLAY(shell_exec, const struct msg_exec *)
PLAY(serving_subsystem, const struct msg_subsystem *)
PLAY(shell_on_line, const struct msg_line *)
PLAY(shell_on_help, const struct msg_line_help *)
PLAY(shell_on_complete, const struct msg_line_complete *)
PLAY(shell_on_answer, const struct msg_answer *)
PLAY(shell_on_interrupt, uint32_t)
PLAY(shell_on_window, const struct msg_window *)
PLAY(shell_on_shown, uint32_t)
PLAY(shell_on_activity, uint32_t)
PLAY(shell_on_idle, uint32_t)
PLAY(shell_on_input_end, uint32_t)
PLAY(shell_on_break, const struct msg_stream_break *)
PLAY(shell_on_detached, const struct msg_detached *)
PLAY(debug_traced, struct span)

void
ssh_events_keys(const struct session *s)
{
    (void)s;
}

void
ssh_events_unexpected(const struct session *s)
{
    (void)s;
}

void
ssh_events_small_group(const struct session *s)
{
    (void)s;
}

void
ssh_events_no_match(const struct session *s, const char *line)
{
    (void)s;
    (void)line;
}

void
shell_end(struct session *s, uint32_t channel)
{
    (void)s;
    (void)channel;
    act();
}

bool
shells_are_over(const struct session *s)
{
    (void)s;
    return !world.busy;
}

void
alarms_cause(struct session *s, enum session_cause cause)
{
    if (s->cause == CAUSE_NONE)
        s->cause = cause;
}

bool
serving_on_message(struct session *s, uint32_t channel, const struct message *m)
{
    (void)s;
    (void)channel;
    (void)m;
    return act();
}

bool
serving_on_idle(struct session *s, uint32_t channel)
{
    (void)s;
    (void)channel;
    return false;
}

void
serving_end(struct session *s, uint32_t channel)
{
    (void)s;
    (void)channel;
}

bool
auth_try(struct auth *a, const struct msg_auth_try *m)
{
    (void)a;
    (void)m;
    return act();
}

bool
auth_answer(struct auth *a, const struct msg_auth_answer *m)
{
    (void)a;
    (void)m;
    return act();
}

void
session_leave_line(struct session *s)
{
    s->state = SESSION_ENDING;
    world.left++;
}

void
worker_leaves(struct session *s)
{
    (void)s;
}

void
listener_fault(struct session *s, enum listener_fault fault)
{
    (void)s;
    world.faults++;
    world.fault = fault;
}

void
journal_limited(struct router *r, const char *source, const char *facility,
                enum log_level severity, const char *mnemonic,
                const char *format, ...)
{
    (void)r;
    (void)source;
    (void)facility;
    (void)severity;
    (void)mnemonic;
    (void)format;
    world.lines++;
}

void
metrics_keys(const struct session *s)
{
    (void)s;
}

void
metrics_rekeyed(struct router *r)
{
    (void)r;
}

uint64_t
router_now_ms(const struct router *r)
{
    (void)r;
    return 0;
}

/* --- the table as the house understands it ------------------------------ */

static bool
is_key_exchange(enum message_type type)
{
    return type == MSG_SIGN || type == MSG_KEYS || type == MSG_SESSION_KEY;
}

static bool
is_login(enum message_type type)
{
    return type == MSG_AUTH_TRY || type == MSG_AUTH_ANSWER;
}

static bool
is_news(enum message_type type)
{
    return type == MSG_REPORT || type == MSG_ENDED;
}

static bool
is_shell(enum message_type type)
{
    switch (type) {
    case MSG_SHELL:
    case MSG_EXEC:
    case MSG_CHANNEL_END:
    case MSG_INPUT_END:
    case MSG_LINE:
    case MSG_LINE_HELP:
    case MSG_LINE_COMPLETE:
    case MSG_ANSWER:
    case MSG_INTERRUPT:
    case MSG_WINDOW:
    case MSG_ACTIVITY:
    case MSG_SHOWN:
    case MSG_IDLE:
    case MSG_STREAM_BREAK:
    case MSG_DETACHED:
        return true;
    default:
        return false;
    }
}

static bool
is_file(enum message_type type)
{
    switch (type) {
    case MSG_FILE_OPEN:
    case MSG_FILE_COMMIT:
    case MSG_FILE_ABANDON:
    case MSG_FILE_STAT:
    case MSG_FILE_LIST:
    case MSG_FILE_MAKE_DIRECTORY:
    case MSG_FILE_SET:
    case MSG_FILE_REMOVE:
    case MSG_FILE_REMOVE_DIRECTORY:
    case MSG_FILE_RENAME:
    case MSG_FILE_SPACE:
    case MSG_SUBSYSTEM:
        return true;
    default:
        return false;
    }
}

static bool
is_allowed(enum message_type type, enum session_state state,
           enum session_kind kind)
{
    if (is_news(type))
        return true;
    if (is_shell(type))
        return state == SESSION_SHELL &&
               (kind == SESSION_SSH || type != MSG_EXEC);
    if (kind != SESSION_SSH)
        return false;
    if (is_file(type))
        return state == SESSION_SHELL;
    if (type == MSG_SESSION_KEY)
        return state == SESSION_STARTING;
    return type == MSG_TRACED || is_key_exchange(type) ||
           (is_login(type) && state == SESSION_LOGIN);
}

static struct session
session_in(enum session_state state, enum session_kind kind)
{
    struct session s = {.state = state, .kind = kind};

    s.session_id.len = 32;
    s.exchange_signed = true;
    return s;
}

static void
test_a_request_acts_only_where_its_row_says(void **unused)
{
    (void)unused;
    for (int state = SESSION_STARTING; state <= SESSION_SHELL; state++)
        for (int kind = SESSION_SSH; kind <= SESSION_CONSOLE; kind++)
            for (int type = MSG_NONE; type < MSG_COUNT; type++) {
                struct session s = session_in(state, kind);
                struct message m = {.type = type};
                const char *wrong;
                bool allowed = is_allowed(type, state, kind);

                world = (struct world){0};
                wrong = request_handle(&s, &m);
                if ((wrong == NULL) != allowed)
                    fail_msg("%s in state %d, kind %d", message_name(type),
                             state, kind);
                if (!allowed)
                    assert_int_equal(world.acted, 0);
                else if (type != MSG_KEYS && !is_news(type))
                    assert_int_equal(world.acted, 1);
            }
}

static void
test_what_makes_no_sense_is_a_lie(void **unused)
{
    (void)unused;
    for (int type = MSG_NONE; type < MSG_COUNT; type++) {
        struct session s = session_in(SESSION_SHELL, SESSION_SSH);
        struct message m = {.type = type};

        world = (struct world){.lie = true};
        if ((is_shell(type) && type != MSG_CHANNEL_END) || is_file(type))
            assert_non_null(request_handle(&s, &m));
    }
}

static void
test_what_was_on_its_way_at_the_end_has_no_effect(void **unused)
{
    (void)unused;
    for (int type = MSG_NONE + 1; type < MSG_COUNT; type++) {
        struct session s = session_in(SESSION_ENDING, SESSION_SSH);
        struct message m = {.type = type};
        const char *wrong;

        world = (struct world){0};
        wrong = request_handle(&s, &m);
        /* Its last lines, which tell of its end, are shown. */
        assert_int_equal(world.acted, type == MSG_TRACED ? 1 : 0);
        /* But what no worker ever sends is a lie at any time. */
        assert_true((wrong == NULL) ==
                    (is_shell(type) || is_login(type) || is_news(type) ||
                     is_key_exchange(type) || is_file(type) ||
                     type == MSG_TRACED));
    }
}

static void
test_keys_without_a_signature_are_a_lie(void **unused)
{
    struct session s = session_in(SESSION_STARTING, SESSION_SSH);
    struct message m = {.type = MSG_KEYS};

    (void)unused;
    s.session_id.len = 0;
    assert_non_null(request_handle(&s, &m));
    assert_int_equal(s.state, SESSION_STARTING);
    s.session_id.len = 32;
    s.signing = true;
    assert_non_null(request_handle(&s, &m));
    s.signing = false;
    assert_null(request_handle(&s, &m));
    assert_int_equal(s.state, SESSION_LOGIN);
    /* One signature, one exchange. */
    assert_non_null(request_handle(&s, &m));
}

static void
test_new_keys_do_not_log_anybody_out(void **unused)
{
    struct session s = session_in(SESSION_SHELL, SESSION_SSH);
    struct message m = {.type = MSG_KEYS};

    (void)unused;
    assert_null(request_handle(&s, &m));
    assert_int_equal(s.state, SESSION_SHELL);
}

static void
test_what_a_peer_calls_itself_is_kept_escaped(void **unused)
{
    struct session s = session_in(SESSION_STARTING, SESSION_SSH);
    struct message m = {.type = MSG_KEYS};

    (void)unused;
    m.keys.ident = span_text("SSH-2.0-x\x1b[2J\r\n%n");
    m.keys.cipher_in = span_text("\x1b]0;x");
    assert_null(request_handle(&s, &m));
    assert_string_equal(s.ident, "SSH-2.0-x\\x1b[2J\\x0d\\x0a%n");
    assert_string_equal(s.cipher_in, "\\x1b]0;x");
}

static void
test_a_broken_protocol_is_charged_and_told_once(void **unused)
{
    struct session s = session_in(SESSION_STARTING, SESSION_SSH);
    struct message m = {.type = MSG_ENDED};

    (void)unused;
    world = (struct world){0};
    assert_null(request_handle(&s, &m));
    assert_int_equal(world.faults, 0);
    assert_int_equal(world.lines, 0);
    s = session_in(SESSION_STARTING, SESSION_SSH);
    m.ended.broken = true;
    assert_null(request_handle(&s, &m));
    assert_int_equal(world.faults, 1);
    assert_int_equal(world.fault, FAULT_PROTOCOL);
    assert_int_equal(world.lines, 1);
}

static enum session_cause
cause_of(enum session_state state, enum session_cause left_by,
         struct msg_ended ended)
{
    struct session s = session_in(state, SESSION_SSH);
    struct message m = {.type = MSG_ENDED};

    s.left_by = left_by;
    m.ended = ended;
    assert_null(request_handle(&s, &m));
    assert_true(s.peer_closed == ended.peer_closed);
    return s.cause;
}

static void
test_the_last_word_says_why_it_ends(void **unused)
{
    struct msg_ended closed = {.by_peer = true, .peer_closed = true};
    struct msg_ended broken = {.reason = SSH_REASON_PROTOCOL_ERROR,
                               .broken = true};
    struct msg_ended keys = {.reason = SSH_REASON_KEY_EXCHANGE_FAILED,
                             .exchanging = true};
    struct msg_ended stuck = {.reason = SSH_REASON_NONE};
    struct msg_ended lazy = {.reason = SSH_REASON_BY_APPLICATION};

    (void)unused;
    world = (struct world){0};
    assert_int_equal(cause_of(SESSION_LOGIN, CAUSE_NONE, closed), CAUSE_PEER);
    assert_int_equal(cause_of(SESSION_SHELL, CAUSE_NONE, closed), CAUSE_PEER);
    assert_int_equal(cause_of(SESSION_SHELL, CAUSE_LOGOUT, closed),
                     CAUSE_LOGOUT);
    assert_int_equal(cause_of(SESSION_SHELL, CAUSE_CLEARED, closed),
                     CAUSE_CLEARED);
    world.busy = true;
    assert_int_equal(cause_of(SESSION_SHELL, CAUSE_LOGOUT, closed), CAUSE_PEER);
    assert_int_equal(cause_of(SESSION_SHELL, CAUSE_NONE, broken),
                     CAUSE_PROTOCOL);
    assert_int_equal(cause_of(SESSION_STARTING, CAUSE_NONE, keys), CAUSE_KEYS);
    assert_int_equal(cause_of(SESSION_SHELL, CAUSE_NONE, keys), CAUSE_REKEY);
    keys.by_peer = true;
    assert_int_equal(cause_of(SESSION_SHELL, CAUSE_NONE, keys), CAUSE_REKEY);
    /* He may leave in the middle of an exchange as at any other time. */
    keys.reason = SSH_REASON_BY_APPLICATION;
    assert_int_equal(cause_of(SESSION_SHELL, CAUSE_NONE, keys), CAUSE_PEER);
    assert_int_equal(cause_of(SESSION_SHELL, CAUSE_NONE, stuck), CAUSE_NETWORK);
    assert_int_equal(cause_of(SESSION_SHELL, CAUSE_NONE, lazy), CAUSE_IDLE);
}

static void
test_the_line_is_free_when_the_worker_has_said_its_last_word(void **unused)
{
    struct session s = session_in(SESSION_SHELL, SESSION_SSH);
    struct message m = {.type = MSG_ENDED};

    (void)unused;
    world = (struct world){0};
    assert_null(request_handle(&s, &m));
    assert_int_equal(world.left, 1);
    /* Also when it was told to go; but its faults count no more then. */
    s = session_in(SESSION_ENDING, SESSION_SSH);
    m.ended.broken = true;
    assert_null(request_handle(&s, &m));
    assert_int_equal(world.left, 2);
    assert_int_equal(world.faults, 0);
    /* The console's terminal is its worker's to the end. */
    s = session_in(SESSION_SHELL, SESSION_CONSOLE);
    m.ended.broken = false;
    assert_null(request_handle(&s, &m));
    assert_int_equal(world.left, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_acts_only_where_its_row_says),
        cmocka_unit_test(test_what_makes_no_sense_is_a_lie),
        cmocka_unit_test(test_what_was_on_its_way_at_the_end_has_no_effect),
        cmocka_unit_test(test_keys_without_a_signature_are_a_lie),
        cmocka_unit_test(test_new_keys_do_not_log_anybody_out),
        cmocka_unit_test(test_what_a_peer_calls_itself_is_kept_escaped),
        cmocka_unit_test(test_a_broken_protocol_is_charged_and_told_once),
        cmocka_unit_test(test_the_last_word_says_why_it_ends),
        cmocka_unit_test(
            test_the_line_is_free_when_the_worker_has_said_its_last_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
