/*
 * Laws of the `ip ssh` family and of what is shown of the server.
 */
#include "stage.h"

#include <stdio.h>

#include "base/text.h"
#include "control/algorithms.h"
#include "crypto/cipher.h"
#include "crypto/hostkey.h"
#include "crypto/kex_method.h"
#include "crypto/mac.h"

#define ACCEPTED "<Router(config)#>"
#define RETRIES  "Authentication timeout: 120 secs; Authentication retries: 3\n"

static void
test_without_a_key_every_accepted_line_says_so(void **state)
{
    (void)state;
    stage_open_configuring();
    assert_types("ip ssh version 2",
                 "Please create RSA keys (of atleast 768 bits size) to enable "
                 "SSH v2.\n" ACCEPTED);
    assert_types("ip ssh time-out 60",
                 "Please create RSA keys to enable SSH.\n" ACCEPTED);
    assert_types("no ip ssh version",
                 "Please create RSA keys to enable SSH.\n" ACCEPTED);
    assert_types("ip ssh rsa keypair-name k",
                 "Please create RSA keys to enable SSH.\n" ACCEPTED);
    assert_types("ip ssh pubkey-chain",
                 "Please create RSA keys to enable SSH.\n"
                 "<Router(conf-ssh-pubkey)#>");
    stage_type("exit");
    assert_non_null(strstr(stage_type("ip ssh time-out 0"), "% Invalid"));
    stage_add_key("k", KEY_RSA, 2048);
    assert_types("ip ssh time-out 61", ACCEPTED);
    assert_types("ip ssh version 2", ACCEPTED);
}

static void
test_values_out_of_range_are_invalid(void **state)
{
    static const char *const lines[] = {
        "ip ssh time-out 0",
        "ip ssh time-out 121",
        "ip ssh timeout 121",
        "ip ssh authentication-retries 6",
        "ip ssh version 0",
        "ip ssh version 3",
        "ip ssh maxstartups 0",
        "ip ssh maxstartups 1025",
        "ip ssh rekey time 9",
        "ip ssh rekey volume 99",
        "ip ssh server algorithm mac none",
        "ip ssh server algorithm mac hmac-md5 hmac-md5",
        "ip ssh client algorithm mac none",
    };

    (void)state;
    stage_open_configuring();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (strstr(stage_type(lines[i]), "% Invalid input") == NULL)
            fail_msg("%s is accepted", lines[i]);
    assert_types("ip ssh", "% Incomplete command.\n\n" ACCEPTED);
    assert_types("ip ssh version", "% Incomplete command.\n\n" ACCEPTED);
}

static void
test_settings_are_written_in_their_order_and_no_restores(void **state)
{
    static const char *const no[] = {
        "no ip ssh time-out",
        "no ip ssh authentication-retries 5",
        "no ip ssh rsa keypair-name sshkeys",
        "no ip ssh version 2",
        "no ip ssh maxstartups",
        "no ip ssh rekey time",
        "no ip ssh rekey volume",
        "no ip ssh server algorithm mac",
        "default ip ssh server algorithm kex",
    };

    (void)state;
    stage_add_key("k", KEY_RSA, 2048);
    stage_open_configuring();
    assert_types("ip ssh server algorithm kex diffie-hellman-group1-sha1",
                 ACCEPTED);
    assert_types("ip ssh server algorithm mac hmac-sha1 hmac-md5", ACCEPTED);
    assert_types("ip ssh rekey volume 100", ACCEPTED);
    assert_types("ip ssh rekey time 10", ACCEPTED);
    assert_types("ip ssh maxstartups 2", ACCEPTED);
    assert_types("ip ssh version 2", ACCEPTED);
    assert_types("ip ssh rsa keypair-name sshkeys", ACCEPTED);
    assert_types("ip ssh authentication-retries 5", ACCEPTED);
    assert_types("ip ssh timeout 60", ACCEPTED);
    assert_string_equal(stage_running_config(),
                        "ip ssh time-out 60\n"
                        "ip ssh authentication-retries 5\n"
                        "ip ssh rsa keypair-name sshkeys\n"
                        "ip ssh version 2\n"
                        "ip ssh maxstartups 2\n"
                        "ip ssh rekey time 10\n"
                        "ip ssh rekey volume 100\n"
                        "ip ssh server algorithm mac hmac-sha1 hmac-md5\n"
                        "ip ssh server algorithm kex "
                        "diffie-hellman-group1-sha1\n"
                        "!\nline con 0\nline vty 0 4\n!\n");
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        assert_types(no[i], ACCEPTED);
    assert_string_equal(stage_running_config(),
                        "line con 0\nline vty 0 4\n!\n");
}

static void
test_the_last_algorithm_cannot_be_removed(void **state)
{
    static const char *const classes[][2] = {
        {"mac", "hmac-md5"},
        {"encryption", "3des-cbc"},
        {"kex", "diffie-hellman-group1-sha1"},
        {"hostkey", "ssh-rsa"},
        {"authentication", "password"},
        {"publickey", "ssh-rsa"},
    };
    char line[200], refusal[200];

    (void)state;
    stage_add_key("k", KEY_RSA, 2048);
    stage_open_configuring();
    for (size_t i = 0; i < 6; i++) {
        snprintf(line, sizeof(line), "ip ssh server algorithm %s %s",
                 classes[i][0], classes[i][1]);
        assert_types(line, ACCEPTED);
        snprintf(line, sizeof(line), "no ip ssh server algorithm %s %s",
                 classes[i][0], classes[i][1]);
        snprintf(refusal, sizeof(refusal),
                 "%% SSH command rejected: All %s algorithms cannot be "
                 "disabled\n" ACCEPTED,
                 classes[i][0]);
        assert_types(line, refusal);
    }
}

static void
test_a_new_keypair_name_is_looked_for_at_once(void **state)
{
    (void)state;
    stage_add_key("k", KEY_RSA, 2048);
    stage_open_configuring();
    stage_type("ip ssh rsa keypair-name other");
    assert_int_equal(stage.key_updates, 1);
    stage_type("no ip ssh rsa keypair-name");
    assert_int_equal(stage.key_updates, 2);
}

static bool
is_listed(const struct cli_word *words, const char *name)
{
    for (; words->word != NULL; words++)
        if (strcmp(words->word, name) == 0)
            return true;
    return false;
}

static void
test_every_algorithm_can_be_named_and_every_name_is_one(void **state)
{
    (void)state;
    for (const struct kex_method *m = kex_methods; m->name != NULL; m++)
        assert_true(is_listed(algorithms_kex(), m->name));
    for (const struct cipher_method *m = cipher_methods; m->name != NULL; m++)
        assert_true(is_listed(algorithms_encryption(), m->name));
    for (const struct mac_method *m = mac_methods; m->name != NULL; m++)
        assert_true(is_listed(algorithms_mac(), m->name));
    for (const struct signature_method *m = signature_methods; m->name != NULL;
         m++) {
        assert_true(is_listed(algorithms_hostkey(), m->name));
        assert_true(is_listed(algorithms_publickey(), m->name));
    }
    for (const struct cli_word *w = algorithms_kex(); w->word != NULL; w++)
        assert_non_null(kex_find(span_text(w->word)));
    for (const struct cli_word *w = algorithms_encryption(); w->word != NULL;
         w++)
        assert_non_null(cipher_find(span_text(w->word)));
    for (const struct cli_word *w = algorithms_mac(); w->word != NULL; w++)
        assert_non_null(mac_find(span_text(w->word)));
}

static void
test_show_ip_ssh_is_as_12_4_has_it(void **state)
{
    (void)state;
    stage_open();
    assert_types("show ip ssh",
                 "SSH Disabled - version 1.99\n"
                 "%Please create RSA keys (of atleast 768 bits size) to "
                 "enable SSH v2.\n" RETRIES "<Router>>");
    stage_add_key("k", KEY_RSA, 2048);
    assert_types("show ip ssh",
                 "SSH Enabled - version 1.99\n" RETRIES "<Router>>");
    stage_configure("ip ssh version 2\nip ssh time-out 60\nip ssh "
                    "authentication-retries 2\n");
    assert_types("show ip ssh", "SSH Enabled - version 2.0\n"
                                "Authentication timeout: 60 secs; "
                                "Authentication retries: 2\n<Router>>");
}

static void
name_algorithms(struct session *s, const char *cipher, const char *mac)
{
    text_copy(s->cipher_in, sizeof(s->cipher_in), cipher);
    text_copy(s->cipher_out, sizeof(s->cipher_out), cipher);
    text_copy(s->mac_in, sizeof(s->mac_in), mac);
    text_copy(s->mac_out, sizeof(s->mac_out), mac);
}

static void
test_show_ssh_has_the_columns_of_the_reference(void **state)
{
    struct session *other = stage_second_user();

    (void)state;
    name_algorithms(&stage.sessions[0], "aes128-cbc", "hmac-md5");
    name_algorithms(other, "chacha20-poly1305@openssh.com", "implicit");
    other->state = SESSION_LOGIN;
    other->user[0] = '\0';
    stage_open();
    assert_types(
        "show ssh",
        "Connection Version Mode Encryption  Hmac         State"
        "                 Username\n"
        "0          2.0     IN   aes128-cbc  hmac-md5     Session "
        "started       lab\n"
        "0          2.0     OUT  aes128-cbc  hmac-md5     Session "
        "started       lab\n"
        "1          2.0     IN   chacha20-poly1305@openssh.com implicit     "
        "Authentication        \n"
        "1          2.0     OUT  chacha20-poly1305@openssh.com implicit     "
        "Authentication        \n"
        "%No SSHv1 server connections running.\n<Router>>");
}

static void
test_show_ssh_without_connections_names_v2_first(void **state)
{
    (void)state;
    stage_use_console();
    stage_open();
    assert_types("show ssh", "%No SSHv2 server connections running.\n"
                             "%No SSHv1 server connections running.\n"
                             "<Router>>");
}

static void
test_json_says_null_of_what_is_not_known(void **state)
{
    struct session *other = stage_second_user();

    (void)state;
    /* The one that asks does not count as a connection here. */
    stage.sessions[0].kind = SESSION_CONSOLE;
    other->state = SESSION_STARTING;
    other->user[0] = '\0';
    other->line = 7;
    other->version = 0;
    text_copy(other->peer_text, sizeof(other->peer_text), "192.0.2.1");
    stage_open();
    assert_types("show ssh | json",
                 "{\n"
                 "  \"connections\": [\n"
                 "    {\n"
                 "      \"connection\": 1,\n"
                 "      \"line\": 7,\n"
                 "      \"version\": null,\n"
                 "      \"state\": \"key-exchange\",\n"
                 "      \"user\": null,\n"
                 "      \"peer\": {\n"
                 "        \"address\": \"192.0.2.1\",\n"
                 "        \"port\": 0\n"
                 "      },\n"
                 "      \"local\": {\n"
                 "        \"address\": null,\n"
                 "        \"port\": 0\n"
                 "      },\n"
                 "      \"client\": null,\n"
                 "      \"kex\": null,\n"
                 "      \"host_key\": null,\n"
                 "      \"cipher_in\": null,\n"
                 "      \"cipher_out\": null,\n"
                 "      \"mac_in\": null,\n"
                 "      \"mac_out\": null,\n"
                 "      \"bytes_in\": null,\n"
                 "      \"bytes_out\": null,\n"
                 "      \"age_seconds\": 0,\n"
                 "      \"idle_seconds\": null\n"
                 "    }\n"
                 "  ]\n"
                 "}\n<Router>>");
}

static void
test_json_of_no_connection_is_an_empty_list(void **state)
{
    (void)state;
    stage.sessions[0].kind = SESSION_CONSOLE;
    stage_open();
    assert_types("show ssh | json",
                 "{\n  \"connections\": []\n}\n<Router>>");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_without_a_key_every_accepted_line_says_so),
        STAGE_TEST(test_values_out_of_range_are_invalid),
        STAGE_TEST(test_settings_are_written_in_their_order_and_no_restores),
        STAGE_TEST(test_the_last_algorithm_cannot_be_removed),
        STAGE_TEST(test_a_new_keypair_name_is_looked_for_at_once),
        STAGE_TEST(test_every_algorithm_can_be_named_and_every_name_is_one),
        STAGE_TEST(test_show_ip_ssh_is_as_12_4_has_it),
        STAGE_TEST(test_show_ssh_has_the_columns_of_the_reference),
        STAGE_TEST(test_show_ssh_without_connections_names_v2_first),
        STAGE_TEST(test_json_says_null_of_what_is_not_known),
        STAGE_TEST(test_json_of_no_connection_is_an_empty_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
