#include "stage.h"

#include <stdio.h>
#include <string.h>

#define CLOSED "\n[Connection to far closed by foreign host]\n<Router>>"

static const struct outgoing_events *
events(void)
{
    return stage.outgoing.events;
}

static void
ask(const char *prompt, bool echo)
{
    events()->on_ask(stage.outgoing.owner, span_text(prompt), echo);
}

static void
end(enum client_end how, bool ready)
{
    struct msg_client_ended said = {.end = (uint8_t)how};

    stage_outgoing_end(OUTGOING_ENDED, &said, ready);
}

static void
detach(void)
{
    struct msg_detached m = {.channel = 0, .reason = DETACH_ENDED};

    assert_true(shell_on_detached(&stage.sessions[0], &m));
}

static void
go(const char *line)
{
    stage_open();
    assert_types(line, "");
}

/* --- what is asked for --------------------------------------------------- */

static void
assert_plan(const char *line, const char *plan)
{
    stage_open();
    stage_configure("ip ssh version 2\n");
    assert_types(line, "");
    assert_string_equal(stage_outgoing_told(), plan);
    shell_end(&stage.sessions[0], 0);
    assert_string_equal(stage_outgoing_told(), "abandoned\n");
}

static void
test_options_come_in_any_order(void **state)
{
    (void)state;
    assert_plan("ssh 10.0.0.2", "lab@10.0.0.2:22 vt100 80x24 3 prompts\n");
    assert_plan("ssh -v 2 -c aes256-cbc -m hmac-sha1-96 -l user2 10.76.82.24",
                "user2@10.76.82.24:22 aes256-cbc hmac-sha1-96 vt100 80x24 "
                "3 prompts\n");
    assert_plan("ssh -m hmac-sha1-96 -c aes256-cbc -v 2 user2@10.76.82.24",
                "user2@10.76.82.24:22 aes256-cbc hmac-sha1-96 vt100 80x24 "
                "3 prompts\n");
    assert_plan("ssh -l admin7 -c 3des -o numberofpasswordprompts 5 HQedge",
                "admin7@HQedge:22 3des-cbc vt100 80x24 5 prompts\n");
    assert_plan("ssh -m hmac-sha1-160 -c aes128-gcm -p 2222 far",
                "lab@far:2222 aes128-gcm@openssh.com hmac-sha1 vt100 80x24 "
                "3 prompts\n");
    assert_plan("ssh -l lab:rotary1 router.example.com",
                "lab:rotary1@router.example.com:22 vt100 80x24 3 prompts\n");
    assert_plan("ssh -l lab:1 router.example.com",
                "lab:1@router.example.com:22 vt100 80x24 3 prompts\n");
}

/* Two ciphers and no MAC; by its own word, or the configuration's. */
static void
test_version_1_has_little_to_choose(void **state)
{
    (void)state;
    assert_plan("ssh -v 1 far", "lab@far:22 version 1 vt100 80x24 3 prompts\n");
    assert_plan("ssh -c des -v 1 far",
                "lab@far:22 version 1 des vt100 80x24 3 prompts\n");
    assert_plan("ssh -v 1 -c 3des far",
                "lab@far:22 version 1 3des 3des-cbc vt100 80x24 3 prompts\n");
    stage_open();
    stage_configure("ip ssh version 1\n");
    assert_types("ssh far", "");
    assert_string_equal(stage_outgoing_told(),
                        "lab@far:22 version 1? vt100 80x24 3 prompts\n");
    shell_end(&stage.sessions[0], 0);
    stage_open();
    assert_types("ssh -v 1 -m hmac-md5 far",
                 "% SSH version 1 has no HMAC to choose\n<Router>>");
    assert_types(
        "ssh -v 1 -c aes128-cbc far",
        "% SSH version 1 has the ciphers 3des and des only\n<Router>>");
    assert_types("ssh -v 2 -c des far",
                 "% SSH version 2 has no cipher des\n<Router>>");
}

/* Without -v the configuration permits, and what only one has decides. */
static void
test_versions_that_may_be_spoken(void **state)
{
    static const struct {
        const char *line, *plan;
    } cases[] = {
        {"ssh far", "both?"},
        {"ssh -v 2 far", NULL},
        {"ssh -c des far", "version 1? des"},
        {"ssh -c 3des far", "both? 3des 3des-cbc"},
        {"ssh -c 3des-cbc far", "3des-cbc"},
        {"ssh -c aes128-cbc far", "aes128-cbc"},
        {"ssh -m hmac-md5 far", "hmac-md5"},
        {"ssh -c 3des -m hmac-md5 far", "3des-cbc hmac-md5"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char plan[128];

        stage_open();
        stage_configure("no ip ssh version\n");
        assert_types(cases[i].line, "");
        snprintf(plan, sizeof(plan), "lab@far:22%s%s vt100 80x24 3 prompts\n",
                 cases[i].plan == NULL ? "" : " ",
                 cases[i].plan == NULL ? "" : cases[i].plan);
        assert_string_equal(stage_outgoing_told(), plan);
        shell_end(&stage.sessions[0], 0);
        assert_string_equal(stage_outgoing_told(), "abandoned\n");
    }
    stage_open();
    stage_configure("no ip ssh version\n");
    assert_types("ssh -c des -m hmac-md5 far",
                 "% SSH version 1 has no HMAC to choose\n<Router>>");
}

static void
test_a_command_needs_no_terminal(void **state)
{
    (void)state;
    assert_plan("ssh -l adminHQ HQhost \"show users\"",
                "adminHQ@HQhost:22 <show users> cooked 3 prompts\n");
    assert_plan("ssh far show  running-config | include \"a b\"",
                "lab@far:22 <show  running-config | include \"a b\"> cooked "
                "3 prompts\n");
    assert_plan("ssh -l adminHQ 3ffe:1111:2222:1044::72 \"show version\"",
                "adminHQ@3ffe:1111:2222:1044::72:22 <show version> cooked "
                "3 prompts\n");
    assert_plan("ssh far \"\"", "lab@far:22 vt100 80x24 3 prompts\n");
}

static void
test_names_are_looked_at(void **state)
{
    static const char *const hosts[] = {
        "-far",  "far-", "a..b",      ".far", "a$b", "a;b",
        "$(id)", "a/b",  "10.0.0.2%", "lab@", "%h",
    };
    static const char *const users[] = {"-l -froot far", "@far", "-l Ã¤ far"};
    char line[64];

    (void)state;
    stage_open();
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        snprintf(line, sizeof(line), "ssh %s", hosts[i]);
        assert_types(line, "% Bad IP address or host name\n<Router>>");
    }
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        snprintf(line, sizeof(line), "ssh %s", users[i]);
        assert_types(line, "% Invalid user name\n<Router>>");
    }
    stage.sessions[0].user[0] = '\0';
    assert_types("ssh far", "% No user specified nor available for SSH client\n"
                            "<Router>>");
}

static void
test_only_what_works_is_understood(void **state)
{
    static const char *const lines[] = {
        "ssh -v 0 far",
        "ssh -v 3 far",
        "ssh -c blowfish far",
        "ssh -m none far",
        "ssh -o numberofpasswordprompts 6 far",
        "ssh -p 0 far",
        "ssh -p 65536 far",
    };

    (void)state;
    stage_open();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_non_null(strstr(stage_type(lines[i]), "% Invalid input"));
    assert_types("ssh", "% Incomplete command.\n\n<Router>>");
    assert_types("ssh -l lab", "% Incomplete command.\n\n<Router>>");
    assert_string_equal(stage_outgoing_told(), "");
}

/* --- failures ------------------------------------------------------------ */

static void
test_each_failure_has_its_text(void **state)
{
    static const struct {
        enum outgoing_outcome outcome;
        const char *text;
    } cases[] = {
        {OUTGOING_UNKNOWN, "% Bad IP address or host name\n"},
        {OUTGOING_REFUSED, "% Connection refused by remote host\n"},
        {OUTGOING_UNREACHABLE,
         "% Destination unreachable; gateway or host down\n"},
        {OUTGOING_TIMED_OUT,
         "% Connection timed out; remote host not responding\n"},
        {OUTGOING_NO_MEANS, "% No connection can be made now\n"},
        {OUTGOING_DIED, "[Connection to far aborted: error status 0]\n"},
    };

    (void)state;
    stage_open();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[128];

        assert_types("ssh far", "");
        stage_outgoing_end(cases[i].outcome, NULL, false);
        snprintf(text, sizeof(text), "%s<Router>>", cases[i].text);
        assert_heard(text);
    }
    stage.outgoing.refused = true;
    assert_types("ssh far", "% No connection can be made now: there are too "
                            "many\n<Router>>");
}

static void
test_the_end_says_whose_it_was(void **state)
{
    static const struct {
        enum client_end end;
        const char *text;
    } cases[] = {
        {CLIENT_CLOSED, CLOSED},
        {CLIENT_NOT_ACCEPTED, CLOSED},
        {CLIENT_NO_CHANNEL, CLOSED},
        {CLIENT_NO_ALGORITHM,
         "[Connection to far aborted: error status 0]\n<Router>>"},
        {CLIENT_HOST_KEY,
         "[Connection to far aborted: error status 0]\n<Router>>"},
        {CLIENT_PROTOCOL,
         "[Connection to far aborted: error status 0]\n<Router>>"},
        {CLIENT_SILENT,
         "[Connection to far aborted: error status 0]\n<Router>>"},
    };

    (void)state;
    stage_open();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_types("ssh far", "");
        end(cases[i].end, false);
        assert_heard(cases[i].text);
    }
}

static void
test_an_interrupt_gives_the_attempt_up(void **state)
{
    (void)state;
    go("ssh far");
    assert_true(shell_on_interrupt(&stage.sessions[0], 0));
    assert_heard("% Connection aborted by user\n<Router>>");
    assert_types("ssh far", "");
    ask("Password: ", false);
    assert_heard("\n<ask secret>Password: ");
    assert_string_equal(stage_answer(NULL),
                        "% Connection aborted by user\n<Router>>");
}

/* --- the dialogue -------------------------------------------------------- */

static void
test_the_name_server_is_named(void **state)
{
    struct config_address server = {CONFIG_FAMILY_IPV4, {10, 0, 0, 1}};

    (void)state;
    go("ssh far");
    events()->on_server(stage.outgoing.owner, &server);
    assert_heard("Translating \"far\"...domain server (10.0.0.1)");
    events()->on_found(stage.outgoing.owner);
    assert_heard(" [OK]\n");
    stage_outgoing_end(OUTGOING_REFUSED, NULL, false);
    assert_heard("% Connection refused by remote host\n<Router>>");
}

static void
test_questions_and_answers(void **state)
{
    (void)state;
    go("ssh far");
    stage_outgoing_told();
    events()->on_show(stage.outgoing.owner, span_text("Be \033[2Jgood\r\n"));
    assert_heard("\nBe \\x1b[2Jgood\n");
    ask("Password: ", false);
    assert_heard("<ask secret>Password: ");
    assert_answers("wrong", "");
    assert_string_equal(stage_outgoing_told(), "answer wrong\n");
    ask("Code\n\033]: ", true);
    assert_heard("<ask line>Code \\x1b]: ");
    assert_answers("42", "");
    assert_string_equal(stage_outgoing_told(), "answer 42\n");
    end(CLIENT_NOT_ACCEPTED, false);
    assert_heard(CLOSED);
}

/* The peer has had enough while the user thinks. */
static void
test_an_end_takes_the_question_back(void **state)
{
    (void)state;
    go("ssh far");
    ask("Password: ", false);
    assert_heard("\n<ask secret>Password: ");
    end(CLIENT_CLOSED, false);
    assert_heard("<UNASK>");
    assert_string_equal(stage_answer(NULL), CLOSED);
    assert_types("ssh far", "");
    ask("Password: ", false);
    stage_heard();
    end(CLIENT_CLOSED, false);
    stage_heard();
    assert_string_equal(stage_answer("in time"), CLOSED);
}

/* --- the session --------------------------------------------------------- */

static void
begin(const char *line)
{
    go(line);
    stage_outgoing_told();
    events()->on_ready(stage.outgoing.owner);
    /* Only a session can be suspended. */
    assert_heard(strchr(line, '"') == NULL ? "<attach 30>" : "<attach 0>");
}

static void
test_the_end_is_told_behind_the_output(void **state)
{
    (void)state;
    begin("ssh far");
    end(CLIENT_DONE, true);
    assert_heard("");
    detach();
    assert_heard(CLOSED);
    assert_types("ssh far", "");
    events()->on_ready(stage.outgoing.owner);
    stage_heard();
    detach();
    assert_heard("");
    end(CLIENT_DONE, true);
    assert_heard(CLOSED);
}

static void
test_the_window_is_followed(void **state)
{
    struct msg_window window = {.columns = 132, .rows = 43};

    (void)state;
    begin("ssh far");
    assert_true(shell_on_window(&stage.sessions[0], &window));
    assert_string_equal(stage_outgoing_told(), "window 132x43\n");
    end(CLIENT_DONE, true);
    assert_true(shell_on_window(&stage.sessions[0], &window));
    detach();
    assert_string_equal(stage_outgoing_told(), "");
}

static void
test_a_status_is_told_unless_all_is_well(void **state)
{
    struct msg_client_ended said = {.end = CLIENT_DONE, .has_status = true};

    (void)state;
    begin("ssh far \"show users\"");
    stage_outgoing_end(OUTGOING_ENDED, &said, true);
    detach();
    assert_heard(CLOSED);
    said.status = 3;
    assert_types("ssh far false", "");
    events()->on_ready(stage.outgoing.owner);
    stage_heard();
    stage_outgoing_end(OUTGOING_ENDED, &said, true);
    detach();
    assert_heard("\n[Connection to far closed by foreign host]\n"
                 "% The remote command ended with status 3\n<Router>>");
    said.has_status = false;
    said.signal = span_text("TE\033RM");
    assert_types("ssh far false", "");
    events()->on_ready(stage.outgoing.owner);
    stage_heard();
    stage_outgoing_end(OUTGOING_ENDED, &said, true);
    detach();
    assert_heard("\n[Connection to far closed by foreign host]\n"
                 "% The remote command was ended by signal TE\\x1bRM\n"
                 "<Router>>");
}

static void
test_an_exec_request_has_the_status(void **state)
{
    struct msg_client_ended said = {.end = CLIENT_DONE, .has_status = true};

    (void)state;
    assert_string_equal(stage_exec("ssh far false"),
                        "<reply 1><terminal 0x80 600s>");
    events()->on_ready(stage.outgoing.owner);
    assert_heard("<attach 0>");
    said.status = 1;
    stage_outgoing_end(OUTGOING_ENDED, &said, true);
    detach();
    assert_heard("\n[Connection to far closed by foreign host]\n"
                 "% The remote command ended with status 1\n<exit 1>");
}

static void
test_a_session_takes_its_connection_along(void **state)
{
    (void)state;
    begin("ssh far");
    shell_end(&stage.sessions[0], 0);
    assert_string_equal(stage_outgoing_told(), "abandoned\n");
}

/* Its line is cleared: what the user sees is not the stream any more. */
static void
test_an_end_from_outside_takes_the_user_back(void **state)
{
    struct msg_detached m = {.channel = 0, .reason = DETACH_ENDED};

    (void)state;
    begin("ssh far");
    assert_true(shell_on_idle(&stage.sessions[0], 0));
    assert_heard("<DETACH><exit 0>");
    assert_true(shell_on_detached(&stage.sessions[0], &m));
    assert_false(shell_on_detached(&stage.sessions[0], &m));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_options_come_in_any_order),
        STAGE_TEST(test_version_1_has_little_to_choose),
        STAGE_TEST(test_versions_that_may_be_spoken),
        STAGE_TEST(test_a_command_needs_no_terminal),
        STAGE_TEST(test_names_are_looked_at),
        STAGE_TEST(test_only_what_works_is_understood),
        STAGE_TEST(test_each_failure_has_its_text),
        STAGE_TEST(test_the_end_says_whose_it_was),
        STAGE_TEST(test_an_interrupt_gives_the_attempt_up),
        STAGE_TEST(test_the_name_server_is_named),
        STAGE_TEST(test_questions_and_answers),
        STAGE_TEST(test_an_end_takes_the_question_back),
        STAGE_TEST(test_the_end_is_told_behind_the_output),
        STAGE_TEST(test_the_window_is_followed),
        STAGE_TEST(test_a_status_is_told_unless_all_is_well),
        STAGE_TEST(test_an_exec_request_has_the_status),
        STAGE_TEST(test_a_session_takes_its_connection_along),
        STAGE_TEST(test_an_end_from_outside_takes_the_user_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
