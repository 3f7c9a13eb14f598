/* Laws of judging users' keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aaa/pubkey.h"

#include "../../vectors/openssh_dsa.h"
#include "base/text.h"
#include "signed_request.h"

static void
assert_accepted(enum key_type type, unsigned bits, const char *algorithm)
{
    struct signed_request s;

    signed_request_init(&s, type, bits, algorithm);
    assert_true(pubkey_is_known(&s.judge));
    assert_true(pubkey_judge(&s.judge));
    signed_request_clear(&s);
}

static void
test_each_kind_of_signature_is_accepted(void **state)
{
    (void)state;
    assert_accepted(KEY_ED25519, 0, "ssh-ed25519");
    assert_accepted(KEY_ECDSA_256, 0, "ecdsa-sha2-nistp256");
    assert_accepted(KEY_ECDSA_384, 0, "ecdsa-sha2-nistp384");
    assert_accepted(KEY_ECDSA_521, 0, "ecdsa-sha2-nistp521");
    assert_accepted(KEY_RSA, 2048, "rsa-sha2-512");
    assert_accepted(KEY_RSA, 2048, "rsa-sha2-256");
    assert_accepted(KEY_RSA, 2048, "ssh-rsa");
}

static void
test_a_signature_counts_for_its_own_request_only(void **state)
{
    struct signed_request s;
    struct msg_judge other;
    uint8_t session_id[32] = {0x5b};

    (void)state;
    signed_request_init(&s, KEY_ED25519, 0, "ssh-ed25519");
    other = s.judge;
    other.user = span_text("root");
    assert_false(pubkey_judge(&other));
    other = s.judge;
    other.session_id = span_of(session_id, sizeof(session_id));
    assert_false(pubkey_judge(&other));
    other.session_id = SPAN_EMPTY;
    assert_false(pubkey_judge(&other));
    other.session_id = span_of(session_id, 31);
    assert_false(pubkey_judge(&other));
    other = s.judge;
    other.user = SPAN_EMPTY;
    assert_false(pubkey_judge(&other));
    signed_request_clear(&s);
}

static void
test_a_changed_signature_is_refused(void **state)
{
    struct signed_request s;
    struct msg_judge other;
    size_t len;

    (void)state;
    signed_request_init(&s, KEY_ED25519, 0, "ssh-ed25519");
    other = s.judge;
    len = other.signature.len;
    for (size_t i = 0; i < len; i++) {
        buf_bytes(&s.signature)[i] ^= 1;
        assert_false(pubkey_judge(&other));
        buf_bytes(&s.signature)[i] ^= 1;
    }
    for (size_t short_len = 0; short_len < len; short_len++) {
        other.signature.len = short_len;
        assert_false(pubkey_judge(&other));
    }
    buf_put_u8(&s.signature, 0);
    other.signature = buf_span(&s.signature);
    assert_false(pubkey_judge(&other));
    signed_request_clear(&s);
}

/* Hosts may have such keys; a user's is none, listed or not. */
static void
test_a_dsa_key_is_no_users(void **state)
{
    uint8_t blob[KEY_BLOB_MAX];
    size_t len = sizeof(blob);
    struct signed_request s;
    struct msg_judge other;
    struct buf keys;

    (void)state;
    signed_request_init(&s, KEY_ED25519, 0, "ssh-ed25519");
    assert_int_equal(
        text_base64_decode(span_text(openssh_dsa_key.blob), blob, &len), OK);
    buf_init(&keys, 8192);
    buf_put_string(&keys, span_of(blob, len));
    other = s.judge;
    other.algorithm = span_text("ssh-dss");
    other.blob = span_of(blob, len);
    other.keys = buf_span(&keys);
    assert_false(pubkey_is_known(&other));
    assert_false(pubkey_judge(&other));
    buf_clear(&keys);
    signed_request_clear(&s);
}

static void
test_another_key_or_none_is_refused(void **state)
{
    struct signed_request s, stranger;
    struct msg_judge other;

    (void)state;
    signed_request_init(&s, KEY_ED25519, 0, "ssh-ed25519");
    signed_request_init(&stranger, KEY_ED25519, 0, "ssh-ed25519");
    other = stranger.judge;
    other.keys = s.judge.keys;
    assert_false(pubkey_is_known(&other));
    assert_false(pubkey_judge(&other));
    other = s.judge;
    other.signature = stranger.judge.signature;
    assert_true(pubkey_is_known(&other));
    assert_false(pubkey_judge(&other));
    other = s.judge;
    other.keys = SPAN_EMPTY;
    assert_false(pubkey_is_known(&other));
    assert_false(pubkey_judge(&other));
    signed_request_clear(&stranger);
    signed_request_clear(&s);
}

static void
test_the_key_may_be_stored_as_its_md5(void **state)
{
    struct signed_request s;
    uint8_t md5[HASH_MAX];
    struct span blob;

    (void)state;
    signed_request_init(&s, KEY_RSA, 2048, "rsa-sha2-256");
    blob = buf_span(&s.blob);
    assert_int_equal(hash_pieces(HASH_MD5, &blob, 1, md5), OK);
    buf_reset(&s.keys);
    buf_put_text(&s.keys, "another key");
    buf_put_string(&s.keys, span_of(md5, 16));
    s.judge.keys = buf_span(&s.keys);
    assert_true(pubkey_is_known(&s.judge));
    assert_true(pubkey_judge(&s.judge));
    /* The fingerprint itself is no key. */
    s.judge.blob = span_of(md5, 16);
    assert_false(pubkey_is_known(&s.judge));
    md5[0] ^= 1;
    s.judge.blob = blob;
    buf_reset(&s.keys);
    buf_put_string(&s.keys, span_of(md5, 16));
    s.judge.keys = buf_span(&s.keys);
    assert_false(pubkey_is_known(&s.judge));
    signed_request_clear(&s);
}

static void
test_a_broken_list_holds_no_key(void **state)
{
    struct signed_request s;

    (void)state;
    signed_request_init(&s, KEY_ED25519, 0, "ssh-ed25519");
    buf_put_u32(&s.keys, 100);
    s.judge.keys = buf_span(&s.keys);
    assert_false(pubkey_is_known(&s.judge));
    signed_request_clear(&s);

    signed_request_init(&s, KEY_ED25519, 0, "ssh-ed25519");
    for (int i = 0; i < PUBKEY_KEYS_MAX; i++)
        buf_put_text(&s.keys, "x");
    s.judge.keys = buf_span(&s.keys);
    assert_false(pubkey_is_known(&s.judge));
    signed_request_clear(&s);
}

static void
test_names_of_key_and_algorithm_must_agree(void **state)
{
    static const char *const bad[] = {
        "ssh-rsa",      "rsa-sha2-256", "", "ecdsa-sha2-nistp256",
        "ssh-ed25519x", "none"};
    struct signed_request s;

    (void)state;
    signed_request_init(&s, KEY_ED25519, 0, "ssh-ed25519");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        s.judge.algorithm = span_text(bad[i]);
        assert_false(pubkey_is_known(&s.judge));
        assert_false(pubkey_judge(&s.judge));
    }
    signed_request_clear(&s);

    /* RFC 8332: ssh-rsa inside rsa-sha2-512 is not what was agreed. */
    signed_request_init(&s, KEY_RSA, 2048, "ssh-rsa");
    s.judge.algorithm = span_text("rsa-sha2-512");
    assert_false(pubkey_judge(&s.judge));
    signed_request_clear(&s);
}

static void
test_degenerate_keys_are_refused_though_listed(void **state)
{
    struct msg_judge judge = {.kind = JUDGE_KEY_QUERY};
    uint8_t point[31] = {1};
    struct buf blob, keys;

    (void)state;
    buf_init(&blob, KEY_BLOB_MAX);
    buf_init(&keys, 8192);
    buf_put_text(&blob, "ssh-ed25519");
    buf_put_string(&blob, span_of(point, sizeof(point)));
    buf_put_string(&keys, buf_span(&blob));
    judge.algorithm = span_text("ssh-ed25519");
    judge.blob = buf_span(&blob);
    judge.keys = buf_span(&keys);
    assert_false(pubkey_is_known(&judge));

    buf_reset(&blob);
    buf_reset(&keys);
    buf_put_text(&blob, "ssh-rsa");
    buf_put_u32(&blob, 1);
    buf_put_u8(&blob, 1); /* e = 1 */
    buf_put_mpint(&blob, span_of(&(uint8_t[256]){0x80}, 256));
    buf_put_string(&keys, buf_span(&blob));
    judge.algorithm = span_text("rsa-sha2-256");
    judge.blob = buf_span(&blob);
    judge.keys = buf_span(&keys);
    assert_false(pubkey_is_known(&judge));
    buf_clear(&blob);
    buf_clear(&keys);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_of_signature_is_accepted),
        cmocka_unit_test(test_a_signature_counts_for_its_own_request_only),
        cmocka_unit_test(test_a_changed_signature_is_refused),
        cmocka_unit_test(test_a_dsa_key_is_no_users),
        cmocka_unit_test(test_another_key_or_none_is_refused),
        cmocka_unit_test(test_the_key_may_be_stored_as_its_md5),
        cmocka_unit_test(test_a_broken_list_holds_no_key),
        cmocka_unit_test(test_names_of_key_and_algorithm_must_agree),
        cmocka_unit_test(test_degenerate_keys_are_refused_though_listed),
    };

    return cmocka_run_group_tests_name("aaa/pubkey", tests, NULL, NULL);
}
