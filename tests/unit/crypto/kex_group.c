#include "crypto/kex_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"
#include "hex.h"

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
        assert_int_equal(kex_group_take(p, g, 2048, &found), OK);
        assert_ptr_equal(found, group);
        kex_group_free(found); /* it stays */
        assert_int_equal(found->bits, group->bits);
        buf_clear(&sent);
    }
}

/* A safe prime of 1,031 bits: none of ours, and no multiple of eight. */
static const char foreign_p[] =
    "60675c3c84c7a0e9a64a94f1bae57d6327072f1b203535c1e1cb4b6465525f84"
    "0e674aae1390dc59e2129c5dbf163cd95be3eade82a270df2936d129a9f14413"
    "4c5464e7117e884d67d365af291444c7ee703d545b0b92ad962861e15aa4d4ff"
    "87d4a32c714b42ce8b5ef91f3f3745f98682251312e9003e7a6cbad5ed2ae638"
    "8b";

/* Two sides with this group agree, by the same calls as with our own. */
static void
expect_agreement(const struct kex_group *group)
{
    const struct kex_method *method =
        kex_find(span_text("diffie-hellman-group-exchange-sha256"));
    struct kex_client *client = NULL;
    struct secret k[2] = {{0}};
    struct buf init, reply;

    buf_init(&init, KEX_VALUE_MAX);
    buf_init(&reply, KEX_VALUE_MAX);
    assert_int_equal(
        kex_client_start(method, group, random_bytes, NULL, &init, &client),
        OK);
    assert_int_equal(kex_server(method, group, buf_span(&init), random_bytes,
                                NULL, &reply, &k[0]),
                     OK);
    assert_int_equal(kex_client_finish(client, buf_span(&reply), &k[1]), OK);
    assert_int_equal(k[0].len, k[1].len);
    assert_memory_equal(k[0].bytes, k[1].bytes, k[0].len);
    kex_client_free(client);
    buf_clear(&init);
    buf_clear(&reply);
}

static void
test_a_group_of_the_servers_own_serves(void **state)
{
    static const char *const generators[] = {"\x02", "\x05", "\x01\x00"};
    const struct kex_group *group = NULL;
    uint8_t p[129];
    struct buf sent;
    struct reader r;

    (void)state;
    (void)hex_bytes(foreign_p, p, sizeof(p));
    for (size_t i = 0; i < 3; i++) {
        struct span g = span_of(generators[i], i == 2 ? 2 : 1);

        assert_int_equal(kex_group_take(span_of(p, 129), g, 1031, &group), OK);
        assert_int_equal(group->bits, 1031);
        assert_int_equal(kex_group_len(group), 129);
        buf_init(&sent, KEX_VALUE_MAX);
        kex_group_put(group, &sent);
        r = reader_over(buf_span(&sent));
        assert_true(span_equal(read_mpint(&r, 1024), span_of(p, 129)));
        assert_true(span_equal(read_mpint(&r, 1024), g));
        assert_true(read_done(&r));
        buf_clear(&sent);
        expect_agreement(group);
        kex_group_free(group);
    }
    kex_group_free(NULL);
}

/* A known p with another generator is a group as well. */
static void
test_exponents_grow_with_the_group(void **state)
{
    (void)state;
    for (int prime = 0; prime < LIBRARY_PRIMES; prime++) {
        const struct kex_group *known = kex_group_of((enum library_prime)prime);
        const struct kex_group *group = NULL;
        uint8_t p[1024];
        int len = BN_bn2bin(kex_group_p(known), p);

        assert_int_equal(kex_group_take(span_of(p, (size_t)len),
                                        span_of("\x05", 1), 1024, &group),
                         OK);
        assert_ptr_not_equal(group, known);
        assert_int_equal(group->exponent_len, known->exponent_len);
        kex_group_free(group);
    }
}

static void
test_bad_groups_are_refused(void **state)
{
    const struct kex_group *found = NULL;
    uint8_t p[129], g[129], long_p[1025];
    struct span two = span_of("\x02", 1);

    (void)state;
    (void)hex_bytes(foreign_p, p, sizeof(p));
    assert_int_equal(kex_group_take(span_of(p, 129), two, 1032, &found),
                     ERR_CRYPTO); /* too short */
    assert_int_equal(kex_group_take(SPAN_EMPTY, two, 0, &found), ERR_CRYPTO);
    assert_int_equal(kex_group_take(span_of(p, 129), SPAN_EMPTY, 1024, &found),
                     ERR_CRYPTO);
    assert_int_equal(
        kex_group_take(span_of(p, 129), span_of("\x01", 1), 1024, &found),
        ERR_CRYPTO);
    /* g: p + 1, p, p - 1; p - 2 is the last that is one. */
    memcpy(g, p, sizeof(g));
    for (int more = 1; more >= -2; more--) {
        g[128] = (uint8_t)(p[128] + more);
        assert_int_equal(
            kex_group_take(span_of(p, 129), span_of(g, 129), 1024, &found),
            more == -2 ? OK : ERR_CRYPTO);
    }
    kex_group_free(found);
    found = NULL;
    p[128] ^= 1; /* even */
    assert_int_equal(kex_group_take(span_of(p, 129), two, 1024, &found),
                     ERR_CRYPTO);
    memset(long_p, 0xff, sizeof(long_p));
    assert_int_equal(kex_group_take(span_of(long_p, 1025), two, 1024, &found),
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
        cmocka_unit_test(test_a_group_of_the_servers_own_serves),
        cmocka_unit_test(test_exponents_grow_with_the_group),
        cmocka_unit_test(test_bad_groups_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
