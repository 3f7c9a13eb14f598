#include "crypto/fixed_base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/library.h"
#include "crypto/random.h"

/* By the table and by libcrypto's plain power. */
static void
compare(const uint8_t exponent[FIXED_BASE_EXPONENT_LEN])
{
    const struct library *lib = library();
    BN_CTX *scratch = BN_CTX_new();
    BIGNUM *x = BN_bin2bn(exponent, FIXED_BASE_EXPONENT_LEN, NULL);
    BIGNUM *expected = BN_new(), *power = BN_new();

    assert_int_equal(
        BN_mod_exp(expected, lib->two, x, lib->prime[LIBRARY_GROUP14], scratch),
        1);
    assert_true(fixed_base_power(lib->powers_of_two, exponent,
                                 lib->montgomery[LIBRARY_GROUP14], power,
                                 scratch));
    assert_int_equal(BN_cmp(power, expected), 0);
    BN_free(x);
    BN_free(expected);
    BN_free(power);
    BN_CTX_free(scratch);
}

static void
test_random_exponents_give_the_plain_power(void **state)
{
    uint8_t exponent[FIXED_BASE_EXPONENT_LEN];

    (void)state;
    for (int i = 0; i < 30; i++) {
        random_bytes(NULL, exponent, sizeof(exponent));
        compare(exponent);
    }
}

static void
test_every_digit_has_its_place(void **state)
{
    (void)state;
    for (size_t at = 0; at < FIXED_BASE_EXPONENT_LEN; at++) {
        uint8_t exponent[FIXED_BASE_EXPONENT_LEN] = {0};

        exponent[at] = 0x01;
        compare(exponent);
        exponent[at] = 0xf0;
        compare(exponent);
    }
}

static void
test_the_ends_of_the_range(void **state)
{
    uint8_t exponent[FIXED_BASE_EXPONENT_LEN] = {0};

    (void)state;
    compare(exponent);
    memset(exponent, 0xff, sizeof(exponent));
    compare(exponent);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_exponents_give_the_plain_power),
        cmocka_unit_test(test_every_digit_has_its_place),
        cmocka_unit_test(test_the_ends_of_the_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
