/*
 * Attacks on authentication; numbers as in section 4 of the list of attacks
 * and faults. What a judge decides is tested where the judge is; here it is
 * what reaches him, and what goes back. The methods are in
 * hardening_4_methods.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/protocol.h"

/* --- 4.1 to 4.5 ------------------------------------------------------ */

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
        expect_auth_failure(&f.raw);
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

/* --- 4.6 to 4.9: what reaches the judge ------------------------------ */

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
    expect_auth_failure(&f->raw);
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
        expect_auth_failure(&f.raw);
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

/* --- 4.11, 4.12 ------------------------------------------------------ */

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
        expect_auth_failure(&f.raw);
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
        expect_auth_failure(&f.raw);
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
        expect_auth_failure(&f.raw);
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
    expect_auth_failure(&f.raw);
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
    };

    return cmocka_run_group_tests_name("hardening 4", tests, NULL, NULL);
}
