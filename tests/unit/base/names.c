#include "base/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_names_come_in_order(void **state)
{
    struct span rest = span_text("aes,b,cc"), name;

    (void)state;
    assert_true(names_next(&rest, &name));
    assert_true(span_is(name, "aes"));
    assert_true(names_next(&rest, &name));
    assert_true(span_is(name, "b"));
    assert_true(names_next(&rest, &name));
    assert_true(span_is(name, "cc"));
    assert_false(names_next(&rest, &name));
}

static void
test_an_empty_list_has_no_name(void **state)
{
    struct span rest = span_text(""), name;

    (void)state;
    assert_false(names_next(&rest, &name));
    assert_int_equal(names_first(span_text("")).len, 0);
}

/* How often names_next() gives an empty name. */
static unsigned
empty_names(const char *list)
{
    struct span rest = span_text(list), name;
    unsigned count = 0;

    while (names_next(&rest, &name))
        if (name.len == 0)
            count++;
    return count;
}

static void
test_empty_names_are_seen(void **state)
{
    (void)state;
    assert_int_equal(empty_names("a,b"), 0);
    assert_int_equal(empty_names("a"), 0);
    assert_true(empty_names(",") > 0);
    assert_true(empty_names("a,") > 0);
    assert_true(empty_names(",a") > 0);
    assert_true(empty_names("a,,b") > 0);
    assert_true(empty_names(",,,,") > 0);
}

static void
test_membership_is_byte_exact_and_whole(void **state)
{
    struct span list = span_text("curve25519-sha256,aes128-ctr");

    (void)state;
    assert_true(names_has(list, span_text("aes128-ctr")));
    assert_false(names_has(list, span_text("aes128-ct")));
    assert_false(names_has(list, span_text("aes128-ctrx")));
    assert_false(names_has(list, span_text("curve25519-sha25")));
    assert_false(names_has(list, span_text("AES128-CTR")));
    assert_false(names_has(list, span_of("aes128-ctr\0", 11)));
    assert_false(names_has(list, span_text("")));
    assert_false(names_has(span_text("a,,b"), span_text("")));
}

static void
test_the_clients_order_decides(void **state)
{
    struct span chosen = SPAN_EMPTY;

    (void)state;
    assert_true(names_match(span_text("x,b,a"), span_text("a,b"), &chosen));
    assert_true(span_is(chosen, "b"));
    assert_false(names_match(span_text("x,y"), span_text("a,b"), &chosen));
    assert_false(names_match(span_text(","), span_text(","), &chosen));
    assert_false(names_match(span_text(""), span_text("a"), &chosen));
}

static void
test_lists_have_limits(void **state)
{
    char list[NAMES_MAX_BYTES + 1];

    (void)state;
    memset(list, 'a', sizeof(list));
    assert_true(names_within_limits(span_of(list, NAMES_MAX_BYTES)));
    assert_false(names_within_limits(span_of(list, NAMES_MAX_BYTES + 1)));
    memset(list, ',', NAMES_MAX_COUNT - 1);
    assert_true(names_within_limits(span_of(list, NAMES_MAX_COUNT)));
    memset(list, ',', NAMES_MAX_COUNT);
    assert_false(names_within_limits(span_of(list, NAMES_MAX_COUNT)));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_come_in_order),
        cmocka_unit_test(test_an_empty_list_has_no_name),
        cmocka_unit_test(test_empty_names_are_seen),
        cmocka_unit_test(test_membership_is_byte_exact_and_whole),
        cmocka_unit_test(test_the_clients_order_decides),
        cmocka_unit_test(test_lists_have_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
