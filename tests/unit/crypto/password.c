#include "crypto/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* The first of types 5, 8, 9 and all of 7 are known from routers. */
static const struct {
    unsigned type;
    const char *stored, *clear;
} vectors[] = {
    {0, "cisco", "cisco"},
    {5, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "cisco"},
    {5, "$1$a$b5Qx0Tu2li2K0VouYXSxG.", "cisco"},
    {5, "$1$ab$kgUpfF8Za114Mm.UOoVYD.", "cisco"},
    {5, "$1$12345678$p8O9iocYI5f3GXeGBduyr.", "cisco"},
    {7, "02050D480809", "cisco"},
    {7, "0822455D0A16", "cisco"},
    {7, "121A0C041104", "cisco"},
    {7, "1511021F0725", "cisco"},
    {7, "1511021f0725", "cisco"},
    {8, "$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk",
     "hashcat"},
    {8, "$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs",
     "cisco"},
    {9, "$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6",
     "hashcat"},
    {9, "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM",
     "cisco"},
};
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static void
test_stored_forms_of_routers_match(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        assert_true(password_is_valid(vectors[i].type, vectors[i].stored));
        assert_true(password_check(vectors[i].type, vectors[i].stored,
                                   span_text(vectors[i].clear)));
    }
}

static void
test_other_passwords_do_not_match(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        const char *const wrong[] = {"", "Cisco", "cisc", "cisco ", "hashcaT"};

        for (size_t j = 0; j < sizeof(wrong) / sizeof(wrong[0]); j++)
            assert_false(password_check(vectors[i].type, vectors[i].stored,
                                        span_text(wrong[j])));
        /* The stored form itself is no password. */
        if (vectors[i].type != 0)
            assert_false(password_check(vectors[i].type, vectors[i].stored,
                                        span_text(vectors[i].stored)));
    }
}

/*
 * hardening 4.8: a NUL ends nothing. HMAC, in types 8 and 9, would take one
 * behind the password for its own filling.
 */
static void
test_a_nul_does_not_cut_the_password(void **state)
{
    (void)state;
    for (size_t i = 0; i < VECTORS; i++) {
        char given[20];
        size_t len = strlen(vectors[i].clear);

        memcpy(given, vectors[i].clear, len);
        given[len] = '\0';
        given[len + 1] = 'x';
        assert_false(password_check(vectors[i].type, vectors[i].stored,
                                    span_of(given, len + 1)));
        assert_false(password_check(vectors[i].type, vectors[i].stored,
                                    span_of(given, len + 2)));
    }
}

/* hardening 4.7 */
static void
test_oversized_passwords_do_not_match(void **state)
{
    static char given[100000];

    (void)state;
    memset(given, 'x', sizeof(given));
    for (size_t i = 0; i < VECTORS; i++) {
        assert_false(password_check(vectors[i].type, vectors[i].stored,
                                    span_of(given, 256)));
        assert_false(password_check(vectors[i].type, vectors[i].stored,
                                    span_of(given, 257)));
        assert_false(password_check(vectors[i].type, vectors[i].stored,
                                    span_of(given, sizeof(given))));
    }
}

static void
test_long_md5_crypt_passwords_match(void **state)
{
    char given[128];

    (void)state;
    memset(given, 'x', 127);
    given[127] = '\0';
    assert_true(password_check(5, "$1$abcd$dmThYibWDA3HOkVsGNA3U0",
                               span_of(given, 127)));
    assert_true(
        password_check(5, "$1$abcd$CwbBDotm4UoKv5fATTtzT.", SPAN_EMPTY));
}

static const struct {
    unsigned type;
    const char *stored;
} malformed[] = {
    {0, ""},
    {0, "a\tb"},
    {0, "a\x1b[2J"},
    {5, ""},
    {5, "$1$"},
    {5, "$1$mERr"},
    {5, "$1$$hx5rVt7rPNoS4wqbXKX7m0"},
    {5, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m"},
    {5, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m00"},
    {5, "$1$mERr$hx5rVt7rPNoS4wqbXKX7m!"},
    {5, "$1$mE r$hx5rVt7rPNoS4wqbXKX7m0"},
    {5, "$1$123456789$hx5rVt7rPNoS4wqbXKX7m0"},
    {5, "$2$mERr$hx5rVt7rPNoS4wqbXKX7m0"},
    {7, ""},
    {7, "02"},
    {7, "0205F"},
    {7, "02050D48080G"},
    {7, "16050D480809"},
    {7, "99050D480809"},
    {7, "x2050D480809"},
    {7, "0266"},         /* a NUL: 66 is the key's own character */
    {7, "027D050D4808"}, /* ESC */
    {8, ""},
    {8, "$8$"},
    {8, "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM"},
    {8, "$8$dsYGNam3K1SIJ$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs"},
    {8, "$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQF"},
    {8, "$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFsx"},
    {8, "$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQ+s"},
    {9, "$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs"},
    {4, "cisco"},
    {6, "cisco"},
    {10, "cisco"},
};

static void
test_malformed_forms_match_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        assert_false(password_is_valid(malformed[i].type, malformed[i].stored));
        assert_false(password_check(malformed[i].type, malformed[i].stored,
                                    span_text("cisco")));
        assert_false(
            password_check(malformed[i].type, malformed[i].stored, SPAN_EMPTY));
    }
}

static void
test_what_is_made_matches(void **state)
{
    static const unsigned types[] = {5, 7, 8, 9};
    char longest[PASSWORD_MAX + 1];
    const char *const clear[] = {"x", "cisco", "two words  ", longest};

    (void)state;
    memset(longest, 'y', PASSWORD_MAX);
    longest[PASSWORD_MAX] = '\0';
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) {
            char stored[PASSWORD_STORED_MAX];

            assert_int_equal(password_make(types[i], clear[j], stored), OK);
            assert_true(password_is_valid(types[i], stored));
            assert_true(password_check(types[i], stored, span_text(clear[j])));
            assert_false(password_check(types[i], stored, span_text("z")));
        }
    }
}

static void
test_salts_have_the_lengths_of_ios_and_differ(void **state)
{
    char one[PASSWORD_STORED_MAX], other[PASSWORD_STORED_MAX];

    (void)state;
    assert_int_equal(password_make(5, "cisco", one), OK);
    assert_int_equal(one[7], '$');
    assert_int_equal(password_make(5, "cisco", other), OK);
    assert_string_not_equal(one, other);
    assert_int_equal(password_make(9, "cisco", one), OK);
    assert_int_equal(one[17], '$');
    assert_int_equal(strlen(one), 61);
    assert_int_equal(password_make(9, "cisco", other), OK);
    assert_string_not_equal(one, other);
}

static void
test_what_cannot_be_a_password_is_not_made(void **state)
{
    static const unsigned types[] = {5, 7, 8, 9};
    char stored[PASSWORD_STORED_MAX] = "kept", longer[PASSWORD_MAX + 2];

    (void)state;
    memset(longer, 'y', PASSWORD_MAX + 1);
    longer[PASSWORD_MAX + 1] = '\0';
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(password_make(types[i], "", stored), ERR_FORMAT);
        assert_int_equal(password_make(types[i], "a\nb", stored), ERR_FORMAT);
        assert_int_equal(password_make(types[i], longer, stored), ERR_FORMAT);
    }
    assert_int_equal(password_make(4, "cisco", stored), ERR_FORMAT);
    assert_int_equal(password_make(0, "cisco", stored), ERR_FORMAT);
    assert_string_equal(stored, "kept");
}

static void
test_type_7_is_revealed_within_the_room(void **state)
{
    char clear[6];

    (void)state;
    assert_int_equal(password_reveal("02050D480809", clear, sizeof(clear)), OK);
    assert_string_equal(clear, "cisco");
    assert_int_equal(password_reveal("02050D480809", clear, 5), ERR_LENGTH);
    assert_int_equal(password_reveal("nonsense", clear, sizeof(clear)),
                     ERR_FORMAT);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored_forms_of_routers_match),
        cmocka_unit_test(test_other_passwords_do_not_match),
        cmocka_unit_test(test_a_nul_does_not_cut_the_password),
        cmocka_unit_test(test_oversized_passwords_do_not_match),
        cmocka_unit_test(test_long_md5_crypt_passwords_match),
        cmocka_unit_test(test_malformed_forms_match_nothing),
        cmocka_unit_test(test_what_is_made_matches),
        cmocka_unit_test(test_salts_have_the_lengths_of_ios_and_differ),
        cmocka_unit_test(test_what_cannot_be_a_password_is_not_made),
        cmocka_unit_test(test_type_7_is_revealed_within_the_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
