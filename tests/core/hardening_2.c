/*
 * Attacks on identification; numbers as in section 2 of the list of attacks
 * and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

/* --- identification -------------------------------------------------- */

/* The connection closed without a packet; what it had sent behind its own
   identification line. */
static void
assert_closed_saying(struct fixture *f, const char *text)
{
    static const char ident[] = "SSH-2.0-vtyd_test\r\n";

    raw_take(&f->raw);
    assert_true(f->owner.closed);
    assert_int_equal(f->owner.end.reason, SSH_REASON_NONE);
    assert_int_equal(buf_len(&f->raw.in), strlen(ident) + strlen(text));
    buf_consume(&f->raw.in, strlen(ident));
    assert_memory_equal(buf_bytes(&f->raw.in), text, strlen(text));
}

static void
test_2_1_foreign_greetings_get_one_line(void **state)
{
    static const char *const greetings[] = {
        "GET / HTTP/1.1\r\nHost: r\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "EHLO there\r\n",
        "\r\n",
        "\n",
        "\x80\x80\x01\x03\x01",
        "ssh-2.0-x\r\n",
        "SSh-2.0-x\r\n",
        " SSH-2.0-x\r\n",
        "SSX",
        "USER root\r\n",
        "\x03\x00\x00\x13\x0e",
        "\xff\xfb\x1f\xff\xfb\x20",
        "HELP\r\n",
        "OPTIONS * RTSP/1.0\r\n",
        "\177ELF",
        "QUIT\r\n",
        "*1\r\n$4\r\nPING\r\n",
        "RFB 003.008\n",
        "S\r\n",
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(greetings) / sizeof(greetings[0]); i++) {
        fixture_server(&f);
        raw_bytes(&f.raw, span_text(greetings[i]));
        assert_closed_saying(&f, "Protocol mismatch.\r\n");
        fixture_clear(&f);
    }
}

static void
test_2_1_random_bytes_close(void **state)
{
    static uint8_t noise[65536];
    struct chance chance = {99};
    struct fixture f;

    (void)state;
    chance_bytes(&chance, noise, sizeof(noise));
    noise[0] = 'X';
    fixture_server(&f);
    raw_bytes(&f.raw, span_of(noise, sizeof(noise)));
    assert_closed_saying(&f, "Protocol mismatch.\r\n");
    fixture_clear(&f);
}

/* An identification line of `len` bytes, CR LF included. */
static void
send_line(struct raw *raw, size_t len)
{
    char *line = malloc(len + 1);

    assert_non_null(line);
    memset(line, 'x', len);
    memcpy(line, "SSH-2.0-", 8);
    memcpy(line + len - 2, "\r\n", 2);
    raw_bytes(raw, span_of(line, len));
    free(line);
}

static void
test_2_2_a_line_of_255_bytes_is_taken(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    send_line(&f.raw, 255);
    assert_int_equal(ssh_conn_peer_ident(f.owner.conn).len, 253);
    assert_false(f.owner.closed);
    fixture_clear(&f);
}

static void
test_2_2_longer_lines_close(void **state)
{
    static const size_t lengths[] = {256, 257, 8192, 1048576};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        fixture_server(&f);
        send_line(&f.raw, lengths[i]);
        assert_closed_saying(&f, "");
        fixture_clear(&f);
    }
}

static void
test_2_2_a_client_passes_over_64_lines(void **state)
{
    struct fixture f;

    (void)state;
    for (unsigned lines = 64; lines <= 65; lines++) {
        fixture_client(&f);
        for (unsigned i = 0; i < lines; i++)
            raw_bytes(&f.raw, span_text("welcome to this machine\r\n"));
        raw_bytes(&f.raw, span_text("SSH-2.0-raw\r\n"));
        assert_int_equal(f.user.closed, lines > 64);
        fixture_clear(&f);
    }
}

static void
test_2_2_a_client_bounds_the_text_before(void **state)
{
    static char line[2000];
    struct fixture f;

    (void)state;
    memset(line, 'w', sizeof(line));
    fixture_client(&f);
    raw_bytes(&f.raw, span_of(line, 1024));
    assert_true(f.user.closed);
    fixture_clear(&f);
    line[1022] = '\n';
    fixture_client(&f);
    for (int i = 0; i < 16; i++)
        raw_bytes(&f.raw, span_of(line, 1023));
    assert_false(f.user.closed);
    raw_bytes(&f.raw, span_of(line, 1023));
    assert_true(f.user.closed);
    fixture_clear(&f);
}

static void
test_2_3_text_before_a_clients_identification_closes(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    raw_bytes(&f.raw, span_text("hello\r\nSSH-2.0-x\r\n"));
    assert_closed_saying(&f, "Protocol mismatch.\r\n");
    fixture_clear(&f);
}

static void
test_2_4_a_nul_closes_and_other_bytes_are_kept(void **state)
{
    static const char odd[] = "SSH-2.0-\033[2J%n\001\r\n";
    struct fixture f;

    (void)state;
    fixture_server(&f);
    raw_bytes(&f.raw, span_of("SSH-2.0-a\0b\r\n", 13));
    assert_closed_saying(&f, "");
    fixture_clear(&f);
    fixture_server(&f);
    raw_bytes(&f.raw, span_text(odd));
    assert_true(span_equal(ssh_conn_peer_ident(f.owner.conn),
                           span_of(odd, sizeof(odd) - 3)));
    fixture_clear(&f);
}

static void
test_2_4_odd_identifications_are_hashed_as_they_are(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    f.raw.ident = "SSH-2.0-\033[2J%n \x80 odd";
    fixture_keys(&f);
    fixture_clear(&f);
}

static void
test_2_5_version_numbers(void **state)
{
    static const struct {
        const char *line;
        bool ok;
    } lines[] = {
        {"SSH-2.0-x", true},
        {"SSH-1.99-x", true},
        {"SSH-2.0-", true},
        {"SSH-1.3-x", false},
        {"SSH-1.4-x", false},
        {"SSH-1.5-x", false},
        {"SSH-1.6-x", false},
        {"SSH-2.1-x", false},
        {"SSH-9.9-x", false},
        {"SSH-99999999999.0-x", false},
        {"SSH-2.99999999999-x", false},
        {"SSH-2.0", false},
        {"SSH-2-x", false},
        {"SSH-.0-x", false},
        {"SSH--x", false},
        {"SSH-2.-x", false},
        {"SSH-4294967298.0-x", false},
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        fixture_server(&f);
        raw_bytes(&f.raw, span_text(lines[i].line));
        raw_bytes(&f.raw, span_text("\r\n"));
        assert_int_equal(f.owner.closed, !lines[i].ok);
        fixture_clear(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_2_1_foreign_greetings_get_one_line),
        cmocka_unit_test(test_2_1_random_bytes_close),
        cmocka_unit_test(test_2_2_a_line_of_255_bytes_is_taken),
        cmocka_unit_test(test_2_2_longer_lines_close),
        cmocka_unit_test(test_2_2_a_client_passes_over_64_lines),
        cmocka_unit_test(test_2_2_a_client_bounds_the_text_before),
        cmocka_unit_test(test_2_3_text_before_a_clients_identification_closes),
        cmocka_unit_test(test_2_4_a_nul_closes_and_other_bytes_are_kept),
        cmocka_unit_test(test_2_4_odd_identifications_are_hashed_as_they_are),
        cmocka_unit_test(test_2_5_version_numbers),
    };

    return cmocka_run_group_tests_name("hardening 2, identification", tests,
                                       NULL, NULL);
}
