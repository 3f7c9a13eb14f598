/*
 * Whole conversations of a server and a client: every algorithm and every way
 * in, in pieces, with answers that come late.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypto/cipher.h"
#include "crypto/hostkey.h"
#include "crypto/kex_method.h"
#include "crypto/mac.h"
#include "expect.h"

static void
run_default(struct pump *pump)
{
    pump_start(pump);
    pump_run(pump);
    expect_finished(pump, 1);
    expect_answered(pump, 0, "ran: show version\r\n");
    pump_clear(pump);
}

static void
test_exec_comes_back_with_its_status(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    run_default(&pump);
    pump_init(&pump);
    pump.client.command = "exit 42";
    pump_start(&pump);
    pump_run(&pump);
    expect_finished(&pump, 1);
    assert_int_equal(pump.client.channels[0].status, 42);
    pump_clear(&pump);
}

/* --- algorithms ------------------------------------------------------ */

static void
run_with(const char *kex, const char *host_key, const char *cipher,
         const char *mac)
{
    struct pump pump;
    struct ssh_keys server, client;

    pump_init(&pump);
    pump.client_setup.kex = kex;
    pump.client_setup.host_key_algorithms = host_key;
    pump.client_setup.ciphers = cipher;
    pump.client_setup.macs = mac;
    pump_start(&pump);
    pump_run(&pump);
    expect_finished(&pump, 1);
    expect_answered(&pump, 0, "ran: show version\r\n");
    server = ssh_conn_keys(pump.server.conn);
    client = ssh_conn_keys(pump.client.conn);
    assert_string_equal(server.kex, kex);
    assert_string_equal(server.host_key, host_key);
    assert_string_equal(server.cipher_in, cipher);
    assert_string_equal(client.cipher_in, cipher);
    assert_string_equal(server.mac_out, client.mac_in);
    assert_true(span_equal(ssh_conn_session_id(pump.server.conn),
                           ssh_conn_session_id(pump.client.conn)));
    pump_clear(&pump);
}

static size_t
count_of(const char *list)
{
    size_t count = 1;

    for (const char *p = list; *p != '\0'; p++)
        count += *p == ',';
    return count;
}

static void
test_every_kex_with_every_host_key(void **state)
{
    size_t kexes = count_of(pump_all_kex());
    size_t hosts = count_of(pump_all_host_keys());
    size_t ciphers = count_of(pump_all_ciphers());
    size_t macs = count_of(pump_all_macs());

    (void)state;
    for (size_t k = 0; k < kexes; k++)
        for (size_t h = 0; h < hosts; h++)
            run_with(kex_methods[k].name, signature_methods[h].name,
                     cipher_methods[(k + 3 * h) % ciphers].name,
                     mac_methods[(k * h + 1) % macs].name);
}

static void
test_every_cipher_with_every_mac(void **state)
{
    size_t hosts = count_of(pump_all_host_keys());
    size_t ciphers = count_of(pump_all_ciphers());
    size_t macs = count_of(pump_all_macs());

    (void)state;
    for (size_t c = 0; c < ciphers; c++)
        for (size_t m = 0; m < macs; m++)
            run_with("curve25519-sha256",
                     signature_methods[(c + m) % hosts].name,
                     cipher_methods[c].name, mac_methods[m].name);
}

/* --- authentication -------------------------------------------------- */

static void
test_every_way_in(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump.client.method = USER_INTERACTIVE;
    run_default(&pump);
    for (size_t i = 0; signature_methods[i].name != NULL; i++) {
        pump_init(&pump);
        pump.client.method = USER_KEY_QUERY;
        pump.client.algorithm = signature_methods[i].name;
        pump.client.key = &keys_of_all_types()[signature_methods[i].type];
        run_default(&pump);
    }
}

static void
test_a_wrong_password_stays_outside(void **state)
{
    struct pump pump;

    (void)state;
    for (int method = USER_PASSWORD; method <= USER_INTERACTIVE; method++) {
        pump_init(&pump);
        pump.client.method = (enum user_method)method;
        pump.client.password = "Cisco";
        pump_start(&pump);
        pump_run(&pump);
        assert_false(pump.client.is_in);
        assert_int_equal(pump.client.failures, 1);
        pump_clear(&pump);
    }
}

static void
test_a_banner_comes_before_success(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump_start(&pump);
    while (ssh_conn_keys(pump.server.conn).exchanges == 0)
        pump_round(&pump);
    ssh_conn_banner(pump.server.conn, span_text("Authorized use only\r\n"));
    pump_run(&pump);
    expect_finished(&pump, 1);
    assert_string_equal(buf_text(&pump.client.banner),
                        "Authorized use only\r\n");
    pump_clear(&pump);
}

/* --- pieces and patience --------------------------------------------- */

static void
test_one_byte_at_a_time(void **state)
{
    static const struct {
        const char *cipher, *mac;
    } suites[] = {
        {"chacha20-poly1305@openssh.com", "hmac-sha2-256"},
        {"aes256-gcm@openssh.com", "hmac-sha2-256"},
        {"aes128-ctr", "hmac-sha2-256"},
        {"aes128-ctr", "hmac-sha2-512-etm@openssh.com"},
        {"3des-cbc", "hmac-md5-96"},
        {"aes128-cbc", "hmac-sha2-256-etm@openssh.com"},
    };
    struct pump pump;

    (void)state;
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        pump_init(&pump);
        pump.chunk = 1;
        pump.client_setup.ciphers = suites[i].cipher;
        pump.client_setup.macs = suites[i].mac;
        run_default(&pump);
    }
}

static void
test_pieces_of_every_size(void **state)
{
    struct pump pump;

    (void)state;
    for (size_t chunk = 2; chunk < 200; chunk += 7) {
        pump_init(&pump);
        pump.chunk = chunk;
        pump.client.command = NULL;
        pump.client.upload = 3000;
        pump_start(&pump);
        pump_run(&pump);
        expect_finished(&pump, 1);
        expect_echoed(&pump, 0);
        pump_clear(&pump);
    }
}

static void
test_every_answer_delayed(void **state)
{
    static const size_t chunks[] = {0, 1, 50};
    struct pump pump;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (int method = USER_PASSWORD; method <= USER_INTERACTIVE; method++) {
            pump_init(&pump);
            pump.server.delays = true;
            pump.chunk = chunks[i];
            pump.client.method = (enum user_method)method;
            run_default(&pump);
        }
    }
}

/* --- the end --------------------------------------------------------- */

static void
test_a_disconnect_is_told_to_both(void **state)
{
    struct pump pump;

    (void)state;
    pump_init(&pump);
    pump.client.command = NULL;
    pump.client.keeps_open = true;
    pump_start(&pump);
    pump_run(&pump);
    ssh_conn_disconnect(pump.server.conn, SSH_REASON_BY_APPLICATION,
                        "Line cleared");
    pump_run(&pump);
    assert_true(pump.server.closed && pump.client.closed);
    assert_int_equal(pump.server.end.reason, SSH_REASON_BY_APPLICATION);
    assert_false(pump.server.end.by_peer);
    assert_true(pump.client.end.by_peer);
    assert_string_equal(pump.client.end.text, "Line cleared");
    assert_int_equal(pump.client.end.err, OK);
    pump_clear(&pump);
}

static void
test_the_end_of_input_is_orderly_or_not(void **state)
{
    struct pump pump;

    (void)state;
    for (int i = 0; i < 3; i++) {
        pump_init(&pump);
        if (i == 1)
            pump.client.command = NULL;
        pump.client.keeps_open = i == 1;
        pump_start(&pump);
        if (i == 2)
            pump_round(&pump);
        else
            pump_run(&pump);
        ssh_conn_input_end(pump.server.conn);
        owner_turn(&pump.server);
        assert_true(pump.server.closed);
        assert_true(pump.server.end.by_peer);
        assert_int_equal(pump.server.end.reason, SSH_REASON_NONE);
        assert_int_equal(pump.server.end.err, i == 0 ? OK : ERR_CLOSED);
        pump_clear(&pump);
    }
}

static void
test_after_the_end_nothing_has_an_effect(void **state)
{
    uint8_t bytes[] = "more";
    struct ssh_event event;
    struct pump pump;
    size_t before;

    (void)state;
    pump_init(&pump);
    pump.client.command = NULL;
    pump.client.keeps_open = true;
    pump_start(&pump);
    pump_run(&pump);
    ssh_conn_disconnect(pump.server.conn, SSH_REASON_BY_APPLICATION, "Bye");
    before = ssh_conn_output(pump.server.conn).len;
    ssh_conn_disconnect(pump.server.conn, SSH_REASON_PROTOCOL_ERROR, "No");
    assert_int_equal(ssh_conn_input(pump.server.conn, bytes, 4), 0);
    assert_int_equal(ssh_channel_write(pump.server.conn, 0, span_text("x")), 0);
    ssh_channel_close(pump.server.conn, 0);
    ssh_conn_rekey(pump.server.conn);
    ssh_conn_tick(pump.server.conn, 1000000000);
    ssh_conn_trim(pump.server.conn);
    assert_int_equal(ssh_conn_output(pump.server.conn).len, before);
    assert_true(ssh_conn_next_event(pump.server.conn, &event));
    assert_int_equal(event.type, SSH_EVENT_CLOSED);
    assert_string_equal(event.text, "Bye");
    assert_false(ssh_conn_next_event(pump.server.conn, &event));
    assert_int_equal(ssh_conn_deadline(pump.server.conn), UINT64_MAX);
    pump_clear(&pump);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exec_comes_back_with_its_status),
        cmocka_unit_test(test_every_kex_with_every_host_key),
        cmocka_unit_test(test_every_cipher_with_every_mac),
        cmocka_unit_test(test_every_way_in),
        cmocka_unit_test(test_a_wrong_password_stays_outside),
        cmocka_unit_test(test_a_banner_comes_before_success),
        cmocka_unit_test(test_one_byte_at_a_time),
        cmocka_unit_test(test_pieces_of_every_size),
        cmocka_unit_test(test_every_answer_delayed),
        cmocka_unit_test(test_a_disconnect_is_told_to_both),
        cmocka_unit_test(test_the_end_of_input_is_orderly_or_not),
        cmocka_unit_test(test_after_the_end_nothing_has_an_effect),
    };

    return cmocka_run_group_tests_name("conversation", tests, NULL, NULL);
}
