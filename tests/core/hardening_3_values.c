/*
 * Bad values in key exchanges, and servers that lie; numbers as in section 3
 * of the list of attacks and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/v2/ssh2.h"

/* A server that waits for our value of this method. */
static void
await_value(struct fixture *f, const char *kex)
{
    fixture_server(f);
    f->raw.kex = kex;
    raw_idents(&f->raw);
    raw_expect_kexinit(&f->raw);
    raw_send_kexinit(&f->raw);
}

static void
send_string_value(struct raw *raw, struct span value)
{
    buf_put_string(raw_begin(raw, SSH2_MSG_KEX_INIT), value);
    raw_end(raw);
}

/* The end; nobody was asked to sign anything. */
static void
expect_refusal(struct fixture *f, enum ssh_reason reason)
{
    raw_expect_end(&f->raw, reason);
    assert_false(owner_saw(&f->owner, "sign\n"));
    fixture_clear(f);
}

/* --- 3.6 X25519 ------------------------------------------------------ */

static void
test_3_6_x25519_values_have_32_bytes(void **state)
{
    static const uint8_t value[64] = {9};
    static const size_t lengths[] = {0, 1, 31, 33, 64};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        await_value(&f, "curve25519-sha256");
        send_string_value(&f.raw, span_of(value, lengths[i]));
        expect_refusal(&f, SSH_REASON_PROTOCOL_ERROR);
    }
    await_value(&f, "curve25519-sha256");
    buf_put_string(raw_begin(&f.raw, SSH2_MSG_KEX_INIT), span_of(value, 32));
    buf_put_u8(&f.raw.scratch, 0);
    raw_end(&f.raw);
    expect_refusal(&f, SSH_REASON_PROTOCOL_ERROR);
}

/* Points of small order (RFC 7748 section 6.1), little-endian. */
static const char *const low_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
};

static uint8_t
hex_digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void
test_3_6_points_of_small_order_end(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(low_order) / sizeof(low_order[0]); i++) {
        for (int top = 0; top < 2; top++) {
            uint8_t value[32];

            for (size_t j = 0; j < 32; j++)
                value[j] = (uint8_t)(hex_digit(low_order[i][2 * j]) << 4 |
                                     hex_digit(low_order[i][2 * j + 1]));
            value[31] |= (uint8_t)(top << 7);
            await_value(&f, "curve25519-sha256");
            send_string_value(&f.raw, span_of(value, 32));
            expect_refusal(&f, SSH_REASON_KEY_EXCHANGE_FAILED);
        }
    }
}

/* --- 3.7 ECDH -------------------------------------------------------- */

static void
test_3_7_bad_points_end(void **state)
{
    static const struct {
        const char *kex;
        size_t len;
    } curves[] = {
        {"ecdh-sha2-nistp256", 65},
        {"ecdh-sha2-nistp384", 97},
        {"ecdh-sha2-nistp521", 133},
    };
    struct fixture f;

    (void)state;
    for (size_t c = 0; c < 3; c++) {
        for (int i = 0; i < 8; i++) {
            uint8_t point[140] = {4};
            size_t len = curves[c].len;

            if (i == 0)
                len = 1, point[0] = 0; /* infinity */
            if (i == 1)
                len = 0;
            if (i == 2)
                point[5] = 1; /* off the curve */
            if (i == 3)
                memset(point + 1, 0xff, len - 1); /* beyond p */
            if (i == 4)
                point[0] = 2, len = 1 + (len - 1) / 2; /* compressed */
            if (i == 5)
                point[0] = 6; /* hybrid */
            if (i == 6)
                len--;
            if (i == 7)
                len++;
            await_value(&f, curves[c].kex);
            send_string_value(&f.raw, span_of(point, len));
            expect_refusal(&f, SSH_REASON_KEY_EXCHANGE_FAILED);
        }
    }
}

/* --- 3.8 finite fields ----------------------------------------------- */

/* p of the group, from a group exchange of its size. */
static void
group_prime(struct buf *p)
{
    const struct kex_group *group;
    struct reader r;
    struct buf both;

    buf_init(&both, 4096);
    assert_int_equal(kex_group_choose(2048, 2048, 2048, &group), OK);
    kex_group_put(group, &both);
    r = reader_over(buf_span(&both));
    buf_put_span(p, read_mpint(&r, 1024));
    buf_clear(&both);
}

static void
send_mpint_value(struct raw *raw, struct span bytes, bool raw_form)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_KEX_INIT);

    if (raw_form)
        buf_put_string(to, bytes);
    else
        buf_put_mpint(to, bytes);
    raw_end(raw);
}

static void
test_3_8_values_outside_the_group_end(void **state)
{
    struct fixture f;
    struct buf p;

    (void)state;
    for (int i = 0; i < 6; i++) {
        uint8_t *last;

        buf_init(&p, 4096);
        group_prime(&p);
        last = buf_bytes(&p) + buf_len(&p) - 1;
        if (i == 0)
            buf_reset(&p); /* 0 */
        if (i == 1)
            buf_reset(&p), buf_put_u8(&p, 1);
        if (i == 2)
            --*last; /* p - 1 */
        if (i == 4)
            buf_reset(&p), buf_put_u8(&p, 0x70); /* three one bits */
        if (i == 5)
            buf_put_u8(&p, 0); /* 256 p */
        await_value(&f, "diffie-hellman-group14-sha256");
        send_mpint_value(&f.raw, buf_span(&p), false);
        expect_refusal(&f, SSH_REASON_KEY_EXCHANGE_FAILED);
        buf_clear(&p);
    }
}

static void
test_3_8_numbers_in_other_than_the_one_form_end(void **state)
{
    static uint8_t huge[17000];
    static const uint8_t minus_one[] = {0xff};
    static const uint8_t minus[] = {0x80, 0, 0, 0, 0, 1};
    static const uint8_t padded[] = {0, 0x7f, 0xff, 0xff, 0xff};
    static const uint8_t zero[] = {0};
    const struct span values[] = {
        span_of(minus_one, 1), span_of(minus, 6),           span_of(padded, 5),
        span_of(zero, 1),      span_of(huge, sizeof(huge)),
    };
    struct fixture f;

    (void)state;
    memset(huge, 0x55, sizeof(huge));
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        await_value(&f, "diffie-hellman-group14-sha1");
        send_mpint_value(&f.raw, values[i], true);
        expect_refusal(&f, SSH_REASON_PROTOCOL_ERROR);
    }
}

/* --- 3.9 group exchange ---------------------------------------------- */

static void
test_3_9_wishes_that_cannot_be_met_end(void **state)
{
    static const uint32_t wishes[][3] = {
        {3072, 3072, 2048},         {1024, 1024, 1024},
        {1024, 1024, 2047},         {2048, 1024, 8192},
        {2048, 8193, 8192},         {0, 0, 0},
        {8193, 8193, 9000},         {UINT32_MAX, UINT32_MAX, UINT32_MAX},
        {16384, 16384, UINT32_MAX},
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        await_value(&f, "diffie-hellman-group-exchange-sha256");
        raw_begin(&f.raw, SSH2_MSG_GEX_REQUEST);
        for (int j = 0; j < 3; j++)
            buf_put_u32(&f.raw.scratch, wishes[i][j]);
        raw_end(&f.raw);
        expect_refusal(&f, SSH_REASON_KEY_EXCHANGE_FAILED);
    }
}

/* The bits of the group that comes for a wish. */
static size_t
group_bits(uint8_t message, uint32_t min, uint32_t preferred, uint32_t max)
{
    struct fixture f;
    struct reader r;
    size_t len;

    await_value(&f, "diffie-hellman-group-exchange-sha1");
    raw_begin(&f.raw, message);
    if (message == SSH2_MSG_GEX_REQUEST)
        buf_put_u32(&f.raw.scratch, min);
    buf_put_u32(&f.raw.scratch, preferred);
    if (message == SSH2_MSG_GEX_REQUEST)
        buf_put_u32(&f.raw.scratch, max);
    raw_end(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_GEX_GROUP);
    r = raw_fields(&f.raw);
    len = read_mpint(&r, 1024).len;
    fixture_clear(&f);
    return len * 8;
}

static void
test_3_9_groups_are_never_below_2048_bits(void **state)
{
    (void)state;
    assert_int_equal(group_bits(SSH2_MSG_GEX_REQUEST, 1024, 1024, 8192), 2048);
    assert_int_equal(group_bits(SSH2_MSG_GEX_REQUEST, 1024, 2048, 8192), 2048);
    assert_int_equal(group_bits(SSH2_MSG_GEX_REQUEST, 2048, 4096, 8192), 4096);
    assert_int_equal(group_bits(SSH2_MSG_GEX_REQUEST, 2048, 8192, 8192), 8192);
    assert_int_equal(group_bits(SSH2_MSG_GEX_REQUEST_OLD, 0, 2048, 0), 2048);
    assert_int_equal(group_bits(SSH2_MSG_GEX_REQUEST_OLD, 0, 1024, 0), 2048);
}

static void
test_3_9_the_order_is_kept(void **state)
{
    struct fixture f;

    (void)state;
    /* A value before the group, a second wish, a fixed-group value. */
    for (int i = 0; i < 3; i++) {
        await_value(&f, "diffie-hellman-group-exchange-sha256");
        if (i != 0)
            send_sample(&f.raw, SSH2_MSG_GEX_REQUEST);
        if (i != 0)
            raw_expect(&f.raw, SSH2_MSG_GEX_GROUP);
        send_sample(&f.raw, i == 0   ? SSH2_MSG_GEX_INIT
                            : i == 1 ? SSH2_MSG_GEX_REQUEST
                                     : SSH2_MSG_KEX_INIT);
        expect_refusal(&f, SSH_REASON_PROTOCOL_ERROR);
    }
}

/* --- the signer ------------------------------------------------------ */

static void
reach_signature(struct fixture *f)
{
    fixture_server(f);
    f->owner.delays = true;
    raw_idents(&f->raw);
    raw_expect_kexinit(&f->raw);
    raw_send_kexinit(&f->raw);
    raw_send_init(&f->raw);
    assert_true(f->owner.has_answer);
}

static void
test_3_17_no_signature_no_exchange(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 4; i++) {
        reach_signature(&f);
        if (i == 0)
            buf_reset(&f.owner.hash), buf_reset(&f.owner.signature);
        if (i == 1) /* another hash was signed */
            buf_bytes(&f.owner.hash)[0] ^= 1;
        if (i == 2)
            buf_truncate(&f.owner.hash, 31);
        if (i == 3) /* another algorithm's name */
            buf_bytes(&f.owner.signature)[5] ^= 1;
        assert_true(owner_answer(&f.owner));
        raw_take(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
        fixture_clear(&f);
    }
}

static void
test_4_12_nothing_is_read_while_a_signature_is_due(void **state)
{
    struct fixture f;

    (void)state;
    reach_signature(&f);
    assert_false(ssh_conn_wants_input(f.owner.conn));
    raw_send_number(&f.raw, SSH2_MSG_NEWKEYS);
    raw_expect(&f.raw, RAW_NOTHING);
    assert_true(owner_answer(&f.owner));
    raw_take(&f.raw);
    raw_expect_reply(&f.raw);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_3_6_x25519_values_have_32_bytes),
        cmocka_unit_test(test_3_6_points_of_small_order_end),
        cmocka_unit_test(test_3_7_bad_points_end),
        cmocka_unit_test(test_3_8_values_outside_the_group_end),
        cmocka_unit_test(test_3_8_numbers_in_other_than_the_one_form_end),
        cmocka_unit_test(test_3_9_wishes_that_cannot_be_met_end),
        cmocka_unit_test(test_3_9_groups_are_never_below_2048_bits),
        cmocka_unit_test(test_3_9_the_order_is_kept),
        cmocka_unit_test(test_3_17_no_signature_no_exchange),
        cmocka_unit_test(test_4_12_nothing_is_read_while_a_signature_is_due),
    };

    return cmocka_run_group_tests_name("hardening 3, values", tests, NULL,
                                       NULL);
}
