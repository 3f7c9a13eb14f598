#include "ssh/v2/kexinit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/names.h"
#include "base/text.h"

/* An offer whose lists can be changed in place. */
struct lists {
    char kex[200], host_key[200], ciphers[200], macs[200], user_keys[200];
};

static struct ssh_offer
offer_of(struct lists *lists, const char *kex, const char *host_key,
         const char *ciphers, const char *macs)
{
    text_copy(lists->kex, sizeof(lists->kex), kex);
    text_copy(lists->host_key, sizeof(lists->host_key), host_key);
    text_copy(lists->ciphers, sizeof(lists->ciphers), ciphers);
    text_copy(lists->macs, sizeof(lists->macs), macs);
    lists->user_keys[0] = '\0';
    return (struct ssh_offer){
        .kex = lists->kex,
        .host_key_algorithms = lists->host_key,
        .ciphers = lists->ciphers,
        .macs = lists->macs,
        .user_key_algorithms = lists->user_keys,
    };
}

static struct kexinit
proposal(const char *kex, const char *host_key, const char *cipher,
         const char *mac)
{
    struct kexinit k = {.kex = span_text(kex), .host_key = span_text(host_key)};

    for (int i = 0; i < 2; i++) {
        k.cipher[i] = span_text(cipher);
        k.mac[i] = span_text(mac);
        k.compression[i] = span_text("none,zlib");
    }
    return k;
}

/* --- our offer ------------------------------------------------------- */

static void
test_names_we_do_not_have_are_not_offered(void **state)
{
    struct lists lists;
    struct ssh_offer offer =
        offer_of(&lists, "x,curve25519-sha256,,y,ecdh-sha2-nistp256,z",
                 "ssh-ed25519,q", "aes128-ctr", "umac-64@openssh.com");

    (void)state;
    kexinit_filter_offer(&offer, SSH_CLIENT);
    assert_string_equal(offer.kex, "curve25519-sha256,ecdh-sha2-nistp256");
    assert_string_equal(offer.host_key_algorithms, "ssh-ed25519");
    assert_string_equal(offer.ciphers, "aes128-ctr");
    assert_string_equal(offer.macs, "");
}

static void
test_a_server_offers_algorithms_it_has_keys_for(void **state)
{
    struct lists lists;
    struct ssh_offer offer =
        offer_of(&lists, "curve25519-sha256",
                 "ssh-ed25519,rsa-sha2-512,ecdsa-sha2-nistp256,ssh-rsa",
                 "aes128-ctr", "hmac-sha1");
    struct buf blob;

    (void)state;
    buf_init(&blob, 100);
    buf_put_text(&blob, "ssh-rsa");
    offer.host_keys[0] = span_text("\0\0");
    offer.host_keys[1] = buf_span(&blob);
    offer.host_key_count = 2;
    kexinit_filter_offer(&offer, SSH_SERVER);
    assert_string_equal(offer.host_key_algorithms, "rsa-sha2-512,ssh-rsa");
    assert_int_equal(kexinit_host_key(&offer, KEY_RSA), 1);
    assert_int_equal(kexinit_host_key(&offer, KEY_ED25519), 2);
    buf_clear(&blob);
}

static void
test_what_is_put_can_be_parsed(void **state)
{
    static const uint8_t cookie[KEXINIT_COOKIE] = {1, 2, 3};
    struct lists lists;
    struct ssh_offer offer = offer_of(&lists, "curve25519-sha256",
                                      "ssh-ed25519", "aes128-ctr", "hmac-sha1");
    struct kexinit k;
    struct buf to;

    (void)state;
    for (int first = 0; first < 2; first++) {
        for (int role = SSH_SERVER; role <= SSH_CLIENT; role++) {
            buf_init(&to, 10000);
            kexinit_put(&to, &offer, (enum ssh_role)role, first, cookie);
            assert_int_equal(
                kexinit_parse(buf_span(&to), (enum ssh_role)role, &k), OK);
            assert_true(span_is(names_first(k.kex), "curve25519-sha256"));
            assert_true(span_is(k.host_key, "ssh-ed25519"));
            assert_true(span_is(k.cipher[1], "aes128-ctr"));
            assert_true(span_is(k.mac[0], "hmac-sha1"));
            assert_true(span_is(k.compression[0], "none"));
            assert_false(k.guess_follows);
            assert_int_equal(k.has_strict, first);
            assert_int_equal(k.has_ext_info, first);
            /* Markers of the other role say nothing. */
            assert_int_equal(
                kexinit_parse(buf_span(&to), (enum ssh_role) !role, &k), OK);
            assert_false(k.has_strict);
            assert_false(k.has_ext_info);
            buf_clear(&to);
        }
    }
}

/* --- parsing --------------------------------------------------------- */

static void
put_lists(struct buf *to, const char *one)
{
    uint8_t cookie[KEXINIT_COOKIE] = {0};

    buf_put_u8(to, 20);
    buf_put(to, cookie, sizeof(cookie));
    for (int i = 0; i < 10; i++)
        buf_put_text(to, i == 4 ? one : "a,b");
    buf_put_bool(to, true);
    buf_put_u32(to, 0);
}

static void
test_a_message_that_is_not_whole_is_malformed(void **state)
{
    struct kexinit k;
    struct buf to;

    (void)state;
    buf_init(&to, 10000);
    put_lists(&to, "a,b");
    assert_int_equal(kexinit_parse(buf_span(&to), SSH_CLIENT, &k), OK);
    assert_true(k.guess_follows);
    for (size_t len = 0; len < buf_len(&to); len++)
        assert_int_equal(
            kexinit_parse(span_of(buf_bytes(&to), len), SSH_CLIENT, &k),
            ERR_FORMAT);
    buf_put_u8(&to, 0);
    assert_int_equal(kexinit_parse(buf_span(&to), SSH_CLIENT, &k), ERR_FORMAT);
    buf_clear(&to);
}

static void
test_lists_of_odd_form(void **state)
{
    static char many[1000], lengthy[8194];
    const struct {
        const char *list;
        enum err err;
    } lists[] = {
        {"", OK},           {",", ERR_FORMAT},    {"a,", OK},
        {",a", ERR_FORMAT}, {"a,,b", ERR_FORMAT}, {"a,,", ERR_FORMAT},
        {"\x01,\xff", OK},  {many, ERR_LIMIT},    {lengthy, ERR_LIMIT},
    };
    struct kexinit k;
    struct buf to;

    (void)state;
    for (size_t i = 0; i < 513; i++)
        many[i] = i % 2 == 0 ? 'n' : ',';
    memset(lengthy, 'l', sizeof(lengthy) - 1);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        buf_init(&to, 20000);
        put_lists(&to, lists[i].list);
        assert_int_equal(kexinit_parse(buf_span(&to), SSH_CLIENT, &k),
                         lists[i].err);
        buf_clear(&to);
    }
}

/* --- the choice ------------------------------------------------------ */

static void
test_the_clients_order_decides_on_both_sides(void **state)
{
    struct lists lists;
    struct kex_choice choice;
    struct ssh_offer offer = offer_of(
        &lists, "ecdh-sha2-nistp256,curve25519-sha256", "ssh-rsa,ssh-ed25519",
        "aes256-ctr,aes128-ctr", "hmac-md5,hmac-sha1");
    struct kexinit peer =
        proposal("curve25519-sha256,ecdh-sha2-nistp256", "ssh-ed25519,ssh-rsa",
                 "aes128-ctr,aes256-ctr", "hmac-sha1,hmac-md5");

    (void)state;
    assert_int_equal(kexinit_choose(&peer, &offer, SSH_SERVER, &choice), OK);
    assert_string_equal(choice.kex->name, "curve25519-sha256");
    assert_string_equal(choice.host_key->name, "ssh-ed25519");
    assert_string_equal(choice.cipher[0]->name, "aes128-ctr");
    assert_string_equal(choice.mac[1]->name, "hmac-sha1");
    assert_int_equal(kexinit_choose(&peer, &offer, SSH_CLIENT, &choice), OK);
    assert_string_equal(choice.kex->name, "ecdh-sha2-nistp256");
    assert_string_equal(choice.host_key->name, "ssh-rsa");
    assert_string_equal(choice.cipher[1]->name, "aes256-ctr");
    assert_string_equal(choice.mac[0]->name, "hmac-md5");
}

static void
test_directions_are_chosen_apart(void **state)
{
    struct lists lists;
    struct kex_choice choice;
    struct ssh_offer offer =
        offer_of(&lists, "curve25519-sha256", "ssh-ed25519",
                 "aes128-ctr,aes128-gcm@openssh.com", "hmac-sha1");
    struct kexinit peer =
        proposal("curve25519-sha256", "ssh-ed25519", "aes128-ctr", "hmac-sha1");

    (void)state;
    peer.cipher[SERVER_TO_CLIENT] = span_text("aes128-gcm@openssh.com");
    peer.mac[SERVER_TO_CLIENT] = span_text("nothing-we-know");
    assert_int_equal(kexinit_choose(&peer, &offer, SSH_SERVER, &choice), OK);
    assert_string_equal(choice.cipher[0]->name, "aes128-ctr");
    assert_string_equal(choice.cipher[1]->name, "aes128-gcm@openssh.com");
    assert_string_equal(choice.mac[0]->name, "hmac-sha1");
    assert_null(choice.mac[1]);
}

static void
test_each_list_must_have_something_in_common(void **state)
{
    struct lists lists;
    struct kex_choice choice;
    struct ssh_offer offer = offer_of(&lists, "curve25519-sha256",
                                      "ssh-ed25519", "aes128-ctr", "hmac-sha1");

    (void)state;
    for (int i = 0; i < 8; i++) {
        struct kexinit peer = proposal("curve25519-sha256", "ssh-ed25519",
                                       "aes128-ctr", "hmac-sha1");
        struct span *fields[] = {
            &peer.kex,
            &peer.host_key,
            &peer.cipher[0],
            &peer.cipher[1],
            &peer.mac[0],
            &peer.mac[1],
            &peer.compression[0],
            &peer.compression[1],
        };

        assert_int_equal(kexinit_choose(&peer, &offer, SSH_SERVER, &choice),
                         OK);
        *fields[i] = i % 2 == 0 ? span_text("other") : SPAN_EMPTY;
        assert_int_equal(kexinit_choose(&peer, &offer, SSH_SERVER, &choice),
                         ERR_NO_MATCH);
    }
}

static void
test_a_guess_is_right_when_both_first_names_agree(void **state)
{
    static const struct {
        const char *kex, *host_key;
        bool right;
    } cases[] = {
        {"curve25519-sha256,x", "ssh-ed25519,y", true},
        {"x,curve25519-sha256", "ssh-ed25519", false},
        {"curve25519-sha256", "y,ssh-ed25519", false},
        {"", "", false},
    };
    struct lists lists;
    struct ssh_offer offer =
        offer_of(&lists, "curve25519-sha256,ecdh-sha2-nistp256",
                 "ssh-ed25519,ssh-rsa", "aes128-ctr", "hmac-sha1");

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kexinit peer = proposal(cases[i].kex, cases[i].host_key,
                                       "other ciphers do not matter", "");

        assert_int_equal(kexinit_guess_is_right(&peer, &offer), cases[i].right);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_we_do_not_have_are_not_offered),
        cmocka_unit_test(test_a_server_offers_algorithms_it_has_keys_for),
        cmocka_unit_test(test_what_is_put_can_be_parsed),
        cmocka_unit_test(test_a_message_that_is_not_whole_is_malformed),
        cmocka_unit_test(test_lists_of_odd_form),
        cmocka_unit_test(test_the_clients_order_decides_on_both_sides),
        cmocka_unit_test(test_directions_are_chosen_apart),
        cmocka_unit_test(test_each_list_must_have_something_in_common),
        cmocka_unit_test(test_a_guess_is_right_when_both_first_names_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
