/*
 * Laws of making and removing key pairs: the dialogues, byte for byte.
 */
#include "stage.h"

#define CHOOSE                                                            \
    "Choose the size of the key modulus in the range of 512 to 4096 for " \
    "your\n"                                                              \
    "  General Purpose Keys. Choosing a key modulus greater than 512 "    \
    "may take\n"                                                          \
    "  a few minutes.\n\n"                                                \
    "<ask line>How many bits in the modulus [2048]: "
#define REPLACE                                             \
    "<ask line>% Do you really want to replace them? [yes/" \
    "no]: "
#define REMOVE                                           \
    "% All router certs issued using these keys will "   \
    "also be removed.\n<ask line>Do you really want to " \
    "remove these keys? [yes/no]: "
#define MADE "[OK]\n\n<R1(config)#>"

static void
open_named(void)
{
    stage_configure("hostname R1\nip domain name example.org\n");
    stage_open_configuring();
}

static void
test_without_label_host_and_domain_name_are_needed(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("crypto key generate rsa",
                 "% Please define a hostname other than Router.\n"
                 "<Router(config)#>");
    stage_type("hostname R1");
    assert_types("crypto key generate rsa modulus 1024",
                 "% Please define a domain-name first.\n<R1(config)#>");
    assert_types("crypto key generate ec keysize 256",
                 "% Please define a domain-name first.\n<R1(config)#>");
    assert_types("crypto key generate ed25519",
                 "% Please define a domain-name first.\n<R1(config)#>");
    assert_null(stage.key_done);
}

static void
test_the_modulus_is_asked_for(void **state)
{
    (void)state;
    open_named();
    assert_types("crypto key generate rsa",
                 "The name for the keys will be: R1.example.org\n" CHOOSE);
    assert_answers("511", "% A decimal number between 512 and 4096.\n"
                          "<ask line>How many bits in the modulus [2048]: ");
    assert_answers("many", "% A decimal number between 512 and 4096.\n"
                           "<ask line>How many bits in the modulus [2048]: ");
    assert_answers("1024", "% Generating 1024 bit RSA keys, keys will be "
                           "non-exportable...");
    assert_string_equal(stage.wish_name, "R1.example.org");
    assert_int_equal(stage.wish.bits, 1024);
    assert_int_equal(stage.wish.type, KEY_RSA);
    assert_int_equal(stage.wish.usage, KEY_GENERAL);
    assert_false(stage.wish.exportable);
    stage_key_made(OK);
    assert_heard(MADE);
}

static void
test_enter_takes_2048_bits(void **state)
{
    (void)state;
    open_named();
    stage_type("crypto key generate rsa label k");
    stage_answer("");
    assert_int_equal(stage.wish.bits, 2048);
    assert_string_equal(stage.wish_name, "k");
}

static void
test_a_modulus_on_the_line_is_not_asked_for(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("crypto key generate rsa label k mod 512",
                 "The name for the keys will be: k\n\n"
                 "% The key modulus size is 512 bits\n"
                 "% Generating 512 bit RSA keys, keys will be "
                 "non-exportable...");
    stage_key_made(OK);
    stage_heard();
    assert_types("crypto key generate rsa modulus 4096 general-keys label j",
                 "The name for the keys will be: j\n\n"
                 "% The key modulus size is 4096 bits\n"
                 "% Generating 4096 bit RSA keys, keys will be "
                 "non-exportable...");
    stage_key_made(OK);
    stage_heard();
    assert_non_null(strstr(stage_type("crypto key generate rsa modulus 511"),
                           "% Invalid input"));
    assert_non_null(strstr(stage_type("crypto key generate rsa modulus 4097"),
                           "% Invalid input"));
}

static void
test_other_kinds_say_what_they_make(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("crypto key generate ec keysize 384 label k",
                 "The name for the keys will be: k\n"
                 "% Generating 384 bit EC keys, keys will be "
                 "non-exportable...");
    assert_int_equal(stage.wish.type, KEY_ECDSA_384);
    stage_key_made(OK);
    stage_heard();
    assert_types("crypto key generate ed25519 label k",
                 "The name for the keys will be: k\n"
                 "% Generating Ed25519 keys, keys will be "
                 "non-exportable...");
    assert_int_equal(stage.wish.type, KEY_ED25519);
}

static void
test_an_rsa_pair_is_replaced_after_a_question(void **state)
{
    (void)state;
    open_named();
    stage_add_key("R1.example.org", KEY_RSA, 2048);
    assert_types("crypto key generate rsa",
                 "% You already have RSA keys defined named "
                 "R1.example.org.\n" REPLACE);
    assert_answers("no", "<R1(config)#>");
    assert_int_equal(stage.zeroized, 0);
    stage_type("crypto key generate rsa");
    assert_answers("", "% Please answer 'yes' or 'no'.\n" REPLACE);
    assert_answers("yes", "The name for the keys will be: "
                          "R1.example.org\n" CHOOSE);
    /* The old pair is gone while the modulus is still asked for. */
    assert_int_equal(stage.zeroized, 1);
}

static void
test_an_ec_pair_stays_until_the_new_one_is_there(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_add_key("k", KEY_ECDSA_256, 256);
    assert_types("crypto key generate ec keysize 256 label k",
                 "% You already have EC keys defined named k.\n" REPLACE);
    stage_answer("y");
    assert_int_equal(stage.zeroized, 0);
    assert_int_equal(stage.wish.type, KEY_ECDSA_256);
    stage_key_made(OK);
    stage_heard();
    assert_non_null(
        strstr(stage_type("crypto key generate ec keysize 384 label k"),
               "% Generating 384 bit"));
}

static void
test_failures_are_told(void **state)
{
    static const struct {
        enum err err;
        const char *text;
    } cases[] = {
        {ERR_BUSY, "% Other keys are being generated; try again later\n"},
        {ERR_LIMIT, "% The name is too long, or there are too many keys\n"},
        {ERR_SYSTEM, "% The keys could not be generated or stored\n"},
    };

    (void)state;
    stage_open_configuring();
    for (size_t i = 0; i < 3; i++) {
        stage_type("crypto key generate ed25519 label k");
        stage_key_made(cases[i].err);
        assert_non_null(strstr(stage_heard(), cases[i].text));
    }
}

static void
test_forms_of_later_parts_are_refused(void **state)
{
    static const char *const lines[] = {
        "crypto key generate rsa usage-keys label k modulus 768",
        "crypto key generate rsa exportable label k modulus 768",
        "crypto key generate rsa label k modulus 768 storage flash:",
        "crypto key generate ec keysize 256 exportable",
        "crypto key generate dsa",
    };

    (void)state;
    stage_open_configuring();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_non_null(strstr(stage_type(lines[i]), "% Invalid input"));
    assert_types("crypto key generate", "% Incomplete command.\n\n"
                                        "<Router(config)#>");
    assert_null(stage.key_done);
}

static void
test_zeroize_asks_and_removes(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("crypto key zeroize rsa",
                 "% No Signature RSA Keys found in configuration.\n"
                 "<Router(config)#>");
    stage_add_key("k", KEY_RSA, 1024);
    assert_types("crypto key zeroize rsa other",
                 "% No Signature RSA Keys found in configuration.\n"
                 "<Router(config)#>");
    assert_types("crypto key zeroize ec",
                 "% No Signature EC Keys found in configuration.\n"
                 "<Router(config)#>");
    assert_types("crypto key zeroize rsa",
                 "% All RSA keys will be removed.\n" REMOVE);
    assert_answers("no", "<Router(config)#>");
    assert_int_equal(stage.zeroized, 0);
    assert_types("crypto key zeroize rsa k",
                 "% Keys to be removed are named 'k'.\n" REMOVE);
    assert_answers("yes", "<Router(config)#>");
    assert_int_equal(stage.zeroized, 1);
}

static void
test_pairs_that_cannot_be_removed_are_told(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_add_key("k", KEY_ED25519, 256);
    stage.zeroize_result = ERR_SYSTEM;
    stage_type("crypto key zeroize ed25519");
    assert_answers("yes", "% The keys could not be removed\n<Router(config)#>");
}

static void
test_public_keys_are_shown_as_spki(void **state)
{
    uint8_t spki[38];
    struct key *key;

    (void)state;
    for (size_t i = 0; i < sizeof(spki); i++)
        spki[i] = (uint8_t)(0xa0 + i);
    key = stage_add_key("SSH", KEY_RSA, 1024);
    key->spki = span_of(spki, sizeof(spki));
    stage_add_key("other", KEY_ED25519, 256)->spki = span_of(spki, 4);
    stage_open();
    assert_types("show crypto key mypubkey rsa",
                 "% Key pair was generated at: 11:34:11 UTC Feb 9 2018\n"
                 "Key name: SSH\n"
                 "Key type: RSA KEYS\n"
                 " Storage Device: private-config\n"
                 " Usage: General Purpose Key\n"
                 " Key is not exportable.\n"
                 " Key Data:\n"
                 "  A0A1A2A3 A4A5A6A7 A8A9AAAB ACADAEAF B0B1B2B3 B4B5B6B7 "
                 "B8B9BABB BCBDBEBF \n"
                 "  C0C1C2C3 C4C5\n"
                 "<Router>>");
    assert_types("show crypto key mypubkey rsa nobody", "<Router>>");
    assert_types("show crypto key mypubkey ec", "<Router>>");
    assert_non_null(strstr(stage_type("show crypto key mypubkey all"),
                           "Key name: other\nKey type: ED25519 KEYS\n"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_without_label_host_and_domain_name_are_needed),
        STAGE_TEST(test_the_modulus_is_asked_for),
        STAGE_TEST(test_enter_takes_2048_bits),
        STAGE_TEST(test_a_modulus_on_the_line_is_not_asked_for),
        STAGE_TEST(test_other_kinds_say_what_they_make),
        STAGE_TEST(test_an_rsa_pair_is_replaced_after_a_question),
        STAGE_TEST(test_an_ec_pair_stays_until_the_new_one_is_there),
        STAGE_TEST(test_failures_are_told),
        STAGE_TEST(test_forms_of_later_parts_are_refused),
        STAGE_TEST(test_zeroize_asks_and_removes),
        STAGE_TEST(test_pairs_that_cannot_be_removed_are_told),
        STAGE_TEST(test_public_keys_are_shown_as_spki),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
