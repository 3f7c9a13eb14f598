/*
 * Laws of making and removing key pairs: the dialogues, byte for byte.
 */
#include "stage.h"

#include <stdio.h>

#define CHOOSE                                                            \
    "Choose the size of the key modulus in the range of 360 to 4096 for " \
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
    assert_answers("359", "% A decimal number between 360 and 4096.\n"
                          "<ask line>How many bits in the modulus [2048]: ");
    assert_answers("many", "% A decimal number between 360 and 4096.\n"
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
    assert_non_null(strstr(stage_type("crypto key generate rsa modulus 359"),
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
    stage_answer("yes");
    stage_keys_removed(OK);
    assert_heard("The name for the keys will be: R1.example.org\n" CHOOSE);
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
test_what_does_not_work_is_refused(void **state)
{
    static const char *const lines[] = {
        "crypto key generate rsa usage-keys signature label k",
        "crypto key generate rsa label k label j",
        "crypto key export rsa k pem terminal des cisco1234",
        "crypto key export rsa k pem url flash:k 3des cisco1234",
        "crypto key import rsa k pem url flash:k cisco1234",
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
    assert_answers("yes", "");
    assert_int_equal(stage.zeroized, 1);
    stage_keys_removed(OK);
    assert_heard("<Router(config)#>");
}

static void
test_pairs_that_cannot_be_removed_are_told(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_add_key("k", KEY_ED25519, 256);
    stage_type("crypto key zeroize ed25519");
    stage_answer("yes");
    stage_keys_removed(ERR_SYSTEM);
    assert_heard("% The keys could not be removed\n<Router(config)#>");
}

#define MAKING "% Generating 768 bit RSA keys, keys will be "

static void
test_usage_keys_are_two_pairs(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("crypto key generate rsa modulus 768 usage-keys exportable "
                 "label k",
                 "The name for the keys will be: k\n\n"
                 "% The key modulus size is 768 bits\n" MAKING "exportable...");
    assert_int_equal(stage.wish.usage, KEY_SIGNATURE);
    assert_true(stage.wish.exportable);
    stage_key_made(OK);
    assert_heard("[OK]\n" MAKING "exportable...");
    assert_int_equal(stage.wish.usage, KEY_ENCRYPTION);
    assert_int_equal(stage.wish.bits, 768);
    stage_key_made(OK);
    assert_heard("[OK]\n\n<Router(config)#>");
}

#define CHOOSE_FOR(usage)                                                  \
    "Choose the size of the key modulus in the range of 360 to 4096 for "  \
    "your\n  " usage " Keys. Choosing a key modulus greater than 512 may " \
    "take\n  a few minutes.\n\n<ask line>How many bits in the modulus "    \
    "[2048]: "

static void
test_usage_keys_ask_for_two_sizes(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("crypto key generate rsa usage-keys label k",
                 "The name for the keys will be: k\n" CHOOSE_FOR("Signature"));
    assert_answers("768", MAKING "non-exportable...");
    stage_key_made(OK);
    assert_heard("[OK]\n" CHOOSE_FOR("Encryption"));
    /* The first pair is kept when the second is not wanted any more. */
    assert_answers(NULL, "<Router(config)#>");
    assert_types("crypto key generate rsa encryption label k",
                 "The name for the keys will be: k\n" CHOOSE_FOR("Encryption"));
}

static void
test_half_of_a_pair_leaves_the_other_half(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_add_key("k", KEY_RSA, 768)->usage = KEY_SIGNATURE;
    assert_types("crypto key generate rsa encryption modulus 768 label k",
                 "The name for the keys will be: k\n\n"
                 "% The key modulus size is 768 bits\n" MAKING
                 "non-exportable...");
    stage_key_made(OK);
    stage_heard();
    assert_types("crypto key generate rsa signature modulus 768 label k",
                 "% You already have RSA keys defined named k.\n" REPLACE);
    stage_answer("no");
    assert_types("crypto key generate rsa usage-keys modulus 768 label k",
                 "% You already have RSA keys defined named k.\n" REPLACE);
}

static void
test_an_old_pair_that_stays_is_told(void **state)
{
    (void)state;
    stage_open_configuring();
    stage_add_key("k", KEY_RSA, 768);
    stage_type("crypto key generate rsa modulus 768 label k");
    stage_answer("yes");
    stage_keys_removed(ERR_SYSTEM);
    assert_heard("% The old keys could not be removed\n<Router(config)#>");
}

static void
test_an_export_shows_each_pair_of_the_name(void **state)
{
    struct key *key;

    (void)state;
    stage_open_configuring();
    assert_types("crypto key export rsa k pem terminal 3des cisco123",
                 "% RSA keypair 'k' does not exist.\n<Router(config)#>");
    key = stage_add_key("k", KEY_RSA, 1024);
    assert_types("crypto key export rsa k pem terminal 3des cisco12",
                 "% Passphrase is too short, needs to be at least 8 chars\n"
                 "<Router(config)#>");
    assert_types("crypto key export rsa k pem terminal 3des cisco123",
                 "% RSA keypair 'k' is not exportable.\n<Router(config)#>");
    assert_null(stage.exported_done);
    key->exportable = true;
    key->number = 7;
    key = stage_add_key("k", KEY_RSA, 1024);
    key->exportable = true;
    key->number = 8;
    key->usage = KEY_ENCRYPTION;
    assert_types("crypto key export rsa k pem terminal 3des cisco 123", "");
    assert_int_equal(stage.exported, 7);
    stage_key_exported("PUBLIC\n", "PRIVATE\n");
    assert_int_equal(stage.exported, 8);
    stage_key_exported("public\n", "private\n");
    assert_heard("% Key name: k\n"
                 "   Usage: General Purpose Key\n"
                 "   Key data:\nPUBLIC\nPRIVATE\n\n"
                 "% Key name: k\n"
                 "   Usage: Encryption Key\n"
                 "   Key data:\npublic\nprivate\n\n<Router(config)#>");
    stage_type("crypto key export rsa k pem terminal 3des cisco123");
    stage_key_exported("", "");
    assert_heard("% The keys could not be exported\n<Router(config)#>");
}

#define ENTER_PUBLIC(usage)                                        \
    "% Enter PEM-formatted public " usage " key or certificate.\n" \
    "% End with a blank line or \"quit\" on a line by itself.\n"   \
    "<ask text>"
#define ENTER_PRIVATE(usage)                                   \
    "% Enter PEM-formatted encrypted private " usage " key.\n" \
    "% End with \"quit\" on a line by itself.\n"               \
    "<ask text>"
#define MORE "<ask text>"

static void
test_an_import_takes_two_texts(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("crypto key import rsa k exportable pem terminal cisco",
                 ENTER_PUBLIC("General Purpose"));
    assert_answers("PUBLIC", MORE);
    assert_answers("", ENTER_PRIVATE("General Purpose"));
    assert_answers("PRIVATE", MORE);
    assert_answers("", MORE);
    assert_answers("KEY", MORE);
    assert_answers(" quit ", "");
    assert_string_equal(stage.wish_name, "k");
    assert_true(stage.wish.exportable);
    assert_int_equal(stage.wish.usage, KEY_GENERAL);
    assert_int_equal(stage.wish.bits, 0);
    stage_key_made(OK);
    assert_heard("% Key pair import succeeded.\n<Router(config)#>");
    stage_add_key("k", KEY_RSA, 1024);
    assert_types("crypto key import rsa k pem terminal cisco",
                 "% Key pair exists.\n<Router(config)#>");
}

static void
test_an_import_that_fails_says_why(void **state)
{
    static const struct {
        enum err err;
        const char *text;
    } cases[] = {
        {ERR_FORMAT, "% No encrypted private key was found.\n"},
        {ERR_REFUSED, "% The passphrase does not decrypt the private key.\n"},
        {ERR_CRYPTO, "% The keys are not an RSA key pair.\n"},
        {ERR_SYSTEM, "% The keys could not be generated or stored\n"},
    };
    char all[200];

    (void)state;
    stage_open_configuring();
    for (size_t i = 0; i < 4; i++) {
        stage_type("crypto key import rsa k pem terminal cisco");
        stage_answer("quit");
        stage_answer("text");
        stage_answer("quit");
        stage_key_made(cases[i].err);
        snprintf(all, sizeof(all),
                 "%s%% Key pair import failed.\n<Router(config)#>",
                 cases[i].text);
        assert_heard(all);
    }
    stage_type("crypto key import rsa k pem terminal cisco");
    stage_answer("quit");
    assert_answers("quit", "% No encrypted private key was found.\n"
                           "% Key pair import failed.\n<Router(config)#>");
}

static void
test_usage_keys_are_imported_both_or_none(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("crypto key import rsa k usage-keys pem terminal cisco",
                 ENTER_PUBLIC("Signature"));
    assert_answers("quit", ENTER_PRIVATE("Signature"));
    stage_answer("text");
    stage_answer("quit");
    assert_int_equal(stage.wish.usage, KEY_SIGNATURE);
    stage_add_key("k", KEY_RSA, 1024)->usage = KEY_SIGNATURE;
    stage_key_made(OK);
    assert_heard(ENTER_PUBLIC("Encryption"));
    assert_answers("quit", ENTER_PRIVATE("Encryption"));
    stage_answer("text");
    stage_answer("quit");
    assert_int_equal(stage.wish.usage, KEY_ENCRYPTION);
    stage_key_made(ERR_REFUSED);
    assert_int_equal(stage.zeroized, 1);
    stage_keys_removed(OK);
    assert_heard("% The passphrase does not decrypt the private key.\n"
                 "% Key pair import failed.\n<Router(config)#>");
}

static void
test_a_text_without_end_is_given_up(void **state)
{
    char line[1001];
    unsigned lines = 0;

    (void)state;
    memset(line, 'x', 1000);
    line[1000] = '\0';
    stage_open_configuring();
    stage_type("crypto key import rsa k pem terminal cisco");
    while (strcmp(stage_answer(line), MORE) == 0)
        assert_true(++lines < 20);
    assert_types("", "<Router(config)#>");
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
        STAGE_TEST(test_what_does_not_work_is_refused),
        STAGE_TEST(test_zeroize_asks_and_removes),
        STAGE_TEST(test_pairs_that_cannot_be_removed_are_told),
        STAGE_TEST(test_usage_keys_are_two_pairs),
        STAGE_TEST(test_usage_keys_ask_for_two_sizes),
        STAGE_TEST(test_half_of_a_pair_leaves_the_other_half),
        STAGE_TEST(test_an_old_pair_that_stays_is_told),
        STAGE_TEST(test_an_export_shows_each_pair_of_the_name),
        STAGE_TEST(test_an_import_takes_two_texts),
        STAGE_TEST(test_an_import_that_fails_says_why),
        STAGE_TEST(test_usage_keys_are_imported_both_or_none),
        STAGE_TEST(test_a_text_without_end_is_given_up),
        STAGE_TEST(test_public_keys_are_shown_as_spki),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
