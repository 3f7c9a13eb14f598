#include "crypto/kex_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"

static unsigned
chosen(uint32_t min, uint32_t preferred, uint32_t max)
{
    const struct kex_group *group = NULL;

    if (kex_group_choose(min, preferred, max, &group) != OK) {
        assert_null(group);
        return 0;
    }
    return group->bits;
}

static void
test_the_smallest_group_that_is_large_enough(void **state)
{
    (void)state;
    assert_int_equal(chosen(1024, 2048, 8192), 2048);
    assert_int_equal(chosen(2048, 2049, 8192), 3072);
    assert_int_equal(chosen(2048, 3072, 8192), 3072);
    assert_int_equal(chosen(2048, 4096, 8192), 4096);
    assert_int_equal(chosen(2048, 7680, 8192), 8192);
    assert_int_equal(chosen(2048, 8192, 8192), 8192);
    assert_int_equal(chosen(0, 100000, UINT32_MAX), 8192);
}

static void
test_the_largest_allowed_when_none_is_large_enough(void **state)
{
    (void)state;
    assert_int_equal(chosen(2048, 3500, 3600), 3072);
    assert_int_equal(chosen(1024, 7000, 8191), 6144);
}

/* hardening 3.9: never below 2048, never above 8192. */
static void
test_bounds_are_clamped(void **state)
{
    (void)state;
    assert_int_equal(chosen(1024, 1024, 8192), 2048);
    assert_int_equal(chosen(0, 0, 8192), 2048);
    assert_int_equal(chosen(0, 1, 2048), 2048);
    assert_int_equal(chosen(8192, 16384, 16384), 8192);
}

static void
test_wishes_that_none_fits_are_refused(void **state)
{
    (void)state;
    assert_int_equal(chosen(1024, 1024, 1024), 0);
    assert_int_equal(chosen(0, 0, 0), 0);
    assert_int_equal(chosen(512, 1024, 2047), 0);
    assert_int_equal(chosen(8193, 8193, 9000), 0);
    assert_int_equal(chosen(2049, 2500, 3071), 0);
    assert_int_equal(chosen(4096, 3072, 8192), 0); /* outside its bounds */
    assert_int_equal(chosen(2048, 8192, 4096), 0);
    assert_int_equal(chosen(8192, 4096, 2048), 0);
    assert_int_equal(chosen(UINT32_MAX, UINT32_MAX, UINT32_MAX), 0);
}

static void
test_a_group_is_found_by_what_was_sent(void **state)
{
    (void)state;
    for (int prime = LIBRARY_GROUP14; prime < LIBRARY_PRIMES; prime++) {
        const struct kex_group *group = kex_group_of((enum library_prime)prime);
        const struct kex_group *found = NULL;
        struct buf sent;
        struct reader r;
        struct span p, g;

        buf_init(&sent, KEX_VALUE_MAX);
        kex_group_put(group, &sent);
        r = reader_over(buf_span(&sent));
        p = read_mpint(&r, 1024);
        g = read_mpint(&r, 1024);
        assert_true(read_done(&r));
        assert_int_equal(p.len, group->bits / 8);
        assert_int_equal(kex_group_find(p, g, &found), OK);
        assert_ptr_equal(found, group);
        buf_clear(&sent);
    }
}

static void
test_foreign_groups_are_refused(void **state)
{
    const struct kex_group *found = NULL;
    uint8_t bytes[1024];
    int len = BN_bn2bin(library()->prime[LIBRARY_GROUP14], bytes);
    struct span p = span_of(bytes, (size_t)len);

    (void)state;
    assert_int_equal(kex_group_find(p, span_of("\x05", 1), &found), ERR_CRYPTO);
    assert_int_equal(kex_group_find(p, SPAN_EMPTY, &found), ERR_CRYPTO);
    assert_int_equal(kex_group_find(SPAN_EMPTY, span_of("\x02", 1), &found),
                     ERR_CRYPTO);
    bytes[100] ^= 1;
    assert_int_equal(kex_group_find(p, span_of("\x02", 1), &found), ERR_CRYPTO);
    /* Too short for this exchange, though we know it. */
    len = BN_bn2bin(library()->prime[LIBRARY_GROUP1], bytes);
    assert_int_equal(
        kex_group_find(span_of(bytes, (size_t)len), span_of("\x02", 1), &found),
        ERR_CRYPTO);
    assert_null(found);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_smallest_group_that_is_large_enough),
        cmocka_unit_test(test_the_largest_allowed_when_none_is_large_enough),
        cmocka_unit_test(test_bounds_are_clamped),
        cmocka_unit_test(test_wishes_that_none_fits_are_refused),
        cmocka_unit_test(test_a_group_is_found_by_what_was_sent),
        cmocka_unit_test(test_foreign_groups_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
