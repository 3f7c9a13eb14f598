#include "crypto/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hex.h"

/* RFC 1321 appendix A.5, FIPS 180-4 examples. */
static const struct {
    enum hash_id id;
    const char *message, *digest;
} vectors[] = {
    {HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
    {HASH_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
    {HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {HASH_SHA256, "abc",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HASH_SHA384, "abc",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
     "8086072ba1e7cc2358baeca134c825a7"},
    {HASH_SHA512, "abc",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static void
test_published_digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct span message = span_text(vectors[i].message);
        uint8_t digest[HASH_MAX], bytes[HASH_MAX];
        struct span expected =
            hex_bytes(vectors[i].digest, bytes, sizeof(bytes));

        assert_int_equal(hash_len(vectors[i].id), expected.len);
        assert_int_equal(hash_pieces(vectors[i].id, &message, 1, digest), OK);
        assert_memory_equal(digest, expected.ptr, expected.len);
    }
}

/* RFC 2202 section 2, and keys of no byte and of more than a block. */
static void
test_published_codes_under_a_key(void **state)
{
    uint8_t key[80], digest[HASH_MAX], bytes[HASH_MAX];
    const struct span pieces[] = {
        span_text("Test Using Larger Than Block-Size Key"),
        span_text(" - Hash Key First"),
    };

    (void)state;
    memset(key, 0xaa, sizeof(key));
    assert_int_equal(
        hash_hmac(HASH_MD5, span_of(key, sizeof(key)), pieces, 2, digest), OK);
    hex_bytes("6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd", bytes, sizeof(bytes));
    assert_memory_equal(digest, bytes, 16);
    assert_int_equal(
        hash_hmac(HASH_MD5, span_text("Jefe"),
                  &(struct span){(const uint8_t *)"what do ya want for "
                                                  "nothing?",
                                 28},
                  1, digest),
        OK);
    hex_bytes("750c783e6ab0b503eaa86e310a5db738", bytes, sizeof(bytes));
    assert_memory_equal(digest, bytes, 16);
    assert_int_equal(hash_hmac(HASH_MD5, SPAN_EMPTY, NULL, 0, digest), OK);
    hex_bytes("74e6f7298a9c2d168935f58c001bad88", bytes, sizeof(bytes));
    assert_memory_equal(digest, bytes, 16);
}

static void
test_pieces_count_as_one_message(void **state)
{
    const struct span whole = span_text("abcdef");
    const struct span pieces[] = {span_text("ab"), SPAN_EMPTY, span_text("c"),
                                  span_text("def")};

    (void)state;
    for (int id = 0; id < HASH_COUNT; id++) {
        uint8_t one[HASH_MAX], other[HASH_MAX];

        assert_int_equal(hash_pieces((enum hash_id)id, &whole, 1, one), OK);
        assert_int_equal(hash_pieces((enum hash_id)id, pieces, 4, other), OK);
        assert_memory_equal(one, other, hash_len((enum hash_id)id));
    }
}

static void
test_a_stream_counts_as_one_message(void **state)
{
    uint8_t one[HASH_MAX], other[HASH_MAX];
    struct span whole = span_text("abc");

    (void)state;
    for (int id = 0; id < HASH_COUNT; id++) {
        struct hash_stream *stream = hash_stream_new((enum hash_id)id);

        hash_stream_add(stream, span_text("a"));
        hash_stream_add(stream, span_of(NULL, 0));
        hash_stream_add(stream, span_text("bc"));
        assert_int_equal(hash_stream_end(stream, other), OK);
        hash_stream_free(stream);
        assert_int_equal(hash_pieces((enum hash_id)id, &whole, 1, one), OK);
        assert_memory_equal(one, other, hash_len((enum hash_id)id));
    }
}

static void
test_no_piece_is_the_empty_message(void **state)
{
    uint8_t digest[HASH_MAX], bytes[16];

    (void)state;
    assert_int_equal(hash_pieces(HASH_MD5, NULL, 0, digest), OK);
    assert_memory_equal(
        digest, hex_bytes("d41d8cd98f00b204e9800998ecf8427e", bytes, 16).ptr,
        16);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_digests),
        cmocka_unit_test(test_published_codes_under_a_key),
        cmocka_unit_test(test_pieces_count_as_one_message),
        cmocka_unit_test(test_a_stream_counts_as_one_message),
        cmocka_unit_test(test_no_piece_is_the_empty_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
