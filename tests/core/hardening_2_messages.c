/*
 * Every message number in every state, and floods; numbers as in section 2 of
 * the list of attacks and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fates.h"
#include "ssh/v2/ssh2.h"

/* --- 2.16: every number in every state ------------------------------- */

static void
reach_kexinit(struct fixture *f)
{
    raw_idents(&f->raw);
    raw_expect_kexinit(&f->raw);
}

static void
reach_kex_init(struct fixture *f)
{
    reach_kexinit(f);
    raw_send_kexinit(&f->raw);
}

static void
reach_newkeys(struct fixture *f)
{
    reach_kex_init(f);
    raw_run_method(&f->raw);
    raw_expect_newkeys(&f->raw);
}

/* Behind the packet that might have been EXT_INFO. */
static void
reach_service(struct fixture *f)
{
    fixture_keys(f);
    raw_send_number(&f->raw, SSH2_MSG_IGNORE);
}

static void
reach_open(struct fixture *f)
{
    fixture_login(f);
    fixture_shell(f, 7);
}

static void
reach_rekey(struct fixture *f)
{
    fixture_login(f);
    raw_send_kexinit(&f->raw);
    raw_expect_kexinit(&f->raw);
}

/* 98: the sample asks for a shell on a channel that has one. */
static const struct fates fates[] = {
    {"KEXINIT", reach_kexinit, "2-4,20", "", ""},
    {"KEX_INIT", reach_kex_init, "2-4", "0,8-19,22-29", "30"},
    {"NEWKEYS", reach_newkeys, "2-4", "0,8-19,22-29", "21"},
    {"SERVICE", reach_service, "2-4", "0,8-19,22-29,54-59,62-79", "5,20"},
    {"AUTH", fixture_service, "2-4", "0,8-19,22-29,54-59,62-79", "5,20,50,61"},
    {"OPEN", reach_open, "2-4,50,61,93,95",
     "0,8-19,22-29,54-59,62-79,83-89,101-255", "20,80,90,94,96,97,98"},
    {"REKEY", reach_rekey, "2-4", "0,8-19,22-29", "30"},
};

static void
test_2_16_every_number_in_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++)
        fates_expect(&fates[i], fixture_server);
}

/* --- floods ---------------------------------------------------------- */

static void
test_2_17_noise_is_free_after_login(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    for (int i = 0; i < 30000; i++)
        send_sample(&f.raw, (uint8_t)(SSH2_MSG_IGNORE + i % 3));
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

static void
test_2_17_noise_is_bounded_before_login(void **state)
{
    struct fixture f;
    int sent = 0;

    (void)state;
    fixture_server(&f);
    fixture_keys(&f);
    while (!f.owner.closed && sent < 3000) {
        send_sample(&f.raw, SSH2_MSG_IGNORE);
        sent++;
    }
    /* KEXINIT, the value and NEWKEYS came before. */
    assert_int_equal(sent, SSH_PREAUTH_PACKETS_MAX - 3 + 1);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_2_18_answers_that_nobody_reads_are_bounded(void **state)
{
    static const uint8_t unknown[] = {192};
    struct fixture f;
    size_t peak = 0;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    for (int i = 0; i < 100000 && ssh_conn_wants_input(f.owner.conn); i++) {
        size_t mark, taken;

        buf_reset(&f.raw.packet);
        mark = packet_begin(&f.raw.packet);
        buf_put(&f.raw.packet, unknown, 1);
        assert_int_equal(packet_seal(&f.raw.tx, &f.raw.packet, mark,
                                     chance_bytes, &f.raw.chance),
                         OK);
        taken = ssh_conn_input(f.owner.conn, buf_bytes(&f.raw.packet),
                               buf_len(&f.raw.packet));
        assert_int_equal(taken, buf_len(&f.raw.packet));
        peak = ssh_conn_output(f.owner.conn).len;
    }
    assert_false(ssh_conn_wants_input(f.owner.conn));
    assert_true(peak > SSH_OUTPUT_MAX / 2 && peak <= SSH_OUTPUT_MAX);
    /* Read it, and it goes on. */
    raw_take(&f.raw);
    assert_true(ssh_conn_wants_input(f.owner.conn));
    fixture_clear(&f);
}

static void
test_2_18_unknown_messages_in_an_exchange_are_few(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    reach_rekey(&f);
    for (int i = 0; i < KEX_UNIMPLEMENTED_MAX; i++) {
        raw_send_number(&f.raw, 25);
        raw_expect(&f.raw, SSH2_MSG_UNIMPLEMENTED);
    }
    raw_send_number(&f.raw, 25);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_2_19_disconnects_of_any_form_are_the_end(void **state)
{
    static char huge[30000];
    struct fixture f;

    (void)state;
    memset(huge, 0x1b, sizeof(huge));
    for (int i = 0; i < 4; i++) {
        struct buf *to;

        fixture_server(&f);
        fixture_login(&f);
        to = raw_begin(&f.raw, SSH2_MSG_DISCONNECT);
        if (i > 0)
            buf_put_u32(to, 11);
        if (i == 2)
            buf_put_string(to, span_of(huge, sizeof(huge)));
        if (i == 3)
            buf_put_string(to, span_text("\xff\xfe\033[2J\r\nforged"));
        raw_end(&f.raw);
        raw_expect(&f.raw, RAW_NOTHING);
        assert_true(f.owner.closed);
        assert_true(f.owner.end.by_peer);
        assert_true(strlen(f.owner.end.text) <= 4 * 128);
        for (const char *p = f.owner.end.text; *p != '\0'; p++)
            assert_true(*p >= ' ' && *p < 0x7f);
        fixture_clear(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_2_16_every_number_in_every_state),
        cmocka_unit_test(test_2_17_noise_is_free_after_login),
        cmocka_unit_test(test_2_17_noise_is_bounded_before_login),
        cmocka_unit_test(test_2_18_answers_that_nobody_reads_are_bounded),
        cmocka_unit_test(test_2_18_unknown_messages_in_an_exchange_are_few),
        cmocka_unit_test(test_2_19_disconnects_of_any_form_are_the_end),
    };

    return cmocka_run_group_tests_name("hardening 2, messages", tests, NULL,
                                       NULL);
}
