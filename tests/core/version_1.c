/*
 * Whole conversations in version 1.5, and which version two sides choose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "expect.h"

static void
init_version_1(struct pump *pump)
{
    pump_init(pump);
    pump->server_setup.versions = SSH_VERSION_1;
    pump->client_setup.versions = SSH_VERSION_1;
}

static void
run(struct pump *pump)
{
    pump_start(pump);
    pump_run(pump);
}

static void
expect_in(struct pump *pump)
{
    assert_true(pump->client.is_in);
    assert_int_equal(pump->client.finished, 1);
    assert_true(pump->server.key_was_right);
    assert_int_equal(ssh_conn_version(pump->server.conn), 1);
    assert_int_equal(ssh_conn_version(pump->client.conn), 1);
}

/* --- a session -------------------------------------------------------- */

static void
test_exec_comes_back_with_its_status(void **state)
{
    static const char *const ciphers[] = {"3des", "des"};
    struct pump pump;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        init_version_1(&pump);
        pump.client_setup.v1_ciphers = ciphers[i];
        pump.client.command = "exit 42";
        run(&pump);
        expect_in(&pump);
        assert_int_equal(pump.client.channels[0].status, 42);
        assert_string_equal(buf_text(&pump.client.channels[0].received),
                            "ran: exit 42\r\n");
        assert_string_equal(ssh_conn_keys(pump.server.conn).cipher_in,
                            ciphers[i]);
        assert_true(pump.server.closed);
        assert_int_equal(pump.server.end.err, OK);
        pump_clear(&pump);
    }
}

/* In pieces of any size, with answers that come late. */
static void
test_bytes_may_come_one_by_one(void **state)
{
    static const size_t chunks[] = {1, 3, 7, 8, 13, 4096};
    struct pump pump;

    (void)state;
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        init_version_1(&pump);
        pump.chunk = chunks[i];
        pump.server.delays = true;
        run(&pump);
        expect_in(&pump);
        pump_clear(&pump);
    }
}

static void
test_large_output_arrives_whole(void **state)
{
    struct pump pump;
    struct span got;

    (void)state;
    init_version_1(&pump);
    pump.client.command = "flood 3000000";
    run(&pump);
    expect_in(&pump);
    got = buf_span(&pump.client.channels[0].received);
    assert_int_equal(got.len, 3000000);
    for (size_t i = 0; i < got.len; i++)
        assert_int_equal(got.ptr[i], 'a' + i % 23);
    assert_true(pump.output_peak <= SSH_OUTPUT_MAX);
    pump_clear(&pump);
}

static void
test_what_is_typed_is_echoed(void **state)
{
    struct pump pump;
    struct span got;

    (void)state;
    init_version_1(&pump);
    pump.client.command = NULL;
    pump.client.upload = 1000000;
    run(&pump);
    expect_in(&pump);
    assert_true(owner_saw(&pump.server, "pty xterm-256color 132x43"));
    got = buf_span(&pump.client.channels[0].received);
    assert_int_equal(got.len, 1000000);
    for (size_t i = 0; i < got.len; i++)
        assert_int_equal(got.ptr[i], 'A' + i % 25);
    assert_int_equal(pump.client.channels[0].replies, 2);
    assert_int_equal(pump.client.channels[0].failures, 0);
    pump_clear(&pump);
}

/* There is no window: who does not take his data is not read on. */
static void
test_hoarding_stops_the_input(void **state)
{
    struct pump pump;

    (void)state;
    init_version_1(&pump);
    pump.server.hoards = true;
    pump.client.command = NULL;
    pump.client.upload = 1000000;
    run(&pump);
    assert_true(pump.client.is_in);
    assert_in_range(pump.server.channels[0].received, 32768, 65536);
    assert_false(ssh_conn_wants_input(pump.server.conn));
    pump_clear(&pump);
}

static void
test_wrong_password_is_failure(void **state)
{
    struct pump pump;

    (void)state;
    init_version_1(&pump);
    pump.client.password = "wrong";
    run(&pump);
    assert_false(pump.client.is_in);
    assert_int_equal(pump.client.failures, 1);
    assert_true(owner_saw(&pump.server, "auth 0 lab"));
    assert_true(owner_saw(&pump.server, "auth 1 lab"));
    /* And once more, the right one. */
    ssh_conn_auth_password(pump.client.conn, "lab", span_text("cisco"));
    pump_run(&pump);
    expect_in(&pump);
    pump_clear(&pump);
}

static void
test_disconnect_is_told(void **state)
{
    struct pump pump;

    (void)state;
    init_version_1(&pump);
    pump.client.command = NULL;
    pump.client.keeps_open = true;
    run(&pump);
    assert_true(pump.client.is_in);
    ssh_conn_disconnect(pump.server.conn, SSH_REASON_BY_APPLICATION,
                        "The router reloads");
    pump_run(&pump);
    assert_true(pump.client.closed);
    assert_true(pump.client.end.by_peer);
    assert_string_equal(pump.client.end.text, "The router reloads");
    pump_clear(&pump);
}

/* --- which version ---------------------------------------------------- */

#define BOTH (SSH_VERSION_1 | SSH_VERSION_2)

static void
test_the_version_that_both_have(void **state)
{
    static const struct {
        unsigned server, client, chosen;
        const char *ident;
    } cases[] = {
        {SSH_VERSION_1, SSH_VERSION_1, 1, "SSH-1.5-vtyd_test"},
        {SSH_VERSION_1, BOTH, 1, "SSH-1.5-vtyd_test"},
        {SSH_VERSION_1, SSH_VERSION_2, 0, "SSH-1.5-vtyd_test"},
        {BOTH, SSH_VERSION_1, 1, "SSH-1.99-vtyd_test"},
        {BOTH, BOTH, 2, "SSH-1.99-vtyd_test"},
        {BOTH, SSH_VERSION_2, 2, "SSH-1.99-vtyd_test"},
        {SSH_VERSION_2, SSH_VERSION_1, 0, "SSH-2.0-vtyd_test"},
        {SSH_VERSION_2, BOTH, 2, "SSH-2.0-vtyd_test"},
        {SSH_VERSION_2, SSH_VERSION_2, 2, "SSH-2.0-vtyd_test"},
    };
    struct pump pump;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pump_init(&pump);
        pump.server_setup.versions = cases[i].server;
        pump.client_setup.versions = cases[i].client;
        run(&pump);
        assert_int_equal(ssh_conn_version(pump.client.conn), cases[i].chosen);
        assert_true(
            span_is(ssh_conn_peer_ident(pump.client.conn), cases[i].ident));
        assert_int_equal(pump.client.is_in, cases[i].chosen != 0);
        pump_clear(&pump);
    }
}

/* Nothing behind its line before it has read the client's. */
static void
test_a_server_of_both_versions_waits(void **state)
{
    struct pump pump;
    struct span said;

    (void)state;
    pump_init(&pump);
    pump.server_setup.versions = BOTH;
    pump_start(&pump);
    said = ssh_conn_output(pump.server.conn);
    assert_true(span_is(said, "SSH-1.99-vtyd_test\r\n"));
    pump_clear(&pump);
}

/* Who may speak both lets the server speak first, but not for ever. */
static void
test_a_client_of_both_versions_waits_a_while(void **state)
{
    static const struct {
        unsigned versions;
        const char *at_once, *later;
    } cases[] = {
        {SSH_VERSION_1 | SSH_VERSION_2, "", "SSH-2.0-core\r\n"},
        {SSH_VERSION_1, "", ""},
        {SSH_VERSION_2, "SSH-2.0-core\r\n", "SSH-2.0-core\r\n"},
    };
    struct chance chance = {1};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t late[] = "SSH-1.5-late\n";
        struct ssh_setup setup = {
            .role = SSH_CLIENT,
            .versions = cases[i].versions,
            .software = "core",
            .now_ms = 1000,
            .v1_ciphers = "3des",
            .random = chance_bytes,
            .random_state = &chance,
        };
        struct ssh_conn *c = ssh_conn_new(&setup);
        struct ssh_event event;

        ssh_conn_tick(c, 1000);
        ssh_conn_tick(c, 3999);
        assert_true(span_is(ssh_conn_output(c), cases[i].at_once));
        if (cases[i].versions == (SSH_VERSION_1 | SSH_VERSION_2))
            assert_int_equal(ssh_conn_deadline(c), 4000);
        ssh_conn_tick(c, 4000);
        assert_true(span_is(ssh_conn_output(c), cases[i].later));
        ssh_conn_tick(c, 9000);
        assert_true(span_is(ssh_conn_output(c), cases[i].later));
        /* What was said is not taken back. */
        (void)ssh_conn_input(c, late, sizeof(late) - 1);
        if (cases[i].versions == SSH_VERSION_1) {
            assert_int_equal(ssh_conn_version(c), 1);
        } else {
            assert_true(ssh_conn_next_event(c, &event));
            assert_int_equal(event.type, SSH_EVENT_CLOSED);
            assert_int_equal(event.err, ERR_REFUSED);
        }
        ssh_conn_free(c);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exec_comes_back_with_its_status),
        cmocka_unit_test(test_bytes_may_come_one_by_one),
        cmocka_unit_test(test_large_output_arrives_whole),
        cmocka_unit_test(test_what_is_typed_is_echoed),
        cmocka_unit_test(test_hoarding_stops_the_input),
        cmocka_unit_test(test_wrong_password_is_failure),
        cmocka_unit_test(test_disconnect_is_told),
        cmocka_unit_test(test_the_version_that_both_have),
        cmocka_unit_test(test_a_server_of_both_versions_waits),
        cmocka_unit_test(test_a_client_of_both_versions_waits_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
