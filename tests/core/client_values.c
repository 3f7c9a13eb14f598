/*
 * Servers with bad groups, values, keys and guesses: hardening 3.5 to 3.11
 * from the client's side.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/kex_method.h"
#include "fixture.h"
#include "guest.h"
#include "ssh/v2/ssh2.h"

#define GEX       "diffie-hellman-group-exchange-sha256"
#define P_LEN_MAX 1024

static const uint8_t two = 2, five = 5;

/* Big-endian p of the known group with so many bits. */
static struct span
prime(unsigned bits, uint8_t bytes[P_LEN_MAX])
{
    const struct kex_group *group;
    struct buf both;
    struct reader r;
    struct span p;

    assert_int_equal(kex_group_choose(bits, bits, bits, &group), OK);
    buf_init(&both, KEX_VALUE_MAX);
    kex_group_put(group, &both);
    r = reader_over(buf_span(&both));
    p = read_mpint(&r, P_LEN_MAX);
    memcpy(bytes, p.ptr, p.len);
    buf_clear(&both);
    return span_of(bytes, p.len);
}

/* --- 3.9 group exchange ------------------------------------------------ */

/* A client that waits for a group, of `group_min` bits at least. */
static void
reach_group(struct fixture *f, uint32_t group_min)
{
    fixture_client(f);
    user_clear(&f->user);
    user_init(&f->user);
    f->setup.group_min = group_min;
    user_start(&f->user, &f->setup);
    f->raw.conn = f->user.conn;
    f->raw.kex = GEX;
    raw_idents(&f->raw);
    raw_expect_kexinit(&f->raw);
    raw_send_kexinit(&f->raw);
    raw_expect_gex_request(&f->raw);
}

static void
test_3_9_the_wish_for_a_group(void **state)
{
    static const struct {
        uint32_t group_min, min, preferred;
    } cases[] = {
        {0, 2048, 3072},    {1, 1024, 3072},    {1024, 1024, 3072},
        {2048, 2048, 3072}, {4096, 4096, 4096},
    };
    struct fixture f;
    struct reader r;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reach_group(&f, cases[i].group_min);
        r = reader_over(buf_span(&f.raw.after));
        assert_int_equal(read_u32(&r), cases[i].min);
        assert_int_equal(read_u32(&r), cases[i].preferred);
        assert_int_equal(read_u32(&r), 8192);
        fixture_clear(&f);
    }
}

static void
test_3_9_a_group_of_the_servers_own_is_taken(void **state)
{
    uint8_t bytes[P_LEN_MAX];
    struct fixture f;

    (void)state;
    reach_group(&f, 0);
    /* None of the known: their generator is 2. */
    raw_send_gex_group(&f.raw, prime(2048, bytes), span_of(&five, 1));
    raw_run_method(&f.raw);
    raw_expect_newkeys(&f.raw);
    raw_send_newkeys(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
    raw_expect_quiet(&f.raw);
    assert_string_equal(ssh_conn_keys(f.user.conn).kex, GEX);
    fixture_clear(&f);
}

static void
test_3_9_bad_groups_are_refused(void **state)
{
    uint8_t bytes[P_LEN_MAX], other[P_LEN_MAX];
    struct span p = prime(2048, bytes);
    const struct {
        struct span p, g;
    } groups[] = {
        {SPAN_EMPTY, SPAN_EMPTY},
        {p, SPAN_EMPTY},
        {p, span_of("\x01", 1)},
        {p, p},
        {span_of(bytes, 255), span_of(&two, 1)}, /* 2040 bits */
        {span_of(other, 256), span_of(&two, 1)}, /* even */
        {span_of(&five, 1), span_of(&two, 1)},
    };
    struct fixture f;

    (void)state;
    memcpy(other, bytes, 256);
    other[255]++;
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        reach_group(&f, 0);
        raw_send_gex_group(&f.raw, groups[i].p, groups[i].g);
        raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
        fixture_clear(&f);
    }
}

static void
test_3_9_numbers_beyond_all_groups_do_not_parse(void **state)
{
    static const uint8_t huge[P_LEN_MAX + 1] = {1};
    struct fixture f;
    struct buf *to;

    (void)state;
    for (int i = 0; i < 3; i++) {
        reach_group(&f, 0);
        to = raw_begin(&f.raw, SSH2_MSG_GEX_GROUP);
        if (i == 0)
            buf_put_mpint(to, span_of(huge, sizeof(huge)));
        if (i == 1)
            buf_put_string(to, span_of("\xff\x01", 2)); /* negative */
        if (i == 2)
            buf_put_string(to, span_of("\0\0\x7f", 3)); /* needless zeros */
        buf_put_mpint(to, span_of(&two, 1));
        raw_end(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        fixture_clear(&f);
    }
}

/* --- 3.6 to 3.8 values ------------------------------------------------- */

static void
reach_reply(struct fixture *f, const char *kex)
{
    fixture_client(f);
    f->raw.kex = kex;
    raw_idents(&f->raw);
    raw_expect_kexinit(&f->raw);
    raw_send_kexinit(&f->raw);
    raw_expect_init(&f->raw);
}

/* A reply with this value; key and signature are never looked at. */
static void
send_value(struct fixture *f, struct span value)
{
    struct buf *to = raw_begin(&f->raw, SSH2_MSG_KEX_REPLY);

    buf_put_string(to, buf_span(&keys_of_all_types()[KEY_ED25519].blob));
    buf_put_string(to, value);
    buf_put_text(to, "signature");
    raw_end(&f->raw);
}

static void
test_3_8_bad_values_of_the_server(void **state)
{
    uint8_t p[1 + P_LEN_MAX] = {0}, values[3][1 + P_LEN_MAX];
    struct span bytes = prime(2048, p + 1);
    size_t len = 1 + bytes.len; /* with the sign's zero */
    struct fixture f;

    (void)state;
    for (int i = 0; i < 3; i++) { /* p - 1, p, p + 1 */
        memcpy(values[i], p, len);
        values[i][len - 1] = (uint8_t)(p[len - 1] + i - 1);
    }
    for (int i = 0; i < 7; i++) {
        const struct {
            struct span value;
            enum ssh_reason reason;
        } cases[] = {
            {SPAN_EMPTY, SSH_REASON_KEY_EXCHANGE_FAILED}, /* 0 */
            {span_of("\x01", 1), SSH_REASON_KEY_EXCHANGE_FAILED},
            {span_of(values[0], len), SSH_REASON_KEY_EXCHANGE_FAILED},
            {span_of(values[1], len), SSH_REASON_KEY_EXCHANGE_FAILED},
            {span_of(values[2], len), SSH_REASON_KEY_EXCHANGE_FAILED},
            {span_of("\xff", 1), SSH_REASON_PROTOCOL_ERROR}, /* -1 */
            {span_of("\0\x05", 2), SSH_REASON_PROTOCOL_ERROR},
        };

        reach_reply(&f, "diffie-hellman-group14-sha256");
        send_value(&f, cases[i].value);
        raw_expect_end(&f.raw, cases[i].reason);
        fixture_clear(&f);
    }
}

static void
test_3_6_3_7_bad_points_of_the_server(void **state)
{
    static const uint8_t zeros[200], one[32] = {1};
    static const uint8_t off_curve[65] = {4, 1};
    const struct {
        const char *kex;
        struct span value;
    } cases[] = {
        {"curve25519-sha256", span_of(zeros, 32)},
        {"curve25519-sha256", span_of(one, 32)},
        {"curve25519-sha256", span_of(zeros, 31)},
        {"curve25519-sha256", span_of(zeros, 33)},
        {"curve25519-sha256", SPAN_EMPTY},
        {"ecdh-sha2-nistp256", span_of(off_curve, 65)},
        {"ecdh-sha2-nistp256", span_of(zeros, 1)}, /* at infinity */
        {"ecdh-sha2-nistp384", span_of(off_curve, 65)},
        {"ecdh-sha2-nistp521", span_of(zeros, 133)},
    };
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reach_reply(&f, cases[i].kex);
        send_value(&f, cases[i].value);
        raw_take(&f.raw);
        assert_true(f.user.closed);
        assert_true(f.user.end.reason == SSH_REASON_PROTOCOL_ERROR ||
                    f.user.end.reason == SSH_REASON_KEY_EXCHANGE_FAILED);
        fixture_clear(&f);
    }
}

/* --- 3.11 keys ---------------------------------------------------------- */

static void
put_rsa(struct buf *to, struct span e, struct span n)
{
    buf_put_text(to, "ssh-rsa");
    buf_put_mpint(to, e);
    buf_put_mpint(to, n);
}

/* Keys whose arithmetic nobody should begin. */
static void
test_3_11_degenerate_rsa_keys(void **state)
{
    static const uint8_t e[] = {1, 0, 1}, one = 1, even = 4;
    static uint8_t n[2049];
    const struct {
        struct span e, n;
    } keys[] = {
        {span_of(&one, 1), span_of(n, 256)},
        {span_of(&even, 1), span_of(n, 256)},
        {SPAN_EMPTY, span_of(n, 256)},
        {span_of(n, 9), span_of(n, 256)},   /* an exponent of 72 bits */
        {span_of(n, 256), span_of(n, 256)}, /* and of 2048 */
        {span_of(e, 3), SPAN_EMPTY},
        {span_of(e, 3), span_of(n, 95)},   /* 760 bits */
        {span_of(e, 3), span_of(n, 2049)}, /* 16392 */
    };
    struct fixture f;

    (void)state;
    memset(n, 0xff, sizeof(n));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct test_key pair = keys_of_all_types()[KEY_RSA];

        buf_init(&pair.blob, 4096);
        put_rsa(&pair.blob, keys[i].e, keys[i].n);
        fixture_client(&f);
        f.raw.host_key = "rsa-sha2-256";
        f.raw.host_pair = &pair;
        raw_idents(&f.raw);
        raw_expect_kexinit(&f.raw);
        raw_send_kexinit(&f.raw);
        raw_run_method(&f.raw);
        raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
        buf_clear(&pair.blob);
        fixture_clear(&f);
    }
}

/* A server with an RSA key of so many bits; what its guest sees. */
static void
expect_rsa_host(unsigned bits, const char *algorithm, const char *log)
{
    struct client_login_setup wish = {.user = "lab"};
    struct guest guest = {.answers = NULL};
    struct test_key pair;
    struct fixture f;

    assert_int_equal(private_key_generate(KEY_RSA, bits, &pair.key), OK);
    buf_init(&pair.blob, KEY_BLOB_MAX);
    private_key_put_public(pair.key, &pair.blob);
    fixture_client(&f);
    guest_start(&guest, &f.setup, &wish);
    raw_init(&f.raw, guest.conn, SSH_SERVER, guest_turn, &guest);
    f.raw.host_key = algorithm;
    f.raw.host_pair = &pair;
    raw_handshake(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
    guest_expect(&guest, log);
    fixture_clear(&f);
    guest_clear(&guest);
    private_key_free(pair.key);
    buf_clear(&pair.blob);
}

static void
test_short_rsa_keys_are_taken_with_a_warning(void **state)
{
    (void)state;
    expect_rsa_host(768, "ssh-rsa",
                    "show % Warning: the RSA host key has 768 bits, less than "
                    "2048\n");
    expect_rsa_host(1024, "rsa-sha2-512",
                    "show % Warning: the RSA host key has 1024 bits, less "
                    "than 2048\n");
    expect_rsa_host(2048, "rsa-sha2-256", "");
}

/* --- 3.5 guesses --------------------------------------------------------- */

/*
 * A server that guesses sends its reply unasked. Whatever it holds, it is
 * passed over when the guess was wrong, and then exactly one packet is.
 */
static void
test_3_5_a_wrong_guess_is_passed_over_once(void **state)
{
    struct fixture f;

    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        fixture_client(&f);
        f.raw.kex = "diffie-hellman-group14-sha1"; /* not the client's first */
        f.raw.guesses = true;
        raw_idents(&f.raw);
        raw_expect_kexinit(&f.raw);
        raw_send_kexinit(&f.raw);
        raw_expect_init(&f.raw);
        if (extra == 0)
            raw_make_reply(&f.raw);
        for (int i = 0; i <= extra; i++)
            raw_send(&f.raw, span_of("\x1f"
                                     "garbage",
                                     8));
        if (extra > 0) {
            raw_expect_end(&f.raw, SSH_REASON_PROTOCOL_ERROR);
        } else {
            raw_end(&f.raw);
            raw_expect_newkeys(&f.raw);
        }
        fixture_clear(&f);
    }
}

/* --- re-keying ------------------------------------------------------------ */

static void
test_3_13_a_rekey_may_change_every_algorithm_but_the_key(void **state)
{
    struct fixture f;

    (void)state;
    fixture_client(&f);
    raw_handshake(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
    f.raw.kex = GEX;
    f.raw.cipher = "3des-cbc";
    f.raw.mac = "hmac-md5-96";
    raw_rekey(&f.raw);
    raw_expect_quiet(&f.raw);
    assert_string_equal(ssh_conn_keys(f.user.conn).cipher_in, "3des-cbc");
    assert_string_equal(ssh_conn_keys(f.user.conn).mac_out, "hmac-md5-96");
    assert_string_equal(ssh_conn_keys(f.user.conn).kex, GEX);
    fixture_clear(&f);
}

static void
test_3_13_a_rekey_with_nothing_in_common_ends(void **state)
{
    struct fixture f;

    (void)state;
    fixture_client(&f);
    raw_handshake(&f.raw);
    raw_expect(&f.raw, SSH2_MSG_SERVICE_REQUEST);
    f.raw.cipher = "none";
    raw_send_kexinit(&f.raw);
    raw_expect_kexinit(&f.raw);
    raw_expect_end(&f.raw, SSH_REASON_KEY_EXCHANGE_FAILED);
    fixture_clear(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_3_9_the_wish_for_a_group),
        cmocka_unit_test(test_3_9_a_group_of_the_servers_own_is_taken),
        cmocka_unit_test(test_3_9_bad_groups_are_refused),
        cmocka_unit_test(test_3_9_numbers_beyond_all_groups_do_not_parse),
        cmocka_unit_test(test_3_8_bad_values_of_the_server),
        cmocka_unit_test(test_3_6_3_7_bad_points_of_the_server),
        cmocka_unit_test(test_3_11_degenerate_rsa_keys),
        cmocka_unit_test(test_short_rsa_keys_are_taken_with_a_warning),
        cmocka_unit_test(test_3_5_a_wrong_guess_is_passed_over_once),
        cmocka_unit_test(
            test_3_13_a_rekey_may_change_every_algorithm_but_the_key),
        cmocka_unit_test(test_3_13_a_rekey_with_nothing_in_common_ends),
    };

    return cmocka_run_group_tests_name("client, values", tests, NULL, NULL);
}
