#include "crypto/fixed_base.h"

#include "base/secret.h"
#include "crypto/library.h"

#define WORDS      (FIXED_BASE_PRIME_LEN / 8)
#define DIGIT_BITS 4
/* Digits of the exponent that fall to one row. */
#define PASSES (2 * FIXED_BASE_EXPONENT_LEN / FIXED_BASE_ROWS)

/* The powers base^0 to base^15; `base` becomes base^16. */
static bool
build_row(uint64_t row[FIXED_BASE_DIGITS][WORDS], BIGNUM *base,
          const BIGNUM *one, BN_MONT_CTX *mont, BN_CTX *scratch)
{
    BIGNUM *power = BN_dup(one);
    bool ok = power != NULL;

    for (size_t d = 0; ok && d < FIXED_BASE_DIGITS; d++)
        ok = BN_bn2lebinpad(power, (uint8_t *)row[d], FIXED_BASE_PRIME_LEN) ==
                 FIXED_BASE_PRIME_LEN &&
             library_ok(
                 BN_mod_mul_montgomery(power, power, base, mont, scratch));
    ok = ok && BN_copy(base, power) != NULL;
    BN_free(power);
    return ok;
}

/* value = value ^ (2 ^ count). */
static bool
square(BIGNUM *value, unsigned count, BN_MONT_CTX *mont, BN_CTX *scratch)
{
    for (; count > 0; count--)
        if (!library_ok(
                BN_mod_mul_montgomery(value, value, value, mont, scratch)))
            return false;
    return true;
}

/* 1 in Montgomery form; NULL on failure. */
static BIGNUM *
montgomery_one(BN_MONT_CTX *mont, BN_CTX *scratch)
{
    BIGNUM *one = BN_new();

    if (one != NULL && BN_set_word(one, 1) == 1 &&
        library_ok(BN_to_montgomery(one, one, mont, scratch)))
        return one;
    BN_free(one);
    return NULL;
}

bool
fixed_base_build(struct fixed_base *table, BN_MONT_CTX *mont, BN_CTX *scratch)
{
    BIGNUM *one = montgomery_one(mont, scratch);
    BIGNUM *base = BN_new();
    bool ok = one != NULL && base != NULL && BN_set_word(base, 2) == 1 &&
              library_ok(BN_to_montgomery(base, base, mont, scratch));

    for (size_t r = 0; ok && r < FIXED_BASE_ROWS; r++)
        ok = build_row(table->power[r], base, one, mont, scratch) &&
             square(base, DIGIT_BITS * (PASSES - 1), mont, scratch);
    BN_free(one);
    BN_free(base);
    return ok;
}

/* Digit number `at`, the lowest being 0. */
static unsigned
digit(const uint8_t exponent[FIXED_BASE_EXPONENT_LEN], size_t at)
{
    uint8_t byte = exponent[FIXED_BASE_EXPONENT_LEN - 1 - at / 2];

    return at % 2 == 0 ? byte & 0x0f : byte >> 4;
}

/* Entry number `wanted`; every entry is read, so that none is told apart. */
static bool
select_entry(const uint64_t row[FIXED_BASE_DIGITS][WORDS], unsigned wanted,
             BIGNUM *to)
{
    uint64_t entry[WORDS] = {0};
    bool ok;

    for (unsigned d = 0; d < FIXED_BASE_DIGITS; d++) {
        uint64_t mask = (uint64_t)0 - (uint64_t)(d == wanted);

        /* The compiler must not see that the mask is a choice. */
        __asm__("" : "+r"(mask));
        for (size_t w = 0; w < WORDS; w++)
            entry[w] |= row[d][w] & mask;
    }
    ok = BN_lebin2bn((const uint8_t *)entry, sizeof(entry), to) != NULL;
    wipe(entry, sizeof(entry));
    return ok;
}

bool
fixed_base_power(const struct fixed_base *table,
                 const uint8_t exponent[FIXED_BASE_EXPONENT_LEN],
                 BN_MONT_CTX *mont, BIGNUM *to, BN_CTX *scratch)
{
    BIGNUM *product = montgomery_one(mont, scratch);
    BIGNUM *factor = BN_new();
    bool ok = product != NULL && factor != NULL;

    for (size_t pass = PASSES; ok && pass-- > 0;) {
        if (pass < PASSES - 1)
            ok = square(product, DIGIT_BITS, mont, scratch);
        for (size_t r = 0; ok && r < FIXED_BASE_ROWS; r++)
            ok = select_entry(table->power[r],
                              digit(exponent, r * PASSES + pass), factor) &&
                 library_ok(BN_mod_mul_montgomery(product, product, factor,
                                                  mont, scratch));
    }
    ok = ok && library_ok(BN_from_montgomery(to, product, mont, scratch));
    BN_clear_free(product);
    BN_clear_free(factor);
    return ok;
}
