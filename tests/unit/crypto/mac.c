#include "crypto/mac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hex.h"

/*
 * RFC 2202 and RFC 4231. The message's first four bytes stand where the
 * sequence number does. A key that is shorter than ours is filled with zeros,
 * which HMAC does as well.
 */
static const struct {
    const char *name, *key, *message, *digest;
} vectors[] = {
    {"hmac-md5", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "9294727a3638bb1c13f48ef8158bfc9d"},
    {"hmac-md5", "4a656665",
     "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "750c783e6ab0b503eaa86e310a5db738"},
    {"hmac-md5-96", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "9294727a3638bb1c13f48ef8"},
    {"hmac-sha1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
     "4869205468657265", "b617318655057264e28bc0b6fb378c8ef146be00"},
    {"hmac-sha1", "4a656665",
     "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {"hmac-sha1-96", "4a656665",
     "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "effcdf6ae5eb2fa2d27416d5"},
    {"hmac-sha2-256", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
     "4869205468657265",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"hmac-sha2-256", "0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {"hmac-sha2-512", "4a656665",
     "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
};

struct message {
    uint32_t seq;
    struct span rest;
    uint8_t bytes[64];
};

static void
message_from(const char *hex, struct message *m)
{
    struct span all = hex_bytes(hex, m->bytes, sizeof(m->bytes));

    m->seq = (uint32_t)all.ptr[0] << 24 | (uint32_t)all.ptr[1] << 16 |
             (uint32_t)all.ptr[2] << 8 | all.ptr[3];
    m->rest = span_of(all.ptr + 4, all.len - 4);
}

static void
test_published_macs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct mac_method *method = mac_find(span_text(vectors[i].name));
        uint8_t key[MAC_KEY_MAX] = {0}, bytes[MAC_MAX], out[MAC_MAX];
        struct span expected =
            hex_bytes(vectors[i].digest, bytes, sizeof(bytes));
        struct message m;
        struct mac *mac;

        assert_non_null(method);
        assert_int_equal(method->len, expected.len);
        hex_bytes(vectors[i].key, key, sizeof(key));
        message_from(vectors[i].message, &m);
        assert_int_equal(mac_new(method, key, &mac), OK);
        assert_ptr_equal(mac_method_of(mac), method);
        /* The second time shows that the keyed state was not used up. */
        for (int round = 0; round < 2; round++) {
            assert_int_equal(mac_make(mac, m.seq, m.rest, out), OK);
            assert_memory_equal(out, expected.ptr, expected.len);
            assert_int_equal(mac_check(mac, m.seq, m.rest, expected.ptr), OK);
        }
        mac_free(mac);
    }
}

static void
test_any_changed_bit_is_refused(void **state)
{
    (void)state;
    for (const struct mac_method *m = mac_methods; m->name != NULL; m++) {
        uint8_t key[MAC_KEY_MAX] = {1}, out[MAC_MAX];
        struct span text = span_text("packet");
        struct mac *mac;

        assert_int_equal(mac_new(m, key, &mac), OK);
        assert_int_equal(mac_make(mac, 7, text, out), OK);
        assert_int_equal(mac_check(mac, 7, text, out), OK);
        assert_int_equal(mac_check(mac, 8, text, out), ERR_MAC);
        assert_int_equal(mac_check(mac, 7, span_text("packeT"), out), ERR_MAC);
        assert_int_equal(mac_check(mac, 7, SPAN_EMPTY, out), ERR_MAC);
        for (size_t bit = 0; bit < 8 * m->len; bit++) {
            out[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_equal(mac_check(mac, 7, text, out), ERR_MAC);
            out[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        mac_free(mac);
    }
}

static void
test_nothing_is_written_behind_the_mac(void **state)
{
    (void)state;
    for (const struct mac_method *m = mac_methods; m->name != NULL; m++) {
        uint8_t key[MAC_KEY_MAX] = {1}, out[MAC_MAX + 1];
        struct mac *mac;

        memset(out, 0xee, sizeof(out));
        assert_int_equal(mac_new(m, key, &mac), OK);
        assert_int_equal(mac_make(mac, 1, SPAN_EMPTY, out), OK);
        for (size_t i = m->len; i < sizeof(out); i++)
            assert_int_equal(out[i], 0xee);
        mac_free(mac);
    }
}

static void
test_etm_differs_in_name_only(void **state)
{
    const struct mac_method *etm =
        mac_find(span_text("hmac-sha2-256-etm@openssh.com"));
    const struct mac_method *plain = mac_find(span_text("hmac-sha2-256"));

    (void)state;
    assert_true(etm->etm);
    assert_false(plain->etm);
    assert_int_equal(etm->key_len, plain->key_len);
    assert_int_equal(etm->len, plain->len);
}

static void
test_names_are_whole(void **state)
{
    (void)state;
    assert_null(mac_find(span_text("hmac-sha1-9")));
    assert_null(mac_find(span_text("hmac-sha1-96x")));
    assert_null(mac_find(span_text("")));
    mac_free(NULL);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_macs),
        cmocka_unit_test(test_any_changed_bit_is_refused),
        cmocka_unit_test(test_nothing_is_written_behind_the_mac),
        cmocka_unit_test(test_etm_differs_in_name_only),
        cmocka_unit_test(test_names_are_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
