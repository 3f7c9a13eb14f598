/* DSA keys of hosts: verified where they are sound, refused where not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/reader.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/hostkey.h"
#include "vectors/openssh_dsa.h"

enum { P, Q, G, Y, NUMBERS };

struct fixture {
    uint8_t bytes[KEY_BLOB_MAX];
    struct span blob;
    struct span numbers[NUMBERS]; /* of the blob */
};

static struct span
decode_base64(const char *text, uint8_t *to, size_t room)
{
    size_t len = room;

    assert_int_equal(text_base64_decode(span_text(text), to, &len), OK);
    return span_of(to, len);
}

static void
open_fixture(struct fixture *f)
{
    struct reader r;

    f->blob = decode_base64(openssh_dsa_key.blob, f->bytes, sizeof(f->bytes));
    r = reader_over(f->blob);
    read_string(&r);
    for (size_t i = 0; i < NUMBERS; i++)
        f->numbers[i] = read_mpint(&r, 256);
    assert_true(read_done(&r));
}

/* The blob with one number replaced. */
static enum err
decode_with(const struct fixture *f, size_t place, struct span number)
{
    struct public_key *key = NULL;
    struct buf blob;
    enum err err;

    buf_init(&blob, 4096);
    buf_put_text(&blob, "ssh-dss");
    for (size_t i = 0; i < NUMBERS; i++)
        buf_put_mpint(&blob, i == place ? number : f->numbers[i]);
    err = public_key_decode(buf_span(&blob), &key);
    public_key_free(key);
    buf_clear(&blob);
    return err;
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

static void
test_a_signature_of_openssh_verifies(void **state)
{
    const struct signature_method *method =
        signature_find(span_text("ssh-dss"));
    uint8_t bytes[SIGNATURE_MAX];
    struct public_key *key;
    struct span signature;
    struct fixture f;
    struct buf data;

    (void)state;
    open_fixture(&f);
    assert_non_null(method);
    assert_int_equal(public_key_decode(f.blob, &key), OK);
    assert_int_equal(public_key_type(key), KEY_DSA);
    assert_int_equal(public_key_bits(key), 1024);
    assert_string_equal(key_type_name(KEY_DSA), "ssh-dss");
    signature = decode_base64(openssh_dsa_key.signature, bytes, sizeof(bytes));
    buf_init(&data, 1000);
    put_signed_data(&data);
    assert_int_equal(public_key_verify(key, method, buf_span(&data), signature),
                     OK);
    for (size_t i = 0; i < signature.len; i++) {
        bytes[i] ^= 1;
        assert_int_not_equal(
            public_key_verify(key, method, buf_span(&data), signature), OK);
        bytes[i] ^= 1;
    }
    for (size_t len = 0; len < signature.len; len++)
        assert_int_equal(public_key_verify(key, method, buf_span(&data),
                                           span_of(bytes, len)),
                         ERR_FORMAT);
    buf_bytes(&data)[0] ^= 1;
    assert_int_equal(public_key_verify(key, method, buf_span(&data), signature),
                     ERR_CRYPTO);
    buf_clear(&data);
    public_key_free(key);
}

/* Nobody who goes through the methods that we sign by comes to it. */
static void
test_it_is_a_method_of_hosts_only(void **state)
{
    (void)state;
    for (const struct signature_method *m = signature_methods; m->name != NULL;
         m++)
        assert_int_not_equal(m->type, KEY_DSA);
}

static void
test_numbers_out_of_their_ranges_are_refused(void **state)
{
    static const uint8_t one = 1;
    uint8_t number[256];
    struct fixture f;
    struct span p;

    (void)state;
    open_fixture(&f);
    p = f.numbers[P];
    assert_int_equal(decode_with(&f, NUMBERS, SPAN_EMPTY), OK);
    for (size_t i = 0; i < NUMBERS; i++) {
        assert_int_equal(decode_with(&f, i, SPAN_EMPTY), ERR_CRYPTO);
        assert_int_equal(decode_with(&f, i, span_of(&one, 1)), ERR_CRYPTO);
    }
    assert_int_equal(decode_with(&f, G, p), ERR_CRYPTO);
    assert_int_equal(decode_with(&f, Y, p), ERR_CRYPTO);
    /* An even p, one of 760 bits, one of 2048 with the q of 1024. */
    memcpy(number, p.ptr, p.len);
    number[p.len - 1] &= 0xfe;
    assert_int_equal(decode_with(&f, P, span_of(number, p.len)), ERR_CRYPTO);
    assert_int_equal(decode_with(&f, P, span_of(p.ptr, 95)), ERR_CRYPTO);
    memset(number, 0xff, sizeof(number));
    assert_int_equal(decode_with(&f, P, span_of(number, 256)), ERR_CRYPTO);
    /* q of 152 and of 168 bits. */
    assert_int_equal(decode_with(&f, Q, span_of(number, 19)), ERR_CRYPTO);
    assert_int_equal(decode_with(&f, Q, span_of(number, 21)), ERR_CRYPTO);
    /* p - 1 has order 2: outside the subgroup. */
    memcpy(number, p.ptr, p.len);
    number[p.len - 1]--;
    assert_int_equal(decode_with(&f, Y, span_of(number, p.len)), ERR_CRYPTO);
}

static void
test_a_number_beyond_all_sizes_does_not_parse(void **state)
{
    uint8_t number[300];
    struct fixture f;

    (void)state;
    open_fixture(&f);
    memset(number, 0x7f, sizeof(number));
    for (size_t i = 0; i < NUMBERS; i++)
        assert_int_equal(decode_with(&f, i, span_of(number, 257)), ERR_FORMAT);
}

static void
test_a_blob_that_is_cut_or_followed_is_refused(void **state)
{
    struct public_key *key = NULL;
    struct fixture f;

    (void)state;
    open_fixture(&f);
    for (size_t len = 0; len < f.blob.len; len++)
        assert_int_not_equal(public_key_decode(span_of(f.bytes, len), &key),
                             OK);
    f.bytes[f.blob.len] = 0;
    assert_int_equal(public_key_decode(span_of(f.bytes, f.blob.len + 1), &key),
                     ERR_FORMAT);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_signature_of_openssh_verifies),
        cmocka_unit_test(test_it_is_a_method_of_hosts_only),
        cmocka_unit_test(test_numbers_out_of_their_ranges_are_refused),
        cmocka_unit_test(test_a_number_beyond_all_sizes_does_not_parse),
        cmocka_unit_test(test_a_blob_that_is_cut_or_followed_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
