/*
 * The warm-up, and what a prepared process can do without opening anything.
 */
#include "crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <seccomp.h>

#include <cmocka.h>

#include "crypto/cipher.h"
#include "crypto/kex_method.h"
#include "crypto/keyfile.h"
#include "crypto/mac.h"
#include "crypto/password.h"
#include "vectors/openssh_keys.h"

/* Ends the process at the first attempt to reach anything outside. */
static bool
forbid_opening(void)
{
    static const int calls[] = {
        SCMP_SYS(open),       SCMP_SYS(openat),   SCMP_SYS(openat2),
        SCMP_SYS(creat),      SCMP_SYS(socket),   SCMP_SYS(connect),
        SCMP_SYS(stat),       SCMP_SYS(lstat),    SCMP_SYS(newfstatat),
        SCMP_SYS(statx),      SCMP_SYS(access),   SCMP_SYS(faccessat),
        SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
        SCMP_SYS(execve),     SCMP_SYS(clone),    SCMP_SYS(clone3),
    };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool ok = filter != NULL;

    for (size_t i = 0; ok && i < sizeof(calls) / sizeof(calls[0]); i++)
        ok = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, calls[i], 0) == 0;
    ok = ok && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return ok;
}

static bool
use_ciphers(void)
{
    for (const struct cipher_method *m = cipher_methods; m->name != NULL; m++) {
        uint8_t key[CIPHER_KEY_MAX] = {1}, iv[CIPHER_IV_MAX] = {2};
        uint8_t packet[64] = {3};
        struct cipher *c;
        bool ok;

        if (cipher_new(m, key, iv, true, &c) != OK)
            return false;
        ok = m->tag_len > 0 ? cipher_seal(c, 0, packet, 36) == OK
                            : cipher_crypt(c, packet, packet, 48) == OK;
        cipher_free(c);
        if (!ok)
            return false;
    }
    return true;
}

static bool
use_macs(void)
{
    for (const struct mac_method *m = mac_methods; m->name != NULL; m++) {
        uint8_t key[MAC_KEY_MAX] = {1}, out[MAC_MAX];
        struct mac *mac;

        if (mac_new(m, key, &mac) != OK ||
            mac_make(mac, 0, span_text("x"), out) != OK)
            return false;
        mac_free(mac);
    }
    return true;
}

static bool
use_kex(void)
{
    for (const struct kex_method *m = kex_methods; m->name != NULL; m++) {
        const struct kex_group *group = NULL;
        struct kex_client *client;
        struct secret k;
        struct buf init, reply;

        buf_init(&init, KEX_VALUE_MAX);
        buf_init(&reply, KEX_VALUE_MAX);
        if (kex_group_choose(2048, 2048, 8192, &group) != OK ||
            kex_client_start(m, group, random_bytes, NULL, &init, &client) !=
                OK ||
            kex_server(m, group, buf_span(&init), random_bytes, NULL, &reply,
                       &k) != OK ||
            kex_client_finish(client, buf_span(&reply), &k) != OK)
            return false;
        kex_client_free(client);
        buf_clear(&init);
        buf_clear(&reply);
    }
    return true;
}

/* Reading a key from memory is part of it: files come as descriptors. */
static bool
use_keys(void)
{
    for (size_t i = 0; i < OPENSSH_KEY_COUNT; i++) {
        const struct signature_method *method =
            signature_find(span_text(openssh_keys[i].algorithm));
        struct private_key *key;
        struct public_key *public;
        struct buf blob, signature;

        buf_init(&blob, KEY_BLOB_MAX);
        buf_init(&signature, SIGNATURE_MAX);
        if (private_key_decode(span_text(openssh_keys[i].pem), &key) != OK)
            return false;
        private_key_put_public(key, &blob);
        if (private_key_sign(key, method, span_text("x"), &signature) != OK ||
            public_key_decode(buf_span(&blob), &public) != OK ||
            public_key_verify(public, method, span_text("x"),
                              buf_span(&signature)) != OK)
            return false;
        private_key_free(key);
        public_key_free(public);
        buf_clear(&blob);
        buf_clear(&signature);
    }
    return true;
}

static bool
use_generation(void)
{
    static const enum key_type types[] = {KEY_RSA, KEY_ECDSA_256, KEY_ED25519};

    for (size_t i = 0; i < 3; i++) {
        struct private_key *key;
        struct buf pem;

        buf_init_secret(&pem, 10000);
        if (private_key_generate(types[i], 768, &key) != OK ||
            private_key_encode(key, &pem) != OK)
            return false;
        private_key_free(key);
        buf_clear(&pem);
    }
    return true;
}

static bool
use_passwords(void)
{
    char stored[PASSWORD_STORED_MAX];

    for (unsigned type = 5; type <= 9; type++)
        if (type != 6 && (password_make(type, "cisco", stored) != OK ||
                          !password_check(type, stored, span_text("cisco"))))
            return false;
    return true;
}

/* The status of a child that is prepared, shut in, and then does `work`. */
static int
status_shut_in(bool (*work)(void))
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        const struct rlimit none = {0, 0};

        setrlimit(RLIMIT_CORE, &none);
        if (!forbid_opening())
            _exit(2);
        _exit(work() ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static bool
open_something(void)
{
    return access("/", R_OK) == 0;
}

static void
test_nothing_is_opened_after_the_warm_up(void **state)
{
    (void)state;
    assert_int_equal(crypto_warm_up(), OK);
    assert_true(WIFSIGNALED(status_shut_in(open_something)));
    assert_int_equal(status_shut_in(use_ciphers), 0);
    assert_int_equal(status_shut_in(use_macs), 0);
    assert_int_equal(status_shut_in(use_kex), 0);
    assert_int_equal(status_shut_in(use_keys), 0);
    assert_int_equal(status_shut_in(use_generation), 0);
    assert_int_equal(status_shut_in(use_passwords), 0);
}

static void
test_the_warm_up_may_be_repeated(void **state)
{
    (void)state;
    assert_int_equal(crypto_warm_up(), OK);
    assert_int_equal(crypto_warm_up(), OK);
}

static void
test_equality_is_of_all_bytes(void **state)
{
    (void)state;
    assert_true(crypto_equal(span_text("abc"), span_text("abc")));
    assert_true(crypto_equal(SPAN_EMPTY, span_text("")));
    assert_false(crypto_equal(span_text("abc"), span_text("abd")));
    assert_false(crypto_equal(span_text("abc"), span_text("abcd")));
    assert_false(crypto_equal(span_text("xbc"), span_text("abc")));
    assert_false(crypto_equal(span_text("a"), SPAN_EMPTY));
}

static void
test_the_library_names_itself(void **state)
{
    (void)state;
    assert_int_equal(strncmp(crypto_library_version(), "OpenSSL ", 8), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_opened_after_the_warm_up),
        cmocka_unit_test(test_the_warm_up_may_be_repeated),
        cmocka_unit_test(test_equality_is_of_all_bytes),
        cmocka_unit_test(test_the_library_names_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
