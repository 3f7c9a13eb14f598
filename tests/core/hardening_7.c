/*
 * Attacks on version 1 (docs/hardening.md, section 7): a client that obeys
 * nobody, against a server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "raw1.h"
#include "ssh/v1/numbers.h"

static void
expect_end(struct raw1 *a)
{
    raw1_take(a);
    assert_true(a->owner.closed);
}

/* --- 7.4: lengths and CRC ------------------------------------------------- */

static void
test_lengths_that_are_none(void **state)
{
    static const uint32_t lengths[] = {
        0, 1, 4, 0x00040001, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    uint8_t bytes[4];

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        for (enum raw1_phase phase = 0; phase < PHASES; phase++) {
            struct raw1 a;

            raw1_reach(&a, phase);
            for (size_t j = 0; j < 4; j++)
                bytes[j] = (uint8_t)(lengths[i] >> (24 - 8 * j));
            raw1_bytes(&a, span_of(bytes, 4));
            expect_end(&a);
            assert_int_equal(a.owner.end.err, ERR_LENGTH);
            raw1_stop(&a);
        }
}

/* Before login no more than version 2 takes. */
static void
test_large_packets_before_login(void **state)
{
    static const uint8_t bytes[4] = {0, 4, 0, 0};
    struct raw1 a;

    (void)state;
    for (enum raw1_phase phase = 0; phase < PHASE_PREPARE; phase++) {
        raw1_reach(&a, phase);
        raw1_bytes(&a, span_of(bytes, 4));
        expect_end(&a);
        raw1_stop(&a);
    }
}

static void
test_a_wrong_crc_ends_it(void **state)
{
    struct raw1 a;

    (void)state;
    for (enum raw1_phase phase = 0; phase < PHASES; phase++) {
        raw1_reach(&a, phase);
        buf_put_text(raw1_begin(&a, SSH1_MSG_IGNORE), "");
        assert_int_equal(
            packet1_seal(a.tx, &a.packet, 0, chance_bytes, &a.chance), OK);
        buf_bytes(&a.packet)[buf_len(&a.packet) - 1] ^= 0x10;
        raw1_bytes(&a, buf_span(&a.packet));
        expect_end(&a);
        assert_int_equal(a.owner.end.err, ERR_MAC);
        assert_int_equal(raw1_next(&a), SSH1_MSG_DISCONNECT);
        raw1_stop(&a);
    }
}

/* --- 7.1: insertion ----------------------------------------------------------
 */

static void
test_repeated_blocks_are_an_attack(void **state)
{
    uint8_t bytes[4 + 1024];
    struct raw1 a;

    (void)state;
    raw1_reach(&a, PHASE_SESSION);
    memset(bytes, 0x5a, sizeof(bytes));
    /* 1,020 and 4 bytes of padding. */
    bytes[0] = bytes[1] = 0;
    bytes[2] = 1020 >> 8;
    bytes[3] = (uint8_t)1020;
    raw1_bytes(&a, span_of(bytes, sizeof(bytes)));
    expect_end(&a);
    assert_int_equal(a.owner.end.err, ERR_MAC);
    raw1_stop(&a);
}

/* --- 7.5: cookie and cipher
 * ---------------------------------------------------- */

static void
test_wrong_cookies_and_ciphers(void **state)
{
    static const unsigned ciphers[] = {0, 1, 2, 4, 5, 6, 7, 31, 32, 35, 255};
    struct raw1 a;
    struct buf wrapped;

    (void)state;
    for (size_t bit = 0; bit < 64; bit += 7) {
        raw1_start(&a);
        buf_init(&wrapped, 1024);
        raw1_wrap(&a, &wrapped);
        a.cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
        raw1_send_key(&a, CIPHER1_3DES, a.cookie, buf_span(&wrapped));
        expect_end(&a);
        assert_false(owner_saw(&a.owner, "session-key"));
        buf_clear(&wrapped);
        raw1_stop(&a);
    }
    for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
        raw1_start(&a);
        buf_init(&wrapped, 1024);
        raw1_wrap(&a, &wrapped);
        raw1_send_key(&a, ciphers[i], a.cookie, buf_span(&wrapped));
        raw1_take(&a);
        assert_int_equal(a.owner.closed, ciphers[i] != CIPHER1_DES);
        buf_clear(&wrapped);
        raw1_stop(&a);
    }
}

/* --- 7.6: malformed session keys
 * -------------------------------------------------- */

static void
spoil(struct raw1 *a, struct buf *wrapped, unsigned how)
{
    uint8_t *bytes = buf_bytes(wrapped);
    size_t len = buf_len(wrapped);

    switch (how % 5) {
    case 0:
        bytes[chance_below(&a->chance, (uint32_t)len)] ^= 1;
        break;
    case 1:
        memset(bytes, 0xff, len);
        break;
    case 2:
        buf_truncate(wrapped, chance_below(&a->chance, (uint32_t)len));
        break;
    case 3:
        buf_put(wrapped, "12345678", 8);
        break;
    default:
        chance_bytes(&a->chance, bytes, len);
        bytes[0] &= 0x3f;
        break;
    }
}

/* All of them look as if they had been right, until the next packet. */
static void
test_malformed_session_keys_look_alike(void **state)
{
    struct raw1 a;
    struct buf wrapped;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        raw1_start(&a);
        a.chance.state += i;
        buf_init(&wrapped, 1024);
        raw1_wrap(&a, &wrapped);
        spoil(&a, &wrapped, i);
        raw1_send_key(&a, CIPHER1_3DES, a.cookie, buf_span(&wrapped));
        assert_false(a.owner.key_was_right);
        assert_false(a.owner.closed);
        assert_true(owner_saw(&a.owner, "session-key\nkeys\n"));
        /* One packet as long as SUCCESS is. */
        assert_int_equal(buf_len(&a.in), 12);
        assert_memory_equal(buf_bytes(&a.in), "\0\0\0\x05", 4);
        raw1_use_key(&a);
        buf_put_text(raw1_begin(&a, SSH1_CMSG_USER), "lab");
        raw1_end(&a);
        expect_end(&a);
        assert_int_equal(a.owner.end.err, ERR_MAC);
        buf_clear(&wrapped);
        raw1_stop(&a);
    }
}

/* --- 7.8: what may come when
 * --------------------------------------------------------- */

enum answer { ENDS, FAILS, PASSES };

static enum answer
answer_to(enum raw1_phase phase, unsigned message)
{
    static const uint8_t refused[] = {28, 30, 34, 37};
    static const uint8_t methods[] = {5, 6, 8, 35, 39, 41};

    if (message == SSH1_MSG_IGNORE || message == SSH1_MSG_DEBUG)
        return PASSES;
    if (message == 0 || message == 255)
        return ENDS;
    for (size_t i = 0; i < sizeof(refused); i++)
        if (message == refused[i])
            return phase == PHASE_PREPARE ? FAILS : ENDS;
    for (size_t i = 0; i < sizeof(methods); i++)
        if (message == methods[i])
            return phase == PHASE_AUTH ? FAILS : ENDS;
    if (message > 41 && (phase == PHASE_AUTH || phase == PHASE_PREPARE))
        return FAILS;
    if (phase == PHASE_PREPARE && message == SSH1_CMSG_EXEC_SHELL)
        return PASSES;
    if (phase == PHASE_SESSION && message == SSH1_CMSG_EOF)
        return PASSES;
    return ENDS; /* not allowed; or allowed, and malformed */
}

static void
test_every_number_in_every_phase(void **state)
{
    (void)state;
    for (enum raw1_phase phase = 0; phase < PHASES; phase++)
        for (unsigned message = 0; message < 256; message++) {
            enum answer expected = answer_to(phase, message);
            struct raw1 a;
            int got;

            raw1_reach(&a, phase);
            (void)raw1_begin(&a, (uint8_t)message);
            raw1_end(&a);
            raw1_take(&a);
            assert_int_equal(a.owner.closed, expected == ENDS);
            got = raw1_next(&a);
            if (expected == FAILS)
                assert_int_equal(got, SSH1_SMSG_FAILURE);
            raw1_stop(&a);
        }
}

static void
test_trying_for_ever_ends(void **state)
{
    struct raw1 a;
    unsigned tries = 0;

    (void)state;
    raw1_reach(&a, PHASE_AUTH);
    while (!a.owner.closed) {
        (void)raw1_begin(&a, SSH1_CMSG_AUTH_RHOSTS);
        raw1_end(&a);
        tries++;
        assert_true(tries <= SSH_AUTH_REQUESTS_MAX);
    }
    raw1_stop(&a);
}

static void
test_noise_for_ever_ends(void **state)
{
    struct raw1 a;
    unsigned packets = 0;

    (void)state;
    raw1_reach(&a, PHASE_USER);
    while (!a.owner.closed) {
        buf_put_text(raw1_begin(&a, SSH1_MSG_IGNORE), "noise");
        raw1_end(&a);
        packets++;
        assert_true(packets <= SSH_PREAUTH_PACKETS_MAX);
    }
    raw1_stop(&a);
}

/* Passwords whose length is hidden by zeros, among noise of all lengths. */
static void
test_camouflage_is_seen_through(void **state)
{
    static const char padded[32] = "cisco";
    struct raw1 a;

    (void)state;
    raw1_reach(&a, PHASE_AUTH);
    for (uint32_t len = 0; len < 16; len++) {
        buf_put_string(raw1_begin(&a, SSH1_MSG_IGNORE), span_of(padded, len));
        raw1_end(&a);
    }
    buf_put_string(raw1_begin(&a, SSH1_CMSG_AUTH_PASSWORD),
                   span_of(padded, sizeof(padded)));
    raw1_end(&a);
    assert_int_equal(raw1_next(&a), SSH1_SMSG_SUCCESS);
    raw1_stop(&a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths_that_are_none),
        cmocka_unit_test(test_large_packets_before_login),
        cmocka_unit_test(test_a_wrong_crc_ends_it),
        cmocka_unit_test(test_repeated_blocks_are_an_attack),
        cmocka_unit_test(test_wrong_cookies_and_ciphers),
        cmocka_unit_test(test_malformed_session_keys_look_alike),
        cmocka_unit_test(test_every_number_in_every_phase),
        cmocka_unit_test(test_trying_for_ever_ends),
        cmocka_unit_test(test_noise_for_ever_ends),
        cmocka_unit_test(test_camouflage_is_seen_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
