/* Laws of judging passwords. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aaa/local.h"

#define PASSWORD "correct horse"

static const unsigned types[] = {0, 5, 7, 8, 9};
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

/* PASSWORD in each form. */
static const char *
stored_form(unsigned type)
{
    static char stored[PASSWORD_STORED_MAX];

    if (type == 0)
        return PASSWORD;
    assert_int_equal(password_make(type, PASSWORD, stored), OK);
    return stored;
}

static bool
judged(unsigned type, const char *stored, struct span given, bool decoy)
{
    struct msg_judge request = {.kind = JUDGE_PASSWORD,
                                .type = (uint8_t)type,
                                .stored = span_text(stored),
                                .given = given,
                                .decoy = decoy};

    return local_judge(&request);
}

static void
test_the_password_is_accepted_in_every_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPE_COUNT; i++)
        assert_true(judged(types[i], stored_form(types[i]), span_text(PASSWORD),
                           false));
}

static void
test_any_other_password_is_not(void **state)
{
    static const char *const others[] = {"", "correct hors", "correct horse ",
                                         "Correct horse", "x"};

    (void)state;
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        const char *stored = stored_form(types[i]);

        for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++)
            assert_false(judged(types[i], stored, span_text(others[j]), false));
        /* The stored form itself opens nothing, unless it is clear text. */
        assert_int_equal(judged(types[i], stored, span_text(stored), false),
                         types[i] == 0);
    }
}

static void
test_a_decoy_is_never_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPE_COUNT; i++)
        assert_false(
            judged(types[i], stored_form(types[i]), span_text(PASSWORD), true));
}

static void
test_a_nul_never_cuts_a_password(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPE_COUNT; i++)
        assert_false(judged(types[i], stored_form(types[i]),
                            span_of(PASSWORD "\0x", sizeof(PASSWORD) + 1),
                            false));
}

static void
test_more_than_256_bytes_are_never_accepted(void **state)
{
    static char long_one[LOCAL_GIVEN_MAX + 2];

    (void)state;
    memset(long_one, 'x', sizeof(long_one) - 1);
    /* As type 0, the stored text and what is given are the same here. */
    for (size_t i = 0; i < TYPE_COUNT; i++)
        assert_false(judged(types[i], long_one,
                            span_of(long_one, LOCAL_GIVEN_MAX + 1), false));
}

static void
test_what_is_not_stored_well_is_not_accepted(void **state)
{
    static char long_one[PASSWORD_STORED_MAX + 1];
    struct msg_judge request = {.kind = JUDGE_PASSWORD,
                                .stored = span_of("a\0b", 3),
                                .given = span_text("a")};

    (void)state;
    assert_false(local_judge(&request));
    memset(long_one, 'x', sizeof(long_one) - 1);
    assert_false(judged(0, long_one, span_text("x"), false));
    assert_false(judged(5, "$1$broken", span_text(""), false));
    assert_false(judged(0, "", span_text(""), false));
    for (unsigned type = 1; type < 256; type++)
        if (type != 5 && type != 7 && type != 8 && type != 9)
            assert_false(judged(type, PASSWORD, span_text(PASSWORD), false));
}

static void
test_what_was_encoded_is_accepted(void **state)
{
    static const uint8_t makeable[] = {5, 8, 9};
    char stored[PASSWORD_STORED_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(makeable); i++) {
        struct msg_encode request = {.type = makeable[i],
                                     .clear = span_text(PASSWORD)};

        assert_int_equal(local_encode(&request, stored), OK);
        assert_true(judged(makeable[i], stored, span_text(PASSWORD), false));
    }
}

static void
test_what_cannot_be_encoded_fails(void **state)
{
    struct msg_encode request = {.type = 7, .clear = span_text(PASSWORD)};
    char stored[PASSWORD_STORED_MAX], long_one[PASSWORD_MAX + 2];

    (void)state;
    assert_int_equal(local_encode(&request, stored), ERR_FORMAT);
    request = (struct msg_encode){.type = 9, .clear = span_of("a\0b", 3)};
    assert_int_equal(local_encode(&request, stored), ERR_FORMAT);
    memset(long_one, 'x', sizeof(long_one));
    request.clear = span_of(long_one, PASSWORD_MAX + 1);
    assert_int_equal(local_encode(&request, stored), ERR_FORMAT);
}

static void
test_only_slow_hashes_need_a_thread(void **state)
{
    (void)state;
    assert_true(local_is_quick(0));
    assert_true(local_is_quick(5));
    assert_true(local_is_quick(7));
    assert_false(local_is_quick(8));
    assert_false(local_is_quick(9));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_password_is_accepted_in_every_form),
        cmocka_unit_test(test_any_other_password_is_not),
        cmocka_unit_test(test_a_decoy_is_never_accepted),
        cmocka_unit_test(test_a_nul_never_cuts_a_password),
        cmocka_unit_test(test_more_than_256_bytes_are_never_accepted),
        cmocka_unit_test(test_what_is_not_stored_well_is_not_accepted),
        cmocka_unit_test(test_what_was_encoded_is_accepted),
        cmocka_unit_test(test_what_cannot_be_encoded_fails),
        cmocka_unit_test(test_only_slow_hashes_need_a_thread),
    };

    return cmocka_run_group_tests_name("aaa/local", tests, NULL, NULL);
}
