/* Laws of sessions on other machines that are left and taken up again. */
#include "stage.h"

#include <stdio.h>
#include <string.h>

#define PROMPT "<Router>>"

static void
leave(enum detach_reason reason)
{
    struct msg_detached m = {.channel = 0, .reason = (uint8_t)reason};

    assert_true(shell_on_detached(&stage.sessions[0], &m));
}

static void
end(enum outgoing_outcome outcome, enum client_end how)
{
    struct msg_client_ended said = {.end = (uint8_t)how};

    stage_outgoing_end(outcome, &said, true);
}

/* A session on `host`, on the screen. */
static void
log_in(const char *host)
{
    char line[300];

    snprintf(line, sizeof(line), "ssh %s", host);
    assert_types(line, "");
    stage.outgoing.events->on_ready(stage.outgoing.owner);
    assert_heard("<attach 30>");
}

static void
open_suspended(const char *host)
{
    log_in(host);
    leave(DETACH_SUSPENDED);
    assert_heard(PROMPT);
}

static void
test_sessions_are_listed(void **state)
{
    (void)state;
    stage_open();
    open_suspended("far");
    open_suspended("a-name-that-is-longer-than-its-column");
    stage.now_ms += 125000;
    assert_types(
        "show sessions",
        "Conn Host                Address             Byte  Idle Conn Name\n"
        "   1 far                 192.0.2.9              0     2 far\n"
        "*  2 a-name-that-is-longer-than-its-column 192.0.2.9              0  "
        "   2 a-name-that-is-longer-than-its-column\n" PROMPT);
    assert_types("resume FAR",
                 "[Resuming connection 1 to far ... ]\n<attach 30>");
    leave(DETACH_SUSPENDED);
    stage_heard();
    assert_types("", "[Resuming connection 1 to far ... ]\n<attach 30>");
    leave(DETACH_SUSPENDED);
    stage_heard();
    assert_types("  2 ", "[Resuming connection 2 to a-name-that-is-longer-than-"
                         "its-column ... ]\n<attach 30>");
}

static void
test_an_empty_line_means_nothing_in_configuration(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("do ssh far", "");
    stage.outgoing.events->on_ready(stage.outgoing.owner);
    assert_heard("<attach 30>");
    leave(DETACH_SUSPENDED);
    assert_heard("<Router(config)#>");
    assert_types("", "<Router(config)#>");
    assert_types("end", "<Router#>");
    assert_types("", "[Resuming connection 1 to far ... ]\n<attach 30>");
}

static void
test_an_end_is_told_with_the_next_prompt(void **state)
{
    (void)state;
    stage_open();
    open_suspended("far");
    end(OUTGOING_ENDED, CLIENT_CLOSED);
    assert_heard("");
    assert_types("", "[Connection to far closed by foreign host]\n" PROMPT);
    assert_types("", PROMPT);
    open_suspended("far");
    end(OUTGOING_DIED, CLIENT_CLOSED);
    assert_types("show privilege",
                 "Current privilege level is 1\n"
                 "[Connection to far aborted: error status 0]\n" PROMPT);
    assert_types("show sessions", "% No connections open\n" PROMPT);
}

static void
test_an_end_waits_for_what_was_said_before_it(void **state)
{
    (void)state;
    stage_open();
    open_suspended("far");
    stage_outgoing_says("bye");
    end(OUTGOING_ENDED, CLIENT_DONE);
    assert_types("show privilege", "Current privilege level is 1\n" PROMPT);
    assert_types("1", "[Resuming connection 1 to far ... ]\n<attach 30>");
    leave(DETACH_ENDED);
    assert_heard("\n[Connection to far closed by foreign host]\n" PROMPT);
}

static void
test_an_end_comes_before_or_behind_the_stream(void **state)
{
    (void)state;
    stage_open();
    log_in("far");
    leave(DETACH_ENDED);
    assert_heard("");
    end(OUTGOING_DIED, CLIENT_DONE);
    assert_heard("\n[Connection to far aborted: error status 0]\n" PROMPT);
    log_in("far");
    end(OUTGOING_ENDED, CLIENT_DONE);
    assert_heard("");
    /* The user was quicker. */
    leave(DETACH_SUSPENDED);
    assert_heard("[Connection to far closed by foreign host]\n" PROMPT);
}

static void
test_ways_to_leave_for_good(void **state)
{
    (void)state;
    stage_open();
    log_in("far");
    leave(DETACH_LEFT);
    assert_heard("\nClosing connection to far\n" PROMPT);
    log_in("far");
    leave(DETACH_IDLE);
    assert_heard("\n[Connection to far idle too long; timed out]\n" PROMPT);
    open_suspended("far");
    stage_outgoing_told();
    assert_types("disconnect far",
                 "<ask key>Closing connection to far [confirm]");
    assert_string_equal(stage_answer("n"), PROMPT);
    assert_string_equal(stage_outgoing_told(), "");
    assert_types("disconnect", "<ask key>Closing connection to far [confirm]");
    assert_string_equal(stage_answer(""), PROMPT);
    assert_string_equal(stage_outgoing_told(), "abandoned\n");
    /* It ends while the question is on the screen. */
    open_suspended("far");
    assert_types("disconnect 1",
                 "<ask key>Closing connection to far [confirm]");
    end(OUTGOING_ENDED, CLIENT_CLOSED);
    assert_string_equal(stage_answer(""), PROMPT);
}

static void
test_leaving_closes_all(void **state)
{
    (void)state;
    stage_open();
    open_suspended("one");
    open_suspended("two");
    assert_types("exit", "<ask key> (You have open connections) [confirm]");
    assert_string_equal(stage_answer(NULL), PROMPT);
    stage_outgoing_told();
    assert_types("logout", "<ask key> (You have open connections) [confirm]");
    assert_string_equal(stage_answer(""),
                        "Closing: one !\nClosing: two !\n<exit 0>");
    assert_string_equal(stage_outgoing_told(), "abandoned\nabandoned\n");
}

static void
test_they_go_with_their_user(void **state)
{
    (void)state;
    stage_open();
    open_suspended("one");
    log_in("two");
    stage_outgoing_told();
    shell_end(&stage.sessions[0], 0);
    assert_string_equal(stage_outgoing_told(), "abandoned\nabandoned\n");
    stage_open();
    open_suspended("one");
    stage_outgoing_told();
    assert_true(shell_on_idle(&stage.sessions[0], 0));
    assert_string_equal(stage_outgoing_told(), "abandoned\n");
}

static void
test_a_break_is_for_the_one_on_the_screen(void **state)
{
    struct msg_stream_break here = {.ms = 700}, nowhere = {.channel = 7};

    (void)state;
    stage_open();
    log_in("far");
    stage_outgoing_told();
    assert_true(shell_on_break(&stage.sessions[0], &here));
    assert_string_equal(stage_outgoing_told(), "break 700\n");
    leave(DETACH_SUSPENDED);
    assert_true(shell_on_break(&stage.sessions[0], &here));
    assert_true(shell_on_break(&stage.sessions[0], &nowhere));
    assert_string_equal(stage_outgoing_told(), "");
}

static void
test_a_new_window_is_told_when_it_is_seen(void **state)
{
    struct msg_window window = {.columns = 132, .rows = 43};

    (void)state;
    stage_open();
    open_suspended("far");
    stage_outgoing_told();
    assert_true(shell_on_window(&stage.sessions[0], &window));
    assert_string_equal(stage_outgoing_told(), "");
    stage_type("1");
    assert_string_equal(stage_outgoing_told(), "window 132x43\n");
    leave(DETACH_SUSPENDED);
    stage_type("1");
    assert_string_equal(stage_outgoing_told(), "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_sessions_are_listed),
        STAGE_TEST(test_an_empty_line_means_nothing_in_configuration),
        STAGE_TEST(test_an_end_is_told_with_the_next_prompt),
        STAGE_TEST(test_an_end_waits_for_what_was_said_before_it),
        STAGE_TEST(test_an_end_comes_before_or_behind_the_stream),
        STAGE_TEST(test_ways_to_leave_for_good),
        STAGE_TEST(test_leaving_closes_all),
        STAGE_TEST(test_they_go_with_their_user),
        STAGE_TEST(test_a_break_is_for_the_one_on_the_screen),
        STAGE_TEST(test_a_new_window_is_told_when_it_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
