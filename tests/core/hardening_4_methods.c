/*
 * Attacks on the methods of authentication, and what becomes of secrets;
 * numbers as in section 4 of the list of attacks and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/protocol.h"

/* --- 4.13, 4.14 public keys ------------------------------------------ */

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
        expect_auth_failure(&f.raw);
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
    expect_auth_failure(&f.raw);
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
        expect_auth_failure(&f.raw);
        assert_true(owner_saw(&f.owner, "auth 5 lab\n"));
        fixture_clear(&f);
    }
}

/* --- 4.15, 4.16 ------------------------------------------------------ */

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
    expect_auth_failure(&f.raw);
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
        expect_auth_failure(&f.raw);
        /* The method is over: the right answer comes too late. */
        send_answers(&f.raw, 1, 1);
        expect_auth_failure(&f.raw);
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
    expect_auth_failure(&f.raw);
    send_answers(&f.raw, 1, 1);
    expect_auth_failure(&f.raw);
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
        expect_auth_failure(&f.raw);
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
    expect_auth_failure(&f.raw);
    fixture_clear(&f);
}

/* --- secrets and banner ---------------------------------------------- */

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

    return cmocka_run_group_tests_name("hardening 4, methods", tests, NULL,
                                       NULL);
}
