#include "crypto/cipher1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hex.h"
#include "vectors/ssh1.h"

#define BODIES_MAX 64

static const struct {
    const char *name, *success, *output;
} streams[] = {
    {"3des", SSH1_3DES_SUCCESS, SSH1_3DES_STDOUT},
    {"des", SSH1_DES_SUCCESS, SSH1_DES_STDOUT},
};

/* What is encrypted of a packet: all but its length. */
static struct span
body_of(const char *packet, uint8_t *to)
{
    struct span bytes = hex_bytes(packet, to, BODIES_MAX);

    return span_of(bytes.ptr + 4, bytes.len - 4);
}

static struct cipher1 *
start(const char *name, bool encrypt)
{
    enum cipher1_number number;
    uint8_t key[CIPHER1_KEY];
    struct cipher1 *c = NULL;

    assert_true(cipher1_find(span_text(name), &number));
    hex_bytes(SSH1_SESSION_KEY, key, sizeof(key));
    assert_int_equal(cipher1_new(number, key, encrypt, &c), OK);
    return c;
}

static void
expect(struct cipher1 *c, struct span from, struct span to)
{
    uint8_t bytes[BODIES_MAX];

    memcpy(bytes, from.ptr, from.len);
    assert_int_equal(cipher1_crypt(c, bytes, from.len), OK);
    assert_memory_equal(bytes, to.ptr, to.len);
}

/* Two packets in a row: the chains run on from the first to the second. */
static void
test_known_streams_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        uint8_t room[4][BODIES_MAX];
        struct span clear1 = hex_bytes(SSH1_SUCCESS_BODY, room[0], BODIES_MAX);
        struct span clear2 = hex_bytes(SSH1_STDOUT_BODY, room[1], BODIES_MAX);
        struct span sealed1 = body_of(streams[i].success, room[2]);
        struct span sealed2 = body_of(streams[i].output, room[3]);
        struct cipher1 *c = start(streams[i].name, true);

        expect(c, clear1, sealed1);
        expect(c, clear2, sealed2);
        cipher1_free(c);
        c = start(streams[i].name, false);
        expect(c, sealed1, clear1);
        expect(c, sealed2, clear2);
        cipher1_free(c);
    }
}

static void
test_what_is_no_cipher_of_ours(void **state)
{
    enum cipher1_number number;

    (void)state;
    /* none, IDEA, TSS, RC4, Blowfish */
    assert_null(cipher1_name(0));
    assert_null(cipher1_name(1));
    assert_null(cipher1_name(4));
    assert_null(cipher1_name(5));
    assert_null(cipher1_name(6));
    assert_null(cipher1_name(255));
    assert_string_equal(cipher1_name(2), "des");
    assert_string_equal(cipher1_name(3), "3des");
    assert_false(cipher1_find(span_text("blowfish"), &number));
    assert_false(cipher1_find(span_text(""), &number));
}

static void
test_half_a_block_is_refused(void **state)
{
    struct cipher1 *c = start("3des", true);
    uint8_t bytes[12] = {0};

    (void)state;
    assert_int_equal(cipher1_crypt(c, bytes, 12), ERR_CRYPTO);
    assert_int_equal(cipher1_crypt(c, bytes, 0), OK);
    cipher1_free(c);
    cipher1_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_streams_both_ways),
        cmocka_unit_test(test_what_is_no_cipher_of_ours),
        cmocka_unit_test(test_half_a_block_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
