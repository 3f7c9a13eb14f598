/* Laws of logins at other hosts: what is signed, and what never is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "signer/user_proof.h"

#include "fixture.h"

static const uint8_t session_id[HASH_MAX] = {1, 2, 3};

struct pair {
    struct keys keys;
    const struct key *key;
};

static void
pair_init(struct pair *p, enum key_type type, unsigned bits)
{
    struct buf text;

    keys_init(&p->keys);
    buf_init_secret(&text, KEYFILE_MAX);
    fixture_key_file(type, bits, "host", &text, NULL);
    assert_int_equal(keys_load(&p->keys, 1, buf_span(&text), &p->key), OK);
    buf_clear(&text);
}

static struct msg_user_sign
request_of(const char *method, size_t id_len, const char *user)
{
    return (struct msg_user_sign){.method = span_text(method),
                                  .session_id = span_of(session_id, id_len),
                                  .user = span_text(user)};
}

/* RFC 4252 section 7, written down once more. */
static void
put_expected(struct buf *to, const struct key *key, const char *method,
             size_t id_len, const char *user)
{
    buf_put_string(to, span_of(session_id, id_len));
    buf_put(to, "\x32", 1);
    buf_put_text(to, user);
    buf_put_text(to, "ssh-connection");
    buf_put_text(to, "publickey");
    buf_put(to, "\x01", 1);
    buf_put_text(to, method);
    buf_put_string(to, buf_span(&key->blob));
}

static void
assert_signs(enum key_type type, unsigned bits, const char *method,
             size_t id_len)
{
    struct msg_user_sign request = request_of(method, id_len, "lab");
    struct public_key *public;
    struct buf signature, data;
    struct pair p;

    pair_init(&p, type, bits);
    buf_init(&signature, SIGNATURE_MAX);
    buf_init(&data, 8192);
    assert_int_equal(user_proof_sign(p.key, &request, &signature), OK);
    put_expected(&data, p.key, method, id_len, "lab");
    assert_int_equal(public_key_decode(buf_span(&p.key->blob), &public), OK);
    assert_int_equal(public_key_verify(public,
                                       signature_find(span_text(method)),
                                       buf_span(&data), buf_span(&signature)),
                     OK);
    /* No exchange hash is as long, so no host proof says the same. */
    assert_true(buf_len(&data) > HASH_MAX);
    public_key_free(public);
    buf_clear(&signature);
    buf_clear(&data);
    keys_clear(&p.keys);
}

static void
test_what_is_signed_is_a_request_with_our_key(void **state)
{
    (void)state;
    assert_signs(KEY_ED25519, 0, "ssh-ed25519", 32);
    assert_signs(KEY_ECDSA_256, 0, "ecdsa-sha2-nistp256", 20);
    assert_signs(KEY_ECDSA_384, 0, "ecdsa-sha2-nistp384", 48);
    assert_signs(KEY_ECDSA_521, 0, "ecdsa-sha2-nistp521", 64);
    assert_signs(KEY_RSA, 768, "ssh-rsa", 20);
    assert_signs(KEY_RSA, 1024, "rsa-sha2-256", 32);
    assert_signs(KEY_RSA, 1024, "rsa-sha2-512", 32);
}

static void
assert_refused(const struct key *key, struct msg_user_sign request)
{
    struct buf signature;

    buf_init(&signature, SIGNATURE_MAX);
    assert_int_equal(user_proof_sign(key, &request, &signature), ERR_REFUSED);
    assert_int_equal(buf_len(&signature), 0);
    buf_clear(&signature);
}

static void
test_nothing_else_is_signed(void **state)
{
    static const char *const methods[] = {"", "none", "ssh-rsa", "ssh-ed25519 ",
                                          "ecdsa-sha2-nistp256"};
    struct msg_user_sign request;
    char name[300];
    struct pair p;

    (void)state;
    pair_init(&p, KEY_ED25519, 0);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        assert_refused(p.key, request_of(methods[i], 32, "lab"));
    for (size_t len = 0; len <= HASH_MAX; len++)
        if (len != 20 && len != 32 && len != 48 && len != 64)
            assert_refused(p.key, request_of("ssh-ed25519", len, "lab"));
    assert_refused(p.key, request_of("ssh-ed25519", 32, ""));
    request = request_of("ssh-ed25519", 32, "lab");
    request.user = span_of("la\0b", 4);
    assert_refused(p.key, request);
    memset(name, 'x', sizeof(name));
    request.user = span_of(name, 256);
    assert_refused(p.key, request);
    assert_refused(NULL, request_of("ssh-ed25519", 32, "lab"));
    keys_clear(&p.keys);
}

static void
test_keys_that_do_not_sign_for_ssh(void **state)
{
    struct pair p;
    struct key encrypts;

    (void)state;
    pair_init(&p, KEY_RSA, 767);
    assert_refused(p.key, request_of("rsa-sha2-256", 32, "lab"));
    keys_clear(&p.keys);
    pair_init(&p, KEY_RSA, 1024);
    encrypts = *p.key;
    encrypts.usage = KEY_ENCRYPTION;
    assert_refused(&encrypts, request_of("rsa-sha2-256", 32, "lab"));
    keys_clear(&p.keys);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_signed_is_a_request_with_our_key),
        cmocka_unit_test(test_nothing_else_is_signed),
        cmocka_unit_test(test_keys_that_do_not_sign_for_ssh),
    };

    return cmocka_run_group_tests_name("signer/user_proof", tests, NULL, NULL);
}
