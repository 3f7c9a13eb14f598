/*
 * The packets of cipher_aead.c against constructions of this test's own:
 * GCM from AES blocks and GHASH bit by bit, ChaCha20 from RFC 8439's quarter
 * round, Poly1305 by plain arithmetic modulo 2^130 - 5.
 */
#include "crypto/cipher_aead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hex.h"

#define TAG        16
#define PACKET_MAX 400

struct block {
    uint8_t b[16];
};

static struct block
aes_block(const uint8_t *key, size_t key_len, struct block in)
{
    EVP_CIPHER_CTX *state = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *aes =
        key_len == 32 ? EVP_aes_256_ecb() : EVP_aes_128_ecb();
    struct block out;
    int done;

    assert_int_equal(EVP_EncryptInit_ex(state, aes, NULL, key, NULL), 1);
    EVP_CIPHER_CTX_set_padding(state, 0);
    assert_int_equal(EVP_EncryptUpdate(state, out.b, &done, in.b, 16), 1);
    EVP_CIPHER_CTX_free(state);
    return out;
}

/* SP 800-38D section 6.3: x * h, bit by bit. */
static struct block
ghash_multiply(struct block x, struct block h)
{
    struct block z = {{0}};

    for (unsigned i = 0; i < 128; i++) {
        bool low = (h.b[15] & 1) != 0;

        if (x.b[i / 8] >> (7 - i % 8) & 1)
            for (unsigned j = 0; j < 16; j++)
                z.b[j] ^= h.b[j];
        for (unsigned j = 15; j > 0; j--)
            h.b[j] = (uint8_t)(h.b[j] >> 1 | h.b[j - 1] << 7);
        h.b[0] >>= 1;
        if (low)
            h.b[0] ^= 0xe1;
    }
    return z;
}

static void
ghash_add(struct block *y, struct block h, const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at < len; at += 16) {
        for (size_t i = 0; i < 16 && at + i < len; i++)
            y->b[i] ^= bytes[at + i];
        *y = ghash_multiply(*y, h);
    }
}

static void
counter_block(struct block *counter, const uint8_t *iv, uint32_t number)
{
    memcpy(counter->b, iv, 12);
    for (int i = 0; i < 4; i++)
        counter->b[12 + i] = (uint8_t)(number >> (24 - 8 * i));
}

/* SP 800-38D section 7.1 with the length field as additional data. */
static void
reference_gcm(const uint8_t *key, size_t key_len, const uint8_t *iv,
              uint8_t *packet, size_t len)
{
    struct block zero = {{0}}, h = aes_block(key, key_len, zero);
    struct block y = {{0}}, counter, stream;
    uint8_t lengths[16] = {0};

    for (size_t at = 4; at < len; at += 16) {
        counter_block(&counter, iv, (uint32_t)(2 + (at - 4) / 16));
        stream = aes_block(key, key_len, counter);
        for (size_t i = 0; i < 16 && at + i < len; i++)
            packet[at + i] ^= stream.b[i];
    }
    ghash_add(&y, h, packet, 4);
    ghash_add(&y, h, packet + 4, len - 4);
    lengths[7] = 32;
    lengths[14] = (uint8_t)((len - 4) * 8 >> 8);
    lengths[15] = (uint8_t)((len - 4) * 8);
    ghash_add(&y, h, lengths, 16);
    counter_block(&counter, iv, 1);
    stream = aes_block(key, key_len, counter);
    for (size_t i = 0; i < 16; i++)
        packet[len + i] = y.b[i] ^ stream.b[i];
}

static uint32_t
rotate(uint32_t value, unsigned count)
{
    return value << count | value >> (32 - count);
}

static void
quarter_round(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d)
{
    x[a] += x[b];
    x[d] = rotate(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = rotate(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = rotate(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = rotate(x[b] ^ x[c], 7);
}

/* The original cipher: 64-bit block number, 64-bit nonce. */
static void
chacha_block(const uint8_t *key, uint64_t number, uint32_t seq, uint8_t out[64])
{
    uint32_t start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    uint32_t x[16];

    for (unsigned i = 0; i < 8; i++)
        start[4 + i] = (uint32_t)key[4 * i] | (uint32_t)key[4 * i + 1] << 8 |
                       (uint32_t)key[4 * i + 2] << 16 |
                       (uint32_t)key[4 * i + 3] << 24;
    start[12] = (uint32_t)number;
    start[13] = (uint32_t)(number >> 32);
    /* Eight bytes, big-endian, read as two little-endian words. */
    start[15] = __builtin_bswap32(seq);
    memcpy(x, start, sizeof(x));
    for (unsigned i = 0; i < 10; i++) {
        quarter_round(x, 0, 4, 8, 12);
        quarter_round(x, 1, 5, 9, 13);
        quarter_round(x, 2, 6, 10, 14);
        quarter_round(x, 3, 7, 11, 15);
        quarter_round(x, 0, 5, 10, 15);
        quarter_round(x, 1, 6, 11, 12);
        quarter_round(x, 2, 7, 8, 13);
        quarter_round(x, 3, 4, 9, 14);
    }
    for (unsigned i = 0; i < 64; i++)
        out[i] = (uint8_t)((x[i / 4] + start[i / 4]) >> 8 * (i % 4));
}

static void
reference_poly1305(const uint8_t *key, const uint8_t *bytes, size_t len,
                   uint8_t *tag)
{
    BN_CTX *scratch = BN_CTX_new();
    BIGNUM *p = BN_new(), *r = BN_new(), *s = BN_new(), *sum = BN_new();
    uint8_t clamped[16];

    memcpy(clamped, key, 16);
    for (unsigned i = 3; i < 16; i += 4)
        clamped[i] &= 15;
    for (unsigned i = 4; i < 16; i += 4)
        clamped[i] &= 252;
    BN_lebin2bn(clamped, 16, r);
    BN_lebin2bn(key + 16, 16, s);
    BN_set_bit(p, 130);
    BN_sub_word(p, 5);
    BN_zero(sum);
    for (size_t at = 0; at < len; at += 16) {
        size_t part = len - at < 16 ? len - at : 16;
        uint8_t block[17] = {0};
        BIGNUM *number;

        memcpy(block, bytes + at, part);
        block[part] = 1;
        number = BN_lebin2bn(block, 17, NULL);
        BN_add(sum, sum, number);
        BN_mod_mul(sum, sum, r, p, scratch);
        BN_free(number);
    }
    BN_add(sum, sum, s);
    BN_mask_bits(sum, 128);
    assert_int_equal(BN_bn2lebinpad(sum, tag, TAG), TAG);
    BN_free(p);
    BN_free(r);
    BN_free(s);
    BN_free(sum);
    BN_CTX_free(scratch);
}

static void
reference_chacha(const uint8_t *key, uint32_t seq, uint8_t *packet, size_t len)
{
    uint8_t stream[64], poly_key[64];

    chacha_block(key + 32, 0, seq, stream);
    for (unsigned i = 0; i < 4; i++)
        packet[i] ^= stream[i];
    chacha_block(key, 0, seq, poly_key);
    for (size_t i = 0; i < len - 4; i++) {
        if (i % 64 == 0)
            chacha_block(key, 1 + i / 64, seq, stream);
        packet[4 + i] ^= stream[i % 64];
    }
    reference_poly1305(poly_key, packet, len, packet + len);
}

/* Lengths around the block sizes; 4 is the length field alone. */
static const size_t lengths[] = {4 + 8,  4 + 16, 4 + 32,  4 + 63,
                                 4 + 64, 4 + 65, 4 + 200, 4 + 336};
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static void
fill(uint8_t *packet, size_t len, unsigned start)
{
    for (size_t i = 0; i < len; i++)
        packet[i] = (uint8_t)(start + 7 * i);
}

static void
test_reference_chacha_is_rfc_8439s(void **state)
{
    /* Appendix A.1, vectors 1 and 2: key and nonce zero, blocks 0 and 1. */
    static const uint8_t key[32];
    uint8_t expected[16], out[64];

    (void)state;
    chacha_block(key, 0, 0, out);
    hex_bytes("76b8e0ada0f13d90405d6ae55386bd28", expected, 16);
    assert_memory_equal(out, expected, 16);
    chacha_block(key, 1, 0, out);
    hex_bytes("9f07e7be5551387a98ba977c732d080d", expected, 16);
    assert_memory_equal(out, expected, 16);
}

static void
test_reference_poly1305_is_rfc_8439s(void **state)
{
    /* Section 2.5.2. */
    static const char text[] = "Cryptographic Forum Research Group";
    uint8_t key[32], expected[TAG], tag[TAG];

    (void)state;
    hex_bytes("85d6be7857556d337f4452fe42d506a8"
              "0103808afb0db2fd4abff6af4149f51b",
              key, sizeof(key));
    hex_bytes("a8061dc1305136c6c22b8baf0c0127a9", expected, TAG);
    reference_poly1305(key, (const uint8_t *)text, strlen(text), tag);
    assert_memory_equal(tag, expected, TAG);
}

static void
test_chacha_packets_are_the_constructions(void **state)
{
    const struct cipher_method *method =
        cipher_find(span_text("chacha20-poly1305@openssh.com"));
    uint8_t key[64], expected[PACKET_MAX], packet[PACKET_MAX];
    struct cipher *seal, *open;
    uint32_t seq = 0xfffffffd; /* it wraps on the way */

    (void)state;
    fill(key, sizeof(key), 3);
    assert_int_equal(cipher_new(method, key, NULL, true, &seal), OK);
    assert_int_equal(cipher_new(method, key, NULL, false, &open), OK);
    for (size_t i = 0; i < LENGTHS; i++, seq++) {
        size_t len = lengths[i];

        fill(expected, len, (unsigned)i);
        fill(packet, len, (unsigned)i);
        reference_chacha(key, seq, expected, len);
        assert_int_equal(cipher_seal(seal, seq, packet, len), OK);
        assert_memory_equal(packet, expected, len + TAG);
        fill(expected, len, (unsigned)i);
        assert_int_equal(cipher_peek_length(open, seq, packet),
                         (uint32_t)expected[0] << 24 | expected[1] << 16 |
                             expected[2] << 8 | expected[3]);
        assert_int_equal(cipher_open(open, seq, packet, len), OK);
        assert_memory_equal(packet, expected, len);
    }
    cipher_free(seal);
    cipher_free(open);
}

/* The IV's last eight bytes are one number. */
static void
step(uint8_t *iv)
{
    for (unsigned i = 12; i > 4; i--)
        if (++iv[i - 1] != 0)
            return;
}

static void
check_gcm(const char *name)
{
    const struct cipher_method *method = cipher_find(span_text(name));
    uint8_t key[32], iv[12], expected[PACKET_MAX], packet[PACKET_MAX];
    struct cipher *seal, *open;

    fill(key, sizeof(key), 9);
    hex_bytes("01020304 fffffffffffffffe", iv, sizeof(iv));
    assert_int_equal(cipher_new(method, key, iv, true, &seal), OK);
    assert_int_equal(cipher_new(method, key, iv, false, &open), OK);
    for (size_t i = 0; i < LENGTHS; i++, step(iv)) {
        size_t len = lengths[i];

        fill(expected, len, (unsigned)i);
        fill(packet, len, (unsigned)i);
        reference_gcm(key, method->key_len, iv, expected, len);
        assert_int_equal(cipher_seal(seal, 99, packet, len), OK);
        assert_memory_equal(packet, expected, len + TAG);
        fill(expected, len, (unsigned)i);
        assert_int_equal(cipher_peek_length(open, 99, packet),
                         (uint32_t)expected[0] << 24 | expected[1] << 16 |
                             expected[2] << 8 | expected[3]);
        assert_int_equal(cipher_open(open, 99, packet, len), OK);
        assert_memory_equal(packet, expected, len);
    }
    cipher_free(seal);
    cipher_free(open);
}

static void
test_gcm_packets_are_the_constructions(void **state)
{
    (void)state;
    check_gcm("aes256-gcm@openssh.com");
    check_gcm("aes128-gcm@openssh.com");
}

/* What stands in `packet` after a refusal must not be the plaintext. */
static void
check_flipped_bit(const struct cipher_method *method, size_t bit)
{
    uint8_t key[64], iv[12] = {1}, plain[48], packet[48 + TAG];
    struct cipher *seal, *open;

    fill(key, sizeof(key), 5);
    fill(plain, sizeof(plain), 6);
    memcpy(packet, plain, sizeof(plain));
    assert_int_equal(cipher_new(method, key, iv, true, &seal), OK);
    assert_int_equal(cipher_new(method, key, iv, false, &open), OK);
    assert_int_equal(cipher_seal(seal, 3, packet, sizeof(plain)), OK);
    packet[bit / 8] ^= (uint8_t)(1U << bit % 8);
    assert_int_equal(cipher_open(open, 3, packet, sizeof(plain)), ERR_MAC);
    assert_memory_not_equal(packet + 4, plain + 4, 16);
    assert_memory_not_equal(packet + 20, plain + 20, 16);
    cipher_free(seal);
    cipher_free(open);
}

static void
test_any_flipped_bit_is_refused(void **state)
{
    (void)state;
    for (const struct cipher_method *m = cipher_methods; m->name != NULL; m++)
        for (size_t bit = 0; m->tag_len > 0 && bit < 8 * (48 + TAG); bit++)
            check_flipped_bit(m, bit);
}

static void
test_a_packet_under_another_number_is_refused(void **state)
{
    uint8_t key[64] = {1}, packet[32 + TAG] = {0};
    const struct cipher_method *method = &cipher_methods[0];
    struct cipher *seal, *open;

    (void)state;
    assert_int_equal(cipher_new(method, key, NULL, true, &seal), OK);
    assert_int_equal(cipher_new(method, key, NULL, false, &open), OK);
    assert_int_equal(cipher_seal(seal, 3, packet, 32), OK);
    assert_int_equal(cipher_open(open, 4, packet, 32), ERR_MAC);
    cipher_free(seal);
    cipher_free(open);
}

static void
test_a_replayed_gcm_packet_is_refused(void **state)
{
    uint8_t key[32] = {1}, iv[12] = {2};
    uint8_t packet[32 + TAG] = {0}, again[32 + TAG];
    const struct cipher_method *method =
        cipher_find(span_text("aes256-gcm@openssh.com"));
    struct cipher *seal, *open;

    (void)state;
    assert_int_equal(cipher_new(method, key, iv, true, &seal), OK);
    assert_int_equal(cipher_new(method, key, iv, false, &open), OK);
    assert_int_equal(cipher_seal(seal, 0, packet, 32), OK);
    memcpy(again, packet, sizeof(packet));
    assert_int_equal(cipher_open(open, 0, packet, 32), OK);
    assert_int_equal(cipher_open(open, 0, again, 32), ERR_MAC);
    cipher_free(seal);
    cipher_free(open);
}

static void
test_less_than_a_length_field_is_refused(void **state)
{
    uint8_t key[64] = {1}, iv[12] = {2}, packet[3 + TAG] = {0};

    (void)state;
    for (const struct cipher_method *m = cipher_methods; m->tag_len > 0; m++) {
        struct cipher *c;

        assert_int_equal(cipher_new(m, key, iv, true, &c), OK);
        assert_int_not_equal(cipher_seal(c, 0, packet, 3), OK);
        assert_int_not_equal(cipher_open(c, 0, packet, 3), OK);
        cipher_free(c);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_chacha_is_rfc_8439s),
        cmocka_unit_test(test_reference_poly1305_is_rfc_8439s),
        cmocka_unit_test(test_chacha_packets_are_the_constructions),
        cmocka_unit_test(test_gcm_packets_are_the_constructions),
        cmocka_unit_test(test_any_flipped_bit_is_refused),
        cmocka_unit_test(test_a_packet_under_another_number_is_refused),
        cmocka_unit_test(test_a_replayed_gcm_packet_is_refused),
        cmocka_unit_test(test_less_than_a_length_field_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
