/* Laws of secrets that are encoded for a text: asked for, later, and once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/encoding.h"
#include "control/judge.h"

static struct {
    struct router router;
    struct encoding *encoding;
    encoded_fn done; /* NULL: nothing is being made */
    void *owner;
    unsigned asked, ready;
} t;

void
judge_encode(struct router *r, unsigned type, const char *clear,
             encoded_fn done, void *owner)
{
    assert_ptr_equal(r, &t.router);
    assert_int_equal(type, 9);
    assert_true(clear[0] != '\0');
    t.asked++;
    t.done = done;
    t.owner = owner;
}

void
judge_forget(struct router *r, void *owner)
{
    (void)r;
    if (t.owner == owner)
        t.done = NULL;
}

static void
on_ready(void *owner)
{
    assert_ptr_equal(owner, &t);
    t.ready++;
}

static int
begin(void **state)
{
    (void)state;
    memset(&t, 0, sizeof(t));
    t.encoding = encoding_new(&t.router, on_ready, &t);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    encoding_free(t.encoding);
    assert_null(t.done);
    return 0;
}

static enum encoded
ask(const char *clear, const char **stored)
{
    return encoding_ask(t.encoding, 9, clear, stored);
}

static void
answer(const char *stored)
{
    encoded_fn done = t.done;

    assert_non_null(done);
    t.done = NULL;
    done(t.owner, stored);
}

static void
test_one_is_made_and_taken_once(void **state)
{
    const char *stored = NULL;

    (void)state;
    assert_int_equal(ask("same", &stored), ENCODED_LATER);
    assert_int_equal(ask("same", &stored), ENCODED_LATER);
    assert_int_equal(t.asked, 1);
    answer("$9$one");
    assert_int_equal(t.ready, 1);
    assert_int_equal(ask("same", &stored), ENCODED_MADE);
    assert_string_equal(stored, "$9$one");
    /* The next user of that secret has a salt of his own. */
    assert_int_equal(ask("same", &stored), ENCODED_LATER);
    assert_int_equal(t.asked, 2);
    answer("$9$two");
    assert_int_equal(ask("same", &stored), ENCODED_MADE);
    assert_string_equal(stored, "$9$two");
}

static void
test_what_cannot_be_made_is_told_once(void **state)
{
    const char *stored = NULL;

    (void)state;
    assert_int_equal(ask("same", &stored), ENCODED_LATER);
    answer(NULL);
    assert_int_equal(t.ready, 1);
    assert_int_equal(ask("same", &stored), ENCODED_FAILED);
    assert_int_equal(ask("same", &stored), ENCODED_LATER);
}

static void
test_another_secret_takes_the_place_of_one_that_nobody_took(void **state)
{
    const char *stored = NULL;

    (void)state;
    assert_int_equal(ask("one", &stored), ENCODED_LATER);
    answer("$9$one");
    assert_int_equal(ask("two", &stored), ENCODED_LATER);
    answer("$9$two");
    assert_int_equal(ask("two", &stored), ENCODED_MADE);
    assert_string_equal(stored, "$9$two");
    assert_int_equal(ask("one", &stored), ENCODED_LATER);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_one_is_made_and_taken_once),
        TEST(test_what_cannot_be_made_is_told_once),
        TEST(test_another_secret_takes_the_place_of_one_that_nobody_took),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
