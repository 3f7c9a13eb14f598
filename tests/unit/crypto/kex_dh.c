#include "crypto/kex_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"
#include "fixed_random.h"

#define P_MAX 1024

static const struct {
    const char *name;
    enum library_prime prime;
} methods[] = {
    {"diffie-hellman-group1-sha1", LIBRARY_GROUP1},
    {"diffie-hellman-group14-sha1", LIBRARY_GROUP14},
    {"diffie-hellman-group14-sha256", LIBRARY_GROUP14},
    {"diffie-hellman-group16-sha512", LIBRARY_GROUP16},
    {"diffie-hellman-group18-sha512", LIBRARY_GROUP18},
};
#define METHODS (sizeof(methods) / sizeof(methods[0]))

static enum err
serve(const char *name, struct span init, struct secret *k)
{
    struct buf reply;
    enum err err;

    buf_init(&reply, KEX_VALUE_MAX);
    err = kex_server(kex_find(span_text(name)), NULL, init, random_bytes, NULL,
                     &reply, k);
    assert_true((err == OK) == (buf_len(&reply) > 0));
    buf_clear(&reply);
    return err;
}

/* The answer to e = p + `offset` (or to a small number, without p). */
static enum err
serve_number(size_t method, bool from_p, int offset)
{
    uint8_t bytes[P_MAX + 1];
    BIGNUM *e = BN_new();
    struct secret k;
    struct buf init;
    enum err err;

    if (from_p)
        BN_copy(e, library()->prime[methods[method].prime]);
    if (offset < 0)
        BN_sub_word(e, (BN_ULONG)-offset);
    else
        BN_add_word(e, (BN_ULONG)offset);
    buf_init(&init, KEX_VALUE_MAX);
    buf_put_mpint(&init, span_of(bytes, (size_t)BN_bn2bin(e, bytes)));
    err = serve(methods[method].name, buf_span(&init), &k);
    buf_clear(&init);
    BN_free(e);
    return err;
}

/* hardening 3.8 */
static void
test_values_at_the_edges_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < METHODS; i++) {
        assert_int_equal(serve_number(i, false, 0), ERR_CRYPTO);
        assert_int_equal(serve_number(i, false, 1), ERR_CRYPTO);
        assert_int_equal(serve_number(i, true, -1), ERR_CRYPTO);
        assert_int_equal(serve_number(i, true, 0), ERR_CRYPTO);
        assert_int_equal(serve_number(i, true, 1), ERR_CRYPTO);
    }
    assert_int_equal(serve_number(0, true, -2), OK);
}

static void
test_values_with_few_one_bits_are_refused(void **state)
{
    (void)state;
    assert_int_equal(serve_number(0, false, 2), ERR_CRYPTO);
    assert_int_equal(serve_number(0, false, 4), ERR_CRYPTO);
    assert_int_equal(serve_number(0, false, 0x700000), ERR_CRYPTO);
    assert_int_equal(serve_number(0, false, 0x40201), ERR_CRYPTO);
    assert_int_equal(serve_number(0, false, 0x40211), OK);
    assert_int_equal(serve_number(0, false, 0x0f), OK);
}

static void
test_values_of_another_form_are_malformed(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } rows[] = {
        {"\0\0\0\x01\xff", 5},         /* -1 */
        {"\0\0\0\x02\x80\x01", 6},     /* negative */
        {"\0\0\0\x02\xff\x7f", 6},     /* negative, needless ff */
        {"\0\0\0\x02\0\x7f", 6},       /* needless zero */
        {"\0\0\0\x01\0", 5},           /* zero with a byte */
        {"\0\0\0\x04\x7f\x7f", 6},     /* cut short */
        {"\xff\xff\xff\xff\x7f", 5},   /* a length that lies */
        {"\0\0\0\x02\x7f\x7f\x01", 7}, /* something behind */
    };
    struct secret k;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t m = 0; m < METHODS; m++)
            assert_int_equal(
                serve(methods[m].name, span_of(rows[i].bytes, rows[i].len), &k),
                ERR_FORMAT);
}

static void
test_minus_p_is_malformed(void **state)
{
    uint8_t bytes[P_MAX + 1];
    BIGNUM *number = BN_dup(library()->prime[LIBRARY_GROUP14]);
    struct secret k;
    struct buf init;

    (void)state;
    /* Two's complement of p, in one byte more than p has. */
    BN_sub_word(number, 1);
    assert_int_equal(BN_bn2binpad(number, bytes, 257), 257);
    for (size_t i = 0; i < 257; i++)
        bytes[i] = (uint8_t)~bytes[i];
    buf_init(&init, KEX_VALUE_MAX);
    buf_put_string(&init, span_of(bytes, 257));
    assert_int_equal(
        serve("diffie-hellman-group14-sha256", buf_span(&init), &k),
        ERR_FORMAT);
    buf_clear(&init);
    BN_free(number);
}

static void
test_numbers_beyond_every_group_are_malformed(void **state)
{
    static uint8_t bytes[16384];
    struct secret k;
    struct buf init;

    (void)state;
    memset(bytes, 0x55, sizeof(bytes));
    buf_init(&init, 20000);
    buf_put_mpint(&init, span_of(bytes, P_MAX + 1));
    assert_int_equal(
        serve("diffie-hellman-group14-sha256", buf_span(&init), &k),
        ERR_FORMAT);
    buf_reset(&init);
    buf_put_mpint(&init, span_of(bytes, sizeof(bytes)));
    assert_int_equal(
        serve("diffie-hellman-group18-sha512", buf_span(&init), &k),
        ERR_FORMAT);
    buf_reset(&init);
    buf_put_mpint(&init, span_of(bytes, P_MAX));
    assert_int_equal(
        serve("diffie-hellman-group14-sha256", buf_span(&init), &k),
        ERR_CRYPTO);
    buf_clear(&init);
}

/* The number in a framed mpint. */
static BIGNUM *
number_of(struct span framed)
{
    struct reader r = reader_over(framed);
    struct span bytes = read_mpint(&r, P_MAX);

    assert_true(read_done(&r));
    return BN_bin2bn(bytes.ptr, (int)bytes.len, NULL);
}

/* f = 2^x and K = e^x, by libcrypto's plain power. */
static void
check_against_plain_power(const struct kex_method *method,
                          const struct kex_group *group)
{
    const BIGNUM *p = library()->prime[group->prime];
    uint8_t exponent[64];
    struct span random = span_of(exponent, sizeof(exponent));
    BN_CTX *scratch = BN_CTX_new();
    BIGNUM *x, *e, *f, *shared, *expected = BN_new();
    struct kex_client *client;
    struct secret k;
    struct buf init, reply;

    random_bytes(NULL, exponent, sizeof(exponent));
    exponent[0] |= 0x80;
    x = BN_bin2bn(exponent, (int)group->exponent_len, NULL);
    buf_init(&init, KEX_VALUE_MAX);
    buf_init(&reply, KEX_VALUE_MAX);
    assert_int_equal(
        kex_client_start(method, group, random_bytes, NULL, &init, &client),
        OK);
    assert_int_equal(kex_server(method, group, buf_span(&init), fixed_random,
                                &random, &reply, &k),
                     OK);
    e = number_of(buf_span(&init));
    f = number_of(buf_span(&reply));
    shared = number_of(secret_span(&k));
    assert_int_equal(BN_mod_exp(expected, library()->two, x, p, scratch), 1);
    assert_int_equal(BN_cmp(f, expected), 0);
    assert_int_equal(BN_mod_exp(expected, e, x, p, scratch), 1);
    assert_int_equal(BN_cmp(shared, expected), 0);
    kex_client_free(client);
    buf_clear(&init);
    buf_clear(&reply);
    BN_free(x);
    BN_free(e);
    BN_free(f);
    BN_free(shared);
    BN_free(expected);
    BN_CTX_free(scratch);
}

static void
test_every_group_computes_what_a_plain_power_does(void **state)
{
    const struct kex_method *exchange =
        kex_find(span_text("diffie-hellman-group-exchange-sha256"));

    (void)state;
    for (int prime = LIBRARY_GROUP14; prime < LIBRARY_PRIMES; prime++)
        check_against_plain_power(exchange,
                                  kex_group_of((enum library_prime)prime));
    for (size_t i = 0; i < METHODS; i++)
        check_against_plain_power(kex_find(span_text(methods[i].name)),
                                  kex_group_of(methods[i].prime));
}

static void
test_exponents_are_twice_the_strength_and_no_shorter(void **state)
{
    /* RFC 7919 appendix A. */
    static const unsigned strength_bits[LIBRARY_PRIMES] = {80,  112, 137,
                                                           162, 187, 200};

    (void)state;
    for (int i = 0; i < LIBRARY_PRIMES; i++) {
        const struct kex_group *group = kex_group_of((enum library_prime)i);

        assert_true(8 * group->exponent_len >= 256);
        assert_true(8 * group->exponent_len >= 2 * strength_bits[i]);
        assert_int_equal(BN_num_bits(library()->prime[i]), group->bits);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_at_the_edges_are_refused),
        cmocka_unit_test(test_values_with_few_one_bits_are_refused),
        cmocka_unit_test(test_values_of_another_form_are_malformed),
        cmocka_unit_test(test_minus_p_is_malformed),
        cmocka_unit_test(test_numbers_beyond_every_group_are_malformed),
        cmocka_unit_test(test_every_group_computes_what_a_plain_power_does),
        cmocka_unit_test(test_exponents_are_twice_the_strength_and_no_shorter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
