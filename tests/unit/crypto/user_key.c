#include "crypto/user_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/text.h"
#include "vectors/user_keys.h"

#define FILES      (sizeof(user_key_files) / sizeof(user_key_files[0]))
#define PASSPHRASE span_text(USER_KEYS_PASSPHRASE)

static const struct user_key_file *
file(const char *name)
{
    for (size_t i = 0; i < FILES; i++)
        if (strcmp(user_key_files[i].name, name) == 0)
            return &user_key_files[i];
    fail();
    return NULL;
}

static bool
is_foreign(const struct user_key_file *f)
{
    return strcmp(f->name, "ed25519_gcm") == 0 ||
           strcmp(f->name, "dsa_clear") == 0;
}

static bool
is_clear(const struct user_key_file *f)
{
    return strstr(f->name, "clear") != NULL || strstr(f->name, "pem") != NULL
               ? strstr(f->name, "protected") == NULL
               : strcmp(f->name, "rsa_pkcs8") == 0;
}

static void
check_blob(const struct user_key_file *f, struct span blob)
{
    uint8_t bytes[KEY_BLOB_MAX];
    size_t len = sizeof(bytes);

    assert_int_equal(text_base64_decode(span_text(f->blob), bytes, &len), OK);
    assert_true(span_equal(blob, span_of(bytes, len)));
}

static void
test_keys_of_ssh_keygen(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        const struct user_key_file *f = &user_key_files[i];
        struct span text = span_text(f->text);
        struct private_key *key;
        struct buf blob;

        assert_int_equal(user_key_is_protected(text), !is_clear(f));
        if (is_foreign(f))
            continue;
        assert_int_equal(
            user_key_decode(text, is_clear(f) ? SPAN_EMPTY : PASSPHRASE, &key),
            OK);
        buf_init(&blob, KEY_BLOB_MAX);
        private_key_put_public(key, &blob);
        check_blob(f, buf_span(&blob));
        buf_clear(&blob);
        private_key_free(key);
    }
}

static void
test_the_public_half_needs_no_passphrase(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        const struct user_key_file *f = &user_key_files[i];
        bool is_openssh = strstr(f->text, "BEGIN OPENSSH") != NULL;
        struct buf blob;

        buf_init(&blob, KEY_BLOB_MAX);
        assert_int_equal(user_key_public(span_text(f->text), &blob),
                         is_openssh ? OK : ERR_NOT_FOUND);
        if (is_openssh)
            check_blob(f, buf_span(&blob));
        buf_clear(&blob);
    }
}

static void
test_the_wrong_passphrase(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        const struct user_key_file *f = &user_key_files[i];
        struct private_key *key;

        if (is_clear(f) || is_foreign(f))
            continue;
        assert_int_equal(user_key_decode(span_text(f->text), SPAN_EMPTY, &key),
                         ERR_REFUSED);
        assert_int_equal(
            user_key_decode(span_text(f->text), span_text("sesame"), &key),
            ERR_REFUSED);
    }
}

static void
test_what_is_not_ours_is_said(void **state)
{
    static const char *const none[] = {
        "",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n"
        "-----END OPENSSH PRIVATE KEY-----\n",
        "-----END OPENSSH PRIVATE KEY-----\n"
        "-----BEGIN OPENSSH PRIVATE KEY-----\n",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"
        "-----END OPENSSH PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "ssh-ed25519 AAAA",
    };
    struct private_key *key;
    char *long_text = alloc_zero(USER_KEY_TEXT_MAX + 2, 1);

    (void)state;
    assert_int_equal(
        user_key_decode(span_text(file("ed25519_gcm")->text), PASSPHRASE, &key),
        ERR_NO_MATCH);
    assert_int_equal(
        user_key_decode(span_text(file("dsa_clear")->text), SPAN_EMPTY, &key),
        ERR_NO_MATCH);
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_int_equal(user_key_decode(span_text(none[i]), SPAN_EMPTY, &key),
                         ERR_FORMAT);
        assert_false(user_key_is_protected(span_text(none[i])));
    }
    memset(long_text, 'A', USER_KEY_TEXT_MAX + 1);
    assert_int_equal(user_key_decode(span_text(long_text), SPAN_EMPTY, &key),
                     ERR_FORMAT);
    free(long_text);
}

/* Each changed byte of a key in clear is noticed, or changes nothing of it. */
static void
test_a_changed_file_never_gives_another_key(void **state)
{
    static const char *const names[] = {"ed25519_clear", "p256_clear"};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        const struct user_key_file *f = file(names[n]);
        char *text = text_dup(f->text);

        for (size_t i = 0; i < strlen(text); i++) {
            struct private_key *key;
            struct buf blob;

            text[i] = (char)(f->text[i] ^ 1);
            if (user_key_decode(span_text(text), SPAN_EMPTY, &key) == OK) {
                buf_init(&blob, KEY_BLOB_MAX);
                private_key_put_public(key, &blob);
                check_blob(f, buf_span(&blob));
                buf_clear(&blob);
                private_key_free(key);
            }
            text[i] = f->text[i];
        }
        free(text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_of_ssh_keygen),
        cmocka_unit_test(test_the_public_half_needs_no_passphrase),
        cmocka_unit_test(test_the_wrong_passphrase),
        cmocka_unit_test(test_what_is_not_ours_is_said),
        cmocka_unit_test(test_a_changed_file_never_gives_another_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
