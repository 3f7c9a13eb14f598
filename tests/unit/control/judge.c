/* Laws of the way to aaa; aaa itself is played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/text.h"
#include "control/helpers.h"
#include "control/judge.h"

/* What aaa was asked last, and whether it is there. */
static struct asked {
    bool gone;
    unsigned count;
    uint64_t request;
    bool decoy;
    unsigned type;
    char stored[128];
    size_t given_len;
} aaa;

bool
aaa_send(struct router *r, const struct message *m)
{
    (void)r;
    if (aaa.gone)
        return false;
    aaa.count++;
    if (m->type == MSG_JUDGE) {
        aaa.request = m->judge.request;
        aaa.decoy = m->judge.decoy;
        aaa.type = m->judge.type;
        aaa.given_len = m->judge.given.len;
        text_copy_span(aaa.stored, sizeof(aaa.stored), m->judge.stored);
    } else {
        aaa.request = m->encode.request;
    }
    return true;
}

/* What a caller was told. */
struct told {
    unsigned count;
    bool accepted;
    char stored[64];
    bool none;
};

static void
on_verdict(void *owner, bool accepted)
{
    struct told *told = owner;

    told->count++;
    told->accepted = accepted;
}

static void
on_encoded(void *owner, const char *stored)
{
    struct told *told = owner;

    told->count++;
    told->none = stored == NULL;
    text_copy(told->stored, sizeof(told->stored), stored == NULL ? "" : stored);
}

static void
add_user(struct router *r, const char *name, enum config_credential kind,
         unsigned type, const char *password)
{
    struct config_user *user =
        config_list_append(&r->config.users.list, &config_user_type);

    config_text_set(&user->name, name);
    user->credential = (uint8_t)kind;
    user->password_type = type;
    if (password != NULL)
        config_secret_set(&user->password, password);
}

static int
setup(void **state)
{
    struct router *r = calloc(1, sizeof(*r));

    aaa = (struct asked){0};
    uv_loop_init(&r->loop);
    config_init(&r->config);
    r->judge = judge_new(r);
    add_user(r, "Bob", CONFIG_CREDENTIAL_SECRET, 5, "$1$mERr$hash");
    add_user(r, "plain", CONFIG_CREDENTIAL_PASSWORD, 0, "lab");
    add_user(r, "keyonly", CONFIG_CREDENTIAL_NONE, 0, NULL);
    *state = r;
    return 0;
}

static int
teardown(void **state)
{
    struct router *r = *state;

    judge_free(r->judge);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
    config_clear(&r->config);
    free(r);
    return 0;
}

static void
give_verdict(struct router *r, uint64_t request, bool accepted)
{
    struct message m = {.type = MSG_VERDICT};

    m.verdict.request = request;
    m.verdict.accepted = accepted;
    judge_on_message(r, &m);
}

static void
test_a_user_is_judged_by_what_is_stored(void **state)
{
    struct told told = {0};

    judge_local_password(*state, span_text("plain"), span_text("lab"),
                         on_verdict, &told);
    assert_false(aaa.decoy);
    assert_int_equal(aaa.type, 0);
    assert_string_equal(aaa.stored, "lab");
    assert_int_equal(told.count, 0);
    give_verdict(*state, aaa.request, true);
    assert_int_equal(told.count, 1);
    assert_true(told.accepted);
}

static void
test_letter_case_of_a_name_does_not_count(void **state)
{
    struct router *r = *state;
    struct told told = {0};

    judge_local_password(r, span_text("BOB"), span_text("x"), on_verdict,
                         &told);
    assert_false(aaa.decoy);
    assert_string_equal(aaa.stored, "$1$mERr$hash");
    /* Unless two names differ in nothing else. */
    add_user(r, "bob", CONFIG_CREDENTIAL_SECRET, 5, "$1$mERr$other");
    assert_string_equal(judge_user(r, span_text("bob"))->password.text,
                        "$1$mERr$other");
    assert_string_equal(judge_user(r, span_text("Bob"))->password.text,
                        "$1$mERr$hash");
}

static void
test_who_cannot_log_in_costs_the_same_and_is_refused(void **state)
{
    static const char *const names[] = {"nobody",    "keyonly",  "",
                                        "two words", "ctrl\x01", "\xc3\xa4",
                                        "-froot",    "../x",     "%n%n"};
    struct told told = {0};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        judge_local_password(*state, span_text(names[i]), span_text("x"),
                             on_verdict, &told);
        assert_true(aaa.decoy);
        /* The type of the first user that has a password. */
        assert_int_equal(aaa.type, 5);
    }
    judge_local_password(*state, span_of("Bob\0x", 5), span_text("x"),
                         on_verdict, &told);
    assert_true(aaa.decoy);
}

static void
test_an_empty_or_oversized_password_is_never_compared(void **state)
{
    static uint8_t much[20000];
    struct told told = {0};

    judge_local_password(*state, span_text("plain"), SPAN_EMPTY, on_verdict,
                         &told);
    assert_true(aaa.decoy);
    judge_local_password(*state, span_text("plain"),
                         span_of(much, sizeof(much)), on_verdict, &told);
    assert_true(aaa.decoy);
    assert_true(aaa.given_len <= 256);
}

static void
test_every_question_is_answered_once_when_aaa_dies(void **state)
{
    struct told a = {0}, b = {0};
    uint64_t first;

    judge_local_password(*state, span_text("plain"), span_text("lab"),
                         on_verdict, &a);
    first = aaa.request;
    judge_encode(*state, 9, "secret", on_encoded, &b);
    judge_lost(*state);
    assert_int_equal(a.count, 1);
    assert_false(a.accepted);
    assert_int_equal(b.count, 1);
    assert_true(b.none);
    give_verdict(*state, first, true);
    assert_int_equal(a.count, 1);
}

static void
test_without_aaa_the_answer_is_no_and_comes_later(void **state)
{
    struct router *r = *state;
    struct told told[3] = {0};

    aaa.gone = true;
    for (size_t i = 0; i < 3; i++) {
        judge_local_password(r, span_text("plain"), span_text("lab"),
                             on_verdict, &told[i]);
        assert_int_equal(told[i].count, 0);
    }
    uv_run(&r->loop, UV_RUN_DEFAULT);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(told[i].count, 1);
        assert_false(told[i].accepted);
    }
}

static void
test_a_forgotten_owner_is_told_nothing(void **state)
{
    struct told told = {0};

    judge_local_password(*state, span_text("plain"), span_text("lab"),
                         on_verdict, &told);
    judge_forget(*state, &told);
    give_verdict(*state, aaa.request, true);
    assert_int_equal(told.count, 0);
}

static void
test_a_stored_form_reaches_its_owner(void **state)
{
    struct message m = {.type = MSG_ENCODED};
    struct told told = {0};

    judge_encode(*state, 9, "secret", on_encoded, &told);
    m.encoded.request = aaa.request;
    m.encoded.stored = span_text("$9$salt$hash");
    judge_on_message(*state, &m);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.stored, "$9$salt$hash");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_user_is_judged_by_what_is_stored),
        TEST(test_letter_case_of_a_name_does_not_count),
        TEST(test_who_cannot_log_in_costs_the_same_and_is_refused),
        TEST(test_an_empty_or_oversized_password_is_never_compared),
        TEST(test_every_question_is_answered_once_when_aaa_dies),
        TEST(test_without_aaa_the_answer_is_no_and_comes_later),
        TEST(test_a_forgotten_owner_is_told_nothing),
        TEST(test_a_stored_form_reaches_its_owner),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
