/*
 * Laws of the walk along a list of methods (10.3).
 */
#include "stage.h"

#include <string.h>

#include "base/text.h"
#include "control/method_list.h"

static struct {
    struct method_walk *walk;
    unsigned asked, done;
    char prompt[METHOD_PROMPT_MAX];
    struct method_result result;
} seen;

static void
on_ask(void *owner, const char *text, const char *prompt, bool echo)
{
    assert_string_equal(text, "");
    assert_ptr_equal(owner, &seen);
    assert_false(echo);
    seen.asked++;
    text_copy(seen.prompt, sizeof(seen.prompt), prompt);
}

static void
on_done(void *owner, const struct method_result *result)
{
    assert_ptr_equal(owner, &seen);
    assert_null(seen.walk);
    seen.done++;
    seen.result = *result;
}

static const struct method_events events = {.ask = on_ask, .done = on_done};

/* `given` NULL: he is asked. */
static void
walk(const char *methods, const char *user, const char *given)
{
    struct method_request request = {.session = &stage.sessions[0],
                                     .methods = methods,
                                     .user = span_text(user)};

    memset(&seen, 0, sizeof(seen));
    if (given != NULL) {
        request.has_given = true;
        request.given = span_text(given);
    }
    method_authenticate(&request, &events, &seen, &seen.walk);
}

static void
assert_done(enum method_outcome outcome, enum config_method_kind kind)
{
    assert_int_equal(seen.done, 1);
    assert_int_equal(seen.result.outcome, outcome);
    if (outcome != METHOD_ERROR)
        assert_int_equal(seen.result.method.kind, kind);
}

static void
test_a_no_ends_the_walk(void **state)
{
    (void)state;
    walk("local none", "lab", "wrong");
    assert_string_equal(stage.judge.user, "lab");
    stage_verdict(false);
    assert_done(METHOD_FAIL, CONFIG_METHOD_LOCAL);
}

static void
test_what_nothing_is_configured_for_is_passed_over(void **state)
{
    (void)state;
    walk("enable line local", "lab", "pw");
    assert_string_equal(stage.judge.user, "lab");
    assert_string_equal(stage.judge.given, "pw");
    stage_verdict(true);
    assert_done(METHOD_PASS, CONFIG_METHOD_LOCAL);
    walk("enable line", "lab", "pw");
    assert_done(METHOD_ERROR, 0);
    walk("group nowhere none", "lab", "pw");
    assert_done(METHOD_PASS, CONFIG_METHOD_NONE);
}

static void
test_enable_and_line_compare_what_is_configured(void **state)
{
    (void)state;
    stage_configure("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n"
                    "line vty 0 4\n password cisco\n");
    walk("enable", "lab", "pw");
    assert_int_equal(stage.judge.last.type, 5);
    assert_string_equal(stage.judge.stored, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0");
    stage_verdict(true);
    assert_done(METHOD_PASS, CONFIG_METHOD_ENABLE);
    walk("line", "lab", "pw");
    assert_int_equal(stage.judge.last.type, 0);
    assert_string_equal(stage.judge.stored, "cisco");
    stage_verdict(false);
    assert_done(METHOD_FAIL, CONFIG_METHOD_LINE);
}

static void
test_an_empty_password_is_no_secret_s(void **state)
{
    (void)state;
    stage_configure("line vty 0 4\n password cisco\n");
    walk("line", "lab", "");
    assert_true(stage.judge.last.decoy);
    stage_verdict(false);
    assert_done(METHOD_FAIL, CONFIG_METHOD_LINE);
}

static void
test_a_password_is_asked_for_once(void **state)
{
    (void)state;
    walk("enable local", "lab", NULL);
    assert_int_equal(seen.asked, 1);
    assert_string_equal(seen.prompt, "Password: ");
    method_answer(seen.walk, span_text("pw"));
    assert_string_equal(stage.judge.given, "pw");
    stage_verdict(true);
    assert_done(METHOD_PASS, CONFIG_METHOD_LOCAL);
    assert_int_equal(seen.asked, 1);
}

static void
test_the_prompt_can_be_configured(void **state)
{
    (void)state;
    stage_configure("aaa authentication password-prompt \"Secret word: \"\n");
    walk("local", "lab", NULL);
    assert_string_equal(seen.prompt, "Secret word: ");
    method_stop(&seen.walk);
    assert_null(seen.walk);
    assert_null(stage.judge.verdict);
    assert_int_equal(seen.done, 0);
}

static void
test_a_secret_that_went_meanwhile_leaves_it_to_the_next(void **state)
{
    (void)state;
    stage_configure("line vty 0 4\n password cisco\n");
    walk("line local", "lab", NULL);
    stage_configure("line vty 0 4\n no password\n");
    method_answer(seen.walk, span_text("pw"));
    assert_string_equal(stage.judge.user, "lab");
    method_stop(&seen.walk);
}

static void
test_local_case_knows_letters_apart(void **state)
{
    (void)state;
    stage_configure("username Ops secret x\n");
    walk("local-case", "ops", "pw");
    assert_string_equal(stage.judge.user, "");
    stage_verdict(false);
    walk("local-case", "Ops", "pw");
    assert_string_equal(stage.judge.user, "Ops");
    stage_verdict(true);
    assert_done(METHOD_PASS, CONFIG_METHOD_LOCAL_CASE);
}

static void
test_the_lines_list_counts_or_else_the_default(void **state)
{
    struct session *s = &stage.sessions[0];

    (void)state;
    assert_null(method_list_login(s));
    stage_configure("line vty 0 4\n login local\n");
    assert_string_equal(method_list_login(s), "local");
    stage_configure("aaa new-model\n");
    assert_string_equal(method_list_login(s), "local");
    stage_configure("aaa authentication login default line none\n"
                    "aaa authentication login VTY group radius local\n"
                    "line vty 0 4\n login authentication VTY\n");
    assert_string_equal(method_list_login(s), "group radius local");
    /* A list that was never defined. */
    stage_configure("line vty 0 4\n login authentication OTHER\n");
    assert_string_equal(method_list_login(s), "line none");
}

static void
test_the_console_asks_nobody_without_a_list(void **state)
{
    (void)state;
    stage_use_console();
    stage_configure("aaa new-model\n");
    assert_string_equal(method_list_login(&stage.sessions[0]), "none");
    stage_configure("aaa authentication login default local\n");
    assert_string_equal(method_list_login(&stage.sessions[0]), "local");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_a_no_ends_the_walk),
        STAGE_TEST(test_what_nothing_is_configured_for_is_passed_over),
        STAGE_TEST(test_enable_and_line_compare_what_is_configured),
        STAGE_TEST(test_an_empty_password_is_no_secret_s),
        STAGE_TEST(test_a_password_is_asked_for_once),
        STAGE_TEST(test_the_prompt_can_be_configured),
        STAGE_TEST(test_a_secret_that_went_meanwhile_leaves_it_to_the_next),
        STAGE_TEST(test_local_case_knows_letters_apart),
        STAGE_TEST(test_the_lines_list_counts_or_else_the_default),
        STAGE_TEST(test_the_console_asks_nobody_without_a_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
