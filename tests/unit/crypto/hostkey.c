#include "crypto/hostkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/reader.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "hex.h"
#include "vectors/openssh_keys.h"

static struct span
decode_base64(const char *text, uint8_t *to, size_t room)
{
    size_t len = room;

    assert_int_equal(text_base64_decode(span_text(text), to, &len), OK);
    return span_of(to, len);
}

/* What ssh-keygen -Y signs. */
static void
put_signed_data(struct buf *to)
{
    const struct span text = span_text(OPENSSH_SIGNED_TEXT);
    uint8_t digest[HASH_MAX];

    assert_int_equal(hash_pieces(HASH_SHA512, &text, 1, digest), OK);
    buf_put(to, "SSHSIG", 6);
    buf_put_text(to, OPENSSH_SIGNED_NAMESPACE);
    buf_put_text(to, "");
    buf_put_text(to, "sha512");
    buf_put_string(to, span_of(digest, 64));
}

/* One of openssh_keys[], ready for use. */
struct fixture {
    struct public_key *key;
    const struct signature_method *method;
    struct buf data;
    struct span signature;
    uint8_t blob[KEY_BLOB_MAX], bytes[SIGNATURE_MAX];
};

static void
open_fixture(struct fixture *f, size_t i)
{
    struct span blob =
        decode_base64(openssh_keys[i].blob, f->blob, sizeof(f->blob));

    assert_int_equal(public_key_decode(blob, &f->key), OK);
    f->method = signature_find(span_text(openssh_keys[i].algorithm));
    f->signature =
        decode_base64(openssh_keys[i].signature, f->bytes, sizeof(f->bytes));
    buf_init(&f->data, 1000);
    put_signed_data(&f->data);
}

static void
close_fixture(struct fixture *f)
{
    public_key_free(f->key);
    buf_clear(&f->data);
}

static enum err
verify(const struct fixture *f)
{
    return public_key_verify(f->key, f->method, buf_span(&f->data),
                             f->signature);
}

static void
test_signatures_of_openssh_verify(void **state)
{
    static const unsigned bits[] = {256, 256, 384, 521, 2048};

    (void)state;
    for (size_t i = 0; i < OPENSSH_KEY_COUNT; i++) {
        struct fixture f;

        open_fixture(&f, i);
        assert_int_equal(public_key_bits(f.key), bits[i]);
        assert_int_equal(public_key_type(f.key), f.method->type);
        assert_string_equal(key_type_name(f.method->type), f.method->key_name);
        assert_int_equal(verify(&f), OK);
        close_fixture(&f);
    }
}

static void
test_any_changed_byte_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPENSSH_KEY_COUNT; i++) {
        struct fixture f;

        open_fixture(&f, i);
        for (size_t at = 0; at < f.signature.len; at++) {
            f.bytes[at] ^= 1;
            assert_int_not_equal(verify(&f), OK);
            f.bytes[at] ^= 1;
        }
        buf_bytes(&f.data)[3] ^= 1;
        assert_int_equal(verify(&f), ERR_CRYPTO);
        close_fixture(&f);
    }
}

static void
test_a_signature_that_is_cut_or_followed_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPENSSH_KEY_COUNT; i++) {
        struct fixture f;
        size_t whole;

        open_fixture(&f, i);
        whole = f.signature.len;
        f.bytes[whole] = 0;
        f.signature.len = whole + 1;
        assert_int_equal(verify(&f), ERR_FORMAT);
        for (size_t len = 0; len < whole; len++) {
            f.signature.len = len;
            assert_int_equal(verify(&f), ERR_FORMAT);
        }
        close_fixture(&f);
    }
}

static void
test_another_keys_signature_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPENSSH_KEY_COUNT; i++) {
        for (size_t j = 0; j < OPENSSH_KEY_COUNT; j++) {
            struct fixture f, other;

            if (i == j)
                continue;
            open_fixture(&f, i);
            open_fixture(&other, j);
            f.signature = other.signature;
            assert_int_equal(verify(&f), ERR_CRYPTO);
            f.method = other.method;
            assert_int_equal(verify(&f), ERR_CRYPTO);
            close_fixture(&f);
            close_fixture(&other);
        }
    }
}

/* Inner signature of f under another algorithm's name. */
static enum err
verify_renamed(struct fixture *f, const char *name)
{
    struct reader r = reader_over(f->signature);
    struct buf blob;
    enum err err;

    read_string(&r);
    buf_init(&blob, SIGNATURE_MAX);
    buf_put_text(&blob, name);
    buf_put_span(&blob, read_rest(&r));
    err = public_key_verify(f->key, f->method, buf_span(&f->data),
                            buf_span(&blob));
    buf_clear(&blob);
    return err;
}

/* RFC 8332 section 3.2, hardening 3.11. */
static void
test_the_name_inside_is_the_agreed_one(void **state)
{
    static const char *const wrong[] = {
        "ssh-rsa", "rsa-sha2-256", "rsa-sha2-51", "rsa-sha2-5122", "", "none",
    };
    struct fixture f;

    (void)state;
    open_fixture(&f, 4);
    assert_int_equal(verify_renamed(&f, "rsa-sha2-512"), OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(verify_renamed(&f, wrong[i]), ERR_CRYPTO);
    /* Right name, but another was agreed. */
    f.method = signature_find(span_text("ssh-rsa"));
    assert_int_equal(verify_renamed(&f, "rsa-sha2-512"), ERR_CRYPTO);
    /* The name lies about the hash. */
    assert_int_equal(verify_renamed(&f, "ssh-rsa"), ERR_CRYPTO);
    close_fixture(&f);
}

/* f's signature with its inner bytes replaced. */
static enum err
verify_inner(const struct fixture *f, struct span inner)
{
    struct buf blob;
    enum err err;

    buf_init(&blob, SIGNATURE_MAX);
    buf_put_text(&blob, f->method->name);
    buf_put_string(&blob, inner);
    err = public_key_verify(f->key, f->method, buf_span(&f->data),
                            buf_span(&blob));
    buf_clear(&blob);
    return err;
}

static void
test_ed25519_signatures_have_64_bytes(void **state)
{
    static const uint8_t zeros[65];
    struct fixture f;
    struct reader r;
    struct span inner;

    (void)state;
    open_fixture(&f, 0);
    r = reader_over(f.signature);
    read_string(&r);
    inner = read_string(&r);
    assert_int_equal(verify_inner(&f, inner), OK);
    assert_int_equal(verify_inner(&f, span_of(inner.ptr, 63)), ERR_FORMAT);
    assert_int_equal(verify_inner(&f, span_of(zeros, 65)), ERR_FORMAT);
    assert_int_equal(verify_inner(&f, span_of(zeros, 64)), ERR_CRYPTO);
    assert_int_equal(verify_inner(&f, SPAN_EMPTY), ERR_FORMAT);
    close_fixture(&f);
}

static enum err
verify_pair(const struct fixture *f, struct span r, struct span s)
{
    struct buf inner;
    enum err err;

    buf_init(&inner, 500);
    buf_put_mpint(&inner, r);
    buf_put_mpint(&inner, s);
    err = verify_inner(f, buf_span(&inner));
    buf_clear(&inner);
    return err;
}

static void
test_ecdsa_numbers_are_in_range(void **state)
{
    static uint8_t ones[70];

    (void)state;
    memset(ones, 0xff, sizeof(ones));
    for (size_t i = 1; i < 4; i++) {
        size_t len = i == 1 ? 32 : i == 2 ? 48 : 66;
        struct fixture f;
        struct reader blob, inner;
        struct span r, s;

        open_fixture(&f, i);
        blob = reader_over(f.signature);
        read_string(&blob);
        inner = reader_over(read_string(&blob));
        r = read_mpint(&inner, len);
        s = read_mpint(&inner, len);
        assert_int_equal(verify_pair(&f, r, s), OK);
        assert_int_equal(verify_pair(&f, s, r), ERR_CRYPTO);
        assert_int_equal(verify_pair(&f, SPAN_EMPTY, s), ERR_FORMAT);
        assert_int_equal(verify_pair(&f, r, SPAN_EMPTY), ERR_FORMAT);
        assert_int_equal(verify_pair(&f, SPAN_EMPTY, SPAN_EMPTY), ERR_FORMAT);
        assert_int_equal(verify_pair(&f, span_of(ones, len), s), ERR_CRYPTO);
        assert_int_equal(verify_pair(&f, span_of(ones, len + 1), s),
                         ERR_FORMAT);
        /* r = s = 1: what a broken verifier takes for anything. */
        assert_int_equal(verify_pair(&f, span_of("\1", 1), span_of("\1", 1)),
                         ERR_CRYPTO);
        close_fixture(&f);
    }
}

static void
test_rsa_signatures_are_no_longer_than_the_modulus(void **state)
{
    uint8_t longer[300] = {0};
    struct fixture f;
    struct reader r;
    struct span inner;

    (void)state;
    open_fixture(&f, 4);
    r = reader_over(f.signature);
    read_string(&r);
    inner = read_string(&r);
    memcpy(longer + 1, inner.ptr, inner.len);
    assert_int_equal(verify_inner(&f, inner), OK);
    assert_int_equal(verify_inner(&f, span_of(longer, inner.len + 1)),
                     ERR_FORMAT);
    assert_int_equal(verify_inner(&f, SPAN_EMPTY), ERR_FORMAT);
    memset(longer, 0, sizeof(longer));
    assert_int_equal(verify_inner(&f, span_of(longer, 256)), ERR_CRYPTO);
    memset(longer, 0xff, sizeof(longer));
    assert_int_equal(verify_inner(&f, span_of(longer, 256)), ERR_CRYPTO);
    close_fixture(&f);
}

static enum err
decode_rsa(struct span e, struct span n)
{
    struct public_key *key = NULL;
    struct buf blob;
    enum err err;

    buf_init(&blob, 5000);
    buf_put_text(&blob, "ssh-rsa");
    buf_put_mpint(&blob, e);
    buf_put_mpint(&blob, n);
    err = public_key_decode(buf_span(&blob), &key);
    assert_true((err == OK) == (key != NULL));
    public_key_free(key);
    buf_clear(&blob);
    return err;
}

/* hardening 4.14 */
static void
test_degenerate_rsa_keys_are_refused(void **state)
{
    static uint8_t n[2049];
    const struct span e = span_of("\x01\x00\x01", 3);
    const struct span n_2048 = span_of(n, 256), n_96 = span_of(n, 96);

    (void)state;
    memset(n, 0xff, sizeof(n));
    assert_int_equal(decode_rsa(e, n_2048), OK);
    assert_int_equal(decode_rsa(e, span_of(n, 2048)), OK);
    assert_int_equal(decode_rsa(span_of("\3", 1), n_2048), OK);
    assert_int_equal(decode_rsa(span_of(n, 8), n_2048), OK);
    assert_int_equal(decode_rsa(e, SPAN_EMPTY), ERR_CRYPTO);
    assert_int_equal(decode_rsa(SPAN_EMPTY, n_2048), ERR_CRYPTO);
    assert_int_equal(decode_rsa(span_of("\1", 1), n_2048), ERR_CRYPTO);
    assert_int_equal(decode_rsa(span_of("\2", 1), n_2048), ERR_CRYPTO);
    assert_int_equal(decode_rsa(span_of("\1\0", 2), n_2048), ERR_CRYPTO);
    assert_int_equal(decode_rsa(span_of(n, 9), n_2048), ERR_FORMAT);
    assert_int_equal(decode_rsa(e, span_of(n, 2049)), ERR_FORMAT);
    assert_int_equal(decode_rsa(e, span_of(n, 95)), ERR_CRYPTO);
    assert_int_equal(decode_rsa(e, n_96), OK);
    n[95] = 0xfe;
    assert_int_equal(decode_rsa(e, n_96), ERR_CRYPTO); /* even */
    n[95] = 0xff;
    n[0] = 0x7f;
    assert_int_equal(decode_rsa(e, n_96), ERR_CRYPTO); /* 767 bits */
}

static void
test_negative_rsa_numbers_are_malformed(void **state)
{
    static const char blob[] = "\0\0\0\x07ssh-rsa"
                               "\0\0\0\x01\x83"
                               "\0\0\0\x01\x03";
    struct public_key *key = NULL;

    (void)state;
    assert_int_equal(public_key_decode(span_of(blob, sizeof(blob) - 1), &key),
                     ERR_FORMAT);
    assert_null(key);
}

static enum err
decode_strings(const char *type, const char *curve, struct span value)
{
    struct public_key *key = NULL;
    struct buf blob;
    enum err err;

    buf_init(&blob, 5000);
    buf_put_text(&blob, type);
    if (curve != NULL)
        buf_put_text(&blob, curve);
    buf_put_string(&blob, value);
    err = public_key_decode(buf_span(&blob), &key);
    assert_true((err == OK) == (key != NULL));
    public_key_free(key);
    buf_clear(&blob);
    return err;
}

static void
test_ed25519_keys_have_32_bytes(void **state)
{
    static const uint8_t bytes[33] = {3};

    (void)state;
    assert_int_equal(decode_strings("ssh-ed25519", NULL, span_of(bytes, 32)),
                     OK);
    assert_int_equal(decode_strings("ssh-ed25519", NULL, span_of(bytes, 31)),
                     ERR_FORMAT);
    assert_int_equal(decode_strings("ssh-ed25519", NULL, span_of(bytes, 33)),
                     ERR_FORMAT);
    assert_int_equal(decode_strings("ssh-ed25519", NULL, SPAN_EMPTY),
                     ERR_FORMAT);
}

/* Points of order 1, 2, 4 and 8: any signature could be made for them. */
static void
test_ed25519_keys_of_small_order_are_refused(void **state)
{
    static const char *const points[] = {
        "01000000000000000000000000000000"
        "00000000000000000000000000000000",
        "00000000000000000000000000000000"
        "00000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0"
        "d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f"
        "2a2053fa2c39ccc64ec7fd7792ac037a",
        "eeffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffffffff7f",
    };
    uint8_t bytes[32];

    (void)state;
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        assert_int_equal(
            decode_strings("ssh-ed25519", NULL,
                           hex_bytes(points[i], bytes, sizeof(bytes))),
            ERR_CRYPTO);
}

/* hardening 3.7 for users' keys. */
static void
test_bad_ecdsa_points_are_refused(void **state)
{
    uint8_t bytes[KEY_BLOB_MAX], zeros[65] = {4};
    struct reader r;
    uint8_t point[66];
    struct span q;

    (void)state;
    r = reader_over(decode_base64(openssh_keys[1].blob, bytes, sizeof(bytes)));
    read_string(&r);
    read_string(&r);
    q = read_string(&r);
    assert_int_equal(q.len, 65);
    memcpy(point, q.ptr, 65);
    point[65] = 0;
#define TRY(curve, value) decode_strings("ecdsa-sha2-nistp256", curve, value)
    assert_int_equal(TRY("nistp256", span_of(point, 65)), OK);
    assert_int_equal(TRY("nistp384", span_of(point, 65)), ERR_FORMAT);
    assert_int_equal(TRY("", span_of(point, 65)), ERR_FORMAT);
    assert_int_equal(TRY("nistp256", span_of(point, 64)), ERR_CRYPTO);
    assert_int_equal(TRY("nistp256", span_of(point, 66)), ERR_CRYPTO);
    assert_int_equal(TRY("nistp256", SPAN_EMPTY), ERR_CRYPTO);
    assert_int_equal(TRY("nistp256", span_of("", 1)), ERR_CRYPTO);
    assert_int_equal(TRY("nistp256", span_of(zeros, 65)), ERR_CRYPTO);
    point[64] ^= 1;
    assert_int_equal(TRY("nistp256", span_of(point, 65)), ERR_CRYPTO);
    point[64] ^= 1;
    point[0] = 2 + (point[64] & 1);
    assert_int_equal(TRY("nistp256", span_of(point, 33)), ERR_CRYPTO);
    point[0] = 6 + (point[64] & 1);
    assert_int_equal(TRY("nistp256", span_of(point, 65)), ERR_CRYPTO);
#undef TRY
}

static void
test_blobs_that_are_none_are_refused(void **state)
{
    static uint8_t large[KEY_BLOB_MAX + 1];
    uint8_t bytes[KEY_BLOB_MAX];

    (void)state;
    for (size_t i = 0; i < OPENSSH_KEY_COUNT; i++) {
        struct span blob =
            decode_base64(openssh_keys[i].blob, bytes, sizeof(bytes) - 1);
        struct public_key *key = NULL;

        for (size_t len = 0; len < blob.len; len++)
            assert_int_equal(public_key_decode(span_of(bytes, len), &key),
                             ERR_FORMAT);
        bytes[blob.len] = 0;
        assert_int_equal(public_key_decode(span_of(bytes, blob.len + 1), &key),
                         ERR_FORMAT);
        assert_null(key);
    }
    assert_int_equal(decode_strings("ssh-dss", NULL, span_text("x")),
                     ERR_FORMAT);
    assert_int_equal(decode_strings("rsa-sha2-512", NULL, span_text("x")),
                     ERR_FORMAT);
    assert_int_equal(
        decode_strings("ssh-rsa", NULL, span_of(large, sizeof(large))),
        ERR_FORMAT);
    public_key_free(NULL);
}

/* RFC 8032 section 7.1, tests 1 and 2. */
static void
test_published_ed25519_signatures(void **state)
{
    static const char *const rows[][3] = {
        {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f"
         "b8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
         "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da08"
         "5ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t point[32], message[1], inner[64];
        struct public_key *key;
        struct buf blob, signature;

        buf_init(&blob, 100);
        buf_put_text(&blob, "ssh-ed25519");
        buf_put_string(&blob, hex_bytes(rows[i][0], point, 32));
        buf_init(&signature, 200);
        buf_put_text(&signature, "ssh-ed25519");
        buf_put_string(&signature, hex_bytes(rows[i][2], inner, 64));
        assert_int_equal(public_key_decode(buf_span(&blob), &key), OK);
        assert_int_equal(
            public_key_verify(key, signature_find(span_text("ssh-ed25519")),
                              hex_bytes(rows[i][1], message, 1),
                              buf_span(&signature)),
            OK);
        public_key_free(key);
        buf_clear(&blob);
        buf_clear(&signature);
    }
}

/* RFC 6979 appendix A.2.5: P-256, SHA-256, "sample". */
static void
test_a_published_ecdsa_signature(void **state)
{
    uint8_t point[65] = {4}, r[32], s[32];
    struct fixture f = {
        .method = signature_find(span_text("ecdsa-sha2-nistp256")),
    };
    struct buf blob;

    (void)state;
    hex_bytes(
        "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
        "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
        point + 1, 64);
    hex_bytes(
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716", r,
        32);
    hex_bytes(
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8", s,
        32);
    buf_init(&blob, 200);
    buf_put_text(&blob, "ecdsa-sha2-nistp256");
    buf_put_text(&blob, "nistp256");
    buf_put_string(&blob, span_of(point, 65));
    assert_int_equal(public_key_decode(buf_span(&blob), &f.key), OK);
    buf_init(&f.data, 100);
    buf_put(&f.data, "sample", 6);
    assert_int_equal(verify_pair(&f, span_of(r, 32), span_of(s, 32)), OK);
    buf_clear(&blob);
    close_fixture(&f);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures_of_openssh_verify),
        cmocka_unit_test(test_any_changed_byte_is_refused),
        cmocka_unit_test(test_a_signature_that_is_cut_or_followed_is_refused),
        cmocka_unit_test(test_another_keys_signature_is_refused),
        cmocka_unit_test(test_the_name_inside_is_the_agreed_one),
        cmocka_unit_test(test_ed25519_signatures_have_64_bytes),
        cmocka_unit_test(test_ecdsa_numbers_are_in_range),
        cmocka_unit_test(test_rsa_signatures_are_no_longer_than_the_modulus),
        cmocka_unit_test(test_degenerate_rsa_keys_are_refused),
        cmocka_unit_test(test_negative_rsa_numbers_are_malformed),
        cmocka_unit_test(test_ed25519_keys_have_32_bytes),
        cmocka_unit_test(test_ed25519_keys_of_small_order_are_refused),
        cmocka_unit_test(test_bad_ecdsa_points_are_refused),
        cmocka_unit_test(test_blobs_that_are_none_are_refused),
        cmocka_unit_test(test_published_ed25519_signatures),
        cmocka_unit_test(test_a_published_ecdsa_signature),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
