#include "vtyssh/algorithms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/names.h"
#include "crypto/cipher.h"
#include "crypto/kex_method.h"
#include "crypto/mac.h"

static void
test_words_of_the_router(void **state)
{
    static const char *const ciphers[][2] = {
        {"3des", "3des-cbc"},
        {"aes128-cbc", "aes128-cbc"},
        {"aes192-cbc", "aes192-cbc"},
        {"aes256-cbc", "aes256-cbc"},
        {"aes256-gcm@openssh.com", "aes256-gcm@openssh.com"},
    };
    static const char *const macs[][2] = {
        {"hmac-md5", "hmac-md5"},         {"hmac-md5-96", "hmac-md5-96"},
        {"hmac-sha1", "hmac-sha1"},       {"hmac-sha1-160", "hmac-sha1"},
        {"hmac-sha1-96", "hmac-sha1-96"}, {"hmac-sha2-256", "hmac-sha2-256"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
        assert_string_equal(algorithms_cipher(ciphers[i][0]), ciphers[i][1]);
    for (size_t i = 0; i < sizeof(macs) / sizeof(macs[0]); i++)
        assert_string_equal(algorithms_mac(macs[i][0]), macs[i][1]);
    assert_null(algorithms_cipher("none"));
    assert_null(algorithms_cipher(""));
    assert_null(algorithms_mac("hmac"));
}

static void
test_all_that_is_offered_is_known(void **state)
{
    struct buf list;
    struct span rest, name;

    (void)state;
    buf_init(&list, ALGORITHMS_MAX);
    algorithms_put_kex(&list);
    for (rest = buf_span(&list); names_next(&rest, &name);)
        assert_non_null(kex_find(name));
    buf_reset(&list);
    algorithms_put_ciphers(&list);
    for (rest = buf_span(&list); names_next(&rest, &name);)
        assert_non_null(cipher_find(name));
    buf_reset(&list);
    algorithms_put_macs(&list);
    for (rest = buf_span(&list); names_next(&rest, &name);)
        assert_non_null(mac_find(name));
    buf_clear(&list);
}

static void
test_known_types_go_first(void **state)
{
    struct buf list;

    (void)state;
    buf_init(&list, ALGORITHMS_MAX);
    algorithms_put_host_keys(SPAN_EMPTY, &list);
    assert_string_equal(buf_text(&list),
                        "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
                        "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256");
    buf_reset(&list);
    algorithms_put_host_keys(span_text("ssh-rsa,ecdsa-sha2-nistp384,ssh-dss"),
                             &list);
    assert_string_equal(buf_text(&list),
                        "ecdsa-sha2-nistp384,rsa-sha2-512,rsa-sha2-256,"
                        "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp521");
    buf_clear(&list);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_of_the_router),
        cmocka_unit_test(test_all_that_is_offered_is_known),
        cmocka_unit_test(test_known_types_go_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
