#include "crypto/bcrypt_pbkdf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "unit/crypto/hex.h"

/* The first and third are OpenBSD's own; all agree with Python's bcrypt. */
static const struct {
    struct span passphrase, salt;
    unsigned rounds;
    const char *key;
} vectors[] = {
    {{(const uint8_t *)"password", 8},
     {(const uint8_t *)"salt", 4},
     4,
     "5bbf0cc293587f1c3635555c27796598d47e579071bf427e9d8fbe842aba34d9"},
    {{(const uint8_t *)"password", 8},
     {(const uint8_t *)"salt", 4},
     8,
     "e1367ec5151a33faac4cc1c144cd23fa15d5548493ecc99b9b5d9c0d3b27bec7"
     "6227ea66088b849b20ab7aa478010246"},
    {{(const uint8_t *)"passwordy\0PASSWORD", 19},
     {(const uint8_t *)"salty\0SALT", 11},
     3,
     "7f310bd3e78c3280c59ce4595211a2928e8d4ec744c1ed2efc9f764e3388e0ad"},
    {{(const uint8_t *)"p", 1},
     {(const uint8_t *)"0123456789abcdef", 16},
     2,
     "e43f43120d644e43a0cdcf47adf891a32bbc3c8019886ab62694e246dcb96b36"
     "db92b8b8ea568646cb75e0fbcbf4c2cf4b15faebe2c55761de9e7dc2a9a31fb8"
     "a9572124fa51b3dee0a51fafd089fc84d2e4f48120b99364c7bd5ea0c7faec92"
     "34ee48bf"},
    {{(const uint8_t *)"x", 1}, {(const uint8_t *)"y", 1}, 1, "8f"},
};

static void
test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint8_t room[128], key[128];
        struct span expected = hex_bytes(vectors[i].key, room, sizeof(room));

        assert_int_equal(bcrypt_pbkdf(vectors[i].passphrase, vectors[i].salt,
                                      vectors[i].rounds, key, expected.len),
                         OK);
        assert_memory_equal(key, expected.ptr, expected.len);
    }
}

static void
test_limits(void **state)
{
    static uint8_t key[BCRYPT_PBKDF_KEY_MAX + 1];
    struct span salt = span_text("salt");

    (void)state;
    assert_int_equal(bcrypt_pbkdf(SPAN_EMPTY, salt, 1, key, 1), ERR_LENGTH);
    assert_int_equal(bcrypt_pbkdf(salt, SPAN_EMPTY, 1, key, 1), ERR_LENGTH);
    assert_int_equal(bcrypt_pbkdf(salt, salt, 0, key, 1), ERR_LENGTH);
    assert_int_equal(
        bcrypt_pbkdf(salt, salt, BCRYPT_PBKDF_ROUNDS_MAX + 1, key, 1),
        ERR_LENGTH);
    assert_int_equal(bcrypt_pbkdf(salt, salt, 1, key, 0), ERR_LENGTH);
    assert_int_equal(bcrypt_pbkdf(salt, salt, 1, key, sizeof(key)), ERR_LENGTH);
    assert_int_equal(
        bcrypt_pbkdf(salt, span_of(key, BCRYPT_PBKDF_SALT_MAX + 1), 1, key, 1),
        ERR_LENGTH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
