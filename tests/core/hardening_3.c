/*
 * Attacks on proposals and NEWKEYS; numbers as in section 3 of the list of
 * attacks and faults. Bad values are in hardening_3_values.c, re-keys in
 * hardening_3_rekey.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/names.h"
#include "fixture.h"
#include "ssh/v2/ssh2.h"

/* --- 3.2 to 3.5 KEXINIT ---------------------------------------------- */

static void
test_3_2_a_kexinit_cut_anywhere_ends(void **state)
{
    struct fixture f;
    struct buf whole;

    (void)state;
    buf_init(&whole, 65536);
    fixture_kexinit(&f);
    raw_send_kexinit(&f.raw);
    buf_put_span(&whole, buf_span(&f.raw.own_init));
    fixture_clear(&f);
    for (size_t len = 1; len < buf_len(&whole); len += 3) {
        fixture_kexinit(&f);
        raw_send(&f.raw, span_of(buf_bytes(&whole), len));
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
    buf_put_u8(&whole, 0);
    fixture_kexinit(&f);
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
        fixture_kexinit(&f);
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
        fixture_kexinit(&f);
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
        "curve25519-sha256,,",
        ",curve25519-sha256",
        "curve25519-sha256,,ecdh-sha2-nistp256",
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        fixture_kexinit(&f);
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
        fixture_kexinit(&f);
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
        fixture_kexinit(&f);
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
    fixture_kexinit(&f);
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
    fixture_kexinit(&f);
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

/* --- 3.12 NEWKEYS ---------------------------------------------------- */

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
    fixture_kexinit(&f);
    raw_send_kexinit(&f.raw);
    raw_run_method(&f.raw);
    raw_expect_newkeys(&f.raw);
    send_sample(&f.raw, SSH2_MSG_SERVICE_REQUEST);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
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
    };

    return cmocka_run_group_tests_name("hardening 3", tests, NULL, NULL);
}
