#include "term/key.h"

#include "check.h"

/* Keys of a byte string, one letter each: see letter_of(). */
static char
letter_of(const struct key *key)
{
    static const char letters[] = "CCMudrlhexU";

    return letters[key->code];
}

static void
decode(const char *bytes, size_t len, char *letters, struct key *last)
{
    struct key_decoder d;
    size_t used = 0;

    key_decoder_init(&d);
    for (size_t i = 0; i < len; i++)
        if (key_decode(&d, (uint8_t)bytes[i], last))
            letters[used++] = letter_of(last);
    letters[used] = '\0';
}

#define assert_keys(bytes, expected)                        \
    do {                                                    \
        char letters_[64];                                  \
        struct key last_;                                   \
                                                            \
        decode(bytes, sizeof(bytes) - 1, letters_, &last_); \
        assert_string_equal(letters_, expected);            \
    } while (0)

static void
test_plain_bytes_are_one_key_each(void **state)
{
    struct key key;
    char letters[8];

    (void)state;
    decode("a", 1, letters, &key);
    assert_int_equal(key.code, KEY_CHARACTER);
    assert_int_equal(key.bytes[0], 'a');
    decode("\x03", 1, letters, &key);
    assert_true(key_is_control(&key, CONTROL_KEY('C')));
    decode("\x7f", 1, letters, &key);
    assert_true(key_is_control(&key, 0x7f));
}

static void
test_nul_is_no_key(void **state)
{
    (void)state;
    assert_keys("\0a\0\0b\0", "CC");
}

static void
test_sequences_of_terminals_are_known(void **state)
{
    (void)state;
    assert_keys("\033[A\033[B\033[C\033[D", "udrl");
    assert_keys("\033OA\033OB\033OC\033OD", "udrl");
    assert_keys("\033[H\033[F\033OH\033OF\033[1~\033[4~\033[7~\033[8~",
                "hehehehe");
    assert_keys("\033[3~", "x");
    assert_keys("\033[1;5C\033[5D", "rl"); /* with modifiers */
}

static void
test_unknown_sequences_are_swallowed_whole(void **state)
{
    (void)state;
    assert_keys("\033[15~\033[2~\033[200~\033[?1;2c\033[>0;95;0c", "UUUUU");
    assert_keys("\033[99999999999999999~x", "UC");
    assert_keys("\033[31~", "U");
    assert_keys("\033[1;3~", "h");
}

static void
test_a_control_key_ends_a_sequence(void **state)
{
    struct key key;
    char letters[8];

    (void)state;
    decode("\033[1\r", 4, letters, &key);
    assert_true(key_is_control(&key, KEY_ENTER));
    decode("\033\r", 2, letters, &key);
    assert_true(key_is_control(&key, KEY_ENTER));
    assert_keys("\033\033[A", "u");
    assert_keys("\033[1\033[A", "u");
}

static void
test_meta_keys_have_no_case(void **state)
{
    struct key key;
    char letters[8];

    (void)state;
    decode("\033b", 2, letters, &key);
    assert_int_equal(key.code, KEY_META);
    assert_int_equal(key.bytes[0], 'b');
    decode("\033B", 2, letters, &key);
    assert_int_equal(key.code, KEY_META);
    assert_int_equal(key.bytes[0], 'b');
}

static void
test_utf8_characters_are_whole_keys(void **state)
{
    struct key key;
    char letters[8];

    (void)state;
    decode("\xe2\x82\xac", 3, letters, &key);
    assert_string_equal(letters, "C");
    assert_int_equal(key.len, 3);
    assert_memory_equal(key.bytes, "\xe2\x82\xac", 3);
}

static void
test_broken_utf8_becomes_nothing(void **state)
{
    (void)state;
    assert_keys("\x80\xff\xc0\xaf", "");
    assert_keys("\xc2\x9b"
                "A",
                "C"); /* C1 CSI is no sequence */
    assert_keys("\xe2\x82"
                "a",
                "C");
    assert_keys("\xe2\x82\033[A", "u");
    assert_keys("\xe2\xe2\x82\xac", "C");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_bytes_are_one_key_each),
        cmocka_unit_test(test_nul_is_no_key),
        cmocka_unit_test(test_sequences_of_terminals_are_known),
        cmocka_unit_test(test_unknown_sequences_are_swallowed_whole),
        cmocka_unit_test(test_a_control_key_ends_a_sequence),
        cmocka_unit_test(test_meta_keys_have_no_case),
        cmocka_unit_test(test_utf8_characters_are_whole_keys),
        cmocka_unit_test(test_broken_utf8_becomes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
