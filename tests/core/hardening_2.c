/*
 * Attacks on identification and binary packets; numbers as in section 2 of
 * the list of attacks and faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"
#include "ssh/protocol.h"
#include "ssh/v2/ssh2.h"
#include "suites.h"

/* --- identification
 * ------------------------------------------------------------ */

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

/* --- the form of packets
 * ----------------------------------------------------------- */

static void
start_suite(struct fixture *f, const struct suite *suite)
{
    fixture_server(f);
    f->raw.cipher = suite->cipher;
    f->raw.mac = suite->mac;
    fixture_keys(f);
}

/* Whatever it was, the end is the same for CBC, and comes late. */
static void
expect_corrupted(struct fixture *f, const struct suite *suite,
                 enum ssh_reason reason)
{
    static const uint8_t zeros[PACKET_DISCARD];

    if (suite != NULL && suite->is_masked) {
        raw_expect_quiet(&f->raw);
        raw_bytes(&f->raw, span_of(zeros, sizeof(zeros)));
        reason = SSH_REASON_MAC_ERROR;
    }
    raw_expect_end(&f->raw, reason);
}

static const uint32_t bad_lengths[] = {
    0, 1, 4, 5, 13, 17, 35001, 66561, 0x7fffffff, 0x80000000, 0xffffffff,
};

static void
test_2_7_bad_lengths_in_clear(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(bad_lengths) / sizeof(uint32_t); i++) {
        fixture_server(&f);
        raw_idents(&f.raw);
        raw_expect_kexinit(&f.raw);
        raw_send_length(&f.raw, bad_lengths[i], 40);
        expect_corrupted(&f, NULL, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

static void
test_2_7_bad_lengths_under_each_cipher(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++) {
        for (size_t i = 0; i < sizeof(bad_lengths) / sizeof(uint32_t); i++) {
            start_suite(&f, &suites[s]);
            raw_send_length(&f.raw, bad_lengths[i], 48);
            expect_corrupted(&f, &suites[s], SSH_REASON_PROTOCOL_ERROR);
            fixture_clear(&f);
        }
    }
}

static void
test_2_7_the_largest_length_is_taken(void **state)
{
    static uint8_t ignore[34960];
    struct fixture f;

    (void)state;
    ignore[0] = SSH2_MSG_IGNORE;
    fixture_server(&f);
    fixture_keys(&f);
    raw_send(&f.raw, span_of(ignore, sizeof(ignore)));
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

/* A packet of 1 + payload + padding bytes whose padding field lies. */
static void
send_padded(struct fixture *f, size_t length, uint8_t padding)
{
    uint8_t packet[64] = {0};

    packet[3] = (uint8_t)length;
    packet[4] = padding;
    packet[5] = SSH2_MSG_IGNORE;
    raw_send_plain(&f->raw, span_of(packet, length + 4));
}

static void
test_2_9_bad_padding_though_authentic(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++) {
        /* A multiple of the block, with and without the length field. */
        bool apart = strstr(suites[s].mac, "etm") != NULL ||
                     strchr(suites[s].cipher, '@') != NULL;
        size_t length = apart ? 32 : 28;
        uint8_t paddings[] = {0,
                              1,
                              2,
                              3,
                              (uint8_t)(length - 1),
                              (uint8_t)length,
                              (uint8_t)(length + 1),
                              255};

        for (size_t i = 0; i < sizeof(paddings); i++) {
            start_suite(&f, &suites[s]);
            send_padded(&f, length, 4);
            raw_expect_quiet(&f.raw);
            send_padded(&f, length, paddings[i]);
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
            fixture_clear(&f);
        }
    }
}

/* --- integrity
 * --------------------------------------------------------------------- */

/* One bit of a sealed SERVICE_REQUEST is wrong: never an answer. */
static void
flip_bit(const struct suite *suite, size_t bit)
{
    static uint8_t zeros[PACKET_DISCARD];
    struct fixture f;
    struct reader r;
    uint8_t *bytes;
    size_t mark;

    start_suite(&f, suite);
    buf_reset(&f.raw.packet);
    mark = packet_begin(&f.raw.packet);
    buf_put_u8(&f.raw.packet, SSH2_MSG_SERVICE_REQUEST);
    buf_put_text(&f.raw.packet, "ssh-userauth");
    assert_int_equal(packet_seal(&f.raw.tx, &f.raw.packet, mark, chance_bytes,
                                 &f.raw.chance),
                     OK);
    bytes = buf_bytes(&f.raw.packet);
    bit %= buf_len(&f.raw.packet) * 8;
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    raw_bytes(&f.raw, buf_span(&f.raw.packet));
    /* A longer packet may have been announced. */
    raw_bytes(&f.raw, span_of(zeros, sizeof(zeros)));
    raw_expect(&f.raw, SSH2_MSG_DISCONNECT);
    r = raw_fields(&f.raw);
    mark = read_u32(&r);
    assert_true(mark == SSH_REASON_MAC_ERROR ||
                mark == SSH_REASON_PROTOCOL_ERROR);
    assert_true(span_is(read_string(&r), "Corrupted packet"));
    raw_expect(&f.raw, RAW_NOTHING);
    fixture_clear(&f);
}

static void
test_2_11_no_bit_may_flip(void **state)
{
    size_t step = 5;

    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++)
        for (size_t bit = s % step; bit < 96 * 8; bit += 8 * step - 3)
            flip_bit(&suites[s], bit);
    /* Every bit for the two orders of the commonest ciphers. */
    for (size_t bit = 0; bit < 48 * 8; bit++)
        flip_bit(&suites[bit % 2 == 0 ? 0 : 5], bit);
}

static void
test_2_11_replayed_and_dropped_packets_end(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++) {
        if (suites[s].is_masked)
            continue;
        start_suite(&f, &suites[s]);
        raw_send_number(&f.raw, SSH2_MSG_IGNORE);
        raw_expect_quiet(&f.raw);
        raw_bytes(&f.raw, buf_span(&f.raw.packet));
        assert_true(f.owner.closed);
        fixture_clear(&f);

        start_suite(&f, &suites[s]);
        f.raw.tx.seq++;
        raw_send_number(&f.raw, SSH2_MSG_IGNORE);
        /* AES-GCM has a counter of its own instead. */
        assert_int_equal(f.owner.closed,
                         strstr(suites[s].cipher, "gcm") == NULL);
        fixture_clear(&f);
    }
}

/* --- 2.12
 * ----------------------------------------------------------------------------
 */

enum cbc_fault { CBC_LENGTH_HUGE, CBC_LENGTH_ODD, CBC_MAC };

/* How many bytes are taken before the end, counted from the bad packet on. */
static size_t
bytes_until_end(const struct suite *suite, enum cbc_fault fault, size_t chunk)
{
    static const uint8_t zeros[4096];
    struct fixture f;
    struct reader r;
    size_t sent = 0;

    start_suite(&f, suite);
    if (fault == CBC_LENGTH_HUGE)
        raw_send_length(&f.raw, 0xfffffff0, 48);
    else if (fault == CBC_LENGTH_ODD)
        raw_send_length(&f.raw, 45, 48);
    else
        raw_send_length(&f.raw, 28, 48 + 64);
    sent = buf_len(&f.raw.packet);
    while (!f.owner.closed) {
        raw_bytes(&f.raw, span_of(zeros, chunk));
        sent += chunk;
        assert_true(sent < 2 * PACKET_DISCARD);
    }
    raw_expect(&f.raw, SSH2_MSG_DISCONNECT);
    r = raw_fields(&f.raw);
    assert_int_equal(read_u32(&r), SSH_REASON_MAC_ERROR);
    assert_true(span_is(read_string(&r), "Corrupted packet"));
    fixture_clear(&f);
    return sent;
}

static void
test_2_12_cbc_takes_the_same_bytes_whatever_was_wrong(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUITES_COUNT; s++) {
        if (!suites[s].is_masked)
            continue;
        for (int fault = 0; fault <= CBC_MAC; fault++) {
            size_t taken = bytes_until_end(&suites[s], fault, 16);

            assert_true(taken >= PACKET_DISCARD);
            assert_true(taken < PACKET_DISCARD + 16);
        }
    }
}

static void
test_2_12_reading_on_has_a_deadline(void **state)
{
    struct fixture f;

    (void)state;
    start_suite(&f, &suites[8]);
    raw_send_length(&f.raw, 0xfffffff0, 48);
    assert_int_equal(ssh_conn_deadline(f.owner.conn), 0);
    ssh_conn_tick(f.owner.conn, 1000);
    assert_int_equal(ssh_conn_deadline(f.owner.conn), 1000 + DISCARD_TIME_MS);
    ssh_conn_tick(f.owner.conn, 1000 + DISCARD_TIME_MS);
    raw_take(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_MAC_ERROR);
    fixture_clear(&f);
}

/* --- 2.13 to 2.15
 * ----------------------------------------------------------------------- */

static void
test_2_13_worn_keys_are_changed(void **state)
{
    struct fixture f;
    struct ssh2 *ssh;

    (void)state;
    for (int i = 0; i < 4; i++) {
        fixture_server(&f);
        if (i == 3)
            f.raw.cipher = "3des-cbc";
        fixture_login(&f);
        ssh = ssh2_of(f.owner.conn);
        if (i == 0)
            ssh->rx.packets = REKEY_PACKETS - 1;
        if (i == 1)
            ssh->tx.packets = REKEY_PACKETS;
        if (i == 2)
            ssh->rx.bytes = UINT64_C(1) << 30;
        if (i == 3)
            ssh->tx.bytes = UINT64_C(1) << 30;
        if (i == 3)
            f.owner.conn->rekey_bytes = UINT64_MAX;
        raw_send_number(&f.raw, SSH2_MSG_IGNORE);
        raw_expect_kexinit(&f.raw);
        raw_send_kexinit(&f.raw);
        raw_run_method(&f.raw);
        raw_expect_newkeys(&f.raw);
        raw_send_newkeys(&f.raw);
        raw_expect_quiet(&f.raw);
        assert_int_equal(ssh->rx.packets + ssh->tx.packets, 0);
        fixture_clear(&f);
    }
}

static void
test_2_13_sequence_numbers_wrap(void **state)
{
    struct fixture f;
    struct ssh2 *ssh;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    ssh = ssh2_of(f.owner.conn);
    ssh->rx.seq = f.raw.tx.seq = UINT32_MAX;
    for (int i = 0; i < 3; i++)
        raw_send_number(&f.raw, SSH2_MSG_IGNORE);
    raw_expect_quiet(&f.raw);
    assert_int_equal(ssh->rx.seq, 2);
    fixture_clear(&f);
}

static void
test_2_14_only_no_compression_is_agreed(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    raw_idents(&f.raw);
    raw_expect_kexinit(&f.raw);
    f.raw.compression = "zlib@openssh.com,zlib";
    raw_send_kexinit(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
    fixture_clear(&f);
}

/* --- 2.16: every number in every state
 * ----------------------------------------------------- */

enum fate {
    FATE_END,    /* DISCONNECT, protocol error */
    FATE_SILENT, /* the end without a word: it said goodbye */
    FATE_U,      /* UNIMPLEMENTED */
    FATE_QUIET,  /* taken, no answer */
    FATE_OTHER,  /* an answer of its own; other tests look at it */
};

static bool
is_in(uint8_t number, const char *list)
{
    for (const char *p = list; *p != '\0';) {
        char *end;
        unsigned long from = strtoul(p, &end, 10);
        unsigned long to = *end == '-' ? strtoul(end + 1, &end, 10) : from;

        if (number >= from && number <= to)
            return true;
        p = *end == ',' ? end + 1 : end;
    }
    return false;
}

struct fates {
    const char *state;
    void (*reach)(struct fixture *f);
    const char *quiet, *unimplemented, *other; /* numbers; the rest ends */
};

static void
reach_kexinit(struct fixture *f)
{
    raw_idents(&f->raw);
    raw_expect_kexinit(&f->raw);
}

static void
reach_kex_init(struct fixture *f)
{
    reach_kexinit(f);
    raw_send_kexinit(&f->raw);
}

static void
reach_newkeys(struct fixture *f)
{
    reach_kex_init(f);
    raw_run_method(&f->raw);
    raw_expect_newkeys(&f->raw);
}

/* Behind the packet that might have been EXT_INFO. */
static void
reach_service(struct fixture *f)
{
    fixture_keys(f);
    raw_send_number(&f->raw, SSH2_MSG_IGNORE);
}

static void
reach_open(struct fixture *f)
{
    fixture_login(f);
    fixture_shell(f, 7);
}

static void
reach_rekey(struct fixture *f)
{
    fixture_login(f);
    raw_send_kexinit(&f->raw);
    raw_expect_kexinit(&f->raw);
}

/* 98: the sample asks for a shell on a channel that has one. */
static const struct fates fates[] = {
    {"KEXINIT", reach_kexinit, "2-4,20", "", ""},
    {"KEX_INIT", reach_kex_init, "2-4", "0,8-19,22-29", "30"},
    {"NEWKEYS", reach_newkeys, "2-4", "0,8-19,22-29", "21"},
    {"SERVICE", reach_service, "2-4", "0,8-19,22-29,54-59,62-79", "5,20"},
    {"AUTH", fixture_service, "2-4", "0,8-19,22-29,54-59,62-79", "5,20,50,61"},
    {"OPEN", reach_open, "2-4,50,61,93,95",
     "0,8-19,22-29,54-59,62-79,83-89,101-255", "20,80,90,94,96,97,98"},
    {"REKEY", reach_rekey, "2-4", "0,8-19,22-29", "30"},
};

static enum fate
expected_fate(const struct fates *state, uint8_t number)
{
    if (number == SSH2_MSG_DISCONNECT)
        return FATE_SILENT;
    if (is_in(number, state->quiet))
        return FATE_QUIET;
    if (is_in(number, state->unimplemented))
        return FATE_U;
    return is_in(number, state->other) ? FATE_OTHER : FATE_END;
}

static enum fate
observed_fate(struct fixture *f)
{
    int message = raw_next(&f->raw);
    uint32_t seq = f->raw.tx.seq - 1;
    struct reader r;

    if (message == RAW_NOTHING)
        return f->owner.closed ? FATE_SILENT : FATE_QUIET;
    r = raw_fields(&f->raw);
    if (message == SSH2_MSG_UNIMPLEMENTED) {
        assert_int_equal(read_u32(&r), seq);
        return FATE_U;
    }
    if (message != SSH2_MSG_DISCONNECT)
        return FATE_OTHER;
    assert_int_equal(read_u32(&r), SSH_REASON_PROTOCOL_ERROR);
    assert_int_equal(raw_next(&f->raw), RAW_NOTHING);
    return FATE_END;
}

static void
test_2_16_every_number_in_every_state(void **state)
{
    struct fixture f;

    (void)state;
    for (size_t s = 0; s < sizeof(fates) / sizeof(fates[0]); s++) {
        for (unsigned number = 0; number < 256; number++) {
            enum fate expected = expected_fate(&fates[s], (uint8_t)number);
            enum fate observed;

            fixture_server(&f);
            fates[s].reach(&f);
            send_sample(&f.raw, (uint8_t)number);
            observed = observed_fate(&f);
            if (expected != FATE_OTHER && observed != expected)
                fail_msg("%s, message %u: %d instead of %d", fates[s].state,
                         number, observed, expected);
            fixture_clear(&f);
        }
    }
}

/* --- floods
 * -------------------------------------------------------------------------------
 */

static void
test_2_17_noise_is_free_after_login(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    for (int i = 0; i < 30000; i++)
        send_sample(&f.raw, (uint8_t)(SSH2_MSG_IGNORE + i % 3));
    raw_expect_quiet(&f.raw);
    fixture_clear(&f);
}

static void
test_2_17_noise_is_bounded_before_login(void **state)
{
    struct fixture f;
    int sent = 0;

    (void)state;
    fixture_server(&f);
    fixture_keys(&f);
    while (!f.owner.closed && sent < 3000) {
        send_sample(&f.raw, SSH2_MSG_IGNORE);
        sent++;
    }
    /* KEXINIT, the value and NEWKEYS came before. */
    assert_int_equal(sent, SSH_PREAUTH_PACKETS_MAX - 3 + 1);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
    fixture_clear(&f);
}

static void
test_2_18_answers_that_nobody_reads_are_bounded(void **state)
{
    static const uint8_t unknown[] = {192};
    struct fixture f;
    size_t peak = 0;

    (void)state;
    fixture_server(&f);
    fixture_login(&f);
    for (int i = 0; i < 100000 && ssh_conn_wants_input(f.owner.conn); i++) {
        size_t mark, taken;

        buf_reset(&f.raw.packet);
        mark = packet_begin(&f.raw.packet);
        buf_put(&f.raw.packet, unknown, 1);
        assert_int_equal(packet_seal(&f.raw.tx, &f.raw.packet, mark,
                                     chance_bytes, &f.raw.chance),
                         OK);
        taken = ssh_conn_input(f.owner.conn, buf_bytes(&f.raw.packet),
                               buf_len(&f.raw.packet));
        assert_int_equal(taken, buf_len(&f.raw.packet));
        peak = ssh_conn_output(f.owner.conn).len;
    }
    assert_false(ssh_conn_wants_input(f.owner.conn));
    assert_true(peak > SSH_OUTPUT_MAX / 2 && peak <= SSH_OUTPUT_MAX);
    /* Read it, and it goes on. */
    raw_take(&f.raw);
    assert_true(ssh_conn_wants_input(f.owner.conn));
    fixture_clear(&f);
}

static void
test_2_18_unknown_messages_in_an_exchange_are_few(void **state)
{
    struct fixture f;

    (void)state;
    fixture_server(&f);
    reach_rekey(&f);
    for (int i = 0; i < KEX_UNIMPLEMENTED_MAX; i++) {
        raw_send_number(&f.raw, 25);
        raw_expect(&f.raw, SSH2_MSG_UNIMPLEMENTED);
    }
    raw_send_number(&f.raw, 25);
    raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
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

        fixture_server(&f);
        fixture_login(&f);
        to = raw_begin(&f.raw, SSH2_MSG_DISCONNECT);
        if (i > 0)
            buf_put_u32(to, 11);
        if (i == 2)
            buf_put_string(to, span_of(huge, sizeof(huge)));
        if (i == 3)
            buf_put_string(to, span_text("\xff\xfe\033[2J\r\nforged"));
        raw_end(&f.raw);
        raw_expect(&f.raw, RAW_NOTHING);
        assert_true(f.owner.closed);
        assert_true(f.owner.end.by_peer);
        assert_true(strlen(f.owner.end.text) <= 4 * 128);
        for (const char *p = f.owner.end.text; *p != '\0'; p++)
            assert_true(*p >= ' ' && *p < 0x7f);
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
        cmocka_unit_test(test_2_7_bad_lengths_in_clear),
        cmocka_unit_test(test_2_7_bad_lengths_under_each_cipher),
        cmocka_unit_test(test_2_7_the_largest_length_is_taken),
        cmocka_unit_test(test_2_9_bad_padding_though_authentic),
        cmocka_unit_test(test_2_11_no_bit_may_flip),
        cmocka_unit_test(test_2_11_replayed_and_dropped_packets_end),
        cmocka_unit_test(test_2_12_cbc_takes_the_same_bytes_whatever_was_wrong),
        cmocka_unit_test(test_2_12_reading_on_has_a_deadline),
        cmocka_unit_test(test_2_13_worn_keys_are_changed),
        cmocka_unit_test(test_2_13_sequence_numbers_wrap),
        cmocka_unit_test(test_2_14_only_no_compression_is_agreed),
        cmocka_unit_test(test_2_16_every_number_in_every_state),
        cmocka_unit_test(test_2_17_noise_is_free_after_login),
        cmocka_unit_test(test_2_17_noise_is_bounded_before_login),
        cmocka_unit_test(test_2_18_answers_that_nobody_reads_are_bounded),
        cmocka_unit_test(test_2_18_unknown_messages_in_an_exchange_are_few),
        cmocka_unit_test(test_2_19_disconnects_of_any_form_are_the_end),
    };

    return cmocka_run_group_tests_name("hardening 2", tests, NULL, NULL);
}
