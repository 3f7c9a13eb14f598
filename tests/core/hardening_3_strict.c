/*
 * Strict key exchange against those who would push messages into the first
 * exchange; numbers as in section 3 of the list of attacks and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/names.h"
#include "fixture.h"
#include "ssh/v2/ssh2.h"

/* --- 3.1 strict key exchange ----------------------------------------- */

/* What is pushed into each gap of the handshake. */
static const uint8_t intruders[] = {2, 3, 4,  7,  20, 21, 30, 31,  32,
                                    5, 6, 50, 52, 80, 90, 98, 192, 200};

/* The handshake by steps; an intruder comes before step `gap`. */
static void
step(struct fixture *f, int number)
{
    struct raw *raw = &f->raw;
    bool gex = strstr(raw->kex, "exchange") != NULL;

    switch (number) {
    case 0:
        raw_send_kexinit(raw);
        break;
    case 1:
        raw_expect_kexinit(raw);
        if (gex)
            raw_send_gex_request(raw);
        else
            raw_send_init(raw);
        break;
    case 2:
        if (gex)
            raw_send_gex_init(raw);
        raw_expect_reply(raw);
        raw_expect_newkeys(raw);
        raw_send_newkeys(raw);
        break;
    default:
        raw_expect_quiet(raw);
        break;
    }
}

#define STEPS 4

static bool
is_noise(uint8_t message)
{
    return message >= SSH2_MSG_IGNORE && message <= SSH2_MSG_DEBUG;
}

/* The message that would be right just there anyway. */
static bool
is_next(const struct fixture *f, int gap, uint8_t message)
{
    bool gex = strstr(f->raw.kex, "exchange") != NULL;

    if (gap == 0)
        return message == SSH2_MSG_KEXINIT;
    if (gap == 1)
        return message == SSH2_MSG_KEX_INIT;
    if (gap == 2)
        return message == (gex ? SSH2_MSG_GEX_INIT : SSH2_MSG_NEWKEYS);
    return false;
}

/* No answer but those that were due before, then the end. */
static void
expect_no_later_answer(struct fixture *f)
{
    int message;

    do
        message = raw_next(&f->raw);
    while (message == SSH2_MSG_KEXINIT || message == SSH2_MSG_KEX_REPLY ||
           message == SSH2_MSG_GEX_GROUP || message == SSH2_MSG_NEWKEYS);
    if (message != RAW_GARBAGE) /* under keys that we did not follow to */
        assert_int_equal(message, SSH2_MSG_DISCONNECT);
    assert_true(f->owner.closed);
    assert_int_equal(f->owner.end.reason, SSH_REASON_PROTOCOL_ERROR);
}

static void
intrude(const char *kex, enum raw_strict strict, int gap, uint8_t message)
{
    struct fixture f;
    int last = STEPS;

    fixture_server(&f);
    f.raw.kex = kex;
    f.raw.strict = strict;
    raw_idents(&f.raw);
    for (int i = 0; i < gap; i++)
        step(&f, i);
    if (is_next(&f, gap, message)) {
        fixture_clear(&f);
        return;
    }
    send_sample(&f.raw, message);
    if (is_noise(message) && strict == RAW_STRICT_NONE) {
        for (int i = gap; i < last; i++)
            step(&f, i);
        assert_false(f.owner.closed);
    } else {
        /* Only at the first packet strictness is not yet known. */
        if (gap == 0 && is_noise(message))
            step(&f, 0);
        expect_no_later_answer(&f);
    }
    fixture_clear(&f);
}

static void
test_3_1_nothing_is_let_into_the_first_exchange(void **state)
{
    static const char *const methods[] = {
        "curve25519-sha256",
        "ecdh-sha2-nistp256",
        "diffie-hellman-group14-sha256",
        "diffie-hellman-group-exchange-sha256",
    };

    (void)state;
    for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++)
        for (int strict = 0; strict <= RAW_STRICT_DRAFT; strict++)
            for (int gap = 0; gap < STEPS - 1; gap++)
                for (size_t i = 0; i < sizeof(intruders); i++)
                    intrude(methods[m], strict, gap, intruders[i]);
}

static void
test_3_1_disconnect_is_honoured_in_each_gap(void **state)
{
    struct fixture f;

    (void)state;
    for (int gap = 0; gap < STEPS - 1; gap++) {
        fixture_server(&f);
        f.raw.strict = RAW_STRICT_V00;
        raw_idents(&f.raw);
        for (int i = 0; i < gap; i++)
            step(&f, i);
        send_sample(&f.raw, SSH2_MSG_DISCONNECT);
        assert_true(f.owner.closed && f.owner.end.by_peer);
        fixture_clear(&f);
    }
}

/* The sequence number that UNIMPLEMENTED shows for the next packet. */
static uint32_t
next_seq(struct fixture *f)
{
    struct reader r;

    raw_send_number(&f->raw, 9);
    raw_expect(&f->raw, SSH2_MSG_UNIMPLEMENTED);
    r = raw_fields(&f->raw);
    return read_u32(&r);
}

static void
test_3_1_sequence_numbers_begin_again_at_each_newkeys(void **state)
{
    struct fixture f;

    (void)state;
    for (int strict = 1; strict <= RAW_STRICT_DRAFT; strict++) {
        fixture_server(&f);
        f.raw.strict = strict;
        fixture_keys(&f);
        assert_int_equal(next_seq(&f), 0);
        assert_int_equal(next_seq(&f), 1);
        raw_rekey(&f.raw);
        assert_int_equal(next_seq(&f), 0);
        fixture_clear(&f);
    }
}

static void
test_3_1_without_it_sequence_numbers_go_on(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_keys(&f);
    assert_int_equal(next_seq(&f), 3);
    /* Its names in a later KEXINIT are no names at all. */
    f.raw.strict = RAW_STRICT_V00;
    raw_rekey(&f.raw);
    assert_int_equal(next_seq(&f), 7);
    fixture_clear(&f);
}

static void
test_3_1_it_outlives_its_names(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    f.raw.strict = RAW_STRICT_V00;
    fixture_keys(&f);
    f.raw.strict = RAW_STRICT_NONE;
    raw_rekey(&f.raw);
    assert_int_equal(next_seq(&f), 0);
    fixture_clear(&f);
}

static void
test_3_1_our_names_are_in_the_first_kexinit_only(void **state)
{
    static const char *const markers[] = {
        "kex-strict-s", "kex-strict-s-v00@openssh.com", "ext-info-s"};
    struct fixture f;
    struct reader r;
    struct span names;

    (void)state;
    fixture_server(&f);
    raw_idents(&f.raw);
    raw_expect_kexinit(&f.raw);
    r = raw_fields(&f.raw);
    read_bytes(&r, 16);
    names = read_string(&r);
    for (size_t i = 0; i < 3; i++)
        assert_true(names_has(names, span_text(markers[i])));
    raw_send_kexinit(&f.raw);
    raw_run_method(&f.raw);
    raw_expect_newkeys(&f.raw);
    raw_send_newkeys(&f.raw);
    raw_send_kexinit(&f.raw);
    raw_expect_kexinit(&f.raw);
    r = raw_fields(&f.raw);
    read_bytes(&r, 16);
    names = read_string(&r);
    for (size_t i = 0; i < 3; i++)
        assert_false(names_has(names, span_text(markers[i])));
    fixture_clear(&f);
}

static void
test_3_1_markers_are_never_chosen(void **state)
{
    static const char *const lists[] = {
        "ext-info-s",
        "kex-strict-s",
        "kex-strict-s-v00@openssh.com,ext-info-c",
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        fixture_server(&f);
        raw_idents(&f.raw);
        raw_expect_kexinit(&f.raw);
        f.raw.kex = lists[i];
        raw_send_kexinit(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
        fixture_clear(&f);
    }
}

static void
test_3_1_the_sequence_number_may_not_wrap(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    f.raw.strict = RAW_STRICT_V00;
    raw_idents(&f.raw);
    raw_expect_kexinit(&f.raw);
    raw_send_kexinit(&f.raw);
    ssh2_of(f.owner.conn)->rx.seq = UINT32_MAX;
    send_sample(&f.raw, SSH2_MSG_KEX_INIT);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_3_1_nothing_is_let_into_the_first_exchange),
        cmocka_unit_test(test_3_1_disconnect_is_honoured_in_each_gap),
        cmocka_unit_test(test_3_1_sequence_numbers_begin_again_at_each_newkeys),
        cmocka_unit_test(test_3_1_without_it_sequence_numbers_go_on),
        cmocka_unit_test(test_3_1_it_outlives_its_names),
        cmocka_unit_test(test_3_1_our_names_are_in_the_first_kexinit_only),
        cmocka_unit_test(test_3_1_markers_are_never_chosen),
        cmocka_unit_test(test_3_1_the_sequence_number_may_not_wrap),
    };

    return cmocka_run_group_tests_name("hardening 3, strict key exchange",
                                       tests, NULL, NULL);
}
