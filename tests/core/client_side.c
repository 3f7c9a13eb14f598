/*
 * A client under test and servers that lie: hardening 3.11, 3.13, 4.17, 4.18
 * and section 8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/exchange_hash.h"
#include "fixture.h"
#include "ssh/v2/ssh2.h"

/* --- states ---------------------------------------------------------- */

static void
reach_init(struct fixture *f)
{
    fixture_client(f);
    raw_idents(&f->raw);
    raw_expect_kexinit(&f->raw);
    raw_send_kexinit(&f->raw);
    raw_expect_init(&f->raw);
}

static void
reach_auth(struct fixture *f)
{
    fixture_client(f);
    fixture_there_auth(f);
}

static void
reach_session(struct fixture *f)
{
    fixture_client(f);
    fixture_there_session(f);
}

/* --- 3.11 the server's proof ----------------------------------------- */

/* A reply with one thing wrong in it. */
enum lie {
    LIE_NONE,
    LIE_NAME,      /* the signature is named for another hash */
    LIE_KEY_TYPE,  /* a key of another type signs */
    LIE_OTHER_KEY, /* K_S is not the key that signed */
    LIE_HASH,      /* something else was signed */
    LIE_CUT,
    LIE_EMPTY,
    LIE_GARBAGE_KEY,
    LIE_VALUE, /* the value is of another exchange */
    LIES
};

static void
send_lying_reply(struct fixture *f, enum lie lie)
{
    const struct test_key *keys = keys_of_all_types();
    struct raw *raw = &f->raw;
    struct buf reply;
    struct reader r;
    struct span blob, value, signature;
    struct buf *to;

    /* Let the honest reply be made, and take it back. */
    buf_init(&reply, 65536);
    raw_make_reply(raw);
    buf_put_span(&reply, buf_span(&raw->scratch));
    r = reader_over(buf_span(&reply));
    read_u8(&r);
    blob = read_string(&r);
    value = read_string(&r);
    signature = read_string(&r);
    assert_true(read_done(&r));
    switch (lie) {
    case LIE_NAME: /* rsa-sha2-512 becomes rsa-sha2-256 */
        memcpy((uint8_t *)(uintptr_t)signature.ptr + 4, "rsa-sha2-256", 12);
        break;
    case LIE_KEY_TYPE:
        blob = buf_span(&keys[KEY_ECDSA_256].blob);
        break;
    case LIE_OTHER_KEY:
        ((uint8_t *)(uintptr_t)blob.ptr)[blob.len - 1] ^= 2;
        break;
    case LIE_HASH:
        ((uint8_t *)(uintptr_t)signature.ptr)[signature.len - 1] ^= 1;
        break;
    case LIE_CUT:
        signature.len--;
        break;
    case LIE_EMPTY:
        signature.len = 0;
        break;
    case LIE_GARBAGE_KEY:
        blob = span_text("no key");
        break;
    case LIE_VALUE:
        ((uint8_t *)(uintptr_t)value.ptr)[0] ^= 1;
        break;
    default:
        break;
    }
    to = raw_begin(raw, SSH2_MSG_KEX_REPLY);
    buf_put_string(to, blob);
    buf_put_string(to, value);
    buf_put_string(to, signature);
    buf_clear(&reply);
    raw_end(raw);
}

static void
test_3_11_lying_servers_are_left(void **state)
{
    struct fixture f;

    (void)state;
    for (int lie = LIE_NONE; lie < LIES; lie++) {
        fixture_client(&f);
        f.raw.host_key = "rsa-sha2-512";
        raw_idents(&f.raw);
        raw_expect_kexinit(&f.raw);
        raw_send_kexinit(&f.raw);
        raw_expect_init(&f.raw);
        send_lying_reply(&f, lie);
        if (lie == LIE_NONE)
            raw_expect_newkeys(&f.raw);
        else
            raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
        fixture_clear(&f);
    }
}

static void
test_3_13_the_host_key_may_not_change_in_a_rekey(void **state)
{
    struct fixture f;

    (void)state;
    fixture_client(&f);
    f.raw.host_key = "ssh-ed25519";
    raw_handshake(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
    raw_send_kexinit(&f.raw);
    raw_expect_kexinit(&f.raw);
    raw_run_method(&f.raw);
    raw_expect_newkeys(&f.raw);
    raw_send_newkeys(&f.raw);
    raw_expect_quiet(&f.raw);
    f.raw.host_key = "ecdsa-sha2-nistp256";
    raw_send_kexinit(&f.raw);
    raw_expect_kexinit(&f.raw);
    raw_run_method(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
    fixture_clear(&f);
}

static void
test_8_1_a_host_key_that_is_not_trusted(void **state)
{
    uint8_t hash[HASH_MAX];
    struct ssh_event event;
    size_t len;
    struct fixture f;

    (void)state;
    reach_init(&f);
    fixture_let_alone(&f);
    raw_send_reply(&f.raw);
    assert_true(ssh_conn_next_event(f.user.conn, &event));
    assert_int_equal(event.type, SSH_EVENT_HOST_KEY);
    assert_true(span_equal(event.bytes,
                           buf_span(&keys_of_all_types()[KEY_ED25519].blob)));
    /* From what it says the owner can make the session id himself. */
    assert_int_equal(exchange_hash(event.sign.hash, event.sign.before,
                                   event.bytes, event.sign.after, hash, &len),
                     OK);
    assert_int_equal(len, f.raw.session_id_len);
    assert_memory_equal(hash, f.raw.session_id, len);
    assert_false(ssh_conn_wants_input(f.user.conn));
    raw_expect(&f.raw, RAW_NOTHING);
    ssh_conn_host_key_reply(f.user.conn, false);
    raw_take(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_BY_APPLICATION);
    fixture_clear(&f);
}

/* --- 4.17, 4.18 ------------------------------------------------------ */

/* A server that asks for nothing: the owner sees success, and that he had sent
   no more than his name. */
static void
test_4_17_success_without_a_proof_is_told_as_such(void **state)
{
    struct ssh_event event;
    struct fixture f;

    (void)state;
    fixture_client(&f);
    raw_handshake(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
    fixture_let_alone(&f);
    send_sample(&f.raw, SSH2_MSG_SERVICE_ACCEPT);
    assert_true(ssh_conn_next_event(f.user.conn, &event));
    assert_int_equal(event.type, SSH_EVENT_READY);
    ssh_conn_auth_none(f.user.conn, "lab");
    raw_take(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_REQUEST);
    raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    assert_true(ssh_conn_next_event(f.user.conn, &event));
    assert_int_equal(event.type, SSH_EVENT_AUTH_SUCCESS);
    /* No request can be made any more, so no secret can leak. */
    ssh_conn_auth_password(f.user.conn, "lab", span_text("secret"));
    raw_take(&f.raw);
    raw_expect(&f.raw, RAW_NOTHING);
    fixture_clear(&f);
}

static void
test_4_18_success_without_a_request(void **state)
{
    struct fixture f;

    (void)state;
    fixture_client(&f);
    raw_handshake(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
    raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);

    reach_auth(&f);
    send_sample(&f.raw, SSH2_MSG_USERAUTH_FAILURE);
    assert_int_equal(f.user.failures, 1);
    raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

/* It answers a query, a question's method and a password; no other request. */
static void
test_4_18_message_60_has_the_meaning_of_the_request(void **state)
{
    struct ssh_event event;
    struct fixture f;
    struct buf *to;

    (void)state;
    for (int i = 0; i < 3; i++) {
        reach_auth(&f);
        fixture_let_alone(&f);
        if (i == 0) {
            to = raw_begin(&f.raw, SSH2_MSG_USERAUTH_PASSWD_CHANGEREQ);
            buf_put_text(to, "New password: ");
            buf_put_text(to, "");
            raw_end(&f.raw);
            assert_true(ssh_conn_next_event(f.user.conn, &event));
            assert_int_equal(event.type, SSH_EVENT_AUTH_CHANGE_PASSWORD);
            ssh_conn_auth_none(f.user.conn, "lab");
        } else if (i == 1) {
            ssh_conn_auth_key(f.user.conn, "lab", span_text("ssh-ed25519"),
                              span_text("key"), span_text("signature"));
        } else {
            ssh_conn_auth_key_query(f.user.conn, "lab",
                                    span_text("ssh-ed25519"), span_text("key"));
        }
        raw_take(&f.raw);
        raw_expect(&f.raw, SSH2_MSG_USERAUTH_REQUEST);
        send_sample(&f.raw, SSH2_MSG_USERAUTH_PK_OK);
        assert_true(ssh_conn_next_event(f.user.conn, &event));
        assert_int_equal(event.type,
                         i == 2 ? SSH_EVENT_AUTH_PK_OK : SSH_EVENT_CLOSED);
        fixture_clear(&f);
    }
}

static void
test_4_18_prompts_are_few(void **state)
{
    static const uint32_t counts[] = {0, 16, 17, 0x80000000, UINT32_MAX};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct buf *to;

        fixture_client(&f);
        f.user.method = USER_INTERACTIVE;
        raw_handshake(&f.raw);
        raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
        send_sample(&f.raw, SSH2_MSG_SERVICE_ACCEPT);
        raw_expect(&f.raw, SSH2_MSG_USERAUTH_REQUEST);
        to = raw_begin(&f.raw, SSH2_MSG_USERAUTH_INFO_REQUEST);
        buf_put_text(to, "\033]0;title\007");
        buf_put_text(to, "");
        buf_put_text(to, "");
        buf_put_u32(to, counts[i]);
        for (uint32_t j = 0; j < counts[i] && j < 20; j++) {
            buf_put_text(to, "?");
            buf_put_bool(to, true);
        }
        raw_end(&f.raw);
        if (counts[i] <= 16)
            raw_expect(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);
        else
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_ext_info_right_before_success_only(void **state)
{
    struct fixture f;

    (void)state;
    reach_auth(&f);
    send_sample(&f.raw, SSH2_MSG_EXT_INFO);
    raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    assert_true(f.user.is_in);
    fixture_clear(&f);

    reach_auth(&f);
    send_sample(&f.raw, SSH2_MSG_EXT_INFO);
    send_sample(&f.raw, SSH2_MSG_USERAUTH_FAILURE);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_server_sig_algs_are_kept(void **state)
{
    struct fixture f;
    struct buf *to;

    (void)state;
    fixture_client(&f);
    raw_handshake(&f.raw);
    assert_int_equal(ssh_conn_server_sig_algs(f.user.conn).len, 0);
    to = raw_begin(&f.raw, SSH2_MSG_EXT_INFO);
    buf_put_u32(to, 2);
    buf_put_text(to, "no-flow-control");
    buf_put_text(to, "p");
    buf_put_text(to, "server-sig-algs");
    buf_put_text(to, "ssh-ed25519,rsa-sha2-256");
    raw_end(&f.raw);
    assert_true(span_is(ssh_conn_server_sig_algs(f.user.conn),
                        "ssh-ed25519,rsa-sha2-256"));
    fixture_clear(&f);
}

/* --- 5.1, 8.3: what a server asks of us ------------------------------ */

static void
test_5_1_a_client_opens_nothing_for_a_server(void **state)
{
    static const struct {
        const char *type;
        uint32_t reason;
    } types[] = {
        {"session", SSH2_OPEN_PROHIBITED},
        {"forwarded-tcpip", SSH2_OPEN_PROHIBITED},
        {"x11", SSH2_OPEN_PROHIBITED},
        {"auth-agent@openssh.com", SSH2_OPEN_PROHIBITED},
        {"whatever", SSH2_OPEN_UNKNOWN_TYPE},
    };
    struct fixture f;
    struct reader r;

    (void)state;
    reach_session(&f);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        send_open(&f.raw, types[i].type, 50, UINT32_MAX, UINT32_MAX);
        raw_expect(&f.raw, SSH2_MSG_CHANNEL_OPEN_FAILURE);
        r = raw_fields(&f.raw);
        assert_int_equal(read_u32(&r), 50);
        assert_int_equal(read_u32(&r), types[i].reason);
    }
    fixture_clear(&f);
}

static void
test_8_3_global_and_channel_requests_of_a_server(void **state)
{
    struct fixture f;

    (void)state;
    reach_session(&f);
    send_global(&f.raw, "hostkeys-00@openssh.com", false);
    raw_expect_quiet(&f.raw);
    send_global(&f.raw, "keepalive@openssh.com", true);
    raw_expect(&f.raw, SSH2_MSG_REQUEST_FAILURE);
    send_request(&f.raw, 0, "keepalive@openssh.com", true, NULL);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_FAILURE);
    send_request(&f.raw, 0, "exec", false, "rm -rf");
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

static void
test_replies_that_nobody_asked_for_end(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 6; i++) {
        reach_session(&f);
        if (i == 0) { /* one was asked for, not two */
            send_channel(&f.raw, SSH2_MSG_CHANNEL_SUCCESS, 0);
            send_channel(&f.raw, SSH2_MSG_CHANNEL_SUCCESS, 0);
        } else if (i == 1) {
            send_channel(&f.raw, SSH2_MSG_CHANNEL_FAILURE, 3);
        } else if (i == 2) {
            send_sample(&f.raw, SSH2_MSG_REQUEST_SUCCESS);
        } else if (i == 3) {
            send_sample(&f.raw, SSH2_MSG_CHANNEL_OPEN_FAILURE);
        } else if (i == 4) {
            struct buf *to =
                raw_begin(&f.raw, SSH2_MSG_CHANNEL_OPEN_CONFIRMATION);

            for (int j = 0; j < 4; j++)
                buf_put_u32(to, 0);
            raw_end(&f.raw);
        } else {
            send_sample(&f.raw, SSH2_MSG_SERVICE_REQUEST);
        }
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_exit_signals_and_stderr_are_told(void **state)
{
    struct ssh_event event;
    struct fixture f;
    struct buf *to;

    (void)state;
    reach_session(&f);
    fixture_let_alone(&f);
    to = raw_begin(&f.raw, SSH2_MSG_CHANNEL_REQUEST);
    buf_put_u32(to, 0);
    buf_put_text(to, "exit-signal");
    buf_put_bool(to, false);
    buf_put_text(to, "TERM");
    buf_put_bool(to, false);
    buf_put_text(to, "");
    buf_put_text(to, "");
    raw_end(&f.raw);
    assert_true(ssh_conn_next_event(f.user.conn, &event));
    assert_int_equal(event.type, SSH_EVENT_EXIT_SIGNAL);
    to = raw_begin(&f.raw, SSH2_MSG_CHANNEL_EXTENDED_DATA);
    buf_put_u32(to, 0);
    buf_put_u32(to, SSH2_EXTENDED_STDERR);
    buf_put_text(to, "oops");
    raw_end(&f.raw);
    assert_true(ssh_conn_next_event(f.user.conn, &event));
    assert_int_equal(event.type, SSH_EVENT_EXTENDED_DATA);
    to = raw_begin(&f.raw, SSH2_MSG_CHANNEL_EXTENDED_DATA);
    buf_put_u32(to, 0);
    buf_put_u32(to, 2);
    buf_put_text(to, "no such stream");
    raw_end(&f.raw);
    assert_false(ssh_conn_next_event(f.user.conn, &event));
    fixture_clear(&f);
}

/* What only a client may send has no handler in a client. */
static void
test_every_number_that_is_a_clients_ends(void **state)
{
    static const uint8_t numbers[] = {5, 30, 32, 34, 50, 61};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(numbers); i++) {
        reach_session(&f);
        send_sample(&f.raw, numbers[i]);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_a_client_is_strict_too(void **state)
{
    static const uint8_t intruders[] = {2, 3, 4, 7, 20, 192};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(intruders); i++) {
        fixture_client(&f);
        f.raw.strict = RAW_STRICT_V00;
        raw_idents(&f.raw);
        raw_expect_kexinit(&f.raw);
        raw_send_kexinit(&f.raw);
        raw_expect_init(&f.raw);
        send_sample(&f.raw, intruders[i]);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_3_11_lying_servers_are_left),
        cmocka_unit_test(test_3_13_the_host_key_may_not_change_in_a_rekey),
        cmocka_unit_test(test_8_1_a_host_key_that_is_not_trusted),
        cmocka_unit_test(test_4_17_success_without_a_proof_is_told_as_such),
        cmocka_unit_test(test_4_18_success_without_a_request),
        cmocka_unit_test(test_4_18_message_60_has_the_meaning_of_the_request),
        cmocka_unit_test(test_4_18_prompts_are_few),
        cmocka_unit_test(test_ext_info_right_before_success_only),
        cmocka_unit_test(test_server_sig_algs_are_kept),
        cmocka_unit_test(test_5_1_a_client_opens_nothing_for_a_server),
        cmocka_unit_test(test_8_3_global_and_channel_requests_of_a_server),
        cmocka_unit_test(test_replies_that_nobody_asked_for_end),
        cmocka_unit_test(test_exit_signals_and_stderr_are_told),
        cmocka_unit_test(test_every_number_that_is_a_clients_ends),
        cmocka_unit_test(test_a_client_is_strict_too),
    };

    return cmocka_run_group_tests_name("client side", tests, NULL, NULL);
}
