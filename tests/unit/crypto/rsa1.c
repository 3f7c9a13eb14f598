#include "crypto/rsa1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "crypto/keyfile.h"
#include "hex.h"
#include "vectors/ssh1.h"

#define BYTES_MAX 128 /* of the larger modulus */

struct pair {
    struct private_key *host, *server;
    struct buf host_blob, server_blob;
    uint8_t cookie[RSA1_COOKIE], session_id[RSA1_SESSION_ID];
    uint8_t key[RSA1_KEY];
};

static struct private_key *
read_key(const char *pem, struct buf *blob)
{
    struct private_key *key = NULL;

    assert_int_equal(private_key_decode(span_text(pem), &key), OK);
    buf_init(blob, KEY_BLOB_MAX);
    private_key_put_public(key, blob);
    return key;
}

static void
pair_init(struct pair *p)
{
    assert_int_equal(crypto_warm_up(), OK);
    p->host = read_key(SSH1_HOST_PEM, &p->host_blob);
    p->server = read_key(SSH1_SERVER_PEM, &p->server_blob);
    hex_bytes(SSH1_COOKIE, p->cookie, sizeof(p->cookie));
    hex_bytes(SSH1_SESSION_ID, p->session_id, sizeof(p->session_id));
    hex_bytes(SSH1_SESSION_KEY, p->key, sizeof(p->key));
}

static void
pair_clear(struct pair *p)
{
    private_key_free(p->host);
    private_key_free(p->server);
    buf_clear(&p->host_blob);
    buf_clear(&p->server_blob);
}

static bool
unwrap(const struct pair *p, struct span wrapped, uint8_t key[RSA1_KEY])
{
    return rsa1_unwrap(p->host, p->server, p->session_id, wrapped, key);
}

static void
test_known_session_id_and_key(void **state)
{
    uint8_t room[BYTES_MAX], id[RSA1_SESSION_ID], key[RSA1_KEY];
    struct span wrapped = hex_bytes(SSH1_OUTER_CIPHER, room, sizeof(room));
    struct pair p;

    (void)state;
    pair_init(&p);
    assert_int_equal(rsa1_session_id(buf_span(&p.host_blob),
                                     buf_span(&p.server_blob), p.cookie, id),
                     OK);
    assert_memory_equal(id, p.session_id, sizeof(id));
    assert_true(unwrap(&p, wrapped, key));
    assert_memory_equal(key, p.key, sizeof(key));
    pair_clear(&p);
}

/* Hands out the padding of the vectors: inner first, then outer. */
struct script {
    uint8_t bytes[256];
    size_t len, at;
};

static void
scripted(void *state, void *to, size_t len)
{
    struct script *script = state;

    assert_true(script->at + len <= script->len);
    memcpy(to, script->bytes + script->at, len);
    script->at += len;
}

static void
add_padding(struct script *script, const char *block, size_t data_len)
{
    uint8_t room[BYTES_MAX];
    struct span bytes = hex_bytes(block, room, sizeof(room));
    size_t len = bytes.len - 3 - data_len;

    memcpy(script->bytes + script->len, bytes.ptr + 2, len);
    script->len += len;
}

static void
test_known_wrapping(void **state)
{
    uint8_t room[BYTES_MAX];
    struct span expected = hex_bytes(SSH1_OUTER_CIPHER, room, sizeof(room));
    struct script script = {{0}, 0, 0};
    struct buf wrapped;
    struct pair p;

    (void)state;
    pair_init(&p);
    add_padding(&script, SSH1_INNER_EM, RSA1_KEY);
    add_padding(&script, SSH1_OUTER_EM, 96);
    buf_init(&wrapped, 1024);
    assert_int_equal(rsa1_wrap(buf_span(&p.host_blob), buf_span(&p.server_blob),
                               p.session_id, p.key, scripted, &script,
                               &wrapped),
                     OK);
    assert_true(span_equal(buf_span(&wrapped), expected));
    buf_clear(&wrapped);
    pair_clear(&p);
}

/* Whichever of the two keys is the larger one; leading zeros may lack. */
static void
test_random_keys_come_back(void **state)
{
    uint8_t key[RSA1_KEY], got[RSA1_KEY];
    struct pair p;

    (void)state;
    pair_init(&p);
    for (unsigned i = 0; i < 600; i++) {
        bool swapped = i % 2 == 1;
        struct span wrapped;
        struct buf bytes;

        random_bytes(NULL, key, sizeof(key));
        if (i % 4 == 0)
            key[0] = p.session_id[0]; /* a zero in front, once mixed */
        buf_init(&bytes, 1024);
        assert_int_equal(
            rsa1_wrap(buf_span(swapped ? &p.server_blob : &p.host_blob),
                      buf_span(swapped ? &p.host_blob : &p.server_blob),
                      p.session_id, key, random_bytes, NULL, &bytes),
            OK);
        wrapped = buf_span(&bytes);
        while (wrapped.ptr[0] == 0)
            wrapped = span_of(wrapped.ptr + 1, wrapped.len - 1);
        assert_true(rsa1_unwrap(swapped ? p.server : p.host,
                                swapped ? p.host : p.server, p.session_id,
                                wrapped, got));
        assert_memory_equal(key, got, sizeof(key));
        buf_clear(&bytes);
    }
    pair_clear(&p);
}

/* Every fault gives another key of its own, and no error. */
static void
test_faults_give_random_keys(void **state)
{
    uint8_t room[BYTES_MAX + 8], key[RSA1_KEY], again[RSA1_KEY];
    struct span wrapped = hex_bytes(SSH1_OUTER_CIPHER, room, sizeof(room));
    uint8_t modulus[BYTES_MAX], ones[BYTES_MAX + 1];
    struct pair p;

    (void)state;
    pair_init(&p);
    memset(ones, 0xff, sizeof(ones));
    for (size_t at = 0; at < wrapped.len; at += 5) {
        room[at] ^= 1;
        assert_false(unwrap(&p, wrapped, key));
        assert_false(unwrap(&p, wrapped, again));
        assert_memory_not_equal(key, again, sizeof(key));
        room[at] ^= 1;
    }
    assert_false(unwrap(&p, SPAN_EMPTY, key));
    assert_false(unwrap(&p, span_of(ones, 1), key));
    assert_false(unwrap(&p, span_of(ones, sizeof(ones)), key));
    assert_false(unwrap(&p, span_of(ones, BYTES_MAX), key));
    /* Not below the modulus, by nothing. */
    assert_false(
        unwrap(&p, hex_bytes(SSH1_HOST_N, modulus, sizeof(modulus)), key));
    assert_true(unwrap(&p, wrapped, key));
    pair_clear(&p);
}

/* The inner block as it is, or with a fault in it, under the outer key. */
static bool
unwrap_inner(const struct pair *p, const char *hex, size_t at, uint8_t flip)
{
    uint8_t room[BYTES_MAX], key[RSA1_KEY], block[BYTES_MAX];
    struct span data = hex_bytes(hex, room, sizeof(room));

    (void)p;
    memcpy(block, data.ptr, data.len);
    block[at] ^= flip;
    return unwrap(p, span_of(block, data.len), key);
}

static void
test_one_layer_alone_is_a_fault(void **state)
{
    struct pair p;

    (void)state;
    pair_init(&p);
    assert_false(unwrap_inner(&p, SSH1_INNER_CIPHER, 0, 0));
    assert_false(unwrap_inner(&p, SSH1_OUTER_EM, 1, 0));
    assert_false(unwrap_inner(&p, SSH1_OUTER_EM, 1, 1));
    pair_clear(&p);
}

static void
test_sizes_are_apart(void **state)
{
    struct pair p;
    struct buf wrapped;

    (void)state;
    assert_int_equal(rsa1_server_bits(768), 896);
    assert_int_equal(rsa1_server_bits(800), 928);
    assert_int_equal(rsa1_server_bits(895), 1023);
    assert_int_equal(rsa1_server_bits(896), 768);
    assert_int_equal(rsa1_server_bits(1024), 768);
    assert_int_equal(rsa1_server_bits(4096), 768);
    pair_init(&p);
    buf_init(&wrapped, 1024);
    assert_int_equal(rsa1_wrap(buf_span(&p.host_blob), buf_span(&p.host_blob),
                               p.session_id, p.key, random_bytes, NULL,
                               &wrapped),
                     ERR_CRYPTO);
    assert_int_equal(buf_len(&wrapped), 0);
    buf_clear(&wrapped);
    pair_clear(&p);
}

static void
test_blobs_that_are_none(void **state)
{
    struct span e, n;
    struct buf blob;

    (void)state;
    buf_init(&blob, 64);
    assert_int_equal(rsa1_numbers(SPAN_EMPTY, &e, &n), ERR_FORMAT);
    buf_put_text(&blob, "ssh-dss");
    assert_int_equal(rsa1_numbers(buf_span(&blob), &e, &n), ERR_FORMAT);
    buf_reset(&blob);
    buf_put_text(&blob, "ssh-rsa");
    buf_put_mpint(&blob, span_of("\x03", 1));
    buf_put_mpint(&blob, SPAN_EMPTY);
    assert_int_equal(rsa1_numbers(buf_span(&blob), &e, &n), ERR_FORMAT);
    buf_clear(&blob);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_session_id_and_key),
        cmocka_unit_test(test_known_wrapping),
        cmocka_unit_test(test_random_keys_come_back),
        cmocka_unit_test(test_faults_give_random_keys),
        cmocka_unit_test(test_one_layer_alone_is_a_fault),
        cmocka_unit_test(test_sizes_are_apart),
        cmocka_unit_test(test_blobs_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
