/*
 * Strict key exchange and EXT_INFO from the client's side: hardening 3.1 and
 * 3.15, against who pushes messages between those of a server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/v2/ssh2.h"

#define GEX "diffie-hellman-group-exchange-sha256"

static const uint8_t intruders[] = {2,  3,  4,  5,  6,  7,   20, 21, 30,
                                    31, 32, 33, 34, 51, 52,  53, 60, 80,
                                    90, 94, 96, 98, 99, 192, 200};

/* Gaps of the handshake: before KEXINIT, before the group or the reply,
   between group and reply, before NEWKEYS. */
enum { BEFORE_KEXINIT, BEFORE_REPLY, BEFORE_GEX_REPLY, BEFORE_NEWKEYS, GAPS };

/* The server's part up to that gap. */
static void
reach_gap(struct fixture *f, int gap)
{
    struct raw *raw = &f->raw;

    raw_idents(raw);
    raw_expect_kexinit(raw);
    if (gap == BEFORE_KEXINIT)
        return;
    raw_send_kexinit(raw);
    if (gap == BEFORE_REPLY) {
        if (strcmp(raw->kex, GEX) == 0)
            raw_expect_gex_request(raw);
        else
            raw_expect_init(raw);
        return;
    }
    raw_expect_init(raw);
    if (gap == BEFORE_GEX_REPLY)
        return;
    raw_send_reply(raw);
    raw_expect_newkeys(raw);
}

static bool
is_noise(uint8_t message)
{
    return message >= SSH2_MSG_IGNORE && message <= SSH2_MSG_DEBUG;
}

/* What is due there anyway. */
static bool
is_next(int gap, uint8_t message)
{
    return (gap == BEFORE_KEXINIT && message == SSH2_MSG_KEXINIT) ||
           (gap == BEFORE_NEWKEYS && message == SSH2_MSG_NEWKEYS);
}

static void
intrude(const char *kex, enum raw_strict strict, int gap, uint8_t message)
{
    struct fixture f;

    fixture_client(&f);
    f.raw.kex = kex;
    f.raw.strict = strict;
    reach_gap(&f, gap);
    send_sample(&f.raw, message);
    /* At the first packet strictness is not yet known. */
    if (gap == BEFORE_KEXINIT && is_noise(message)) {
        assert_false(f.user.closed);
        raw_send_kexinit(&f.raw);
    }
    if (is_noise(message) && strict == RAW_STRICT_NONE) {
        assert_false(f.user.closed);
    } else {
        assert_true(f.user.closed);
        assert_int_equal(f.user.end.reason, SSH_REASON_PROTOCOL_ERROR);
        assert_false(f.user.is_in);
    }
    fixture_clear(&f);
}

static void
test_3_1_nothing_stands_between_the_servers_messages(void **state)
{
    static const char *const methods[] = {"curve25519-sha256", GEX};

    (void)state;
    for (size_t k = 0; k < 2; k++)
        for (int strict = RAW_STRICT_NONE; strict <= RAW_STRICT_DRAFT; strict++)
            for (int gap = 0; gap < GAPS; gap++)
                for (size_t i = 0; i < sizeof(intruders); i++) {
                    if (is_next(gap, intruders[i]) ||
                        (k == 0 && gap == BEFORE_GEX_REPLY))
                        continue;
                    intrude(methods[k], (enum raw_strict)strict, gap,
                            intruders[i]);
                }
}

/* Numbers begin anew at each NEWKEYS, in re-keys as well. */
static void
test_3_1_a_strict_session_goes_on_through_rekeys(void **state)
{
    struct fixture f;

    (void)state;
    for (int strict = RAW_STRICT_V00; strict <= RAW_STRICT_DRAFT; strict++) {
        fixture_client(&f);
        f.raw.strict = (enum raw_strict)strict;
        raw_handshake(&f.raw);
        raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
        send_sample(&f.raw, SSH2_MSG_SERVICE_ACCEPT);
        raw_expect(&f.raw, SSH2_MSG_USERAUTH_REQUEST);
        raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_OPEN);
        for (int i = 0; i < 3; i++) {
            raw_rekey(&f.raw);
            send_global(&f.raw, "keepalive@openssh.com", true);
            raw_expect(&f.raw, SSH2_MSG_REQUEST_FAILURE);
        }
        /* Strict is the first exchange alone. */
        send_sample(&f.raw, SSH2_MSG_IGNORE);
        raw_send_kexinit(&f.raw);
        send_sample(&f.raw, SSH2_MSG_DEBUG);
        raw_expect_kexinit(&f.raw);
        raw_run_method(&f.raw);
        raw_expect_newkeys(&f.raw);
        fixture_clear(&f);
    }
}

static void
put_entries(struct buf *to, unsigned entries)
{
    for (unsigned i = 0; i < entries; i++) {
        buf_put_text(to, "server-sig-algs");
        buf_put_string(to, span_of("\xff\0,", 3));
    }
}

static void
test_3_15_ext_info_of_any_form(void **state)
{
    static const struct {
        uint32_t count;
        unsigned entries;
        bool cut, lives;
    } cases[] = {
        {0, 0, false, true},    {32, 32, false, true},
        {33, 33, false, false}, {UINT32_MAX, 1, false, false},
        {2, 1, false, false},   {1, 2, false, false},
        {1, 1, true, false},
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf *to;

        fixture_client(&f);
        raw_handshake(&f.raw);
        raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
        to = raw_begin(&f.raw, SSH2_MSG_EXT_INFO);
        buf_put_u32(to, cases[i].count);
        put_entries(to, cases[i].entries);
        if (cases[i].cut)
            buf_truncate(to, buf_len(to) - 1);
        raw_end(&f.raw);
        if (cases[i].lives)
            raw_expect_quiet(&f.raw);
        else
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_3_15_ext_info_at_a_wrong_place_ends(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 3; i++) {
        fixture_client(&f);
        raw_handshake(&f.raw);
        raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
        if (i == 0)
            send_sample(&f.raw, SSH2_MSG_IGNORE);
        if (i == 1)
            raw_rekey(&f.raw);
        if (i == 2)
            send_sample(&f.raw, SSH2_MSG_EXT_INFO); /* the one that may */
        send_sample(&f.raw, SSH2_MSG_EXT_INFO);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_3_1_nothing_stands_between_the_servers_messages),
        cmocka_unit_test(test_3_1_a_strict_session_goes_on_through_rekeys),
        cmocka_unit_test(test_3_15_ext_info_of_any_form),
        cmocka_unit_test(test_3_15_ext_info_at_a_wrong_place_ends),
    };

    return cmocka_run_group_tests_name("client, strict", tests, NULL, NULL);
}
