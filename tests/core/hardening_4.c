/*
 * Attacks on authentication; numbers as in section 4 of the list of attacks
 * and faults. What a judge decides is tested where the judge is; here it is
 * what reaches him, and what goes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/v2/ssh2.h"

static void
expect_failure(struct raw *raw)
{
    struct reader r;

    raw_expect(raw, SSH2_MSG_USERAUTH_FAILURE);
    r = raw_fields(raw);
    assert_true(span_is(read_string(&r), OWNER_METHODS));
    assert_int_equal(read_u8(&r), 0);
    assert_true(read_done(&r));
}

static struct buf *
begin_auth(struct raw *raw, struct span user, const char *method)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_USERAUTH_REQUEST);

    buf_put_string(to, user);
    buf_put_text(to, "ssh-connection");
    buf_put_text(to, method);
    return to;
}

/* --- 4.1 to 4.5
 * ------------------------------------------------------------------- */

static void
test_4_1_client_sends_userauth_success(void **state)
{
    struct fixture f;

    (void)state;
    for (int i = 0; i < 3; i++) {
        fixture_server(&f);
        if (i == 0) {
            raw_idents(&f.raw);
            raw_expect_kexinit(&f.raw);
        } else if (i == 1) {
            fixture_keys(&f);
        } else {
            fixture_service(&f);
        }
        send_sample(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
        send_open(&f.raw, "session", 0, 1000, 1000);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_4_2_connection_messages_before_authentication(void **state)
{
    struct fixture f;

    (void)state;
    for (unsigned message = 80; message <= 110; message++) {
        for (int i = 0; i < 3; i++) {
            fixture_server(&f);
            if (i == 0) {
                raw_idents(&f.raw);
                raw_expect_kexinit(&f.raw);
                raw_send_kexinit(&f.raw);
            } else if (i == 1) {
                fixture_keys(&f);
            } else {
                fixture_service(&f);
            }
            send_sample(&f.raw, (uint8_t)message);
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
            fixture_clear(&f);
        }
    }
}

static void
test_4_3_authentication_without_its_service(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_keys(&f);
    send_password(&f.raw, "lab", "cisco");
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_4_3_services_before_authentication(void **state)
{
    static const struct {
        const char *name;
        enum ssh_reason reason;
    } services[] = {
        {"ssh-connection", SSH_REASON_PROTOCOL_ERROR},
        {"", SSH_REASON_SERVICE_NOT_AVAILABLE},
        {"ssh-userauth ", SSH_REASON_SERVICE_NOT_AVAILABLE},
        {"ssh-agent", SSH_REASON_SERVICE_NOT_AVAILABLE},
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        for (int accepted = 0; accepted < 2; accepted++) {
            fixture_server(&f);
            if (accepted)
                fixture_service(&f);
            else
                fixture_keys(&f);
            send_service_request(&f.raw, services[i].name);
            raw_expect_end(&f.raw, services[i].reason);
            fixture_clear(&f);
        }
    }
}

static void
test_4_3_services_after_authentication(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    send_service_request(&f.raw, "ssh-connection");
    raw_expect(&f.raw, SSH2_MSG_SERVICE_ACCEPT);
    fixture_shell(&f, 1);
    send_service_request(&f.raw, "ssh-userauth");
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_4_3_the_service_may_be_asked_for_again(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    for (int i = 0; i < 3; i++) {
        send_password(&f.raw, "lab", "wrong");
        expect_failure(&f.raw);
        send_service_request(&f.raw, "ssh-userauth");
        raw_expect(&f.raw, SSH2_MSG_SERVICE_ACCEPT);
    }
    send_password(&f.raw, "lab", "cisco");
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    fixture_clear(&f);
}

static void
test_4_3_another_service_behind_authentication(void **state)
{
    struct fixture f;
    struct buf *to;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    to = raw_begin(&f.raw, SSH2_MSG_USERAUTH_REQUEST);
    buf_put_text(to, "lab");
    buf_put_text(to, "ssh-agent");
    buf_put_text(to, "none");
    raw_end(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_SERVICE_NOT_AVAILABLE);
    fixture_clear(&f);
}

static void
test_4_4_authentication_during_an_exchange(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    raw_send_kexinit(&f.raw);
    raw_expect_kexinit(&f.raw);
    send_password(&f.raw, "lab", "cisco");
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    assert_false(owner_saw(&f.owner, "auth"));
    fixture_clear(&f);
}

static void
test_4_5_requests_after_success_are_passed_over(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    buf_reset(&f.owner.log);
    for (int i = 0; i < 50; i++) {
        send_password(&f.raw, "other", "wrong");
        send_auth(&f.raw, "lab", "none");
        send_sample(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);
        raw_send_number(&f.raw, SSH2_MSG_USERAUTH_REQUEST);
    }
    raw_expect_quiet(&f.raw);
    assert_int_equal(buf_len(&f.owner.log), 0);
    fixture_shell(&f, 0);
    fixture_clear(&f);
}

/* --- 4.6 to 4.9: what reaches the judge
 * ------------------------------------------------ */

static void
test_4_6_malformed_requests_are_parsed_before_anybody_is_asked(void **state)
{
    struct fixture f;
    struct buf *to;

    (void)state;
    for (int i = 0; i < 10; i++) {
        fixture_server(&f);
        fixture_service(&f);
        if (i == 0) {
            to = raw_begin(&f.raw, SSH2_MSG_USERAUTH_REQUEST);
        } else if (i == 1) {
            to = begin_auth(&f.raw, span_text("lab"), "password");
        } else if (i < 5) {
            to = begin_auth(&f.raw, span_text("lab"), "password");
            buf_put_bool(to, i == 4);
            if (i == 2)
                buf_put_u32(to, 100);
            else
                buf_put_text(to, "cisco");
            if (i == 3)
                buf_put_u8(to, 0);
        } else if (i == 5) {
            to = begin_auth(&f.raw, span_text("lab"), "none");
            buf_put_u8(to, 1);
        } else if (i == 6) {
            to = begin_auth(&f.raw, span_text("lab"), "keyboard-interactive");
            buf_put_text(to, "");
        } else {
            to = begin_auth(&f.raw, span_text("lab"), "publickey");
            buf_put_bool(to, i != 7);
            buf_put_text(to, "ssh-ed25519");
            buf_put_text(to, "key");
            if (i == 7)
                buf_put_text(to, "a signature that was not announced");
            if (i == 9)
                buf_put_u32(to, UINT32_MAX);
        }
        raw_end(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        assert_false(owner_saw(&f.owner, "auth"));
        fixture_clear(&f);
    }
}

/* The judge hears of it as a method that nobody has: it is rejected on the
   path of every wrong password. */
static void
expect_unfit(struct fixture *f)
{
    expect_failure(&f->raw);
    assert_true(owner_saw(&f->owner, "auth 5 "));
    assert_false(owner_saw(&f->owner, "auth 1 "));
    assert_false(owner_saw(&f->owner, "answer\n"));
    fixture_clear(f);
}

static void
test_4_7_long_passwords_are_not_hashed(void **state)
{
    static const size_t lengths[] = {257, 1025, 20000, 30000};
    static uint8_t password[30000];
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(size_t); i++) {
        memset(password, 'p', sizeof(password));
        fixture_server(&f);
        fixture_service(&f);
        buf_put_bool(begin_auth(&f.raw, span_text("lab"), "password"), false);
        buf_put_string(&f.raw.scratch, span_of(password, lengths[i]));
        raw_end(&f.raw);
        expect_unfit(&f);
    }
}

static void
test_4_8_a_nul_cuts_nothing(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    buf_put_bool(begin_auth(&f.raw, span_text("lab"), "password"), false);
    buf_put_string(&f.raw.scratch, span_of("cisco\0x", 7));
    raw_end(&f.raw);
    expect_unfit(&f);

    fixture_server(&f);
    fixture_service(&f);
    buf_put_bool(begin_auth(&f.raw, span_of("lab\0x", 5), "password"), false);
    buf_put_text(&f.raw.scratch, "cisco");
    raw_end(&f.raw);
    expect_unfit(&f);

    fixture_server(&f);
    fixture_service(&f);
    send_auth(&f.raw, "lab", "keyboard-interactive");
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_INFO_REQUEST);
    buf_put_u32(raw_begin(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE), 1);
    buf_put_string(&f.raw.scratch, span_of("cisco\0x", 7));
    raw_end(&f.raw);
    expect_unfit(&f);
}

static void
test_4_9_unfit_user_names(void **state)
{
    static const char *const names[] = {
        "",
        "lab ",
        " lab",
        "la b",
        "\033[2Jlab",
        "lab\r\n",
        "lab\n%SYS-5-CONFIG_I: forged",
        "lab\x7f",
        "01234567890123456789012345678901234567890123456789012345678901234",
    };
    static const char *const methods[] = {"none", "password",
                                          "keyboard-interactive"};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (size_t m = 0; m < 3; m++) {
            fixture_server(&f);
            fixture_service(&f);
            if (m == 1)
                send_password(&f.raw, names[i], "cisco");
            else
                send_auth(&f.raw, names[i], methods[m]);
            expect_unfit(&f);
        }
    }
}

static void
test_4_9_odd_but_fit_names_reach_the_judge(void **state)
{
    static const char *const names[] = {"-froot", "../x", "%n%s", "u:1",
                                        "a@b.example"};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char line[64];

        fixture_server(&f);
        fixture_service(&f);
        send_password(&f.raw, names[i], "cisco");
        expect_failure(&f.raw);
        snprintf(line, sizeof(line), "auth 1 %s\n", names[i]);
        assert_true(owner_saw(&f.owner, line));
        fixture_clear(&f);
    }
}

static void
test_4_9_a_changed_password_is_a_failure(void **state)
{
    struct fixture f;
    struct buf *to;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    to = begin_auth(&f.raw, span_text("lab"), "password");
    buf_put_bool(to, true);
    buf_put_text(to, "cisco");
    buf_put_text(to, "cisco2");
    raw_end(&f.raw);
    expect_unfit(&f);
}

/* --- 4.11, 4.12
 * ----------------------------------------------------------------------------
 */

static void
test_4_11_twenty_requests_in_all(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    for (int i = 0; i < SSH_AUTH_REQUESTS_MAX; i++) {
        if (i % 2 == 0)
            send_auth(&f.raw, "lab", "none");
        else
            send_password(&f.raw, "lab", "wrong");
        expect_failure(&f.raw);
    }
    send_password(&f.raw, "lab", "cisco");
    raw_expect_end(&f.raw, SSH_REASON_NO_MORE_AUTH_METHODS);
    fixture_clear(&f);
}

static void
test_4_11_unasked_answers_count_as_requests(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    for (int i = 0; i < SSH_AUTH_REQUESTS_MAX; i++) {
        send_sample(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);
        expect_failure(&f.raw);
    }
    send_sample(&f.raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);
    raw_expect_end(&f.raw, SSH_REASON_NO_MORE_AUTH_METHODS);
    fixture_clear(&f);
}

static void
test_4_11_one_request_at_a_time(void **state)
{
    struct fixture f;
    struct buf pipeline;
    size_t taken = 0;

    (void)state;
    buf_init(&pipeline, 1024 * 1024);
    fixture_server(&f);
    fixture_service(&f);
    f.owner.delays = true;
    for (int i = 0; i < 500; i++) {
        size_t mark = packet_begin(&pipeline);

        buf_put_u8(&pipeline, SSH2_MSG_USERAUTH_REQUEST);
        buf_put_text(&pipeline, "lab");
        buf_put_text(&pipeline, "ssh-connection");
        buf_put_text(&pipeline, "none");
        assert_int_equal(packet_seal(&f.raw.tx, &pipeline, mark, chance_bytes,
                                     &f.raw.chance),
                         OK);
    }
    for (int i = 0; i < SSH_AUTH_REQUESTS_MAX; i++) {
        taken = ssh_conn_input(f.owner.conn, buf_bytes(&pipeline),
                               buf_len(&pipeline));
        assert_in_range(taken, 1, 200);
        buf_consume(&pipeline, taken);
        assert_false(ssh_conn_wants_input(f.owner.conn));
        owner_turn(&f.owner);
        assert_true(f.owner.has_answer);
        assert_int_equal(ssh_conn_input(f.owner.conn, buf_bytes(&pipeline),
                                        buf_len(&pipeline)),
                         0);
        owner_answer(&f.owner);
        raw_take(&f.raw);
        expect_failure(&f.raw);
    }
    ssh_conn_input(f.owner.conn, buf_bytes(&pipeline), buf_len(&pipeline));
    raw_take(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_NO_MORE_AUTH_METHODS);
    fixture_clear(&f);
    buf_clear(&pipeline);
}

static void
test_4_12_a_channel_behind_a_wrong_password(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    f.owner.delays = true;
    send_password(&f.raw, "lab", "wrong");
    raw_expect(&f.raw, RAW_NOTHING);
    assert_false(ssh_conn_wants_input(f.owner.conn));
    owner_answer(&f.owner);
    raw_take(&f.raw);
    expect_failure(&f.raw);
    send_open(&f.raw, "session", 0, 1000, 1000);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    assert_false(owner_saw(&f.owner, "channel-open"));
    fixture_clear(&f);
}

static void
test_4_12_a_channel_behind_the_right_password(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    assert_int_equal(fixture_open(&f, 3), 0);
    fixture_clear(&f);
}

/* --- 4.13, 4.14 public keys
 * ------------------------------------------------------------------ */

struct key_request {
    const char *algorithm;
    struct span blob;
    const struct test_key *signs; /* NULL: a query */
    const char *signs_as;
    bool other_session, cut, other_user;
};

static void
send_key(struct fixture *f, const struct key_request *q)
{
    struct buf data, signature;
    struct buf *to;

    buf_init(&data, 8192);
    buf_init(&signature, SIGNATURE_MAX);
    buf_put_string(&data, span_of(f->raw.session_id, f->raw.session_id_len));
    if (q->other_session)
        buf_bytes(&data)[8] ^= 1;
    buf_put_u8(&data, SSH2_MSG_USERAUTH_REQUEST);
    buf_put_text(&data, q->other_user ? "admin" : "lab");
    buf_put_text(&data, "ssh-connection");
    buf_put_text(&data, "publickey");
    buf_put_bool(&data, true);
    buf_put_text(&data, q->algorithm);
    buf_put_string(&data, q->blob);
    to = begin_auth(&f->raw, span_text("lab"), "publickey");
    buf_put_bool(to, q->signs != NULL);
    buf_put_text(to, q->algorithm);
    buf_put_string(to, q->blob);
    if (q->signs != NULL) {
        keys_sign(q->signs, q->signs_as, buf_span(&data), &signature);
        if (q->cut)
            buf_truncate(&signature, buf_len(&signature) - 1);
        buf_put_string(to, buf_span(&signature));
    }
    buf_clear(&data);
    buf_clear(&signature);
    raw_end(&f->raw);
}

static void
test_4_13_a_good_signature_is_accepted(void **state)
{
    const struct test_key *keys = keys_of_all_types();
    struct fixture f;

    (void)state;
    for (size_t i = 0; signature_methods[i].name != NULL; i++) {
        const struct test_key *key = &keys[signature_methods[i].type];
        struct key_request q = {signature_methods[i].name,
                                buf_span(&key->blob),
                                key,
                                signature_methods[i].name,
                                false,
                                false,
                                false};

        fixture_server(&f);
        fixture_service(&f);
        send_key(&f, &q);
        raw_expect(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
        fixture_clear(&f);
    }
}

static void
test_4_13_a_key_without_proof_is_not_accepted(void **state)
{
    const struct test_key *keys = keys_of_all_types();
    const struct test_key *ed = &keys[KEY_ED25519];
    struct fixture f;

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct key_request q = {
            "ssh-ed25519", buf_span(&ed->blob), ed, "ssh-ed25519", false, false,
            false};

        if (i == 0)
            q.other_session = true;
        if (i == 1)
            q.cut = true;
        if (i == 2)
            q.other_user = true;
        if (i == 3)
            q.algorithm = "ecdsa-sha2-nistp256";
        if (i == 4)
            q.signs = &keys[KEY_ECDSA_256], q.signs_as = "ecdsa-sha2-nistp256";
        fixture_server(&f);
        fixture_service(&f);
        send_key(&f, &q);
        expect_failure(&f.raw);
        fixture_clear(&f);
    }
}

static void
test_4_13_pk_ok_proves_nothing(void **state)
{
    const struct test_key *ed = &keys_of_all_types()[KEY_ED25519];
    struct key_request q = {
        "ssh-ed25519", buf_span(&ed->blob), NULL, NULL, false, false, false};
    struct fixture f;
    struct reader r;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    send_key(&f, &q);
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_PK_OK);
    r = raw_fields(&f.raw);
    assert_true(span_is(read_string(&r), "ssh-ed25519"));
    assert_true(span_equal(read_string(&r), buf_span(&ed->blob)));
    assert_true(read_done(&r));
    send_auth(&f.raw, "lab", "none");
    expect_failure(&f.raw);
    send_open(&f.raw, "session", 0, 1000, 1000);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_4_14_algorithms_that_are_not_configured(void **state)
{
    static uint8_t blob[3000];
    const struct test_key *rsa = &keys_of_all_types()[KEY_RSA];
    struct fixture f;

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct key_request q = {
            "ssh-rsa", buf_span(&rsa->blob), rsa, "ssh-rsa", false, false,
            false};

        if (i == 0)
            fixture_server_taking(&f, "rsa-sha2-512,ssh-ed25519");
        else
            fixture_server(&f);
        if (i == 1)
            q = (struct key_request){"ssh-dss", span_text("x"), NULL, NULL,
                                     false,     false,          false};
        if (i == 2)
            q = (struct key_request){
                "ssh-ed25519", span_of(blob, 3000), NULL, NULL, false, false,
                false};
        fixture_service(&f);
        send_key(&f, &q);
        expect_failure(&f.raw);
        assert_true(owner_saw(&f.owner, "auth 5 lab\n"));
        fixture_clear(&f);
    }
}

/* --- 4.15, 4.16
 * --------------------------------------------------------------------------------
 */

static void
ask(struct fixture *f)
{
    send_auth(&f->raw, "lab", "keyboard-interactive");
    raw_expect(&f->raw, SSH2_MSG_USERAUTH_INFO_REQUEST);
}

static void
send_answers(struct raw *raw, uint32_t count, unsigned strings)
{
    struct buf *to = raw_begin(raw, SSH2_MSG_USERAUTH_INFO_RESPONSE);

    buf_put_u32(to, count);
    for (unsigned i = 0; i < strings; i++)
        buf_put_text(to, "cisco");
    raw_end(raw);
}

static void
test_4_15_answers_only_to_a_question(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    send_answers(&f.raw, 1, 1);
    expect_failure(&f.raw);
    ask(&f);
    send_answers(&f.raw, 1, 1);
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    fixture_clear(&f);
}

static void
test_4_15_as_many_answers_as_prompts(void **state)
{
    static const struct {
        uint32_t count;
        unsigned strings;
    } answers[] = {{0, 0}, {2, 2}, {UINT32_MAX, 1}, {0x40000001, 1}};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        fixture_server(&f);
        fixture_service(&f);
        ask(&f);
        send_answers(&f.raw, answers[i].count, answers[i].strings);
        expect_failure(&f.raw);
        /* The method is over: the right answer comes too late. */
        send_answers(&f.raw, 1, 1);
        expect_failure(&f.raw);
        fixture_clear(&f);
    }
}

static void
test_4_15_malformed_answers_end(void **state)
{
    static const unsigned strings[] = {0, 2};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fixture_server(&f);
        fixture_service(&f);
        ask(&f);
        send_answers(&f.raw, 1, strings[i]);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_4_15_another_request_ends_the_question(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    ask(&f);
    send_auth(&f.raw, "lab", "none");
    expect_failure(&f.raw);
    send_answers(&f.raw, 1, 1);
    expect_failure(&f.raw);
    /* Asking again asks again. */
    ask(&f);
    ask(&f);
    send_answers(&f.raw, 1, 1);
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    fixture_clear(&f);
}

static void
test_4_15_a_question_outlives_a_rekey(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    ask(&f);
    raw_rekey(&f.raw);
    send_answers(&f.raw, 1, 1);
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    fixture_clear(&f);
}

static void
test_4_15_submethods_do_not_matter(void **state)
{
    static char devices[20000];
    struct fixture f;
    struct buf *to;

    (void)state;
    memset(devices, ',', sizeof(devices) - 1);
    fixture_server(&f);
    fixture_service(&f);
    to = begin_auth(&f.raw, span_text("lab"), "keyboard-interactive");
    buf_put_text(to, "xx");
    buf_put_text(to, devices);
    raw_end(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_INFO_REQUEST);
    fixture_clear(&f);
}

static void
test_4_16_unknown_methods_fail_unparsed(void **state)
{
    static const char *const methods[] = {"gssapi-with-mic", "hostbased", "",
                                          "password\n", "Password"};
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        struct buf *to = begin_auth(&f.raw, span_text("lab"), methods[i]);

        buf_put_u32(to, UINT32_MAX);
        raw_end(&f.raw);
        expect_failure(&f.raw);
    }
    assert_false(owner_saw(&f.owner, "auth 1 "));
    fixture_clear(&f);
}

static void
test_4_16_none_is_never_listed(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    send_auth(&f.raw, "lab", "none");
    expect_failure(&f.raw);
    fixture_clear(&f);
}

/* --- secrets and banner
 * ---------------------------------------------------------------------------
 */

/* Is `text` anywhere in these bytes? */
static bool
holds(const void *bytes, size_t len, const char *text)
{
    return len > 0 && memmem(bytes, len, text, strlen(text)) != NULL;
}

static void
test_passwords_are_wiped_where_they_came_in(void **state)
{
    struct fixture f;
    struct buf packet;
    size_t mark;

    (void)state;
    buf_init(&packet, 65536);
    for (int pieces = 0; pieces < 2; pieces++) {
        fixture_server(&f);
        f.raw.cipher = "aes128-gcm@openssh.com";
        fixture_service(&f);
        f.owner.delays = true;
        mark = packet_begin(&packet);
        buf_put_u8(&packet, SSH2_MSG_USERAUTH_REQUEST);
        buf_put_text(&packet, "lab");
        buf_put_text(&packet, "ssh-connection");
        buf_put_text(&packet, "password");
        buf_put_bool(&packet, false);
        buf_put_text(&packet, "open-sesame");
        assert_int_equal(
            packet_seal(&f.raw.tx, &packet, mark, chance_bytes, &f.raw.chance),
            OK);
        if (pieces)
            assert_int_equal(
                ssh_conn_input(f.owner.conn, buf_bytes(&packet), 10), 10);
        ssh_conn_input(f.owner.conn, buf_bytes(&packet) + 10 * pieces,
                       buf_len(&packet) - 10 * (size_t)pieces);
        assert_false(holds(buf_bytes(&packet), buf_len(&packet), "open-ses"));
        assert_false(
            holds(f.owner.conn->in.bytes, f.owner.conn->in.room, "open-ses"));
        owner_turn(&f.owner);
        owner_answer(&f.owner);
        fixture_clear(&f);
        buf_reset(&packet);
    }
    buf_clear(&packet);
}

static void
expect_banner(struct raw *raw, const char *text)
{
    struct reader r;

    raw_expect(raw, SSH2_MSG_USERAUTH_BANNER);
    r = raw_fields(raw);
    assert_true(span_is(read_string(&r), text));
    assert_true(span_is(read_string(&r), ""));
    assert_true(read_done(&r));
}

static void
test_a_banner_waits_for_the_service(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_keys(&f);
    ssh_conn_banner(f.owner.conn, span_text("Keep out\r\n"));
    send_service_request(&f.raw, "ssh-userauth");
    raw_expect(&f.raw, SSH2_MSG_SERVICE_ACCEPT);
    expect_banner(&f.raw, "Keep out\r\n");
    ssh_conn_banner(f.owner.conn, span_text("Really\r\n"));
    raw_take(&f.raw);
    expect_banner(&f.raw, "Really\r\n");
    send_password(&f.raw, "lab", "cisco");
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    ssh_conn_banner(f.owner.conn, span_text("Too late\r\n"));
    raw_take(&f.raw);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

static void
test_two_minutes_without_a_channel_end(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_service(&f);
    ssh_conn_tick(f.owner.conn, 1000000);
    send_password(&f.raw, "lab", "cisco");
    raw_expect(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    ssh_conn_tick(f.owner.conn, 1000500);
    assert_int_equal(ssh_conn_deadline(f.owner.conn),
                     1000500 + SSH_IDLE_NO_CHANNEL_MS);
    /* Noise does not count. */
    send_global(&f.raw, "keepalive@openssh.com", true);
    raw_expect(&f.raw, SSH2_MSG_REQUEST_FAILURE);
    ssh_conn_tick(f.owner.conn, 1000499 + SSH_IDLE_NO_CHANNEL_MS);
    raw_take(&f.raw);
    raw_expect_quiet(&f.raw);
    ssh_conn_tick(f.owner.conn, 1000500 + SSH_IDLE_NO_CHANNEL_MS);
    raw_take(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_BY_APPLICATION);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_4_1_client_sends_userauth_success),
        cmocka_unit_test(test_4_2_connection_messages_before_authentication),
        cmocka_unit_test(test_4_3_authentication_without_its_service),
        cmocka_unit_test(test_4_3_services_before_authentication),
        cmocka_unit_test(test_4_3_services_after_authentication),
        cmocka_unit_test(test_4_3_the_service_may_be_asked_for_again),
        cmocka_unit_test(test_4_3_another_service_behind_authentication),
        cmocka_unit_test(test_4_4_authentication_during_an_exchange),
        cmocka_unit_test(test_4_5_requests_after_success_are_passed_over),
        cmocka_unit_test(
            test_4_6_malformed_requests_are_parsed_before_anybody_is_asked),
        cmocka_unit_test(test_4_7_long_passwords_are_not_hashed),
        cmocka_unit_test(test_4_8_a_nul_cuts_nothing),
        cmocka_unit_test(test_4_9_unfit_user_names),
        cmocka_unit_test(test_4_9_odd_but_fit_names_reach_the_judge),
        cmocka_unit_test(test_4_9_a_changed_password_is_a_failure),
        cmocka_unit_test(test_4_11_twenty_requests_in_all),
        cmocka_unit_test(test_4_11_unasked_answers_count_as_requests),
        cmocka_unit_test(test_4_11_one_request_at_a_time),
        cmocka_unit_test(test_4_12_a_channel_behind_a_wrong_password),
        cmocka_unit_test(test_4_12_a_channel_behind_the_right_password),
        cmocka_unit_test(test_4_13_a_good_signature_is_accepted),
        cmocka_unit_test(test_4_13_a_key_without_proof_is_not_accepted),
        cmocka_unit_test(test_4_13_pk_ok_proves_nothing),
        cmocka_unit_test(test_4_14_algorithms_that_are_not_configured),
        cmocka_unit_test(test_4_15_answers_only_to_a_question),
        cmocka_unit_test(test_4_15_as_many_answers_as_prompts),
        cmocka_unit_test(test_4_15_malformed_answers_end),
        cmocka_unit_test(test_4_15_another_request_ends_the_question),
        cmocka_unit_test(test_4_15_a_question_outlives_a_rekey),
        cmocka_unit_test(test_4_15_submethods_do_not_matter),
        cmocka_unit_test(test_4_16_unknown_methods_fail_unparsed),
        cmocka_unit_test(test_4_16_none_is_never_listed),
        cmocka_unit_test(test_passwords_are_wiped_where_they_came_in),
        cmocka_unit_test(test_a_banner_waits_for_the_service),
        cmocka_unit_test(test_two_minutes_without_a_channel_end),
    };

    return cmocka_run_group_tests_name("hardening 4", tests, NULL, NULL);
}
