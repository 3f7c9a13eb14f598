#include "ssh/v1/detector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/random.h"
#include "hex.h"
#include "vectors/ssh1.h"

#define BYTES_MAX (262144 + 8)

static const uint64_t seed[2] = {0x0123456789abcdef, 0xfedcba9876543210};

static struct detector *
fresh(void)
{
    return detector_new(BYTES_MAX, seed);
}

static void
test_known_packets(void **state)
{
    struct detector *d = fresh();
    uint8_t attack[400], clean[400];
    struct span bytes = hex_bytes(SSH1_ATTACK, attack, sizeof(attack));

    (void)state;
    assert_int_equal(bytes.len, 48 * 8);
    assert_true(detector_finds_attack(d, bytes, NULL));
    bytes = hex_bytes(SSH1_CLEAN, clean, sizeof(clean));
    assert_false(detector_finds_attack(d, bytes, NULL));
    /* It keeps nothing from packet to packet. */
    assert_false(detector_finds_attack(d, bytes, NULL));
    detector_free(d);
    detector_free(NULL);
}

/* The pattern may begin with the block before the packet. */
static void
test_the_block_before_counts(void **state)
{
    struct detector *d = fresh();
    uint8_t attack[400];
    struct span bytes = hex_bytes(SSH1_ATTACK, attack, sizeof(attack));

    (void)state;
    assert_true(detector_finds_attack(d, span_of(bytes.ptr + 8, bytes.len - 8),
                                      bytes.ptr));
    assert_false(
        detector_finds_attack(d, span_of(bytes.ptr + 8, bytes.len - 8), NULL));
    detector_free(d);
}

static void
test_random_packets_pass(void **state)
{
    struct detector *d = fresh();
    uint8_t *bytes = malloc(BYTES_MAX);

    (void)state;
    for (size_t len = 8; len <= BYTES_MAX; len = len * 3 / 8 * 8) {
        random_bytes(NULL, bytes, len);
        assert_false(detector_finds_attack(d, span_of(bytes, len), bytes + 8));
    }
    random_bytes(NULL, bytes, BYTES_MAX);
    assert_false(detector_finds_attack(d, span_of(bytes, BYTES_MAX), NULL));
    free(bytes);
    detector_free(d);
}

/*
 * CVE-2001-0144: sizes around what a 16-bit table wraps at; CVE-2006-4924: as
 * many equal blocks as fit. Equal ones are an attack by their number alone.
 */
static void
test_large_packets_of_equal_blocks(void **state)
{
    static const size_t lengths[] = {272, 88 * 1024, 262136, 262144, BYTES_MAX};
    struct detector *d = fresh();
    uint8_t *bytes = calloc(1, BYTES_MAX);

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        for (unsigned again = 0; again < 5; again++)
            assert_true(
                detector_finds_attack(d, span_of(bytes, lengths[i]), NULL));
    free(bytes);
    detector_free(d);
}

/* The most work that may be asked for: many different pairs, no attack. */
static void
test_pairs_up_to_the_limit_pass(void **state)
{
    struct detector *d = fresh();
    uint8_t *bytes = malloc(BYTES_MAX);

    (void)state;
    random_bytes(NULL, bytes, BYTES_MAX);
    for (size_t i = 0; i < DETECTOR_PAIRS_MAX; i++)
        memcpy(bytes + 8 * (1000 + i), bytes + 8 * i, 8);
    assert_false(detector_finds_attack(d, span_of(bytes, BYTES_MAX), NULL));
    memcpy(bytes + 8 * 2000, bytes + 8 * 3000, 8);
    assert_true(detector_finds_attack(d, span_of(bytes, BYTES_MAX), NULL));
    free(bytes);
    detector_free(d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_packets),
        cmocka_unit_test(test_the_block_before_counts),
        cmocka_unit_test(test_random_packets_pass),
        cmocka_unit_test(test_large_packets_of_equal_blocks),
        cmocka_unit_test(test_pairs_up_to_the_limit_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
