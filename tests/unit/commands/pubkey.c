/*
 * Laws of users' public keys: what is pasted becomes a hash, or nothing.
 * Keys and their MD5 hashes are by ssh-keygen of OpenSSH 9.2.
 */
#include "../../vectors/openssh_dsa.h"
#include "base/text.h"
#include "stage.h"

#define ED25519                                         \
    "AAAAC3NzaC1lZDI1NTE5AAAAILbnyOBWU7UiJh8D4SHxMZQjC" \
    "b2ZJo2w4M8qweJylbLJ"
#define ED25519_HASH "2F3B4403F2689968F409E8830CC84964"
#define ECDSA_1                                              \
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBE" \
    "E2fBEgB3TPz8YE2v"
#define ECDSA_2                                              \
    "RV9ZZnw5c5Yk1gSW65643WhYoBx9DlTFKkIqr3kG2de9wF7Z2q+nHq" \
    "JhhA/rALZQFlTGk="
#define ECDSA_HASH "F52AF20CF410A3DD195737BC4D1CBFF9"
#define RSA_1                                                \
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQDElxzmkaQ192ssN/OHVyzQpp" \
    "hdREB5f60zMfQP2jkQ7tlDrgM+0arySzfnPRChG5/c4GsHAwuRigzG" \
    "7ZCTBdmvuXKZ6XwHUFLPBYVQn6n/ARFxBoLRqNPJZMCdeKcMdiEqe+" \
    "BIVHZKQJIbneRq4HmJ1TY0OCsjiB2QMopQy/E"
#define RSA_2                                                \
    "zjuQ7TuyplvG0MR1rAOKetABxekQPNOCw+BAHApwxbaXBsxJlFvQYi" \
    "5j1h1fanjeipetEzzZD4A3EM45bNs9/ehdEwpftZIwOruetQy+B+1R" \
    "OITDZVKKHlKKKwIBF9xBnbW90MD8WEw9s6cX+q9iQ7mJVE6tf3Ez4v" \
    "tXv1fcEkmc1"
#define RSA_HASH "ECC64A15D8DD22F31A7D1EB1713EF348"
#define USER     "<Router(conf-ssh-pubkey-user)#>"
#define DATA     "<ask text>Router(conf-ssh-pubkey-data)#"

static void
open_user(void)
{
    stage_open_configuring();
    stage_type("ip ssh pubkey-chain");
    assert_types("username lab", USER);
}

static void
test_the_modes_are_named_as_ios_names_them(void **state)
{
    (void)state;
    stage_add_key("k", KEY_RSA, 2048);
    stage_open_configuring();
    assert_types("ip ssh pubkey-chain", "<Router(conf-ssh-pubkey)#>");
    assert_types("username lab", USER);
    assert_types("key-string", DATA);
    assert_answers(ED25519, DATA);
    assert_answers("exit", USER);
    assert_types("exit", "<Router(conf-ssh-pubkey)#>");
    assert_types("quit", "<Router(config)#>");
}

static void
test_each_kind_of_key_is_kept_as_its_hash(void **state)
{
    (void)state;
    open_user();
    stage_type("key-string");
    stage_answer("ssh-ed25519 " ED25519 " lab@host.example.com");
    assert_answers("exit", USER);
    stage_type("key-string");
    stage_answer("ecdsa-sha2-nistp256 " ECDSA_1);
    stage_answer("  " ECDSA_2 "  ");
    assert_answers(" exit ", USER);
    stage_type("key-string");
    stage_answer(RSA_1);
    stage_answer(RSA_2 " an old key");
    assert_answers("quit", USER);
    assert_string_equal(stage_running_config(),
                        "ip ssh pubkey-chain\n"
                        "  username lab\n"
                        "   key-hash ssh-ed25519 " ED25519_HASH
                        " lab@host.example.com\n"
                        "   key-hash ecdsa-sha2-nistp256 " ECDSA_HASH "\n"
                        "   key-hash ssh-rsa " RSA_HASH " an old key\n"
                        "  quit\n"
                        "!\nline con 0\nline vty 0 4\n!\n");
}

static void
test_the_same_key_again_is_the_same_entry(void **state)
{
    const struct config_key_owner *user;
    const struct config_key *key;

    (void)state;
    open_user();
    for (int i = 0; i < 2; i++) {
        stage_type("key-string");
        stage_answer(ED25519 " first");
        stage_answer("exit");
    }
    stage_type("key-hash ssh-ed25519 2f3b4403f2689968f409e8830cc84964 again");
    user = config_key_user_find(&stage.router.config, "lab");
    assert_int_equal(user->keys.list.count, 1);
    key = user->keys.list.items[0];
    assert_string_equal(key->hash, ED25519_HASH);
    assert_string_equal(key->comment, "again");
}

static void
test_what_does_not_decode_is_refused(void **state)
{
    static const char *const texts[] = {
        "not a key",
        "AAAA",
        "ssh-rsa",
        /* cut short; of another type than it says inside */
        "AAAAC3NzaC1lZDI1NTE5AAAAILbnyOBWU7UiJh8D4SHxMZQjCb2ZJo2w4M8qwe",
        "AAAAB3NzaC1kc3MAAAAB",
    };

    (void)state;
    open_user();
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        stage_type("key-string");
        stage_answer(texts[i]);
        assert_answers("exit", "%SSH: Failed to decode the Key Value\n" USER);
    }
    stage_type("key-string");
    assert_answers("exit", "%SSH: Failed to decode the Key Value\n" USER);
}

/* Sound, and of a kind that proves no user. */
static void
test_a_dsa_key_is_no_users(void **state)
{
    char line[65];

    (void)state;
    open_user();
    stage_type("key-string");
    for (size_t at = 0; at < strlen(openssh_dsa_key.blob); at += 64) {
        text_copy(line, sizeof(line), openssh_dsa_key.blob + at);
        stage_answer(line);
    }
    assert_answers("exit", "%SSH: Failed to decode the Key Value\n" USER);
}

static void
test_a_hash_has_32_digits(void **state)
{
    (void)state;
    open_user();
    assert_types("key-hash ssh-rsa 00",
                 "% A hash has 32 hexadecimal digits\n" USER);
    assert_types("key-hash ssh-rsa 0123456789012345678901234567890g",
                 "% A hash has 32 hexadecimal digits\n" USER);
    assert_non_null(
        strstr(stage_type("key-hash ssh-dss " RSA_HASH), "% Invalid input"));
}

static void
test_no_removes_a_key_and_a_user(void **state)
{
    (void)state;
    open_user();
    stage_type("key-hash ssh-rsa " RSA_HASH);
    assert_types("no key-hash ssh-rsa " RSA_HASH, USER);
    assert_int_equal(
        config_key_user_find(&stage.router.config, "lab")->keys.list.count, 0);
    stage_type("exit");
    stage_type("no username lab");
    assert_null(config_key_user_find(&stage.router.config, "lab"));
}

static void
test_a_chain_that_was_written_is_read_again(void **state)
{
    static const char text[] = "ip ssh pubkey-chain\n"
                               "  username lab\n"
                               "   key-hash ssh-rsa " RSA_HASH " a b\n"
                               "  quit\n"
                               "  username other\n"
                               "   key-hash ssh-ed25519 " ED25519_HASH "\n"
                               "  quit\n"
                               "!\nline con 0\nline vty 0 4\n!\n";

    (void)state;
    stage_configure(text);
    assert_string_equal(stage_running_config(), text);
}

static void
test_a_file_may_hold_a_key_string(void **state)
{
    (void)state;
    stage_configure("ip ssh pubkey-chain\n username lab\n  key-string\n"
                    "   " ECDSA_1 "\n   " ECDSA_2 " me\n   exit\n  exit\n"
                    " exit\nhostname R1\n");
    assert_non_null(strstr(stage_running_config(),
                           "   key-hash ecdsa-sha2-nistp256 " ECDSA_HASH
                           " me\n"));
    assert_string_equal(stage.router.config.hostname, "R1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_the_modes_are_named_as_ios_names_them),
        STAGE_TEST(test_each_kind_of_key_is_kept_as_its_hash),
        STAGE_TEST(test_the_same_key_again_is_the_same_entry),
        STAGE_TEST(test_what_does_not_decode_is_refused),
        STAGE_TEST(test_a_dsa_key_is_no_users),
        STAGE_TEST(test_a_hash_has_32_digits),
        STAGE_TEST(test_no_removes_a_key_and_a_user),
        STAGE_TEST(test_a_chain_that_was_written_is_read_again),
        STAGE_TEST(test_a_file_may_hold_a_key_string),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
