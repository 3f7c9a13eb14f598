/*
 * Every message number to a client in every state, and servers that talk
 * without end: hardening 2.16 to 2.19, 4.18 and 8.3 from the client's side.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fates.h"
#include "ssh/v2/ssh2.h"

/* --- every number in every state -------------------------------------- */

static void
reach_kexinit(struct fixture *f)
{
    raw_idents(&f->raw);
    raw_expect_kexinit(&f->raw);
}

static void
reach_kex_reply(struct fixture *f)
{
    reach_kexinit(f);
    raw_send_kexinit(&f->raw);
    raw_expect(&f->raw, SSH2_MSG_KEX_INIT);
}

static void
reach_gex_group(struct fixture *f)
{
    f->raw.kex = "diffie-hellman-group-exchange-sha256";
    reach_kexinit(f);
    raw_send_kexinit(&f->raw);
    raw_expect_gex_request(&f->raw);
}

static void
reach_gex_reply(struct fixture *f)
{
    f->raw.kex = "diffie-hellman-group-exchange-sha256";
    reach_kexinit(f);
    raw_send_kexinit(&f->raw);
    raw_expect_init(&f->raw);
}

static void
reach_newkeys(struct fixture *f)
{
    reach_kexinit(f);
    raw_send_kexinit(&f->raw);
    raw_run_method(&f->raw);
    raw_expect_newkeys(&f->raw);
    raw_expect(&f->raw, SSH2_MSG_SERVICE_REQUEST);
}

/* Behind the packet that might have been EXT_INFO. */
static void
reach_service(struct fixture *f)
{
    raw_handshake(&f->raw);
    raw_expect(&f->raw, SSH2_MSG_SERVICE_REQUEST);
    raw_send_number(&f->raw, SSH2_MSG_IGNORE);
}

static void
reach_rekey(struct fixture *f)
{
    fixture_there_session(f);
    raw_send_kexinit(&f->raw);
    raw_expect_kexinit(&f->raw);
    raw_expect(&f->raw, SSH2_MSG_KEX_INIT);
}

/*
 * 7 in AUTH: EXT_INFO, behind which SUCCESS is due. 60 there: a new password
 * is demanded. 99 and 100 in OPEN: the one reply that is due.
 */
static const struct fates fates[] = {
    {"KEXINIT", reach_kexinit, "2-4", "", "20"},
    {"KEX_REPLY", reach_kex_reply, "2-4", "0,8-19,22-29", ""},
    {"GEX_GROUP", reach_gex_group, "2-4", "0,8-19,22-29", ""},
    {"GEX_REPLY", reach_gex_reply, "2-4", "0,8-19,22-29", ""},
    {"NEWKEYS", reach_newkeys, "2-4,21", "0,8-19,22-29", ""},
    {"SERVICE", reach_service, "2-4", "0,8-19,22-29,54-59,62-79", "6,20"},
    {"AUTH", fixture_there_auth, "2-4,7,51,53,60", "0,8-19,22-29,54-59,62-79",
     "20,52"},
    {"OPEN", fixture_there_session, "2-4,93-96,99,100",
     "0,8-19,22-29,54-59,62-79,83-89,101-255", "20,80,90,97,98"},
    {"REKEY", reach_rekey, "2-4,93-96", "0,8-19,22-29", ""},
};

static void
test_2_16_every_number_in_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++)
        fates_expect(&fates[i], fixture_client);
}

/* --- servers that talk without end ------------------------------------- */

static void
test_2_2_lines_before_the_identification_are_few(void **state)
{
    static const struct {
        size_t lines, len; /* with their ends */
        bool ends;
    } cases[] = {
        {0, 0, false},    {64, 10, false},  {65, 10, true},  {16, 1024, false},
        {17, 1024, true}, {1, 1024, false}, {1, 1025, true},
    };
    static char line[2000];
    struct fixture f;

    (void)state;
    memset(line, 'x', sizeof(line));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_client(&f);
        raw_take(&f.raw);
        for (size_t j = 0; j < cases[i].lines; j++) {
            raw_bytes(&f.raw, span_of(line, cases[i].len - 1));
            raw_bytes(&f.raw, span_text("\n"));
        }
        if (!cases[i].ends)
            raw_handshake(&f.raw);
        assert_int_equal(f.user.closed, cases[i].ends);
        fixture_clear(&f);
    }
}

static void
test_2_4_identifications_of_old_servers(void **state)
{
    static const struct {
        const char *line;
        bool serves;
    } cases[] = {
        {"SSH-1.99-Cisco-1.25", true},
        {"SSH-2.0-Cisco-1.25", true},
        {"SSH-2.0-OpenSSH_3.9p1 \x1b[2J with a comment", true},
        {"SSH-1.5-Cisco-1.25", false},
        {"SSH-3.0-x", false},
        {"SSH-2.0", false},
        {"SSH-99999999999.0-x", false},
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_client(&f);
        f.raw.ident = cases[i].line;
        if (cases[i].serves)
            raw_handshake(&f.raw);
        else
            raw_idents(&f.raw);
        assert_int_equal(f.user.closed, !cases[i].serves);
        if (cases[i].serves)
            assert_true(
                span_is(ssh_conn_peer_ident(f.user.conn), cases[i].line));
        fixture_clear(&f);
    }
}

/* Packets of this kind until the client leaves; how many. */
static int
flood(struct fixture *f, uint8_t message, size_t len, int most)
{
    static const uint8_t bytes[30000];
    int sent = 0;

    while (!f->user.closed && sent < most) {
        struct buf *to = raw_begin(&f->raw, message);

        if (message == SSH2_MSG_DEBUG)
            buf_put_bool(to, true);
        buf_put_string(to, span_of(bytes, len));
        if (message != SSH2_MSG_IGNORE)
            buf_put_text(to, "");
        raw_end(&f->raw);
        sent++;
    }
    return sent;
}

static void
test_2_17_noise_before_login_is_bounded(void **state)
{
    static const uint8_t kinds[] = {SSH2_MSG_IGNORE, SSH2_MSG_DEBUG,
                                    SSH2_MSG_USERAUTH_BANNER};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(kinds); i++) {
        fixture_client(&f);
        fixture_there_auth(&f);
        assert_true(flood(&f, kinds[i], 10, 3000) < SSH_PREAUTH_PACKETS_MAX);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);

        fixture_client(&f);
        fixture_there_auth(&f);
        assert_true(flood(&f, kinds[i], 30000, 100) <=
                    SSH_PREAUTH_BYTES_MAX / 30000 + 1);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_2_17_noise_after_login_is_free(void **state)
{
    struct fixture f;

    (void)state;
    fixture_client(&f);
    fixture_there_session(&f);
    assert_int_equal(flood(&f, SSH2_MSG_IGNORE, 1000, 5000), 5000);
    assert_int_equal(flood(&f, SSH2_MSG_DEBUG, 0, 5000), 5000);
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

/* Requests that want an answer, from a server that reads none. */
static void
test_2_18_answers_that_nobody_reads_are_bounded(void **state)
{
    static const char *const names[] = {"keepalive@openssh.com",
                                        "hostkeys-prove-00@openssh.com"};
    struct fixture f;
    size_t peak = 0;

    (void)state;
    fixture_client(&f);
    fixture_there_session(&f);
    for (int i = 0; i < 100000 && ssh_conn_wants_input(f.user.conn); i++) {
        size_t mark;

        buf_reset(&f.raw.packet);
        mark = packet_begin(&f.raw.packet);
        buf_put_u8(&f.raw.packet, SSH2_MSG_GLOBAL_REQUEST);
        buf_put_text(&f.raw.packet, names[i % 2]);
        buf_put_bool(&f.raw.packet, true);
        assert_int_equal(packet_seal(&f.raw.tx, &f.raw.packet, mark,
                                     chance_bytes, &f.raw.chance),
                         OK);
        assert_int_equal(ssh_conn_input(f.user.conn, buf_bytes(&f.raw.packet),
                                        buf_len(&f.raw.packet)),
                         buf_len(&f.raw.packet));
        peak = ssh_conn_output(f.user.conn).len;
    }
    assert_false(ssh_conn_wants_input(f.user.conn));
    assert_true(peak > SSH_OUTPUT_MAX / 2 && peak <= SSH_OUTPUT_MAX);
    raw_take(&f.raw);
    assert_true(ssh_conn_wants_input(f.user.conn));
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

        fixture_client(&f);
        fixture_there_auth(&f);
        to = raw_begin(&f.raw, SSH2_MSG_DISCONNECT);
        if (i > 0)
            buf_put_u32(to, 2);
        if (i == 2)
            buf_put_string(to, span_of(huge, sizeof(huge)));
        if (i == 3)
            buf_put_string(to, span_text("Too many\033[2J\r\nforged"));
        raw_end(&f.raw);
        raw_expect(&f.raw, RAW_NOTHING);
        assert_true(f.user.closed);
        assert_true(f.user.end.by_peer);
        assert_true(strlen(f.user.end.text) <= 4 * 128);
        for (const char *p = f.user.end.text; *p != '\0'; p++)
            assert_true(*p >= ' ' && *p < 0x7f);
        fixture_clear(&f);
    }
}

/* A client begins no re-key before it is in (RFC 8308), and takes one then. */
static void
test_a_server_may_change_keys_while_a_user_types(void **state)
{
    struct fixture f;

    (void)state;
    fixture_client(&f);
    f.user.method = USER_INTERACTIVE;
    fixture_there_auth(&f);
    raw_rekey(&f.raw);
    raw_expect_quiet(&f.raw);
    raw_send_number(&f.raw, SSH2_MSG_USERAUTH_SUCCESS);
    raw_expect(&f.raw, SSH2_MSG_CHANNEL_OPEN);
    fixture_clear(&f);
}

static void
test_3_13_a_storm_of_rekeys_ends(void **state)
{
    struct fixture f;

    (void)state;
    fixture_client(&f);
    fixture_there_session(&f);
    for (int i = 0; i < STORM_MAX; i++)
        raw_rekey(&f.raw);
    raw_send_kexinit(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_2_16_every_number_in_every_state),
        cmocka_unit_test(test_2_2_lines_before_the_identification_are_few),
        cmocka_unit_test(test_2_4_identifications_of_old_servers),
        cmocka_unit_test(test_2_17_noise_before_login_is_bounded),
        cmocka_unit_test(test_2_17_noise_after_login_is_free),
        cmocka_unit_test(test_2_18_answers_that_nobody_reads_are_bounded),
        cmocka_unit_test(test_2_19_disconnects_of_any_form_are_the_end),
        cmocka_unit_test(test_a_server_may_change_keys_while_a_user_types),
        cmocka_unit_test(test_3_13_a_storm_of_rekeys_ends),
    };

    return cmocka_run_group_tests_name("client, messages", tests, NULL, NULL);
}
