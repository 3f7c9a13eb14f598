/*
 * Attacks on version 1 (docs/hardening.md, section 7): a client that obeys
 * nobody, against a server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"
#include "crypto/crypto.h"
#include "crypto/rsa1.h"
#include "owner.h"
#include "pump.h"
#include "ssh/v1/messages.h"
#include "ssh/v1/numbers.h"
#include "ssh/v1/packet.h"

enum phase {
    PHASE_SESSION_KEY,
    PHASE_USER,
    PHASE_AUTH,
    PHASE_PREPARE,
    PHASE_SESSION,
    PHASES
};

struct attack {
    struct owner owner;
    struct chance chance;
    struct ssh_setup setup;
    struct cipher1 *tx;
    struct packet1_receiver rx;
    struct buf in, packet;
    uint8_t cookie[RSA1_COOKIE], key[RSA1_KEY];
    struct span message; /* the last one of the server's */
};

/* --- the attacker ------------------------------------------------------- */

static void
take(struct attack *a)
{
    struct span out;

    owner_turn(&a->owner);
    out = ssh_conn_output(a->owner.conn);
    buf_put_span(&a->in, out);
    ssh_conn_output_sent(a->owner.conn, out.len);
}

static void
send_bytes(struct attack *a, struct span bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);
    size_t at = 0;

    memcpy(copy, bytes.ptr, bytes.len);
    while (at < bytes.len) {
        size_t taken = ssh_conn_input(a->owner.conn, copy + at, bytes.len - at);

        take(a);
        if (taken == 0)
            break;
        at += taken;
    }
    free(copy);
}

static struct buf *
begin(struct attack *a, uint8_t message)
{
    buf_reset(&a->packet);
    packet1_begin(&a->packet);
    buf_put_u8(&a->packet, message);
    return &a->packet;
}

static void
end(struct attack *a)
{
    assert_int_equal(
        packet1_seal(a->tx, &a->packet, 0, chance_bytes, &a->chance), OK);
    send_bytes(a, buf_span(&a->packet));
}

/* The next message's number; -1: there is none. */
static int
next(struct attack *a)
{
    size_t size;

    if (packet1_size(buf_span(&a->in), PACKET1_MAX, &size) != OK)
        return -1;
    assert_int_equal(packet1_open(&a->rx, buf_bytes(&a->in), size, &a->message),
                     OK);
    buf_consume(&a->in, size);
    return a->message.ptr[0];
}

static void
expect_end(struct attack *a)
{
    take(a);
    assert_true(a->owner.closed);
}

static void
start(struct attack *a)
{
    static const char ident[] = "SSH-1.5-attack\n";
    uint8_t *line_end;

    assert_int_equal(crypto_warm_up(), OK);
    *a = (struct attack){.chance = {1}};
    owner_init(&a->owner);
    buf_init(&a->in, 16 * 1024 * 1024);
    buf_init(&a->packet, PACKET1_MAX + 64);
    a->setup = (struct ssh_setup){
        .software = "vtyd_test",
        .versions = SSH_VERSION_1 | SSH_VERSION_2,
        .v1_ciphers = "3des,des",
        .random = chance_bytes,
        .random_state = &a->chance,
    };
    owner_start(&a->owner, &a->setup);
    send_bytes(a, span_of(ident, sizeof(ident) - 1));
    line_end = memchr(buf_bytes(&a->in), '\n', buf_len(&a->in));
    buf_consume(&a->in, (size_t)(line_end + 1 - buf_bytes(&a->in)));
    assert_int_equal(next(a), SSH1_SMSG_PUBLIC_KEY);
    memcpy(a->cookie, a->message.ptr + 1, RSA1_COOKIE);
}

static void
stop(struct attack *a)
{
    cipher1_free(a->tx);
    cipher1_free(a->rx.cipher);
    detector_free(a->rx.detector);
    buf_clear(&a->in);
    buf_clear(&a->packet);
    owner_clear(&a->owner);
}

static void
send_session_key(struct attack *a, unsigned cipher, const uint8_t *cookie,
                 struct span wrapped)
{
    struct buf *to = begin(a, SSH1_CMSG_SESSION_KEY);

    buf_put_u8(to, (uint8_t)cipher);
    buf_put(to, cookie, RSA1_COOKIE);
    numbers_put(to, wrapped);
    buf_put_u32(to, 0);
    end(a);
}

static void
wrap(struct attack *a, struct buf *wrapped)
{
    const struct test_key *keys = keys_of_version_1();
    uint8_t id[RSA1_SESSION_ID];

    chance_bytes(&a->chance, a->key, sizeof(a->key));
    assert_int_equal(rsa1_session_id(buf_span(&keys[0].blob),
                                     buf_span(&keys[1].blob), a->cookie, id),
                     OK);
    assert_int_equal(rsa1_wrap(buf_span(&keys[0].blob), buf_span(&keys[1].blob),
                               id, a->key, chance_bytes, &a->chance, wrapped),
                     OK);
}

static void
use_key(struct attack *a)
{
    static const uint64_t seed[2] = {1, 2};

    assert_int_equal(cipher1_new(CIPHER1_3DES, a->key, true, &a->tx), OK);
    assert_int_equal(cipher1_new(CIPHER1_3DES, a->key, false, &a->rx.cipher),
                     OK);
    a->rx.detector = detector_new(PACKET1_MAX + 8, seed);
}

static void
reach(struct attack *a, enum phase phase)
{
    struct buf wrapped;

    start(a);
    if (phase >= PHASE_USER) {
        buf_init(&wrapped, 1024);
        wrap(a, &wrapped);
        send_session_key(a, CIPHER1_3DES, a->cookie, buf_span(&wrapped));
        buf_clear(&wrapped);
        use_key(a);
        assert_int_equal(next(a), SSH1_SMSG_SUCCESS);
    }
    if (phase >= PHASE_AUTH) {
        buf_put_text(begin(a, SSH1_CMSG_USER), "lab");
        end(a);
        assert_int_equal(next(a), SSH1_SMSG_FAILURE);
    }
    if (phase >= PHASE_PREPARE) {
        buf_put_text(begin(a, SSH1_CMSG_AUTH_PASSWORD), "cisco");
        end(a);
        assert_int_equal(next(a), SSH1_SMSG_SUCCESS);
    }
    if (phase >= PHASE_SESSION) {
        (void)begin(a, SSH1_CMSG_EXEC_SHELL);
        end(a);
        assert_int_equal(next(a), -1);
    }
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
        for (enum phase phase = 0; phase < PHASES; phase++) {
            struct attack a;

            reach(&a, phase);
            for (size_t j = 0; j < 4; j++)
                bytes[j] = (uint8_t)(lengths[i] >> (24 - 8 * j));
            send_bytes(&a, span_of(bytes, 4));
            expect_end(&a);
            assert_int_equal(a.owner.end.err, ERR_LENGTH);
            stop(&a);
        }
}

/* Before login no more than version 2 takes. */
static void
test_large_packets_before_login(void **state)
{
    static const uint8_t bytes[4] = {0, 4, 0, 0};
    struct attack a;

    (void)state;
    for (enum phase phase = 0; phase < PHASE_PREPARE; phase++) {
        reach(&a, phase);
        send_bytes(&a, span_of(bytes, 4));
        expect_end(&a);
        stop(&a);
    }
}

static void
test_a_wrong_crc_ends_it(void **state)
{
    struct attack a;

    (void)state;
    for (enum phase phase = 0; phase < PHASES; phase++) {
        reach(&a, phase);
        buf_put_text(begin(&a, SSH1_MSG_IGNORE), "");
        assert_int_equal(
            packet1_seal(a.tx, &a.packet, 0, chance_bytes, &a.chance), OK);
        buf_bytes(&a.packet)[buf_len(&a.packet) - 1] ^= 0x10;
        send_bytes(&a, buf_span(&a.packet));
        expect_end(&a);
        assert_int_equal(a.owner.end.err, ERR_MAC);
        assert_int_equal(next(&a), SSH1_MSG_DISCONNECT);
        stop(&a);
    }
}

/* --- 7.1: insertion ----------------------------------------------------------
 */

static void
test_repeated_blocks_are_an_attack(void **state)
{
    uint8_t bytes[4 + 1024];
    struct attack a;

    (void)state;
    reach(&a, PHASE_SESSION);
    memset(bytes, 0x5a, sizeof(bytes));
    /* 1,020 and 4 bytes of padding. */
    bytes[0] = bytes[1] = 0;
    bytes[2] = 1020 >> 8;
    bytes[3] = (uint8_t)1020;
    send_bytes(&a, span_of(bytes, sizeof(bytes)));
    expect_end(&a);
    assert_int_equal(a.owner.end.err, ERR_MAC);
    stop(&a);
}

/* --- 7.5: cookie and cipher
 * ---------------------------------------------------- */

static void
test_wrong_cookies_and_ciphers(void **state)
{
    static const unsigned ciphers[] = {0, 1, 2, 4, 5, 6, 7, 31, 32, 35, 255};
    struct attack a;
    struct buf wrapped;

    (void)state;
    for (size_t bit = 0; bit < 64; bit += 7) {
        start(&a);
        buf_init(&wrapped, 1024);
        wrap(&a, &wrapped);
        a.cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
        send_session_key(&a, CIPHER1_3DES, a.cookie, buf_span(&wrapped));
        expect_end(&a);
        assert_false(owner_saw(&a.owner, "session-key"));
        buf_clear(&wrapped);
        stop(&a);
    }
    for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
        start(&a);
        buf_init(&wrapped, 1024);
        wrap(&a, &wrapped);
        send_session_key(&a, ciphers[i], a.cookie, buf_span(&wrapped));
        take(&a);
        assert_int_equal(a.owner.closed, ciphers[i] != CIPHER1_DES);
        buf_clear(&wrapped);
        stop(&a);
    }
}

/* --- 7.6: malformed session keys
 * -------------------------------------------------- */

static void
spoil(struct attack *a, struct buf *wrapped, unsigned how)
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
    struct attack a;
    struct buf wrapped;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        start(&a);
        a.chance.state += i;
        buf_init(&wrapped, 1024);
        wrap(&a, &wrapped);
        spoil(&a, &wrapped, i);
        send_session_key(&a, CIPHER1_3DES, a.cookie, buf_span(&wrapped));
        assert_false(a.owner.key_was_right);
        assert_false(a.owner.closed);
        assert_true(owner_saw(&a.owner, "session-key\nkeys\n"));
        /* One packet as long as SUCCESS is. */
        assert_int_equal(buf_len(&a.in), 12);
        assert_memory_equal(buf_bytes(&a.in), "\0\0\0\x05", 4);
        use_key(&a);
        buf_put_text(begin(&a, SSH1_CMSG_USER), "lab");
        end(&a);
        expect_end(&a);
        assert_int_equal(a.owner.end.err, ERR_MAC);
        buf_clear(&wrapped);
        stop(&a);
    }
}

/* --- 7.8: what may come when
 * --------------------------------------------------------- */

enum answer { ENDS, FAILS, PASSES };

static enum answer
answer_to(enum phase phase, unsigned message)
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
    for (enum phase phase = 0; phase < PHASES; phase++)
        for (unsigned message = 0; message < 256; message++) {
            enum answer expected = answer_to(phase, message);
            struct attack a;
            int got;

            reach(&a, phase);
            (void)begin(&a, (uint8_t)message);
            end(&a);
            take(&a);
            assert_int_equal(a.owner.closed, expected == ENDS);
            got = next(&a);
            if (expected == FAILS)
                assert_int_equal(got, SSH1_SMSG_FAILURE);
            stop(&a);
        }
}

static void
test_trying_for_ever_ends(void **state)
{
    struct attack a;
    unsigned tries = 0;

    (void)state;
    reach(&a, PHASE_AUTH);
    while (!a.owner.closed) {
        (void)begin(&a, SSH1_CMSG_AUTH_RHOSTS);
        end(&a);
        tries++;
        assert_true(tries <= SSH_AUTH_REQUESTS_MAX);
    }
    stop(&a);
}

static void
test_noise_for_ever_ends(void **state)
{
    struct attack a;
    unsigned packets = 0;

    (void)state;
    reach(&a, PHASE_USER);
    while (!a.owner.closed) {
        buf_put_text(begin(&a, SSH1_MSG_IGNORE), "noise");
        end(&a);
        packets++;
        assert_true(packets <= SSH_PREAUTH_PACKETS_MAX);
    }
    stop(&a);
}

/* Passwords whose length is hidden by zeros, among noise of all lengths. */
static void
test_camouflage_is_seen_through(void **state)
{
    static const char padded[32] = "cisco";
    struct attack a;

    (void)state;
    reach(&a, PHASE_AUTH);
    for (uint32_t len = 0; len < 16; len++) {
        buf_put_string(begin(&a, SSH1_MSG_IGNORE), span_of(padded, len));
        end(&a);
    }
    buf_put_string(begin(&a, SSH1_CMSG_AUTH_PASSWORD),
                   span_of(padded, sizeof(padded)));
    end(&a);
    assert_int_equal(next(&a), SSH1_SMSG_SUCCESS);
    stop(&a);
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
