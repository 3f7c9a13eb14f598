/*
 * Attacks on the key exchange; numbers as in section 3 of the list of attacks
 * and faults. The second half of it, against group values and from servers,
 * is in hardening_3_values.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/names.h"
#include "fixture.h"
#include "ssh/protocol.h"
#include "ssh/v2/ssh2.h"

/* --- 3.1 strict key exchange
 * ----------------------------------------------------- */

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

/* --- 3.2 to 3.5 KEXINIT
 * ------------------------------------------------------------ */

static void
start_exchange(struct fixture *f)
{
    fixture_server(f);
    raw_idents(&f->raw);
    raw_expect_kexinit(&f->raw);
}

static void
test_3_2_a_kexinit_cut_anywhere_ends(void **state)
{
    struct fixture f;
    struct buf whole;

    (void)state;
    buf_init(&whole, 65536);
    start_exchange(&f);
    raw_send_kexinit(&f.raw);
    buf_put_span(&whole, buf_span(&f.raw.own_init));
    fixture_clear(&f);
    for (size_t len = 1; len < buf_len(&whole); len += 3) {
        start_exchange(&f);
        raw_send(&f.raw, span_of(buf_bytes(&whole), len));
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
    buf_put_u8(&whole, 0);
    start_exchange(&f);
    raw_send(&f.raw, buf_span(&whole));
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
    buf_clear(&whole);
}

static void
test_3_2_a_list_that_lies_about_its_length_ends(void **state)
{
    struct fixture f;
    uint8_t *bytes;

    (void)state;
    for (int i = 0; i < 4; i++) {
        start_exchange(&f);
        raw_make_kexinit(&f.raw);
        bytes = buf_bytes(&f.raw.scratch);
        bytes[17 + i] = 0xff;
        raw_end(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

/* `count` names of `len` bytes each. */
static const char *
many_names(size_t count, size_t len)
{
    static char list[40000];
    size_t at = 0;

    assert_true(count * (len + 1) < sizeof(list));
    for (size_t i = 0; i < count; i++) {
        memset(list + at, 'a' + (int)(i % 26), len);
        at += len;
        list[at++] = ',';
    }
    list[at - 1] = '\0';
    return list;
}

static void
test_3_2_lists_have_limits(void **state)
{
    static const struct {
        size_t count, len;
        enum ssh_reason reason;
    } lists[] = {
        {256, 5, SSH_REASON_KEY_EXCHANGE_FAILED},
        {257, 5, SSH_REASON_PROTOCOL_ERROR},
        {1, 8192, SSH_REASON_KEY_EXCHANGE_FAILED},
        {1, 8193, SSH_REASON_PROTOCOL_ERROR},
        {15000, 1, SSH_REASON_PROTOCOL_ERROR},
        {40, 65, SSH_REASON_KEY_EXCHANGE_FAILED},
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        start_exchange(&f);
        f.raw.kex = many_names(lists[i].count, lists[i].len);
        raw_send_kexinit(&f.raw);
        raw_expect_end(&f.raw, lists[i].reason);
        fixture_clear(&f);
    }
}

static void
test_3_2_empty_names_end(void **state)
{
    static const char *const lists[] = {
        ",,,,",
        "curve25519-sha256,",
        ",curve25519-sha256",
        "curve25519-sha256,,ecdh-sha2-nistp256",
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        start_exchange(&f);
        f.raw.kex = lists[i];
        raw_send_kexinit(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_3_2_names_match_whole(void **state)
{
    static const char *const lists[] = {
        "",
        "curve25519-sha25",
        "curve25519-sha2566",
        "Curve25519-sha256",
        "curve25519-sha256 ",
        "\x80\x81",
        "curve25519-sha256@libssh.or",
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        start_exchange(&f);
        f.raw.kex = lists[i];
        raw_send_kexinit(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
        fixture_clear(&f);
    }
}

static void
test_3_3_nothing_in_common_in_one_list_ends(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 5; i++) {
        start_exchange(&f);
        if (i == 0)
            f.raw.kex = "sntrup761x25519-sha512@openssh.com";
        if (i == 1)
            f.raw.host_key = "ssh-dss";
        if (i == 2)
            f.raw.cipher = "aes128-ct";
        if (i == 3)
            f.raw.mac = "umac-64@openssh.com";
        if (i == 4)
            f.raw.compression = "zlib";
        raw_send_kexinit(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
        fixture_clear(&f);
    }
}

static void
test_3_3_a_mac_list_does_not_matter_to_aead(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    f.raw.cipher = "aes128-gcm@openssh.com";
    f.raw.mac = "umac-64@openssh.com";
    fixture_keys(&f);
    fixture_clear(&f);
}

static void
test_3_4_a_second_kexinit_ends(void **state)
{
    struct fixture f;

    (void)state;
    start_exchange(&f);
    raw_send_kexinit(&f.raw);
    raw_send_kexinit(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

/* A guess is a key exchange packet sent before the other's KEXINIT is known;
   garbage will do to see whether it is looked at. */
static void
send_guess(struct raw *raw)
{
    buf_put_text(raw_begin(raw, SSH2_MSG_KEX_INIT), "guess");
    raw_end(raw);
}

static void
test_3_5_a_wrong_guess_is_dropped_once(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 4; i++) {
        fixture_server(&f);
        f.raw.strict = i < 2 ? RAW_STRICT_NONE : RAW_STRICT_V00;
        f.raw.guesses = true;
        if (i % 2 == 0)
            f.raw.kex = "ecdh-sha2-nistp256,curve25519-sha256";
        else
            f.raw.host_key = "ecdsa-sha2-nistp256,ssh-ed25519";
        raw_idents(&f.raw);
        raw_expect_kexinit(&f.raw);
        raw_send_kexinit(&f.raw);
        send_guess(&f.raw);
        raw_expect_quiet(&f.raw);
        raw_run_method(&f.raw);
        raw_expect_newkeys(&f.raw);
        raw_send_newkeys(&f.raw);
        raw_expect_quiet(&f.raw);
        fixture_clear(&f);
    }
}

static void
test_3_5_only_one_packet_is_dropped(void **state)
{
    struct fixture f;

    (void)state;
    start_exchange(&f);
    f.raw.guesses = true;
    f.raw.host_key = "ecdsa-sha2-nistp256,ssh-ed25519";
    raw_send_kexinit(&f.raw);
    send_guess(&f.raw);
    send_guess(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_3_5_a_right_guess_is_used(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    f.raw.guesses = true;
    f.raw.kex = "curve25519-sha256,ecdh-sha2-nistp256";
    f.raw.host_key = signature_methods[0].name;
    raw_idents(&f.raw);
    raw_expect_kexinit(&f.raw);
    raw_send_kexinit(&f.raw);
    raw_send_init(&f.raw);
    raw_expect_reply(&f.raw);
    raw_expect_newkeys(&f.raw);
    raw_send_newkeys(&f.raw);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

/* --- 3.12 NEWKEYS
 * -------------------------------------------------------------------- */

static void
test_3_12_newkeys_only_where_it_belongs(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 5; i++) {
        fixture_server(&f);
        if (i < 2) {
            raw_idents(&f.raw);
            raw_expect_kexinit(&f.raw);
            if (i == 1)
                raw_send_kexinit(&f.raw);
        } else if (i == 2) {
            fixture_keys(&f);
        } else if (i == 3) {
            fixture_service(&f);
        } else {
            fixture_login(&f);
        }
        raw_send_number(&f.raw, SSH2_MSG_NEWKEYS);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_3_12_clear_text_after_newkeys_does_not_open(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    f.raw.cipher = "aes256-gcm@openssh.com";
    raw_idents(&f.raw);
    raw_expect_kexinit(&f.raw);
    raw_send_kexinit(&f.raw);
    raw_run_method(&f.raw);
    raw_expect_newkeys(&f.raw);
    raw_send_number(&f.raw, SSH2_MSG_NEWKEYS);
    /* The cipher is on at once; these are still in clear. */
    for (int i = 0; i < 3; i++)
        send_sample(&f.raw, SSH2_MSG_SERVICE_REQUEST);
    raw_expect(&f.raw, SSH2_MSG_DISCONNECT);
    assert_true(f.owner.closed);
    fixture_clear(&f);
}

static void
test_3_12_a_service_request_in_clear_ends(void **state)
{
    struct fixture f;

    (void)state;
    start_exchange(&f);
    raw_send_kexinit(&f.raw);
    raw_run_method(&f.raw);
    raw_expect_newkeys(&f.raw);
    send_sample(&f.raw, SSH2_MSG_SERVICE_REQUEST);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

/* --- 3.13, 3.14 re-keying
 * --------------------------------------------------------------- */

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

/* --- 3.15 EXT_INFO
 * ----------------------------------------------------------------------------
 */

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
        cmocka_unit_test(test_3_1_nothing_is_let_into_the_first_exchange),
        cmocka_unit_test(test_3_1_disconnect_is_honoured_in_each_gap),
        cmocka_unit_test(test_3_1_sequence_numbers_begin_again_at_each_newkeys),
        cmocka_unit_test(test_3_1_without_it_sequence_numbers_go_on),
        cmocka_unit_test(test_3_1_it_outlives_its_names),
        cmocka_unit_test(test_3_1_our_names_are_in_the_first_kexinit_only),
        cmocka_unit_test(test_3_1_markers_are_never_chosen),
        cmocka_unit_test(test_3_1_the_sequence_number_may_not_wrap),
        cmocka_unit_test(test_3_2_a_kexinit_cut_anywhere_ends),
        cmocka_unit_test(test_3_2_a_list_that_lies_about_its_length_ends),
        cmocka_unit_test(test_3_2_lists_have_limits),
        cmocka_unit_test(test_3_2_empty_names_end),
        cmocka_unit_test(test_3_2_names_match_whole),
        cmocka_unit_test(test_3_3_nothing_in_common_in_one_list_ends),
        cmocka_unit_test(test_3_3_a_mac_list_does_not_matter_to_aead),
        cmocka_unit_test(test_3_4_a_second_kexinit_ends),
        cmocka_unit_test(test_3_5_a_wrong_guess_is_dropped_once),
        cmocka_unit_test(test_3_5_only_one_packet_is_dropped),
        cmocka_unit_test(test_3_5_a_right_guess_is_used),
        cmocka_unit_test(test_3_12_newkeys_only_where_it_belongs),
        cmocka_unit_test(test_3_12_clear_text_after_newkeys_does_not_open),
        cmocka_unit_test(test_3_12_a_service_request_in_clear_ends),
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
        cmocka_unit_test(test_3_14_what_waits_for_an_exchange_is_bounded),
        cmocka_unit_test(test_3_15_ext_info_is_taken_right_after_newkeys),
        cmocka_unit_test(test_3_15_ext_info_elsewhere_ends),
        cmocka_unit_test(test_3_15_malformed_ext_info_ends),
        cmocka_unit_test(test_3_15_we_send_it_only_to_those_who_take_it),
    };

    return cmocka_run_group_tests_name("hardening 3", tests, NULL, NULL);
}
