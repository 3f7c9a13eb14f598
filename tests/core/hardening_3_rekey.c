/*
 * Attacks on re-keying and by extension messages; numbers as in section 3 of
 * the list of attacks and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/names.h"
#include "fixture.h"
#include "ssh/v2/ssh2.h"

/* --- 3.13, 3.14 re-keying -------------------------------------------- */

static void
test_3_13_a_rekey_keeps_the_session_id(void **state)
{
    uint8_t first[HASH_MAX];
    struct fixture f;
    struct span id;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    id = ssh_conn_session_id(f.owner.conn);
    assert_int_equal(id.len, 32);
    memcpy(first, id.ptr, id.len);
    f.raw.kex = "ecdh-sha2-nistp521";
    raw_rekey(&f.raw);
    raw_expect_quiet(&f.raw);
    id = ssh_conn_session_id(f.owner.conn);
    assert_int_equal(id.len, 32);
    assert_memory_equal(id.ptr, first, 32);
    fixture_clear(&f);
}

static void
test_3_13_a_rekey_may_change_every_algorithm(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    f.raw.kex = "diffie-hellman-group14-sha1";
    f.raw.host_key = "ecdsa-sha2-nistp384";
    f.raw.cipher = "3des-cbc";
    f.raw.mac = "hmac-md5-96";
    raw_rekey(&f.raw);
    fixture_shell(&f, 1);
    assert_string_equal(ssh_conn_keys(f.owner.conn).cipher_in, "3des-cbc");
    assert_string_equal(ssh_conn_keys(f.owner.conn).mac_out, "hmac-md5-96");
    fixture_clear(&f);
}

static void
test_3_13_a_rekey_with_nothing_in_common_ends(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    f.raw.cipher = "none";
    raw_send_kexinit(&f.raw);
    raw_expect_kexinit(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
    fixture_clear(&f);
}

static void
test_3_13_a_storm_of_rekeys_ends(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    for (int i = 0; i < STORM_MAX; i++)
        raw_rekey(&f.raw);
    raw_expect_quiet(&f.raw);
    raw_send_kexinit(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_3_13_rekeys_of_an_idle_session_are_no_storm(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    for (uint64_t i = 1; i < 30; i++) {
        ssh_conn_tick(f.owner.conn, i * STORM_MS);
        raw_rekey(&f.raw);
    }
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

static void
test_3_13_rekeys_with_data_between_are_no_storm(void **state)
{
    static const uint8_t bytes[16384];
    struct fixture f;
    uint32_t channel;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    channel = fixture_open(&f, 0);
    for (int i = 0; i < 30; i++) {
        send_data(&f.raw, channel, span_of(bytes, sizeof(bytes)));
        send_data(&f.raw, channel, span_of(bytes, sizeof(bytes)));
        while (raw_next(&f.raw) == SSH2_MSG_CHANNEL_WINDOW_ADJUST)
            continue;
        raw_rekey(&f.raw);
    }
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

static void
test_3_13_both_sides_may_begin_at_once(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    ssh_conn_rekey(f.owner.conn);
    raw_send_kexinit(&f.raw);
    raw_expect_kexinit(&f.raw);
    raw_run_method(&f.raw);
    raw_expect_newkeys(&f.raw);
    raw_send_newkeys(&f.raw);
    raw_expect_quiet(&f.raw);
    assert_int_equal(ssh_conn_keys(f.owner.conn).exchanges, 2);
    fixture_clear(&f);
}

static void
test_3_13_a_rekey_before_login_changes_nothing(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_keys(&f);
    raw_rekey(&f.raw);
    send_service_request(&f.raw, "ssh-userauth");
    raw_expect(&f.raw, SSH2_MSG_SERVICE_ACCEPT);
    raw_rekey(&f.raw);
    send_password(&f.raw, "lab", "wrong");
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_FAILURE);
    raw_rekey(&f.raw);
    send_password(&f.raw, "lab", "cisco");
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    fixture_clear(&f);
}

static void
test_3_13_an_exchange_we_began_has_a_deadline(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    fixture_open(&f, 0);
    ssh_conn_tick(f.owner.conn, 0);
    ssh_conn_rekey(f.owner.conn);
    raw_take(&f.raw);
    raw_expect_kexinit(&f.raw);
    ssh_conn_tick(f.owner.conn, 5);
    assert_int_equal(ssh_conn_deadline(f.owner.conn), 5 + KEX_TIME_MS);
    ssh_conn_tick(f.owner.conn, 5 + KEX_TIME_MS);
    raw_take(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_BY_APPLICATION);
    fixture_clear(&f);
}

/* Our KEXINIT is out; what the peer had sent before it saw that is taken, and
   answered behind our NEWKEYS, in order. */
static void
test_3_14_messages_under_way_are_answered_after_newkeys(void **state)
{
    struct fixture f;
    uint32_t channel;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    channel = fixture_shell(&f, 4);
    ssh_conn_rekey(f.owner.conn);
    send_data(&f.raw, channel, span_text("typed ahead"));
    send_request(&f.raw, channel, "env", true, "LANG");
    send_global(&f.raw, "keepalive@openssh.com", true);
    send_open(&f.raw, "session", 9, 1000, 1000);
    send_open(&f.raw, "x11", 10, 1000, 1000);
    raw_send_number(&f.raw, 199);
    raw_expect_kexinit(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_UNIMPLEMENTED);
    raw_expect_quiet(&f.raw);
    raw_send_kexinit(&f.raw);
    raw_run_method(&f.raw);
    raw_expect_newkeys(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    raw_expect(&f.raw, SSH2_MSG_REQUEST_FAILURE);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_OPEN_CONFIRMATION);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_OPEN_FAILURE);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_DATA);
    raw_send_newkeys(&f.raw);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

/* As asyncssh 2.10 does; all else that belongs to channels is the end. */
static void
test_3_14_data_may_come_up_to_newkeys(void **state)
{
    static const uint8_t others[] = {
        SSH2_MSG_CHANNEL_OPEN, SSH2_MSG_CHANNEL_CLOSE, SSH2_MSG_CHANNEL_REQUEST,
        SSH2_MSG_GLOBAL_REQUEST};
    struct fixture f;
    uint32_t channel;

    (void)state;
    channel = fixture_server_shell(&f);
    raw_send_kexinit(&f.raw);
    raw_expect_kexinit(&f.raw);
    send_data(&f.raw, channel, span_text("abc"));
    send_adjust(&f.raw, channel, 10);
    raw_run_method(&f.raw);
    raw_expect_newkeys(&f.raw);
    send_data(&f.raw, channel, span_text("def"));
    send_channel(&f.raw, SSH2_MSG_CHANNEL_EOF, channel);
    raw_send_newkeys(&f.raw);
    assert_false(f.owner.closed);
    assert_int_equal(ssh_conn_keys(f.owner.conn).exchanges, 2);
    fixture_clear(&f);
    for (size_t i = 0; i < sizeof(others); i++) {
        fixture_server_shell(&f);
        raw_send_kexinit(&f.raw);
        raw_expect_kexinit(&f.raw);
        send_sample(&f.raw, others[i]);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

/* Before there is a channel, or anybody has logged in, none of it may come. */
static void
test_3_14_no_data_before_the_login(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_keys(&f);
    raw_send_kexinit(&f.raw);
    raw_expect_kexinit(&f.raw);
    send_data(&f.raw, 0, span_text("abc"));
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_3_14_what_waits_for_an_exchange_is_bounded(void **state)
{
    struct fixture f;
    int sent = 0;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    ssh_conn_rekey(f.owner.conn);
    while (!f.owner.closed && sent++ < 10000)
        send_global(&f.raw, "keepalive@openssh.com", true);
    assert_in_range(sent, 1000, HELD_MAX / 5 + 1);
    raw_expect_kexinit(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

/* --- 3.15 EXT_INFO --------------------------------------------------- */

static void
send_ext_info(struct raw *raw, uint32_t count, unsigned entries)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_EXT_INFO);

    buf_put_u32(to, count);
    for (unsigned i = 0; i < entries; i++) {
        buf_put_text(to, "ext-info-in-auth@openssh.com");
        buf_put_string(to, span_of("0\0\xff", 3));
    }
    raw_end(raw);
}

static void
test_3_15_ext_info_is_taken_right_after_newkeys(void **state)
{
    static const unsigned counts[] = {0, 1, 32};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        fixture_server(&f);
        fixture_keys(&f);
        send_ext_info(&f.raw, counts[i], counts[i]);
        raw_expect_quiet(&f.raw);
        fixture_clear(&f);
    }
}

static void
test_3_15_ext_info_elsewhere_ends(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 4; i++) {
        fixture_server(&f);
        if (i == 0) {
            fixture_keys(&f);
            send_sample(&f.raw, SSH2_MSG_IGNORE);
        } else if (i == 1) {
            fixture_keys(&f);
            raw_rekey(&f.raw);
        } else if (i == 2) {
            fixture_service(&f);
        } else {
            fixture_login(&f);
        }
        send_ext_info(&f.raw, 0, 0);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_3_15_malformed_ext_info_ends(void **state)
{
    static const struct {
        uint32_t count;
        unsigned entries;
    } cases[] = {{UINT32_MAX, 1}, {33, 33}, {2, 1}, {1, 2}, {0, 1}};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_server(&f);
        fixture_keys(&f);
        send_ext_info(&f.raw, cases[i].count, cases[i].entries);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_3_15_we_send_it_only_to_those_who_take_it(void **state)
{
    struct fixture f;
    struct reader r;

    (void)state;
    fixture_server(&f);
    fixture_keys(&f); /* ends quietly: nothing behind NEWKEYS */
    fixture_clear(&f);
    fixture_server(&f);
    f.raw.ext_info = true;
    raw_handshake(&f.raw);
    r = raw_fields(&f.raw);
    assert_int_equal(read_u32(&r), 1);
    assert_true(span_is(read_string(&r), "server-sig-algs"));
    assert_true(span_is(read_string(&r), pump_all_host_keys()));
    assert_true(read_done(&r));
    raw_rekey(&f.raw);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_3_13_a_rekey_keeps_the_session_id),
        cmocka_unit_test(test_3_13_a_rekey_may_change_every_algorithm),
        cmocka_unit_test(test_3_13_a_rekey_with_nothing_in_common_ends),
        cmocka_unit_test(test_3_13_a_storm_of_rekeys_ends),
        cmocka_unit_test(test_3_13_rekeys_of_an_idle_session_are_no_storm),
        cmocka_unit_test(test_3_13_rekeys_with_data_between_are_no_storm),
        cmocka_unit_test(test_3_13_both_sides_may_begin_at_once),
        cmocka_unit_test(test_3_13_a_rekey_before_login_changes_nothing),
        cmocka_unit_test(test_3_13_an_exchange_we_began_has_a_deadline),
        cmocka_unit_test(
            test_3_14_messages_under_way_are_answered_after_newkeys),
        cmocka_unit_test(test_3_14_data_may_come_up_to_newkeys),
        cmocka_unit_test(test_3_14_no_data_before_the_login),
        cmocka_unit_test(test_3_14_what_waits_for_an_exchange_is_bounded),
        cmocka_unit_test(test_3_15_ext_info_is_taken_right_after_newkeys),
        cmocka_unit_test(test_3_15_ext_info_elsewhere_ends),
        cmocka_unit_test(test_3_15_malformed_ext_info_ends),
        cmocka_unit_test(test_3_15_we_send_it_only_to_those_who_take_it),
    };

    return cmocka_run_group_tests_name("hardening 3, re-keying", tests, NULL,
                                       NULL);
}
